"""What a Flume sink's unit publishes; both roles read it here."""
from . import values


def host(value):
    """Like `values.host`, without IPv6 addresses: an agent's sink joins host and
    port with a colon and splits them there again (flume-ng-sdk, HostInfo).

    :raises ValueError: for anything else
    """
    if isinstance(value, str) and values.is_ip(value, 6):
        raise ValueError('an address that Flume can use: it takes no IPv6')
    return values.host(value)


KEYS = (
    values.Key('port', values.port, read=values.port_read),
    values.Key('protocol', values.protocol),
    values.Key('host', host, optional=True),
)
