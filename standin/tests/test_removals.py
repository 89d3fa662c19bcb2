"""Removed and suspended relations, removed units, and restarted agents.

test_recordings.py replays the files in recordings/4.0.15-agent, which show much more:
removed relations (05), restarts (05b, 09, 10), removed units (11) and suspended
relations (13). A docstring such as "13:17" refers to a line of these files.
"""
import pickle
from types import SimpleNamespace

import pytest

from two_apps import TwoApps, exit_status, query, relation_set

JOINED = [('in-joined', 'server/0'), ('in-changed', 'server/0')]
LIST_AND_READ = (
    lambda c: query(c, 'relation-list', '-r', 'in:0'),
    lambda c: query(c, 'relation-get', '-r', 'in:0', 'a', 'server/1'))
BROKEN = [('in-departed', 'server/0'), ('in-broken', '')]


@pytest.mark.parametrize('noticed, hooks', [(False, []), (True, BROKEN[1:])])
def test_relation_removed_before_created_runs_only_broken_if_noticed(noticed, hooks):
    apps = TwoApps(related=False)
    apps.model.settle()
    relation = apps.model.relate('client:in', 'server:out')
    if noticed:
        apps.model.pending('client/0')
    apps.model.remove_relation(relation)
    assert apps.run_due() == hooks


@pytest.mark.parametrize('kind, hooks', [
    ('created', BROKEN[1:]), ('joined', JOINED[1:] + BROKEN)])
def test_relation_removed_in_created_or_joined_runs_the_remaining_hooks(kind, hooks):
    apps = TwoApps(related=False)
    apps.model.settle()
    relation = apps.model.relate('client:in', 'server:out')
    apps.client.script = lambda c: (
        apps.model.remove_relation(relation) if c.hook.kind == kind else None)
    assert apps.run_due()[-len(hooks):] == hooks


@pytest.mark.parametrize('release, created, listed_in_broken', [
    ('2.9', [], ['in:0']), ('3.6', [], []), ('4.0', [('in-created', '')], [])])
def test_resumed_relation_runs_created_again_in_juju_4(release, created,
                                                       listed_in_broken):
    """13:17-35"""
    apps, listed = TwoApps(release), []
    apps.model.suspend(apps.relation)
    apps.client.script = lambda c: listed.append(query(c, 'relation-ids', 'in'))
    assert apps.run_due() == BROKEN
    assert listed == [['in:0'], listed_in_broken]
    assert apps.in_client_hook(
        lambda c: exit_status(c, 'relation-list', '-r', 'in:0')) == 2
    apps.run_due('server/0')
    apps.model.resume(apps.relation)
    apps.client.script = lambda c: None
    assert apps.run_due() == created + JOINED
    assert 'in:0' in {c.hook.relation_id for c in apps.client.contexts[-2:]}


def test_removed_unit_is_the_departing_unit_on_both_sides():
    apps = TwoApps(units=(2, 2))
    apps.model.remove_unit('server/1')
    apps.model.settle()
    assert apps.server.hooks('server/1') == [
        ('out-departed', 'client/0'), ('out-departed', 'client/1'),
        ('out-broken', ''), ('stop', ''), ('remove', '')]
    departing = {c.env.get('JUJU_DEPARTING_UNIT')
                 for charm in (apps.server, apps.client) for c in charm.contexts
                 if c.hook.kind == 'departed'}
    assert departing == {'server/1'}
    assert apps.client.hooks('client/0') == [('in-departed', 'server/1')]
    assert 'server/1' not in apps.model.units


def test_force_removed_unit_is_listed_and_readable_until_the_agent_restarts():
    """recordings/4.0.15-controller-2/remove-unit-force-3"""
    apps = TwoApps(units=(2, 1))
    apps.server_writes('a=1', unit='server/1')
    apps.settle_and_clear()
    apps.model.remove_unit('server/1', force=True)
    assert apps.run_due() == []
    assert apps.in_client_hook(*LIST_AND_READ) == [
        ['server/0', 'server/1'], '1']
    apps.model.restart_agent('client/0')
    assert apps.run_due() == [('in-departed', 'server/1')]
    assert apps.in_client_hook(*LIST_AND_READ)[0] == ['server/0']


