"""The unit data of a Flume sink, as both roles use it."""
from .common import values


def protocol(value):
    """Return the name of a protocol between Flume agents.

    For each there is a source and a sink type of that name (Flume 1.11 User Guide,
    "Avro Source" and "Thrift Source").

    :param str value: `avro` or `thrift`
    :rtype: str
    :raises ValueError: for anything else
    """
    if isinstance(value, str) and value in ('avro', 'thrift'):
        return value
    raise ValueError('avro or thrift')


def host(value):
    """Return a hostname or an IPv4 address.

    IPv6 addresses do not work: a Flume agent's sink joins host and port with a colon,
    and later splits the text at a colon (flume-ng-sdk, HostInfo).

    :raises ValueError: for anything else
    """
    if isinstance(value, str) and values.is_ip(value, 6):
        raise ValueError('a hostname or an IPv4 address; Flume does not support IPv6')
    return values.host(value)


KEYS = (
    values.Key('port', values.port, values.received_port, optional=False),
    values.Key('protocol', protocol, protocol, optional=False),
    values.Key('host', host, host, optional=True),
)
