"""Which hooks run, in which order, and how failed hooks are retried or skipped.

test_recordings.py replays the files in recordings/4.0.15-agent, which show much more:
unit order (01), data (02, 04), retried and skipped hooks (07, 08). A docstring such as
"02:28" refers to a line of these files.
"""
import pytest

import juju_standin
from two_apps import ScriptedCharm, TwoApps, query, relation_set

JOINED = [('in-joined', 'server/0'), ('in-changed', 'server/0')]
JOINED_1 = [('in-joined', 'server/1'), ('in-changed', 'server/1')]


@pytest.mark.parametrize('related', [False, True])
def test_new_unit_runs_created_of_its_relations_after_install(related):
    apps = TwoApps(related=False)
    if related:
        apps.model.relate('client:in', 'server:out')
    apps.model.settle()
    assert apps.client.hooks() == [
        ('install', ''), *[('in-created', '')] * related, ('leader-elected', ''),
        ('config-changed', ''), ('start', ''), *JOINED * related]


def test_first_created_hook_lists_all_relations_and_can_write_to_each():
    """recordings/4.0.15-controller-2/six-clients-one-server"""
    apps, listed = TwoApps(related=False), []

    def script(context):
        if context.hook.kind == 'created' and not listed:
            listed.extend(query(context, 'relation-ids', 'in'))
            for relation_id in listed:
                relation_set(context, '-r', relation_id, 'a=1')

    apps.client.script = script
    relations = [apps.model.add_relation({'client': 'in', 'other{}'.format(i): 'out'})
                 for i in range(6)]
    apps.run_due()
    assert listed == ['in:{}'.format(number) for number in range(6)]
    assert [apps.model.unit_data(relation, 'client/0')['a']
            for relation in relations] == ['1'] * 6


@pytest.mark.parametrize('chosen', [False, True])
def test_one_unit_is_elected_and_another_after_its_removal(chosen):
    apps = TwoApps(units=(1, 2), related=False)
    if chosen:
        apps.model.set_leader('client/0')
    apps.model.settle()
    assert ('leader-elected', '') not in apps.client.hooks('client/1')
    apps.model.remove_unit('client/0')
    apps.model.settle()
    assert apps.client.hooks('client/1')[-1] == ('leader-elected', '')


def test_unit_that_becomes_leader_again_runs_leader_elected_again():
    """From Juju's source."""
    apps = TwoApps('4.0', units=(1, 2))
    for unit in 'client/1', 'client/0':
        apps.model.set_leader(unit)
        assert apps.run_due(unit) == [('leader-elected', '')]
        assert apps.run_due('client/0') == apps.run_due('client/1') == []


@pytest.mark.parametrize('release, hooks', [
    ('2.9', [('leader-settings-changed', '')]),
    ('3.6', [('leader-settings-changed', '')]), ('4.0', [])])
def test_unit_that_does_not_lead_runs_leader_settings_changed_before_juju_4(
        release, hooks):
    """From Juju's source: after install, after restarts and after leader-set."""
    apps = TwoApps(release, units=(1, 2), related=False)
    apps.model.settle()
    assert apps.client.hooks('client/1') == [
        ('install', ''), *hooks, ('config-changed', ''), ('start', '')]
    apps.model.restart_agent('client/1')
    assert apps.run_due('client/1') == hooks
    if hooks:
        for value in '1', '1', '2':
            apps.in_client_hook(lambda c: c.call(['leader-set', 'a=' + value]))
        assert apps.run_due('client/1') == hooks
    apps.model.restart_agent('client/0')
    assert apps.run_due('client/0') == []


def test_unit_that_stops_leading_runs_leader_settings_changed():
    """From Juju's source."""
    apps = TwoApps(units=(1, 2))
    apps.model.set_leader('client/1')
    assert apps.run_due('client/0') == [('leader-settings-changed', '')]


def test_dying_unit_leads_only_if_all_units_are_dying():
    """From Juju's source."""
    apps = TwoApps(units=(1, 2))
    apps.model.remove_unit('client/0')
    assert apps.model.leader('client') == 'client/1'
    apps.model.remove_unit('client/1')
    assert apps.model.leader('client') == 'client/0'


def test_unit_enters_relations_after_its_charm_raised_an_exception():
    apps = TwoApps(related=False)
    apps.model.settle()
    apps.client.script = lambda context: 1 / 0
    with pytest.raises(ZeroDivisionError):
        apps.model.dispatch('client/0', 'update-status')
    apps.client.script = lambda context: None
    apps.relate()
    assert apps.model.members('client/0', apps.relation) == ['server/0']


