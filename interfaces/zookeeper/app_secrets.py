"""Finds the owners of the secrets that applications name.

A server could otherwise name another server's secret, and get its credentials. So a
secret belongs to the first application that named it, until that application stops
naming it. Secrets of this unit and its application are never used.

The owners are the same for all endpoints of the unit. They are stored apart from the
records, as {secret ID: owner}.

Field of the record, of a relation:

    secrets     the IDs of the secrets that the application names there; null or absent
                while unknown
"""
from charmhelpers.core import hookenv, unitdata

from . import app_data, app_hooktools, app_requests
from .common import hooktools, store
from .common.reader import RELATIONS
from .common.record import Record

OWNERS = 'interface-layer-zookeeper.secret-owners'

# The owner of the secrets of this unit and its application.
LOCAL = 'this application'


def find_owners(reader, found):
    """Find the owners of all secrets that applications name.

    Before a secret gets a new owner, read the other applications' data: they may name
    it too.

    :param dict found: {relation ID: data} of the applications whose data was read;
        None if it could not be read
    :return: {secret ID: owner, or None if it is unknown}
    """
    previous, records = _stored_owners(), _records(reader)
    _note_secrets(reader.record, found)
    owners = _owners(records, previous)
    if set(owners.items()) - set(previous.items()):
        for record in records:
            others = app_requests.relations_that_may_have_grants(record) - set(found)
            _note_secrets(record, {relation_id: _query(record, relation_id)
                                   for relation_id in sorted(others)})
        owners = _owners(records, previous)
    for secret_id in sorted(owners):
        if owners[secret_id] != previous.get(secret_id):
            owners[secret_id] = _owner_or_local(secret_id, owners[secret_id])
    unitdata.kv().set(OWNERS, owners)
    return owners


def problems(application, data, owners):
    """Return a message for each secret that an application names and does not own."""
    return ['{} names a secret of {}'.format(
                key, owners[secret_id] or 'an unknown application')
            for key, secret_id in sorted(app_data.secret_ids(data).items())
            if owners[secret_id] != application]


def _stored_owners():
    """Return the stored owners, without damaged ones."""
    return {secret_id: owner for secret_id, owner in store.load_dict(OWNERS).items()
            if owner is None or isinstance(owner, str)}


def _records(reader):
    """Return the records of all clients' endpoints of this unit."""
    role, interface = reader.endpoint.role, reader.endpoint.interface
    records = [reader.record]
    for name in hookenv.role_and_interface_to_relations(role, interface):
        if name != reader.name:
            endpoint = type(reader.endpoint)(name)
            records.append(store.load(endpoint) or _read_relations(reader, endpoint))
    return records


def _read_relations(reader, endpoint):
    """Return a record of an endpoint's relations, as long as it has no usable one."""
    record = Record.create(endpoint.role, endpoint.interface, {})
    other = type(reader)(endpoint, record, hooktools.NO_RELATION_HOOK)
    other.read_first_relations()
    return other.record


def _owner_or_local(secret_id, owner):
    """Return a new owner, LOCAL if it is this application, or None if unknown."""
    owned = app_hooktools.owns_secret(secret_id)
    if owned is None:
        return None
    return LOCAL if owned else owner


def _query(record, relation_id):
    """Return the data of a relation's application, or None if it cannot be read."""
    try:
        return app_hooktools.app_data(
            relation_id, record.relations[relation_id]['application'])
    except hooktools.HookToolError:
        return None


def _note_secrets(record, found):
    for relation_id, data in found.items():
        record.relations[relation_id]['secrets'] = None if data is None else sorted(
            set(app_data.secret_ids(data).values()))


def _owners(records, previous):
    """Return {secret ID: owner} of the secrets that applications name, or may name.

    The owner is None if several applications name a new secret, or may name it.
    """
    named = _applications_by_secret(records)
    unread = _unread_applications(records)
    may_name_any = unread & _applications_that_may_grant(records)
    owners = {}
    for secret_id in set(named).union(previous):
        applications, owner = named.get(secret_id, set()), previous.get(secret_id)
        if owner and (None in unread or owner in applications | unread | {LOCAL}):
            owners[secret_id] = owner
        elif applications:
            candidates = applications | may_name_any
            owners[secret_id] = candidates.pop() if len(candidates) == 1 else None
    return owners


def _unread_applications(records):
    """Return the applications that may name any secret; None is an unknown one."""
    unread = {relation['application'] for record in records
              for relation in record.relations.values()
              if relation.get('secrets') is None}
    return unread.union(None for record in records if RELATIONS
                        in record['warnings'].get('unreadable', ()))


def _applications_by_secret(records):
    named = {}
    for record in records:
        for relation in record.relations.values():
            for secret_id in relation.get('secrets') or ():
                named.setdefault(secret_id, set()).add(relation['application'])
    return named


def _applications_that_may_grant(records):
    """Return the applications that can have a grant, with None for an unknown one."""
    return {None}.union(
        record.relations[relation_id]['application'] for record in records
        for relation_id in app_requests.relations_that_may_have_grants(record))
