"""Hook tools that fail: the last known data stay, and are read again later."""
import pytest
from charmhelpers.core import unitdata

from .harness import (CONNECTED, DEPARTING, JOINING, LOCAL, NOTHING, ONE_UNIT,
                      RECORD_KEY, TWO_RELATIONS, TWO_UNITS, USABLE, assert_listed,
                      deploy_settled)
from .upgrades import CONNECTED_AVAILABLE, run_earlier_layer

each_status = pytest.mark.parametrize('status', [1, 2])


def warning(call):
    return 'zk: {} failed (ERROR refused); keeping the last known data'.format(call)


@each_status
def test_failed_read_of_unit_data_keeps_the_known_data(juju, requires, status):
    deploy_settled(juju, requires, *ONE_UNIT)
    juju.fail_tools('relation-get*remote/0', status=status)
    juju.changed('zk:1', 'remote/0', dict(requires.remote_data(7)))
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, requires, 0)
    assert juju.warnings == [warning('relation-get of remote/0 in zk:1')]


@pytest.mark.parametrize('hook', [
    lambda juju: juju.changed('zk:1', 'remote/0'),
    lambda juju: juju.update_status()], ids=['changed', 'update-status'])
def test_unit_data_are_read_again_after_a_failure(juju, requires, hook):
    deploy_settled(juju, requires, *ONE_UNIT)
    juju.fail_tools('relation-get*remote/0')
    juju.changed('zk:1', 'remote/0', requires.remote_data(7))
    juju.restore_tools()
    hook(juju)
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, requires, 7)
    juju.fail_tools('relation-get*remote/0')
    juju.changed('zk:1', 'remote/0')
    assert juju.warnings == [warning('relation-get of remote/0 in zk:1')] * 2, (
        'one for each failure')


def test_unit_whose_data_were_never_read_is_connected(juju, requires):
    juju.deploy(requires)
    juju.fail_tools('relation-get*')
    juju.join('zk:1', 'remote/0', requires.remote_data(0))
    assert juju.flags() == CONNECTED
    assert juju.warnings == [warning('relation-get of remote/0 in zk:1')]
    juju.restore_tools()
    juju.update_status()
    assert juju.flags() == USABLE | JOINING


def test_failure_is_logged_again_after_the_unit_left_and_returned(juju, requires):
    deploy_settled(juju, requires, *TWO_UNITS)
    juju.fail_tools('relation-get*remote/0')
    juju.changed('zk:1', 'remote/0')
    juju.restore_tools()
    juju.departed('zk:1', 'remote/0')
    juju.join('zk:1', 'remote/0', requires.remote_data(0))
    juju.fail_tools('relation-get*remote/0')
    juju.changed('zk:1', 'remote/0')
    assert juju.warnings == [warning('relation-get of remote/0 in zk:1')] * 2


@each_status
def test_failed_relation_list_keeps_the_known_units(juju, side, status):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.fail_tools('relation-list*', status=status)
    juju.changed('zk:1', 'remote/0')
    juju.relation_hook('created', 'zk:1')
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings == [warning('relation-list of the units in zk:1')]


def test_departed_removes_its_unit_although_relation_list_fails(juju, side):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.fail_tools('relation-list*')
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


def test_joined_adds_its_unit_although_relation_list_fails(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.fail_tools('relation-list*')
    juju.joined('zk:1', 'remote/1', side.remote_data(1))
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 0, 1)
    juju.joined('zk:2', 'second/0', side.remote_data(2))
    assert_listed(juju, side, 0, 1, 2)


def test_unit_that_left_is_noticed_when_relation_list_works_again(juju, side):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.skip_departed('zk:1', 'remote/0')
    juju.fail_tools('relation-list*')
    juju.update_status()
    assert juju.flags() == USABLE
    juju.restore_tools()
    juju.update_status()
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)


@each_status
def test_failed_relation_ids_keeps_the_known_relations(juju, side, status):
    deploy_settled(juju, side, *TWO_RELATIONS)
    juju.fail_tools('relation-ids*', status=status)
    juju.update_status()
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings == [warning('relation-ids')]
    juju.skip_departed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == USABLE | DEPARTING, 'known ones are listed'
    juju.restore_tools()
    juju.update_status()
    juju.fail_tools('relation-ids*')
    juju.update_status()
    assert juju.warnings == [warning('relation-ids')] * 2


