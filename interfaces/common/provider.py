"""The provides side: publishes this unit's details in every relation.

Its fields of the record:

    details     what the charm sent last; {} before that
    keys        every key that the charm has ever sent. The layer changes or deletes
                only these. It adds an adopted `host` only where there is none

and of a relation:

    write_state     'pending', or absent, before the details are written
                    'written' after relation-set has succeeded; Juju discards the data
                    if the hook fails later
                    'confirmed' when a later hook has read them, or if there was nothing
                    to write
                    'failed' after relation-set has failed; a later hook tries again
"""
from . import endpoint, hooktools, reader, values
from .names import relation_number

NOT_WRITTEN = 'relation-set in {} failed ({}); a later hook tries again'


class ProviderReader(reader.Reader):
    """Reads this unit's data first where it may have to be written."""

    def own_data_priorities(self):
        hook_relation = {self.hook.relation_id} - self.record.relations.force_removed()
        pending, written, failed = (_in_state(self.record, state)
                                    for state in ('pending', 'written', 'failed'))
        if self.kind == 'full':
            # replaced ones, too: Juju may have denied access by mistake
            return [hook_relation, pending, set(self.record.relations)]
        if self.hook.relation_id:
            return [hook_relation, failed]
        # failed and written ones take turns: one that keeps failing blocks no others
        return [pending, failed | written]


class Provider(endpoint.RecordedEndpoint):

    role = 'provides'
    reader_class = ProviderReader

    def withdraw(self):
        """Delete from every relation what was sent.

        Later relations get nothing either, until details are sent again. Flags other
        than `available` stay.
        """
        self._apply(_clear_details)

    def _send(self, **given):
        """Publish details in every relation, including later ones.

        :raises ValueError: for a value that is not allowed; nothing is sent then
        """
        details = {}
        for key in self.keys:
            value = given.get(key.name)
            if not key.optional or value not in (None, ''):
                details[key.name] = values.validate_argument(
                    key.name, value, key.validate)
        self._apply(lambda record: _set_details(record, details, set(details)))

    def _initial_fields(self, stored):
        details, keys = stored.get('details'), stored.get('keys')
        details = details if isinstance(details, dict) else {}
        keys = (keys if isinstance(keys, list) else []) + list(details)
        return {'details': values.parse(self.keys, details)[0] or {},
                'keys': [key.name for key in self.keys if key.name in keys]}

    def _try_finish_migration(self, reader):
        """Adopt the published details, or else those of an untrusted record.

        The charm may have written a published `host` with relation-set. The layer must
        not change such a `host`, so it is not added to `keys`. It is adopted only if
        `keys` contains it, or if an earlier layer, which may have sent it, has left
        flags or conversations.
        """
        record, found = reader.record, self._collect_published(reader)
        if not reader.is_complete():
            return False
        keys = set(found) - {'host'}
        if record['details']:   # sent in the meantime, or known from another version
            _set_details(record, record['details'], keys)
            return True
        if not (record.migration['from_earlier_layer'] or 'host' in record['keys']):
            found.pop('host', None)
        _set_details(record, {} if record.migration['withdrawn'] else found, keys)
        # a relation that was not read yet may still contain details
        unread = _in_state(record, 'pending') - set(reader.own_data_read)
        return bool(record['details'] or not unread)

    def _collect_published(self, reader):
        """Return the published details that this hook or an earlier one has found.

        Before any are found, return those of an untrusted record. A hook reads only one
        relation per application. If relations differ, the newest one of the last hook
        wins.
        """
        migration = reader.record.migration
        for relation_id in sorted(reader.own_data_read, key=relation_number):
            details, _ = values.parse(self.keys, reader.own_data_read[relation_id])
            migration['details'] = details or migration['details']
        return dict(migration['details'] or {})

    def _react(self, reader):
        """Mark the clients' units as usable, and write this unit's data.

        For each application, write to one relation that is pending or was read.
        """
        for _, relation in reader.record.relations.existing():
            for unit in relation['units']:
                # a client's unit publishes nothing
                relation['sources'].setdefault(unit, {})
        writable = _in_state(reader.record, 'pending') | set(reader.own_data_read)
        for application, relation_id in sorted(reader.choose([writable]).items()):
            data = {}
            if _knows_details(reader.record):
                data = _data_to_set(reader.record,
                                    reader.own_data_read.get(relation_id))
            self._write(reader.record, application, relation_id, data)

    def _write(self, record, application, relation_id, data):
        relation = record.relations[relation_id]
        try:
            if data:
                hooktools.set_data(self.relation_name, application, relation_id, data)
        except hooktools.HookToolError as error:
            if error.permission_denied:
                relation.mark_force_removed(relation_id)
            else:
                relation['write_state'] = 'failed'
                relation.warn('not-written', relation_id,
                              NOT_WRITTEN.format(relation_id, error))
            return
        relation.clear_warning('not-written', relation_id)
        written_now = hooktools.has_written(self.relation_name, application)
        relation['write_state'] = 'written' if written_now else 'confirmed'

    def _is_available(self, record):
        return bool(record.relations.units() and record['details'])


def _set_details(record, details, keys):
    """Set the details, and mark every relation for writing if they have changed.

    :param set keys: the keys that the charm has sent
    """
    if details != record['details']:
        for relation in record.relations.values():
            relation['write_state'] = 'pending'
    record.update(details=details, keys=sorted(keys | set(record['keys'])))


def _clear_details(record):
    _set_details(record, {}, set())
    record.migration.withdraw()


def _in_state(record, state):
    """Return the IDs of the relations in a write state."""
    return {relation_id for relation_id, relation in record.relations.existing()
            if relation.get('write_state', 'pending') == state}


def _knows_details(record):
    """Return whether it is known what the charm has sent, if anything."""
    migration = record.migration
    return bool(not migration or record['details'] or migration['withdrawn'])


def _data_to_set(record, own_data):
    """Return the data to write; '' deletes a key.

    :param own_data: the present data, or None if it was not read
    """
    details, keys = record['details'], record['keys']
    wanted = {key: details.get(key, '') for key in set(details).union(keys)}
    if own_data is None:
        return {key: wanted[key] for key in keys}
    wrong = {key for key in wanted if own_data.get(key, '') != wanted[key]}
    # a key that the charm has not sent is only added, never changed
    return {key: wanted[key] for key in wrong if key in keys or not own_data.get(key)}
