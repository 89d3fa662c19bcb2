"""What a server grants in application data, and what the client makes of it."""
import pytest

from .app_data_helpers import (GRANT, GRANT_WITHOUT_CREDENTIALS, each_release, grant,
                               recorded_warnings, stored_text, written_ids)
from .harness import (CONNECTED, DEPARTING, FLUME_REQUIRES, JOINING, NOTHING, USABLE,
                      ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES, deploy_settled)

pytestmark = each_release

NO_REQUEST = ('zk: server only accepts clients that request access. Upgrade this charm '
              'to a revision that does so (for its author: see request() and '
              'credentials())')


def test_client_is_available_when_the_grant_has_endpoints_and_credentials(client):
    assert client.flags() == CONNECTED
    client.application_changed('zk:1', GRANT_WITHOUT_CREDENTIALS)
    assert client.flags() == CONNECTED
    client.application_changed('zk:1', GRANT)
    assert client.flags() == USABLE | JOINING
    client.endpoint().dismiss_joining()
    client.application_changed('zk:1')
    client.update_status()
    assert client.flags() == USABLE


def test_unit_that_joins_after_the_grant_is_announced_in_joined(unrelated_client):
    """Juju runs the application's `changed` before the units' `joined`."""
    unrelated_client.created('zk:1', 'server')
    unrelated_client.application_changed('zk:1', GRANT)
    assert unrelated_client.flags() == NOTHING
    assert unrelated_client.endpoint().connection_string() == ''
    unrelated_client.joined('zk:1', 'server/0')
    assert unrelated_client.flags() == USABLE | JOINING
    assert unrelated_client.app_writes == []


