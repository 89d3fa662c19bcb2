"""`withdraw`: a provider deletes the details that it sent."""
import pytest

from .harness import (JOINING, Provides, USABLE, ZOOKEEPER_PROVIDES, deploy_and_send,
                      deploy_settled)
from .upgrades import CONNECTED_AVAILABLE, run_earlier_layer


@pytest.fixture
def sent(juju, provides):
    """Two relations with details."""
    deploy_settled(juju, provides, ('zk:1', 'remote/0'), ('zk:2', 'third/0'))
    juju.hook('config-changed')
    assert juju.flags() == USABLE


def assert_withdrawn(juju, *relation_ids):
    """Assert that there are clients, and no details in any of the relations."""
    assert juju.flags() == Provides.flags_without_details
    for relation_id in relation_ids:
        assert juju.own_data(relation_id) == {}


def test_withdraw_deletes_details_in_each_relation(juju, provides, sent):
    juju.endpoint().withdraw()
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:1', 'zk:2']
    assert_withdrawn(juju, 'zk:1', 'zk:2')
    juju.writes.clear()
    for hook in 'config-changed', 'update-status', 'upgrade-charm':
        juju.hook(hook)
    juju.changed('zk:1', 'remote/0')
    juju.endpoint().withdraw()
    assert_withdrawn(juju, 'zk:1', 'zk:2')
    assert juju.writes == []


def test_withdraw_keeps_details_out_of_new_relations_until_they_are_sent(juju, provides,
                                                                         sent):
    juju.endpoint().withdraw()
    juju.created('zk:3', 'fourth')
    juju.join('zk:3', 'fourth/0')
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert_withdrawn(juju, 'zk:1', 'zk:2', 'zk:3')
    juju.hook('config-changed')
    provides.send(juju.endpoint())
    assert juju.flags() == USABLE
    for relation_id in 'zk:1', 'zk:2', 'zk:3':
        assert juju.own_data(relation_id) == provides.details()


def test_withdraw_without_sent_details_writes_nothing(juju, provides):
    juju.deploy_joined(provides)
    juju.update_own_data('zk:1', {'port': '3000'})
    for hook in 'config-changed', 'update-status':
        juju.hook(hook)
        juju.endpoint().withdraw()
    assert juju.own_data('zk:1') == {'port': '3000'}
    assert juju.writes == []
    assert juju.flags() == Provides.flags_without_details | JOINING


def test_withdraw_deletes_each_key_ever_sent_and_no_other(juju):
    deploy_and_send(juju, ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().send_port(2181, rest_port=9998)
    juju.endpoint().send_port(2182)
    juju.update_own_data('zk:1', {'other': 'own', 'rest_port': '1'})
    juju.hook('update-status')
    juju.endpoint().withdraw()
    assert juju.own_data('zk:1') == {'other': 'own'}


@pytest.mark.parametrize('late', [True, False])
def test_withdraw_in_a_failed_hook_is_repeated(juju, provides, sent, late):
    juju.hook('config-changed')
    juju.endpoint().withdraw()
    juju.fail(late)
    juju.hook('config-changed')
    if not late:
        # the key/value store was lost too
        assert juju.flags() == USABLE
        juju.endpoint().withdraw()
    assert_withdrawn(juju, 'zk:1', 'zk:2')


def test_details_written_after_withdraw_are_deleted(juju, provides, sent):
    juju.endpoint().withdraw()
    juju.update_own_data('zk:1', {'port': '3000'})
    juju.update_status()
    assert_withdrawn(juju, 'zk:1', 'zk:2')


# After an upgrade from an earlier layer, while hook tools fail.

@pytest.fixture
def unread(juju, provides):
    """An earlier layer has sent details, which cannot be read yet."""
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, (0,))
    juju.fail_tools('relation-get*')
    juju.hook('upgrade-charm')
    assert juju.flags() >= USABLE


def test_withdraw_of_unread_details_deletes_them_once_they_are_read(juju, provides,
                                                                    unread):
    juju.endpoint().withdraw()
    juju.endpoint().dismiss_joining()
    juju.hook('config-changed')
    assert juju.flags() - JOINING == Provides.flags_without_details
    juju.restore_tools()
    juju.update_status()
    juju.endpoint().dismiss_joining()
    assert juju.flags() == Provides.flags_without_details
    assert juju.own_data('zk:1').keys() <= {'host'}


def test_details_sent_after_withdraw_of_unread_details_are_written(juju, provides,
                                                                   unread):
    juju.endpoint().withdraw()
    provides.send(juju.endpoint(), variant=1)
    juju.restore_tools()
    juju.update_status()
    assert juju.flags() - JOINING == USABLE
    assert juju.own_data('zk:1').items() >= provides.details(1).items()


def test_withdraw_clears_only_available_if_relation_tools_fail(juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, (0,))
    juju.fail_tools('relation-*')
    juju.hook('upgrade-charm')
    juju.endpoint().withdraw()
    assert juju.flags() == Provides.flags_without_details