def test_units_removed_in_another_model_are_listed_until_the_agent_restarts():
    """recordings/4.0.15-controller-2/cross-model-consumer and cross-model-offer"""
    apps = TwoApps(units=(2, 2), related=False)
    apps.model.settle()
    apps.relation = apps.model.relate('client:in', 'server:out', offered_by='server')
    apps.model.settle()
    for removed, remaining in ('server/1', 'client/0'), ('client/1', 'server/0'):
        apps.model.remove_unit(removed)
        apps.settle_and_clear()
        assert removed not in apps.model.units
        assert removed in apps.model.members(remaining, apps.relation)
        apps.model.restart_agent(remaining)
        assert [hook for hook, unit in apps.run_due(remaining) if unit == removed] == [
            '{}-departed'.format(apps.relation.endpoints[remaining[:-2]])]


def test_unwatched_relation_runs_only_created_until_the_agent_restarts():
    """Seen in Juju 4.0.15; the recordings do not contain it."""
    apps = TwoApps()
    apps.model.remove_relation(apps.relation)
    apps.settle_and_clear()
    apps.relation = apps.model.relate('server:out', 'client:in',
                                      unwatched_by=['client/0'])
    assert apps.run_due('server/0') == [
        ('out-created', ''), ('out-joined', 'client/0'), ('out-changed', 'client/0')]
    apps.model.set_app_data(apps.relation, 'server', a='1')
    assert apps.run_due() == [('in-created', '')]
    listed, read, named = apps.in_client_hook(
        lambda c: query(c, 'relation-list', '-r', 'in:1'),
        lambda c: query(c, 'relation-get', '-r', 'in:1', 'ingress-address', 'server/0'),
        lambda c: query(c, 'goal-state')['relations']['in'].keys())
    assert (listed, read, set(named)) == ([], '10.0.0.1', {'server', 'server/0'})
    apps.model.restart_agent('client/0')
    assert apps.run_due() == [('in-changed', ''), *JOINED]


def test_unwatched_relation_that_is_removed_runs_broken(apps):
    apps.model.remove_relation(apps.relation)
    apps.settle_and_clear()
    relation = apps.model.relate('server:out', 'client:in', unwatched_by=['client/0'])
    apps.run_due()
    apps.model.remove_relation(relation)
    assert apps.run_due() == [('in-broken', '')]


def test_restarted_agent_skips_created_of_entered_relations():
    """From Juju's source."""
    apps = TwoApps(related=False)
    apps.model.settle()
    apps.model.relate('client:in', 'server:out')
    apps.model.pending('client/0')
    apps.model.restart_agent('client/0')
    assert apps.run_due() == JOINED


def test_restart_kills_the_running_hook(apps):
    """09:20-29"""
    apps.server_writes('a=1')
    apps.client.script = lambda c: (relation_set(c, 'b=1'),
                                    apps.model.restart_agent('client/0')) and 0
    run = apps.run_next()
    assert (run.status, run.log) == (1, [('ERROR', 'the agent ended before the hook')])
    assert 'b' not in apps.client_data()
    apps.client.script = lambda c: None
    assert apps.run_due() == [JOINED[1]]


def test_failed_hook_of_a_forgotten_relation_counts_as_run(apps):
    """From Juju's source. In 06b:33 the unit is still in error after the restart."""
    apps.model.fail_next('client/0', '*-departed')
    apps.model.remove_relation(apps.relation)
    apps.run_next()
    apps.model.remove_relation(apps.relation, force=True)
    apps.model.restart_agent('client/0')
    assert apps.model.unit('client/0').failed
    apps.clear_hooks()
    assert apps.model.resolve('client/0').status == 0
    assert apps.client.contexts == []
    assert apps.model.unit('client/0').failed is None


def test_model_with_a_force_removed_relation_can_be_pickled():
    apps = TwoApps(units=(2, 2))
    apps.model.remove_relation(apps.relation, force=True)
    charm = SimpleNamespace(config=apps.client.config)
    for owner in [*apps.model.apps.values(), *apps.model.units.values()]:
        owner.charm = charm
    copy = pickle.loads(pickle.dumps(apps.model))
    assert copy.pending('client/0') == apps.model.pending('client/0') == []
    assert copy.unit('client/0').local_relations[0].force_removed
