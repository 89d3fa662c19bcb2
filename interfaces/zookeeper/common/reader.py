"""Queries Juju, and updates the record with each answer."""
from . import goal_state, hooktools, rotation

# The hooks that read everything. So does every hook during a migration.
FULL_READ_HOOKS = ('update-status', 'upgrade-charm')

# What each kind of hook reads. Each name has a method, such as read_units(). One
# hook-tool call takes 4 to 7 ms (measured with Juju 3.6 and 4.0).
#   relations   relation-ids
#   first_relations
#               if no relation was known before, relation-ids, and relation-list --app
#               of each relation. Juju lists all relations of a new unit in its first
#               created hook (Juju 4.0.15)
#   units       relation-list of the hook's relation; in a full read, of every relation.
#               For a relation without units whose application is unknown,
#               relation-list --app as well
#   goal_state  goal-state, once for all endpoints, only in FULL_READ_HOOKS, even during
#               a migration; relation-get of each unit that two full reads in a row have
#               found in goal-state and not in relation-list
#   hook_source relation-get of the hook's unit
#   all_units   relation-get of each unit
#   own_data    relation-get of this unit's own data, in one relation for each remote
#               application. Juju denies it if the relation was removed by force, which
#               nothing else shows. A provider also compares the data with its details,
#               and chooses other relations, see own_data_priorities()
READS = {
    'requires': {
        'created': ('units',),
        'joined': ('units', 'hook_source'),
        'changed': ('units', 'hook_source'),
        'departed': ('units',),
        'full': ('relations', 'units', 'goal_state', 'own_data', 'all_units'),
    },
    'provides': {
        'created': ('first_relations', 'units', 'own_data'),
        'joined': ('units', 'own_data'),
        'changed': ('units', 'own_data'),
        'departed': ('units', 'own_data'),
        'full': ('relations', 'units', 'goal_state', 'own_data'),
        'other': ('own_data',),
    },
}

# A migration ends only after these were read. The log uses the same texts.
ESSENTIAL = RELATIONS, UNITS, APPLICATION, OWN_DATA = (
    'relations', 'the units', 'the remote application', "this unit's data")

FAILED = '{} failed ({}); keeping the last known data'


class Reader:
    """Reads for one endpoint, in one hook.

    Subclasses define `own_data_priorities()`: the groups for rotation.choose().

    :ivar Hook hook: the running hook; NO_RELATION_HOOK if the charm calls a method
    :ivar Record before, record: the record before the hook, and its updated copy
    :ivar str kind: the kind of the hook, or `full` if it reads everything
    :ivar set listed_relations: the relations whose units could be listed
    :ivar dict own_data_read: {relation ID: this unit's data, if it could be read}
    """

    def __init__(self, endpoint, before, hook):
        self.endpoint = endpoint
        self.name = endpoint.relation_name
        self.before = before
        self.hook = hook
        self.record = before.copy()
        self.record.apply_hook(hook)
        full = before.migration or hook.name in FULL_READ_HOOKS
        self.kind = 'full' if full else hook.kind
        self.listed_relations = set()
        self.own_data_read = {}

    def read(self):
        """Do the reads of this kind of hook."""
        self.do_reads(READS[self.endpoint.role].get(self.kind, ()))

    def do_reads(self, reads):
        """Do reads that are named like those in READS."""
        for name in reads:
            getattr(self, 'read_' + name)()

    def is_complete(self):
        """Return whether all that is ESSENTIAL could be read."""
        holders = [self.record] + list(self.record.relations.values())
        return not any(holder.is_unreadable(subject)
                       for holder in holders for subject in ESSENTIAL)

    def read_relations(self):
        relation_ids = self.try_query('', RELATIONS, hooktools.relation_ids, self.name)
        if relation_ids is not None:
            # the hook's relation exists even if it is not listed
            relation_ids = {self.hook.relation_id}.union(relation_ids) - {None}
            self.record.set_relations(relation_ids)
            self.record.apply_hook(self.hook)

    def read_first_relations(self):
        if not self.before.relations:
            self.read_relations_and_applications()

    def read_relations_and_applications(self):
        self.read_relations()
        for relation_id in sorted(self.record.relations):
            self._read_application(relation_id)

    def read_units(self):
        for relation_id, _ in self.record.relations.existing():
            if self.kind == 'full' or relation_id == self.hook.relation_id:
                self._read_units(relation_id)

    def _read_units(self, relation_id):
        relation = self.record.relations[relation_id]
        units = self.try_query(relation_id, UNITS, hooktools.relation_list, relation_id)
        if units is not None:
            self.listed_relations.add(relation_id)
            relation.set_listed_units(units)
            self.record.apply_hook(self.hook)
        self._read_application(relation_id)

    def _read_application(self, relation_id):
        relation = self.record.relations[relation_id]
        if relation['application']:
            relation.clear_warning('unreadable', APPLICATION)
        else:
            relation['application'] = self.try_query(
                relation_id, APPLICATION, hooktools.application, relation_id)

    def read_goal_state(self):
        if self.hook.name in FULL_READ_HOOKS:
            goal_state.correct_units(self)

    def read_own_data(self):
        relations = self.record.relations
        chosen = self.choose(self.own_data_priorities())
        for application, relation_id in sorted(chosen.items()):
            data = self.try_query(relation_id, OWN_DATA, hooktools.own_data, self.name,
                                  application, relation_id)
            relation = relations[relation_id]
            if data == hooktools.DENIED:
                relation.mark_force_removed(relation_id)
            elif data is not None:
                self.own_data_read[relation_id] = data
                if relation_id in relations.force_removed() - relations.replaced():
                    # for a replaced relation, Juju returns the data of the new one
                    relation.unmark_force_removed()
                    self._read_units(relation_id)

    def choose(self, groups):
        """Choose one relation for each application, see rotation.choose()."""
        return rotation.choose(self.record, groups, hooktools.relations_used(self.name))

    def try_query(self, relation_id, subject, query, *arguments):
        """Query Juju.

        :param relation_id: the relation that the query is about, or ''
        :param subject: what is queried, for the log, such as a unit
        :param query: a function that runs a hook tool
        :return: its result, or None and a warning in the record if it fails
        """
        holder = self.record.relations.get(relation_id, self.record)
        try:
            result = query(*arguments)
        except hooktools.HookToolError as error:
            call = '{} of {} in {}' if relation_id else '{}'
            holder.warn('unreadable', subject, FAILED.format(
                call.format(error.tool, subject, relation_id), error))
            return None
        holder.clear_warning('unreadable', subject)
        return result
