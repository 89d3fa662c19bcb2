"""The flags of an endpoint: what each one means, and whether it is set."""
from charmhelpers.core import unitdata

# By role, the flags of each condition, where {0} is the endpoint's name. Charms of
# three generations use different flags for the same conditions. The first one uses
# `connected`, `available`, `joining` and `departing`, the second one `joined` and
# `ready`, and the third one `endpoint.{0}.*`. Some providers of the second and third
# generation send their details when `{0}.ready` or `endpoint.{0}.available` is set, so
# these cannot wait for the details.
FLAGS = {
    'requires': (
        ('connected', ('{0}.connected', '{0}.joined', 'endpoint.{0}.joined')),
        ('available', ('{0}.available', '{0}.ready', 'endpoint.{0}.available')),
        ('joining', ('{0}.joining', 'endpoint.{0}.changed')),
        ('departing', ('{0}.departing',))),
    'provides': (
        ('connected', ('{0}.connected', '{0}.joined', '{0}.ready',
                       'endpoint.{0}.joined', 'endpoint.{0}.available')),
        ('available', ('{0}.available',)),
        ('joining', ('{0}.joining',)),
        ('departing', ('{0}.departing',))),
}

# The conditions that the charm can dismiss. `joining` also ends when none of the
# announced sources is usable any longer.
NOTICES = ('joining', 'departing')


def flag_names(endpoint, role):
    """Return (flag, condition) of each flag of an endpoint."""
    return [(name.format(endpoint), condition)
            for condition, names in FLAGS[role] for name in names]


def currently_set(endpoint, role):
    """Return {flag: condition} of the flags that are set."""
    stored = stored_values(endpoint)
    return {flag: condition for flag, condition in flag_names(endpoint, role)
            if flag in stored}


def expected_conditions(record, available):
    """Return whether each condition holds.

    :param bool available: whether the role finds the endpoint usable
    :rtype: dict
    """
    conditions = {'connected': bool(record.relations.units()), 'available': available,
                  'joining': bool(record['joining']), 'departing': record['departing']}
    return {condition: holds or record.migration.keeps(condition)
            for condition, holds in conditions.items()}


def wrong_flags(endpoint, role, expected):
    """Return (flag, condition) of each flag that is not as expected."""
    stored, wrong = stored_values(endpoint), []
    for flag, condition in flag_names(endpoint, role):
        if expected[condition] != (flag in stored) or (
                expected[condition] and stored[flag] != flag_value(endpoint)):
            wrong.append((flag, condition))
    return wrong


def endpoint_class_flags(endpoint):
    """Return flags of charms.reactive's Endpoint class that the layers do not use."""
    prefix = 'endpoint.' + endpoint
    return {prefix + '.departed'}.union(flag for flag in stored_values(endpoint)
                                        if flag.startswith(prefix + '.changed.'))


def stored_values(endpoint):
    """Return {flag: value} of the set flags with the prefixes of this endpoint."""
    prefix, values = 'reactive.states.', {}
    for start in (endpoint + '.', 'endpoint.' + endpoint + '.'):
        values.update(unitdata.kv().getrange(prefix + start))
    return {key[len(prefix):]: values[key] for key in values}


def flag_value(endpoint):
    """Return the value of a flag that makes handlers receive the endpoint's object."""
    return {'relation': endpoint, 'conversations': []}
