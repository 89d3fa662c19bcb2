"""What Juju failed to tell is put right: skipped hooks, removal by force.

In a hook of a relation as to that relation; in update-status and upgrade-charm as to
everything.
"""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import JOINING
from .harness import NOTHING
from .harness import Requires
from .harness import assert_listed
from .harness import settled

HEALING = ['update-status', 'upgrade-charm']


ONE = [('zk:1', 'remote/0')]
TWO_UNITS = ONE + [('zk:1', 'remote/1')]
TWO_RELATIONS = ONE + [('zk:2', 'second/0')]
THREE_RELATIONS = TWO_RELATIONS + [('zk:3', 'zap/0')]


@pytest.mark.parametrize('hook', HEALING)
@pytest.mark.parametrize('units', [TWO_UNITS, TWO_RELATIONS, THREE_RELATIONS],
                         ids=['two units', 'two relations', 'three relations'])
def test_a_skipped_departed_is_healed(juju, side, units, hook):
    settled(juju, side, *units)
    juju.skip_departed('zk:1', 'remote/0')
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, side, *range(1, len(units)))


@pytest.mark.parametrize('hook', HEALING)
def test_the_only_units_skipped_departed_is_healed(juju, side, hook):
    settled(juju, side, *ONE)
    juju.skip_departed('zk:1', 'remote/0')
    juju.hook(hook)
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


def test_a_skipped_departed_is_not_noticed_where_nothing_is_asked(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.skip_departed('zk:1', 'remote/0')
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.calls == {}


EVENTS = {
    'joined': lambda juju, rid, side: juju.joined(
        rid, juju.listed_units(rid)[0][:-1] + '9', side.settings(9)),
    'changed': lambda juju, rid, side: juju.changed(rid, juju.listed_units(rid)[0]),
    'departed': lambda juju, rid, side: juju.departed(rid, juju.listed_units(rid)[-1]),
    'created': lambda juju, rid, side: juju.relation_hook('created', rid),
    'application': lambda juju, rid, side: juju.relation_hook('changed', rid),
}
events = pytest.mark.parametrize('event', EVENTS.values(), ids=list(EVENTS))


@events
def test_a_skipped_departed_is_healed_by_its_own_relations_next_hook(juju, side,
                                                                     event):
    settled(juju, side, *TWO_UNITS, ('zk:1', 'remote/2'))
    juju.skip_departed('zk:1', 'remote/0')
    event(juju, 'zk:1', side)
    assert 'departing' in juju.flags()
    juju.endpoint().dismiss_departing()
    if isinstance(side, Requires):
        assert '10.0.0.0' not in side.hosts(juju.endpoint())
        assert '10.0.0.1' in side.hosts(juju.endpoint())
    juju.update_status()
    assert 'departing' not in juju.flags()


@events
def test_a_hook_of_another_relation_heals_nothing(juju, side, event):
    settled(juju, side, *TWO_RELATIONS, ('zk:2', 'second/1'))
    juju.skip_departed('zk:1', 'remote/0')
    event(juju, 'zk:2', side)
    juju.endpoint().dismiss_departing()
    if isinstance(side, Requires):
        assert '10.0.0.0' in side.hosts(juju.endpoint())
    juju.update_status()
    assert 'departing' in juju.flags()


@pytest.mark.parametrize('units', [ONE, TWO_RELATIONS, THREE_RELATIONS],
                         ids=['alone', 'two relations', 'three relations'])
@pytest.mark.parametrize('hook', HEALING)
def test_removal_by_force_is_healed_after_a_restart(juju, side, units, hook):
    settled(juju, side, *units)
    juju.remove_without_hook('zk:1')
    juju.hook(hook)
    left = CONNECTED | AVAILABLE if units is not ONE else NOTHING
    assert juju.flags() == left | DEPARTING
    assert_listed(juju, side, *range(1, len(units)))


def test_a_relation_lost_by_force_and_made_again_is_healed(juju, side):
    """Its unit is there, so it has not left."""
    settled(juju, side, *ONE)
    juju.remove_without_hook('zk:1')
    juju.created('zk:2')
    juju.join('zk:2', 'remote/0', side.settings(7))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 7)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 7)


def test_an_undismissed_joining_goes_with_a_skipped_departed(juju, side):
    settled(juju, side, *ONE)
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.end()
    juju.skip_departed('zk:1', 'remote/1')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@pytest.mark.parametrize('hook', HEALING)
def test_a_unit_whose_joined_was_skipped_is_heard(juju, side, hook):
    settled(juju, side, *ONE)
    juju.skip_joined('zk:1', 'remote/1', side.settings(1))
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 0, 1)


def test_a_unit_whose_joined_was_skipped_is_there_in_its_relations_next_hook(juju,
                                                                             side):
    """What it published is read in the next look at everything."""
    settled(juju, side, *ONE)
    juju.skip_joined('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_departing()
    assert juju.flags() >= CONNECTED
    assert_listed(juju, side)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 1)


@pytest.mark.parametrize('hook', HEALING)
def test_a_skipped_changed_is_healed(juju, requires, hook):
    settled(juju, requires, *TWO_UNITS)
    juju.skip_changed('zk:1', 'remote/0', dict(requires.settings(0), port='2222'))
    juju.hook('config-changed')
    juju.changed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert [unit['port'] for unit in getattr(juju.endpoint(), requires.listing)()] == [
        '2222', requires.wire['port']]


@pytest.mark.parametrize('hook', HEALING)
def test_a_skipped_changed_by_which_details_went_is_healed(juju, requires, hook):
    settled(juju, requires, *ONE)
    juju.skip_changed('zk:1', 'remote/0', {'ingress-address': '10.0.0.0'})
    juju.hook(hook)
    assert juju.flags() == CONNECTED
    assert_listed(juju, requires)


def test_a_departed_that_was_foreseen_is_told_once(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.skip_departed('zk:1', 'remote/0')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_departed_that_was_foreseen_by_the_last_is_told_once(juju, side):
    settled(juju, side, *ONE)
    juju.skip_departed('zk:1', 'remote/0')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert juju.flags() == NOTHING


def test_a_unit_that_was_replaced_between_two_hooks_is_seen(juju, side):
    settled(juju, side, *ONE)
    juju.skip_departed('zk:1', 'remote/0')
    juju.joined('zk:1', 'remote/1', side.settings(1))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    assert_listed(juju, side, 1)


def test_a_broken_without_departed_has_its_units_leave(juju, side):
    settled(juju, side, *TWO_RELATIONS)
    juju.broken('zk:1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, side, 1)


def test_healing_keeps_what_is_right(juju, side):
    settled(juju, side, *THREE_RELATIONS)
    for hook in HEALING * 2:
        juju.hook(hook)
        assert juju.flags() == CONNECTED | AVAILABLE
        assert_listed(juju, side, 0, 1, 2)
    assert juju.warnings == []
