"""What the key/value store has of an endpoint, whichever layer of this name wrote it.

Earlier layers kept RelationBase's conversations there; a revision of the charm may give
an endpoint another role or interface, or drop it. What does not fit is rebuilt from
Juju, but for what Juju can not tell: the notices that were not dismissed, who was
announced, and what was sent.

Until it is rebuilt, by a look at everything, the record has under `adopted`

    flags       meanings of the flags that were there; until then they stay
    announced   {relation id: units} that the charm was told to be available; null if
                that is all of them
    joined      units whose joined ran since
    details     what had been sent
    withdrawn   true if the charm has taken that back since; else not there
"""
import re

from charmhelpers.core import hookenv
from charmhelpers.core import unitdata
from charms.reactive import clear_flag

from . import flags
from .record import Record
from .record import VERSION

# The interfaces whose endpoints have a record.
INTERFACES = ('zookeeper', 'flume-agent')

PREFIX = 'interface-layer.'
CONVERSATIONS = 'reactive.conversations.'


def save(endpoint, record):
    unitdata.kv().set(PREFIX + endpoint, record)


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
    if version != VERSION:
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
            for key in _conversations(endpoint) + [PREFIX + endpoint]:
                unitdata.kv().unset(key)
            for flag, _ in flags.of(endpoint, 'requires'):
                clear_flag(flag)


def _stored(endpoint, blank, keys):
    """The record that is there, if it fits."""
    stored = unitdata.kv().get(PREFIX + endpoint) or {}
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
