"""Requests that the charm cancels, and several handlers that request access."""
import pytest

from .app_data_helpers import (GRANT, each_release, expected_request, grant,
                               written_ids)
from .harness import CONNECTED, JOINING, USABLE, ZOOKEEPER_REQUIRES

pytestmark = each_release

DIFFERENT = ('zk: server already has a request for /kafka (cdrwa). Remove the relation '
             'and add it again to send a different request')


# request(None)

def test_cancelled_request_is_not_sent_in_later_relations(client):
    assert written_ids(client) == ['zk:1']
    client.endpoint().request(None)
    client.join('zk:2', 'another/0')
    client.update_status()
    assert written_ids(client) == ['zk:1']
    assert 'is-leader' not in client.calls


def test_request_that_was_not_sent_yet_can_be_cancelled(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    juju.hook('config-changed')
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    juju.endpoint().request(None)
    juju.lead()
    juju.hook('leader-elected')
    juju.update_status()
    assert juju.app_writes == []


def test_grant_is_not_used_after_the_request_was_cancelled(client):
    grant(client)
    assert client.flags() == USABLE
    endpoint = client.endpoint()
    endpoint.request(None)
    for hook in None, 'config-changed', 'update-status', 'upgrade-charm':
        if hook:
            client.hook(hook)
        assert client.flags() == CONNECTED
        assert endpoint.zookeepers() == []
        assert endpoint.connection_string() == ''
        assert endpoint.credentials() is endpoint.tls() is None
        assert endpoint.credentials('server') is endpoint.tls('server') is None
    assert 'secret-get' not in client.calls


def test_new_grant_is_not_used_after_the_request_was_cancelled(client):
    client.endpoint().request(None)
    grant(client)
    assert client.flags() == CONNECTED
    assert client.endpoint().credentials() is None


def test_unit_data_servers_stay_usable_when_the_request_is_cancelled(client):
    client.join('zk:2', 'another/0', ZOOKEEPER_REQUIRES.remote_data(0))
    client.endpoint().dismiss_joining()
    client.endpoint().request(None)
    client.update_status()
    assert client.flags() == USABLE
    assert client.endpoint().connection_string() == '10.0.0.0:2181'


@pytest.mark.parametrize('leads', [True, False])
def test_cancelled_request_is_not_logged_as_missing(client, leads):
    grant(client)
    client.lead(leads)
    client.endpoint().request(None)
    client.hook('config-changed')
    client.join('zk:2', 'another/0')
    client.update_status()
    client.application_changed('zk:2', GRANT)
    client.hook('config-changed')
    assert client.warnings == []


@pytest.mark.parametrize('chroot', ['/kafka', '/another'])
def test_next_request_uses_the_grant_again_at_once(client, chroot):
    grant(client)
    client.endpoint().request(None)
    client.hook('config-changed')
    client.endpoint().request(chroot)
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().credentials().username == 'relation-1'
    assert client.endpoint().connection_string().endswith('/kafka')
    client.join('zk:2', 'another/0')
    assert client.app_writes == [
        ('zk:1', expected_request(client)),
        ('zk:2', expected_request(client, database=chroot))]
    assert (DIFFERENT in client.warnings) == (chroot != '/kafka')


def test_request_none_without_a_request_reads_nothing(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    juju.hook('config-changed')
    juju.endpoint().request(None)
    assert juju.calls == {}
    assert juju.warnings == []


# Several handlers.

def test_handlers_with_different_requests_log_the_difference_once(client):
    for hook in 'config-changed', 'update-status', 'config-changed', 'upgrade-charm':
        client.hook(hook)
        client.endpoint().request('/kafka')
        client.endpoint().request('/another')
    assert client.warnings == [DIFFERENT]
    assert written_ids(client) == ['zk:1']


def test_difference_is_logged_once_in_each_relation(client):
    for hook in 'config-changed', 'update-status':
        client.endpoint().request('/another')
        client.join('zk:2', 'another/0')
        client.endpoint().request('/kafka')
        client.hook(hook)
    assert client.warnings == [DIFFERENT, DIFFERENT.replace(
        'server', 'another').replace('/kafka', '/another')]
