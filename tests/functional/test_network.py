"""Spaces, other models, IPv6 and host names."""
import pytest

from .ensemble import CLIENT, SERVER
from .world import AVAILABLE, CONNECTED, NOTHING, Publisher, World, sinks, warnings

# Juju's name for an application in another model.
REMOTE = 'remote-0123456789abcdef0123456789abcdef'


class Network:

    def __init__(self, world, in_process):
        self.world, self.model, self.in_process = world, world.model, in_process

    def servers(self, *addresses, name='zk'):
        """Deploy servers with these addresses and their client kafka, and relate them.
        """
        self._deploy(name, 'later-server', addresses)
        self.model.deploy('kafka', self.in_process('zookeeper-client'), config=CLIENT)
        return self.model.relate(name + ':zkclient', 'kafka:zookeeper')

    def sinks(self, *addresses, name='hdfs'):
        """Deploy sinks with these addresses and their agent syslog, and relate them."""
        self._deploy(name, 'flume-sink', addresses, config=SERVER)
        self.model.deploy('syslog', self.in_process('flume-agent'),
                          config=dict(CLIENT, failover=True))
        return self.model.relate(name + ':source', 'syslog:sink')

    def _deploy(self, name, charm, addresses, **options):
        self.model.deploy(name, self.in_process(charm), 0, **options)
        units = [self.model.add_unit(name).name for _ in addresses]
        for unit, address in zip(units, addresses):
            self.model.set_address(unit, address)

    @property
    def connection_string(self):
        return self.world.file('kafka/0', 'conf/client.cfg').strip().partition('=')[2]

    @property
    def sink_hosts(self):
        return {name: host for name, (host, _, _) in sinks(
            self.world.file('syslog/0', 'conf/flume.conf')).items()}


@pytest.fixture
def network(world, in_process):
    return Network(world, in_process)


@pytest.mark.parametrize('host, expected', [
    ('192.168.7.1', '192.168.7.1:2181'), ('zk.example', 'zk.example:2181'),
    ('fd00::7', '[fd00::7]:2181')])
def test_server_that_publishes_host_is_used_with_it(network, host, expected):
    """For example, the server's endpoint is bound to another space."""
    relation = network.servers('10.1.0.1')
    network.model.set_config('zk', host=host)
    network.world.settle()
    assert network.connection_string == expected
    assert network.world.published(relation, 'zk/0') == {
        'port': '2181', 'rest_port': '9998', 'host': host}
    network.model.set_config('zk', host='')
    network.world.settle()
    assert network.connection_string == '10.1.0.1:2181'


# Other models.

def test_servers_in_other_model_are_used_with_their_public_addresses(network):
    network.servers('203.0.113.1', '203.0.113.2', name=REMOTE)
    network.world.settle()
    assert network.connection_string == '203.0.113.1:2181,203.0.113.2:2181'


def test_sinks_in_other_model_are_used_with_their_public_addresses(network):
    network.sinks('203.0.113.1', '203.0.113.2', name=REMOTE)
    network.world.settle()
    assert network.sink_hosts == {
        REMOTE + '-0': '203.0.113.1', REMOTE + '-1': '203.0.113.2'}


def test_sink_publishes_to_client_in_other_model(in_process):
    world = World('3.6')
    world.model.deploy('hdfs', in_process('flume-sink'), config=SERVER)
    world.model.deploy(REMOTE, Publisher('flume-agent', 'requires'))
    relation = world.model.relate('hdfs:source', REMOTE + ':end')
    world.settle()
    assert world.flags('hdfs/0', 'source') == AVAILABLE
    assert world.published(relation, 'hdfs/0') == {'port': '4141', 'protocol': 'avro'}
    world.model.remove_unit(REMOTE + '/0')
    world.settle()
    assert world.flags('hdfs/0', 'source') == NOTHING


# Addresses.

def test_ipv6_address_has_brackets_in_connection_string_only(network):
    relation = network.servers('fd00::1', 'fd00::2')
    network.model.set_address('kafka/0', 'fd00::3')
    network.world.settle()
    assert network.connection_string == '[fd00::1]:2181,[fd00::2]:2181'
    for unit, address in ('zk/0', 'fd00::1'), ('zk/1', 'fd00::2'):
        assert network.world.published(relation, unit)['host'] == address
        assert network.model.settings(relation, unit)['ingress-address'] == address


def test_connection_string_can_contain_ipv4_and_ipv6_addresses(network):
    network.servers('10.1.0.1', 'fd00::2')
    network.world.settle()
    assert network.connection_string == '10.1.0.1:2181,[fd00::2]:2181'


def test_client_follows_changed_address_of_server(network):
    network.servers('10.1.0.1')
    network.world.settle()
    network.model.set_address('zk/0', '10.2.0.2')
    network.world.settle()
    assert network.connection_string == '10.2.0.2:2181'


def test_agent_follows_changed_address_of_sink(network):
    network.sinks('10.1.0.1')
    network.world.settle()
    network.model.set_address('hdfs/0', '10.2.0.2')
    network.world.settle()
    assert network.sink_hosts == {'hdfs-0': '10.2.0.2'}


def test_sink_without_address_is_used_when_it_gets_one(network):
    network.sinks(None)
    network.world.settle()
    assert network.world.flags('syslog/0', 'sink') == CONNECTED
    network.model.set_address('hdfs/0', '10.1.0.1')
    network.world.settle()
    assert network.world.flags('syslog/0', 'sink') == AVAILABLE
    assert network.sink_hosts == {'hdfs-0': '10.1.0.1'}


def changed_hooks(runs):
    """How many hooks relation-changed the agent ran."""
    return len([run for run in runs
                if (run.unit, run.hook.kind) == ('syslog/0', 'changed')])


def test_sink_with_ipv6_address_is_not_used_and_warned_of_once(network):
    network.sinks('fd00::1')
    runs = network.model.settle()
    warning, = warnings(*runs)
    assert warning.startswith(
        "sink: hdfs/0 is not usable: ingress-address is 'fd00::1', not ")
    assert changed_hooks(runs) >= 1
    for port in 4142, 4143, 4144:
        network.model.set_config('hdfs', port=port)
        runs = network.model.settle()
        assert (warnings(*runs), changed_hooks(runs)) == ([], 1)
        network.world.dispatch('update-status')
        assert network.world.flags('syslog/0', 'sink') == CONNECTED
        assert network.model.unit('syslog/0').status == ('waiting', 'for a sink')


def test_sink_with_ipv4_address_is_used_beside_one_with_ipv6_address(network):
    network.sinks('fd00::1', '10.1.0.2')
    assert len(warnings(*network.model.settle())) == 1
    assert network.sink_hosts == {'hdfs-1': '10.1.0.2'}
    network.model.set_address('hdfs/0', '10.1.0.1')
    network.world.settle()
    assert network.sink_hosts == {'hdfs-0': '10.1.0.1', 'hdfs-1': '10.1.0.2'}
    network.model.set_address('hdfs/1', 'fd00::2')
    assert len(warnings(*network.model.settle())) == 1
    assert network.sink_hosts == {'hdfs-0': '10.1.0.1'}
