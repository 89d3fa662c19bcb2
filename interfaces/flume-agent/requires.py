"""The agent's side of the `flume-agent` interface.

Its field of the record:

    sink    the `unit` and `details` of the sink that the `get_flume` methods are about,
            or null
"""
from charmhelpers.core import hookenv

from . import unit_data
# RelationBase uses the first subclass that it finds in this module: import no classes
from .common import requirer
from .common.names import UNIT, unit_key


class FlumeRequires(requirer.Requirer):
    """Lists the sinks that this unit can send its events to.

    Flags, prefixed with the endpoint's name:

    * `connected`, `joined`: a sink's unit is related
    * `available`, `ready`: at least one sink has published usable details
    * `joining`: a sink has become usable or changed; cleared by `dismiss_joining` or
      when none of those is usable any longer
    * `departing`: a sink's unit has left; cleared by `dismiss_departing`

    Third-generation charms use other names for these flags: see flags.py.
    """

    interface = 'flume-agent'
    keys = unit_data.KEYS
    instead_of_conversations = 'agents()'

    def get_flume_ip(self):
        """Return the address of one usable sink.

        All `get_flume` methods return details of the same sink. When it leaves or
        changes, they switch to the next one.

        :rtype: str
        :raises LookupError: if no sink is usable
        """
        return self._sink_detail('host')

    def get_flume_port(self):
        """Return the port of the sink that :meth:`get_flume_ip` is about.

        :rtype: str
        :raises LookupError: if no sink is usable
        """
        return self._sink_detail('port')

    def get_flume_protocol(self):
        """Return the protocol of the same sink, `avro` or `thrift`.

        :rtype: str
        :raises LookupError: if no sink is usable
        """
        return self._sink_detail('protocol')

    def agents(self):
        """Return all usable sinks, over all relations of the endpoint.

        :return: a dict for each with its `name`, `host`, `port` and `protocol`, all as
            strings, in the natural order of the units' names. `name` is the unit's name
            with a dash, like `sink-0`, for a component in a Flume configuration
        :rtype: list(dict)
        """
        return [dict(details, name=unit.replace('/', '-'))
                for unit, details in self._load().relations.usable_sources()]

    def _sink_detail(self, name):
        sink = self._load()['sink']
        if not sink:
            raise LookupError('no usable sink on {}'.format(self.relation_name))
        return sink['details'][name]

    def _initial_fields(self, stored):
        sink = stored.get('sink')
        is_sink = isinstance(sink, dict) and UNIT.match(str(sink.get('unit')))
        return {'sink': sink if is_sink else None}

    def _react(self, reader):
        """Keep the sink, or choose the next one in order."""
        sink = reader.record['sink']
        sinks = [{'unit': unit, 'details': details}
                 for unit, details in reader.record.relations.usable_sources()]
        if sink not in sinks:
            later = [other for other in sinks
                     if sink and unit_key(other['unit']) > unit_key(sink['unit'])]
            reader.record['sink'] = (later + sinks + [None])[0]


hookenv.atstart(FlumeRequires.update_all)
