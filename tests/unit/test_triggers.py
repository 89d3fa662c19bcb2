"""A charm's triggers on flags of an endpoint, and flags that the charm changes itself.

The flags always follow the record: later hooks find nothing to correct.
"""
import inspect
import itertools

import pytest
from charms.reactive import clear_flag, is_flag_set, register_trigger, set_flag

from .harness import (CONNECTED, DEPARTING, JOINING, NOTHING, USABLE, deploy_and_send,
                      deploy_with_notice, layer)

needs_callbacks = pytest.mark.skipif(
    not {'when_not', 'callback'} <= set(inspect.signature(register_trigger).parameters),
    reason='triggers of the oldest charms.reactive have neither callbacks nor when_not')


@pytest.fixture(autouse=True)
def no_triggers(monkeypatch):
    monkeypatch.setattr('charms.reactive.flags.TRIGGER_CALLBACKS', {}, raising=False)


def assert_flags_stay(juju, flags):
    """Check the flags, now and in hooks in which nothing changes."""
    assert juju.flags() == flags
    for hook in ('config-changed', 'update-status'):
        juju.hook(hook)
        assert juju.flags() == flags


@pytest.fixture
def notified(juju, side):
    """Two units have joined and one has left: no notice is dismissed yet."""
    deploy_with_notice(juju, side)
    juju.join('zk:1', 'remote/1', side.remote_data(1))
    juju.departed('zk:1', 'remote/1')
    return juju


# Flags that the charm clears or sets itself.

@pytest.mark.parametrize('notice', ['joining', 'departing'])
def test_clearing_the_flag_dismisses_the_notice(notified, notice):
    clear_flag('zk.' + notice)
    assert_flags_stay(notified, USABLE | (JOINING | DEPARTING) - {notice})


def test_clearing_joining_dismisses_it_after_departing_was_dismissed(notified):
    notified.endpoint().dismiss_departing()
    clear_flag('zk.joining')
    notified.hook('config-changed')
    assert notified.flags() == USABLE


def test_dismissing_departing_keeps_joining_cleared(notified):
    clear_flag('zk.joining')
    notified.endpoint().dismiss_departing()
    assert_flags_stay(notified, USABLE)


def test_cleared_notice_is_set_again_for_the_next_unit(juju, side):
    deploy_with_notice(juju, side)
    clear_flag('zk.joining')
    juju.joined('zk:1', 'remote/1', side.remote_data(1))
    assert juju.flags() == USABLE | JOINING
    clear_flag('zk.joining')
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == USABLE | DEPARTING
    clear_flag('zk.departing')
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING


def test_notice_is_set_again_if_an_action_cleared_but_did_not_flush_it(juju, side):
    deploy_with_notice(juju, side)
    juju.action()
    clear_flag('zk.joining')
    juju.end(flush=False)
    assert_flags_stay(juju, USABLE | JOINING)


def test_flag_that_is_not_a_notice_is_set_again_after_the_charm_cleared_it(juju, side):
    deploy_with_notice(juju, side)
    for flag in USABLE:
        clear_flag('zk.' + flag)
        juju.hook('config-changed')
        assert juju.flags() == USABLE | JOINING


def test_flag_is_cleared_after_the_charm_set_it(juju, side):
    deploy_and_send(juju, side)
    for flag in sorted(USABLE | JOINING | DEPARTING):
        set_flag('zk.' + flag)
        juju.hook('config-changed')
        assert juju.flags() == NOTHING


# Triggers that clear or set flags.

def test_trigger_that_clears_joining_when_it_is_set_dismisses_it(juju, side):
    deploy_and_send(juju, side)
    register_trigger(when='zk.joining', clear_flag='zk.joining')
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    assert_flags_stay(juju, USABLE)
    juju.join('zk:1', 'remote/1', side.remote_data(1))
    assert_flags_stay(juju, USABLE)


