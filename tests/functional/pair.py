"""A server and a client, which are related by both interfaces.

Each charm is of the first or second generation. First-generation charms use the flags
connected, available, joining and departing; second-generation charms use joined and
ready.
"""
import json

from .juju import DEPARTING, JOINING, USABLE, services, units_that_wrote

FIRST, SECOND = GENERATIONS = 'first-generation', 'second-generation'
# the endpoints of each application
ENDPOINTS = {'client': ('zookeeper', 'sink'), 'server': ('zkclient', 'source')}
NOTICES = JOINING | DEPARTING


class Pair:
    """The applications `server` and `client`, with one unit each."""

    def __init__(self, juju, server_generation, client_generation, server, client):
        self.juju, self.model = juju, juju.model
        self.server_generation = server_generation
        self.client_generation = client_generation
        self.port = 2181
        self.model.deploy('server', server)
        self.model.deploy('client', client)

    def relate_zookeeper(self):
        return self.model.relate('server:zkclient', 'client:zookeeper')

    def relate_flume(self):
        return self.model.relate('server:source', 'client:sink')

    def relate(self):
        """Relate both interfaces."""
        self.zookeeper, self.flume = self.relate_zookeeper(), self.relate_flume()

    def details(self):
        """The servers and sinks in the client's file."""
        return json.loads(self.juju.file('client/0', 'details.json'))

    def hosts(self):
        """The hosts of the ZooKeeper servers in the client's file."""
        return [server[0] if isinstance(server, list) else server['host']
                for server in self.details()['servers']]

    def assert_uses(self, *units):
        """Assert that the client uses these units and both sides have all flags."""
        first, details = self.server_generation == FIRST, self.details()
        hosts = [self.juju.address(unit) for unit in units]
        port, sinks_port = str(self.port), str(self.port + 1)
        protocol = 'avro' if first else 'thrift'
        if self.client_generation == FIRST:
            assert details['servers'] == [[host, port] for host in hosts]
            assert details['sink'] in [[host, sinks_port, protocol] for host in hosts]
        else:
            assert details['servers'] == [
                {'host': host, 'port': port, 'rest_port': None if first else '9998'}
                for host in hosts]
            assert details['sinks'] == [
                {'name': unit.replace('/', '-'), 'host': host, 'port': sinks_port,
                 'protocol': protocol} for unit, host in zip(units, hosts)]
        for endpoint in 'zookeeper', 'sink':
            # only first-generation charms dismiss notices
            ignored = set() if self.client_generation == FIRST else NOTICES
            assert self.juju.flags('client/0', endpoint) - ignored == USABLE
        for unit in units:
            for endpoint in 'zkclient', 'source':
                assert self.juju.flags(unit, endpoint) - NOTICES == USABLE

    def settle(self):
        """Run hooks until none is due; return the client's service actions."""
        return [action for unit, *action in services(self.juju.settle())
                if unit == 'client/0']

    def assert_unchanged(self, rounds=1):
        """Assert that update-status changes no service and writes no data."""
        for _ in range(rounds):
            runs = self.juju.dispatch('update-status')
            assert services(runs) == []
            assert units_that_wrote(runs) == []
            assert self.juju.settle() == []
