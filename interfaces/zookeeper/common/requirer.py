"""The requires side: lists the remote units that the charm can use."""
from . import endpoint, hooktools, reader, values

# The keys that may contain a unit's address, the preferred one first. Juju 4 does not
# write the last one.
ADDRESSES = ('host', 'ingress-address', 'private-address')


class UnitReader(reader.Reader):
    """Reads the data of remote units, too."""

    def own_data_priorities(self):
        return [set(self.record.relations) - self.record.relations.replaced()]

    def read_hook_source(self):
        if self.hook.unit in self.record.relations[self.hook.relation_id]['units']:
            self._read_unit(self.hook.relation_id, self.hook.unit)

    def read_all_units(self):
        for relation_id, relation in self.record.relations.existing():
            if relation_id in self.listed_relations:
                for unit in relation['units']:
                    self._read_unit(relation_id, unit)

    def _read_unit(self, relation_id, unit):
        data = self.try_query(relation_id, unit, hooktools.unit_data, relation_id, unit)
        if data is not None:
            self.update_unit(self.record.relations[relation_id], unit, data)

    def update_unit(self, relation, unit, data):
        relation.update_source(unit, *self._parse_unit_data(data))

    def _parse_unit_data(self, data):
        if not self.has_published(data):
            return None, []
        address = next((name for name in ADDRESSES
                        if values.plain_value(data.get(name)) is not None),
                       'ingress-address')
        keys = [key._replace(name=address, optional=False)
                if key.name == 'host' else key for key in self.endpoint.keys]
        details, problems = values.parse(keys, data)
        if details:
            details['host'] = details.pop(address)
        return details, problems

    def has_published(self, data):
        """Return whether a unit has published any of the interface's keys."""
        return any(values.plain_value(data.get(key.name)) is not None
                   for key in self.endpoint.keys)


class Requirer(endpoint.RecordedEndpoint):

    role = 'requires'
    reader_class = UnitReader

    def _is_available(self, record):
        return bool(record.relations.usable_sources())
