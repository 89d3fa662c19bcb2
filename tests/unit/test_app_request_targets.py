"""Which relations receive a client's request.

Relations of servers that publish a port, and force-removed relations, receive none.
"""
import pytest

from .app_data_helpers import GRANT, each_release, expected_request, grant, written_ids
from .harness import CONNECTED, DEPARTING, JOINING, USABLE, ZOOKEEPER_REQUIRES

pytestmark = each_release


@pytest.mark.parametrize('settings', [
    {'port': '2181'}, {'port': 'x'}, {'port': '2181', 'rest_port': 'x'}], ids=str)
def test_server_whose_unit_publishes_a_port_receives_no_request(unrelated_client,
                                                                settings):
    unrelated_client.join('zk:1', 'zk/0',
                          dict(ZOOKEEPER_REQUIRES.remote_data(0), **settings))
    unrelated_client.update_status()
    assert unrelated_client.app_writes == []
    assert 'is-leader' not in unrelated_client.calls


@pytest.mark.parametrize('requested_before', [True, False])
def test_request_waits_for_changed_in_which_a_unit_may_publish_its_port(
        juju, requested_before):
    """A request in `joined` would start `changed` hooks without a unit on the server.

    Several layers for servers mistake such a hook for one of a client's unit.
    """
    juju.deploy(ZOOKEEPER_REQUIRES)
    if requested_before:
        juju.endpoint().request('/kafka')
    juju.joined('zk:1', 'zk/0')
    juju.endpoint().request('/kafka')
    juju.changed('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.remote_data(0))
    assert juju.app_writes == []
    assert juju.flags() == USABLE | JOINING


def test_server_with_one_usable_unit_of_two_receives_no_request(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    juju.hook('start')
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'zk/0')
    juju.join('zk:1', 'zk/1', ZOOKEEPER_REQUIRES.remote_data(1))
    juju.lead()
    juju.changed('zk:1', 'zk/0')
    juju.update_status()
    assert juju.app_writes == []


def test_server_whose_unit_deleted_its_port_receives_no_request(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.remote_data(0))
    juju.changed('zk:1', 'zk/0', {})
    juju.update_status()
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'zk/1')
    juju.update_status()
    assert juju.app_writes == juju.warnings == []
    assert juju.calls == {'relation-ids': 1, 'relation-list': 1, 'goal-state': 1,
                          'relation-get': 4}
    juju.replace_app_data('zk:1', GRANT)
    juju.update_status()
    assert juju.flags() == USABLE | JOINING


def test_request_waits_until_all_units_are_read(unrelated_client):
    unrelated_client.created('zk:1', 'zk')
    unrelated_client.update_status()
    assert unrelated_client.app_writes == []
    unrelated_client.skip_joined('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.remote_data(0))
    unrelated_client.joined('zk:1', 'zk/1')       # zk/0 is listed, but was not read yet
    assert unrelated_client.app_writes == []
    unrelated_client.update_status()
    assert unrelated_client.app_writes == []
    assert len(unrelated_client.endpoint().zookeepers()) == 1


def test_request_waits_while_reading_the_unit_fails(unrelated_client):
    unrelated_client.fail_tools('relation-get*server/0')
    unrelated_client.join('zk:1', 'server/0')
    assert unrelated_client.app_writes == []
    unrelated_client.restore_tools()
    unrelated_client.update_status()
    assert len(unrelated_client.app_writes) == 1


def test_relation_without_units_receives_no_request(new_client):
    new_client.departed('zk:1', 'server/0')
    new_client.endpoint().request('/kafka')
    new_client.update_status()
    assert new_client.app_writes == []


def test_unit_is_usable_when_it_publishes_its_port_after_the_request(client):
    client.changed('zk:1', 'server/0', ZOOKEEPER_REQUIRES.remote_data(3))
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().connection_string() == '10.0.0.3:2181'
    client.update_status()
    assert 'is-leader' not in client.calls


def test_force_removed_relation_is_not_used_and_receives_no_request(client):
    grant(client)
    client.join('zk:2', 'another/0')
    client.force_remove('zk:1')
    client.update_status()
    assert client.flags() == CONNECTED | DEPARTING
    assert client.endpoint().connection_string() == ''
    assert client.endpoint().credentials() is None
    client.update_status()
    client.hook('config-changed')
    assert written_ids(client) == ['zk:1', 'zk:2']


def test_request_after_a_forced_removal_fails_no_hook(new_client):
    new_client.force_remove('zk:1')
    new_client.hook('start')
    new_client.endpoint().request('/kafka')
    new_client.update_status()
    new_client.hook('config-changed')
    new_client.end()
    assert new_client.app_writes == []
    assert new_client.flags() == DEPARTING


def test_force_removed_relation_and_replacement_are_written_in_different_hooks(
        new_client):
    new_client.force_remove('zk:1')
    new_client.join('zk:2', 'server/0')
    new_client.endpoint().request('/kafka')
    for hook in ('config-changed', 'update-status', 'start', 'update-status', 'stop'):
        new_client.hook(hook)       # fails if Juju cannot commit the previous hook
    assert new_client.own_app_data('zk:2') == expected_request(new_client)
    new_client.hook('config-changed')
    assert new_client.calls == {}


def test_force_removed_relation_of_a_unit_data_server_receives_no_request(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0')
    juju.force_remove('zk:1')
    juju.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.remote_data(7))
    juju.endpoint().request('/kafka')
    juju.update_status()
    juju.hook('config-changed')
    assert juju.app_writes == []
    assert juju.own_app_data('zk:2') == {}


def test_replacement_of_a_force_removed_relation_receives_the_request(client):
    grant(client)
    client.force_remove('zk:1')
    client.join('zk:2', 'server/0')
    assert client.own_app_data('zk:2') == expected_request(client)
    grant(client, 'zk:2', endpoints='10.0.0.9:2181', database='/kafka')
    client.update_status()
    client.update_status()
    assert client.endpoint().connection_string() == '10.0.0.9:2181/kafka'
    assert client.endpoint().credentials().password == 's3cret'
    client.restart_agent()
    client.update_status()
    assert client.flags() - DEPARTING == USABLE
    assert client.endpoint().connection_string() == '10.0.0.9:2181/kafka'


def test_application_related_twice_receives_the_request_in_the_hooks_relation(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    for number in 1, 2, 3:
        juju.join('zk:{}'.format(number), 'server/0')
    juju.endpoint().request('/kafka')
    juju.lead()
    juju.changed('zk:2', 'server/0')
    assert written_ids(juju) == ['zk:2']
    for _ in range(4):
        juju.hook('config-changed')
    assert sorted(written_ids(juju)) == ['zk:1', 'zk:2', 'zk:3']
