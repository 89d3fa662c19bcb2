"""Charm revisions that change an endpoint's role or interface, or remove it."""
import pytest

from .juju import DEPARTING, JOINING, NOTHING, USABLE, Juju, Publisher
from .layers import build_in_process, write_action, write_layer

SERVER = '''\
from charms.reactive import set_flag, when


@when('end.connected')
def send(end):
    end.send_port(2181)
    set_flag('end.configured')
'''
CLIENT = '''\
from charmhelpers.core import hookenv
from charms.reactive import when


@when('end.available')
def show_servers(end):
    hookenv.status_set('active', end.connection_string())
'''
ACTION = '''\
#!/usr/bin/env python3
import sys

sys.path.insert(0, 'lib')
from charms.reactive import endpoint_from_name

endpoint_from_name('end').send_port(3000)
'''
REVISIONS = {
    'server': (SERVER, {'provides': {'end': 'zookeeper'}}),
    'client': (CLIENT, {'requires': {'end': 'zookeeper'}}),
    'dropped': ('', {'requires': {'other': 'zookeeper'}}),
}


@pytest.fixture(scope='module')
def revisions(tmp_path_factory):
    path = tmp_path_factory.mktemp('revisions')
    charms = {}
    for name, (handlers, endpoints) in REVISIONS.items():
        layer = write_layer(path / name, 'one', handlers,
                            ['zookeeper', 'flume-agent'], **endpoints)
        if name == 'server':
            write_action(layer, 'send', ACTION)
        charms[name] = build_in_process(layer, path / (name + ', built'))
    return charms


class UpgradedUnit:
    """The unit one/0, deployed with a revision and upgraded to others."""

    def __init__(self, revisions, revision):
        self.juju, self.revisions = Juju('3.6'), revisions
        self.model = self.juju.model
        self.model.deploy('one', revisions[revision])

    def relate(self, name, role, interface, **data):
        """Relate the unit to another charm with this role, and return the relation."""
        self.model.deploy(name, Publisher(interface, role, **data))
        relation = self.model.relate('one:end', name + ':end')
        self.juju.settle()
        return relation

    def upgrade(self, revision):
        self.model.upgrade('one', self.revisions[revision])
        assert [run.log for run in self.model.settle() if run.status] == []

    def published(self, relation):
        return self.juju.published(relation, 'one/0')

    @property
    def flags(self):
        return self.juju.flags('one/0', 'end') - {'configured'}


@pytest.fixture
def unit(revisions):
    """A server that is related to a client."""
    unit = UpgradedUnit(revisions, 'server')
    unit.relation = unit.relate('remote', 'requires', 'zookeeper')
    assert unit.published(unit.relation) == {'port': '2181'}
    assert unit.flags == USABLE | JOINING
    return unit


@pytest.mark.parametrize('force', [False, True])
def test_endpoint_works_after_its_role_changed_twice(revisions, force):
    unit = UpgradedUnit(revisions, 'client')
    relation = unit.relate('first', 'provides', 'zookeeper', port=2182)
    assert unit.flags == USABLE | JOINING
    unit.model.remove_relation(relation, force=force)
    unit.juju.settle()
    unit.upgrade('server')
    assert unit.flags - DEPARTING == NOTHING
    relation = unit.relate('second', 'requires', 'zookeeper')
    assert unit.flags - DEPARTING == USABLE | JOINING
    assert unit.published(relation) == {'port': '2181'}
    unit.model.remove_relation(relation)
    unit.juju.settle()
    unit.upgrade('client')
    assert unit.flags == DEPARTING
    relation = unit.relate('third', 'provides', 'zookeeper', port=2183)
    assert unit.flags == USABLE | JOINING | DEPARTING
    assert unit.model.unit('one/0').status == (
        'active', unit.juju.servers('third/0', port=2183))
    assert unit.published(relation) == {}


@pytest.mark.parametrize('force', [False, True])
def test_removed_endpoint_leaves_nothing_stored_and_works_when_added_again(unit, force):
    unit.model.remove_relation(unit.relation, force=force)
    unit.juju.settle()
    assert unit.flags
    unit.upgrade('dropped')
    keys = [key for key in unit.model.unit('one/0').charm.kv('one/0') if 'end' in key]
    assert keys == ['reactive.states.end.configured']
    unit.upgrade('server')
    assert unit.flags == NOTHING
    relation = unit.relate('second', 'requires', 'zookeeper')
    assert unit.published(relation) == {'port': '2181'}


def test_data_sent_by_action_without_flush_is_reset_in_update_status(unit):
    run = unit.model.action('one/0', 'send')
    assert (run.status, run.written) == (0, {('end:0', 'one/0'): {'port': '3000'}})
    unit.juju.dispatch('update-status')
    assert unit.published(unit.relation) == {'port': '2181'}
