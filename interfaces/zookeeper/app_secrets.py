"""Finds the owners of the secrets that applications name.

Without this check, a server could name another server's secret, and the client would
send it those credentials. So a secret belongs to the first application that named it,
until that application stops naming it. Before the layer stores a new owner, it asks
Juju whether this unit or its application owns the secret. Such a secret is never used.

The owners are the same for all endpoints of the unit. They are stored apart from the
records, as {secret ID: owner}.

Field of a relation in the record:

    secrets     the IDs of the secrets that the application named there when its data
                was last read; null or absent while unknown
"""
from charmhelpers.core import hookenv, unitdata

from . import app_data, app_hooktools
from .common import hooktools, store
from .common.reader import RELATIONS
from .common.record import Record

OWNERS = 'interface-layer-zookeeper.secret-owners'

# The owner of the secrets of this unit and its application.
LOCAL = 'this application'


def update_owners(reader, data_read):
    """Update the stored owners of all secrets that applications name.

    Before a secret gets another owner or is refused, read relations and the data of all
    applications: others may name it too, and its owner may have stopped naming it.

    :param dict data_read: {relation ID: data} of the applications whose data was read;
        None if it could not be read
    :return: {secret ID: owner, or None if it is unknown}, and {secret ID: the reason}
        of the unknown owners
    """
    previous, readers = _stored_owners(), _readers(reader)
    records = [other.record for other in readers]
    _note_secrets(reader.record, data_read)
    owners, reasons = _owners(records, previous)
    if set(owners.items()) - set(previous.items()) or (
            _names_unowned_secret(reader.record, data_read, owners)):
        for other in readers:
            _read_remaining(other, data_read)
        owners, reasons = _owners(records, previous)
    for secret_id in sorted(owners):
        if owners[secret_id] != previous.get(secret_id):
            _check_new_owner(secret_id, owners, reasons)
    unitdata.kv().set(OWNERS, owners)
    return owners, reasons


def _check_new_owner(secret_id, owners, reasons):
    """Set a new owner to LOCAL if Juju says so, or to None if Juju cannot tell."""
    try:
        if app_hooktools.owns_secret(secret_id):
            owners[secret_id] = LOCAL
    except hooktools.HookToolError as error:
        owners[secret_id] = None
        reasons[secret_id] = 'secret-info-get failed ({})'.format(error)


def _names_unowned_secret(record, data_read, owners):
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


def _read_remaining(reader, data_read):
    """Read an endpoint's relations, and the data of applications not read yet."""
    reader.read_relations_and_applications()
    remaining = {relation_id: relation['application']
                 for relation_id, relation in reader.record.relations.existing()
                 if relation['application'] and relation_id not in data_read}
    _note_secrets(reader.record, {
        relation_id: _query(relation_id, remaining[relation_id])
        for relation_id in sorted(remaining)})


def _query(relation_id, application):
    """Return an application's data, or None if it cannot be read."""
    try:
        return app_hooktools.app_data(relation_id, application)
    except hooktools.HookToolError:
        return None


def _note_secrets(record, data_read):
    for relation_id, data in data_read.items():
        record.relations[relation_id]['secrets'] = None if data is None else sorted(
            set(app_data.secret_ids(data).values()))


def _owners(records, previous):
    """Return {secret ID: owner}, and {secret ID: the reason} of the unknown owners.

    An application whose data was not read keeps its secrets, because it may still name
    them. The owner of a new secret is unknown if several applications name it, or may
    name it because their data could not be read. A force-removed relation is never
    read: its application keeps its secrets, but makes no new owner unknown.
    """
    named = _applications_by_secret(records)
    may_still_name = _unread_applications(records, include_force_removed=True)
    may_also_name = _unread_applications(records, include_force_removed=False)
    owners, reasons = {}, {}
    for secret_id in set(named).union(previous):
        applications, owner = named.get(secret_id, set()), previous.get(secret_id)
        if owner and (None in may_still_name
                      or owner in applications | may_still_name | {LOCAL}):
            owners[secret_id] = owner
        elif applications:
            owners[secret_id], reason = _new_owner(applications, may_also_name)
            if reason:
                reasons[secret_id] = reason
    return owners, reasons


def _new_owner(applications, may_also_name):
    """Return the owner of a secret, or None and the reason why it is unknown."""
    others = may_also_name - applications
    if len(applications) > 1:
        return None, '{} name it'.format(' and '.join(sorted(applications)))
    if None in others:
        return None, 'the related applications could not be listed'
    if others:
        return None, 'the data of {} could not be read'.format(
            ' and '.join(sorted(others)))
    return min(applications), None


def _unread_applications(records, include_force_removed):
    """Return the applications whose data was not read; None for an unknown one."""
    unlisted = {None for record in records if record.is_unreadable(RELATIONS)}
    return unlisted.union(
        relation['application'] for record in records
        for relation in record.relations.values() if relation.get('secrets') is None
        and (include_force_removed or not relation['force_removed']))


def _applications_by_secret(records):
    named = {}
    for record in records:
        for relation in record.relations.values():
            for secret_id in relation.get('secrets') or ():
                named.setdefault(secret_id, set()).add(relation['application'])
    return named
