"""Flags and conversations of an earlier layer, after an upgrade."""
import pytest
from charmhelpers.core import unitdata
from charms.reactive import set_flag
from charms.reactive.relations import scopes

from .harness import (CONNECTED, DEPARTING, JOINING, NOTHING, RECORD_KEY, USABLE,
                      assert_listed, conversation)
from .upgrades import (CONNECTED_AVAILABLE, each_first_hook_with_flags, each_generation,
                       run_earlier_layer, scope_of)


@each_first_hook_with_flags
def test_first_hook_keeps_flags_and_list_and_announces_nothing(juju, side, flags, hook):
    run_earlier_layer(juju, side, flags)
    hook(juju)
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.writes == []
    assert juju.warnings == []
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == USABLE


@each_first_hook_with_flags
def test_first_hook_detaches_flags_from_conversations(juju, side, flags, hook):
    run_earlier_layer(juju, side, flags + ('joining', 'departing'))
    hook(juju)
    assert unitdata.kv().getrange('reactive.states.zk.', strip=True) == {
        flag: {'relation': 'zk', 'conversations': []}
        for flag in USABLE | JOINING | DEPARTING}


@pytest.mark.parametrize('value', [1, [], [None], [[]], {}, {'x': 1}, 'x'], ids=repr)
def test_damaged_flag_fails_no_hook(juju, requires, value):
    juju.declare(requires)
    juju.skip_joined('zk:1', 'remote/0', requires.remote_data(0))
    unitdata.kv().set('reactive.states.zk.available', {'conversations': value})
    juju.hook('upgrade-charm')
    assert juju.flags() >= USABLE


@each_generation
def test_upgrade_clears_flags_of_a_removed_relation(juju, side, flags):
    run_earlier_layer(juju, side, flags + ('joining',), units=(0,))
    juju.remove_without_hook('zk:1')
    juju.hook('upgrade-charm')
    assert juju.flags() == NOTHING
    assert juju.conversations() == []


@each_generation
def test_upgrade_clears_available_if_no_unit_is_usable(juju, requires, flags):
    run_earlier_layer(juju, requires, flags, units=(0,))
    juju.replace_data('zk:1', 'remote/0', dict(requires.remote_data(0), port='x'))
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED
    assert len(juju.warnings) == 1
    juju.changed('zk:1', 'remote/0', requires.remote_data(0))
    assert juju.flags() == USABLE | JOINING


@each_generation
def test_upgrade_forgets_unit_that_left_before(juju, side, flags):
    run_earlier_layer(juju, side, flags, units=(0, 1, 2))
    juju.skip_departed('zk:1', 'remote/2')
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.conversations() == []


def test_upgrade_deletes_conversations_of_every_scope(juju, side):
    juju.declare(side)
    juju.skip_joined('zk:1', 'remote/0', side.remote_data(0))
    kept = conversation(juju, 'zk:1', 'remote/0', 'connected', scope=scope_of(side))
    kept.set_local('previous', 'x')
    conversation(juju, 'zk:1', '', scope='unit')
    conversation(juju, 'zk:1', 'remote/0', scope=scopes.SERVICE)
    assert len(juju.conversations()) == 4
    juju.hook('upgrade-charm')
    assert juju.conversations() == []


@pytest.mark.parametrize('scope', [scopes.UNIT, scopes.GLOBAL, scopes.SERVICE])
def test_upgrade_keeps_conversations_of_other_endpoints(juju, side, scope):
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE)
    kept = {}
    for number, other in enumerate(['zk-2', 'zk2', 'my-zk', 'z', 'other'], 3):
        relation_id = '{}:{}'.format(other, number)
        juju.skip_created(relation_id)
        kept[other] = conversation(juju, relation_id, 'remote/0', 'connected',
                                   scope=scope).key
    juju.hook('upgrade-charm')
    assert juju.conversations() == sorted(kept.values())
    for other, key in kept.items():
        assert juju.flags(other) == {'connected'}
        assert unitdata.kv().get('reactive.states.{}.connected'.format(other)) == {
            'relation': other, 'conversations': [key]}


