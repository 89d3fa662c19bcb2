"""The ZooKeeper server's side of the `zookeeper` interface."""
from charmhelpers.core import hookenv

from . import sending
from . import wire


class ZookeeperProvides(sending.Provides):
    """Tells clients how to reach this unit of a ZooKeeper ensemble.

    Flags, of the endpoint's own name:

    * `connected`, `joined`: a client's unit is related
    * `available`, `ready`: one is, and each has been sent the details
    * `joining`: a client's unit came; cleared by `dismiss_joining`
    * `departing`: a client's unit left; cleared by `dismiss_departing`
    """

    interface = 'zookeeper'
    keys = wire.KEYS

    def send_port(self, port, rest_port=None, host=None):
        """Publish how this unit is reached.

        Once is enough: relations made later are told too, and the same details
        sent again cost nothing. Other details replace these everywhere.

        :param port: client port, int or decimal text from 1 to 65535
        :param rest_port: port of a REST server, where there is one
        :param str host: hostname or bare IP address to use instead of the
            address that Juju publishes
        :raises ValueError: for any other value; nothing is published then
        """
        self._send(port=port, rest_port=rest_port, host=host)

    def send_connection(self, port, rest_port=None, host=None):
        """The same as :meth:`send_port`, under its later name."""
        self.send_port(port, rest_port, host)


hookenv.atstart(ZookeeperProvides.follow)
