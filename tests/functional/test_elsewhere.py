"""Charms that use the layers in other places than handlers, hooks and one model."""
import re
import shutil

import pytest

from juju_standin import InProcessCharm, build

from . import throwaway
from juju_standin.build import LAYERS

from .conftest import TESTS
from .neighbours import Publisher
from .test_network import REMOTE
from .world import AVAILABLE, JOINING, NOTHING, World, services

README = (TESTS.parent / 'README.md').read_text()
ACTION, TURNS = [re.search(r'### {}\n.*?```python\n(.*?)```'.format(heading), README,
                           re.DOTALL).group(1)
                 for heading in ('Without a handler', 'One unit after another')]


@pytest.fixture
def client(tmp_path):
    """Makes a world of a client `one/0` with these handlers, of servers `far`."""
    def client(handlers, extra=lambda layer: None, **relation):
        layer = throwaway.layer(tmp_path / 'layer', 'one', handlers, ['zookeeper'],
                                requires={'zookeeper': 'zookeeper'})
        metadata = layer / 'metadata.yaml'
        metadata.write_text(metadata.read_text().replace(
            'interface: zookeeper', 'interface: zookeeper' + ''.join(
                '\n    {}: {}'.format(*pair) for pair in relation.items())))
        extra(layer)
        world = World('3.6')
        world.model.deploy('one', InProcessCharm(build(layer, tmp_path / 'built')))
        world.model.deploy('far', Publisher('zookeeper', port='2181'))
        return world
    return client


def relate(world):
    relation = world.model.relate('one:zookeeper', 'far:end')
    world.settle()
    return relation


# What the README shows.

def test_the_action(client):
    world = client('', lambda layer: throwaway.action(layer, 'servers', ACTION))

    def servers():
        run = world.model.action('one/0', 'servers')
        assert run.status == 0, run.log
        assert [name for name, _ in run.calls if name.startswith('relation-')] == []
        return run.results.get('servers', '')

    world.settle()
    world.model.dispatch('one/0', 'update-status')
    assert servers() == ''
    relate(world)
    assert servers() == world.servers('far/0')


def test_a_flag_that_is_not_set_gives_no_object(client):
    world = client('''\
from charmhelpers.core import hookenv
from charms.reactive import endpoint_from_flag, hook


@hook('update-status')
def report():
    found = endpoint_from_flag('zookeeper.available')
    hookenv.status_set('active', found.connection_string() if found else 'None')
''')
    world.settle()
    world.dispatch('update-status')
    assert world.model.unit('one/0').status[1] == 'None'
    relate(world)
    world.dispatch('update-status')
    assert world.model.unit('one/0').status[1] == world.servers('far/0')


COORDINATED = '''\
import sys
import types

from charmhelpers.core import hookenv, host
from charms.reactive import clear_flag, hook, set_flag, when

# what layer:coordinator does, as far as it matters here
coordinator = types.SimpleNamespace(acquire=lambda lock: set_flag('asked.' + lock))


@hook('update-status')
def grant():
    if hookenv.config('turn') == hookenv.local_unit():
        set_flag('coordinator.granted.restart')
        hookenv.atexit(clear_flag, 'coordinator.granted.restart')


def write_config(servers):
    hookenv.status_set('active', servers)


'''


def test_one_unit_restarts_after_another(client):
    world = client(COORDINATED + TURNS)
    model = world.model
    model.add_unit('one')
    model.apps['one'].config['turn'] = None
    relate(world)
    for name in 'one/1', 'one/0':
        assert services(world.settle()) == []
        assert world.flags(name, 'zookeeper') == AVAILABLE | JOINING
        assert 'reactive.states.asked.restart' in model.unit(name).charm.kv(name)
        model.set_config('one', turn=name)
        world.settle()
        assert services(world.dispatch('update-status')) == [(name, 'restart', 'kafka')]
        assert world.flags(name, 'zookeeper') == AVAILABLE
        assert model.unit(name).status == ('active', world.servers('far/0'))
    assert services(world.dispatch('update-status')) == []


# What it says of other places.

ORDER = '''\
import json

from charmhelpers.core import hookenv
from charms.reactive import endpoint_from_name, hook, is_flag_set, when

found = {}


def note(where):
    found[where] = [is_flag_set('zookeeper.available'),
                    endpoint_from_name('zookeeper').connection_string()]
    with open('found.json', 'w') as file:
        json.dump(found, file)


hookenv.atstart(note, 'atstart')


@hook('zookeeper-relation-joined')
def joined(zookeeper):
    note('hook')


@when('zookeeper.available')
def available(zookeeper):
    note('when')
'''


