"""This unit's own data: they are verified, and lost or failed writes are repeated."""
import pytest
from charmhelpers.core import unitdata

from .harness import (JOINING, ONE_UNIT, TWO_RELATIONS, USABLE, ZOOKEEPER_PROVIDES,
                      deploy_and_send, deploy_settled)

READING_HOOKS = {
    'update-status': lambda juju: juju.update_status(),
    'upgrade-charm': lambda juju: juju.hook('upgrade-charm'),
    "its relation's hook": lambda juju: juju.changed('zk:1', 'remote/0'),
}
OTHER_HOOKS = {
    'config-changed': lambda juju: juju.hook('config-changed'),
    'leader-elected': lambda juju: juju.hook('leader-elected'),
}
NEXT_HOOKS = {
    **READING_HOOKS, **OTHER_HOOKS,
    'joined of another relation': lambda juju: juju.joined('zk:2', 'second/0'),
    'changed of another relation': lambda juju: juju.changed('zk:3', 'third/0'),
    'departed of another relation': lambda juju: juju.departed('zk:3', 'third/0'),
    'created of another endpoint': lambda juju: juju.created('other:4'),
}


def each(hooks):
    return pytest.mark.parametrize('hook', hooks.values(), ids=list(hooks))


each_reading_hook = each(READING_HOOKS)


@each_reading_hook
def test_deleted_details_are_written_again(juju, provides, hook):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.replace_own_data('zk:1', {})
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == {}
    hook(juju)
    assert juju.own_data('zk:1') == provides.details()
    assert juju.flags() == USABLE


@each_reading_hook
def test_only_the_keys_that_differ_are_written_again(juju, provides, hook):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.update_own_data('zk:1', {'port': '1', 'more': 'x'})
    hook(juju)
    assert juju.writes == [('zk:1', {'port': provides.details()['port']})]
    assert juju.own_data('zk:1') == dict(provides.details(), more='x')


def test_details_are_corrected_in_each_relation(juju, provides):
    deploy_settled(juju, provides, *TWO_RELATIONS, ('zk:3', 'third/0'))
    for relation_id in ('zk:1', 'zk:3'):
        juju.update_own_data(relation_id, {'port': '1'})
    juju.update_status()
    for relation_id in ('zk:1', 'zk:2', 'zk:3'):
        assert juju.own_data(relation_id) == provides.details()


def test_details_in_two_relations_of_one_application_are_corrected_in_two_hooks(
        juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT, ('zk:2', 'remote/0'))
    for relation_id in ('zk:1', 'zk:2'):
        juju.update_own_data(relation_id, {'port': '1'})
    juju.update_status()
    juju.update_status()
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.details()


@each_reading_hook
def test_host_that_the_charm_wrote_itself_stays(juju, hook):
    juju.deploy_joined(ZOOKEEPER_PROVIDES)
    juju.update_own_data('zk:1', {'host': 'zk.example'})
    juju.hook('config-changed')
    juju.endpoint().send_port(2181)
    hook(juju)
    juju.endpoint().send_port(2182)
    assert juju.own_data('zk:1') == {'port': '2182', 'host': 'zk.example'}


@pytest.mark.parametrize('hook', ['update-status', 'upgrade-charm', 'config-changed'])
def test_host_that_the_charm_wrote_itself_is_not_adopted_if_the_store_is_lost(juju,
                                                                              hook):
    deploy_and_send(juju, ZOOKEEPER_PROVIDES)
    juju.endpoint().send_port(2181)
    juju.join('zk:1', 'remote/0')
    juju.update_own_data('zk:1', {'host': 'zk.example'})
    unitdata.kv().unsetrange(prefix='')
    unitdata.kv().flush()
    juju.hook(hook)
    juju.join('zk:2', 'second/0')
    assert juju.own_data('zk:2') == {'port': '2181'}
    juju.update_own_data('zk:1', {'host': 'new.example'})
    juju.update_status()
    assert juju.own_data('zk:1') == {'port': '2181', 'host': 'new.example'}
    juju.update_own_data('zk:1', {'host': ''})
    juju.update_status()
    assert juju.own_data('zk:1') == {'port': '2181'}


@each_reading_hook
def test_key_that_the_layer_deleted_is_deleted_again(juju, hook):
    juju.deploy_joined(ZOOKEEPER_PROVIDES)
    juju.endpoint().send_port(2181, 9998)
    juju.endpoint().send_port(2181)
    juju.update_own_data('zk:1', {'rest_port': '9998'})
    hook(juju)
    assert juju.own_data('zk:1') == {'port': '2181'}


@each_reading_hook
def test_data_stay_unchanged_if_the_charm_has_sent_no_details(juju, provides, hook):
    juju.deploy_joined(provides)
    juju.update_own_data('zk:1', {'port': '1', 'protocol': 'x', 'host': 'y'})
    hook(juju)
    assert juju.own_data('zk:1') == {'port': '1', 'protocol': 'x', 'host': 'y'}
    assert juju.flags() >= provides.flags_without_details
    assert not juju.flags() & {'available'}


# Actions may leave the key/value store unwritten.

