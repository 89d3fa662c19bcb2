"""The differences between earlier layers and these: MIGRATING.md.

Each row of its tables names a test in this directory. In tests with `before_and_now`,
`before` is a model or pair whose charms are built with earlier layers, and `now` one
with these.
"""
import json
import re
from pathlib import Path

import pytest

from juju_standin import PROFILES

from .conftest import EARLIER_LAYERS, INTERFACES, TESTS, releases
from .juju import USABLE, Juju, Publisher, services
from .layers import build_in_process, write_layer
from .pair import FIRST, GENERATIONS, SECOND, Pair

PAGE, _, LIST = (TESTS.parent / 'MIGRATING.md').read_text().partition('\n## Tests\n')
THIS_FILE = Path(__file__)


# The page.

def rows():
    """The cells of each row of the page's tables, without the headings."""
    lines = re.findall(r'^\| (`.*) \|$', PAGE, re.M)
    return [[cell.strip() for cell in line.split(' | ')] for line in lines]


# {number: names} of the list at its end
NAMED = {number: re.findall(r'`(test_\w+)`', names) for number, names in re.findall(
    r'^(\d+)\. ((?:.|\n +)*)', LIST, re.M)}


def named_tests(text):
    """The tests whose numbers are in a text."""
    return [name for number in re.findall(r'\[(\d+)\]', text) for name in NAMED[number]]


def defined_tests(file, parameter=''):
    """The names of a file's tests, or of those with this as first parameter."""
    return set(re.findall(r'^def (test_\w+)\(' + parameter, file.read_text(), re.M))


def test_each_row_names_a_test_and_each_comparing_test_has_a_row():
    existing = set().union(*map(defined_tests, THIS_FILE.parent.glob('test_*.py')))
    assert rows() and NAMED.keys() == set(re.findall(r'\[(\d+)\]', PAGE))
    for row in rows():
        assert len(row) == 5 and named_tests(row[-1]), row
    assert [name for name in named_tests(PAGE) if name not in existing] == []
    assert defined_tests(THIS_FILE, 'before_and_now') <= set(named_tests(PAGE))


def test_flags_and_methods_of_each_row_exist():
    words = ' '.join(row[0] for row in rows())
    sources = '\n'.join(path.read_text() for path in INTERFACES.glob('*/*.py'))
    flags = re.findall(r'`(\w+)`', words)
    assert flags and [flag for flag in flags if "'{{0}}.{}'".format(flag)
                      not in (INTERFACES / 'common' / 'flags.py').read_text()] == []
    inherited = {'conversation', 'conversations', 'get_remote', 'set_remote'}
    methods = set(re.findall(r'`(\w+)\(', words)) - inherited
    assert methods and [method for method in methods
                        if 'def {}('.format(method) not in sources] == []


def test_each_claim_about_upgrades_names_a_test():
    kept = PAGE.partition('\n## What an upgrade in place keeps\n')[2].partition(
        '\n## ')[0]
    claims = re.split(r'^\* ', kept, flags=re.M)[1:]
    assert claims and [claim for claim in claims if not named_tests(claim)] == []


# Charms built with earlier layers and with these.

class BeforeAndNow:
    """Makes each object twice: with earlier layers and with these."""

    def __init__(self, in_process, tmp_path):
        self.in_process, self.tmp_path = in_process, tmp_path

    def pairs(self, generation, release='3.6'):
        """Pairs with two servers and a client, related."""
        return [self._pair(generation, release, layers)
                for layers in (EARLIER_LAYERS / generation, INTERFACES)]

    def _pair(self, generation, release, layers):
        pair = Pair(Juju(release), generation, generation,
                    self.in_process(generation + '-server', layers),
                    self.in_process(generation + '-client', layers))
        pair.model.add_unit('server')
        pair.relate()
        pair.settle()
        return pair

    def charms(self, generation, handlers, directory='', **endpoints):
        """Charms with these handlers."""
        path = self.tmp_path / directory
        layer = write_layer(path / 'layer', 'one', handlers,
                            ['zookeeper', 'flume-agent'], **endpoints)
        return [build_in_process(layer, path / name, layers)
                for name, layers in [('before', EARLIER_LAYERS / generation),
                                     ('now', INTERFACES)]]

    def related_units(self, generation, handlers, interface='zookeeper', **data):
        """Models with a client `one/0` with these handlers, and a server."""
        models = []
        for charm in self.charms(generation, handlers, requires={'end': interface}):
            juju = Juju('3.6')
            juju.model.deploy('one', charm)
            juju.model.deploy('remote', Publisher(interface, **data))
            juju.model.relate('one:end', 'remote:end')
            models.append(juju)
        return models


