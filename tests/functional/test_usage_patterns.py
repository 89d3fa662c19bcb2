"""Other ways to use the layers than flag handlers, which the documentation mentions."""
import shutil

import pytest

from integration.charms import EXAMPLES
from juju_standin.build import LAYERS

from .juju import JOINING, USABLE, Juju, Publisher
from .layers import build_in_process, write_action, write_layer


@pytest.fixture
def client(tmp_path):
    """Makes a model with a client `one/0` with these handlers, and a server `remote`.
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
        juju = Juju('3.6')
        juju.model.deploy('one', build_in_process(layer, tmp_path / 'built'))
        juju.model.deploy('remote', Publisher('zookeeper', port='2181'))
        return juju
    return client


def relate(juju):
    relation = juju.model.relate('one:zookeeper', 'remote:end')
    juju.settle()
    return relation


def status_message(juju):
    return juju.model.unit('one/0').status[1]


ACTION = EXAMPLES / 'rolling-restart' / 'actions' / 'servers'


def test_action_of_example_returns_servers_without_relation_tools(client):
    juju = client('', lambda layer: write_action(layer, 'servers', ACTION.read_text()))

    def servers():
        run = juju.model.action('one/0', 'servers')
        assert run.status == 0, run.log
        assert [name for name, _ in run.calls if name.startswith('relation-')] == []
        return run.results.get('servers', '')

    juju.settle()
    juju.model.dispatch('one/0', 'update-status')
    assert servers() == ''
    relate(juju)
    assert servers() == juju.servers('remote/0') + '/kafka'


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
    juju = client(ORDER)
    juju.model.relate('one:zookeeper', 'remote:end')
    juju.run_due('remote/0')
    juju.step_until('one/0', 'joined')
    now = '[true, "{}"]'.format(juju.servers('remote/0'))
    assert juju.file('one/0', 'found.json') == (
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
    """Restricted hooks cannot call relation tools."""
    def add_hook(layer):
        (layer / 'hooks').mkdir()
        shutil.copy(LAYERS / 'basic' / 'hooks' / 'hook.template',
                    layer / 'hooks' / hook)
    juju = client(REPORT.format(decorator), add_hook)
    relation = relate(juju)
    juju.model.write(relation.unit_databags['remote/0'], dict(
        juju.model.unit_data(relation, 'remote/0'), port='3000'))
    run = juju.model.dispatch('one/0', hook)
    assert run.status == 0
    assert [name for name, _ in run.calls if name.startswith('relation-')] == []
    assert juju.flags('one/0', 'zookeeper') == USABLE | JOINING
    assert juju.model.unit('one/0').status == ('active', juju.servers('remote/0'))
    juju.settle()


def test_subordinate_uses_its_principal_unit(client):
    """A relation with container scope has one remote unit, as in this model."""
    juju = client(REPORT.format("hook('update-status')"), scope='container')
    assert juju.model.apps['one'].charm.metadata['requires']['zookeeper'] == {
        'interface': 'zookeeper', 'scope': 'container'}
    relation = relate(juju)
    juju.dispatch('update-status')
    assert juju.flags('one/0', 'zookeeper') == USABLE | JOINING
    assert status_message(juju) == juju.servers('remote/0')
    juju.model.remove_relation(relation)
    juju.settle()
    assert juju.flags('one/0', 'zookeeper') == {'departing'}
