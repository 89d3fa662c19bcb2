"""ZooKeeper servers and their clients, of the examples."""
from .world import AVAILABLE, NOTHING

CLIENT = {'conf-dir': 'conf'}
SERVER = {'conf-dir': 'conf', 'data-dir': 'data'}

WAITING = ('waiting', 'for ZooKeeper')
UNRELATED = ('blocked', 'needs a relation to ZooKeeper')


class Ensemble:
    """Servers zk, and their clients kafka and hbase."""

    def __init__(self, world, server, client):
        self.world, self.model = world, world.model
        self.model.deploy('zk', server, config=SERVER)
        self.model.deploy('kafka', client, config=CLIENT)

    def relate(self, client='kafka'):
        return self.model.relate('zk:zkclient', client + ':zookeeper')

    def uses(self, client, *servers, port=2181):
        """Assert that a client's unit is in step with these servers."""
        found = self.world.servers(*servers, port=port)
        assert self.world.flags(client, 'zookeeper') == AVAILABLE
        assert self.world.file(client, 'conf/client.cfg') == (
            'zookeeper.connect={}\n'.format(found))
        assert self.model.unit(client).status == ('active', 'using ' + found)

    def waits(self, client, status=WAITING):
        """Assert that a client's unit knows of no server."""
        assert self.world.flags(client, 'zookeeper') == NOTHING
        assert self.world.file(client, 'conf/client.cfg') == 'zookeeper.connect=\n'
        assert self.model.unit(client).status == status

    def serve(self, flags, *relations, port=2181):
        """Assert that all servers have these flags, and told these relations."""
        servers = [name for name in self.model.units if name.startswith('zk/')]
        for name in servers:
            assert self.world.flags(name, 'zkclient') == flags
            for relation in relations:
                assert self.world.told(relation, name) == {'port': str(port)}
        for relation in relations:
            for name in relation.bags:
                if not name.startswith('zk/'):
                    assert self.world.told(relation, name) == {}