def test_the_charms_own_start_comes_first_and_handlers_last(client):
    world = client(ORDER)
    world.model.relate('one:zookeeper', 'far:end')
    run = world.model.step()
    while (run.unit, run.hook.kind) != ('one/0', 'joined'):
        run = world.model.step()
    now = '[true, "{}"]'.format(world.servers('far/0'))
    assert world.file('one/0', 'found.json') == (
        '{{"atstart": [false, ""], "hook": {0}, "when": {0}}}'.format(now))


REPORT = '''\
from charmhelpers.core import hookenv
from charms.reactive import collect_metrics, endpoint_from_name, hook
from charms.reactive import is_flag_set, meter_status_changed


@{}
def report():
    hookenv.status_set('active', endpoint_from_name('zookeeper').connection_string()
                       if is_flag_set('zookeeper.available') else 'none')
'''


@pytest.mark.parametrize('hook, decorator', [
    ('collect-metrics', 'collect_metrics()'),
    ('meter-status-changed', 'meter_status_changed()')])
def test_where_the_framework_is_restricted_nothing_changes(client, hook, decorator):
    def add_hook(layer):
        (layer / 'hooks').mkdir()
        shutil.copy(LAYERS / 'basic' / 'hooks' / 'hook.template',
                    layer / 'hooks' / hook)
    world = client(REPORT.format(decorator), add_hook)
    relation = relate(world)
    before = world.servers('far/0')
    world.model.write(relation.bags['far/0'], dict(
        world.model.settings(relation, 'far/0'), port='3000'))
    run = world.model.dispatch('one/0', hook)
    assert run.status == 0
    assert [name for name, _ in run.calls if name.startswith('relation-')] == []
    assert world.flags('one/0', 'zookeeper') == AVAILABLE | JOINING
    assert world.model.unit('one/0').status == ('active', before)
    world.settle()


def test_a_subordinate_knows_the_unit_that_it_runs_beside(client):
    """To a unit, a relation of this scope has one other unit, as here."""
    world = client(REPORT.format("hook('update-status')"), scope='container')
    assert world.model.apps['one'].charm.metadata['requires']['zookeeper'] == {
        'interface': 'zookeeper', 'scope': 'container'}
    relation = relate(world)
    world.dispatch('update-status')
    assert world.flags('one/0', 'zookeeper') == AVAILABLE | JOINING
    assert world.model.unit('one/0').status[1] == world.servers('far/0')
    world.model.remove_relation(relation)
    world.settle()
    assert world.flags('one/0', 'zookeeper') == {'departing'}


def test_a_client_of_another_model_is_told(in_process):
    world = World('3.6')
    world.model.deploy('hdfs', in_process('flume-sink'),
                       config={'conf-dir': 'conf', 'data-dir': 'data'})
    agent = Publisher('flume-agent')
    agent.metadata = {'requires': agent.metadata['provides']}
    world.model.deploy(REMOTE, agent)
    relation = world.model.relate('hdfs:source', REMOTE + ':end')
    world.settle()
    assert world.flags('hdfs/0', 'source') == AVAILABLE
    assert world.told(relation, 'hdfs/0') == {'port': '4141', 'protocol': 'avro'}
    world.model.remove_unit(REMOTE + '/0')
    world.settle()
    assert world.flags('hdfs/0', 'source') == NOTHING


# Withdrawing.

def test_a_server_that_withdraws_is_used_no_more(tmp_path, in_process):
    layer = throwaway.layer(tmp_path / 'layer', 'zk', '''\
from charmhelpers.core import hookenv
from charms.reactive import endpoint_from_name, hook


@hook('config-changed')
def serve():
    if hookenv.config('serving'):
        endpoint_from_name('end').send_port(2181)
    else:
        endpoint_from_name('end').withdraw()
''', ['zookeeper'], provides={'end': 'zookeeper'})
    world = World('3.6')
    world.model.deploy('zk', InProcessCharm(build(layer, tmp_path / 'built')),
                       config={'serving': True})
    world.model.deploy('kafka', in_process('zookeeper-client'),
                       config={'conf-dir': 'conf'})
    world.model.relate('zk:end', 'kafka:zookeeper')
    for serving in True, False, True:
        world.model.set_config('zk', serving=serving)
        world.settle()
        assert ('available' in world.flags('zk/0', 'end')) == serving
        servers = world.servers('zk/0') if serving else ''
        assert world.file('kafka/0', 'conf/client.cfg') == (
            'zookeeper.connect={}\n'.format(servers))
