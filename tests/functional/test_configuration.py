"""Valid values of the examples' options take effect; wrong values change nothing."""
from pathlib import Path

import pytest

from .juju import Juju, services

# {example: {option: (new value, line of a file that contains it)}}
OTHER_VALUES = {
    'zookeeper-client': {
        'chroot': ('/kafka', 'conf/client.cfg',
                   'zookeeper.connect=10.0.0.2:2181/kafka'),
        'conf-dir': ('other', 'other/client.cfg', 'zookeeper.connect=10.0.0.2:2181')},
    'flume-sink': {
        'port': (5000, 'conf/flume.conf', 'a1.sources.agents.port = 5000'),
        'spread-ports': (True, 'conf/flume.conf', 'a1.sources.agents.port = 4142'),
        'protocol': ('thrift', 'conf/flume.conf', 'a1.sources.agents.type = thrift'),
        'roll-interval': (0, 'conf/flume.conf', 'a1.sinks.roll.sink.rollInterval = 0'),
        'conf-dir': ('other', 'other/flume.conf', 'a1.sources.agents.port = 4141'),
        'data-dir': ('other', 'conf/flume.conf',
                     'a1.sinks.roll.sink.directory = {}/other/events')},
    'flume-agent': {
        'failover': (True, 'conf/flume.conf', 'a1.sinks = flume-sink-0'),
        'port': (5000, 'conf/flume.conf', 'a1.sources.lines.port = 5000'),
        'conf-dir': ('other', 'other/flume.conf', 'a1.sinks = sink'),
        'data-dir': ('other', 'conf/flume.conf',
                     'a1.channels.files.dataDirs = {}/other/channel')},
    'zookeeper-server': {
        'conf-dir': ('other', 'other/zoo.cfg', 'dataDir={}/data'),
        'data-dir': ('other', 'conf/zoo.cfg', 'dataDir={}/other')},
}
# Options of zookeeper-server that only its peers use, so it does not restart:
# {option: (new value, data that a unit publishes to its peers)}
PEER_VALUES = {
    'port': (5000, 'server.2=10.0.0.3:2888:3888;5000'),
    'quorum-port': (5000, 'server.2=10.0.0.3:5000:3888;2181'),
    'election-port': (5000, 'server.2=10.0.0.3:2888:5000;2181'),
    'spread-ports': (True, 'server.2=10.0.0.3:2889:3889;2182'),
}

PORTS = [0, 70000, None], 'an integer from 1 to 65535'
DIRECTORIES = (['', None, 'two\nlines', 'metadata.yaml'], 'a directory like /srv/data')
# for other options with the same check
PORT, DIRECTORY = (PORTS[0][-1:], PORTS[1]), (DIRECTORIES[0][-1:], DIRECTORIES[1])
# {example: {option: (wrong values, description of valid values in the status)}}
WRONG_VALUES = {
    'zookeeper-server': {
        'port': PORTS, 'quorum-port': PORT, 'election-port': PORT,
        'conf-dir': DIRECTORIES, 'data-dir': DIRECTORY},
    'zookeeper-client': {
        'chroot': (['kafka', '/a//b', '/a/', '/a b'], 'a path like /kafka or /a/b'),
        'conf-dir': DIRECTORIES},
    'flume-sink': {
        'port': PORTS, 'protocol': (['xyz', 'AVRO'], 'avro or thrift'),
        'roll-interval': ([-1, None], '0 or a number of seconds'),
        'conf-dir': DIRECTORIES, 'data-dir': DIRECTORY},
    'flume-agent': {
        'port': PORTS, 'conf-dir': DIRECTORIES, 'data-dir': DIRECTORY},
}
# Juju itself refuses wrong values of these.
BOOLEANS = {'spread-ports', 'failover'}

WORKING = {'conf-dir': 'conf', 'data-dir': 'data'}
ENDPOINTS = {'zookeeper-server': 'zkclient', 'zookeeper-client': 'zookeeper',
             'flume-sink': 'source', 'flume-agent': 'sink'}
OTHER = {'zookeeper-server': 'zookeeper-client', 'flume-sink': 'flume-agent'}
OTHER.update({other: name for name, other in OTHER.items()})

all_wrong_values = pytest.mark.parametrize('name, option', [
    (name, option) for name, options in WRONG_VALUES.items() for option in options])


