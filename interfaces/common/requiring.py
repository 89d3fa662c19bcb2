"""The requires side: what the other side published, as far as it is of use."""
from . import relation
from . import values

# Where a unit's address is found, best first. Juju 4 no longer writes the last.
ADDRESSES = ('host', 'ingress-address', 'private-address')


class Requires(relation.RecordedRelation):

    role = 'requires'
    _unread_details = None

    def _parse_settings(self, settings):
        address = next((name for name in ADDRESSES if settings.get(name)), None)
        keys = [values.Key(address, key.read, optional=False)
                if key.name == 'host' else key for key in self.keys]
        details, faults = values.understand(keys, settings)
        if details:
            details['host'] = details.pop(address)
        return details, faults

    def _parse_application(self, record, published, secrets, known):
        return None     # nothing is known that an application publishes

    def _applications_asked(self, record):
        return set()

    def _secrets_in(self, record, published):
        return {}

    def _relations_to_ask(self, record):
        return set()

    def _own_settings_first(self, record, hook, full):
        return []   # only a full look needs any: they show whether it is a ghost

    def _adopt(self, record, seen):
        return True     # all that is known of units, Juju tells

    def _available(self, record):
        return bool(record.served())
