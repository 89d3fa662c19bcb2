"""The provides side: what this unit publishes, and in which relations it has.

It adds to the record of its endpoint:

    details     what the charm sent last; {} before that
    keys        the keys of all that it ever sent; no other is written or deleted

and to each relation:

    published   'due', or not there, before they are written there
                'sent' after that: Juju drops what was written by a hook that fails
                'kept' when they were found there
                'refused' if Juju did not take them
"""
from . import juju
from . import relation
from . import values
from .names import relation_number
from .observation import DENIED
from .observation import OTHER
from .observation import empty_observation

UNWRITTEN = '{} does not take what is to be published: {}'


class Provides(relation.RecordedRelation):

    role = 'provides'
    _unread_details = {}
    _parse_application = None   # nobody asks what a client's application published

    def withdraw(self):
        """Take back what was sent, in every relation; later ones are told nothing
        until details are sent again. Units stay related.
        """
        self._change(_withdraw)

    def _send(self, **given):
        """Publish details on every relation of the endpoint, later ones too.

        :raises ValueError: for a value that may not be sent; nothing is sent
        """
        details = {}
        for key in self.keys:
            value = given.get(key.name)
            if key.optional and value in (None, ''):
                continue
            try:
                details[key.name] = key.check(value)
            except ValueError as error:
                raise ValueError(values.fault(key.name, value, error))
        self._change(lambda record: _set_details(record, details, set(details)))

    def _role_fields(self):
        return {'details': {}, 'keys': []}

    def _parse_settings(self, settings):
        raise NotImplementedError   # nobody asks what a client published

    def _own_settings_first(self, record, hook, full):
        if hook.rid and not full:
            return [{hook.rid} - record.ghosts()]
        groups = [{hook.rid}, _published(record, 'due')]
        # in a full look all of an application's relations take turns
        return groups if full else groups + [_published(record, 'sent')]

    def _adopt(self, record, seen):
        """Take over what is published: what was sent last reached the newest relation.

        Of an application with several relations, one is read; if it has nothing, the
        next hook reads another. A host may be the charm's own, written past the layer.
        """
        if record['details']:
            return True     # sent meanwhile
        found = record['adopted']['details'] or {}
        for rid in sorted(seen.own, key=relation_number):
            if seen.own[rid] != DENIED:
                found = values.understand(self.keys, seen.own[rid])[0] or found
        withdrawn = record['adopted'].get('withdrawn')
        _set_details(record, {} if withdrawn else found, set(found) - {'host'})
        unread = _published(record, 'due') - set(seen.own)
        return bool(record['details'] or not unread)

    def _conclude(self, record, seen):
        """Have the relations hold what the record says."""
        applications = record.applications()
        writable = (_published(record, 'due') | set(seen.own)) - record.ghosts()
        turns = record.relations_to_touch(applications, [writable], self._touched())
        for application, rid in sorted(turns.items()):
            settings = _missing_settings(record, seen.own.get(rid))
            record = self._publish(record, application, rid, settings)
        return record

    def _publish(self, record, application, rid, settings):
        """Write settings in a relation, if there are any; the record after it."""
        related = record['relations'][rid]
        related['published'] = 'sent' if settings else 'kept'
        related['logged'].pop('unwritten', None)
        if settings:
            try:
                juju.set_own_settings(self.relation_name, application, rid, settings)
            except juju.ToolFailed as error:
                if error.denied:
                    seen = empty_observation(OTHER)
                    seen.own[rid] = DENIED
                    return self._reconcile(record, seen)
                related['published'] = 'refused'
                related['logged']['unwritten'] = UNWRITTEN.format(rid, error)
        return record

    def _available(self, record):
        return bool(record.units() and record['details'])


def _set_details(record, details, keys):
    """Have these details be what is to be published, with these keys of the charm's."""
    if details != record['details']:
        for related in record['relations'].values():
            related['published'] = 'due'
    record.update(details=details, keys=sorted(keys | set(record['keys'])))


def _withdraw(record):
    _set_details(record, {}, set())
    if record['adopted']:
        # what is to be deleted can not be seen yet
        record['adopted']['withdrawn'] = True
        record['adopted']['flags'] = [flag for flag in record['adopted']['flags']
                                      if flag != 'available']


def _published(record, state):
    """The ids of the relations in one state, without ghosts."""
    return {rid for rid, related in record.live_relations()
            if related.get('published', 'due') == state}


def _missing_settings(record, own):
    """What to write to settings for them to hold the details.

    :param own: the settings; None where they were not read
    """
    wanted = {key: record['details'].get(key, '') for key in record['keys']}
    if own is None:
        return dict(record['details'], **wanted)
    lacking = {key: value for key, value in wanted.items() if own.get(key, '') != value}
    # of what was published before there was a record, only what is not there
    lacking.update((key, value) for key, value in record['details'].items()
                   if key not in wanted and not own.get(key))
    return lacking