@pytest.fixture
def before_and_now(in_process, tmp_path):
    return BeforeAndNow(in_process, tmp_path)


def handlers(flag, result, then='pass'):
    """A handler that writes the result of an expression to a file."""
    return '''\
import json
from charms.reactive import when


def outcome(method, *arguments):
    try:
        return method(*arguments)
    except (LookupError, NotImplementedError) as error:
        return type(error).__name__


@when('end.{}')
def write(end):
    with open('result.json', 'w') as file:
        json.dump({}, file)
    {}
'''.format(flag, result, then)


INSTALLING = '''\
from charms.reactive import set_flag, when_not


@when_not('{0}')
def install():
    with open('installed', 'a') as file:
        file.write('once\\n')
    set_flag('{0}')
'''


def result(juju):
    return json.loads(juju.file('one/0', 'result.json'))


# The requires side.

@pytest.mark.parametrize('generation', GENERATIONS)
def test_flags_of_first_and_second_generation_are_set(before_and_now, generation):
    before, now = before_and_now.pairs(generation)
    assert len(before.juju.flags('client/0', 'zookeeper')) == 2
    assert before.juju.flags('client/0', 'zookeeper') < now.juju.flags(
        'client/0', 'zookeeper')
    assert now.juju.flags('client/0', 'zookeeper') >= USABLE


def test_unusable_unit_is_not_listed(before_and_now):
    before, now = before_and_now.related_units(
        FIRST, handlers('connected', 'end.get_zookeeper_units()'), port='abc')
    before.settle()
    assert before.flags('one/0', 'end') >= {'available'}
    assert result(before)[-1][1] == 'abc'
    assert [run.status for run in now.model.settle() if run.status] == []
    assert not now.flags('one/0', 'end') & {'available'}
    assert result(now) == []


def test_changed_details_are_announced(before_and_now):
    for pair, port in zip(before_and_now.pairs(FIRST), (2181, 3000)):
        pair.model.set_config('server', port=3000)
        pair.settle()
        assert {server[1] for server in pair.details()['servers']} == {str(port)}


def test_endpoint_object_lists_all_units(before_and_now):
    models = before_and_now.related_units(FIRST, handlers(
        'joining', 'end.get_zookeeper_units()', 'end.dismiss_joining()'), port='2181')
    for juju, expected in zip(models, (1, 2)):
        juju.settle()
        juju.model.add_unit('remote')
        juju.settle()
        assert len(result(juju)) == expected


def test_get_flume_port_without_sink_raises_lookup_error(before_and_now):
    models = before_and_now.related_units(
        FIRST, handlers('connected', 'outcome(end.get_flume_port)'), 'flume-agent')
    for juju, expected in zip(models, (None, 'LookupError')):
        juju.settle()
        assert result(juju) == expected


def test_addresses_are_found_in_juju_4(before_and_now):
    before, now = before_and_now.pairs(SECOND, release='4.0')
    assert [sink['host'] for sink in before.details()['sinks']] == [None, None]
    now.assert_uses('server/0', 'server/1')
    before, now = before_and_now.pairs(FIRST, release='4.0')
    assert 'available' not in before.juju.flags('client/0', 'zookeeper')
    now.assert_uses('server/0', 'server/1')


def test_conversations_are_empty_and_get_remote_is_not_supported(before_and_now):
    models = before_and_now.related_units(FIRST, handlers(
        'connected', "[len(end.conversations()), outcome(end.get_remote, 'port')]"),
        port='2181')
    outcomes = [1, '2181'], [0, 'NotImplementedError']
    for juju, expected in zip(models, outcomes):
        juju.run_due('remote/0')
        run = juju.step_until('one/0', 'changed')
        assert run.status == 0
        assert result(juju) == expected


def test_flags_are_set_in_joined_if_the_unit_has_published_before(before_and_now):
    models = before_and_now.related_units(
        FIRST, handlers('connected', 'None'), port='2181')
    for juju, expected in zip(models, (False, True)):
        juju.run_due('remote/0')
        assert juju.step_until('one/0', 'joined').status == 0
        assert ('available' in juju.flags('one/0', 'end')) == expected


