"""Force-removed relations and units that an agent still knows.

A docstring such as "47-51" names the recorded lines that show this behaviour, of
recordings/4.0.15-charms/ghosts.jsonl if no file is named. "agent 06:34" means line 34
of the file in recordings/4.0.15-agent whose name starts with 06.
"""
import pytest

from two_apps import TwoApps, exit_status, failure, query, relation_set

GET = ('relation-get', '-r', 'in:0')
DENIED = 'permission denied'
RELATION_GONE = {'2.9': DENIED, '3.6': DENIED,
                 '4.0': 'getting regular relation by key: relation not found'}


def force_removed(profile='4.0', read=True):
    """Applications whose relation was removed by force without notice to the client.

    :param read: the client has read server/0's data before
    """
    apps = TwoApps(profile, units=(1, 2))
    apps.server_writes('a=1')
    apps.settle_and_clear()
    if read:
        apps.in_client_hook(lambda c: query(c, *GET, 'a', 'server/0'))
    apps.model.remove_relation(apps.relation, force=True)
    return apps


def replaced():
    """Applications that are related again after their relation was force-removed."""
    apps = force_removed()
    apps.relation = apps.model.relate('server:out', 'client:in')
    apps.settle_and_clear()
    return apps


def write_in_all(context):
    """Write own data in all listed relations."""
    for relation_id in query(context, 'relation-ids', 'in'):
        relation_set(context, '-r', relation_id, 'b=1')


@pytest.mark.parametrize('profile', RELATION_GONE)
def test_relation_stays_listed_and_readable_and_runs_no_hook(profile):
    """26; agent 06:34"""
    apps = force_removed(profile)
    assert apps.model.settle() == []
    assert not apps.model.relations
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-ids', 'in'),
        lambda c: query(c, 'relation-list', '-r', 'in:0'),
        lambda c: query(c, *GET, 'a', 'server/0')) == [['in:0'], ['server/0'], '1']


@pytest.mark.parametrize('profile', RELATION_GONE)
def test_error_messages(profile):
    """4.0.15-controller/s13:1-2; agent 06d:28"""
    apps = force_removed(profile, read=False)
    own_app = DENIED + (' (unauthorized access)' if profile == '4.0' else '')
    assert apps.in_client_hook(
        lambda c: failure(c, *GET, '-', 'server/0'),
        lambda c: failure(c, *GET, '-', 'client/0'),
        lambda c: failure(c, *GET, '-', 'server', '--app'),
        lambda c: failure(c, *GET, '-', 'client', '--app'),
        lambda c: failure(c, 'relation-set', '-r', 'in:0', 'a=1'),
    ) == [(1, 'ERROR ' + message) for message in (
        RELATION_GONE[profile], DENIED, RELATION_GONE[profile], own_app,
        'cannot read relation settings: ' + DENIED)]


def test_restarted_agent_forgets_the_relation_without_a_hook():
    """31; agent 06:55"""
    apps = force_removed()
    apps.model.restart_agent('client/0')
    assert apps.model.settle() == []
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-ids', 'in'),
        lambda c: exit_status(c, 'relation-list', '-r', 'in:0')) == [[], 2]


def test_units_run_all_one_or_no_hooks_of_the_removal():
    """4.0.15-controller/s13:3-4: a unit runs one departed hook and nothing else."""
    apps = TwoApps(units=(2, 3))
    apps.enter('server/9')
    apps.model.remove_relation(apps.relation, force=True,
                               heard=['client/0'], begun=['client/1'])
    statuses = []
    apps.client.script = lambda c: statuses.append(
        exit_status(c, *GET, '-', c.unit.name))
    apps.model.dispatch('client/2', 'update-status')
    assert statuses.pop() == 1
    assert failure(apps.client.contexts[-1], *GET, '-', 'client/2') == (
        1, 'ERROR permission denied')
    assert apps.run_due('client/0') == [
        ('in-departed', 'server/0'), ('in-departed', 'server/1'), ('in-broken', '')]
    assert apps.run_due('client/1') == [('in-departed', 'server/0')]
    assert apps.run_due('client/2') == []
    assert statuses == [0, 0, 0, 1]
    assert apps.model.members('client/1', apps.relation) == ['server/1']
    assert not apps.model.relations


# Related again before the agent restarts.

def test_relation_and_its_replacement_are_both_listed():
    """47-51"""
    apps = replaced()
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-ids', 'in'),
        lambda c: query(c, *GET, 'a', 'server/0'),
        lambda c: query(c, 'relation-get', '-r', 'in:1', 'a', 'server/0')) == [
        ['in:0', 'in:1'], '1', None]
    apps.model.remove_unit('server/0', force=True, heard=apps.model.units)
    apps.model.settle()
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-list', '-r', 'in:0'),
        lambda c: query(c, 'relation-list', '-r', 'in:1')) == [['server/0'], []]


