"""Peer relations, which are between the units of one application.

A docstring such as "11:54" refers to the recorded line that shows this behaviour: line
54 of the file 11 in recordings/4.0.15-agent. File 20 has peers with restarted agents.
"""
import pytest

from juju_standin import Model
from two_apps import ScriptedCharm, name_and_unit, query, relation_set

LIST = ('relation-list', '-r', 'ring:0')


class Peers:
    """The application `zk`, which has peers."""

    def __init__(self, units=1, release='3.6'):
        self.charm = ScriptedCharm(peers=['ring'], provides=['out'])
        self.model = Model(release)
        self.model.deploy('zk', self.charm, units)
        self.model.settle()

    def relation_hooks(self):
        return [(context.unit.name, *name_and_unit(context.hook))
                for context in self.charm.contexts if context.hook.relation_id]

    def in_hook(self, unit, function):
        """Call a function with the context of a unit's update-status hook."""
        results = []
        self.charm.script = lambda context: results.append(function(context))
        assert self.model.dispatch(unit, 'update-status').status == 0
        self.charm.script = lambda context: None
        return results[0]

    def remove(self, unit):
        """Remove a unit, and run its last hooks."""
        self.charm.contexts.clear()
        self.model.remove_unit(unit)
        while unit in self.model.units:
            self.model.run(unit, self.model.pending(unit)[0])


def test_peers_are_related_from_the_start():
    peers = Peers()
    assert peers.relation_hooks() == [('zk/0', 'ring-created', '')]
    assert peers.in_hook('zk/0', lambda c: query(c, 'relation-ids', 'ring')) == [
        'ring:0']
    assert peers.in_hook('zk/0', lambda c: query(c, *LIST)) == []
    peers.model.add_unit('zk')
    peers.model.settle()
    assert sorted(peers.relation_hooks()[1:]) == [
        ('zk/0', 'ring-changed', 'zk/1'), ('zk/0', 'ring-joined', 'zk/1'),
        ('zk/1', 'ring-changed', 'zk/0'), ('zk/1', 'ring-created', ''),
        ('zk/1', 'ring-joined', 'zk/0')]
    assert peers.in_hook('zk/1', lambda c: query(c, *LIST)) == ['zk/0']
    assert peers.in_hook('zk/1', lambda c: query(c, *LIST, '--app')) == 'zk'


@pytest.mark.parametrize('options, owner, remote_unit', [
    ([], 'zk/0', 'zk/0'), (['--app'], 'zk', '')], ids=['unit', 'application'])
def test_all_peers_read_unit_and_application_data(options, owner, remote_unit):
    peers = Peers(3)
    peers.charm.contexts.clear()
    peers.in_hook('zk/0', lambda c: relation_set(c, '-r', 'ring:0', *options, 'a=1'))
    peers.model.settle()
    assert peers.relation_hooks() == [(unit, 'ring-changed', remote_unit)
                                      for unit in ('zk/1', 'zk/2')]
    for unit in 'zk/0', 'zk/1':
        assert peers.in_hook(unit, lambda c: query(
            c, 'relation-get', '-r', 'ring:0', *options, 'a', owner)) == '1'


@pytest.mark.parametrize('hook, changed', [
    ('ring-relation-created', [('zk/0', 'ring-changed', '')]), ('config-changed', [])])
def test_leader_runs_changed_for_own_application_data_from_before_leader_elected(
        hook, changed):
    """recordings/4.0.15-controller-2/six-clients-one-server:32, 84"""
    peers = Peers(0, '4.0')
    peers.charm.script = lambda c: relation_set(
        c, '-r', 'ring:0', '--app', 'a=1') if c.hook.name == hook else None
    peers.model.add_unit('zk')
    peers.model.settle()
    assert peers.relation_hooks() == [('zk/0', 'ring-created', ''), *changed]


def peers_with_client(release):
    peers = Peers(3, release)
    peers.model.deploy('client', ScriptedCharm(requires=['in']))
    peers.model.relate('client:in', 'zk:out')
    peers.model.settle()
    return peers


def test_removed_unit_leaves_its_peers_at_any_time_in_juju_2():
    """recordings/2.9.52-agent/11-remove-unit:42-53"""
    peers = peers_with_client('2.9')
    peers.model.remove_unit('zk/1')
    assert [(hook.name, hook.remote_unit) for hook in peers.model.pending('zk/1')] == [
        ('ring-relation-departed', 'zk/0'), ('out-relation-departed', 'client/0')]
    peers.remove('zk/1')
    assert peers.charm.hooks('zk/1')[-2:] == [('stop', ''), ('remove', '')]
    assert ('ring-broken', '') not in peers.charm.hooks('zk/1')


def test_removed_unit_leaves_its_peers_last_and_without_broken():
    """11:54-56; relation-ids still lists the relation in stop and remove."""
    peers = peers_with_client('4.0')
    listed = {}
    peers.charm.script = lambda c: listed.update(
        {c.hook.name: query(c, 'relation-ids', 'ring')})
    peers.remove('zk/1')
    assert peers.charm.hooks() == [
        ('out-departed', 'client/0'), ('out-broken', ''), ('ring-departed', 'zk/0'),
        ('ring-departed', 'zk/2'), ('stop', ''), ('remove', '')]
    assert listed['stop'] == listed['remove'] == ['ring:0']
    peers.model.settle()
    assert peers.charm.hooks('zk/0') == [('ring-departed', 'zk/1')]
    departing = {c.env.get('JUJU_DEPARTING_UNIT') for c in peers.charm.contexts}
    assert departing - {None} == {'zk/1'}
    assert peers.model.relations