class RelatedExample:
    """One unit of an example, related to the example at the other end."""

    def __init__(self, in_process, name, **config):
        self.juju, self.name = Juju('3.6'), name
        self.model, self.unit = self.juju.model, name + '/0'
        for app, options in (name, config), (OTHER[name], {}):
            deploy(self.model, app, in_process(app), **options)
        # before it reconfigures an ensemble, a server calls is-active
        self.queries = []
        self.model.on_service = lambda *query: self.queries.append(query)
        relate(self.model, name)

    @property
    def status(self):
        return self.model.unit(self.unit).status

    @property
    def charm_dir(self):
        return Path(self.model.unit(self.unit).charm_dir)

    def configure(self, **config):
        """Change options; return the runs of all hooks that follow."""
        self.queries.clear()
        self.model.set_config(self.name, **config)
        return self.juju.settle() + self.juju.dispatch('update-status')

    def files(self):
        """{path: text} of the files that charms have written."""
        return {path: path.read_text() for unit in self.model.units.values()
                for path in Path(unit.charm_dir).rglob('*')
                if path.is_file() and not path.is_symlink()
                and '.unit-state.db' not in path.name}

    def lines(self, file):
        """The lines of a unit's file; [] if it does not exist."""
        path = self.charm_dir / file
        return path.read_text().splitlines() if path.exists() else []

    def actions(self, runs):
        """The unit's actions on its service."""
        return [action for unit, action, _ in services(runs) if unit == self.unit]

    def assert_active(self):
        """Assert that both units are active."""
        assert [unit.status[0] for unit in self.model.units.values()] == ['active'] * 2

    def assert_refuses(self, option, value):
        """Assert that the unit's status names a wrong value."""
        assert self.status == ('blocked', '{} is {!r}, not {}'.format(
            option, value, WRONG_VALUES[self.name][option][1]))

    def assert_nothing_changed(self, runs):
        """Assert that hooks published nothing and left services alone."""
        assert [run.written for run in runs if run.written] == []
        assert services(runs) == self.queries == []


def deploy(model, name, charm, units=1, **config):
    """Deploy an example that writes nothing outside its charm directory."""
    working = {option: value for option, value in WORKING.items()
               if option in charm.config}
    model.deploy(name, charm, units, config={**working, **config})


def relate(model, name):
    return model.relate(*('{}:{}'.format(app, ENDPOINTS[app])
                          for app in (name, OTHER[name])))


def test_all_options_of_examples_are_tested(in_process):
    for name in ENDPOINTS:
        options = set(in_process(name).config)
        peer_options = set(PEER_VALUES) if name == 'zookeeper-server' else set()
        assert options == set(OTHER_VALUES[name]) | peer_options
        assert options - BOOLEANS == set(WRONG_VALUES[name])


@pytest.fixture
def scaled(in_process):
    """Makes a related example with a second unit, which is the tested one."""
    def scaled(name):
        example = RelatedExample(in_process, name)
        example.model.add_unit(name)
        example.unit = name + '/1'
        example.juju.settle()
        assert example.status[0] == 'active'
        return example
    return scaled


@pytest.mark.parametrize('name, option', [
    (name, option) for name in OTHER_VALUES for option in OTHER_VALUES[name]])
def test_changed_option_is_written_and_service_restarted(scaled, name, option):
    example = scaled(name)
    value, file, line = OTHER_VALUES[name][option]
    line = line.format(example.charm_dir)
    assert line not in example.lines(file)
    runs = example.configure(**{option: value})
    assert line in example.lines(file)
    assert example.actions(runs) == ['restart']
    assert example.status[0] == 'active'


@pytest.mark.parametrize('option', PEER_VALUES)
def test_changed_port_is_published_to_peers_without_restart(scaled, option):
    example = scaled('zookeeper-server')
    value, line = PEER_VALUES[option]
    runs = example.configure(**{option: value})
    unit = example.model.unit(example.unit)
    peers, = [local.relation for local in unit.local_relations.values()
              if local.relation.peers]
    assert example.juju.published(peers, example.unit)['server'] == line
    assert (unit, 'is-active', 'zookeeper') in example.queries
    assert example.actions(runs) == []


def test_server_copies_its_data_to_changed_data_dir(scaled):
    example = scaled('zookeeper-server')
    (example.charm_dir / 'data' / 'version-2').mkdir()
    (example.charm_dir / 'data' / 'version-2' / 'log.1').write_text('transactions')
    runs = example.configure(**{'data-dir': 'other'})
    assert example.actions(runs) == ['stop', 'restart']
    copy = example.charm_dir / 'other' / 'version-2' / 'log.1'
    assert copy.read_text() == 'transactions'
    assert example.lines('other/myid') == ['2']
    assert example.lines('conf/zoo.cfg.dynamic') == [
        'server.1=10.0.0.1:2888:3888;2181', 'server.2=10.0.0.3:2888:3888;2181']


