"""Helpers for clients of the application-data protocol."""
import json

import pytest
from charmhelpers.core import unitdata

from .harness import RECORD_KEY

PEM = '-----BEGIN CERTIFICATE-----\nMIIB+w==\n-----END CERTIFICATE-----\n'

GRANT_WITHOUT_CREDENTIALS = {
    'endpoints': '10.0.0.1:2181,10.0.0.2:2181', 'database': '/kafka',
    'tls': 'disabled', 'uris': '10.0.0.1:2181,10.0.0.2:2181/kafka'}
GRANT = dict(GRANT_WITHOUT_CREDENTIALS, username='relation-1', password='s3cret')

each_release = pytest.mark.releases('2.9', '3.6', '4.0')
needs_secrets = pytest.mark.releases('3.6', '4.0')


def expected_request(juju, **changes):
    """The application data that the client's leader writes."""
    request = {'database': '/kafka', 'extra-user-roles': 'cdrwa'}
    if juju.model.profile.name != '2.9':
        request['requested-secrets'] = '["username", "password", "tls-ca", "uris"]'
    return dict(request, **changes)


def add_secrets(juju, relation_id='zk:1', **tls):
    """Create a grant with secrets: (the application data, the user's secret)."""
    relation = juju.relation(relation_id)
    owner = relation.remote_app('local')
    user = juju.model.add_secret(owner, username='relation-1', password='s3cret',
                                 uris='x')
    server = juju.model.add_secret(owner, **(tls or {'tls': 'disabled'}))
    for secret in user, server:
        juju.model.grant_secret(secret, 'local', relation)
    granted = dict(GRANT_WITHOUT_CREDENTIALS,
                   **{'secret-user': user.uri, 'secret-tls': server.uri})
    del granted['tls']
    return granted, user


def grant(juju, relation_id='zk:1', **settings):
    """Have the server grant the request, and dismiss the notice.

    Return the secret with the credentials, or None in Juju 2.9, which has no secrets.
    """
    granted, secret = GRANT, None
    if juju.model.profile.name != '2.9':
        granted, secret = add_secrets(juju, relation_id)
    juju.application_changed(relation_id, dict(granted, **settings))
    juju.endpoint().dismiss_joining()
    return secret


def written_ids(juju):
    """The relations to which this unit wrote its request, in order."""
    return [relation_id for relation_id, _ in juju.app_writes]


def stored_text():
    """Everything in the key/value store."""
    return json.dumps(unitdata.kv().getrange(''))


def recorded_warnings():
    """The warnings that the record of the endpoint keeps."""
    record = unitdata.kv().get(RECORD_KEY)
    return dict(record['warnings'], **record['relations']['zk:1']['warnings'])
