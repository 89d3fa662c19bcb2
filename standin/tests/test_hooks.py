"""Which hooks run, in which order, and what happens after a failed one.

A docstring such as "01:28-46" names the recorded lines that show this behaviour: lines
28 to 46 of the file in recordings/4.0.15-agent whose name starts with 01.
"""
import random

import pytest

import juju_standin
from two_apps import RecordingCharm, TwoApps, exit_status, query, relation_set

JOINED = [('in-joined', 'server/0'), ('in-changed', 'server/0')]
JOINED_1 = [('in-joined', 'server/1'), ('in-changed', 'server/1')]


def test_new_unit_runs_install_leader_elected_config_changed_start():
    apps = TwoApps(related=False)
    apps.model.settle()
    assert apps.client.hooks() == [(name, '') for name in (
        'install', 'leader-elected', 'config-changed', 'start')]


def test_one_unit_is_elected_and_another_after_its_removal():
    apps = TwoApps(units=(1, 2), related=False)
    apps.model.settle()
    assert ('leader-elected', '') not in apps.client.hooks('client/1')
    apps.model.remove_unit('client/0')
    apps.model.settle()
    assert apps.client.hooks('client/1')[-1] == ('leader-elected', '')


def test_unit_that_becomes_leader_again_runs_leader_elected_again():
    """From Juju's source."""
    apps = TwoApps(units=(1, 2))
    for unit in 'client/1', 'client/0':
        apps.model.lead(unit)
        assert apps.run_due(unit) == [('leader-elected', '')]
        assert apps.run_due('client/0') == apps.run_due('client/1') == []


def test_dying_unit_leads_only_if_all_units_are_dying():
    """From Juju's source."""
    apps = TwoApps(units=(1, 2))
    apps.model.remove_unit('client/0')
    assert apps.model.leader('client') == 'client/1'
    apps.model.remove_unit('client/1')
    assert apps.model.leader('client') == 'client/0'


def test_config_change_and_upgrade_run_their_hooks(apps):
    apps.model.set_config('client', colour='blue')
    apps.model.settle()
    upgraded = RecordingCharm(requires=['in'])
    apps.model.upgrade('client', upgraded)
    apps.model.settle()
    assert apps.client.hooks() == [('config-changed', '')]
    assert upgraded.hooks() == [('upgrade-charm', ''), ('config-changed', '')]
    assert query(upgraded.contexts[0], 'config-get', 'colour') == 'blue'


# The hooks of a relation.

def test_relation_runs_created_joined_changed_departed_broken():
    apps = TwoApps(units=(2, 1), related=False)
    apps.settle_and_clear()
    relation = apps.model.relate('client:in', 'server:out')
    apps.model.settle()
    apps.model.remove_relation(relation)
    apps.model.settle()
    assert apps.client.hooks() == [
        ('in-created', ''), *JOINED, *JOINED_1, ('in-departed', 'server/0'),
        ('in-departed', 'server/1'), ('in-broken', '')]
    assert not apps.model.relations


def test_relations_added_before_install_run_created_before_start():
    apps = TwoApps(related=False)
    apps.model.relate('client:in', 'server:out')
    apps.model.settle()
    assert apps.client.hooks()[:6] == [
        ('install', ''), ('in-created', ''), ('leader-elected', ''),
        ('config-changed', ''), ('start', ''), ('in-joined', 'server/0')]


def test_units_join_in_text_order(apps):
    """01:28-46"""
    apps.enter('server/2', 'server/10')
    assert [unit for name, unit in apps.run_due() if name == 'in-joined'] == [
        'server/10', 'server/2']


def test_relation_has_only_one_due_hook(apps):
    apps.enter('server/1', 'server/2')
    apps.server_writes('a=1')
    apps.model.set_app_data(apps.relation, 'server', a='1')
    assert [str(hook) for hook in apps.model.pending('client/0')] == [
        'in-relation-changed (server)']


def test_departed_runs_before_application_changed_joined_and_changed(apps):
    """04:35-43"""
    apps.enter('server/1')
    apps.run_due()
    apps.server_writes('a=1')
    apps.model.set_app_data(apps.relation, 'server', a='1')
    apps.model.leave(apps.relation, 'server/1')
    apps.enter('server/2')
    assert apps.run_due() == [
        ('in-departed', 'server/1'), ('in-changed', ''), ('in-joined', 'server/2'),
        ('in-changed', 'server/2'), ('in-changed', 'server/0')]


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


# Changes that coalesce.

def test_two_changes_run_one_changed(apps):
    apps.server_writes('a=1')
    apps.server_writes('a=2')
    apps.model.settle()
    assert apps.client.hooks() == [('in-changed', 'server/0')]


@pytest.mark.parametrize('profile, hooks', [
    ('2.9', [JOINED[1]]), ('3.6', [JOINED[1]]), ('4.0', [])])
def test_data_changed_and_changed_back_run_changed_before_juju_4(profile, hooks):
    """02:28-38"""
    apps = TwoApps(profile)
    apps.server_writes('a=1')
    apps.server_writes('a=')
    assert apps.run_due() == hooks


def test_change_during_its_changed_hook_runs_the_hook_again(apps):
    """02:55-64"""
    read = []

    def script(context):
        if not read:
            apps.model.write(apps.relation.bags['server/0'], {'a': '2'})
        read.append(query(context, 'relation-get', 'a'))

    apps.server_writes('a=1')
    apps.client.script = script
    assert apps.run_due() == [JOINED[1]] * 2
    assert read == ['2', '2']