@pytest.mark.parametrize('name, source', [
    ('zookeeper-client', 'ZooKeeper'), ('flume-agent', 'a sink')])
def test_client_is_blocked_without_relation_and_waits_for_server(
        in_process, name, source):
    juju, server, unit = Juju('3.6'), OTHER[name], name + '/0'
    model = juju.model
    deploy(model, name, in_process(name))
    juju.settle()
    blocked = ('blocked', 'needs a relation to ' + source)
    assert model.unit(unit).status == blocked
    deploy(model, server, in_process(server), units=0)
    relation = relate(model, name)
    juju.settle()
    assert model.unit(unit).status == ('waiting', 'for ' + source)
    model.add_unit(server)
    juju.settle()
    assert model.unit(unit).status[0] == 'active'
    model.remove_relation(relation)
    juju.settle()
    assert model.unit(unit).status == blocked


def test_connection_string_has_no_path_if_chroot_is_none(in_process):
    example = RelatedExample(in_process, 'zookeeper-client', chroot=None)
    example.juju.settle()
    example.assert_active()
    assert example.lines('conf/client.cfg') == ['zookeeper.connect={}'.format(
        example.juju.servers('zookeeper-server/0'))]


@all_wrong_values
def test_wrong_value_is_shown_in_status_and_changes_nothing(in_process, name, option):
    example = RelatedExample(in_process, name)
    example.juju.settle()
    example.assert_active()
    before, active = example.files(), example.status
    right = example.model.apps[name].config[option]
    for value in WRONG_VALUES[name][option][0]:
        runs = example.configure(**{option: value})
        example.assert_refuses(option, value)
        example.assert_nothing_changed(runs)
        runs = example.configure(**{option: right})
        assert example.status == active
        example.assert_nothing_changed(runs)
    assert example.files() == before


@all_wrong_values
def test_example_deployed_with_wrong_value_works_after_correction(
        in_process, name, option):
    right = {**in_process(name).config, **WORKING}[option]
    value = WRONG_VALUES[name][option][0][0]
    example = RelatedExample(in_process, name, **{option: value})
    runs = example.juju.settle()
    example.assert_refuses(option, value)
    own_runs = [run for run in runs if run.unit == example.unit]
    # application data can contain a client's request
    assert [owner for run in own_runs for _, owner in run.written
            if owner == example.unit] == []
    assert set(example.actions(runs)) <= {'stop'}
    example.configure(**{option: right})
    example.assert_active()


@pytest.mark.parametrize('name', ['zookeeper-server', 'flume-sink'])
def test_valid_values_take_effect_only_when_no_other_value_is_wrong(in_process, name):
    example = RelatedExample(in_process, name)
    example.juju.settle()
    runs = example.configure(**{'port': 5000, 'conf-dir': 'other', 'data-dir': ''})
    example.assert_refuses('data-dir', '')
    example.assert_nothing_changed(runs)
    example.configure(**{'data-dir': 'data'})
    example.assert_active()
    relations = [local.relation
                 for local in example.model.unit(example.unit).local_relations.values()]
    assert '5000' in {example.juju.published(relation, example.unit).get('port')
                      for relation in relations}


def test_server_is_blocked_if_two_ports_are_equal(in_process):
    example = RelatedExample(in_process, 'zookeeper-server')
    example.juju.settle()
    runs = example.configure(port=3888)
    assert example.status == (
        'blocked', 'port, quorum-port and election-port are not 3 different ports')
    example.assert_nothing_changed(runs)


@pytest.mark.parametrize('name', ['zookeeper-server', 'flume-sink'])
def test_unit_is_blocked_if_spread_ports_raises_its_port_above_65535(in_process, name):
    example = RelatedExample(in_process, name, **{'port': 65535, 'spread-ports': True})
    example.model.add_unit(name)
    example.juju.settle()
    assert example.status[0] == 'active'
    assert example.model.unit(name + '/1').status == (
        'blocked', 'port is 65535, not an integer from 1 to 65534')


def test_server_with_wrong_port_from_start_can_be_removed(in_process):
    example = RelatedExample(in_process, 'zookeeper-server', port=0)
    example.model.add_unit('zookeeper-server')
    example.juju.settle()
    example.model.remove_unit('zookeeper-server/0')
    example.juju.settle()
    example.model.set_config('zookeeper-server', port=2181)
    example.juju.settle()
    example.assert_active()
