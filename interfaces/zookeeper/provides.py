"""The ZooKeeper server's side of the `zookeeper` interface."""
from charmhelpers.core import hookenv

from . import unit_data
# RelationBase uses the first subclass that it finds in this module: import no classes
from .common import provider


class ZookeeperProvides(provider.Provider):
    """Tells clients how to reach this unit of a ZooKeeper ensemble.

    Flags, prefixed with the endpoint's name:

    * `connected`, `joined`, `ready`: a client's unit is related
    * `available`: a client's unit is related, and the charm has sent its details
    * `joining`: a client's unit has joined; cleared by `dismiss_joining` or when all
      units that it is about have left
    * `departing`: a client's unit has left; cleared by `dismiss_departing`

    Third-generation charms use other names for these flags: see flags.py.
    """

    interface = 'zookeeper'
    keys = unit_data.KEYS
    instead_of_conversations = 'send_port()'

    def send_port(self, port, rest_port=None, host=None):
        """Publish how clients reach this unit.

        Calling this once is enough: later relations get the details too. Calling it
        again with the same details has no effect; other details replace them in every
        relation.

        :param port: client port, an int or decimal text from 1 to 65535
        :param rest_port: port of a REST server, if there is one
        :param str host: hostname or bare IP address to use instead of the address
            that Juju publishes
        :raises ValueError: for any other value; nothing is published then
        """
        self._send(port=port, rest_port=rest_port, host=host)

    def send_connection(self, port, rest_port=None, host=None):
        """The same as :meth:`send_port`, under a second name."""
        self.send_port(port, rest_port, host)

    def configure(self, host, port):
        """The same as :meth:`send_port`, for charms of the third generation."""
        self.send_port(port, host=host)


hookenv.atstart(ZookeeperProvides.update_all)
