"""Units that Juju lists although they have left, and units that it does not list.

Only goal-state reveals them, and it does not name every unit.
"""
import json

import pytest

from .harness import (DEPARTING, FULL_READ_HOOKS, JOINING, NOTHING, ONE_UNIT, Provides,
                      TWO_UNITS, USABLE, assert_listed, deploy_and_send, deploy_settled)
from .upgrades import CONNECTED_AVAILABLE, run_earlier_layer


@pytest.fixture
def goal_state(answers):
    """Replace what goal-state says about the endpoint."""
    def replace(statuses):
        answers['goal-state*'] = 0, json.dumps({'units': {}, 'relations': {'zk': {
            name: {'status': statuses[name], 'since': ''}
            for name in statuses}}}).encode(), b''
    return replace


@pytest.fixture
def unlisted_unit(juju, side):
    """`remote/0` has entered a relation, but Juju does not list it."""
    deploy_and_send(juju, side)
    juju.created('zk:1')
    juju.enter_unnoticed('zk:1', 'remote/0', side.remote_data(0))


@pytest.fixture
def found_unit(juju, unlisted_unit):
    """`remote/0`, which Juju does not list, was found by the second full read."""
    juju.update_status()
    juju.update_status()
    assert juju.flags() == USABLE | JOINING


# A unit that was removed by force.

def deploy_and_force_remove_unit(juju, side, *units):
    """Have a full read find units, and remove `remote/0` by force."""
    deploy_settled(juju, side, *units)
    juju.update_status()
    juju.force_remove_unit('zk:1', 'remote/0')


@pytest.mark.parametrize('hook', FULL_READ_HOOKS)
def test_force_removed_unit_leaves_in_a_full_read(juju, side, hook):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.hook(hook)
    juju.force_remove_unit('zk:1', 'remote/0')
    assert juju.listed_units('zk:1') == ['remote/0', 'remote/1']
    juju.hook(hook)
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)


@pytest.mark.parametrize('full_reads', [1, 2])
def test_force_removed_unit_leaves_if_it_is_the_last_one(juju, side, full_reads):
    deploy_settled(juju, side, *ONE_UNIT)
    for _ in range(full_reads):
        juju.update_status()
    juju.force_remove_unit('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


@pytest.mark.parametrize('kind, unit', [
    ('created', ''), ('changed', 'remote/1'), ('changed', ''), ('joined', 'remote/2')])
def test_force_removed_unit_stays_away_in_other_hooks_of_the_relation(juju, side, kind,
                                                                      unit):
    deploy_and_force_remove_unit(juju, side, *TWO_UNITS)
    juju.update_status()
    juju.endpoint().dismiss_departing()
    if kind == 'joined':
        juju.enter_unnoticed('zk:1', unit)
    juju.relation_hook(kind, 'zk:1', unit)
    juju.update_status()
    assert juju.flags() - JOINING == USABLE
    # a client does not use remote/2, which has published nothing
    assert_listed(juju, side, *(
        (1, 2) if kind == 'joined' and isinstance(side, Provides) else (1,)))


@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_force_removed_unit_returns_with_its_own_hook_until_the_next_full_read(
        juju, side, kind):
    deploy_and_force_remove_unit(juju, side, *ONE_UNIT)
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook(kind, 'zk:1', 'remote/0')
    juju.relation_hook('changed', 'zk:1')
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 0)
    juju.update_status()
    assert juju.flags() == DEPARTING


def test_departed_hook_of_a_unit_that_has_left_announces_nothing(juju, side):
    deploy_and_force_remove_unit(juju, side, *TWO_UNITS)
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.restart_agent()
    juju.departed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == USABLE


# Cases in which goal-state is no evidence that a unit has left.

def test_unit_that_goal_state_never_named_stays(juju, side, goal_state):
    deploy_settled(juju, side, *TWO_UNITS)
    for _ in range(3):
        goal_state({'remote': 'joined', 'remote/1': 'active'})
        juju.update_status()
        assert juju.flags() == USABLE
        assert_listed(juju, side, 0, 1)


@pytest.mark.parametrize('statuses', [
    {}, {'second': 'joined'}, {'remote/1': 'active'}, {'second': '', 'second/0': ''},
    {'admin/other.remote': 'joined'}])
def test_units_stay_if_goal_state_does_not_name_their_application(juju, side, statuses,
                                                                  goal_state):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.update_status()
    goal_state(statuses)
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)


def test_dying_unit_stays_until_its_departed_hook(juju, side, goal_state):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.update_status()
    goal_state({'remote': 'joined', 'remote/0': 'dying', 'remote/1': 'active'})
    juju.update_status()
    assert juju.flags() == USABLE
    juju.departed('zk:1', 'remote/0')
    for _ in range(3):
        juju.update_status()
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)


@pytest.mark.parametrize('output', [
    '', 'null', '[]', '{}', '{"relations": null}', '{"relations": []}', 'x' * 70000,
    '{"relations": {"zk": []}}', '{"relations": {"zk": {"remote": null}}}',
    '{"relations": {"zk": {"remote": {}}}}', '[' * 20000,
    '{"relations": {"zk": {"remote": {"status": 1}, "remote/0": 2}}}'],
    ids=lambda text: text[:60])