def test_config_change_and_upgrade_run_their_hooks(apps):
    apps.model.set_config('client', colour='blue')
    apps.model.settle()
    upgraded = ScriptedCharm(requires=['in'])
    apps.model.upgrade('client', upgraded)
    apps.model.settle()
    assert apps.client.hooks() == [('config-changed', '')]
    assert upgraded.hooks() == [('upgrade-charm', ''), ('config-changed', '')]
    assert query(upgraded.contexts[0], 'config-get', 'colour') == 'blue'


def test_upgrade_keeps_settings_that_fit_and_applies_new_defaults(apps):
    apps.client.config = {'colour': 'red', 'old': 1, 'size': 1, 'kept': 1}
    apps.model.set_config('client', old=2, size=2, kept=2)
    upgraded = ScriptedCharm(requires=['in'])
    upgraded.config = {'colour': 'green', 'size': 'large', 'kept': 1, 'new': 3}
    upgraded.option_types = {'size': 'string'}
    apps.model.upgrade('client', upgraded)
    apps.model.settle()
    assert query(upgraded.contexts[0], 'config-get') == {
        'colour': 'green', 'size': 'large', 'kept': 2, 'new': 3}


def test_relation_runs_created_joined_changed_departed_broken():
    apps = TwoApps(units=(2, 1), related=False)
    apps.settle_and_clear()
    listed = []
    apps.client.script = lambda c: listed.append(
        query(c, 'relation-list', '-r', 'in:0'))
    relation = apps.model.relate('client:in', 'server:out')
    apps.model.settle()
    apps.model.remove_relation(relation)
    apps.model.settle()
    assert apps.client.hooks() == [
        ('in-created', ''), *JOINED, *JOINED_1, ('in-departed', 'server/0'),
        ('in-departed', 'server/1'), ('in-broken', '')]
    assert not apps.model.relations
    # the joined units and the unit of the hook
    one, both = ['server/0'], ['server/0', 'server/1']
    assert listed == [[], one, one, both, both, ['server/1'], [], []]


def test_relation_has_only_one_due_hook(apps):
    apps.enter('server/1', 'server/2')
    apps.server_writes('a=1')
    apps.model.set_app_data(apps.relation, 'server', a='1')
    assert [str(hook) for hook in apps.model.pending('client/0')] == [
        'in-relation-changed (server)']


def test_other_hooks_can_run_between_joined_and_changed():
    apps = TwoApps(units=(2, 1), related=False)
    apps.model.settle()
    apps.model.relate('client:in', 'server:out')
    for kind in 'created', 'joined':
        assert apps.run_next().hook.kind == kind
    apps.model.relate('client:more', 'server:out')
    apps.model.set_config('client', colour='blue')
    due = apps.model.pending('client/0')
    assert [(hook.kind, hook.relation_id, hook.remote_unit) for hook in due] == [
        ('config-changed', None, ''), ('changed', 'in:0', 'server/0'),
        ('created', 'more:1', '')]


def test_application_data_changes_run_changed_without_a_unit(apps):
    apps.model.set_app_data(apps.relation, 'server', a='1')
    apps.model.settle()
    assert apps.client.hooks() == [('in-changed', '')]
    env = apps.client.contexts[0].env
    assert (env['JUJU_REMOTE_UNIT'], env['JUJU_REMOTE_APP']) == ('', 'server')
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-get', '-r', 'in:0', '--app', '-', 'server')
    ) == {'a': '1'}


@pytest.mark.parametrize('release, second, hooks', [
    ('3.6', 'a=2', [JOINED[1]]), ('2.9', 'a=', [JOINED[1]]),
    ('3.6', 'a=', [JOINED[1]]), ('4.0', 'a=', [])])
def test_two_changes_run_one_changed_or_none_in_juju_4_if_undone(
        release, second, hooks):
    """02:28-38"""
    apps = TwoApps(release)
    apps.server_writes('a=1')
    apps.server_writes(second)
    assert apps.run_due() == hooks


def test_unit_that_leaves_before_its_joined_runs_no_hook(apps):
    unit = apps.model.add_unit('server').name
    for hook in 'install', 'out-relation-created':
        assert apps.run_next(unit).hook.name == hook
    assert apps.model.pending('client/0')[0].remote_unit == unit
    apps.model.remove_unit(unit)
    while unit in apps.model.units:
        apps.run_next(unit)
    apps.model.settle()
    assert apps.client.hooks() == []


