"""The stored state of one endpoint: what the unit knows about its relations.

A record is plain JSON. These are its fields; a role adds others, see its module:

    version       the version of this layout
    role          `requires` or `provides`
    interface     the endpoint's interface
    relations     {relation ID: relation}, see below
    joining       the sources to announce as new or changed
    departing     whether to announce that a unit has left
    shown         {flag: notice} for each flag of a notice that is set
    warnings      {kind: {subject: text}} of the problems that were logged and not
                  solved yet; a `different-request` stays. `unreadable` means that the
                  last query about the subject failed
    last_used     {application: relation ID} for applications with several relations:
                  the one in which a hook last used a databag of this unit or its
                  application
    migration     older state, until this record is complete; every new record, even in
                  a new deployment, starts with a migration

and of a relation:

    application     the remote application, or null while it is unknown
    units           the names of its remote units
    sources         {source: details}; null if the source is not usable
    force_removed   whether it was removed by force: until this unit's agent restarts,
                    Juju continues to list it
    warnings        as above
    goal_units      the units that goal-state has ever named, until neither goal-state
                    nor relation-list names them
    stale_units     units that relation-list lists and goal-state no longer names; they
                    are not in `units`
    unlisted_units  the units that goal-state names, except dying ones, and
                    relation-list does not list
    found_units     units that were unlisted in two full reads in a row, and whose data
                    could be read; they are in `units`, normally until goal-state no
                    longer names them

Only full reads query goal-state, see goal_state.py. In other hooks, relation-list and
the hooks of a unit only remove units from `stale_units` and `found_units`.

A *source* is a remote unit, or a remote application that publishes servers. It is
*usable* if the local charm can use what it has published, its *details*. For a
provider, each client's unit is a usable source with {} as its details.
"""
import copy

from .migration import Migration
from .names import application_of, relation_number, unit_key

VERSION = 5

FORCE_REMOVED = ('{} was removed by force and is ignored. No action is needed: Juju '
                 "stops listing it when this unit's agent restarts")


class WarningsMixin:
    """Keeps the problems of a relation or an endpoint, so that each is logged once."""

    def warn(self, kind, subject, text):
        """Add a warning, or replace the one of this kind about the subject."""
        self['warnings'].setdefault(kind, {})[subject] = text

    def clear_warning(self, kind, subject):
        subjects = self['warnings'].get(kind, {})
        subjects.pop(subject, None)
        if not subjects:
            self['warnings'].pop(kind, None)

    def is_unreadable(self, subject):
        """Return whether the last query about a subject failed."""
        return subject in self['warnings'].get('unreadable', ())

    def list_warnings(self):
        """Return (kind, subject, text) of each warning."""
        return [(kind, subject, text) for kind, texts in self['warnings'].items()
                for subject, text in texts.items()]


