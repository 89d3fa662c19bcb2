"""The notices `joining` and `departing` after an upgrade from an earlier layer."""
import pytest

from .harness import (DEPARTING, JOINING, LOCAL, NOTHING, USABLE, assert_listed,
                      conversation)
from .upgrades import (CONNECTED_AVAILABLE, JOINED_READY, each_first_hook_with_flags,
                       each_generation, run_earlier_layer)


def leave_departing_flag(juju):
    """Have the earlier layer set departing, and delete its conversation."""
    deleted = conversation(juju, 'zk:1', 'gone/0', 'departing')
    juju.relation_hook('departed', 'zk:1', 'gone/0', run_layers=False)
    deleted.depart()
    juju.end()


@each_first_hook_with_flags
def test_joining_of_an_earlier_layer_stays_until_it_is_dismissed(juju, side, flags,
                                                                 hook):
    run_earlier_layer(juju, side, flags + ('joining',))
    hook(juju)
    assert juju.flags() == USABLE | JOINING
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert juju.flags() == USABLE


@each_first_hook_with_flags
def test_departing_of_an_earlier_layer_stays_until_it_is_dismissed(juju, side, flags,
                                                                   hook):
    run_earlier_layer(juju, side, flags)
    leave_departing_flag(juju)
    hook(juju)
    assert juju.flags() == USABLE | DEPARTING
    juju.endpoint().dismiss_departing()
    juju.end()
    juju.update_status()
    assert juju.flags() == USABLE
    assert juju.conversations() == []


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status'])
def test_departing_of_a_removed_relation_stays_until_it_is_dismissed(juju, side, hook):
    juju.declare(side)
    juju.skip_created('zk:1')
    leave_departing_flag(juju)
    juju.remove_without_hook('zk:1')
    juju.hook(hook)
    assert juju.flags() == DEPARTING
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


@each_generation
def test_joining_set_by_the_first_hook_can_be_dismissed(juju, side, flags):
    run_earlier_layer(juju, side, flags)
    juju.joined('zk:1', 'remote/2', side.remote_data(2))
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert juju.flags() == USABLE


@each_generation
def test_unit_that_joins_a_second_relation_is_announced(juju, requires, flags):
    run_earlier_layer(juju, requires, flags)
    juju.joined('zk:2', 'remote/0', requires.remote_data(2))
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, requires, 2)


@pytest.mark.parametrize('flag', ['connected', 'joined'])
def test_first_usable_unit_is_announced(juju, requires, flag):
    run_earlier_layer(juju, requires, (flag,), units=(0,))
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, requires, 0)


@pytest.mark.parametrize('hook', [
    lambda juju: juju.hook('upgrade-charm'), lambda juju: juju.update_status(),
    lambda juju: juju.hook('config-changed'),
    lambda juju: juju.changed('zk:1', 'remote/1')],
    ids=['upgrade-charm', 'update-status', 'config-changed', 'changed'])
@each_generation
def test_unit_that_became_usable_after_the_last_hook_is_announced(juju, requires, flags,
                                                                  hook):
    """The earlier layer ran the unit's joined hook, but not its changed hook."""
    run_earlier_layer(juju, requires, flags, units=(0,))
    run_earlier_layer(juju, requires, flags[:1], units=(1,))
    hook(juju)
    assert juju.flags() == USABLE | JOINING
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, requires, 0)


@each_generation
def test_unit_announced_in_one_relation_is_not_announced_in_another(juju, requires,
                                                                    flags):
    run_earlier_layer(juju, requires, flags, units=(0,), relation_id='zk:1')
    run_earlier_layer(juju, requires, flags[:1], units=(0,), relation_id='zk:11')
    juju.changed('zk:11', 'remote/0')
    assert juju.flags() == USABLE
    juju.departed('zk:11', 'remote/0')
    assert juju.flags() == USABLE | DEPARTING


@pytest.mark.parametrize('flags', [
    CONNECTED_AVAILABLE + JOINED_READY, ('connected', 'joined', 'ready'),
    ('connected', 'joined', 'available')], ids='-'.join)
@pytest.mark.parametrize('units', [(0,), (0, 1)], ids=['one unit', 'two units'])
def test_units_with_available_or_ready_are_not_announced(juju, requires, flags, units):
    run_earlier_layer(juju, requires, flags, units)
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == USABLE


@each_generation
def test_change_before_the_first_full_read_is_complete_is_announced(juju, requires,
                                                                    flags):
    run_earlier_layer(juju, requires, flags)
    juju.fail_tools('relation-get*' + LOCAL)
    juju.hook('upgrade-charm')
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', requires.remote_data(7))
    assert juju.flags() == USABLE | JOINING
    juju.restore_tools()
    juju.hook('config-changed')
    assert juju.flags() == USABLE | JOINING
