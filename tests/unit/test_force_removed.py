"""Force-removed relations, which Juju lists until the agent restarts.

At the end of each hook, `Juju.end` asserts that Juju can commit it. Only Juju 4 rejects
a hook that used the databags of both a force-removed relation and its replacement.
"""
import pytest

from .harness import (DEPARTING, FLUME_REQUIRES, FORCE_REMOVED, FULL_READ_HOOKS,
                      JOINING, LOCAL, NOTHING, ONE_UNIT, Requires, TWO_RELATIONS,
                      TWO_UNITS, USABLE, assert_listed, deploy_and_send, deploy_settled)

pytestmark = pytest.mark.releases('3.6', '4.0')

LOGGED = ['zk: ' + FORCE_REMOVED.format('zk:1')]


def used_databags(juju):
    """The relations in which this hook has read or written this unit's data."""
    return {word for name, words in juju.context.calls for word in words
            if word.startswith('zk:') and (name == 'relation-set' or LOCAL in words)}


def deploy_and_force_remove(juju, side, *units):
    """Have units join a side, and remove zk:1 by force."""
    deploy_settled(juju, side, *units)
    juju.force_remove('zk:1')


@pytest.mark.parametrize('hook', FULL_READ_HOOKS)
def test_force_removal_is_noticed_by_a_full_read(juju, side, hook):
    deploy_and_force_remove(juju, side, *TWO_RELATIONS)
    juju.hook('config-changed')
    juju.changed('zk:2', 'second/0')
    assert juju.flags() == USABLE
    juju.hook(hook)
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 1)


def test_force_removal_is_logged_and_announced_once(juju, side):
    deploy_and_force_remove(juju, side, *ONE_UNIT)
    for _ in range(2):
        juju.update_status()
        juju.endpoint().dismiss_departing()
    juju.hook('config-changed')
    juju.hook('upgrade-charm')
    assert juju.flags() == NOTHING
    assert juju.warnings == LOGGED


def test_force_removal_clears_joining_of_its_units(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.join('zk:2', 'second/0', side.remote_data(1))
    juju.force_remove('zk:2')
    juju.update_status()
    assert juju.flags() == USABLE | DEPARTING
    assert_listed(juju, side, 0)


def test_force_removal_of_the_sinks_relation_selects_another_sink(juju):
    deploy_settled(juju, FLUME_REQUIRES, *TWO_RELATIONS)
    assert juju.endpoint().get_flume_ip() == '10.0.0.0'
    juju.force_remove('zk:1')
    juju.update_status()
    assert juju.endpoint().get_flume_ip() == '10.0.0.1'


def test_force_removed_relation_is_forgotten_when_the_agent_restarts(juju, side):
    deploy_and_force_remove(juju, side, *TWO_RELATIONS)
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.restart_agent()
    juju.update_status()
    assert juju.flags() == USABLE
    juju.joined('zk:1', 'remote/0', side.remote_data(0))
    assert juju.flags() == USABLE | JOINING
    assert juju.warnings == LOGGED


def test_force_removed_relation_costs_one_call_in_a_full_read(juju, side):
    deploy_and_force_remove(juju, side, *TWO_UNITS)
    juju.update_status()
    juju.update_status()
    assert juju.calls == {'relation-ids': 1, 'relation-get': 1}
    juju.hook('config-changed')
    assert juju.calls == {}


def test_departed_that_began_before_the_force_removal_sets_departing(juju, side):
    deploy_and_force_remove(juju, side, *TWO_UNITS)
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert 'departing' in juju.flags()
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert_listed(juju, side)


def test_departed_of_a_known_force_removed_relation_sets_no_flag(juju, side):
    deploy_and_force_remove(juju, side, *TWO_UNITS)
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert juju.flags() == NOTHING


def test_broken_of_a_known_force_removed_relation_ends_it(juju, side):
    deploy_and_force_remove(juju, side, *TWO_RELATIONS)
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    juju.relation_hook('broken', 'zk:1')
    assert juju.flags() == USABLE
    juju.update_status()
    assert juju.flags() == USABLE
    assert juju.calls['relation-list'] == 1


@pytest.mark.parametrize('status, error', [
    (1, 'ERROR connection is shut down'), (1, 'ERROR settings not found'), (1, ''),
    (2, 'ERROR invalid value "zk:1" for option -r: relation not found')])
def test_other_tool_failures_do_not_mark_a_relation_force_removed(juju, side, error,
                                                                  status):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.fail_tools('relation-*', error, status)
    for hook in FULL_READ_HOOKS + ['config-changed']:
        juju.hook(hook)
        assert juju.flags() == USABLE
        assert_listed(juju, side, 0)


def test_denied_unit_data_do_not_mark_a_relation_force_removed(juju, requires):
    deploy_settled(juju, requires, *ONE_UNIT)
    juju.fail_tools('relation-get * remote/0', 'ERROR permission denied')
    juju.changed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, requires, 0)


