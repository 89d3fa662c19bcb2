"""What Juju failed to tell is put right: skipped departeds, removal by force."""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import JOINING
from .harness import NOTHING
from .harness import Requires
from .test_flags import ready

HEALING = ['update-status', 'upgrade-charm']


def settled(juju, side, *units):
    """Units that came and were dismissed, each given as (relation id, unit)."""
    ready(juju, side)
    for number, (rid, unit) in enumerate(units):
        juju.join(rid, unit, side.settings(number))
    juju.endpoint().dismiss_joining()
    juju.hook('config-changed')
    juju.end()


def served(juju, side, *numbers):
    """Hold the list of a side that has one against the units' numbers."""
    if isinstance(side, Requires):
        assert side.hosts(juju.endpoint()) == [
            '10.0.0.{}'.format(number) for number in numbers]
        assert len(numbers) > 0 or not juju.flags() & AVAILABLE


ONE = [('quorum:1', 'far/0')]
TWO_UNITS = ONE + [('quorum:1', 'far/1')]
TWO_RELATIONS = ONE + [('quorum:2', 'near/0')]
THREE_RELATIONS = TWO_RELATIONS + [('quorum:3', 'zap/0')]


@pytest.mark.parametrize('hook', HEALING)
@pytest.mark.parametrize('units', [TWO_UNITS, TWO_RELATIONS, THREE_RELATIONS],
                         ids=['two units', 'two relations', 'three relations'])
def test_a_skipped_departed_is_healed(juju, side, units, hook):
    settled(juju, side, *units)
    juju.leave('quorum:1', 'far/0')
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    served(juju, side, *range(1, len(units)))


@pytest.mark.parametrize('hook', HEALING)
def test_the_only_units_skipped_departed_is_healed(juju, side, hook):
    settled(juju, side, *ONE)
    juju.leave('quorum:1', 'far/0')
    juju.hook(hook)
    assert juju.flags() == DEPARTING
    served(juju, side)


def test_a_skipped_departed_is_not_noticed_where_nothing_is_asked(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.leave('quorum:1', 'far/0')
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.calls == {}


EVENTS = {
    'joined': lambda juju, rid, side: juju.joined(rid, 'new/0', side.settings(9)),
    'changed': lambda juju, rid, side: juju.changed(
        rid, next(iter(juju.members[rid]))),
    'departed': lambda juju, rid, side: (
        juju.departed(rid, juju.members[rid][-1])),
    'created': lambda juju, rid, side: juju.relation_hook('created', rid),
    'application': lambda juju, rid, side: juju.relation_hook('changed', rid),
}
events = pytest.mark.parametrize('event', EVENTS.values(), ids=list(EVENTS))


@events
def test_a_skipped_departed_is_healed_by_its_own_relations_next_hook(juju, side,
                                                                     event):
    settled(juju, side, *TWO_UNITS, ('quorum:1', 'far/2'))
    juju.leave('quorum:1', 'far/0')
    event(juju, 'quorum:1', side)
    assert 'departing' in juju.flags()
    juju.endpoint().dismiss_departing()
    if isinstance(side, Requires):
        assert '10.0.0.0' not in side.hosts(juju.endpoint())
        assert '10.0.0.1' in side.hosts(juju.endpoint())
    juju.update_status()
    assert 'departing' not in juju.flags()


@events
def test_a_skipped_departed_is_healed_by_the_other_relations_next_hook(juju, side,
                                                                       event):
    settled(juju, side, *TWO_RELATIONS)
    juju.leave('quorum:1', 'far/0')
    event(juju, 'quorum:2', side)
    assert 'departing' in juju.flags()
    if isinstance(side, Requires):
        assert '10.0.0.0' not in side.hosts(juju.endpoint())
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert 'departing' not in juju.flags()


@events
@pytest.mark.parametrize('units', [TWO_RELATIONS, THREE_RELATIONS],
                         ids=['two relations', 'three relations'])
def test_removal_by_force_is_healed_by_the_next_hook(juju, side, units, event):
    settled(juju, side, *units)
    juju.lose('quorum:1')
    event(juju, 'quorum:2', side)
    assert 'departing' in juju.flags()
    if isinstance(side, Requires):
        assert '10.0.0.0' not in side.hosts(juju.endpoint())
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert 'departing' not in juju.flags()


@pytest.mark.parametrize('units', [ONE, TWO_RELATIONS], ids=['alone', 'two'])
def test_removal_by_force_is_healed_by_a_broken(juju, side, units):
    settled(juju, side, *units, ('quorum:9', 'last/0'))
    juju.departed('quorum:9', 'last/0')
    juju.endpoint().dismiss_departing()
    juju.end()
    juju.lose('quorum:1')
    juju.broken('quorum:9')
    assert 'departing' in juju.flags()
    served(juju, side, *range(1, len(units)))


@pytest.mark.parametrize('units', [ONE, TWO_RELATIONS, THREE_RELATIONS],
                         ids=['alone', 'two relations', 'three relations'])
@pytest.mark.parametrize('hook', HEALING)
def test_removal_by_force_is_healed(juju, side, units, hook):
    settled(juju, side, *units)
    juju.lose('quorum:1')
    juju.hook(hook)
    left = CONNECTED | AVAILABLE if units is not ONE else NOTHING
    assert juju.flags() == left | DEPARTING
    served(juju, side, *range(1, len(units)))


def test_a_relation_of_force_replaced_by_a_new_one_is_healed(juju, side):
    settled(juju, side, *ONE)
    juju.lose('quorum:1')
    juju.created('quorum:2')
    assert juju.flags() == DEPARTING
    juju.joined('quorum:2', 'far/0', side.settings(7))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    served(juju, side, 7)


def test_an_undismissed_joining_goes_with_a_skipped_departed(juju, side):
    settled(juju, side, *ONE)
    juju.join('quorum:1', 'far/1', side.settings(1))
    juju.end()
    juju.leave('quorum:1', 'far/1')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_a_unit_whose_joined_was_skipped_is_heard(juju, side):
    settled(juju, side, *ONE)
    juju.add('quorum:1', 'far/1', side.settings(1))
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, side, 0, 1)


