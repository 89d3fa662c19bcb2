"""Force-removed relations and units that an agent still knows.

test_recordings.py replays more cases: recordings/4.0.15-charms/force-removed.jsonl, and
the files 06 in recordings/4.0.15-agent. A docstring such as "agent 06d:28" refers to a
line of these files.
"""
import pytest

from two_apps import TwoApps, exit_status, failure, query, relation_set

GET = ('relation-get', '-r', 'in:0')
DENIED = 'permission denied'
RELATION_GONE = {'2.9': DENIED, '3.6': DENIED,
                 '4.0': 'getting regular relation by key: relation not found'}


def force_removed(release='4.0'):
    """Applications whose relation was force-removed; no agent has noticed."""
    apps = TwoApps(release, units=(1, 2))
    apps.model.remove_relation(apps.relation, force=True)
    return apps


def replaced(release='4.0'):
    """Applications that are related again after their relation was force-removed."""
    apps = force_removed(release)
    apps.relation = apps.model.relate('server:out', 'client:in')
    apps.settle_and_clear()
    return apps


@pytest.mark.parametrize('release', RELATION_GONE)
def test_tools_print_jujus_errors_for_force_removed_relation(release):
    """4.0.15-controller/s13:1-2; agent 06d:28"""
    apps = force_removed(release)
    own_app = DENIED + (' (unauthorized access)' if release == '4.0' else '')
    assert apps.in_client_hook(
        lambda c: failure(c, *GET, '-', 'server/0'),
        lambda c: failure(c, *GET, '-', 'client/0'),
        lambda c: failure(c, *GET, '-', 'server', '--app'),
        lambda c: failure(c, *GET, '-', 'client', '--app'),
        lambda c: failure(c, 'relation-set', '-r', 'in:0', 'a=1'),
    ) == [(1, 'ERROR ' + message) for message in (
        RELATION_GONE[release], DENIED, RELATION_GONE[release], own_app,
        'cannot read relation settings: ' + DENIED)]


def test_units_run_all_one_or_no_hooks_of_the_removal():
    """4.0.15-controller/s13:3-4: a unit runs one departed hook and nothing else."""
    apps = TwoApps(units=(2, 3))
    apps.enter('server/9')
    apps.model.remove_relation(apps.relation, force=True,
                               noticed_by=['client/0'], started_by=['client/1'])
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


def test_started_by_matters_only_for_a_forced_removal(apps):
    apps.model.remove_relation(apps.relation, started_by=['client/0'])
    apps.model.remove_relation(apps.relation, force=True)
    assert apps.run_due() == []


@pytest.mark.parametrize('kind', ['created', 'joined'])
def test_agent_finishes_the_hook_that_it_had_started_before_the_forced_removal(kind):
    apps = TwoApps('4.0', related=False)
    apps.model.settle()
    relation = apps.model.relate('server:out', 'client:in')
    while apps.model.pending('client/0')[0].kind != kind:
        apps.run_next()
    apps.model.remove_relation(relation, force=True, started_by=['client/0'])
    apps.clear_hooks()
    statuses = []
    apps.client.script = lambda c: statuses.append(
        exit_status(c, *GET, '-', 'client/0'))
    assert [hook for hook, _ in apps.run_due()] == ['in-' + kind]
    assert statuses == [1]


def test_own_data_in_force_removed_relation_are_those_of_its_replacement():
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


@pytest.mark.parametrize('release, words, status', [
    ('4.0', ['client/0'], 1), ('4.0', ['server/0'], 0), ('4.0', ['client', '--app'], 0),
    ('3.6', ['client/0'], 0), ('2.9', ['client/0'], 0)])
def test_hook_that_reads_own_unit_data_in_both_relations_fails_in_juju_4(
        release, words, status):
    """The case of application data, and the other releases, follow Juju's source."""
    apps = replaced(release)
    apps.client.script = lambda c: [
        c.call(['relation-get', '-r', relation_id, '-', *words])
        for relation_id in ('in:0', 'in:1')] and None
    assert apps.model.dispatch('client/0', 'update-status').status == status


@pytest.mark.parametrize('release', ['2.9', '3.6'])
def test_writes_in_both_relations_are_committed_before_juju_4(release):
    """From Juju's source."""
    apps = replaced(release)
    apps.in_client_hook(lambda c: relation_set(c, '-r', 'in:0', 'a=0', 'b=0'))
    apps.in_client_hook(lambda c: relation_set(c, '-r', 'in:0', 'a=1'),
                        lambda c: relation_set(c, '-r', 'in:1', 'b=1'))
    data = apps.client_data()
    assert (data['a'], data['b']) == ('1', '1')


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


def test_unit_departs_at_once_for_agents_that_notice():
    apps = TwoApps(units=(2, 2))
    apps.model.remove_unit('server/1', force=True, noticed_by=['client/1'])
    assert apps.run_due('client/0') == []
    assert apps.run_due('client/1') == [('in-departed', 'server/1')]
