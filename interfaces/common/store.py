"""The unit's key/value store: records, and what earlier layers left there.

Earlier layers kept RelationBase's conversations. Another version of this layer may have
kept a record of another shape, or the record may be damaged. Such data is rebuilt from
Juju, see migration.py.
"""
import json
import re
import zlib

from charmhelpers.core import hookenv, unitdata
from charms.reactive import clear_flag

from . import flags
from .record import VERSION, Record

# The interfaces of the layers that share this code.
INTERFACES = ('zookeeper', 'flume-agent')

PREFIX = 'interface-layer.'
CONVERSATIONS = 'reactive.conversations.'

# What the key/value store raises for a value that is not JSON, or nested too deeply.
_NOT_JSON = ValueError, RecursionError

REBUILT = ('{}: the stored record is damaged or of another version; rebuilding it from '
           'Juju')


def load(endpoint):
    """Return the endpoint's record, or None if no usable one is stored.

    A charm that has cleared a notice's flag with `clear_flag` has dismissed the notice.
    """
    fields, usable = _load_fields(endpoint)
    if not usable or _conversations(endpoint.relation_name):
        return None
    record = Record(fields)
    currently_set = flags.currently_set(endpoint.relation_name, endpoint.role)
    for flag, notice in sorted(record['shown'].items()):
        if flag not in currently_set:
            record.dismiss(notice)
            record.note_shown(flag, notice, False)
    return record


def create(endpoint):
    """Build a record from the stored data and the flags, and return it.

    Delete what an earlier layer or another role has left.
    """
    name, role = endpoint.relation_name, endpoint.role
    fields, usable = _load_fields(endpoint)
    if fields and not usable:
        hookenv.log(REBUILT.format(name), hookenv.WARNING)
    record = Record.create(role, endpoint.interface, endpoint._initial_fields(fields))
    currently_set = flags.currently_set(name, role)
    record['departing'] = 'departing' in currently_set.values()
    record['shown'] = {flag: condition for flag, condition in currently_set.items()
                       if condition in flags.NOTICES}
    has_conversations = bool(_conversations(name))
    record.migration.start(
        set(currently_set.values()), _announced_units(name, role, currently_set),
        from_earlier_layer=has_conversations or (bool(currently_set) and not fields))
    if fields.get('version') == VERSION or has_conversations:
        # damaged, or outdated by an earlier layer that has run since
        record.migration.set_details_aside(record)
    _delete_conversations(name)
    # an earlier revision of the charm may have used the endpoint in another role
    _clear_flags(name, set(dict(flags.flag_names(name, role))))
    return record


def save(endpoint, record):
    unitdata.kv().set(PREFIX + endpoint.relation_name,
                      dict(record, checksum=_checksum(record)))


def forget_removed_endpoints():
    """Forget the endpoints that this revision of the charm no longer has."""
    try:
        stored = unitdata.kv().getrange(PREFIX, strip=True)
    except _NOT_JSON:
        return      # a record is not JSON; its endpoint replaces it, if it still exists
    for name in stored:
        role, interface = hookenv.relation_to_role_and_interface(name)
        if role not in flags.FLAGS or interface not in INTERFACES:
            unitdata.kv().unset(PREFIX + name)
            _delete_conversations(name)
            _clear_flags(name)


def load_dict(key):
    """Return a stored dict; an empty one instead of anything else."""
    try:
        value = unitdata.kv().get(key)
    except _NOT_JSON:
        value = None
    return value if isinstance(value, dict) else {}


def _load_fields(endpoint):
    """Return the fields of the stored record, and whether this version can use them.

    There are none if the endpoint had another role or interface in an earlier revision
    of the charm. The checksum shows whether they are as save() stored them.
    """
    fields = load_dict(PREFIX + endpoint.relation_name)
    expected = {'role': endpoint.role, 'interface': endpoint.interface}
    if any(fields.get(name, expected[name]) != expected[name] for name in expected):
        return {}, False
    checksum = fields.pop('checksum', None)
    return fields, fields.get('version') == VERSION and checksum == _checksum(fields)


def _checksum(fields):
    return zlib.crc32(json.dumps(fields, sort_keys=True).encode('ascii'))


def _conversations(name):
    """Return the keys of the endpoint's conversations."""
    pattern = re.compile(re.escape(CONVERSATIONS + name) + r'(:\d+)?\.')
    return [key for key in unitdata.kv().getrange(CONVERSATIONS) if pattern.match(key)]


def _delete_conversations(name):
    for key in _conversations(name):
        unitdata.kv().unset(key)


def _clear_flags(name, kept=()):
    """Clear the endpoint's flags of both roles, except the kept ones."""
    # a provider has no flags that a client lacks
    names = {flag for flag, _ in flags.flag_names(name, 'requires')}
    for flag in names.union(flags.endpoint_class_flags(name)).difference(kept):
        clear_flag(flag)


def _announced_units(name, role, currently_set):
    """Return the units for which an earlier layer has set a flag of `available`.

    :return: {relation ID: units}, or None for all units
    """
    if role == 'provides':
        return None
    announced = {}
    values = flags.stored_values(name)
    for flag, condition in currently_set.items():
        if condition != 'available':
            continue
        value = values[flag] if isinstance(values[flag], dict) else {}
        keys = value.get('conversations')
        if not keys or not isinstance(keys, list):
            return None     # set by this layer, or by a third-generation one
        for key in map(str, keys):
            relation_id, _, unit = key[len(CONVERSATIONS):].partition('.')
            announced.setdefault(relation_id, []).append(unit)
    return announced
