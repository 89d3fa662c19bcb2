"""The sink's side of the `flume-agent` interface."""
from charmhelpers.core import hookenv

from . import sending
from . import wire


class FlumeProvides(sending.Provides):
    """Tells Flume agents where this unit takes events.

    Flags, of the endpoint's own name:

    * `connected`, `joined`: an agent's unit is related
    * `available`, `ready`: one is, and each has been sent the details
    * `joining`: an agent's unit came; cleared by `dismiss_joining`
    * `departing`: an agent's unit left; cleared by `dismiss_departing`
    """

    interface = 'flume-agent'
    keys = wire.KEYS

    def send_configuration(self, port, protocol='avro'):
        """Publish where this unit takes events.

        Once is enough: relations made later are told too, and the same details
        sent again cost nothing. Other details replace these everywhere.

        :param port: the source's port, int or decimal text from 1 to 65535
        :param str protocol: the source's type, `avro` or `thrift`
        :raises ValueError: for any other value; nothing is published then
        """
        self._send(port=port, protocol=protocol)


hookenv.atstart(FlumeProvides.follow)