def test_unit_that_leaves_after_its_joined_still_runs_changed(apps):
    unit = apps.model.add_unit('server').name
    while not apps.model.pending('client/0'):
        apps.run_next(unit)
    apps.run_next()
    apps.model.remove_unit(unit, force=True, noticed_by=['client/0'])
    apps.model.settle()
    assert apps.client.hooks() == JOINED_1 + [('in-departed', 'server/1')]


def test_seed_determines_the_order():
    def history(seed):
        apps = TwoApps(seed=seed, units=(3, 3), related=False)
        apps.model.relate('client:in', 'server:out')
        return [(run.unit, str(run.hook)) for run in apps.model.settle()]

    assert history(1) == history(1)
    assert len({tuple(history(seed)) for seed in range(5)}) == 5


SEEDS = range(30)


def relation_hooks_in_random_order(seed):
    """Each client's hooks in a relation that is removed after some random hooks."""
    apps = TwoApps(seed=seed, units=(3, 2), related=False)
    model = apps.model
    relation = model.relate('client:in', 'server:out')
    for _ in range(seed):
        model.step()
    model.remove_unit('server/1', force=bool(seed % 2), noticed_by=model.units)
    model.add_unit('server')
    model.step()
    model.remove_relation(relation)
    model.settle()
    assert not model.relations
    return [[hook for hook in apps.client.hooks(client) if hook[0].startswith('in-')]
            for client in ('client/0', 'client/1')]


@pytest.mark.parametrize('seed', SEEDS)
def test_random_order_keeps_the_order_of_joined_changed_departed(seed):
    for hooks in relation_hooks_in_random_order(seed):
        assert hooks[:1] in ([], [('in-created', '')], [('in-broken', '')])
        assert hooks[-1:] in ([], [('in-broken', '')])
        for server in {unit for _, unit in hooks if unit}:
            assert [name for name, unit in hooks if unit == server] == [
                'in-joined', 'in-changed', 'in-departed']


def test_random_orders_contain_hooks_of_each_kind():
    found = [hooks for seed in SEEDS for hooks in relation_hooks_in_random_order(seed)
             if hooks]
    assert len(found) > len(SEEDS)
    assert {name for hooks in found for name, _ in hooks} == {
        'in-created', 'in-joined', 'in-changed', 'in-departed', 'in-broken'}


@pytest.mark.parametrize('late', [True, False], ids=['after it ran', 'before it runs'])
def test_failed_hook_is_retried(apps, late):
    apps.server.script = lambda c: relation_set(c, '-r', 'out:0', 'a=1')
    apps.model.fail_next('server/0', 'update-*', late=late)
    assert apps.model.dispatch('server/0', 'update-status').status == 1
    assert len(apps.server.contexts) == late
    assert 'a' not in apps.server_data()
    assert apps.model.resolve('server/0').status == 0
    assert apps.server_data()['a'] == '1'


def test_settle_raises_if_a_hook_always_fails(apps):
    apps.client.script = lambda c: c.call(['juju-log', 'no way']) and 1
    apps.server_writes('a=1')
    with pytest.raises(juju_standin.HookFailed,
                       match='in-relation-changed.*\nINFO: no'):
        apps.model.settle()


def test_skipped_departed_never_runs_and_its_unit_stays_listed():
    apps = TwoApps(units=(2, 1))
    apps.model.fail_next('client/0', '*-departed', late=False)
    apps.model.remove_unit('server/1')
    while not apps.model.unit('client/0').failed:
        apps.model.step()
    apps.model.resolve('client/0', retry=False)
    apps.model.settle()
    assert apps.client.hooks() == []
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-list', '-r', 'in:0')) == ['server/0']


def test_unit_in_error_does_not_enter_new_relations():
    """From Juju's source."""
    apps = TwoApps(related=False)
    apps.model.settle()
    apps.model.fail_next('client/0', 'update-status')
    apps.model.dispatch('client/0', 'update-status')
    relation = apps.model.relate('client:in', 'server:out')
    assert apps.run_due('server/0') == [('out-created', '')]
    assert relation.units == {'server/0'}
    apps.model.resolve('client/0')
    assert apps.run_due()[0] == ('in-created', '')
