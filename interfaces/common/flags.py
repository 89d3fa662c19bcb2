"""The flags of an endpoint: what each one means, and whether it is set."""
from charmhelpers.core import unitdata
from charms.reactive import is_flag_set

# By role, the flags of each condition, without the endpoint's name. Charms of two
# generations use different flags for the same conditions. Providers of the second
# generation send their details when `ready` is set, so it cannot wait for the details.
FLAGS = {
    'requires': (('connected', ('connected', 'joined')),
                 ('available', ('available', 'ready')),
                 ('joining', ('joining',)),
                 ('departing', ('departing',))),
    'provides': (('connected', ('connected', 'joined', 'ready')),
                 ('available', ('available',)),
                 ('joining', ('joining',)),
                 ('departing', ('departing',))),
}

# The conditions that last until the charm dismisses them.
NOTICES = ('joining', 'departing')


def flag_names(endpoint, role):
    """Return (flag, condition) of each flag of an endpoint."""
    return [('{}.{}'.format(endpoint, name), condition)
            for condition, names in FLAGS[role] for name in names]


def flagged_conditions(endpoint, role):
    """Return the conditions of which a flag is set."""
    return {condition for flag, condition in flag_names(endpoint, role)
            if is_flag_set(flag)}


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
    stored = unitdata.kv().getrange('reactive.states.' + endpoint)
    wrong = []
    for flag, condition in flag_names(endpoint, role):
        key = 'reactive.states.' + flag
        if expected[condition] != (key in stored) or (
                expected[condition] and stored[key] != flag_value(endpoint)):
            wrong.append((flag, condition))
    return wrong


def flag_value(endpoint):
    """Return the value of a flag that makes handlers receive the endpoint's object."""
    return {'relation': endpoint, 'conversations': []}