# Providers: Juju denies writing in a force-removed relation.

def test_details_reach_all_relations_except_the_force_removed_one(juju, provides):
    """The denied write must neither fail the hook nor prevent the other writes."""
    deploy_and_force_remove(juju, provides, *TWO_RELATIONS)
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.flags() == USABLE | DEPARTING
    assert juju.own_data('zk:2') == provides.details(1)
    juju.created('zk:3', 'new')
    assert juju.own_data('zk:3') == provides.details(1)
    for variant, hook in enumerate(FULL_READ_HOOKS + ['config-changed']):
        juju.hook(hook)
        provides.send(juju.endpoint(), variant % 2)
        assert juju.own_data('zk:2') == provides.details(variant % 2)
    assert juju.warnings == LOGGED


def test_denied_write_marks_the_only_relation_force_removed(juju, provides):
    deploy_and_force_remove(juju, provides, *ONE_UNIT)
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.flags() == DEPARTING
    assert juju.warnings == LOGGED


def test_relation_that_is_force_removed_during_joined_is_noticed_in_the_retry(
        juju, provides):
    """Juju cannot commit the first attempt, which read this unit's data."""
    deploy_settled(juju, provides, *TWO_RELATIONS)
    juju.joined('zk:1', 'remote/1')
    juju.model.remove_relation(juju.relation('zk:1'), force=True)
    juju.fail(late=True)
    juju.relation_hook('joined', 'zk:1', 'remote/1')
    assert juju.flags() == USABLE | DEPARTING
    assert juju.warnings == LOGGED


# The relation is made again while the agent runs.

def replace_relation(juju, side):
    """Remove a relation with two units by force, and make it again."""
    deploy_and_force_remove(juju, side, *TWO_UNITS)
    juju.created('zk:2')


def test_server_is_listed_once_when_its_relation_is_replaced(juju, requires):
    replace_relation(juju, requires)
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.1']
    for unit in (0, 1):
        juju.join('zk:2', 'remote/{}'.format(unit), requires.remote_data(unit))
        juju.update_status()
        assert juju.flags() == USABLE, 'the details are the same'
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.1']


def test_server_is_listed_with_the_details_of_the_new_relation(juju, requires):
    replace_relation(juju, requires)
    juju.join('zk:2', 'remote/0', requires.remote_data(7))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.7']
    assert juju.flags() == USABLE | JOINING
    juju.update_status()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.7']


def test_server_that_does_not_join_the_new_relation_is_not_listed(juju, requires):
    replace_relation(juju, requires)
    juju.join('zk:2', 'remote/0', requires.remote_data(0))
    for _ in range(3):
        juju.update_status()
        assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    juju.restart_agent()
    juju.update_status()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    assert juju.flags() == USABLE | DEPARTING, 'remote/1 has left'


def test_client_reads_no_own_data_in_a_replaced_relation(juju, requires):
    deploy_and_force_remove(juju, requires, *ONE_UNIT)
    juju.update_status()
    juju.join('zk:2', 'remote/0', requires.remote_data(1))
    for _ in range(3):
        juju.update_status()
        assert used_databags(juju) == {'zk:2'}


