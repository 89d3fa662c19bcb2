"""Removed and suspended relations, removed units, and restarted agents.

A docstring such as "05:39" names the recorded lines that show this behaviour: line 39
of the file in recordings/4.0.15-agent whose name starts with 05.
"""
import pickle

import pytest

from juju_standin import PROFILES
from two_apps import TwoApps, exit_status, query, relation_set

JOINED = [('in-joined', 'server/0'), ('in-changed', 'server/0')]
BROKEN = [('in-departed', 'server/0'), ('in-broken', '')]


def list_relations(context):
    return query(context, 'relation-ids', 'in')


# Relations.

def test_relation_added_and_removed_unnoticed_runs_no_hook():
    apps = TwoApps(related=False)
    apps.model.settle()
    apps.model.remove_relation(apps.model.relate('client:in', 'server:out'))
    assert apps.run_due() == []


def test_relation_removed_before_created_runs_only_broken():
    apps = TwoApps(related=False)
    apps.model.settle()
    relation = apps.model.relate('client:in', 'server:out')
    apps.model.pending('client/0')
    apps.model.remove_relation(relation)
    assert apps.run_due() == [('in-broken', '')]


@pytest.mark.parametrize('kind, hooks', [
    ('created', BROKEN[1:]), ('joined', JOINED[1:] + BROKEN)])
def test_relation_removed_during_a_hook_runs_these_hooks(kind, hooks):
    apps = TwoApps(related=False)
    apps.model.settle()
    relation = apps.model.relate('client:in', 'server:out')
    apps.client.script = lambda c: (
        apps.model.remove_relation(relation) if c.hook.kind == kind else None)
    assert apps.run_due()[-len(hooks):] == hooks


@pytest.mark.parametrize('profile', PROFILES)
def test_dying_relation_is_listed_until_broken_has_run(profile):
    """05:39"""
    apps, listed = TwoApps(profile), []
    apps.model.remove_relation(apps.relation)
    assert apps.model.relations
    apps.client.script = lambda c: listed.append(list_relations(c))
    assert apps.run_due() == BROKEN
    assert listed == [['in:0']] * 2
    assert apps.in_client_hook(list_relations) == []


@pytest.mark.parametrize('profile, created', [
    ('3.6', []), ('4.0', [('in-created', '')])])
def test_resumed_relation_runs_created_again_in_juju_4(profile, created):
    """13:17-35"""
    apps, listed = TwoApps(profile), []
    apps.model.suspend(apps.relation)
    apps.client.script = lambda c: listed.append(list_relations(c))
    assert apps.run_due() == BROKEN
    assert listed == [['in:0'], []]
    assert apps.in_client_hook(
        lambda c: exit_status(c, 'relation-list', '-r', 'in:0')) == 2
    apps.run_due('server/0')
    apps.model.resume(apps.relation)
    apps.client.script = lambda c: None
    assert apps.run_due() == created + JOINED
    assert 'in:0' in {c.hook.relation_id for c in apps.client.contexts[-2:]}


# Units.

def test_removed_unit_departs_when_it_has_run_broken():
    """11:42-52"""
    apps = TwoApps(units=(2, 1))
    apps.model.remove_unit('server/1')
    assert apps.run_due() == []
    apps.run_next('server/1')
    assert apps.run_due() == []
    apps.run_next('server/1')
    assert apps.run_due() == [('in-departed', 'server/1')]
    assert [hook.kind for hook in apps.model.pending('server/1')] == ['stop']


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


# Restarts of the agent.

def test_restarted_agent_reads_new_data_and_runs_missed_hooks(apps):
    """09:39-52, 10:44-52"""
    def read(context):
        return query(context, 'relation-get', '-r', 'in:0', 'a', 'server/0')

    assert apps.in_client_hook(read) is None
    apps.server_writes('a=1')
    apps.enter('server/1')
    assert apps.in_client_hook(read) is None
    apps.model.restart_agent('client/0')
    assert apps.in_client_hook(read) == '1'
    assert apps.run_due() == [('in-joined', 'server/1'), ('in-changed', 'server/1'),
                              ('in-changed', 'server/0')]


def test_restarted_agent_forgets_the_application_of_a_dying_relation(apps):
    """05b:31-34"""
    apps.model.fail_next('client/0', '*-departed')
    apps.model.remove_relation(apps.relation)
    apps.run_next()
    apps.model.restart_agent('client/0')
    found = []
    apps.client.script = lambda c: found.append((
        list_relations(c), c.env['JUJU_REMOTE_APP'],
        c.call(['relation-get', '--format=json'])[::2]))
    assert apps.run_due() == BROKEN
    assert found == [
        (['in:0'], 'server', (0, b'')),
        ([], '', (2, b'ERROR no unit or application specified\n'))]


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
    assert (run.status, run.log) == (1, [('ERROR', 'its agent ended before it did')])
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
    for owner in [*apps.model.apps.values(), *apps.model.units.values()]:
        owner.charm = None
    copy = pickle.loads(pickle.dumps(apps.model))
    assert copy.pending('client/0') == apps.model.pending('client/0') == []
    assert copy.unit('client/0').known[0].ghost
