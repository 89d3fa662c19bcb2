"""An endpoint whose flags and lists all follow from its record.

In each hook, before any handler runs, every endpoint goes through these steps:

    load            the record, or create one                   store.py, migration.py
    read            query Juju, and update the record           reader.py
    react           publish details, choose a sink, send        provider.py, the layers'
                    requests                                    requires.py,
                                                                app_requests.py
    announce        compare the record with the one before      record.py
    save            the record, and log new warnings            store.py
    update flags    set and clear them according to the record  flags.py

A method that changes the record loads it, changes it, and continues with `react`;
`request()` also reads if the charm starts or stops requesting access.
No step is a `@hook` handler: those run in no fixed order with the charm's own, and the
record has to be up to date before the first of them.

Each role is a subclass: Provider or Requirer. It defines

    role                    the section of metadata.yaml
    _is_available(record)   whether the charm can use the endpoint

and may replace `reader_class` and `_try_finish_migration()`.

A role of an interface, such as ZookeeperRequires, is a subclass of these. It defines

    interface               the interface
    keys                    the keys that a provider's unit publishes, as values.Key
    instead_of_conversations
        The methods to use instead of RelationBase's.

and may replace `reader_class`. A provider inherits these methods; a client's class
defines them:

    _initial_fields(stored)
        Return the fields of a new record that the role adds. Reuse what it can from
        `stored`, the fields of a record that is damaged or of another version.
    _react(reader)
        Do the role's own work after the reader has read.
"""
from charmhelpers.core import hookenv
from charms.reactive import RelationBase, clear_flag, set_flag

from . import flags, hooktools, rotation, store
from .describe import describe_record
from .reader import FULL_READ_HOOKS, Reader

# An endpoint has at most nine flags, but triggers of the charm may set and clear them
# without end. After this many changes, the remaining ones wait for the next hook.
MAX_FLAG_CHANGES = 24


class RecordedEndpoint(RelationBase):
    """Keeps a record instead of RelationBase's conversations.

    RelationBase deletes a conversation when its unit leaves, although flags still refer
    to it. The next handler then gets a new conversation, with the remote unit of
    whichever hook is running, or None.
    """

    reader_class = Reader

    @classmethod
    def update_all(cls):
        """Update every endpoint of this role and interface, once in each hook."""
        if hookenv.hook_name() in FULL_READ_HOOKS:
            store.forget_removed_endpoints()
        for name in hookenv.role_and_interface_to_relations(cls.role, cls.interface):
            cls(name)._update()

    def __init__(self, relation_name, conversations=None):
        self._relation_name = relation_name
        self._conversations = []

    def conversation(self, scope=None):
        """Conversations of RelationBase are not supported.

        :raises NotImplementedError: always
        """
        raise NotImplementedError(
            '{} keeps no conversations; use {} instead'.format(
                type(self).__name__, self.instead_of_conversations))

    def describe(self):
        """Return a description of the endpoint, as plain data without secrets.

        This runs no hook tool. The result is empty as long as there is no valid record.

        :rtype: dict
        """
        record = store.load(self)
        return describe_record(record) if record else {}

    def dismiss_joining(self):
        """Clear the `joining` flag. Any hook or action can call this."""
        self._apply(lambda record: record.dismiss('joining'))

    def dismiss_departing(self):
        """Clear the `departing` flag. Any hook or action can call this."""
        self._apply(lambda record: record.dismiss('departing'))

    def _try_finish_migration(self, reader):
        """Adopt an earlier layer's details. Return whether the migration ends."""
        return reader.is_complete()

    def _update(self):
        before = store.load(self) or store.create(self)
        hook = hooktools.current_hook(self.relation_name)
        reader = self.reader_class(self, before, hook)
        reader.read()
        is_migrated = bool(before.migration) and self._try_finish_migration(reader)
        self._commit(reader, is_migrated)

    def _apply(self, change, reads=()):
        """Apply a change of the record for a method that the charm calls.

        :param change: a function that is given the record
        :param reads: what to read after it, see Reader.do_reads()
        """
        reader = self.reader_class(self, self._load(), hooktools.NO_RELATION_HOOK)
        change(reader.record)
        reader.do_reads(reads)
        self._commit(reader)

    def _commit(self, reader, is_migrated=False):
        self._react(reader)
        reader.record.announce(reader.before, reader.hook)
        if is_migrated:
            reader.record.finish_migration()
        rotation.remember_used(reader.record,
                               hooktools.relations_used(self.relation_name))
        for text in reader.record.new_warnings(reader.before):
            hookenv.log('{}: {}'.format(self.relation_name, text), hookenv.WARNING)
        store.save(self, reader.record)
        self._update_flags()

    def _update_flags(self):
        """Set and clear flags until all are as the record says.

        A trigger of the charm may clear one flag when another is set, or dismiss a
        notice. So the record is loaded again for each flag.
        """
        for _ in range(MAX_FLAG_CHANGES):
            record = self._load()
            expected = flags.expected_conditions(record, self._is_available(record))
            wrong = flags.wrong_flags(self.relation_name, self.role, expected)
            if not wrong:
                return
            flag, condition = wrong[0]
            if condition in flags.NOTICES:
                record.note_shown(flag, condition, expected[condition])
                store.save(self, record)
            if expected[condition]:
                set_flag(flag, flags.flag_value(self.relation_name))
            else:
                clear_flag(flag)

    def _load(self):
        """Return the record; without one, query Juju first."""
        record = store.load(self)
        if record is None:
            self._update()
            record = store.load(self)
        return record
