"""The next revision of a charm, with another endpoint of the same name, or none."""
import pytest

from juju_standin import InProcessCharm, build

from . import throwaway
from .neighbours import Publisher
from .world import AVAILABLE, CONNECTED, DEPARTING, JOINING, NOTHING, World

SERVE = '''\
from charms.reactive import set_flag, when


@when('end.connected')
def send(end):
    end.send_port(2181)
    set_flag('end.configured')
'''
READ = '''\
from charmhelpers.core import hookenv
from charms.reactive import when


@when('end.available')
def read(end):
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
    'first': (SERVE, {'provides': {'end': 'zookeeper'}}),
    'other role': (READ, {'requires': {'end': 'zookeeper'}}),
    'other interface': ('', {'provides': {'end': 'flume-agent'}}),
    'dropped': ('', {'requires': {'other': 'zookeeper'}}),
}


@pytest.fixture(scope='module')
def revisions(tmp_path_factory):
    """Revisions of a charm, by name."""
    path = tmp_path_factory.mktemp('revisions')
    charms = {}
    for name, (handlers, ends) in REVISIONS.items():
        layer = throwaway.layer(path / name, 'one', handlers,
                                ['zookeeper', 'flume-agent'], **ends)
        if name == 'first':
            throwaway.action(layer, 'send', ACTION)
        charms[name] = InProcessCharm(build(layer, path / (name + ', built')))
    return charms


class Revised:
    """A unit one/0 of a charm that is revised."""

    def __init__(self, revisions, revision):
        self.world, self.revisions = World('3.6'), revisions
        self.model = self.world.model
        self.model.deploy('one', revisions[revision])

    def relate(self, name, role, interface, **settings):
        """Relate the unit to another charm."""
        charm = Publisher(interface, **settings)
        charm.metadata = {role: {'end': {'interface': interface}}}
        self.model.deploy(name, charm)
        relation = self.model.relate('one:end', name + ':end')
        self.world.settle()
        return relation

    def upgrade(self, revision):
        self.model.upgrade('one', self.revisions[revision])
        assert [run.log for run in self.model.settle() if run.status] == []

    @property
    def flags(self):
        return self.world.flags('one/0', 'end') - {'configured'}


@pytest.fixture
def unit(revisions):
    """It serves a client."""
    unit = Revised(revisions, 'first')
    unit.relation = unit.relate('client', 'requires', 'zookeeper')
    assert unit.world.told(unit.relation, 'one/0') == {'port': '2181'}
    assert unit.flags == AVAILABLE | JOINING
    return unit


@pytest.mark.parametrize('force', [False, True])
def test_another_role_and_back(revisions, force):
    unit = Revised(revisions, 'other role')
    relation = unit.relate('server', 'provides', 'zookeeper', port=2182)
    assert unit.flags == AVAILABLE | JOINING
    unit.model.remove_relation(relation, force=force)
    unit.world.settle()
    unit.upgrade('first')
    assert unit.flags - DEPARTING == NOTHING
    relation = unit.relate('client', 'requires', 'zookeeper')
    assert unit.flags - DEPARTING == AVAILABLE | JOINING
    assert unit.world.told(relation, 'one/0') == {'port': '2181'}
    unit.model.remove_relation(relation)
    unit.world.settle()
    unit.upgrade('other role')
    assert unit.flags == DEPARTING
    relation = unit.relate('other', 'provides', 'zookeeper', port=2183)
    assert unit.flags == AVAILABLE | JOINING | DEPARTING
    assert unit.model.unit('one/0').status == (
        'active', unit.world.servers('other/0', port=2183))
    assert unit.world.told(relation, 'one/0') == {}


@pytest.mark.parametrize('force', [False, True])
def test_another_interface(unit, force):
    """What was sent by the one is not published by the other."""
    unit.model.remove_relation(unit.relation, force=force)
    unit.world.settle()
    unit.upgrade('other interface')
    assert unit.flags - DEPARTING == NOTHING
    relation = unit.relate('agent', 'requires', 'flume-agent')
    assert unit.flags - DEPARTING == CONNECTED | JOINING | {'ready'}
    assert unit.world.told(relation, 'one/0') == {}


@pytest.mark.parametrize('force', [False, True])
def test_an_endpoint_that_is_dropped(unit, force):
    unit.model.remove_relation(unit.relation, force=force)
    unit.world.settle()
    assert unit.flags
    unit.upgrade('dropped')
    left = [key for key in unit.model.unit('one/0').charm.kv('one/0') if 'end' in key]
    assert left == ['reactive.states.end.configured']
    unit.upgrade('first')
    assert unit.flags == NOTHING
    relation = unit.relate('second', 'requires', 'zookeeper')
    assert unit.world.told(relation, 'one/0') == {'port': '2181'}


def test_what_an_action_sent_and_did_not_flush_is_put_back(unit):
    run = unit.model.action('one/0', 'send')
    assert (run.status, run.written) == (0, {('end:0', 'one/0'): {'port': '3000'}})
    unit.world.dispatch('update-status')
    assert unit.world.told(unit.relation, 'one/0') == {'port': '2181'}
