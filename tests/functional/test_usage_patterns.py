"""Ways to use the layers beside flag handlers, mostly from the README."""
import re
import shutil

import pytest

from juju_standin.build import LAYERS

from .conftest import TESTS
from .ensemble import CLIENT
from .layers import build_in_process, write_action, write_layer
from .world import AVAILABLE, JOINING, Publisher, World, services

README = (TESTS.parent / 'README.md').read_text()
ACTION, TURNS = [re.search(r'### {}\n.*?```python\n(.*?)```'.format(heading), README,
                           re.DOTALL).group(1)
                 for heading in ('Without a handler', 'One unit after another')]


@pytest.fixture
def client(tmp_path):
    """Makes a world with a client `one/0` with these handlers, and a server `remote`.
    """
    def client(handlers, extend=lambda layer: None, **attributes):
        """
        :param extend: adds files to the client's layer
        :param attributes: of the endpoint in metadata.yaml
        """
        layer = write_layer(tmp_path / 'layer', 'one', handlers, ['zookeeper'],
                            requires={'zookeeper': 'zookeeper'})
        metadata = layer / 'metadata.yaml'
        metadata.write_text(metadata.read_text().replace(
            'interface: zookeeper', 'interface: zookeeper' + ''.join(
                '\n    {}: {}'.format(*pair) for pair in attributes.items())))
        extend(layer)
        world = World('3.6')
        world.model.deploy('one', build_in_process(layer, tmp_path / 'built'))
        world.model.deploy('remote', Publisher('zookeeper', port='2181'))
        return world
    return client


def relate(world):
    relation = world.model.relate('one:zookeeper', 'remote:end')
    world.settle()
    return relation


def status_message(world):
    return world.model.unit('one/0').status[1]


# Code from the README.

def test_action_returns_servers_without_relation_tools(client):
    world = client('', lambda layer: write_action(layer, 'servers', ACTION))

    def servers():
        run = world.model.action('one/0', 'servers')
        assert run.status == 0, run.log
        assert [name for name, _ in run.calls if name.startswith('relation-')] == []
        return run.results.get('servers', '')

    world.settle()
    world.model.dispatch('one/0', 'update-status')
    assert servers() == ''
    relate(world)
    assert servers() == world.servers('remote/0')


def test_endpoint_from_flag_gives_none_until_flag_is_set(client):
    world = client('''\
from charmhelpers.core import hookenv
from charms.reactive import endpoint_from_flag, hook


@hook('update-status')
def report():
    endpoint = endpoint_from_flag('zookeeper.available')
    hookenv.status_set('active', endpoint.connection_string() if endpoint else 'None')
''')
    world.settle()
    world.dispatch('update-status')
    assert status_message(world) == 'None'
    relate(world)
    world.dispatch('update-status')
    assert status_message(world) == world.servers('remote/0')


COORDINATED = '''\
import sys
import types

from charmhelpers.core import hookenv, host
from charms.reactive import clear_flag, hook, set_flag, when

# the part of layer:coordinator that matters here
coordinator = types.SimpleNamespace(acquire=lambda lock: set_flag('requested.' + lock))


@hook('update-status')
def grant():
    if hookenv.config('turn') == hookenv.local_unit():
        set_flag('coordinator.granted.restart')
        hookenv.atexit(clear_flag, 'coordinator.granted.restart')


def write_config(servers):
    hookenv.status_set('active', servers)


'''


def test_units_with_coordinator_restart_one_after_another(client):
    world = client(COORDINATED + TURNS)
    model = world.model
    model.add_unit('one')
    model.apps['one'].config['turn'] = None
    relate(world)
    for name in 'one/1', 'one/0':
        assert services(world.settle()) == []
        assert world.flags(name, 'zookeeper') == AVAILABLE | JOINING
        assert 'reactive.states.requested.restart' in model.unit(name).charm.kv(name)
        model.set_config('one', turn=name)
        world.settle()
        assert services(world.dispatch('update-status')) == [(name, 'restart', 'kafka')]
        assert world.flags(name, 'zookeeper') == AVAILABLE
        assert model.unit(name).status == ('active', world.servers('remote/0'))
    assert services(world.dispatch('update-status')) == []


# Other statements of the README.

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


def test_flags_are_updated_after_atstart_and_before_handlers(client):
    world = client(ORDER)
    world.model.relate('one:zookeeper', 'remote:end')
    world.run_pending('remote/0')
    world.step_until('one/0', 'joined')
    now = '[true, "{}"]'.format(world.servers('remote/0'))
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
def test_restricted_hook_uses_last_known_data(client, hook, decorator):
    """Restricted hooks can not call relation tools."""
    def add_hook(layer):
        (layer / 'hooks').mkdir()
        shutil.copy(LAYERS / 'basic' / 'hooks' / 'hook.template',
                    layer / 'hooks' / hook)
    world = client(REPORT.format(decorator), add_hook)
    relation = relate(world)
    world.model.write(relation.bags['remote/0'], dict(
        world.model.settings(relation, 'remote/0'), port='3000'))
    run = world.model.dispatch('one/0', hook)
    assert run.status == 0
    assert [name for name, _ in run.calls if name.startswith('relation-')] == []
    assert world.flags('one/0', 'zookeeper') == AVAILABLE | JOINING
    assert world.model.unit('one/0').status == ('active', world.servers('remote/0'))
    world.settle()


def test_subordinate_uses_its_principal_unit(client):
    """A relation with container scope has one remote unit, as in this model."""
    world = client(REPORT.format("hook('update-status')"), scope='container')
    assert world.model.apps['one'].charm.metadata['requires']['zookeeper'] == {
        'interface': 'zookeeper', 'scope': 'container'}
    relation = relate(world)
    world.dispatch('update-status')
    assert world.flags('one/0', 'zookeeper') == AVAILABLE | JOINING
    assert status_message(world) == world.servers('remote/0')
    world.model.remove_relation(relation)
    world.settle()
    assert world.flags('one/0', 'zookeeper') == {'departing'}


def test_client_drops_server_that_withdraws_and_uses_it_again(tmp_path, in_process):
    layer = write_layer(tmp_path / 'layer', 'zk', '''\
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
    world.model.deploy('zk', build_in_process(layer, tmp_path / 'built'),
                       config={'serving': True})
    world.model.deploy('kafka', in_process('zookeeper-client'), config=CLIENT)
    world.model.relate('zk:end', 'kafka:zookeeper')
    for serving in True, False, True:
        world.model.set_config('zk', serving=serving)
        world.settle()
        assert ('available' in world.flags('zk/0', 'end')) == serving
        servers = world.servers('zk/0') if serving else ''
        assert world.file('kafka/0', 'conf/client.cfg') == (
            'zookeeper.connect={}\n'.format(servers))
