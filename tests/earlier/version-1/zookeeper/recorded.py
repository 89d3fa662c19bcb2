"""One record per endpoint, and all that follows from it.

Juju tells a unit its story one hook at a time, parts of it twice and parts of it
never. Before any handler runs, the record is brought up to date with what Juju
says in this hook, and the flags are derived from it in one place
(`RecordedRelation._truth`). Nothing else sets or clears them.

The record is JSON in the unit's key/value store:

    version     of this layout
    departing   whether a departure waits to be dismissed
    joining     [relation id, unit] of each usable unit that waits for it
    connected   ids of the relations that have units
    usable      whether a unit is usable
    units       {relation id: [units, entries]}, under a key of its own: there may be
                a thousand, which few hooks need to read. Units are joined by spaces,
                entries by ends of lines: two texts are read faster than a thousand

An entry is text, the details that a usable unit is served with, joined by spaces in
the order of the role's keys. Of a unit that is not usable it is JSON, a list of two:

    what was logged about what it published
    details that were dismissed before, which are no news if they come back, or null

What a role adds to the record is said where the role is written.
"""
import functools
import re
import weakref
from subprocess import CalledProcessError

from charmhelpers.core import hookenv
from charmhelpers.core import unitdata
from charms.reactive import RelationBase
from charms.reactive import clear_flag
from charms.reactive import get_flags
from charms.reactive import set_flag

VERSION = 1

# What a flag says, and its names in the two generations of charms.
FLAGS = (
    ('connected', ('connected', 'joined')),
    ('available', ('available', 'ready')),
    ('joining', ('joining',)),
    ('departing', ('departing',)),
)

# Hooks in which everything is compared with what Juju says of it.
HEALING = ('update-status', 'upgrade-charm')

# What an entry starts with of a unit that is not usable.
UNUSABLE = '['

# Units as they are in a key/value store, by store and key: a hook needs them several
# times, and to read a thousand takes as long as whatever is done with them.
_read = weakref.WeakKeyDictionary()


@functools.lru_cache(maxsize=None)
def natural(name):
    """A sort key by which `zk/2` comes before `zk/10`."""
    return [int(part) if part.isdigit() else part
            for part in re.split('([0-9]+)', name)]


class Record(dict):
    """What is known of an endpoint; its units are read when they are asked for.

    :param dict content: all but the units
    :param dict units: these, as {relation id: {unit: entry}}, unless they are stored
    """

    def __init__(self, key, content, units=None):
        super().__init__(content)
        self._key = key
        self._units = units
        self._changed = units is not None

    @property
    def units(self):
        if self._units is None:
            read = _read.setdefault(unitdata.kv(), {})
            if self._key not in read:
                stored = unitdata.kv().get(self._key + '.units', {})
                read[self._key] = {
                    rid: dict(zip(names.split(' '), entries.split('\n')))
                    for rid, (names, entries) in stored.items()}
            self._units = read[self._key]
        return self._units

    def enter(self, rid, unit, entry):
        """Have an entry for a unit."""
        if self.units.get(rid, {}).get(unit) != entry:
            self._change().setdefault(rid, {})[unit] = entry

    def leave(self, rid, unit):
        """Have a unit leave, and take its joining with it."""
        self.retract(rid, unit)
        self['departing'] = True
        units = self._change()
        del units[rid][unit]
        if not units[rid]:
            del units[rid]

    def _change(self):
        """The units, to become others than those in the key/value store."""
        self._changed = True
        units = self.units
        _read.get(unitdata.kv(), {}).pop(self._key, None)
        return units

    def announce(self, rid, unit):
        if [rid, unit] not in self['joining']:
            self['joining'].append([rid, unit])

    def retract(self, rid, unit):
        if [rid, unit] in self['joining']:
            self['joining'].remove([rid, unit])

    def save(self):
        if self._changed:
            self['connected'] = sorted(self.units)
            self['usable'] = any(not entry.startswith(UNUSABLE)
                                 for units in self.units.values()
                                 for entry in units.values())
            unitdata.kv().set(self._key + '.units', {
                rid: [' '.join(units), '\n'.join(units.values())]
                for rid, units in self.units.items()})
            _read.setdefault(unitdata.kv(), {})[self._key] = self.units
        unitdata.kv().set(self._key, self)


