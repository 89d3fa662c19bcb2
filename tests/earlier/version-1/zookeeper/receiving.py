"""The requires side: what other units published, as far as it is of use."""
import json

from charmhelpers.core import hookenv
from charmhelpers.core import unitdata

from . import recorded
from . import values

# Where a unit's address is found, best first. Juju 4 no longer writes the last.
ADDRESSES = ('host', 'ingress-address', 'private-address')


class Requires(recorded.RecordedRelation):

    role = 'requires'
    reads = True

    def _usable(self, record):
        """Each usable unit: (relation id, unit, details), in natural order.

        There may be a thousand, so nothing is built to sort them by.
        """
        applications, unusable = {}, recorded.UNUSABLE
        for rid in sorted(record.units, key=recorded.natural):
            # all units of a relation are of the same one
            application = next(iter(record.units[rid])).rpartition('/')[0]
            applications.setdefault(application, []).append(rid)
        for application in sorted(applications, key=recorded.natural):
            related = [(rid, record.units[rid])
                       for rid in applications[application]]
            names = related[0][1]
            if len(related) > 1:
                names = set().union(*(units for _, units in related))
            # of one application, the lower number has the shorter name
            for unit in sorted(sorted(names), key=len):
                for rid, units in related:
                    entry = units.get(unit, unusable)
                    if entry[0] != unusable:
                        yield rid, unit, entry

    def _hear(self, record, rid, unit):
        logged, last = [], record.units.get(rid, {}).get(unit)
        if last and last.startswith(recorded.UNUSABLE):
            logged, last = json.loads(last)
        details, faults = self._read(rid, unit)
        for fault in faults:
            if fault not in logged:
                hookenv.log('{}: {} is not usable: {}'.format(
                    self.relation_name, unit, fault), hookenv.WARNING)
        if details:
            record.enter(rid, unit, details)
            if details != last:
                record.announce(rid, unit)
        else:
            if [rid, unit] in record['joining']:
                last = None     # they were not dismissed: news if they come back
            record.retract(rid, unit)
            record.enter(rid, unit, json.dumps([faults, last]))

    def _read(self, rid, unit):
        """What a unit's settings say: details, or None, and a list of faults."""
        settings = self._settings(rid, unit=unit)
        address = next((name for name in ADDRESSES if settings.get(name)), None)
        keys = [values.Key(address, key.read) if key.name == 'host' else key
                for key in self.keys]
        details, faults = values.understand(keys, settings)
        return details and ' '.join(details.get(key.name, '')
                                    for key in keys), faults

    def _available(self, record):
        return record['usable']

    def _announced(self, rid, unit):
        conversation = 'reactive.conversations.{}.{}'.format(rid, unit)
        for flag, meaning in self._flags():
            value = unitdata.kv().get('reactive.states.' + flag)
            if meaning == 'available' and value:
                # without conversations, it is a record's flag: of all units
                return conversation in (value['conversations']
                                        or [conversation])
        return False