def test_failed_read_of_own_data_writes_nothing(juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.update_own_data('zk:1', {'port': '1'})
    juju.fail_tools('relation-get*' + LOCAL)
    juju.update_status()
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == USABLE
    assert juju.writes == []
    assert juju.warnings == [warning("relation-get of this unit's data in zk:1")]
    juju.restore_tools()
    juju.update_status()
    assert juju.own_data('zk:1') == provides.details()


def test_lost_write_is_repeated_when_own_data_can_be_read_again(juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    juju.fail(late=True)
    juju.fail_tools('relation-get*')
    juju.hook('config-changed')
    assert len(juju.writes) == 1, 'nothing says yet that it was lost'
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == provides.details(1)


def test_details_are_written_in_a_new_relation_whose_data_cannot_be_read(juju,
                                                                         provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.fail_tools('relation-get*')
    juju.created('zk:2', 'second')
    assert juju.own_data('zk:2') == provides.details()


def test_hooks_succeed_and_change_nothing_if_relation_tools_fail(juju, side):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.fail_tools('relation-*')
    for hook in ('update-status', 'upgrade-charm', 'config-changed'):
        juju.hook(hook)
        assert juju.flags() == USABLE
        assert_listed(juju, side, 0, 1)
    assert len(juju.warnings) == len(set(juju.warnings)), 'each is logged once'
    juju.restore_tools()
    juju.update_status()
    assert juju.flags() == USABLE


def test_lost_store_is_rebuilt_when_tools_work_again(juju, side):
    deploy_settled(juju, side, *TWO_UNITS)
    unitdata.kv().unsetrange()
    juju.fail_tools('relation-*')
    juju.hook('config-changed')
    assert juju.flags() == NOTHING
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 0, 1)
    assert juju.writes == []


# After an upgrade: the first full read fails, and each later hook repeats it.

def test_flags_of_an_earlier_layer_stay_until_the_first_full_read(juju, side):
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE)
    juju.fail_tools('relation-*')
    for hook in ('upgrade-charm', 'config-changed'):
        juju.hook(hook)
        assert juju.flags() == USABLE
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.writes == []
    juju.hook('config-changed')
    assert juju.calls == {}


def test_notices_of_an_earlier_layer_can_be_dismissed_before_the_first_full_read(
        juju, side):
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE + ('joining', 'departing'))
    juju.fail_tools('relation-*')
    juju.update_status()
    assert juju.flags() == USABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    assert juju.flags() == USABLE
    juju.restore_tools()
    juju.update_status()
    assert juju.flags() == USABLE


def test_unit_that_joins_before_the_first_full_read_is_announced(juju, side):
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE)
    juju.fail_tools('relation-ids*')
    juju.join('zk:1', 'remote/2', side.remote_data(2))
    assert juju.flags() == USABLE | JOINING
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.flags() == USABLE | JOINING
    juju.departed('zk:1', 'remote/2')
    assert juju.flags() == USABLE | DEPARTING


def test_record_does_not_grow_with_each_joined_before_the_first_full_read(juju, side):
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE)
    juju.fail_tools('relation-ids*')
    sizes = set()
    for _ in range(3):
        juju.join('zk:1', 'remote/2', side.remote_data(2))
        juju.departed('zk:1', 'remote/2')
        juju.end()
        sizes.add(len(str(unitdata.kv().get(RECORD_KEY))))
    assert len(sizes) == 1


def test_relation_that_ends_before_the_first_full_read_is_not_read(juju, side):
    """A read of this unit's data in the ended relation would fail the broken hook."""
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE, units=[0])
    juju.fail_tools('relation-get*' + LOCAL)
    juju.hook('upgrade-charm')
    juju.departed('zk:1', 'remote/0')
    juju.restore_tools()
    juju.fail_tools('relation-ids*')
    juju.broken('zk:1')
    assert juju.calls == {'relation-ids': 1}
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.flags() == DEPARTING


@pytest.mark.parametrize('pattern', [
    'relation-ids*', 'relation-list*', 'relation-get*' + LOCAL])
def test_first_full_read_requires_each_answer_about_relations(juju, side, pattern):
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE)
    juju.skip_departed('zk:1', 'remote/0')
    juju.skip_departed('zk:1', 'remote/1')
    juju.fail_tools(pattern)
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.flags() == NOTHING


def test_first_full_read_does_not_require_each_units_data(juju, requires):
    run_earlier_layer(juju, requires, CONNECTED_AVAILABLE)
    juju.fail_tools('relation-get*remote/0')
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    assert_listed(juju, requires, 1)
    juju.hook('config-changed')
    assert juju.calls == {}


def test_details_sent_before_the_first_full_read_are_written_after_it(juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE)
    juju.fail_tools('relation-*')
    juju.hook('upgrade-charm')
    provides.send(juju.endpoint(), 1)
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.own_data('zk:1').items() >= provides.details(1).items()
    assert juju.flags() == USABLE
