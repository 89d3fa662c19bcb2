"""State from before the record, kept until the first full read is complete.

Earlier layers kept RelationBase's conversations. Another version of this layer kept a
record of another shape. A full read finds out everything from Juju, except for the
notices that the charm has not dismissed, the units that were announced to it, and the
details that it has sent.
"""


class Migration(dict):
    """A field of the record. It is empty, and so false, after the migration.

        conditions  the conditions of flags.py whose flags were set; they stay set
        announced   {relation ID: units} that the charm knows to be usable; null if it
                    knows all of them
        joined      the units whose joined hooks have run since
        details     the details from a record that cannot be trusted, used only if
                    nothing is published; or null
        withdrawn   whether the charm has withdrawn its details since
    """

    def start(self, conditions, announced):
        self.update(conditions=sorted(conditions), announced=announced, joined=[],
                    details=None, withdrawn=False)

    def set_details_aside(self, record):
        """Move the details here: what is published is more reliable."""
        if 'details' in record:
            self['details'], record['details'] = record['details'], {}

    def keeps(self, condition):
        """Return whether a condition's flag stays set whatever the record says."""
        return condition in self.get('conditions', ())

    def note_joined(self, unit):
        if self and unit not in self['joined']:
            self['joined'].append(unit)

    def dismiss(self, condition):
        if self.keeps(condition):
            self['conditions'].remove(condition)

    def withdraw(self):
        """Note the withdrawal: the keys to delete are unknown until a full read."""
        if self:
            self['withdrawn'] = True
            self.dismiss('available')

    def announced_units(self, relations):
        """Return the units of these relations that the charm knows already."""
        if not self.keeps('connected') or self.keeps('joining'):
            # without `connected`, no unit was announced; with `joining` still set, the
            # charm may not have handled any of them
            return set()
        announced = self['announced']
        if announced is None:
            announced = {relation_id: relation['sources']
                         for relation_id, relation in relations.items()}
        return {unit for relation_id in announced if relation_id in relations
                for unit in announced[relation_id]} - set(self['joined'])
