"""The agent's side of the `flume-agent` interface."""
from charmhelpers.core import hookenv

from . import requiring
from . import wire
from .names import unit_order


class FlumeRequires(requiring.Requires):
    """Knows the sinks that this unit can send its events to.

    Flags, of the endpoint's own name:

    * `connected`, `joined`: a sink's unit is related
    * `available`, `ready`: one at least has published usable details
    * `joining`: one became usable or changed; cleared by `dismiss_joining`
    * `departing`: a sink's unit left; cleared by `dismiss_departing`

    It adds to the record of its endpoint:

        sink    [unit, details] of the one sink that the `get_flume` methods are
                about, or null
    """

    interface = 'flume-agent'
    keys = wire.KEYS

    def get_flume_ip(self):
        """Address of one usable sink: the same one, whichever of the `get_flume`
        methods asks, until it leaves or changes; then that of the next sink.

        :rtype: str
        :raises LookupError: where no sink is usable
        """
        return self._sink('host')

    def get_flume_port(self):
        """Port of that sink.

        :rtype: str
        :raises LookupError: where no sink is usable
        """
        return self._sink('port')

    def get_flume_protocol(self):
        """Protocol of that sink, `avro` or `thrift`.

        :rtype: str
        :raises LookupError: where no sink is usable
        """
        return self._sink('protocol')

    def agents(self):
        """All usable sinks, over all relations of the endpoint.

        :return: `name`, `host`, `port` and `protocol` of each as text, in the
            natural order of the units' names. A name is fit for a component of
            a Flume configuration: the unit's with a dash, `sink-0`
        :rtype: list(dict)
        """
        return [dict(details, name=unit.replace('/', '-'))
                for unit, details in self._load().served()]

    def _sink(self, name):
        sink = self._load()['sink']
        if not sink:
            raise LookupError('no usable sink on {}'.format(
                self.relation_name))
        return sink[1][name]

    def _role_fields(self):
        return {'sink': None}

    def _conclude(self, record, seen):
        """Keep the sink, or have the next one take its turn."""
        sink = record['sink']
        sinks = [list(pair) for pair in record.served()]
        if sink not in sinks:
            later = [other for other in sinks
                     if sink and unit_order(other[0]) > unit_order(sink[0])]
            record['sink'] = (later + sinks + [None])[0]
        return record


hookenv.atstart(FlumeRequires.follow)