def test_upgrade_handles_each_endpoint(juju, side):
    for relation_id in ('zk:1', 'zk-2:2'):
        run_earlier_layer(juju, side, CONNECTED_AVAILABLE, (0,), relation_id)
    juju.hook('upgrade-charm')
    assert juju.flags('zk') == USABLE
    assert juju.flags('zk-2') == USABLE
    assert juju.conversations() == []


def test_upgrade_ignores_flags_of_other_names(juju, side):
    juju.declare(side)
    juju.action()
    for flag in ('connected', 'departing', 'zk', 'zk-2.departing',
                 'my.zk.departing', 'zk.other'):
        set_flag(flag)
    juju.skip_joined('zk:1', 'remote/0', side.remote_data(0))
    juju.hook('upgrade-charm')
    assert juju.flags() - {'other'} >= CONNECTED | JOINING
    assert not juju.flags() & DEPARTING


@pytest.mark.parametrize('force_removed', ['zk:1', 'zk:2'])
def test_upgrade_drops_a_force_removed_relation_only(juju, side, force_removed):
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE, (0,))
    run_earlier_layer(juju, side, CONNECTED_AVAILABLE, (1,), 'zk:2', 'second')
    juju.force_remove(force_removed)
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    assert_listed(juju, side, 1 if force_removed == 'zk:1' else 0)
    assert juju.writes == []


# The first hook belongs to a relation.

@each_generation
@pytest.mark.parametrize('relation_id, unit', [
    ('zk:1', 'remote/2'), ('zk:2', 'third/0')], ids=['same relation', 'new relation'])
def test_first_hook_joined_announces_its_unit(juju, side, flags, relation_id, unit):
    run_earlier_layer(juju, side, flags)
    juju.joined(relation_id, unit, side.remote_data(2))
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 0, 1, 2)
    juju.departed(relation_id, unit)
    assert juju.flags() == USABLE | DEPARTING


@each_generation
def test_first_hook_departed_sets_departing(juju, side, flags):
    run_earlier_layer(juju, side, flags)
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 0)
    juju.endpoint().dismiss_departing()
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == USABLE


@each_generation
@pytest.mark.parametrize('notices', [(), ('joining',)], ids=['dismissed', 'joining'])
def test_first_hook_departed_of_last_unit_leaves_only_departing(juju, side, flags,
                                                                notices):
    run_earlier_layer(juju, side, flags + notices, units=(0,))
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING
    assert juju.conversations() == []


@each_generation
def test_first_hook_broken_sets_no_notice(juju, side, flags):
    run_earlier_layer(juju, side, flags, units=(0,))
    juju.skip_departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    assert juju.flags() == NOTHING


def test_first_hook_broken_does_not_query_its_relation(juju, side):
    """Juju lists a dying relation in broken, but not if its agent was restarted."""
    juju.declare(side)
    juju.skip_created('zk:1')
    juju.model.remove_relation(juju.relation('zk:1'))
    juju.restart_agent()
    juju.broken('zk:1')
    assert juju.flags() == NOTHING
    assert not any('zk:1' in words for _, words in juju.context.calls)


def test_first_hook_created_records_the_application_of_each_relation(juju, side):
    juju.declare(side)
    juju.skip_created('zk:2', 'second')
    juju.created('zk:1', 'remote')
    relations = unitdata.kv().get(RECORD_KEY)['relations']
    assert {relation_id: relation['application']
            for relation_id, relation in relations.items()} == {
                'zk:1': 'remote', 'zk:2': 'second'}


def test_first_hook_install_announces_units(juju, side):
    juju.declare(side)
    juju.skip_joined('zk:1', 'remote/0', side.remote_data(0))
    juju.hook('install')
    assert juju.flags() >= CONNECTED | JOINING
    assert not juju.flags() & DEPARTING