def test_trigger_that_clears_joining_when_departing_is_set_dismisses_it(juju, side):
    deploy_and_send(juju, side)
    register_trigger(when='zk.departing', clear_flag='zk.joining')
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    juju.join('zk:1', 'remote/1', side.remote_data(1))
    juju.departed('zk:1', 'remote/1')
    assert_flags_stay(juju, USABLE | DEPARTING)


def test_flag_that_is_not_a_notice_is_set_again_after_a_trigger_cleared_it(juju, side):
    deploy_and_send(juju, side)
    for flag in USABLE:
        register_trigger(when='zk.joining', clear_flag='zk.' + flag)
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    assert_flags_stay(juju, USABLE | JOINING)


def test_flag_is_cleared_after_a_trigger_set_it(juju, side):
    deploy_and_send(juju, side)
    register_trigger(when='zk.connected', set_flag='zk.departing')
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    assert_flags_stay(juju, USABLE | JOINING)


def test_triggers_that_contradict_each_other_do_not_loop_forever(juju, side,
                                                                 monkeypatch):
    endpoint, changes = layer(side.interface, 'common.endpoint'), itertools.count(1)

    def set_and_count(*flag):
        # join() runs two hooks
        assert next(changes) <= 2 * endpoint.MAX_FLAG_CHANGES
        set_flag(*flag)
    deploy_and_send(juju, side)
    monkeypatch.setattr(endpoint, 'set_flag', set_and_count)
    register_trigger(when='zk.connected', clear_flag='zk.joined')
    register_trigger(when='zk.joined', clear_flag='zk.connected')
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    assert juju.flags() & CONNECTED


@needs_callbacks
def test_trigger_sets_and_clears_a_flag_of_the_charm(juju, side):
    deploy_and_send(juju, side)
    register_trigger(when='zk.joining', set_flag='charm.restart')
    register_trigger(when_not='zk.available', clear_flag='charm.restart')
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    assert is_flag_set('charm.restart')
    juju.departed('zk:1', 'remote/0')
    assert not is_flag_set('charm.restart')


# Triggers that call methods of the endpoint.

@needs_callbacks
@pytest.mark.parametrize('flag', sorted(USABLE | JOINING))
def test_flags_stay_correct_when_a_callback_dismisses_joining(juju, side, flag):
    deploy_and_send(juju, side)
    ran = []
    register_trigger(when='zk.' + flag, callback=lambda: (
        ran.append(flag), juju.endpoint().dismiss_joining()))
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    juju.join('zk:1', 'remote/1', side.remote_data(1))
    assert ran
    juju.endpoint().dismiss_joining()
    assert_flags_stay(juju, USABLE)
    juju.departed('zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/1')
    assert_flags_stay(juju, DEPARTING)


@needs_callbacks
@pytest.mark.parametrize('flag', sorted(USABLE | JOINING | DEPARTING))
def test_flags_stay_correct_when_a_callback_dismisses_departing(juju, side, flag):
    """The hooks set and then clear all flags, one after another."""
    deploy_and_send(juju, side)
    ran = []
    register_trigger(when_not='zk.' + flag, callback=lambda: (
        ran.append(flag), juju.endpoint().dismiss_departing()))
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_departing()
    assert ran
    assert_flags_stay(juju, NOTHING)


@needs_callbacks
def test_callback_sends_details_when_ready_is_set(juju, provides):
    juju.deploy(provides)
    register_trigger(when='zk.ready', callback=lambda: provides.send(juju.endpoint()))
    juju.join('zk:1', 'remote/0')
    assert_flags_stay(juju, USABLE | JOINING)
    assert juju.own_data('zk:1') == provides.details()


@needs_callbacks
def test_callback_sends_other_details_when_available_is_set(juju, provides):
    juju.deploy(provides)
    register_trigger(when='zk.available',
                     callback=lambda: provides.send(juju.endpoint(), 1))
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    assert_flags_stay(juju, USABLE | JOINING)
    assert juju.own_data('zk:1') == provides.details(1)