def test_own_data_are_those_of_the_replacement():
    apps = replaced()
    apps.in_client_hook(lambda c: relation_set(c, '-r', 'in:1', 'b=1'))
    assert apps.in_client_hook(lambda c: query(c, *GET, 'b', 'client/0')) == '1'
    apps.in_client_hook(lambda c: relation_set(c, '-r', 'in:0', 'b=2'))
    assert apps.client_data()['b'] == '2'


def test_own_data_are_refused_before_the_unit_enters_the_replacement():
    apps = force_removed()
    apps.model.relate('server:out', 'client:in')
    assert apps.in_client_hook(lambda c: failure(c, *GET, '-', 'client/0')) == (
        1, 'ERROR relation unit not found')


def test_hook_that_writes_own_data_in_both_fails_until_the_agent_restarts():
    """68-76"""
    apps = replaced()
    apps.client.script = write_in_all
    apps.enter('server/1')
    for attempt in 1, 2:
        run = apps.run_next()
        assert (run.hook.kind, run.attempt, run.status) == ('joined', attempt, 1)
        assert run.log[-1] == ('ERROR', 'cannot apply changes: relations: expected 2 '
                               'relations but found 1')
        assert 'b' not in apps.client_data()
    apps.model.restart_agent('client/0')
    assert apps.run_due() == [('in-joined', 'server/1'), ('in-changed', 'server/1')]
    assert apps.client_data()['b'] == '1'


@pytest.mark.parametrize('words, status', [
    (['client/0'], 1), (['server/0'], 0), (['client', '--app'], 0)])
def test_hook_that_reads_in_both_fails_only_for_own_unit_data(words, status):
    """From Juju's source for the application's data."""
    apps = replaced()
    apps.client.script = lambda c: [
        c.call(['relation-get', '-r', relation_id, '-', *words])
        for relation_id in ('in:0', 'in:1')] and None
    assert apps.model.dispatch('client/0', 'update-status').status == status


def test_config_changed_that_writes_in_both_is_committed():
    """59-63"""
    apps = replaced()
    apps.client.script = write_in_all
    assert apps.model.dispatch('client/0', 'config-changed').status == 0
    assert apps.client_data()['b'] == '1'


# Removed while a hook runs or has failed.

@pytest.mark.parametrize('hook', ['update-status', 'config-changed'])
@pytest.mark.parametrize('writes, status', [(True, 1), (False, 0)])
def test_relation_removed_during_a_hook_fails_it_if_it_wrote(writes, status, hook):
    """agent 06b:28"""
    apps = TwoApps('4.0')

    def script(context):
        if writes:
            relation_set(context, '-r', 'in:0', 'a=1')
        apps.model.remove_relation(apps.relation, force=True)

    apps.client.script = script
    run = apps.model.dispatch('client/0', hook)
    assert run.status == status
    assert run.log == [('ERROR', 'cannot apply changes: relations: expected 1 '
                        'relations but found 0')] * status


def test_failed_hook_is_retried_after_its_relation_was_removed():
    """agent 06d:28-31"""
    apps = TwoApps(units=(2, 1))
    apps.model.fail_next('client/0', '*-departed')
    apps.model.remove_relation(apps.relation)
    apps.run_next()
    apps.model.remove_relation(apps.relation, force=True)
    assert apps.run_due() == [('in-departed', 'server/0')]
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-list', '-r', 'in:0')) == ['server/1']


# Units.

def test_unit_stays_listed_and_readable_until_the_agent_restarts():
    """82-84"""
    apps = TwoApps(units=(2, 1))
    apps.server_writes('a=1', unit='server/1')
    apps.settle_and_clear()
    apps.model.remove_unit('server/1', force=True)
    apps.model.settle()
    assert apps.server.hooks() == apps.client.hooks() == []
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-list', '-r', 'in:0'),
        lambda c: query(c, *GET, 'a', 'server/1')) == [['server/0', 'server/1'], '1']
    apps.model.restart_agent('client/0')
    assert apps.run_due() == [('in-departed', 'server/1')]


def test_unit_departs_at_once_for_agents_that_notice():
    apps = TwoApps(units=(2, 2))
    apps.model.remove_unit('server/1', force=True, heard=['client/1'])
    assert apps.run_due('client/0') == []
    assert apps.run_due('client/1') == [('in-departed', 'server/1')]