class RecordedRelation(RelationBase):
    """A relation object all of whose flags and lists follow from one record.

    It keeps no conversations: RelationBase joins one with whatever hook is
    running, and forgets it while flags still point to it.
    """

    role = None         # the section of metadata.yaml
    interface = None
    keys = ()           # what a provider's unit publishes, as values.Key
    reads = False       # whether this role reads it

    @classmethod
    def follow(cls):
        """Bring every endpoint of this role up to date; once in each hook."""
        for name in hookenv.role_and_interface_to_relations(cls.role,
                                                            cls.interface):
            cls(name)._follow()

    def __init__(self, relation_name, conversations=None):
        self._relation_name = relation_name
        self._conversations = []

    def dismiss_joining(self):
        """Clear the `joining` flag, in whatever hook or action this is."""
        record = self._load()
        record['joining'] = []
        self._save(record)

    def dismiss_departing(self):
        """Clear the `departing` flag, in whatever hook or action this is."""
        record = self._load()
        record['departing'] = False
        self._save(record)

    # What the roles say.

    def _blank(self):
        """What a record says of an endpoint that nothing is known of."""
        return {'version': VERSION, 'departing': False, 'joining': [],
                'connected': [], 'usable': False}

    def _hear(self, record, rid, unit):
        """Enter a unit that Juju tells of."""
        raise NotImplementedError

    def _available(self, record):
        raise NotImplementedError

    def _announced(self, rid, unit):
        """Whether an earlier layer had told the charm of this unit's details."""
        raise NotImplementedError

    def _settle(self, record, relations):
        """Draw the role's own conclusions from a record brought up to date.

        :param set relations: ids of the endpoint's relations, or None where Juju
            was not asked for them
        """

    # From the record to the flags.

    def _truth(self, record):
        return {
            'connected': bool(record['connected']),
            'available': self._available(record),
            'joining': bool(record['joining']),
            'departing': record['departing'],
        }

    def _flags(self):
        """Every (flag, what it says) of this endpoint."""
        return [('{}.{}'.format(self.relation_name, name), meaning)
                for meaning, names in FLAGS for name in names]

    def _set_flag(self, flag):
        # with a value of this form, handlers are given the object
        set_flag(flag, {'relation': self.relation_name, 'conversations': []})

    @property
    def _key(self):
        return 'interface-layer.' + self.relation_name

    def _load(self):
        return self._stored() or self._rebuild()

    def _stored(self):
        """The record, or None where there is none that this version can read."""
        stored = unitdata.kv().get(self._key)
        if stored and stored['version'] != VERSION:
            hookenv.log('{}: what version {} of the interface layer recorded is '
                        'rebuilt from Juju'.format(self.relation_name,
                                                   stored['version']),
                        hookenv.WARNING)
            return None
        return stored and Record(self._key, stored)

    def _save(self, record):
        """Keep the record, and make the flags say what it says."""
        record.save()
        active = get_flags()
        truth = self._truth(record)
        for flag, meaning in self._flags():
            if truth[meaning] and flag not in active:
                self._set_flag(flag)
            elif flag in active and not truth[meaning]:
                clear_flag(flag)

    # From Juju to the record.

    def _follow(self):
        """Bring the record up to date with what Juju says in this hook."""
        record = self._stored()
        if record:
            self._settle(record, self._observe(record))
            self._save(record)
        else:
            self._rebuild()

    def _rebuild(self):
        """Make a record of what Juju and the flags say."""
        record = Record(self._key, self._blank(), units={})
        relations = self._observe(record, everything=True)
        self._adopt(record, relations)
        self._settle(record, relations)
        self._save(record)
        return record

    def _event(self):
        """(relation id, kind of hook, remote unit) of a hook of this endpoint.

        All are None in other hooks; the unit is in created and broken, and when
        the remote application's own data changed.
        """
        if hookenv.relation_type() != self.relation_name:
            return None, None, None
        return (hookenv.relation_id(),
                hookenv.hook_name().rsplit('-', 1)[-1],
                hookenv.remote_unit() or None)

    def _observe(self, record, everything=False):
        """Compare the record with what Juju says, and bring it up to date.

        :param bool everything: heal, whichever hook this is
        :return: the ids of the relations (in joined and changed, perhaps without
            some that have no units), or None where Juju was not asked
        """
        own, event, unit = self._event()
        if everything or hookenv.hook_name() in HEALING:
            relations = self._relations()
            members = self._members(relations)
        elif own:
            relations, members = self._ask(set(record.units), own, event)
        else:
            return None
        if event == 'departed':
            members[own].discard(unit)
        elif unit:
            members[own].add(unit)
        self._part(record, relations)
        for rid, units in members.items():
            known = record.units.get(rid, {}).keys()
            told = {unit} & units if rid == own else set()
            if known != units:      # mostly they are the same, and may be a thousand
                told |= units - known
                for name in known - units:
                    record.leave(rid, name)
            for name in sorted(told, key=natural):
                self._hear(record, rid, name)
        return relations

    def _part(self, record, relations):
        """Have the units leave that are in none of these relations."""
        for rid in set(record.units) - relations:
            for unit in list(record.units[rid]):
                record.leave(rid, unit)

    def _ask(self, known, own, event):
        """What to know of Juju in a hook of the relation `own`: the relations
        there are, and units by relation.

        What Juju failed to tell earlier is put right with it, as far as three
        calls reach, one of them kept for the settings that are to be read. Two
        relations are listed in full; of more, only this one is.
        """
        wanted = known | {own} if event != 'broken' else known - {own}
        left = 2 if self.reads and event in ('joined', 'changed') else 3
        if left == 2 and len(wanted) == 2:
            # no call is left to ask for the relations: one that is gone says so
            members = {own: set(hookenv.related_units(own))}
            for rid in known - {own}:
                try:
                    members.update(self._members([rid]))
                except CalledProcessError:
                    pass
            return set(members), members
        relations = self._relations()
        return relations, self._members(
            relations & (wanted if len(wanted) < left else {own}))

    def _relations(self):
        """The ids of the endpoint's relations, as they are after this hook."""
        own, event, _ = self._event()
        relations = set(hookenv.relation_ids(self.relation_name))
        if event == 'broken':
            relations.discard(own)      # until Juju 3.4 it is still listed
        elif own:
            relations.add(own)
        return relations

    def _members(self, relations):
        return {rid: set(hookenv.related_units(rid)) for rid in relations}

    def _settings(self, rid, **whose):
        """What a unit or application has published, as far as it may be read.

        :param whose: `unit` or `app`, and its name
        :rtype: dict
        """
        try:
            settings = hookenv.relation_get(rid=rid, **whose)
        except CalledProcessError:
            # exit status 1: the unit never joined, or is not to be read
            settings = None
        return settings if isinstance(settings, dict) else {}

    # From earlier layers to the record.

    def _adopt(self, record, relations):
        """Take over from whatever kept this endpoint's flags before.

        That may be an earlier layer of this name, with RelationBase's
        conversations, or a later version of this one. Its flags tell what the
        charm knows.
        """
        own, event, unit = self._event()
        active = {meaning for flag, meaning in self._flags()
                  if flag in get_flags()}
        record['departing'] = 'departing' in active or event == 'departed'
        if 'connected' in active and 'joining' not in active:
            joins = [own, unit] if event == 'joined' else None
            record['joining'] = [
                pair for pair in record['joining']
                if pair == joins or not self._announced(*pair)]
        for flag, meaning in self._flags():
            if flag in get_flags():
                self._set_flag(flag)    # without the conversations in its value
        kv = unitdata.kv()
        prefix = 'reactive.conversations.'
        ours = re.compile(re.escape(prefix + self.relation_name) + r'(:\d+)?\.')
        for key in kv.getrange(prefix):
            if ours.match(key):
                kv.unset(key)