def test_details_that_an_action_sent_without_flushing_are_reverted(juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.action()
    provides.send(juju.endpoint(), 1)
    juju.end(flush=False)
    assert juju.own_data('zk:1') == provides.details(1)
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == provides.details(1)
    juju.update_status()
    assert juju.own_data('zk:1') == provides.details()


def test_details_that_an_action_sent_and_flushed_stay(juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.action()
    provides.send(juju.endpoint(), 1)
    juju.update_status()
    assert juju.own_data('zk:1') == provides.details(1)


# Juju discards what a failed hook wrote, but the key/value store may record it as
# written.

def test_details_sent_again_after_a_failed_hook_are_written(juju, provides):
    juju.deploy_joined(provides)
    juju.hook('config-changed')
    provides.send(juju.endpoint())
    juju.fail()
    assert juju.flags() == provides.flags_without_details | JOINING
    juju.hook('config-changed')
    provides.send(juju.endpoint())
    assert juju.own_data('zk:1') == provides.details()
    assert juju.flags() == USABLE | JOINING


@pytest.mark.parametrize('hook', ['config-changed', 'update-status'])
def test_lost_writes_are_repeated_and_then_confirmed(juju, provides, hook):
    juju.deploy_joined(provides)
    juju.join('zk:2', 'third/0')
    provides.send(juju.endpoint())
    juju.fail(late=True)
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == {}
    juju.hook(hook)
    assert juju.calls['relation-get'] == 2
    assert juju.flags() == USABLE | JOINING
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.details()
    juju.hook('config-changed')
    assert juju.calls == {'relation-get': 2}
    juju.hook('config-changed')
    assert juju.calls == {}
    assert len(juju.writes) == 4


def test_lost_write_is_repeated_although_another_relation_is_confirmed(juju, provides):
    juju.deploy(provides)
    juju.join('zk:2', 'remote/0')
    provides.send(juju.endpoint())
    juju.hook('config-changed')
    juju.created('zk:1', 'third')
    juju.fail(late=True)
    juju.hook('config-changed')
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:2', 'zk:1', 'zk:1']
    assert juju.own_data('zk:1') == provides.details()


def test_write_that_is_lost_twice_is_repeated_twice(juju, provides):
    juju.deploy_joined(provides)
    provides.send(juju.endpoint())
    juju.fail(late=True)
    juju.hook('config-changed')
    juju.fail(late=True)
    juju.relation_hook('changed', 'zk:1', 'remote/0')
    assert juju.own_data('zk:1') == provides.details()


def test_lost_write_of_new_details_is_repeated(juju, provides):
    juju.deploy_joined(provides)
    provides.send(juju.endpoint())
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    juju.fail(late=True)
    assert juju.own_data('zk:1') == provides.details()
    juju.joined('zk:1', 'remote/1')
    assert juju.own_data('zk:1') == provides.details(1)


def test_lost_correction_is_repeated(juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.update_own_data('zk:1', {'port': '1'})
    juju.update_status()
    juju.fail(late=True)
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == provides.details()


# Until the hook ends, Juju returns what the hook has written, and may drop it then.

def test_lost_write_of_an_atstart_callback_is_repeated(juju, provides):
    juju.deploy_joined(provides)
    juju.hook('update-status', atstart=lambda: provides.send(juju.endpoint()))
    juju.fail(late=True)
    assert juju.own_data('zk:1') == {}
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == provides.details()


def test_write_is_confirmed_by_the_next_hook(juju, provides):
    juju.deploy_joined(provides)
    juju.hook('update-status', atstart=lambda: provides.send(juju.endpoint()))
    juju.hook('config-changed')
    assert juju.calls == {'relation-get': 1}
    juju.hook('config-changed')
    assert juju.calls == {}


# A write that fails.

FAILED = ['zk: relation-set in zk:1 failed (ERROR refused); a later hook tries again']


@each(NEXT_HOOKS)
def test_failed_write_is_repeated_in_the_next_hook(juju, provides, hook):
    juju.declare(provides, 'other')
    deploy_settled(juju, provides, *ONE_UNIT, ('zk:3', 'third/0'))
    juju.fail_tools('relation-set -r zk:1 *')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:1') == provides.details(0)
    juju.restore_tools()
    hook(juju)
    assert juju.own_data('zk:1') == provides.details(1)
    assert juju.warnings == FAILED


@each({**READING_HOOKS, **OTHER_HOOKS})
def test_failed_write_is_repeated_once_in_each_hook_and_logged_once(juju, provides,
                                                                    hook):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.fail_tools('relation-set*')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    for _ in range(3):
        hook(juju)
        assert juju.calls['relation-set'] == 1
    assert juju.flags() == USABLE
    juju.restore_tools()
    hook(juju)
    assert juju.own_data('zk:1') == provides.details(1)
    assert juju.warnings == FAILED


@pytest.fixture
def failing(juju, provides):
    """Details are sent to two relations, and the write in one of them fails."""
    juju.deploy_joined(provides)
    juju.join('zk:2', 'third/0')
    juju.endpoint().dismiss_joining()
    juju.fail_tools('relation-set -r zk:1 *')
    provides.send(juju.endpoint())
    return juju


def test_failed_write_does_not_prevent_others(failing, provides):
    assert failing.flags() == USABLE
    assert failing.own_data('zk:1') == {}
    assert failing.own_data('zk:2') == provides.details()
    assert failing.warnings == FAILED


def test_failed_write_is_repeated_only_once_in_a_hook(failing, provides):
    failing.hook('config-changed')
    assert failing.calls['relation-set'] == 1
    failing.endpoint().dismiss_joining()
    provides.send(failing.endpoint())
    assert failing.calls['relation-set'] == 1


def test_failed_write_is_repeated_with_new_details(failing, provides):
    failing.hook('config-changed')
    assert failing.calls['relation-set'] == 1
    provides.send(failing.endpoint(), 1)
    assert failing.calls['relation-set'] == 3, 'again, and in the other relation'
    assert failing.warnings == FAILED


def test_failed_write_is_logged_once_although_its_error_changes(failing, provides):
    for number in range(3):
        failing.restore_tools()
        failing.fail_tools('relation-set -r zk:1 *', 'ERROR {}'.format(number))
        failing.update_status()
    assert failing.warnings == FAILED
