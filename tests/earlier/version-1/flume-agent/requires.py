"""The agent's side of the `flume-agent` interface."""
from charmhelpers.core import hookenv

from . import receiving
from . import recorded
from . import wire


class FlumeRequires(receiving.Requires):
    """Knows the sinks that this unit can send its events to.

    Flags, of the endpoint's own name:

    * `connected`, `joined`: a sink's unit is related
    * `available`, `ready`: one at least has published usable details
    * `joining`: one became usable or changed; cleared by `dismiss_joining`
    * `departing`: a sink's unit left; cleared by `dismiss_departing`

    It adds to the record of its endpoint:

        sink    [relation id, unit, details] of the one sink that the `get_flume`
                methods are about, or None
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
            a Flume configuration: the unit's with a dash, `sink-0`; where a unit
            is related twice, the second is `sink-0-7`, 7 being the relation's
            number
        :rtype: list(dict)
        """
        agents, before = [], None
        for rid, unit, entry in self._usable(self._load()):
            port, protocol, host = entry.split(' ')
            name = unit.replace('/', '-')
            if unit == before:
                name += '-' + rid.split(':')[-1]
            before = unit
            agents.append({'name': name, 'host': host, 'port': port,
                           'protocol': protocol})
        return agents

    def _sink(self, name):
        sink = self._load()['sink']
        if not sink:
            raise LookupError('no usable sink on {}'.format(
                self.relation_name))
        names = [key.name for key in self.keys]
        return sink[-1].split(' ')[names.index(name)]

    def _blank(self):
        return dict(super()._blank(), sink=None)

    def _settle(self, record, relations):
        if relations is None:
            return
        sink = record['sink']
        if sink and record.units.get(sink[0], {}).get(sink[1]) == sink[2]:
            return
        sinks = list(self._usable(record))
        later = [other for other in sinks
                 if sink and _place(*other) > _place(*sink)]
        record['sink'] = (later + sinks + [None])[0]


def _place(rid, unit, details):
    """A sink's place among all, which is the same when it has left."""
    application, _, number = unit.rpartition('/')
    return (recorded.natural(application), int(number), recorded.natural(rid))


hookenv.atstart(FlumeRequires.follow)