def test_known_force_removed_relation_stays_removed_when_it_is_replaced(juju, side):
    """Its own data can be read again: Juju returns those of the new relation."""
    deploy_and_force_remove(juju, side, *TWO_UNITS)
    juju.update_status()
    juju.created('zk:2')
    juju.join('zk:2', 'remote/0', side.remote_data(7))
    for _ in range(3):
        juju.update_status()
        assert juju.flags() == USABLE | JOINING | DEPARTING
        assert_listed(juju, side, 7)
        assert len(used_databags(juju)) == 1


def test_both_relations_are_noticed_when_the_new_one_is_force_removed(juju, side):
    replace_relation(juju, side)
    juju.join('zk:2', 'remote/0', side.remote_data(0))
    juju.force_remove('zk:2')
    juju.update_status()
    juju.update_status()
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


def test_provider_uses_own_data_in_only_one_of_both_relations(juju, provides):
    replace_relation(juju, provides)
    assert juju.own_data('zk:2') == provides.details()
    juju.join('zk:2', 'remote/0')
    for variant in (1, 0):
        for hook in ('config-changed', 'update-status', 'upgrade-charm', 'start'):
            juju.hook(hook)
            provides.send(juju.endpoint(), variant)
            assert len(used_databags(juju)) <= 1
        assert juju.own_data('zk:2') == provides.details(variant)
    juju.joined('zk:2', 'remote/1')
    provides.send(juju.endpoint(), 1)
    assert used_databags(juju) == {'zk:2'}
    assert juju.own_data('zk:2') == provides.details(1)
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert used_databags(juju) == {'zk:1'}
    juju.restart_agent()
    juju.update_status()
    assert juju.own_data('zk:2') == provides.details(1)


def test_provider_uses_own_data_in_one_of_both_in_first_created_hook(juju, provides):
    """The created hook of the first relation failed, and it was removed by force."""
    deploy_and_send(juju, provides)
    juju.created('zk:1')
    juju.model.remove_relation(juju.relation('zk:1'), force=True)
    juju.fail()
    juju.created('zk:2')
    assert len(used_databags(juju)) == 1


def test_details_reach_other_applications_first_when_a_relation_is_replaced(juju,
                                                                            provides):
    deploy_and_force_remove(juju, provides, *TWO_RELATIONS)
    juju.created('zk:3')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:2') == provides.details(1)
    juju.hook('config-changed')
    assert juju.own_data('zk:3') == provides.details(1)


# One application has several relations, none of which is force-removed: Juju allows
# that through several of its endpoints.

def test_relations_of_one_application_are_read_in_rotation(juju, side):
    deploy_settled(juju, side, ('zk:1', 'remote/0'), ('zk:2', 'remote/0'),
                   ('zk:3', 'remote/0'))
    used = []
    for _ in range(6):
        juju.update_status()
        used += used_databags(juju)
    assert set(used[:3]) == set(used[3:]) == {'zk:1', 'zk:2', 'zk:3'}
    assert juju.flags() >= USABLE
    if isinstance(side, Requires):
        assert side.hosts(juju.endpoint()) == ['10.0.0.2']


def test_failing_relation_does_not_keep_others_of_its_application_from_being_read(
        juju, provides):
    deploy_settled(juju, provides, ('zk:1', 'remote/0'), ('zk:2', 'remote/0'))
    juju.hook('config-changed')
    juju.fail_tools('relation-set -r zk:2*', 'ERROR refused')
    provides.send(juju.endpoint(), 1)
    for hook in ('config-changed', 'update-status', 'config-changed'):
        juju.hook(hook)
    juju.replace_own_data('zk:1', {})
    for hook in 2 * ('update-status', 'config-changed'):
        juju.hook(hook)
    assert juju.own_data('zk:1') == provides.details(1)
    juju.restore_tools()
    juju.update_status()
    juju.update_status()
    assert juju.own_data('zk:2') == provides.details(1)


def test_two_relations_of_one_application_are_written_in_two_hooks(juju, provides):
    deploy_settled(juju, provides, ('zk:1', 'remote/0'), ('zk:2', 'remote/0'))
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.calls['relation-set'] == 1
    juju.hook('config-changed')
    assert juju.calls['relation-set'] == 1
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.details(1)
