"""Which flags follow from a record; the only place that sets or clears them."""
from charmhelpers.core import unitdata
from charms.reactive import clear_flag
from charms.reactive import get_flags
from charms.reactive import set_flag

# By role, what each flag says. There are two generations of charms, with two words for
# the same. A provider of the later one sends because of `ready`, so that can not wait
# for what it sent.
FLAGS = {
    'requires': (
        ('connected', 'connected'),
        ('joined', 'connected'),
        ('available', 'available'),
        ('ready', 'available'),
        ('joining', 'joining'),
        ('departing', 'departing'),
    ),
    'provides': (
        ('connected', 'connected'),
        ('joined', 'connected'),
        ('ready', 'connected'),
        ('available', 'available'),
        ('joining', 'joining'),
        ('departing', 'departing'),
    ),
}

# What is true until it is dismissed.
NOTICES = ('joining', 'departing')


def truth(record, available):
    """What each flag is to say.

    :param bool available: whether the role is of use, if it is connected
    :return: a bool by meaning, of FLAGS
    :rtype: dict
    """
    adopted = record['adopted'] or {'flags': ()}
    return {
        'connected': bool(record.units()) or 'connected' in adopted['flags'],
        'available': available or 'available' in adopted['flags'],
        'joining': bool(record['joining']) or 'joining' in adopted['flags'],
        'departing': record['departing'],
    }


def of(endpoint, role):
    """(flag, its meaning) of each flag of an endpoint."""
    return [('{}.{}'.format(endpoint, name), meaning) for name, meaning in FLAGS[role]]


def active(endpoint, role):
    """The meanings of which a flag is set."""
    flags = get_flags()
    return {meaning for flag, meaning in of(endpoint, role) if flag in flags}


def show(endpoint, load, save, available):
    """Make the flags say what the record says.

    Triggers of the charm may clear one of them when another is set, or dismiss a
    notice. So each step is found anew, from the record as it then is; their number is
    limited, as triggers can go in a circle.

    :param load: gives the record
    :param save: keeps it
    :param available: says of it whether the endpoint is of use
    """
    for _ in range(24):
        record = load()
        step = _next_step(endpoint, record['role'], truth(record, available(record)))
        if not step:
            return
        flag, meaning, wanted = step
        if meaning in NOTICES:
            record['shown'] = [notice for notice in NOTICES if (
                wanted if notice == meaning else notice in record['shown'])]
            save(record)
        if wanted:
            set_flag(flag, _value(endpoint))
        else:
            clear_flag(flag)


def _next_step(endpoint, role, said):
    """(flag, its meaning, whether to set it) of the first that is wrong, or None."""
    found = unitdata.kv().getrange('reactive.states.' + endpoint)
    for flag, meaning in of(endpoint, role):
        key = 'reactive.states.' + flag
        if said[meaning] and found.get(key) != _value(endpoint):
            return flag, meaning, True
        if key in found and not said[meaning]:
            return flag, meaning, False


def _value(endpoint):
    """The value of a flag with which handlers are given the relation object."""
    return {'relation': endpoint, 'conversations': []}
