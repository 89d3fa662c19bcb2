"""A charm's triggers on flags of an endpoint, and flags that are cleared by hand.

Whatever they do, flags say what the record says: the next hooks find nothing to mend.
"""
import inspect

import pytest
from charms.reactive import clear_flag
from charms.reactive import is_flag_set
from charms.reactive import register_trigger
from charms.reactive import set_flag

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import JOINING
from .harness import NOTHING
from .harness import ready

FLAGS = sorted(CONNECTED | AVAILABLE | JOINING | DEPARTING)

later = pytest.mark.skipif(
    not {'when_not', 'callback'} <= set(inspect.signature(register_trigger).parameters),
    reason='triggers of the oldest charms.reactive can not do that')


@pytest.fixture(autouse=True)
def no_triggers(monkeypatch):
    monkeypatch.setattr('charms.reactive.flags.TRIGGER_CALLBACKS', {},
                        raising=False)


def quiet(juju, flags):
    """Hooks in which nothing happens leave the flags as they are."""
    assert juju.flags() == flags
    for hook in ('config-changed', 'update-status'):
        juju.hook(hook)
        assert juju.flags() == flags


# Dismissing by hand.

@pytest.mark.parametrize('notice', ['joining', 'departing'])
def test_to_clear_a_notice_by_hand_is_to_dismiss_it(juju, side, notice):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    clear_flag('zk.' + notice)
    quiet(juju, CONNECTED | AVAILABLE | (JOINING | DEPARTING) - {notice})


def test_a_notice_is_cleared_by_hand_after_the_other_was_dismissed(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    juju.endpoint().dismiss_departing()
    clear_flag('zk.joining')
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_notice_that_was_cleared_by_hand_comes_again_with_the_next_unit(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    clear_flag('zk.joining')
    juju.joined('zk:1', 'remote/1', side.settings(1))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    clear_flag('zk.joining')
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    clear_flag('zk.departing')
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING


def test_a_method_keeps_what_was_cleared_by_hand(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    clear_flag('zk.joining')
    juju.endpoint().dismiss_departing()
    quiet(juju, CONNECTED | AVAILABLE)


def test_a_notice_that_an_action_cleared_and_did_not_flush_is_back(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.action()
    clear_flag('zk.joining')
    juju.end(flush=False)
    quiet(juju, CONNECTED | AVAILABLE | JOINING)


def test_another_flag_that_was_cleared_by_hand_is_set_again(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    for flag in CONNECTED | AVAILABLE:
        clear_flag('zk.' + flag)
        juju.hook('config-changed')
        assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_flag_that_was_set_by_hand_is_cleared(juju, side):
    ready(juju, side)
    for flag in FLAGS:
        set_flag('zk.' + flag)
        juju.hook('config-changed')
        assert juju.flags() == NOTHING


# Triggers.

@later
@pytest.mark.parametrize('flag', sorted(CONNECTED | AVAILABLE | JOINING))
def test_a_callback_that_dismisses_joining(juju, side, flag):
    ready(juju, side)
    register_trigger(when='zk.' + flag,
                     callback=lambda: juju.endpoint().dismiss_joining())
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.endpoint().dismiss_joining()
    quiet(juju, CONNECTED | AVAILABLE)
    juju.departed('zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/1')
    quiet(juju, DEPARTING)


@later
@pytest.mark.parametrize('flag', FLAGS)
def test_a_callback_that_dismisses_departing(juju, side, flag):
    """One after another: all flags come, then all go."""
    ready(juju, side)
    register_trigger(when_not='zk.' + flag,
                     callback=lambda: juju.endpoint().dismiss_departing())
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_departing()
    quiet(juju, NOTHING)


def test_a_trigger_that_clears_joining_as_it_is_set_dismisses_it(juju, side):
    ready(juju, side)
    register_trigger(when='zk.joining', clear_flag='zk.joining')
    juju.join('zk:1', 'remote/0', side.settings(0))
    quiet(juju, CONNECTED | AVAILABLE)
    juju.join('zk:1', 'remote/1', side.settings(1))
    quiet(juju, CONNECTED | AVAILABLE)


def test_a_trigger_that_clears_joining_when_a_unit_leaves_dismisses_it(juju, side):
    ready(juju, side)
    register_trigger(when='zk.departing', clear_flag='zk.joining')
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    quiet(juju, CONNECTED | AVAILABLE | DEPARTING)


def test_a_trigger_that_clears_another_flag_is_undone(juju, side):
    ready(juju, side)
    for flag in CONNECTED | AVAILABLE:
        register_trigger(when='zk.joining', clear_flag='zk.' + flag)
    juju.join('zk:1', 'remote/0', side.settings(0))
    quiet(juju, CONNECTED | AVAILABLE | JOINING)


def test_a_trigger_that_sets_a_flag_is_undone(juju, side):
    ready(juju, side)
    register_trigger(when='zk.connected', set_flag='zk.departing')
    juju.join('zk:1', 'remote/0', side.settings(0))
    quiet(juju, CONNECTED | AVAILABLE | JOINING)


def test_triggers_that_contradict_each_other_end(juju, side):
    ready(juju, side)
    register_trigger(when='zk.connected', clear_flag='zk.joined')
    register_trigger(when='zk.joined', clear_flag='zk.connected')
    juju.join('zk:1', 'remote/0', side.settings(0))
    assert juju.flags() & CONNECTED


@later
def test_a_trigger_of_the_charms_own_flag_works(juju, side):
    ready(juju, side)
    register_trigger(when='zk.joining', set_flag='charm.restart')
    register_trigger(when_not='zk.available', clear_flag='charm.restart')
    juju.join('zk:1', 'remote/0', side.settings(0))
    assert is_flag_set('charm.restart')
    juju.departed('zk:1', 'remote/0')
    assert not is_flag_set('charm.restart')


@later
def test_a_callback_that_sends_when_a_client_is_there(juju, provides):
    juju.deploy(provides)
    register_trigger(when='zk.ready',
                     callback=lambda: provides.send(juju.endpoint()))
    juju.join('zk:1', 'remote/0')
    quiet(juju, CONNECTED | AVAILABLE | JOINING)
    assert juju.own_data('zk:1') == provides.wire()


@later
def test_a_callback_that_sends_other_details_when_available(juju, provides):
    juju.deploy(provides)
    register_trigger(when='zk.available',
                     callback=lambda: provides.send(juju.endpoint(), 1))
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    quiet(juju, CONNECTED | AVAILABLE | JOINING)
    assert juju.own_data('zk:1') == provides.wire(1)
