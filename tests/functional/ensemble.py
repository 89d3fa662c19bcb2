"""Deployments of the examples: ZooKeeper or Flume servers, and their clients."""
from .juju import NOTHING, USABLE, sinks

CLIENT = {'conf-dir': 'conf'}
SERVER = {'conf-dir': 'conf', 'data-dir': 'data'}

WAITING = ('waiting', 'for ZooKeeper')
UNRELATED = ('blocked', 'needs a relation to ZooKeeper')


def connection_string(juju):
    """The connection string in the file of the example client kafka."""
    return juju.file('kafka/0', 'conf/client.cfg').strip().partition('=')[2]


class Deployment:
    """One server and one client, not related yet.

    :cvar client_app: a client whose units use all servers
    :cvar other_app: another client, not deployed yet
    :cvar data: the unit data that servers publish by default
    """

    def __init__(self, juju, server, client):
        self.juju, self.model = juju, juju.model
        self.data = dict(self.data)
        self.model.deploy(self.server_app, server, config=SERVER)
        self.model.deploy(self.client_app, client, config=self.client_config)

    def relate(self, client=None, server=None):
        return self.model.relate(
            '{}:{}'.format(server or self.server_app, self.server_endpoint),
            '{}:{}'.format(client or self.client_app, self.client_endpoint))

    def configure(self, **config):
        """Change options of the server whose values it publishes."""
        self.data.update((key, str(value)) for key, value in config.items())
        self.model.set_config(self.server_app, **config)

    def assert_waits(self, client, status=None):
        """Assert that a client's unit has no server."""
        assert self.juju.flags(client, self.client_endpoint) == NOTHING
        assert self.model.unit(client).status == (status or self.waiting)

    def assert_publishes(self, *relations):
        """Assert that all servers have all flags and publish to these relations."""
        prefix = self.server_app + '/'
        servers = [name for name in self.model.units if name.startswith(prefix)]
        for name in servers:
            assert self.juju.flags(name, self.server_endpoint) == USABLE
        for relation in relations:
            clients = [name for name in relation.unit_databags
                       if not name.startswith(prefix)]
            for names, expected in (servers, self.data), (clients, {}):
                for name in names:
                    assert self.juju.published(relation, name) == expected


class Ensemble(Deployment):
    """ZooKeeper servers zk, with their clients kafka and hbase."""

    server_app, server_endpoint = 'zk', 'zkclient'
    client_app, client_endpoint = 'kafka', 'zookeeper'
    other_app = 'hbase'
    client_config = CLIENT
    waiting, unrelated = WAITING, UNRELATED
    data = {'port': '2181'}

    def assert_uses(self, client, *servers):
        """Assert that a client's unit uses these servers."""
        found = self.juju.servers(*servers, port=self.data['port'])
        assert self.juju.flags(client, 'zookeeper') == USABLE
        assert self.juju.file(client, 'conf/client.cfg') == (
            'zookeeper.connect={}\n'.format(found))
        assert self.model.unit(client).status == ('active', 'using ' + found)

    def assert_waits(self, client, status=None):
        super().assert_waits(client, status)
        assert self.juju.file(client, 'conf/client.cfg') == 'zookeeper.connect=\n'


class Fleet(Deployment):
    """Flume sinks hdfs. The agent syslog uses all sinks, and audit uses one."""

    server_app, server_endpoint = 'hdfs', 'source'
    client_app, client_endpoint = 'syslog', 'sink'
    other_app = 'audit'
    client_config = dict(CLIENT, failover=True)
    waiting = ('waiting', 'for a sink')
    unrelated = ('blocked', 'needs a relation to a sink')
    data = {'port': '4141', 'protocol': 'avro'}

    def assert_uses(self, agent, *units):
        """Assert that an agent's unit uses these sinks; audit's uses one of them."""
        found = sinks(self.juju.file(agent, 'conf/flume.conf'))
        names = [unit.replace('/', '-') for unit in units]
        if agent.startswith('audit/'):
            names = ['sink']
            units = [unit for unit in units
                     if self.juju.address(unit) == found['sink'][0]]
        hosts = list(map(self.juju.address, units))
        assert found == {name: (host, self.data['port'], self.data['protocol'])
                         for name, host in zip(names, hosts)}
        assert self.juju.flags(agent, 'sink') == USABLE
        assert self.model.unit(agent).status == (
            'active', 'sending to ' + ', '.join(hosts))
