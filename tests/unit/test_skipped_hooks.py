"""Changes that no hook reported, because it was skipped or a relation was removed.

A hook of a relation corrects what is recorded of that relation; update-status and
upgrade-charm correct everything.
"""
import pytest

from .harness import (CONNECTED, DEPARTING, FULL_READ_HOOKS, JOINING, NOTHING, ONE_UNIT,
                      Provides, Requires, THREE_RELATIONS, TWO_RELATIONS, TWO_UNITS,
                      USABLE, assert_listed, deploy_settled)

each_full_read = pytest.mark.parametrize('hook', FULL_READ_HOOKS)

RELATION_HOOKS = {
    'joined': lambda juju, relation_id, side: juju.joined(
        relation_id, juju.listed_units(relation_id)[0][:-1] + '9', side.remote_data(9)),
    'changed': lambda juju, relation_id, _: juju.changed(
        relation_id, juju.listed_units(relation_id)[0]),
    'departed': lambda juju, relation_id, _: juju.departed(
        relation_id, juju.listed_units(relation_id)[-1]),
    'created': lambda juju, relation_id, _: juju.relation_hook('created', relation_id),
    'application': lambda juju, relation_id, _: juju.relation_hook(
        'changed', relation_id),
}
each_relation_hook = pytest.mark.parametrize(
    'relation_hook', RELATION_HOOKS.values(), ids=list(RELATION_HOOKS))


@pytest.mark.parametrize('skip', [
    lambda juju: juju.skip_departed('zk:1', 'remote/0'),
    lambda juju: juju.remove_without_hook('zk:1')],
    ids=['departed', 'relation removed by force'])
@pytest.mark.parametrize('units', [ONE_UNIT, TWO_RELATIONS, THREE_RELATIONS],
                         ids=['alone', 'two relations', 'three relations'])
@each_full_read
def test_unit_that_left_is_noticed_by_a_full_read(juju, side, skip, units, hook):
    deploy_settled(juju, side, *units)
    skip(juju)
    juju.hook(hook)
    others = NOTHING if units is ONE_UNIT else USABLE
    assert juju.flags() == others | DEPARTING
    assert_listed(juju, side, *range(1, len(units)))


@each_full_read
def test_full_read_notices_that_one_of_two_units_left(juju, side, hook):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.skip_departed('zk:1', 'remote/0')
    juju.hook(hook)
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)


def test_unit_that_left_is_not_noticed_by_config_changed(juju, side):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.skip_departed('zk:1', 'remote/0')
    juju.hook('config-changed')
    assert juju.flags() == USABLE
    assert juju.calls == {}


@each_relation_hook
def test_unit_that_left_is_noticed_by_its_relations_next_hook(juju, side,
                                                              relation_hook):
    deploy_settled(juju, side, *TWO_UNITS, ('zk:1', 'remote/2'))
    juju.skip_departed('zk:1', 'remote/0')
    relation_hook(juju, 'zk:1', side)
    assert 'departing' in juju.flags()
    juju.endpoint().dismiss_departing()
    if isinstance(side, Requires):
        assert '10.0.0.0' not in side.hosts(juju.endpoint())
        assert '10.0.0.1' in side.hosts(juju.endpoint())
    juju.update_status()
    assert 'departing' not in juju.flags()


@each_relation_hook
def test_unit_that_left_is_not_noticed_by_another_relations_hook(juju, side,
                                                                 relation_hook):
    deploy_settled(juju, side, *TWO_RELATIONS, ('zk:2', 'second/1'))
    juju.skip_departed('zk:1', 'remote/0')
    relation_hook(juju, 'zk:2', side)
    juju.endpoint().dismiss_departing()
    if isinstance(side, Requires):
        assert '10.0.0.0' in side.hosts(juju.endpoint())
    juju.update_status()
    assert 'departing' in juju.flags()


def test_joining_is_cleared_when_the_announced_unit_has_left(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.join('zk:1', 'remote/1', side.remote_data(1))
    juju.skip_departed('zk:1', 'remote/1')
    juju.update_status()
    assert juju.flags() == USABLE | DEPARTING


@pytest.mark.parametrize('units, flags', [
    (TWO_UNITS, USABLE), (ONE_UNIT, NOTHING)], ids=['first', 'last'])
def test_departed_of_unit_that_is_known_to_have_left_sets_no_flag(juju, side, units,
                                                                  flags):
    deploy_settled(juju, side, *units)
    juju.skip_departed('zk:1', 'remote/0')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert juju.flags() == flags


def test_unit_that_was_replaced_between_hooks_is_noticed(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.skip_departed('zk:1', 'remote/0')
    juju.joined('zk:1', 'remote/1', side.remote_data(1))
    assert juju.flags() == USABLE | JOINING | DEPARTING
    assert_listed(juju, side, 1)


def test_unit_whose_relation_was_made_again_has_not_left(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.remove_without_hook('zk:1')
    juju.created('zk:2')
    juju.join('zk:2', 'remote/0', side.remote_data(7))
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 7)
    juju.update_status()
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 7)


def test_broken_without_departed_removes_its_units(juju, side):
    deploy_settled(juju, side, *TWO_RELATIONS)
    juju.broken('zk:1')
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)


@each_full_read
def test_unit_that_joined_is_noticed_by_a_full_read(juju, side, hook):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.skip_joined('zk:1', 'remote/1', side.remote_data(1))
    juju.hook(hook)
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 0, 1)


def test_unit_that_joined_is_noticed_by_its_relations_next_hook(juju, side):
    """Its data are read by the next full read."""
    deploy_settled(juju, side, *ONE_UNIT)
    juju.skip_joined('zk:1', 'remote/1', side.remote_data(1))
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_departing()
    assert juju.flags() >= CONNECTED
    assert_listed(juju, side, *((1,) if isinstance(side, Provides) else ()))
    juju.update_status()
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 1)


@each_full_read
def test_changed_unit_data_are_noticed_by_a_full_read(juju, requires, hook):
    deploy_settled(juju, requires, *TWO_UNITS)
    juju.skip_changed('zk:1', 'remote/0', dict(requires.remote_data(0), port='2222'))
    juju.hook('config-changed')
    juju.changed('zk:1', 'remote/1')
    assert juju.flags() == USABLE
    juju.hook(hook)
    assert juju.flags() == USABLE | JOINING
    assert [unit['port'] for unit in requires.listed(juju.endpoint())] == [
        '2222', requires.published['port']]


@each_full_read
def test_deleted_unit_data_are_noticed_by_a_full_read(juju, requires, hook):
    deploy_settled(juju, requires, *ONE_UNIT)
    juju.skip_changed('zk:1', 'remote/0', {'ingress-address': '10.0.0.0'})
    juju.hook(hook)
    assert juju.flags() == CONNECTED
    assert_listed(juju, requires)


def test_full_reads_change_nothing_if_no_hook_was_skipped(juju, side):
    deploy_settled(juju, side, *THREE_RELATIONS)
    for hook in FULL_READ_HOOKS * 2:
        juju.hook(hook)
        assert juju.flags() == USABLE
        assert_listed(juju, side, 0, 1, 2)
    assert juju.warnings == []
