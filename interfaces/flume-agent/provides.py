"""The sink's side of the `flume-agent` interface."""
from charmhelpers.core import hookenv

from . import unit_data
# RelationBase uses the first subclass that it finds in this module: import no classes
from .common import provider


class FlumeProvides(provider.Provider):
    """Tells Flume agents where this unit receives events.

    Flags, prefixed with the endpoint's name:

    * `connected`, `joined`, `ready`: an agent's unit is related
    * `available`: an agent's unit is related, and the charm has sent its details
    * `joining`: an agent's unit has joined; cleared by `dismiss_joining` or when all
      units that it is about have left
    * `departing`: an agent's unit has left; cleared by `dismiss_departing`

    Third-generation charms use other names for these flags: see flags.py.
    """

    interface = 'flume-agent'
    keys = unit_data.KEYS
    instead_of_conversations = 'send_configuration()'

    def send_configuration(self, port, protocol='avro'):
        """Publish where this unit receives events.

        Calling this once is enough: later relations get the details too. Calling it
        again with the same details has no effect; other details replace them in every
        relation.

        :param port: the port of this unit's Flume source, an int or decimal text from 1
            to 65535
        :param str protocol: the type of the Flume source, `avro` or `thrift`
        :raises ValueError: for any other value; nothing is published then
        """
        if protocol in (None, ''):
            protocol = 'avro'
        self._send(port=port, protocol=protocol)


hookenv.atstart(FlumeProvides.update_all)