def test_unusual_output_of_goal_state_changes_nothing(juju, side, output, answers):
    deploy_and_force_remove_unit(juju, side, *TWO_UNITS)
    answers['goal-state*'] = 0, output.encode(), b''
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings == []


def test_failing_goal_state_changes_nothing(juju, side):
    deploy_and_force_remove_unit(juju, side, *TWO_UNITS)
    juju.fail_tools('goal-state*', 'ERROR refused')
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    juju.restore_tools()
    juju.update_status()
    assert juju.flags() == USABLE | DEPARTING


def test_units_of_an_application_that_is_related_twice_stay(juju, side):
    deploy_and_force_remove_unit(juju, side, *TWO_UNITS, ('zk:2', 'remote/1'))
    juju.update_status()
    assert juju.flags() == USABLE


# A unit that Juju does not list.

def test_unlisted_unit_joins_in_the_second_full_read(juju, side, unlisted_unit):
    juju.update_status()
    assert juju.flags() == NOTHING
    juju.update_status()
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 0)


@pytest.mark.parametrize('hook', [
    lambda juju: juju.relation_hook('created', 'zk:1'),
    lambda juju: juju.update_status(),
    lambda juju: juju.hook('config-changed'),
    lambda juju: juju.relation_hook('changed', 'zk:1', 'remote/0'),
    lambda juju: juju.relation_hook('joined', 'zk:1', 'remote/0')],
    ids=['created', 'update-status', 'config-changed', 'changed', 'joined'])
def test_found_unit_stays_in_later_hooks(juju, side, found_unit, hook):
    juju.endpoint().dismiss_joining()
    hook(juju)
    juju.update_status()
    assert juju.flags() - JOINING == USABLE
    assert_listed(juju, side, 0)


def test_found_unit_leaves_with_its_departed_hook(juju, found_unit):
    juju.relation_hook('joined', 'zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_joining()
    juju.relation_hook('changed', 'zk:1')
    for _ in range(3):
        assert juju.flags() == DEPARTING
        juju.update_status()


def test_found_unit_leaves_when_goal_state_no_longer_names_it(juju, side, found_unit):
    juju.end()
    juju.model.leave(juju.relation('zk:1'), 'remote/0')
    juju.update_status()
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


def test_unit_that_joins_between_full_reads_joins_once(juju, side, unlisted_unit):
    juju.update_status()
    juju.joined('zk:1', 'remote/0', side.remote_data(0))
    juju.changed('zk:1', 'remote/0')
    juju.endpoint().dismiss_joining()
    for _ in range(3):
        juju.update_status()
    assert juju.flags() == USABLE


def test_unit_whose_data_cannot_be_read_has_not_joined(juju, side, goal_state):
    """Its machine, for example, is only being created."""
    deploy_settled(juju, side, *ONE_UNIT)
    for _ in range(3):
        goal_state({'remote': 'joined', 'remote/0': 'active', 'remote/1': 'allocating'})
        juju.update_status()
        assert juju.flags() == USABLE
        assert_listed(juju, side, 0)
    assert juju.warnings == []


@pytest.mark.parametrize('status, flags', [
    ('dying', NOTHING), ('active', USABLE | JOINING), ('waiting', USABLE | JOINING),
    ('error', USABLE | JOINING)])
def test_unit_that_juju_does_not_list_joins_unless_it_is_dying(
        juju, unlisted_unit, goal_state, status, flags):
    for _ in range(3):
        goal_state({'remote': 'joined', 'remote/0': status})
        juju.update_status()
    assert juju.flags() == flags


def test_full_read_runs_goal_state_once_for_all_endpoints(juju, side):
    juju.deploy(side, 'zk', 'other')
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    juju.join('other:2', 'remote/0', side.remote_data(0))
    juju.update_status()
    assert juju.calls['goal-state'] == 1
    juju.hook('config-changed')
    assert juju.calls['goal-state'] == 0


def test_container_scoped_endpoint_ignores_goal_state(juju, side, goal_state):
    """goal-state names the units of other principals, which are in no such relation."""
    deploy_settled(juju, side, *ONE_UNIT)
    juju.metadata[side.role]['zk'].update({'scope': 'container'})
    juju.enter_unnoticed('zk:1', 'remote/1', side.remote_data(1))
    for _ in range(3):
        goal_state({'remote': 'joined', 'remote/0': 'active', 'remote/1': 'active'})
        juju.update_status()
        assert juju.calls['goal-state'] == 0
        assert juju.flags() == USABLE
        assert_listed(juju, side, 0)


def test_unit_that_departs_during_a_migration_does_not_return(juju, side, goal_state):
    """Every hook of a migration is a full read, so two in a row are no evidence."""
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE, units=(0,))
    goal_state({'remote': 'joined', 'remote/0': 'active'})
    juju.fail_tools('relation-ids*', 'ERROR refused')
    juju.hook('config-changed')
    juju.departed('zk:1', 'remote/0')
    for _ in range(3):
        juju.hook('config-changed')
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.flags() == DEPARTING


def test_found_unit_leaves_if_its_application_is_related_twice(juju, side, found_unit):
    juju.endpoint().dismiss_joining()
    juju.join('zk:2', 'remote/1', side.remote_data(1))
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    juju.departed('zk:2', 'remote/1')
    juju.update_status()
    assert_listed(juju, side, 0)
