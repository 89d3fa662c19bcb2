"""Finds the owners of the secrets that applications name.

A server could otherwise name another server's secret, and get its credentials. So a
secret belongs to the application that named it first, as long as it does, or to the
local application.

Field of the record:

    secret_owners   {secret ID: owner, or null if it is unknown}

and of a relation:

    secrets         the IDs of the secrets that the application names there; absent
                    while unknown
"""
from . import app_data, app_hooktools, app_requests

# The owner of the secrets of this unit and its application.
LOCAL = 'this application'


def parse_owners(stored):
    """Return what is valid of the owners in the stored fields of a record."""
    owners = stored.get('secret_owners')
    owners = owners if isinstance(owners, dict) else {}
    return {secret_id: owner for secret_id, owner in owners.items()
            if isinstance(owner, str)}


def find_owners(reader, found):
    """Find the owners of all secrets that applications name.

    If one of them is new, other applications may name it, too. So their data is read.

    :param dict found: {relation ID: data} of the applications that were read
    """
    record = reader.record
    known = record['secret_owners']
    _note_secrets(record, found)
    if set(_owners(record)) - set(known):
        others = app_requests.relations_that_may_have_grants(record) - set(found)
        _note_secrets(record, reader.query_applications(others))
    record['secret_owners'] = owners = _owners(record)
    for secret_id in owners:
        if owners[secret_id] != known.get(secret_id) and (
                app_hooktools.owns_secret(secret_id)):
            owners[secret_id] = LOCAL


def foreign_secrets(record, application, data):
    """Return a message for each secret that an application names and does not own."""
    owners = record['secret_owners']
    return ['{} names a secret of {}'.format(
                key, owners[secret_id] or 'an unknown application')
            for key, secret_id in sorted(app_data.secret_ids(data).items())
            if owners[secret_id] != application]


def _note_secrets(record, found):
    for relation_id, data in found.items():
        secret_ids = set(app_data.secret_ids(data).values())
        record.relations[relation_id]['secrets'] = sorted(secret_ids)


def _owners(record):
    """Return {secret ID: owner, or None if several applications were first}."""
    named, unread = {}, set()
    may_have_grants = app_requests.relations_that_may_have_grants(record)
    for relation_id, relation in record.relations.existing():
        for secret_id in relation.get('secrets', ()):
            named.setdefault(secret_id, set()).add(relation['application'])
        if relation_id in may_have_grants and 'secrets' not in relation:
            # it may name any secret
            unread.add(relation['application'])
    owners = {}
    for secret_id in named:
        candidates = named[secret_id] | unread
        owner = record['secret_owners'].get(secret_id)
        if owner not in candidates | {LOCAL}:
            owner = candidates.pop() if len(candidates) == 1 else None
        owners[secret_id] = owner
    return owners
