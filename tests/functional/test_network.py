"""Spaces, other models, IPv6 and host names."""
import pytest

from .ensemble import CLIENT, SERVER, connection_string
from .juju import NOTHING, USABLE, Juju, Publisher, sinks, warnings

# Juju's name for an application in another model.
REMOTE = 'remote-0123456789abcdef0123456789abcdef'


class Network:
    """Deploys servers or sinks with given addresses, and their client."""

    def __init__(self, juju, in_process):
        self.juju, self.model, self.in_process = juju, juju.model, in_process

    def servers(self, *addresses, name='zk'):
        """Deploy servers with these addresses and their client kafka, and relate them.
        """
        self._deploy(name, 'second-generation-server', addresses)
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
    def sink_hosts(self):
        return {name: host for name, (host, _, _) in sinks(
            self.juju.file('syslog/0', 'conf/flume.conf')).items()}


@pytest.fixture
def network(juju, in_process):
    return Network(juju, in_process)


@pytest.mark.parametrize('host, expected', [
    ('192.168.7.1', '192.168.7.1:2181'), ('zk.example', 'zk.example:2181'),
    ('fd00::7', '[fd00::7]:2181')])
def test_server_that_publishes_host_is_used_with_it(network, host, expected):
    """This is useful if the server's endpoint is bound to another space."""
    relation = network.servers('10.1.0.1')
    network.model.set_config('zk', host=host)
    network.juju.settle()
    assert connection_string(network.juju) == expected
    assert network.juju.published(relation, 'zk/0') == {
        'port': '2181', 'rest_port': '9998', 'host': host}
    network.model.set_config('zk', host='')
    network.juju.settle()
    assert connection_string(network.juju) == '10.1.0.1:2181'


def test_servers_in_other_model_are_used_with_their_public_addresses(network):
    network.servers('203.0.113.1', '203.0.113.2', name=REMOTE)
    network.juju.settle()
    assert connection_string(network.juju) == '203.0.113.1:2181,203.0.113.2:2181'


def test_sinks_in_other_model_are_used_with_their_public_addresses(network):
    network.sinks('203.0.113.1', '203.0.113.2', name=REMOTE)
    network.juju.settle()
    assert network.sink_hosts == {
        REMOTE + '-0': '203.0.113.1', REMOTE + '-1': '203.0.113.2'}


def test_sink_publishes_to_client_in_other_model(in_process):
    juju = Juju('3.6')
    juju.model.deploy('hdfs', in_process('flume-sink'), config=SERVER)
    juju.model.deploy(REMOTE, Publisher('flume-agent', 'requires'))
    relation = juju.model.relate('hdfs:source', REMOTE + ':end')
    juju.settle()
    assert juju.flags('hdfs/0', 'source') == USABLE
    assert juju.published(relation, 'hdfs/0') == {'port': '4141', 'protocol': 'avro'}
    juju.model.remove_unit(REMOTE + '/0')
    juju.settle()
    assert juju.flags('hdfs/0', 'source') == NOTHING


def test_ipv6_address_has_brackets_in_connection_string_only(network):
    relation = network.servers('fd00::1', '10.1.0.2')
    network.model.set_address('kafka/0', 'fd00::3')
    network.juju.settle()
    assert connection_string(network.juju) == '[fd00::1]:2181,10.1.0.2:2181'
    for unit, address in ('zk/0', 'fd00::1'), ('zk/1', '10.1.0.2'):
        assert network.juju.published(relation, unit)['host'] == address
        assert network.model.unit_data(relation, unit)['ingress-address'] == address


def test_client_follows_changed_address_of_server(network):
    network.servers('10.1.0.1')
    network.juju.settle()
    network.model.set_address('zk/0', '10.2.0.2')
    network.juju.settle()
    assert connection_string(network.juju) == '10.2.0.2:2181'


def test_sink_with_ipv4_address_is_used_beside_one_with_ipv6_address(network):
    network.sinks('fd00::1', '10.1.0.2')
    assert len(warnings(*network.model.settle())) == 1
    assert network.sink_hosts == {'hdfs-1': '10.1.0.2'}
    network.model.set_address('hdfs/0', '10.1.0.1')
    network.juju.settle()
    assert network.sink_hosts == {'hdfs-0': '10.1.0.1', 'hdfs-1': '10.1.0.2'}
    network.model.set_address('hdfs/1', 'fd00::2')
    assert len(warnings(*network.model.settle())) == 1
    assert network.sink_hosts == {'hdfs-0': '10.1.0.1'}
