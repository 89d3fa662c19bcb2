"""Errors that mark a relation as force-removed, and hooks that correct a wrong mark."""
import pytest

from .harness import (DEPARTING, JOINING, LOCAL, NOTHING, ONE_UNIT, TWO_UNITS, USABLE,
                      assert_listed, deploy_and_send, deploy_settled, layer)

hooktools = layer('zookeeper', 'common.hooktools')

DENIED = ['ERROR permission denied',
          'ERROR cannot read relation settings: permission denied',
          'ERROR permission denied (unauthorized access)']
OTHER = ['ERROR connect: permission denied',
         'ERROR dial unix /var/lib/juju/agents/unit-local-0/agent.socket: connect: '
         'permission denied',
         'ERROR permission denied (by a firewall)',
         'ERROR permission denied: try again',
         'fork/exec relation-get: permission denied',
         'permission denied']


def deny(juju, error=DENIED[0], pattern='relation-get *' + LOCAL):
    """Have hook-tool calls fail: by default, reading this unit's own data."""
    juju.fail_tools(pattern, error)


def mark_force_removed(juju, side, *units):
    """Have the side's relation marked by mistake, and dismiss the notice."""
    deploy_settled(juju, side, *units)
    deny(juju)
    juju.update_status()
    assert juju.flags() == DEPARTING
    juju.endpoint().dismiss_departing()
    juju.restore_tools()


@pytest.mark.parametrize('error, denied', [(text, True) for text in DENIED] + [
    (text, False) for text in OTHER + ['ERROR relation not found', '']])
def test_error_is_permission_denied_only_if_juju_says_so(error, denied):
    assert hooktools.HookToolError('relation-get', error).permission_denied is denied


@pytest.mark.parametrize('error', OTHER)
def test_other_error_with_these_words_keeps_the_units(juju, side, error):
    deploy_settled(juju, side, *ONE_UNIT)
    deny(juju, error)
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0)
    assert juju.warnings == [
        "zk: relation-get of this unit's data in zk:1 failed ({}); keeping the last "
        'known data'.format(error)]


@pytest.mark.parametrize('error, flags', [
    (error, NOTHING) for error in DENIED] + [
    (error, USABLE | JOINING) for error in OTHER])
def test_failed_write_marks_relation_force_removed_only_if_juju_denied_it(
        juju, provides, error, flags):
    deploy_and_send(juju, provides)
    deny(juju, error, 'relation-set*')
    juju.joined('zk:1', 'remote/0')
    assert juju.flags() - DEPARTING == flags


@pytest.mark.releases('3.6', '4.0')
def test_relation_returns_when_its_own_data_are_no_longer_denied(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    deny(juju, pattern='* ' + LOCAL)
    juju.update_status()
    assert juju.flags() == DEPARTING
    juju.restore_tools()
    juju.update_status()
    assert juju.flags() == USABLE | JOINING | DEPARTING
    assert_listed(juju, side, 0)


@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_unit_hook_restores_a_relation_wrongly_marked_force_removed(juju, side, kind):
    mark_force_removed(juju, side, *ONE_UNIT)
    juju.relation_hook(kind, 'zk:1', 'remote/0')
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, side, 0)
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert juju.flags() == USABLE


def test_update_status_reads_other_units_of_a_restored_relation(juju, requires):
    mark_force_removed(juju, requires, *TWO_UNITS)
    juju.changed('zk:1', 'remote/1')
    juju.endpoint().dismiss_joining()
    assert_listed(juju, requires, 1)
    juju.update_status()
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, requires, 0, 1)


def test_provider_writes_new_details_in_a_restored_relation(juju, provides):
    mark_force_removed(juju, provides, *ONE_UNIT)
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:1') == provides.details(0)
    juju.changed('zk:1', 'remote/0')
    assert juju.own_data('zk:1') == provides.details(1)


def test_restored_relation_is_logged_again_when_it_is_force_removed(juju, side):
    mark_force_removed(juju, side, *ONE_UNIT)
    juju.changed('zk:1', 'remote/0')
    juju.endpoint().dismiss_joining()
    juju.force_remove('zk:1')
    juju.update_status()
    assert juju.flags() == DEPARTING
    assert len(juju.warnings) == 2
    assert len(set(juju.warnings)) == 1


# One application has two relations, and Juju denies access to one of them by mistake.

@pytest.fixture(params=['zk:1', 'zk:2'], ids=['older', 'newer'])
def deny_one_relation(juju, request):
    """Relates a side twice, has one relation denied, and returns its ID."""
    def deny_one_relation(side):
        deploy_settled(juju, side, ('zk:1', 'remote/0'), ('zk:2', 'remote/1'))
        deny(juju, pattern='relation-get * {} - {}'.format(request.param, LOCAL))
        juju.update_status()
        juju.update_status()
        juju.endpoint().dismiss_departing()
        juju.restore_tools()
        return request.param
    return deny_one_relation


def test_provider_writes_new_details_in_both_relations_after_two_full_reads(
        juju, provides, deny_one_relation):
    deny_one_relation(provides)
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    for _ in range(3):
        juju.update_status()
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.details(1)


def test_only_newer_relation_is_usable_again_after_full_reads(
        juju, side, deny_one_relation):
    older = deny_one_relation(side) == 'zk:1'
    juju.update_status()
    juju.update_status()
    # the own data of the older one could be those of the newer one
    assert juju.flags() == USABLE | (NOTHING if older else JOINING)
