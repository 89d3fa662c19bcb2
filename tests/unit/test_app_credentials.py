"""`credentials()` and `tls()`, in plain text or in secrets."""
import logging
import re

import pytest

from .app_data_helpers import (GRANT, PEM, add_secrets, each_release, grant,
                               needs_secrets, stored_text)
from .harness import CONNECTED, JOINING, USABLE, ZOOKEEPER_REQUIRES

pytestmark = each_release


def test_unit_data_servers_have_no_credentials(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    assert juju.endpoint().credentials() is juju.endpoint().tls() is None
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.remote_data(0))
    assert juju.endpoint().credentials() is juju.endpoint().tls() is None
    assert juju.endpoint().credentials('zk') is None


def test_credentials_are_read_from_juju_in_each_call(client):
    secret = grant(client)
    credentials = client.endpoint().credentials()
    assert (credentials.username, credentials.password) == ('relation-1', 's3cret')
    client.end()
    if secret:
        client.model.revise_secret(secret, username='me', password='an0ther')
    else:
        client.update_app_data('zk:1', {'username': 'me', 'password': 'an0ther'})
    client.action()
    credentials = client.endpoint().credentials(application='server')
    assert (credentials.username, credentials.password) == ('me', 'an0ther')
    text = '{0} {0!r} {1}'.format(credentials, [credentials])
    assert text.count('me') == 3 and 'an0ther' not in text


def test_credentials_are_neither_stored_nor_logged(client, caplog):
    with caplog.at_level(logging.DEBUG):
        grant(client)
        client.endpoint().credentials()
        client.update_status()
        for invalid in {'endpoints': 's3cret'}, {'database': 's3cret//'}:
            client.update_app_data('zk:1', invalid)
            client.application_changed('zk:1')
    client.end()
    assert 's3cret' not in stored_text() + caplog.text + str(client._log)
    assert 'relation-1' not in stored_text()
    assert len(client.warnings) == 2


@pytest.mark.parametrize('change, error', [
    ({'database': '//'}, 'server is not usable: database is not a path like /kafka or '
                         '/a/b'),
    ({'endpoints': ''}, 'server is not usable: endpoints is missing')])
def test_credentials_raise_if_the_grant_became_invalid(client, change, error):
    grant(client)
    client.update_app_data('zk:1', change)
    client.hook('config-changed')
    with pytest.raises(ValueError) as raised:
        client.endpoint().credentials()
    assert str(raised.value) == error


@pytest.mark.parametrize('settings, ca', [
    ({'tls': 'enabled'}, None), ({'tls': 'enabled', 'tls-ca': PEM}, PEM)],
    ids=['without CA', 'with CA'])
def test_tls_has_the_ca_when_the_server_enables_tls(client, settings, ca):
    grant(client)
    assert client.endpoint().tls() is None
    if client.model.profile.name == '2.9':
        granted = dict(GRANT, **settings)
    else:
        granted, _ = add_secrets(client, **settings)
    client.application_changed('zk:1', dict(granted, endpoints='zk:2182'))
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().tls().ca == ca
    assert client.endpoint().tls('server').ca == ca
    assert client.endpoint().connection_string() == 'zk:2182/kafka'
    assert PEM.split('\n')[1] not in stored_text()


@needs_secrets
def test_joining_is_set_when_a_password_is_rotated(client):
    secret = grant(client)
    hooks = ['secret-changed', 'update-status', 'secret-changed']
    for number, hook in enumerate(hooks):
        client.end()
        password = 'an0ther{}'.format(number)
        client.model.revise_secret(secret, username='relation-1', password=password)
        client.hook('config-changed')
        assert client.flags() == USABLE
        client.hook(hook)
        assert client.flags() == USABLE | JOINING
        assert client.endpoint().credentials().password == password
        client.endpoint().dismiss_joining()
        assert password not in stored_text()


@needs_secrets
@pytest.mark.parametrize('pattern, message', [
    ('relation-get*--app*', 'the grant of server cannot be read: relation-get failed '
                            '(ERROR refused)'),
    ('secret-get*', 'server is not usable: secret-get of its secret-tls failed '
                    '(ERROR refused); secret-get of its secret-user failed '
                    '(ERROR refused)')])
def test_credentials_raise_if_reading_them_fails(client, pattern, message):
    grant(client)
    client.fail_tools(pattern)
    for method in client.endpoint().credentials, client.endpoint().tls:
        with pytest.raises(ValueError, match='^{}$'.format(re.escape(message))):
            method()
    assert client.flags() == USABLE


@needs_secrets
def test_secret_is_not_read_before_endpoints_are_published(client):
    settings, _ = add_secrets(client)
    client.application_changed('zk:1', dict(settings, endpoints=''))
    assert not client.calls['secret-get']
    assert client.warnings == []
    client.application_changed('zk:1', settings)
    assert client.flags() == USABLE | JOINING


@needs_secrets
def test_client_waits_until_the_secret_is_granted(client):
    settings, secret = add_secrets(client)
    client.model.revoke_secret(secret, 'local')
    client.application_changed('zk:1', settings)
    client.update_status()
    assert client.flags() == CONNECTED
    assert client.endpoint().credentials() is None
    assert client.warnings == [
        'zk: server is not usable: secret-get of its secret-user failed (ERROR '
        'permission denied)']
    client.end()
    client.model.grant_secret(secret, 'local', client.relation('zk:1'))
    client.update_status()
    assert client.flags() == USABLE | JOINING
    client.end()
    client.model.revoke_secret(secret, 'local')
    client.update_status()
    assert client.flags() == USABLE | JOINING
    assert client.warnings[1:] == [
        'zk: keeping the last known data of server: secret-get of its secret-user '
        'failed (ERROR permission denied)']


@needs_secrets
def test_failed_reads_of_secrets_keep_credentials_but_update_endpoints(client):
    grant(client)
    client.fail_tools('secret-get*')
    client.update_status()
    assert client.flags() == USABLE
    client.update_app_data('zk:1', {'endpoints': '10.0.0.7:2181'})
    client.application_changed('zk:1')
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().connection_string() == '10.0.0.7:2181/kafka'
    client.endpoint().dismiss_joining()
    client.restore_tools()
    client.update_status()
    assert client.flags() == USABLE
    assert len(client.warnings) == 2        # one for each secret


def test_unreadable_secret_is_logged_again_if_it_is_removed_and_added_again(client):
    client.fail_tools('secret-get*')
    with_secret = dict(GRANT, **{'secret-user': 'secret:abc'})
    for settings in with_secret, GRANT, with_secret:
        client.application_changed('zk:1', settings)
    assert len(client.warnings) == 2
