"""The requires side: lists the sources that the other side has published."""
from . import endpoint, values

# The keys that may contain a unit's address, the preferred one first. Juju 4 does not
# write the last one.
ADDRESSES = ('host', 'ingress-address', 'private-address')


class Requirer(endpoint.RecordedEndpoint):

    role = 'requires'

    def _parse_unit_data(self, data):
        address = next((name for name in ADDRESSES if data.get(name)), None)
        keys = [key._replace(name=address, optional=False)
                if key.name == 'host' else key for key in self.keys]
        details, problems = values.parse(keys, data)
        if details:
            details['host'] = details.pop(address)
        return details, problems

    def _is_available(self, record):
        return bool(record.relations.usable_sources())