def test_a_unit_whose_joined_was_skipped_is_heard_beside_another(juju, side):
    settled(juju, side, *ONE)
    juju.add('quorum:1', 'far/1', side.settings(1))
    juju.changed('quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, side, 0, 1)
    if isinstance(side, Requires):
        assert juju.calls['relation_get'] == 2


def test_a_departed_that_was_foreseen_is_told_once(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.leave('quorum:1', 'far/0')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_departed_that_was_foreseen_by_the_last_is_told_once(juju, side):
    settled(juju, side, *ONE)
    juju.leave('quorum:1', 'far/0')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'quorum:1', 'far/0')
    assert juju.flags() == NOTHING


def test_the_leaver_does_not_count_though_it_is_listed_still(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.relation_hook('departed', 'quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    served(juju, side, 1)


def test_the_comer_counts_though_it_is_not_listed_yet(juju, side):
    ready(juju, side)
    juju.present('quorum:1')
    juju.databags['quorum:1']['far/0'] = side.settings(0)
    juju.relation_hook('joined', 'quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, side, 0)


def test_a_relation_counts_though_it_is_not_listed_yet(juju, side):
    ready(juju, side)
    juju.add('quorum:1', 'far/0', side.settings(0))
    juju.end()
    juju._hidden = 'quorum:1'
    juju.relation_hook('joined', 'quorum:1', 'far/0')
    assert juju.flags() >= CONNECTED | JOINING
    served(juju, side, 0)


def test_a_unit_that_was_replaced_between_two_hooks_is_seen(juju, side):
    settled(juju, side, *ONE)
    juju.leave('quorum:1', 'far/0')
    juju.joined('quorum:1', 'far/1', side.settings(1))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    served(juju, side, 1)


def test_healing_keeps_what_is_right(juju, side):
    settled(juju, side, *THREE_RELATIONS)
    for hook in HEALING * 2:
        juju.hook(hook)
        assert juju.flags() == CONNECTED | AVAILABLE
        served(juju, side, 0, 1, 2)
    assert juju.warnings == []
