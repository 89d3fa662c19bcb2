"""A relation object all of whose flags and lists follow from one record.

In each hook, before any handler runs, every endpoint goes through five steps:

    observe     what Juju says, as far as this hook asks    juju.py
    reconcile   the record with that                        reconcile.py
    conclude    what the role has to do                     providing.py, requiring.py
    save        the record                                  migrate.py
    show        what it says, as flags                      flags.py

A method that a handler calls changes the record, and takes the last three again. None
of this is a `@hook` handler: those run in no certain order with the charm's own, and
the record has to be right before the first of them.

A role defines these, and nothing else of what is here:

    _role_fields()              what it adds to a record
    _unread_details             the details of a unit whose settings were not read
    _parse_settings(settings)   its details, or None; and a list of what is wrong
    _own_settings_first(record, hook, full)
                                which own settings a hook is to read first, as groups of
                                relation ids, see Record.relations_to_touch
    _adopt(record, seen)        takes over what was before there was a record; whether
                                that is all
    _conclude(record, seen)     its own step; the record after it
    _available(record)          whether the endpoint is of use to the charm
"""
import copy

from charmhelpers.core import hookenv
from charms.reactive import RelationBase

from . import flags
from . import juju
from . import migrate
from .observation import empty_observation
from .observation import is_complete
from .reconcile import reconcile
from .record import Record


class RecordedRelation(RelationBase):
    """It keeps no conversations: RelationBase joins one with whatever hook is running,
    and forgets it while flags still point to it.
    """

    role = None         # the section of metadata.yaml
    interface = None
    keys = ()           # what a provider's unit publishes, as values.Key

    @classmethod
    def follow(cls):
        """Bring every endpoint of this role up to date; once in each hook."""
        if hookenv.hook_name() in juju.FULL_LOOK_HOOKS:
            migrate.forget_dropped_endpoints()
        for name in hookenv.role_and_interface_to_relations(cls.role, cls.interface):
            cls(name)._follow()

    def __init__(self, relation_name, conversations=None):
        self._relation_name = relation_name
        self._conversations = []

    def dismiss_joining(self):
        """Clear the `joining` flag, in whatever hook or action this is."""
        self._change(lambda record: record.dismiss('joining'))

    def dismiss_departing(self):
        """Clear the `departing` flag, in whatever hook or action this is."""
        self._change(lambda record: record.dismiss('departing'))

    def _follow(self):
        before = self._stored() or migrate.adopt(self.relation_name, self._blank(),
                                                 self.keys)
        hook = juju.current_hook(self.relation_name)
        full = hook.kind == 'full' or bool(before['adopted'])
        seen = self._observe(before, hook, full)
        record = self._reconcile(before, seen)
        if before['adopted'] and is_complete(seen) and self._adopt(record, seen):
            migrate.finish_adoption(record)
        self._finish(before, record, seen)

    def _observe(self, record, hook, full):
        def choose(applications):
            groups = self._own_settings_first(record, hook, full)
            if full:
                # last those of ghosts: if they answer, it was no ghost
                groups += [set(applications) - record.ghosts(), set(applications)]
            return record.relations_to_touch(applications, groups, self._touched())

        return juju.observe(self.relation_name, hook,
                            juju.LOOKS[self.role]['full' if full else hook.kind],
                            record.applications(), record.ghosts(), choose)

    def _reconcile(self, record, seen):
        return reconcile(record, seen, self._parse_settings, self._unread_details)

    def _touched(self):
        """Where this hook has touched the own settings, by remote application."""
        return juju.touched.setdefault(self.relation_name, {})

    def _change(self, change):
        """Change the record for a method that a charm calls."""
        before = self._load()
        record = copy.deepcopy(before)
        change(record)
        hook = juju.current_hook(self.relation_name)
        self._finish(before, record, empty_observation(hook))

    def _finish(self, before, record, seen):
        record = self._conclude(record, seen)
        record.remember_turns(self._touched())
        for _, _, sentence in sorted(record.warnings() - before.warnings()):
            hookenv.log('{}: {}'.format(self.relation_name, sentence), hookenv.WARNING)
        self._save(record)
        flags.show(self.relation_name, self._load, self._save, self._available)

    # The record.

    def _blank(self):
        return Record.blank(self.role, self.interface, **self._role_fields())

    def _stored(self):
        """The record, if there is one; who cleared a notice's flag has dismissed it."""
        record = migrate.load(self.relation_name, self._blank(), self.keys)
        if record:
            active = flags.active(self.relation_name, self.role)
            for notice in set(record['shown']) - active:
                record.dismiss(notice)
        return record

    def _load(self):
        """The record; if there is none, Juju is asked."""
        record = self._stored()
        if not record:
            self._follow()
            record = self._stored()
        return record

    def _save(self, record):
        migrate.save(self.relation_name, record)
