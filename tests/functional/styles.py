"""Charms in the style of either generation, each with both interfaces."""
import json

from .world import AVAILABLE, DEPARTING, JOINING, services

STYLES = ('early', 'later')
NOTICES = JOINING | DEPARTING


class Pair:
    """Servers `far`, of either style, and their client `near`, of either."""

    def __init__(self, world, server_style, client_style, server, client):
        self.world, self.model = world, world.model
        self.server_style, self.client_style = server_style, client_style
        self.port = 2181
        self.model.deploy('far', server)
        self.model.deploy('near', client)

    def relate_zookeeper(self):
        return self.model.relate('far:zkclient', 'near:zookeeper')

    def relate_flume(self):
        return self.model.relate('far:source', 'near:sink')

    def known(self):
        return json.loads(self.world.file('near/0', 'known.json'))

    def knows(self, *units):
        """Assert that the client knows these units, and has all flags."""
        early, known = self.server_style == 'early', self.known()
        hosts = [self.world.address(unit) for unit in units]
        port, sinks_port = str(self.port), str(self.port + 1)
        protocol = 'avro' if early else 'thrift'
        if self.client_style == 'early':
            assert known['servers'] == [[host, port] for host in hosts]
            assert known['sink'] in [[host, sinks_port, protocol] for host in hosts]
        else:
            assert known['servers'] == [
                {'host': host, 'port': port, 'rest_port': None if early else '9998'}
                for host in hosts]
            assert known['sinks'] == [
                {'name': unit.replace('/', '-'), 'host': host, 'port': sinks_port,
                 'protocol': protocol} for unit, host in zip(units, hosts)]
        for endpoint in 'zookeeper', 'sink':
            # only the early style dismisses notices
            ignored = set() if self.client_style == 'early' else NOTICES
            assert self.world.flags('near/0', endpoint) - ignored == AVAILABLE
        for unit in units:
            for endpoint in 'zkclient', 'source':
                assert self.world.flags(unit, endpoint) - NOTICES == AVAILABLE

    def settle(self):
        """Run hooks until none is due: what the client did to its service."""
        return [done for unit, *done in services(self.world.settle())
                if unit == 'near/0']

    def is_quiet(self, rounds=1):
        """Assert that update-status does nothing and publishes nothing."""
        for _ in range(rounds):
            runs = self.world.dispatch('update-status')
            assert services(runs) == []
            assert [run.unit for run in runs
                    if 'relation-set' in dict(run.calls)] == []
            assert self.world.settle() == []
