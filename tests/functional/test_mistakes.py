"""What an operator configures by mistake: the examples say so, and touch nothing."""
from pathlib import Path

import pytest

from .world import World, services

PORT = 'an integer from 1 to 65535'
DIRECTORY = 'a directory like /srv/data'
PORTS = [0, 70000, 'abc', None], PORT
DIRECTORIES = ['', None, 'two\nlines', 'metadata.yaml'], DIRECTORY

# Of each example's options: what they don't take, and what they do.
MISTAKES = {
    'zookeeper-server': {
        'port': PORTS, 'quorum-port': PORTS, 'election-port': PORTS,
        'conf-dir': DIRECTORIES, 'data-dir': DIRECTORIES},
    'zookeeper-client': {
        'chroot': (['kafka', '/a//b', '/a/', '/a b'], 'a path like /kafka or /a/b'),
        'conf-dir': DIRECTORIES},
    'flume-sink': {
        'port': PORTS, 'protocol': (['xyz', 'AVRO'], 'avro or thrift'),
        'roll-interval': ([-1, 'abc', None], 'a number of seconds, or 0'),
        'conf-dir': DIRECTORIES, 'data-dir': DIRECTORIES},
    'flume-agent': {
        'port': PORTS, 'conf-dir': DIRECTORIES, 'data-dir': DIRECTORIES},
}
# Yes and no: Juju takes nothing else for them.
BOOLEANS = {'spread-ports', 'failover'}

CASES = [(name, option) for name, options in MISTAKES.items() for option in options]

GOOD = {'conf-dir': 'conf', 'data-dir': 'data'}
ENDS = {'zookeeper-server': 'zkclient', 'zookeeper-client': 'zookeeper',
        'flume-sink': 'source', 'flume-agent': 'sink'}
OTHER = {'zookeeper-server': 'zookeeper-client', 'flume-sink': 'flume-agent'}
OTHER.update({other: name for name, other in OTHER.items()})


class Pair:
    """One unit of an example, and one of the example that it works with."""

    def __init__(self, in_process, name, **config):
        self.world, self.name = World('3.6'), name
        self.model, self.unit = self.world.model, name + '/0'
        for app in name, OTHER[name]:
            charm = in_process(app)
            good = {option: value for option, value in GOOD.items()
                    if option in charm.config}
            self.model.deploy(app, charm, config={**good, **config}
                              if app == name else good)
        self.asked = []
        # reconfiguring an ensemble begins with asking whether the server runs
        self.model.on_service = lambda *what: self.asked.append(what)
        self.model.relate(*('{}:{}'.format(app, ENDS[app])
                            for app in (name, OTHER[name])))

    @property
    def status(self):
        return self.model.unit(self.unit).status

    def configure(self, **config):
        """Change options; what the hooks did that run then, in all units."""
        self.asked.clear()
        self.model.set_config(self.name, **config)
        return self.world.settle() + self.world.dispatch('update-status')

    def files(self):
        """What the charms have written: text by path."""
        return {path: path.read_text() for unit in self.model.units.values()
                for path in Path(unit.charm_dir).rglob('*')
                if path.is_file() and not path.is_symlink()
                and '.unit-state.db' not in path.name}

    def works(self):
        """Assert that both are active."""
        assert [unit.status[0] for unit in self.model.units.values()] == ['active'] * 2


def nothing_touched(pair, runs):
    assert [run.written for run in runs if run.written] == []
    assert services(runs) == pair.asked == []


def complaint(name, option, value):
    return 'blocked', '{} is {!r}, not {}'.format(option, value,
                                                  MISTAKES[name][option][1])


@pytest.mark.parametrize('name', MISTAKES)
def test_each_option_that_can_be_wrong_is_tried(in_process, name):
    assert set(in_process(name).config) - BOOLEANS == set(MISTAKES[name])


@pytest.mark.parametrize('name, option', CASES)
def test_a_mistake_is_named_and_nothing_is_touched(in_process, name, option):
    pair = Pair(in_process, name)
    pair.world.settle()
    pair.works()
    before, active = pair.files(), pair.status
    right = pair.model.apps[name].config[option]
    for value in MISTAKES[name][option][0]:
        runs = pair.configure(**{option: value})
        assert pair.status == complaint(name, option, value)
        nothing_touched(pair, runs)
        runs = pair.configure(**{option: right})
        assert pair.status == active
        nothing_touched(pair, runs)
    assert pair.files() == before


@pytest.mark.parametrize('name, option', CASES)
def test_a_mistake_from_the_start_is_mended(in_process, name, option):
    right = {**in_process(name).config, **GOOD}[option]
    value = MISTAKES[name][option][0][0]
    pair = Pair(in_process, name, **{option: value})
    runs = pair.world.settle()
    assert pair.status == complaint(name, option, value)
    mine = [run for run in runs if run.unit == pair.unit]
    # a client's application may have asked
    assert [owner for run in mine for _, owner in run.written
            if owner == pair.unit] == []
    assert {action for _, action, _ in services(mine)} <= {'stop'}
    pair.configure(**{option: right})
    pair.works()


@pytest.mark.parametrize('name', ['zookeeper-server', 'flume-sink'])
def test_what_is_right_beside_a_mistake_has_to_wait(in_process, name):
    pair = Pair(in_process, name)
    pair.world.settle()
    runs = pair.configure(**{'port': 5000, 'conf-dir': 'other', 'data-dir': ''})
    assert pair.status == complaint(name, 'data-dir', '')
    nothing_touched(pair, runs)
    pair.configure(**{'data-dir': 'data'})
    pair.works()
    relation = pair.model.unit(pair.unit).known
    assert '5000' in {pair.world.told(known.relation, pair.unit).get('port')
                      for known in relation.values()}


def test_ports_of_a_server_have_to_differ(in_process):
    pair = Pair(in_process, 'zookeeper-server')
    pair.world.settle()
    runs = pair.configure(port=3888)
    assert pair.status == (
        'blocked', 'port, quorum-port and election-port are not 3 different ports')
    nothing_touched(pair, runs)


@pytest.mark.parametrize('name', ['zookeeper-server', 'flume-sink'])
def test_a_port_that_is_spread_is_none_beyond_the_last(in_process, name):
    pair = Pair(in_process, name, **{'port': 65535, 'spread-ports': True})
    pair.model.add_unit(name)
    pair.world.settle()
    assert pair.status[0] == 'active'
    assert pair.model.unit(name + '/1').status == (
        'blocked', 'port is 65535, not an integer from 1 to 65534')


def test_servers_that_never_served_can_go(in_process):
    pair = Pair(in_process, 'zookeeper-server', port=0)
    pair.model.add_unit('zookeeper-server')
    pair.world.settle()
    pair.model.remove_unit('zookeeper-server/0')
    pair.world.settle()
    pair.model.set_config('zookeeper-server', port=2181)
    pair.world.settle()
    pair.works()


def test_no_chroot_is_none(in_process):
    pair = Pair(in_process, 'zookeeper-client', chroot=None)
    pair.world.settle()
    pair.works()
    assert pair.world.file(pair.unit, 'conf/client.cfg') == (
        'zookeeper.connect={}\n'.format(pair.world.servers('zookeeper-server/0')))


def test_hooks_by_processes_do_the_same(by_processes):
    pair = Pair(by_processes, 'flume-sink', port=0)
    pair.world.settle()
    assert pair.status == complaint('flume-sink', 'port', 0)
    pair.configure(port=4141)
    pair.works()
    pair.configure(protocol='xyz')
    assert pair.status == complaint('flume-sink', 'protocol', 'xyz')
