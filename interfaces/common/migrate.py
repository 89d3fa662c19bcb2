"""What the key/value store has of an endpoint, whichever layer of this name wrote it.

Earlier layers kept RelationBase's conversations there; version 1 of this one kept
another record; a revision of the charm may give an endpoint another role or interface,
or drop it. What does not fit is rebuilt from Juju, but for what Juju can not tell: the
notices that were not dismissed, who was announced, and what was sent.

Until it is rebuilt, by a look at everything, the record has under `adopted`

    flags       meanings of the flags that were there; until then they stay
    announced   {relation id: units} that the charm was told to be available; null if
                that is all of them
    joined      units whose joined ran since
    details     what had been sent
    withdrawn   true if the charm has taken that back since; else not there
"""
import json
import re

from charmhelpers.core import hookenv
from charmhelpers.core import unitdata
from charms.reactive import clear_flag

from . import flags
from .names import application_of
from .record import Record
from .record import VERSION
from .record import blank_relation
from .record import unusable

# The interfaces whose endpoints have a record.
INTERFACES = ('zookeeper', 'flume-agent')

PREFIX = 'interface-layer.'
CONVERSATIONS = 'reactive.conversations.'


def save(endpoint, record):
    unitdata.kv().set(PREFIX + endpoint, record)
    unitdata.kv().unset(PREFIX + endpoint + '.units')   # of version 1


def load(endpoint, blank, keys):
    """The record of an endpoint, or None where there is none that fits.

    :param Record blank: the role's, of an endpoint that nothing is known of
    :param keys: the role's `values.Key` objects
    """
    if _conversations(endpoint):
        return None     # an earlier layer was here since
    return _stored(endpoint, blank, keys)


def adopt(endpoint, blank, keys):
    """A record of which nothing is known but what was there before.

    :param blank, keys: as for :func:`load`
    :rtype: Record
    """
    version = unitdata.kv().get(PREFIX + endpoint, blank)['version']
    if version not in (1, VERSION):
        hookenv.log('{}: what version {} of the interface layer recorded is rebuilt '
                    'from Juju'.format(endpoint, version), hookenv.WARNING)
    before = _stored(endpoint, blank, keys) or blank
    active = flags.active(endpoint, blank['role'])
    record = Record(blank, departing='departing' in active)
    record['shown'] = [notice for notice in flags.NOTICES if notice in active]
    record['adopted'] = {'flags': sorted(active),
                         'announced': _announced(endpoint, blank['role']),
                         'joined': [],
                         'details': before.get('details')}
    record.update((name, before[name]) for name in ('keys', 'request', 'salt')
                  if name in before)
    for key in _conversations(endpoint):
        unitdata.kv().unset(key)
    return record


def finish_adoption(record):
    """All is known now; of it, only what was not announced before is news."""
    adopted, record['adopted'] = record['adopted'], None
    if 'connected' not in adopted['flags'] or 'joining' in adopted['flags']:
        return
    announced = adopted['announced']
    if announced is None:
        announced = {rid: relation['sources']
                     for rid, relation in record['relations'].items()}
    known = {unit for rid in announced if rid in record['relations']
             for unit in announced[rid]}
    known -= set(adopted['joined'])
    record['joining'] = [unit for unit in record['joining'] if unit not in known]


def forget_dropped_endpoints():
    """Forget the endpoints that the charm has no more."""
    names = {key.split('.')[0]
             for key in unitdata.kv().getrange(PREFIX, strip=True)}
    for endpoint in names:
        _, interface = hookenv.relation_to_role_and_interface(endpoint)
        if interface not in INTERFACES:
            for key in _conversations(endpoint) + [PREFIX + endpoint,
                                                   PREFIX + endpoint + '.units']:
                unitdata.kv().unset(key)
            for flag, _ in flags.of(endpoint, 'requires'):
                clear_flag(flag)


def _stored(endpoint, blank, keys):
    """The record that is there, if it fits."""
    stored = unitdata.kv().get(PREFIX + endpoint) or {'version': None}
    if stored['version'] == 1:
        record = _from_version_1(endpoint, stored, blank, keys)
        if record:
            save(endpoint, record)
        return record
    if all(stored.get(name) == blank[name]
           for name in ('version', 'role', 'interface')):
        return Record(stored)


def _conversations(endpoint):
    """The keys of RelationBase's conversations of an endpoint."""
    own = re.compile(re.escape(CONVERSATIONS + endpoint) + r'(:\d+)?\.')
    return [key for key in unitdata.kv().getrange(CONVERSATIONS) if own.match(key)]


def _announced(endpoint, role):
    """Of whom the flags of an earlier layer told, as in `announced`."""
    if role == 'provides':
        return None
    values = [unitdata.kv().get('reactive.states.' + flag)
              for flag, meaning in flags.of(endpoint, role) if meaning == 'available']
    told = next(filter(None, values), None)
    if told and not told['conversations']:
        return None     # it is the flag of a record
    announced = {}
    for key in told['conversations'] if told else ():
        rid, _, unit = key[len(CONVERSATIONS):].partition('.')
        announced.setdefault(rid, []).append(unit)
    return announced


def _from_version_1(endpoint, stored, blank, keys):
    """A record of what version 1 recorded, or None where that does not fit.

    It named neither role nor interface. Its units were under a key of their own, in two
    texts for each relation: names, and entries.
    """
    details = stored.get('details')
    if any((name in stored) != (name in blank) for name in ('details', 'sink')) or (
            details and not all(key.optional or key.name in details for key in keys)):
        return None
    record = Record(blank, departing=stored['departing'])
    units = unitdata.kv().get(PREFIX + endpoint + '.units', {})
    for rid, (names, entries) in units.items():
        _relation_of_version_1(record, rid, names.split(' '), entries.split('\n'), keys)
    record['joining'] = sorted({unit for _, unit in stored['joining']})
    record['shown'] = [notice for notice in flags.NOTICES if record[notice]]
    if details:
        record.update(details=details, keys=sorted(details))
    for rid in stored.get('sent', ()):
        relation = record['relations'].setdefault(rid, blank_relation())
        relation['published'] = 'sent' if rid in stored['unconfirmed'] else 'kept'
    if stored.get('sink'):
        _, unit, entry = stored['sink']
        record['sink'] = [unit, _details_of_version_1(entry, keys)]
    return record


def _relation_of_version_1(record, rid, names, entries, keys):
    relation = blank_relation(application_of(names[0]))
    relation['units'] = sorted(names)
    for unit, entry in zip(names, entries):
        # of a unit that could not be used it was JSON: what was logged of it, and more
        usable = not entry.startswith('[')
        relation['sources'][unit] = (_details_of_version_1(entry, keys) if usable
                                     else None)
        if not usable and json.loads(entry)[0]:
            relation['logged'][unit] = unusable(unit, json.loads(entry)[0])
    record['relations'][rid] = relation


def _details_of_version_1(entry, keys):
    """The details of an entry, which were joined by spaces in the order of the keys."""
    return {key.name: text for key, text in zip(keys, entry.split(' ')) if text}
