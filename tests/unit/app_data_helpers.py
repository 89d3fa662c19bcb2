"""Fixtures and helpers for clients of the application-data protocol.

Import the fixtures by their Python names; tests use the names that pytest knows.
"""
import json

import pytest
from charmhelpers.core import unitdata

from .harness import Juju, RECORD_KEY, ZOOKEEPER_REQUIRES

PEM = '-----BEGIN CERTIFICATE-----\nMIIB+w==\n-----END CERTIFICATE-----\n'

GRANT_WITHOUT_CREDENTIALS = {
    'endpoints': '10.0.0.1:2181,10.0.0.2:2181', 'database': '/kafka',
    'tls': 'disabled', 'uris': '10.0.0.1:2181,10.0.0.2:2181/kafka'}
GRANT = dict(GRANT_WITHOUT_CREDENTIALS, username='relation-1', password='s3cret')

needs_secrets = pytest.mark.parametrize('juju', ['3.6', '4.0'], indirect=True)


@pytest.fixture(name='juju', params=['2.9', '3.6', '4.0'])
def juju_releases(monkeypatch, request):
    return Juju(monkeypatch, request.param)


@pytest.fixture(name='client')
def requesting_client(juju):
    """Its charm has called request(); it is related to a server without a grant."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    return juju


@pytest.fixture(name='new_client')
def client_without_request(juju):
    """It is related to a server, but its charm has not called request() yet."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    return juju


def expected_request(juju, **changes):
    """The application data that the client's leader writes."""
    request = {'database': '/kafka', 'extra-user-roles': 'cdrwa'}
    if juju.model.profile.name != '2.9':
        request['requested-secrets'] = '["username", "password", "tls-ca", "uris"]'
    return dict(request, **changes)


def add_secrets(juju, rid='zk:1', **tls):
    """Create a grant with secrets: (the application data, the user's secret)."""
    user = juju.model.add_secret('server', username='relation-1', password='s3cret',
                                 uris='x')
    server = juju.model.add_secret('server', **(tls or {'tls': 'disabled'}))
    for secret in user, server:
        juju.model.grant_secret(secret, 'local', juju.relation(rid))
    granted = dict(GRANT_WITHOUT_CREDENTIALS,
                   **{'secret-user': user.uri, 'secret-tls': server.uri})
    del granted['tls']
    return granted, user


def grant(juju, rid='zk:1', **settings):
    """Have the server grant the request, and dismiss the notice.

    Return the secret with the credentials, or None in Juju 2.9, which has no secrets.
    """
    granted, secret = GRANT, None
    if juju.model.profile.name != '2.9':
        granted, secret = add_secrets(juju, rid)
    juju.application_changed(rid, dict(granted, **settings))
    juju.endpoint().dismiss_joining()
    return secret


def change_app_data(juju, rid, settings):
    """The server changes keys of its application data; no hook runs."""
    juju.end()
    relation = juju.relation(rid)
    juju.model.write(relation.app_databags[relation.remote_app('local')], settings)


def change_own_app_data(juju, rid, settings):
    """Another unit of the client's application changes its application data."""
    juju.end()
    juju.model.write(juju.relation(rid).app_databags['local'], settings)


def stored_text():
    """Everything in the key/value store."""
    return json.dumps(unitdata.kv().getrange(''))


def recorded_warnings():
    """The warnings that the record of the endpoint keeps."""
    record = unitdata.kv().get(RECORD_KEY)
    return dict(record['warnings'], **record['relations']['zk:1']['warnings'])