@pytest.mark.parametrize('role', [
    'requires', pytest.param('provides', marks=pytest.mark.slow)])
def test_own_flag_with_name_of_an_endpoint_flag_is_cleared(before_and_now, role):
    hooks_that_install = {}
    for flag in 'end.available', 'one.installed':
        charms = before_and_now.charms(
            FIRST, INSTALLING.format(flag), flag, **{role: {'end': 'zookeeper'}})
        for version, charm in zip(('before', 'now'), charms):
            juju = Juju('3.6')
            juju.model.deploy('one', charm)
            hooks = len(juju.settle() + juju.dispatch('update-status'))
            hooks_that_install[flag, version] = len(
                juju.file('one/0', 'installed').splitlines())
    assert hooks_that_install == {
        ('end.available', 'before'): 1, ('end.available', 'now'): hooks,
        ('one.installed', 'before'): 1, ('one.installed', 'now'): 1}


# The third generation.

THIRD_CLIENT = '''\
import json
from charms.reactive import clear_flag, endpoint_from_flag, when


@when('endpoint.end.joined')
def log():
    open('joined', 'w').close()


@when('endpoint.end.available', 'endpoint.end.changed')
def configure():
    end = endpoint_from_flag('endpoint.end.available')
    with open('result.json', 'w') as file:
        json.dump(end.list_unit_data(), file)
    clear_flag('endpoint.end.changed')
'''
THIRD_SERVER = '''\
from charmhelpers.core import hookenv
from charms.reactive import clear_flag, endpoint_from_flag, when


@when('endpoint.end.available')
def send():
    end = endpoint_from_flag('endpoint.end.available')
    end.configure(hookenv.unit_private_ip(), 2181)
    clear_flag('endpoint.end.available')
'''


# The role's module in a layer of the third generation.
THIRD_LAYER = {
    'requires': '''\
from charms.reactive import Endpoint, set_flag, when


class ZookeeperRequires(Endpoint):
    @when('endpoint.{endpoint_name}.changed.port')
    def update(self):
        set_flag(self.expand_name('available'))

    def list_unit_data(self):
        return [{key: unit.received[key] for key in ('host', 'port')}
                for unit in self.all_joined_units]
''',
    'provides': '''\
from charms.reactive import Endpoint, set_flag, when


class ZookeeperProvides(Endpoint):
    @when('endpoint.{endpoint_name}.joined')
    def update(self):
        set_flag(self.expand_name('available'))

    def configure(self, host, port):
        for relation in self.relations:
            relation.to_publish.update(host=host, port=str(port))
'''}


def third_generation_charms(path, layers=INTERFACES):
    """The client `one` and the server, as (name, charm)."""
    for app, role, code in [('one', 'requires', THIRD_CLIENT),
                            ('server', 'provides', THIRD_SERVER)]:
        layer = write_layer(path / app, app, code, ['zookeeper'],
                            **{role: {'end': 'zookeeper'}})
        yield app, build_in_process(layer, path / 'built', layers)


@releases(*reversed(PROFILES))
def test_charms_of_the_third_generation_exchange_details(release, tmp_path):
    juju = Juju(release)
    for app, charm in third_generation_charms(tmp_path):
        juju.model.deploy(app, charm)
    relation = juju.model.relate('one:end', 'server:end')
    juju.model.add_unit('server')
    juju.settle()
    hosts = [juju.address(unit) for unit in ('server/0', 'server/1')]
    assert result(juju) == [{'host': host, 'port': '2181'} for host in hosts]
    assert juju.published(relation, 'server/0') == {'host': hosts[0], 'port': '2181'}
    assert juju.flags('one/0', 'endpoint.end') == {'joined', 'available'}
    juju.model.remove_unit('server/1')
    juju.settle()
    assert juju.flags('one/0', 'endpoint.end') == {'joined', 'available'}


