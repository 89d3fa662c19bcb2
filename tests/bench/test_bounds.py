"""The promises of `bounds`, held at small sizes."""
import pytest

from bench import bounds, charms, measure
from bench.fleet import Fleet

SIZES = [(1, 1), (1, 5), (3, 6)]


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    return dict(charms.build_all(tmp_path_factory.mktemp('charms')))


@pytest.fixture(params=charms.SIDES)
def cls(request):
    return request.param


@pytest.fixture
def side(cls):
    return charms.SIDES[cls]


def told(charm, side, units):
    """A fleet that was told of each unit in its hooks."""
    fleet = Fleet(charm, side, 1, 0)
    for unit in range(units):
        fleet.publish(0, unit)
        for kind in ('joined', 'changed'):
            fleet.run(fleet.hook(kind, 0, unit))
            fleet.join(0, unit)
    return fleet


def test_the_layers_keep_within_the_bounds(built, cls, side):
    rows = list(measure.rows(cls, side, built[cls], SIZES, 1))
    assert {row.hook for row in rows} == set(measure.HOOKS)
    grown = measure.scale_out(cls, side, built[cls]['layer'], 'layer', 5)
    assert list(bounds.broken(rows, [grown])) == []
    naive = [row._replace(layer='layer') for row in rows
             if row.layer == 'naive' and row.units == 5]
    assert len(list(bounds.broken(naive, []))) >= len(measure.HOOKS)


def test_nothing_is_published_twice_whatever_follows(built, cls, side):
    fleet = Fleet(built[cls]['layer'], side, 3, 3)
    fleet.settle()
    fleet.relate(3)
    published = fleet.run(fleet.hook('created', 3)).own['relation-set']
    assert published == int(side.role == 'provides')
    fleet.publish(0, 9)
    own = fleet.run(fleet.hook('joined', 0, 9)).own
    assert own['relation-get (confirming)'] == published
    assert own['relation-set'] == 0
    assert own['relation-get'] + published <= 1
    assert measure.asked(own) <= bounds.PER_EVENT


def test_a_settled_fleet_is_as_if_told(built, cls, side):
    """The state that is put together is the one that the hooks lead to."""
    played = told(built[cls]['layer'], side, 3)
    fleet = Fleet(built[cls]['layer'], side, 1, 3)
    for one in (played, fleet):
        one.settle()
    assert fleet.store.getrange('') == played.store.getrange('')


def test_conversations_are_as_if_told(built, cls, side):
    played = told(built[cls]['naive'], side, 3)
    fleet = Fleet(built[cls]['naive'], side, 1, 3)
    fleet.converse()
    prefix = 'reactive.conversations.'
    assert fleet.store.getrange(prefix) == played.store.getrange(prefix)
    prefix = 'reactive.states.'
    assert fleet.store.getrange(prefix) == played.store.getrange(prefix)
