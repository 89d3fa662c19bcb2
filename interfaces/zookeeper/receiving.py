"""The requires side: what other units published, as far as it is of use."""
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
        """(relation id, unit, details) of each usable unit, in natural order.

        Applications come one after the other, as sorting all units by one key
        takes long where they are a thousand.
        """
        applications = {}
        for rid, units in record.units.items():
            order = recorded.natural(rid)
            for unit, entry in units.items():
                if recorded.usable(entry):
                    application, _, number = unit.rpartition('/')
                    applications.setdefault(application, []).append(
                        (int(number), order, rid, unit, entry))
        return [found[2:]
                for application in sorted(applications, key=recorded.natural)
                for found in sorted(applications[application])]

    def _hear(self, record, rid, unit):
        before = record.units.get(rid, {}).get(unit, {'faults': [], 'last': None})
        if recorded.usable(before):
            last, logged = before, []
        else:
            last, logged = before['last'], before['faults']
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
            record.enter(rid, unit, {'faults': faults, 'last': last})

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