def test_unit_that_left_and_came_back_runs_only_changed(apps):
    """02:43-51"""
    apps.enter('server/1')
    apps.run_due()
    apps.model.leave(apps.relation, 'server/1')
    apps.enter('server/1', a='2')
    assert apps.run_due() == [('in-changed', 'server/1')]


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
    apps.model.remove_unit(unit, force=True, heard=['client/0'])
    apps.model.settle()
    assert apps.client.hooks() == JOINED_1 + [('in-departed', 'server/1')]


# Random order.

def test_seed_determines_the_order():
    def history(seed):
        apps = TwoApps(seed=seed, units=(3, 3), related=False)
        apps.model.relate('client:in', 'server:out')
        return [(run.unit, str(run.hook)) for run in apps.model.settle()]

    assert history(1) == history(1) == history(random.Random(1))
    assert len({tuple(history(seed)) for seed in range(5)}) == 5


def test_random_order_keeps_joined_changed_departed():
    for seed in range(30):
        apps = TwoApps(seed=seed, units=(3, 2), related=False)
        model = apps.model
        relation = model.relate('client:in', 'server:out')
        for _ in range(seed):
            model.step()
        model.remove_unit('server/1', force=bool(seed % 2), heard=model.units)
        model.add_unit('server')
        model.step()
        model.remove_relation(relation)
        model.settle()
        assert not model.relations
        for client in 'client/0', 'client/1':
            hooks = [hook for hook in apps.client.hooks(client)
                     if hook[0].startswith('in-')]
            if hooks:
                assert hooks[0] in (('in-created', ''), ('in-broken', ''))
                assert hooks[-1] == ('in-broken', '')
            for server in {unit for _, unit in hooks if unit}:
                assert [name for name, unit in hooks if unit == server] == [
                    'in-joined', 'in-changed', 'in-departed']


# Failed hooks.

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


@pytest.mark.parametrize('hook, hooks', [
    ('in-relation-joined', JOINED_1), ('in-relation-changed', JOINED_1[1:])])
def test_failed_hook_is_retried_after_its_unit_left(apps, hook, hooks):
    """07b:19-29, 07b:48-60"""
    apps.enter('server/1', a='1')
    apps.model.fail_next('client/0', hook)
    apps.run_until_failed()
    apps.model.leave(apps.relation, 'server/1')
    listed, read = [], []

    def script(context):
        listed.append(query(context, 'relation-list'))
        read.append(query(context, 'relation-get', 'a', 'server/1'))

    apps.client.script = script
    assert apps.run_due() == hooks + [('in-departed', 'server/1')]
    assert listed[0] == ['server/0', 'server/1']
    assert listed[-1] == ['server/0']
    assert set(read) == {'1'}


def test_failed_departed_is_retried_after_its_unit_came_back(apps):
    """08:34-47"""
    apps.model.fail_next('client/0', '*-departed')
    apps.model.leave(apps.relation, 'server/0')
    apps.run_next()
    apps.enter('server/0', a='2')
    assert apps.run_due() == [('in-departed', 'server/0')] + JOINED


def test_skipped_joined_is_followed_by_changed(apps):
    """07b:34-44"""
    apps.enter('server/1')
    apps.model.fail_next('client/0', '*-joined')
    apps.run_next()
    apps.model.leave(apps.relation, 'server/1')
    apps.model.resolve('client/0', retry=False)
    assert apps.run_due() == [('in-changed', 'server/1'), ('in-departed', 'server/1')]


def test_skipped_departed_never_runs():
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


def test_unit_leaves_the_relation_even_if_broken_is_skipped(apps):
    """08:54-63"""
    apps.model.fail_next('client/0', '*-broken')
    apps.model.remove_relation(apps.relation)
    apps.run_until_failed()
    assert 'client/0' in apps.relation.scope
    apps.model.resolve('client/0', retry=False)
    assert 'client/0' not in apps.relation.scope
    assert apps.in_client_hook(lambda c: query(c, 'relation-ids', 'in')) == []


def test_unit_in_error_does_not_enter_new_relations():
    """From Juju's source."""
    apps = TwoApps(related=False)
    apps.model.settle()
    apps.model.fail_next('client/0', 'update-status')
    apps.model.dispatch('client/0', 'update-status')
    relation = apps.model.relate('client:in', 'server:out')
    assert apps.run_due('server/0') == [('out-created', '')]
    assert relation.scope == {'server/0'}
    apps.model.resolve('client/0')
    assert apps.run_due()[0] == ('in-created', '')


def test_invalid_commands_raise_value_error(apps):
    with pytest.raises(ValueError, match='do not fit'):
        apps.model.relate('server:out', 'client:out')
    with pytest.raises(ValueError, match='still related'):
        apps.model.relate('server:out', 'client:in')
    with pytest.raises(ValueError, match='not due'):
        apps.model.run('client/0', juju_standin.Hook('install', 'install'))
    with pytest.raises(ValueError, match='not in error'):
        apps.model.resolve('client/0')


def test_relation_added_during_a_hook_is_unknown_to_that_hook():
    """01:20"""
    apps = TwoApps(related=False)
    apps.model.settle()

    def script(context):
        apps.model.relate('client:in', 'server:out')
        return exit_status(context, 'relation-list', '-r', 'in:0') == 0

    apps.client.script = script
    assert apps.model.dispatch('client/0', 'update-status').status == 0
    assert [hook.kind for hook in apps.model.pending('client/0')] == ['created']