def test_upgrade_of_third_generation_charms_announces_nothing(tmp_path):
    layer = tmp_path / 'layers' / 'zookeeper'
    layer.mkdir(parents=True)
    (layer / 'interface.yaml').write_text('name: zookeeper\n')
    for role, code in THIRD_LAYER.items():
        (layer / (role + '.py')).write_text(code)
    juju = Juju('3.6')
    for app, charm in third_generation_charms(tmp_path / 'before', layer.parent):
        juju.model.deploy(app, charm)
    relation = juju.model.relate('one:end', 'server:end')
    juju.settle()
    assert juju.published(relation, 'server/0')['port'] == '"2181"'
    for app, charm in third_generation_charms(tmp_path / 'now'):
        juju.model.upgrade(app, charm)
    written = Path(juju.model.unit('one/0').charm_dir, 'result.json')
    written.unlink()
    juju.settle()
    assert juju.published(relation, 'server/0')['port'] == '2181'
    juju.dispatch('update-status')
    juju.settle()
    assert not written.exists()
    assert juju.flags('one/0', 'endpoint.end') == {'joined', 'available'}
    juju.model.add_unit('server')
    juju.settle()
    assert len(result(juju)) == 2


def test_upgrade_in_juju_4_replaces_none_and_restarts_once(in_process):
    pair = Pair(Juju('4.0'), SECOND, SECOND, *(
        in_process('second-generation-' + side, EARLIER_LAYERS / SECOND)
        for side in ('server', 'client')))
    pair.relate()
    pair.settle()
    assert [sink['host'] for sink in pair.details()['sinks']] == [None]
    pair.model.upgrade('client', in_process('second-generation-client'))
    assert pair.settle() == [['restart', 'service']]
    assert [sink['host'] for sink in pair.details()['sinks']] == [
        pair.juju.address('server/0')]
    assert services(pair.juju.dispatch('update-status')) == []


# The provides side.

def relate_to_client(juju, charm):
    """Relate a charm's `one/0` to a ZooKeeper client that publishes nothing."""
    juju.model.deploy('one', charm)
    juju.model.deploy('client', Publisher('zookeeper', 'requires'))
    relation = juju.model.relate('one:end', 'client:end')
    juju.settle()
    return relation


@pytest.mark.parametrize('generation, flag', [(FIRST, 'connected'), (SECOND, 'joined')])
def test_flag_stays_when_one_of_two_clients_leaves(before_and_now, generation, flag):
    for pair, expected in zip(before_and_now.pairs(generation), (False, True)):
        pair.model.add_unit('client')
        pair.settle()
        pair.model.remove_unit('client/1')
        pair.settle()
        assert (flag in pair.juju.flags('server/0', 'zkclient')) == expected


@pytest.mark.parametrize('generation, flag, is_set_now', [
    (FIRST, 'available', False), (SECOND, 'ready', True)])
def test_provider_that_has_sent_nothing_is_ready_but_not_available(
        before_and_now, generation, flag, is_set_now):
    charms = before_and_now.charms(generation, '', provides={'end': 'zookeeper'})
    for charm, expected in zip(charms, (True, is_set_now)):
        juju = Juju('3.6')
        relate_to_client(juju, charm)
        assert (flag in juju.flags('one/0', 'end')) == expected


def test_details_are_published_to_later_relations(before_and_now, in_process):
    for pair, expected in zip(before_and_now.pairs(FIRST), ({}, {'port': '2181'})):
        pair.model.deploy('second', in_process('first-generation-client'))
        relation = pair.model.relate('server:zkclient', 'second:zookeeper')
        pair.settle()
        assert pair.juju.published(relation, 'server/0') == expected


def test_wrong_value_raises_value_error_and_is_not_published(before_and_now):
    before, now = before_and_now.pairs(FIRST)
    for pair in before, now:
        pair.model.set_config('server', port=70000)
    before.settle()
    assert before.juju.published(before.zookeeper, 'server/0') == {'port': '70000'}
    run = now.model.step()
    assert (run.unit, run.hook.kind, run.status) == ('server/0', 'config-changed', 1)
    assert any('ValueError: port is 70000, not an integer from 1 to 65535' in message
               for _, message in run.log)
    assert now.juju.published(now.zookeeper, 'server/0') == {'port': '2181'}


def test_set_remote_is_not_supported_and_publishes_nothing(before_and_now):
    charms = before_and_now.charms(FIRST, handlers(
        'connected', "outcome(end.set_remote, 'port', '2181')"),
        provides={'end': 'zookeeper'})
    for charm, expected, published in zip(charms, (None, 'NotImplementedError'),
                                          ({'port': '2181'}, {})):
        juju = Juju('3.6')
        relation = relate_to_client(juju, charm)
        assert result(juju) == expected
        assert juju.published(relation, 'one/0') == published
