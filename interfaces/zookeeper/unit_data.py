"""The unit data of a ZooKeeper server, as both roles use it."""
from .common import values

KEYS = (
    values.Key('port', values.port, values.received_port, optional=False),
    values.Key('rest_port', values.port, values.received_port, optional=True),
    values.Key('host', values.host, values.host, optional=True),
)