def test_request_in_joined_uses_a_grant_to_another_unit_at_once(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    juju.created('zk:1', 'server')
    juju.application_changed('zk:1', GRANT)
    juju.joined('zk:1', 'server/0')
    juju.endpoint().request('/kafka')
    assert juju.flags() == USABLE | JOINING
    assert juju.warnings == []


@pytest.mark.parametrize('changes, notices', [
    ([{'endpoints': '10.0.0.1:2181'}, {'database': '/other'}, {'resource': '/more'},
      {'tls': 'enabled'}], JOINING),
    ([{'endpoints': '10.0.0.2:2181, 10.0.0.1:2181'}, {'resource': 'kafka'},
      {'uris': 'x', 'data': '{}', 'version': '1'}], NOTHING)],
    ids=['changed', 'equal'])
def test_joining_is_set_only_when_details_of_the_grant_change(client, changes, notices):
    grant(client)
    for change in changes:
        client.update_app_data('zk:1', change)
        client.application_changed('zk:1')
        assert client.flags() == USABLE | notices, change
        client.endpoint().dismiss_joining()


@pytest.mark.parametrize('change', [
    {'password': 'an0ther'}, {'username': 'relation-2'}])
def test_joining_is_set_when_plain_credentials_change(client, change):
    client.application_changed('zk:1', GRANT)
    client.endpoint().dismiss_joining()
    client.application_changed('zk:1', dict(GRANT, **change))
    assert client.flags() == USABLE | JOINING


def test_available_is_cleared_when_the_last_unit_leaves(client):
    grant(client)
    client.join('zk:1', 'server/1')
    client.departed('zk:1', 'server/0')
    assert client.flags() == USABLE | DEPARTING
    client.endpoint().dismiss_departing()
    client.departed('zk:1', 'server/1')
    assert client.flags() == DEPARTING
    assert client.endpoint().zookeepers() == []
    assert client.endpoint().credentials() is None
    client.joined('zk:1', 'server/2')
    assert client.flags() == USABLE | DEPARTING | JOINING


@pytest.mark.parametrize('settings', [{}, {'data': '{}'}, {'database': '/kafka'}],
                         ids=str)
def test_available_is_cleared_when_the_grant_is_withdrawn(client, settings):
    grant(client)
    client.application_changed('zk:1', settings)
    assert client.flags() == CONNECTED
    client.application_changed('zk:1', GRANT)
    assert client.flags() == USABLE | JOINING


def test_hook_without_the_applications_name_changes_no_flags(client, monkeypatch):
    grant(client)
    monkeypatch.delenv('JUJU_REMOTE_APP')
    client.endpoint()._update()
    assert client.flags() == USABLE


def test_update_status_reads_a_changed_grant_whose_hook_was_missed(client):
    grant(client)
    client.update_app_data('zk:1', {'endpoints': '10.0.0.7:2181'})
    client.update_status()
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().connection_string() == '10.0.0.7:2181/kafka'


def test_update_status_reads_a_new_grant_whose_hook_was_missed(client):
    client.update_app_data('zk:1', GRANT)
    client.update_status()
    assert client.flags() == USABLE | JOINING


def test_update_status_reads_a_grant_before_a_unit_joins(unrelated_client):
    unrelated_client.created('zk:1', 'server')
    unrelated_client.update_app_data('zk:1', GRANT)
    unrelated_client.update_status()
    unrelated_client.joined('zk:1', 'server/0')
    assert unrelated_client.flags() == USABLE | JOINING


def test_application_data_are_not_read_while_the_application_is_unknown(
        unrelated_client):
    unrelated_client.skip_created('zk:1', 'server')
    unrelated_client.fail_tools('relation-list*--app*')
    unrelated_client.update_status()
    assert 'relation-get' not in unrelated_client.calls
    assert unrelated_client.flags() == NOTHING


def test_failed_read_of_application_data_keeps_the_grant(client):
    grant(client)
    client.fail_tools('relation-get*--app*')
    client.application_changed('zk:1', {})
    client.update_status()
    assert client.flags() == USABLE
    assert client.warnings == ['zk: relation-get of server in zk:1 failed (ERROR '
                               'refused); keeping the last known data']
    client.restore_tools()
    client.update_status()
    assert client.flags() == CONNECTED


def test_lists_contain_the_granted_endpoints(client):
    grant(client)
    endpoint = client.endpoint()
    assert endpoint.zookeepers() == [
        {'host': '10.0.0.1', 'port': '2181', 'rest_port': None},
        {'host': '10.0.0.2', 'port': '2181', 'rest_port': None}]
    assert endpoint.get_zookeeper_units() == [
        ('10.0.0.1', '2181'), ('10.0.0.2', '2181')]


@pytest.mark.parametrize('chroot, path', [
    ('', '/kafka'), ('/', '/kafka'), (None, '/kafka'), ('/a/b', '/kafka/a/b')])
def test_connection_string_has_the_chroot_below_the_granted_path(client, chroot, path):
    grant(client)
    expected = '10.0.0.1:2181,10.0.0.2:2181' + path
    endpoint = client.endpoint()
    assert endpoint.connection_string(chroot) == expected
    assert endpoint.connection_string(chroot, application='server') == expected


def test_connection_string_has_ipv6_in_brackets_and_no_path_for_the_root(client):
    grant(client, endpoints='[fd00::1]:2182', database='/')
    assert client.endpoint().connection_string() == '[fd00::1]:2182'
    assert client.endpoint().connection_string('/a') == '[fd00::1]:2182/a'


def test_unit_data_take_precedence_over_the_grant(client):
    client.application_changed('zk:1', GRANT)
    client.changed('zk:1', 'server/0', ZOOKEEPER_REQUIRES.remote_data(3))
    assert client.endpoint().connection_string() == '10.0.0.3:2181'
    assert client.endpoint().credentials() is None


@pytest.mark.parametrize('key, value, problem', [
    ('endpoints', '10.0.0.1', 'not a list like 10.0.0.1:2181,10.0.0.2:2181'),
    ('endpoints', 'a:1\nport=1', 'not a list like 10.0.0.1:2181,10.0.0.2:2181'),
    ('endpoints', 'x' * 1000000, 'not a list like 10.0.0.1:2181,10.0.0.2:2181'),
    ('database', '//', 'not a path like /kafka or /a/b'),
    ('resource', 'a b', 'not a path like /kafka or /a/b'),
    ('password', 'an0ther\n', 'not ASCII without spaces, quotes or backslashes'),
    ('username', 'me:an0ther', 'not ASCII without spaces, quotes, backslashes or '
                               'colons'),
    ('secret-user', 'an0ther', 'not the URI of a secret'),
    ('username', '', 'missing'), ('password', '', 'missing'),
    ('database', '', 'missing')], ids='{!s:.12}'.format)
def test_invalid_grant_is_not_used_and_logged_once(client, key, value, problem):
    client.application_changed('zk:1', dict(GRANT, **{key: value}))
    assert client.flags() == CONNECTED
    client.update_status()
    assert client.endpoint().zookeepers() == []
    assert client.endpoint().credentials() is None
    assert client.warnings == [
        'zk: server is not usable: {} is {}'.format(key, problem)]
    assert 'an0ther' not in stored_text()
    client.application_changed('zk:1', GRANT)
    assert client.flags() == USABLE | JOINING
    client.application_changed('zk:1', dict(GRANT, **{key: value}))
    assert client.flags() == CONNECTED
    assert len(client.warnings) == 2


def test_grant_is_not_used_or_stored_without_a_request(new_client):
    for settings in GRANT, dict(GRANT, endpoints='10.0.0.9:2181'):
        new_client.application_changed('zk:1', settings)
        new_client.changed('zk:1', 'server/0')
        new_client.update_status()
    assert new_client.flags() == CONNECTED
    assert new_client.endpoint().zookeepers() == []
    assert new_client.endpoint().credentials() is None
    assert new_client.warnings == [NO_REQUEST]
    assert 's3cret' not in stored_text()


@pytest.mark.parametrize('settings', [
    {'database': '/kafka'}, {'endpoints': 'a:1'}, {'secret-user': 'secret:x'}], ids=str)
def test_any_key_of_the_protocol_warns_that_a_request_is_missing(new_client, settings):
    new_client.application_changed('zk:1', settings)
    assert new_client.calls == {'relation-list': 1, 'relation-get': 1}
    assert new_client.warnings == [NO_REQUEST]


@pytest.mark.parametrize('settings', [{}, {'port': '2181'}, {'version': '3'}], ids=str)
def test_application_data_of_other_protocols_are_ignored(new_client, settings):
    new_client.application_changed('zk:1', settings)
    assert new_client.warnings == []
    assert new_client.calls == {'relation-list': 1, 'relation-get': 1}
    assert new_client.flags() == CONNECTED


def test_warning_waits_until_the_charm_could_call_request(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.created('zk:1', 'server')
    juju.application_changed('zk:1', GRANT)
    juju.joined('zk:1', 'server/0')
    assert juju.warnings == []
    juju.changed('zk:1', 'server/0')
    assert juju.warnings == [NO_REQUEST]


def test_update_status_warns_that_a_silent_server_may_need_a_request(new_client):
    for _ in range(2):
        new_client.update_status()
    assert new_client.warnings == [
        'zk: no unit of server has published a port yet. If server only accepts '
        'clients that request access, upgrade this charm to a revision that does so '
        '(for its author: see request() and credentials())']
    new_client.application_changed('zk:1', GRANT)
    assert len(new_client.warnings) == 1


def test_silent_replacement_of_a_unit_data_relation_causes_no_warning(juju):
    deploy_settled(juju, ZOOKEEPER_REQUIRES, ('zk:1', 'zk/0'))
    juju.force_remove('zk:1')
    juju.join('zk:2', 'zk/0')
    juju.update_status()
    assert juju.warnings == []


def test_late_request_uses_an_existing_grant_at_once(new_client):
    new_client.application_changed('zk:1', GRANT)
    new_client.hook('config-changed')
    new_client.endpoint().request('/kafka')
    assert new_client.flags() == USABLE | JOINING
    assert new_client.warnings == [NO_REQUEST]
    assert recorded_warnings() == {}
    assert new_client.app_writes == []      # a grant shows that there was a request


@pytest.mark.parametrize('side', [FLUME_REQUIRES, ZOOKEEPER_PROVIDES],
                         ids=lambda side: side.id)
def test_other_endpoints_ignore_grants(juju, side):
    juju.deploy(side)
    juju.join('zk:1', 'server/0')
    juju.application_changed('zk:1', GRANT)
    juju.update_status()
    assert juju.warnings == []
    assert juju.flags() >= CONNECTED
    assert 'available' not in juju.flags()


def grant_twice(juju, second_path='/hbase'):
    """Two applications grant the request: the endpoint."""
    juju.application_changed('zk:1', GRANT)
    juju.join('zk:2', 'another/0')
    juju.application_changed('zk:2', dict(
        GRANT, endpoints='10.0.1.1:2181', database=second_path, username='relation-2'))
    return juju.endpoint()


def test_list_names_the_applications_if_there_are_several(client):
    endpoint = grant_twice(client)
    assert [(server['application'], server['host'])
            for server in endpoint.zookeepers()] == [
        ('another', '10.0.1.1'), ('server', '10.0.0.1'), ('server', '10.0.0.2')]
    assert endpoint.get_zookeeper_units()[0] == ('10.0.1.1', '2181')


def test_connection_string_needs_an_application_if_granted_paths_differ(client):
    endpoint = grant_twice(client)
    with pytest.raises(ValueError) as raised:
        endpoint.connection_string('/a')
    assert str(raised.value) == ('the paths of another (/hbase) and server '
                                 '(/kafka) differ; the charm must name one application')
    assert endpoint.connection_string('/a', application='another') == (
        '10.0.1.1:2181/hbase/a')
    assert endpoint.connection_string(application='server') == (
        '10.0.0.1:2181,10.0.0.2:2181/kafka')


def test_connection_string_has_all_applications_if_granted_paths_are_equal(client):
    assert grant_twice(client, '/kafka').connection_string() == (
        '10.0.1.1:2181,10.0.0.1:2181,10.0.0.2:2181/kafka')


def test_credentials_need_an_application_if_there_are_several(client):
    endpoint = grant_twice(client)
    for method in endpoint.credentials, endpoint.tls:
        with pytest.raises(ValueError) as raised:
            method()
        assert str(raised.value) == (
            'the charm must name one application of another, server')
    assert endpoint.credentials('another').username == 'relation-2'
    assert endpoint.credentials('server').username == 'relation-1'
    assert endpoint.tls('server') is None


def test_one_endpoint_uses_servers_of_both_protocols(client):
    grant(client)
    client.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.remote_data(7))
    client.update_status()
    endpoint = client.endpoint()
    assert client.flags() == USABLE | JOINING
    assert [server['application'] for server in endpoint.zookeepers()] == [
        'server', 'server', 'zk']
    with pytest.raises(ValueError, match=r'server \(/kafka\) and zk \(/\) differ'):
        endpoint.connection_string()
    assert endpoint.connection_string('/a', 'zk') == '10.0.0.7:2181/a'
    with pytest.raises(ValueError, match='one application of server, zk'):
        endpoint.credentials()
    assert endpoint.credentials('zk') is None
    assert endpoint.credentials('server').username == 'relation-1'
    assert written_ids(client) == ['zk:1']
    client.departed('zk:1', 'server/0')
    assert endpoint.connection_string('/a') == '10.0.0.7:2181/a'
    assert endpoint.zookeepers() == [
        {'host': '10.0.0.7', 'port': '2181', 'rest_port': None}]
