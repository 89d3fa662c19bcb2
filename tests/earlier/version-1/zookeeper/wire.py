"""What a ZooKeeper server's unit publishes; both roles read it here."""
from . import values

KEYS = (
    values.Key('port', values.port, read=values.port_read),
    values.Key('rest_port', values.port, read=values.port_read, optional=True),
    values.Key('host', values.host, optional=True),
)
