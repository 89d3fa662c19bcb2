"""The hook tool goal-state.

test_recordings.py compares the names in recorded answers.
"""
import pytest

from two_apps import ScriptedCharm, TwoApps, query


def goal_state(context):
    return query(context, 'goal-state')


def named(apps, endpoint='in'):
    """The names that goal-state gives client/0 for an endpoint."""
    return sorted(apps.in_client_hook(goal_state)['relations'].get(endpoint, {}))


def listed(apps):
    return apps.in_client_hook(lambda c: query(c, 'relation-list', '-r', 'in:0'))


def test_goal_state_describes_own_units_and_related_applications():
    apps = TwoApps(units=(2, 2))
    apps.model.relate('client:more', 'server:out')
    apps.model.remove_unit('server/1')
    apps.model.unit('server/0').status = 'active', 'up'
    answer = apps.in_client_hook(goal_state)
    assert {name: entry['status'] for name, entry in answer['units'].items()} == {
        'client/0': 'unknown', 'client/1': 'unknown'}
    entries = {'server': 'joined', 'server/0': 'active', 'server/1': 'dying'}
    assert {endpoint: {name: entry['status'] for name, entry in names.items()}
            for endpoint, names in answer['relations'].items()} == {
        'in': entries, 'more': entries}
    assert answer['units']['client/0']['since'].endswith('Z')


def test_goal_state_prints_yaml_by_default(apps):
    status, output, _ = apps.in_client_hook(lambda c: c.call(['goal-state']))
    assert (status, output.splitlines()[:2]) == (0, [b'relations:', b'  in:'])


def test_goal_state_leaves_out_peers_and_unrelated_applications():
    apps = TwoApps(related=False)
    apps.model.deploy('zk', ScriptedCharm(peers=['ring']), 2)
    apps.model.settle()
    contexts = apps.model.apps['zk'].charm.contexts
    apps.model.dispatch('zk/0', 'update-status')
    assert goal_state(contexts[-1])['relations'] == {}
    assert apps.in_client_hook(goal_state)['relations'] == {}


def test_goal_state_names_units_before_they_enter_the_relation(apps):
    apps.model.add_unit('server')
    assert named(apps) == ['server', 'server/0', 'server/1']
    assert listed(apps) == ['server/0']


def test_goal_state_names_units_without_agents_while_they_are_in_the_relation():
    apps = TwoApps(related=False)
    apps.model.settle()
    apps.relation = apps.model.add_relation({'client': 'in', 'other': 'out'})
    apps.enter('other/0', 'other/1')
    apps.run_due()
    apps.model.leave(apps.relation, 'other/1')
    assert named(apps) == ['other', 'other/0']
    assert listed(apps) == ['other/0', 'other/1']


def test_goal_state_leaves_out_a_force_removed_unit_that_is_still_listed():
    apps = TwoApps(units=(2, 1))
    apps.model.remove_unit('server/1', force=True)
    assert named(apps) == ['server', 'server/0']
    assert listed(apps) == ['server/0', 'server/1']


def test_goal_state_leaves_out_a_force_removed_relation(apps):
    apps.model.remove_relation(apps.relation, force=True)
    assert named(apps) == []


def test_goal_state_names_a_suspended_relation(apps):
    apps.model.suspend(apps.relation)
    apps.model.settle()
    assert named(apps) == ['server', 'server/0']


@pytest.mark.parametrize('release, name', [
    ('2.9', 'admin/other.server'), ('3.6', 'admin/other.server'), ('4.0', 'server')])
def test_goal_state_names_only_the_application_of_another_model(release, name):
    """recordings/4.0.15-controller-2/cross-model-consumer:42"""
    apps = TwoApps(release, related=False)
    apps.model.relate('client:in', 'server:out', offered_by='server')
    apps.model.settle()
    assert named(apps) == [name]
    apps.model.dispatch('server/0', 'update-status')
    assert goal_state(apps.server.contexts[-1])['relations'] == {}


def test_goal_state_merges_endpoints_of_the_same_name_on_both_sides():
    """From Juju's source."""
    apps = TwoApps(related=False)
    apps.model.settle()
    apps.model.add_relation({'client': 'in', 'server': 'out'})
    apps.model.add_relation({'client': 'more', 'other': 'in'})
    assert named(apps) == named(apps, 'more') == ['other', 'server', 'server/0']