class Relation(WarningsMixin, dict):
    """The stored state of one relation."""

    @classmethod
    def create(cls):
        return cls(application=None, units=[], sources={}, force_removed=False,
                   warnings={}, goal_units=[], stale_units=[], unlisted_units=[],
                   found_units=[])

    def apply_hook(self, hook):
        """Apply what a hook says about its unit, whatever Juju lists."""
        if not hook.unit:
            return
        if hook.kind in ('joined', 'changed'):
            self.unmark_force_removed()
        if self['force_removed']:
            return
        for name in ('stale_units', 'found_units'):
            self[name] = sorted(set(self[name]) - {hook.unit})
        units = {hook.unit}.union(self['units'])
        self.set_units(units - {hook.unit} if hook.kind == 'departed' else units)

    def listed_units(self):
        """Return `units` without the corrections by goal-state."""
        return set(self['units']).difference(self['found_units']).union(
            self['stale_units'])

    def set_listed_units(self, listed):
        """Apply what relation-list lists."""
        stale = set(self['stale_units']).intersection(listed)
        found = set(self['found_units']).difference(listed)
        self.update(stale_units=sorted(stale), found_units=sorted(found))
        self.set_units(found.union(listed) - stale)

    def drop_found_units(self):
        listed = self.listed_units()
        self['found_units'] = []
        self.set_listed_units(listed)

    def apply_goal_state(self, named, unlisted, found):
        """Apply what goal-state says about the relation's application.

        :param set named: the units that it names
        :param set unlisted: those that should be listed and are not
        :param set found: those of them that have just been found in the relation
        """
        listed = self.listed_units()
        goal_units = listed.intersection(self['goal_units']) | named
        found = named.intersection(self['found_units']) | found
        self.update(
            goal_units=sorted(goal_units), stale_units=sorted(goal_units - named),
            unlisted_units=sorted(unlisted), found_units=sorted(found))
        self.set_listed_units(listed)

    def set_units(self, units):
        """Replace the units, and take the application from their names.

        Forget the sources and warnings of units that have left.
        """
        self['units'] = sorted(units)
        if units:
            self['application'] = application_of(self['units'][0])
        kept = set(units) | {self['application']}
        self['sources'] = {source: details for source, details
                           in self['sources'].items() if source in kept}
        for kind, subject, _ in self.list_warnings():
            if '/' in subject and subject not in kept:     # a unit
                self.clear_warning(kind, subject)

    def update_source(self, source, details, problems):
        """Store a source's details, or None, and a warning about its problems."""
        self.clear_warning('unusable', source)
        self['sources'][source] = details
        if problems:
            self.warn('unusable', source, unusable_message(source, problems))

    def remove_source(self, source):
        self.clear_warning('unusable', source)
        self['sources'].pop(source, None)

    def mark_force_removed(self, relation_id):
        application = self['application']
        self.clear()
        self.update(Relation.create(), application=application, force_removed=True)
        self.warn('force-removed', relation_id, FORCE_REMOVED.format(relation_id))

    def unmark_force_removed(self):
        """Use the relation again if Juju had denied access by mistake."""
        if self['force_removed']:
            self.update(force_removed=False, warnings={})

    def usable_details(self):
        """Return {source: details} of the usable sources.

        Prefer the units; fall back to the application if no unit is usable. Without
        any units, the application is not used either.
        """
        usable = {source: details for source, details in self['sources'].items()
                  if details is not None}
        units = {unit: usable[unit] for unit in self['units'] if unit in usable}
        return units or (usable if self['units'] else {})


class Relations(dict):
    """The relations of one endpoint: {relation ID: Relation}."""

    def applications(self):
        """Return {relation ID: remote application, or None} of all relations."""
        return {relation_id: relation['application']
                for relation_id, relation in self.items()}

    def force_removed(self):
        """Return the IDs of the relations that were removed by force."""
        return {relation_id for relation_id, relation in self.items()
                if relation['force_removed']}

    def existing(self):
        """Return (relation ID, relation) of those not force-removed, oldest first."""
        return [(relation_id, self[relation_id]) for relation_id in sorted(
            set(self) - self.force_removed(), key=relation_number)]

    def replaced(self):
        """Return the force-removed relations whose application has a newer relation."""
        applications = self.applications()
        newest = {applications[relation_id]: relation_id
                  for relation_id in sorted(self, key=relation_number)}
        return self.force_removed() - set(newest.values())

    def units(self):
        """Return the names of all remote units."""
        return {unit for _, relation in self.existing() for unit in relation['units']}

    def usable_details(self):
        """Return {source: details} over all relations; the newest relation wins.

        Unlike usable_sources(), this includes relations that are not preferred. So
        nothing is announced when another relation becomes the preferred one.
        """
        details = {}
        for _, relation in self.existing():
            details.update(relation.usable_details())
        return details

    def preferred_relations(self):
        """Return {application: relation ID}, the relation to use for each one.

        That is the newest one with a usable source. An older relation of the same
        application may have been removed by force, and list units that have left.
        """
        preferred = {}
        for relation_id, relation in self.existing():
            if relation.usable_details():
                preferred[relation['application']] = relation_id
        return preferred

    def usable_sources(self):
        """Return (source, details) of all sources to use, in natural order."""
        sources = []
        for relation_id in self.preferred_relations().values():
            sources.extend(self[relation_id].usable_details().items())
        return sorted(sources, key=lambda source: unit_key(source[0]))


