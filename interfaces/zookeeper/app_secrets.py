"""Finds the owners of the secrets that applications name.

Without this check, a server could name another server's secret, and the client would
send it those credentials. So a secret belongs to the first application that named it,
until that application stops naming it. Secrets that Juju reports as owned by this unit
or its application are not used, see owns_secret().

The owners are the same for all endpoints of the unit. They are stored apart from the
records, as {secret ID: owner}.

Field of a relation in the record:

    secrets     the IDs of the secrets that the application named there when its data
                was last read; null or absent while unknown
"""
from charmhelpers.core import hookenv, unitdata

from . import app_data, app_hooktools, app_requests
from .common import hooktools, store
from .common.reader import RELATIONS
from .common.record import Record

OWNERS = 'interface-layer-zookeeper.secret-owners'

# The owner of the secrets of this unit and its application.
LOCAL = 'this application'

UNKNOWN_OWNER = 'another application may own its {}'
UNREAD = 'secret-get of its {} failed ({})'


def update_owners(reader, data_read):
    """Update the stored owners of all secrets that applications name.

    Before a secret gets another owner or is refused, read relations and the data of all
    applications: others may name it too, and its owner may have stopped naming it.

    :param dict data_read: {relation ID: data} of the applications whose data was read;
        None if it could not be read
    :return: {secret ID: owner, or None if it is unknown}
    """
    previous, readers = _stored_owners(), _readers(reader)
    records = [other.record for other in readers]
    _note_secrets(reader.record, data_read)
    owners = _owners(records, previous)
    if set(owners.items()) - set(previous.items()) or (
            _is_any_not_owned(reader.record, data_read, owners)):
        for other in readers:
            _read_others(other, data_read)
        owners = _owners(records, previous)
    for secret_id in sorted(owners):
        if owners[secret_id] != previous.get(secret_id):
            owners[secret_id] = _owner_or_local(secret_id, owners[secret_id])
    unitdata.kv().set(OWNERS, owners)
    return owners


def read_grant(application, data, owners):
    """Read the secrets that an application names, and parse its grant.

    :return: (grant, problems, unread): the first two as from app_data.parse_grant();
        and {key: the reason} of the secrets that could not be read
    """
    problems = ['{} names a secret of {}'.format(key, owners[secret_id])
                for key, secret_id in sorted(app_data.secret_ids(data).items())
                if owners.get(secret_id) not in (None, application)]
    if problems:
        return {}, problems, {}
    contents, unread = {}, {}
    for key, uri in sorted(app_data.secret_uris(data).items()):
        if uri and not owners.get(app_data.secret_id(uri)):
            unread[key] = UNKNOWN_OWNER.format(key)
            continue
        try:
            contents[key] = app_hooktools.secret(uri)
        except hooktools.HookToolError as error:
            unread[key] = UNREAD.format(key, error)
    return app_data.parse_grant(data, contents) + (unread,)


def _is_any_not_owned(record, data_read, owners):
    """Return whether an application names a secret that it is not known to own."""
    return any(owners[secret_id] != record.relations[relation_id]['application']
               for relation_id, data in data_read.items() if data
               for secret_id in app_data.secret_ids(data).values())


def _stored_owners():
    """Return the stored owners, without damaged ones."""
    return {secret_id: owner for secret_id, owner in store.load_dict(OWNERS).items()
            if owner is None or isinstance(owner, str)}


def _readers(reader):
    """Return readers of this unit's `requires` endpoints of the interface."""
    role, interface = reader.endpoint.role, reader.endpoint.interface
    readers = [reader]
    for name in hookenv.role_and_interface_to_relations(role, interface):
        if name != reader.name:
            endpoint = type(reader.endpoint)(name)
            record = store.load(endpoint)
            if not record:
                record = Record.create(role, interface, {})
                record.warn('unreadable', RELATIONS, 'there is no usable record')
            readers.append(type(reader)(endpoint, record, hooktools.NO_RELATION_HOOK))
    return readers


def _read_others(reader, data_read):
    """Read an endpoint's relations, and the data of the other applications."""
    reader.read_relations_and_applications()
    relation_ids = app_requests.relations_that_may_have_grants(reader.record)
    _note_secrets(reader.record, {
        relation_id: _query(reader.record, relation_id)
        for relation_id in sorted(relation_ids - set(data_read))})


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


def _note_secrets(record, data_read):
    for relation_id, data in data_read.items():
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
    """Return the applications whose data was not read; None for an unknown one."""
    unread = {relation['application'] for record in records
              for relation in record.relations.values()
              if relation.get('secrets') is None}
    return unread.union(None for record in records if record.is_unreadable(RELATIONS))


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
