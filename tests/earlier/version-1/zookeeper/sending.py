"""The provides side: what is published, and who has been told.

It adds to the record of its endpoint:

    details       what the charm sent last, {} before that
    sent          ids of the relations that hold these details
    unconfirmed   relations which will show whether Juju kept what the last hook
                  set, until the next one looks
"""
from charmhelpers.core import hookenv

from . import recorded
from . import values


class Provides(recorded.RecordedRelation):

    role = 'provides'

    def _send(self, **given):
        """Publish details on every relation of the endpoint, later ones too.

        :raises ValueError: for a value that may not be sent; nothing is sent
        """
        details = {}
        for key in self.keys:
            value = given.get(key.name)
            if value is None and key.optional:
                continue
            try:
                details[key.name] = key.check(value)
            except ValueError as error:
                raise ValueError(values.fault(key.name, value, error))
        record = self._load()
        if details != record['details']:
            record.update(details=details, sent=[])
            self._publish(record)
            self._save(record)

    def _publish(self, record, relations=None):
        """Tell each relation that has not been told.

        :param set relations: what relations there are, if that is known
        """
        if not record['details']:
            return
        if relations is None:
            relations = self._relations()
            self._part(record, relations)
        # an empty value deletes a key that is no longer sent
        settings = dict.fromkeys((key.name for key in self.keys), '')
        settings.update(record['details'])
        untold = sorted(relations - set(record['sent']))
        for rid in untold:
            hookenv.relation_set(rid, settings)
        # If Juju drops one it drops all, so one is enough to look at; unless this
        # is the second time, and some may hold the same from before the first.
        record['unconfirmed'] = untold if record['unconfirmed'] else untold[:1]
        record['sent'] = sorted(relations)

    def _published(self, rid):
        """The details that a relation really holds, or None."""
        settings = self._settings(rid, unit=hookenv.local_unit())
        return values.understand(self.keys, settings)[0]

    def _settle(self, record, relations):
        # Juju drops the settings of a hook that fails, all of them; the record
        # is kept if it fails late, after the key/value store was written.
        lost = any(self._published(rid) != record['details']
                   for rid in record['unconfirmed'])
        if lost:
            record['sent'] = []
        else:
            record['unconfirmed'] = []
        if lost or relations is not None:
            self._publish(record, relations)

    def _blank(self):
        return dict(super()._blank(), details={}, sent=[], unconfirmed=[])

    def _hear(self, record, rid, unit):
        # a client has nothing to say: that it is there is all there is to know
        if unit not in record.units.get(rid, ()):
            record.enter(rid, unit, '')
            record.announce(rid, unit)

    def _available(self, record):
        # what there is to send is sent before the flags are derived
        return bool(record['connected'] and record['details'])

    def _announced(self, rid, unit):
        return True

    def _adopt(self, record, relations):
        super()._adopt(record, relations)
        published = {rid: self._published(rid) for rid in relations}
        # the newest relation was there whenever something was sent
        for rid in sorted(relations, key=recorded.natural):
            record['details'] = published[rid] or record['details']
        record['sent'] = sorted(rid for rid in relations
                                if published[rid] == record['details'])