class Record(WarningsMixin, dict):
    """The stored state of one endpoint."""

    def __init__(self, fields):
        super().__init__(fields)
        self.relations = self['relations'] = Relations(
            (relation_id, Relation(relation))
            for relation_id, relation in fields['relations'].items())
        self.migration = self['migration'] = Migration(fields['migration'])

    @classmethod
    def create(cls, role, interface, fields_of_role):
        """Return an empty record."""
        return cls(dict(
            fields_of_role, version=VERSION, role=role, interface=interface,
            relations={}, joining=[], departing=False, shown={}, warnings={},
            last_used={}, migration={}))

    def copy(self):
        return Record(copy.deepcopy(dict(self)))

    def apply_hook(self, hook):
        """Apply what the hook's name and environment say, whatever Juju lists."""
        if hook.kind == 'broken':
            self.relations.pop(hook.relation_id, None)
        elif hook.relation_id:
            relation = self.relations.setdefault(hook.relation_id, Relation.create())
            relation['application'] = hook.application or relation['application']
            relation.apply_hook(hook)

    def set_relations(self, relation_ids):
        """Replace the relations. Keep the state of those that are known."""
        for relation_id in set(self.relations) - set(relation_ids):
            del self.relations[relation_id]
        for relation_id in relation_ids:
            self.relations.setdefault(relation_id, Relation.create())

    def announce(self, before, hook):
        """Announce what has changed since the record before the hook.

        A known unit has left if its departed hook runs, or if no relation lists it now.
        During a migration, a departed hook of an unknown unit is announced, too: the
        charm may know it from an earlier layer.
        """
        previous_units = before.relations.get(hook.relation_id, {'units': []})['units']
        departed = hook.kind == 'departed' and (
            hook.unit in previous_units or before.migration)
        if departed or before.relations.units() - self.relations.units():
            self['departing'] = True

        previous = before.relations.usable_details()
        details = self.relations.usable_details()
        changed = {source for source in details
                   if details[source] != previous.get(source)}
        joined = {hook.unit} if hook.kind == 'joined' else set()
        if self['role'] == 'provides':
            changed |= joined.difference(previous_units)
        self.migration.note_changed(joined | changed.intersection(previous))
        self['joining'] = sorted((set(self['joining']) | changed) & set(details))

    def finish_migration(self):
        """Announce only what the charm does not know from an earlier layer."""
        known = self.migration.announced_units(self.relations)
        self['joining'] = [unit for unit in self['joining'] if unit not in known]
        self.migration.clear()

    def dismiss(self, notice):
        """Clear the notice `joining` or `departing`."""
        self[notice] = [] if notice == 'joining' else False
        self.migration.dismiss(notice)

    def note_shown(self, flag, notice, shown):
        """Note whether a flag of a notice is set."""
        self['shown'].pop(flag, None)
        if shown:
            self['shown'][flag] = notice

    def new_warnings(self, before):
        """Return the texts of the warnings that the record before does not have.

        A changed text makes a warning new only if it is about a source's data: a hook
        tool's error may differ in each hook.
        """
        warnings, known = self._warnings(), before._warnings()
        return [warnings[key] for key in sorted(set(warnings) - set(known))]

    def _warnings(self):
        """Return {what distinguishes a warning: its text}."""
        holders = [('', self)] + list(self.relations.items())
        return {(relation_id, kind, subject, text if kind == 'unusable' else ''): text
                for relation_id, holder in holders
                for kind, subject, text in holder.list_warnings()}


def unusable_message(source, problems):
    return '{} is not usable: {}'.format(source, '; '.join(problems))
