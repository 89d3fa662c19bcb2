"""What may be published, and how it is recognised.

Each check takes one value, whoever wrote it, and returns its canonical text or
raises ValueError saying what is allowed. What they let through ends up in
configuration files, so they name what is good instead of what is bad.
"""
import ipaddress
import re

# how much of a bad value is shown
_SHOWN = 60

_PORT = re.compile(r'[0-9]{1,5}\Z')
_LABEL = re.compile(r'(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z')


class Key(object):
    """One key of what a provider's unit publishes.

    :param str name: the key in the unit's relation settings
    :param check: turns a value to send into its text, or raises ValueError
    :param read: the same for a received value; `check` unless given
    :param bool optional: whether a unit without it is usable
    """

    def __init__(self, name, check, read=None, optional=False):
        self.name = name
        self.check = check
        self.read = read or check
        self.optional = optional


def understand(keys, settings):
    """What a unit's settings say, and what is wrong with them.

    :param keys: the `Key` objects to look for
    :param dict settings: as `relation-get` gives them
    :return: (details, faults): a dict of canonical text by key, without the
        optional keys that are not there, or None where something needed is
        missing or wrong; and a list of sentences, one per wrong value
    """
    details, faults = {}, []
    complete = True
    for key in keys:
        value = settings.get(key.name)
        if value in (None, ''):
            complete = complete and key.optional
            continue
        try:
            details[key.name] = key.read(value)
        except ValueError as error:
            faults.append(fault(key.name, value, error))
    return (details if complete and not faults else None), faults


def fault(name, value, allowed):
    """A sentence about a bad value, which is shortened and made plain ASCII.

    :rtype: str
    """
    try:
        shown = ascii(value)
    except ValueError:
        shown = 'a huge integer'    # Python makes no text of thousands of digits
    if len(shown) > _SHOWN:
        shown = '{}... ({} characters)'.format(shown[:_SHOWN], len(shown))
    return '{} is {}, not {}'.format(name, shown, allowed)


def port(value):
    """Text of a TCP port.

    :param value: int or decimal text, 1 to 65535
    :rtype: str
    :raises ValueError: for anything else, bool among it
    """
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        # an int is compared before it is made text: text of a huge one raises
        if isinstance(value, str) and _PORT.match(value):
            value = int(value)
        if isinstance(value, int) and 1 <= value <= 65535:
            return str(value)
    raise ValueError('an integer from 1 to 65535')


def port_read(value):
    """Text of a TCP port as it is received: charms that compute with theirs
    have published `2181.0`.

    :rtype: str
    :raises ValueError: like :func:`port`
    """
    if isinstance(value, str) and value.endswith('.0'):
        value = value[:-len('.0')]
    return port(value)


def host(value):
    """Text of a hostname or of a bare IP address.

    A hostname is one as resolvers take it: as in RFC 1123, and underscores in it, and a
    dot at its end (RFC 1034, section 3.1).

    :param str value: neither brackets around an IPv6 address nor a zone in it
    :rtype: str
    :raises ValueError: for anything else
    """
    if isinstance(value, str) and len(value) <= 254:
        if is_ip(value):
            return value
        name = value[:-1] if value.endswith('.') else value
        labels = name.split('.')
        # a name whose last label is a number is a mistyped IPv4 address
        if (len(name) <= 253 and all(map(_LABEL.match, labels))
                and not labels[-1].isdigit()):
            return value
    raise ValueError('a hostname or an IP address')


def is_ip(value, version=None):
    """Whether text is an IP address; with `version` (4 or 6), of that version.

    :rtype: bool
    """
    try:
        found = ipaddress.ip_address(value).version
    except ValueError:
        return False
    # newer Pythons take a zone, and anything at all after its %
    return version in (None, found) and '%' not in value


def protocol(value):
    """Name of a protocol between Flume agents.

    Sources of these two have a sink of the same name (Flume 1.11 User Guide,
    "Avro Source" and "Thrift Source").

    :param str value: `avro` or `thrift`
    :rtype: str
    :raises ValueError: for anything else
    """
    if isinstance(value, str) and value in ('avro', 'thrift'):
        return value
    raise ValueError('avro or thrift')
