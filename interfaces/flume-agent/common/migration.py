"""Keeps older state until a new record is complete.

Every new record starts with a migration, even in a new deployment. The migration ends
when the data in reader.ESSENTIAL has been read.

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
        changed     the sources that have joined or changed since the migration began
        details     the details found in published data; before any are found, those of
                    an untrusted record, or null
        withdrawn   whether the charm has withdrawn its details during the migration
        from_earlier_layer
                    whether an earlier layer has left flags or conversations
    """

    def start(self, conditions, announced, from_earlier_layer):
        self.update(conditions=sorted(conditions), announced=announced, changed=[],
                    details=None, withdrawn=False,
                    from_earlier_layer=from_earlier_layer)

    def set_details_aside(self, record):
        """Move the details here: what is published is more reliable."""
        if 'details' in record:
            self['details'], record['details'] = record['details'], {}

    def keeps(self, condition):
        """Return whether a condition's flag stays set whatever the record says."""
        return condition in self.get('conditions', ())

    def note_changed(self, sources):
        if self:
            self['changed'] = sorted(set(self['changed']).union(sources))

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
                for unit in announced[relation_id]} - set(self['changed'])
