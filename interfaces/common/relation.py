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
    _parse_application(record, published, secrets, known)
                                the same of an application's settings, see reconcile.py
    _own_settings_first(record, hook, full)
                                which own settings a hook is to read first, as groups of
                                relation ids, see Record.relations_to_touch
    _adopt(record, seen)        takes over what was before there was a record; whether
                                that is all
    _conclude(record, seen)     its own step; the record after it
    _available(record)          whether the endpoint is of use to the charm

A role that asks applications for something, see juju.LOOKS, defines these too:

    _applications_asked(record) the ids of the relations whose application is to be read
    _secrets_in(record, published)
                                {key: URI, or None} of the secrets that it may name
    _relations_to_ask(record)   the ids of those in which it was maybe not asked yet
"""
import copy

from charmhelpers.core import hookenv
from charms.reactive import RelationBase

from . import flags
from . import juju
from . import migrate
from .observation import OTHER
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
        kind = 'full' if before['adopted'] else hook.kind
        seen = self._observe(before, hook, juju.LOOKS[self.role][kind])
        record = self._reconcile(before, seen)
        if before['adopted'] and is_complete(seen) and self._adopt(record, seen):
            migrate.finish_adoption(record)
        self._finish(before, record, seen)

    def _observe(self, record, hook, looks):
        return juju.observe(self.relation_name, hook, looks,
                            Interest(self, record, hook, 'relations' in looks))

    def _reconcile(self, record, seen):
        def parse_application(published, secrets, known):
            return self._parse_application(record, published, secrets, known)

        return reconcile(record, seen, self._parse_settings, parse_application,
                         self._unread_details)

    def _touched(self):
        """Where this hook has touched the own settings, by remote application."""
        return juju.touched.setdefault(self.relation_name, {})

    def _change(self, change, looks=()):
        """Change the record for a method that a charm calls; and look at Juju again."""
        before = self._load()
        record = copy.deepcopy(before)
        change(record)
        seen = self._observe(record, OTHER, looks)
        self._finish(before, self._reconcile(record, seen), seen)

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


class Interest(object):
    """What there is to look at, of what a role looks at; `observe` asks for it."""

    def __init__(self, role, record, hook, full):
        self._role, self._record, self._hook, self._full = role, record, hook, full
        # the remote application of each relation that is known, or None
        self.known = record.applications()
        # relations in which nothing is looked at but, if chosen, the own settings
        self.ghosts = record.ghosts()

    def own(self, applications):
        """In which relations to look at the own settings.

        :param applications: {relation id: remote application}
        :return: {remote application: relation id}
        """
        groups = self._role._own_settings_first(self._record, self._hook, self._full)
        if self._full:
            # last those of ghosts: if they answer, it was no ghost
            groups += [set(applications) - self.ghosts, set(applications)]
        return self._to_touch(applications, groups)

    def published(self, seen):
        """{relation id: remote application} of what to look at, by what was seen."""
        record = self._role._reconcile(self._record, seen)
        return {rid: record.applications()[rid]
                for rid in self._role._applications_asked(record)}

    def secrets(self, published):
        """{key: URI, or None} of the secrets that an application may name."""
        return self._role._secrets_in(self._record, published)

    def asked(self, seen):
        """In which relations to look at what was asked: {remote application: id}."""
        record = self._role._reconcile(self._record, seen)
        rids = self._role._relations_to_ask(record)
        return self._to_touch(record.applications(), [rids & {self._hook.rid}, rids])

    def _to_touch(self, applications, groups):
        return self._record.relations_to_touch(applications, groups,
                                               self._role._touched())
