"""Validates and parses the values that units publish.

Each validator takes one value of any type, and returns its canonical text or raises
ValueError saying what is allowed. The results end up in configuration files, so the
validators define what is allowed instead of what is forbidden.
"""
import ipaddress
import json
import re
from collections import namedtuple

# The maximum length of an invalid value in a message.
_MAX_SHOWN = 60

# A key that a provider's unit publishes:
#   name        the key in the unit's data
#   validate    turns a value to send into its text, or raises ValueError
#   parse       the same for a received value
#   optional    whether a unit is usable without it
Key = namedtuple('Key', 'name validate parse optional')

# The values of a key that is unset.
UNSET = (None, '', 'None', 'null')

_PORT = re.compile(r'[0-9]{1,5}\Z')
_LABEL = re.compile(r'(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z')


def parse(keys, data):
    """Parse a unit's data.

    :param keys: the `Key` objects to look for
    :param dict data: as `relation-get` returns it
    :return: (details, problems): a dict of canonical text by key, without absent
        optional keys, or None if there are problems; and a list with a message for
        each required key that is absent, and each invalid value
    """
    details, problems = {}, []
    for key in keys:
        value = plain_value(data.get(key.name))
        if value is None:
            if not key.optional:
                problems.append('{} is missing'.format(key.name))
            continue
        try:
            details[key.name] = key.parse(value)
        except ValueError as error:
            problems.append(problem_message(key.name, value, error))
    return (None if problems else details), problems


def plain_value(value):
    """Return a published value, or None if it is unset.

    Third-generation charms publish JSON strings, including the quotes, and some charms
    publish the string `None`.
    """
    if isinstance(value, str) and value.startswith('"'):
        try:
            value = json.loads(value)
        except ValueError:
            pass    # an invalid value
    return None if value in UNSET else value


def validate_argument(name, value, validate):
    """Return the canonical text of an argument.

    :raises ValueError: naming the argument
    """
    try:
        return validate(value)
    except ValueError as error:
        raise ValueError(problem_message(name, value, error))


def problem_message(name, value, allowed):
    """Return a message about an invalid value, shortened and in plain ASCII.

    :rtype: str
    """
    try:
        shown = ascii(value)
    except (ValueError, RecursionError):
        shown = 'a huge value'      # of thousands of digits or nested lists
    if len(shown) > _MAX_SHOWN:
        shown = '{}... ({} characters)'.format(shown[:_MAX_SHOWN], len(shown))
    return '{} is {}, not {}'.format(name, shown, allowed)


def port(value):
    """Return a TCP port as a string.

    :param value: int or decimal text, 1 to 65535
    :rtype: str
    :raises ValueError: for anything else, including bool
    """
    if isinstance(value, str) and _PORT.match(value):
        value = int(value)
    # str() raises for a huge int, so compare it first
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return str(value)
    raise ValueError('an integer from 1 to 65535')


def received_port(value):
    """Return a TCP port that another unit published, as a string.

    Charms that calculate their port have published `2181.0`.

    :rtype: str
    :raises ValueError: like :func:`port`
    """
    if isinstance(value, str) and value.endswith('.0'):
        value = value[:-len('.0')]
    return port(value)


def host(value):
    """Return a hostname or a bare IP address.

    A hostname is one that resolvers accept: as in RFC 1123, but it may contain
    underscores, and end with a dot (RFC 1034, section 3.1).

    :param str value: an IPv6 address has no brackets and no zone
    :rtype: str
    :raises ValueError: for anything else
    """
    if isinstance(value, str) and len(value) <= 254 and value not in UNSET:
        if is_ip(value):
            return value
        name = value[:-1] if value.endswith('.') else value
        labels = name.split('.')
        # if the last label is a number, it is a mistyped IPv4 address
        if (len(name) <= 253 and all(map(_LABEL.match, labels))
                and not labels[-1].isdigit()):
            return value
    raise ValueError('a hostname or an IP address')


def is_ip(value, version=None):
    """Return whether a string is an IP address, of a version (4 or 6) if given.

    :rtype: bool
    """
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    # Python 3.9 and newer accept a zone, with anything after its %; versions before
    # 3.9.5 accept some zeros before the numbers of an IPv4 address
    return version in (None, address.version) and '%' not in value and (
        address.version == 6 or str(address) == value)
