"""Spaces, other models, IPv6 and names."""
import pytest

from .world import AVAILABLE, CONNECTED, sinks, warnings

# What Juju calls an application of another model.
REMOTE = 'remote-0123456789abcdef0123456789abcdef'


class Network:

    def __init__(self, world, in_process):
        self.world, self.model, self.in_process = world, world.model, in_process

    def servers(self, *addresses, name='zk'):
        """Servers at these addresses and their client kafka, related."""
        self.model.deploy(name, self.in_process('later-server'), 0)
        self.server_units = [self.model.add_unit(name).name for _ in addresses]
        for unit, address in zip(self.server_units, addresses):
            self.model.set_address(unit, address)
        self.model.deploy('kafka', self.in_process('zookeeper-client'),
                          config={'conf-dir': 'conf'})
        return self.model.relate(name + ':zkclient', 'kafka:zookeeper')

    def sinks(self, *addresses, name='hdfs'):
        """Sinks at these addresses and their agent syslog, related."""
        self.model.deploy(name, self.in_process('flume-sink'), 0,
                          config={'conf-dir': 'conf', 'data-dir': 'data'})
        self.sink_units = [self.model.add_unit(name).name for _ in addresses]
        for unit, address in zip(self.sink_units, addresses):
            self.model.set_address(unit, address)
        self.model.deploy('syslog', self.in_process('flume-agent'),
                          config={'conf-dir': 'conf', 'failover': True})
        return self.model.relate(name + ':source', 'syslog:sink')

    @property
    def connect(self):
        return self.world.file('kafka/0', 'conf/client.cfg').strip().partition('=')[2]

    @property
    def hosts(self):
        return {name: host for name, (host, _, _) in sinks(
            self.world.file('syslog/0', 'conf/flume.conf')).items()}


@pytest.fixture
def network(world, in_process):
    return Network(world, in_process)


@pytest.mark.parametrize('host, connect', [
    ('192.168.7.1', '192.168.7.1:2181'), ('zk.example', 'zk.example:2181'),
    ('fd00::7', '[fd00::7]:2181')])
def test_a_server_that_names_another_host_is_served_with_that(network, host, connect):
    """As one does whose endpoint is bound to a space of its own."""
    relation = network.servers('10.1.0.1')
    network.model.set_config('zk', host=host)
    network.world.settle()
    assert network.connect == connect
    assert network.world.told(relation, 'zk/0') == {
        'port': '2181', 'rest_port': '9998', 'host': host}
    network.model.set_config('zk', host='')
    network.world.settle()
    assert network.connect == '10.1.0.1:2181'


def test_servers_of_another_model_are_served_with_their_public_addresses(network):
    network.servers('203.0.113.1', '203.0.113.2', name=REMOTE)
    network.world.settle()
    assert network.connect == '203.0.113.1:2181,203.0.113.2:2181'


def test_sinks_of_another_model_are_served_with_their_public_addresses(network):
    network.sinks('203.0.113.1', '203.0.113.2', name=REMOTE)
    network.world.settle()
    assert network.hosts == {REMOTE + '-0': '203.0.113.1', REMOTE + '-1': '203.0.113.2'}


def test_ipv6_addresses_are_bare_in_data_and_in_brackets_in_the_string(network):
    relation = network.servers('fd00::1', 'fd00::2')
    network.model.set_address('kafka/0', 'fd00::3')
    network.world.settle()
    assert network.connect == '[fd00::1]:2181,[fd00::2]:2181'
    for unit, address in ('zk/0', 'fd00::1'), ('zk/1', 'fd00::2'):
        assert network.world.told(relation, unit)['host'] == address
        assert network.model.settings(relation, unit)['ingress-address'] == address


def test_both_families_in_one_ensemble(network):
    network.servers('10.1.0.1', 'fd00::2')
    network.world.settle()
    assert network.connect == '10.1.0.1:2181,[fd00::2]:2181'


def test_a_server_that_moves_is_followed(network):
    network.servers('10.1.0.1')
    network.world.settle()
    network.model.set_address('zk/0', '10.2.0.2')
    network.world.settle()
    assert network.connect == '10.2.0.2:2181'


def test_a_sink_that_moves_is_followed(network):
    network.sinks('10.1.0.1')
    network.world.settle()
    network.model.set_address('hdfs/0', '10.2.0.2')
    network.world.settle()
    assert network.hosts == {'hdfs-0': '10.2.0.2'}


def test_a_unit_that_has_no_address_yet_is_served_when_it_has(network):
    network.sinks(None)
    network.world.settle()
    assert network.world.flags('syslog/0', 'sink') == CONNECTED
    network.model.set_address('hdfs/0', '10.1.0.1')
    network.world.settle()
    assert network.world.flags('syslog/0', 'sink') == AVAILABLE
    assert network.hosts == {'hdfs-0': '10.1.0.1'}


def told(runs):
    """What the agents were warned of, and how often they heard of a change."""
    return (warnings(*runs), len([run for run in runs if run.unit == 'syslog/0'
                                  and run.hook.kind == 'changed']))


def test_a_sink_with_an_ipv6_address_is_never_served_and_warned_of_once(network):
    network.sinks('fd00::1')
    warned, changes = told(network.model.settle())
    assert len(warned) == 1
    assert warned[0].startswith('sink: hdfs/0 is not usable: ingress-address is '
                                "'fd00::1', not ")
    assert changes >= 1
    for port in 4142, 4143, 4144:
        network.model.set_config('hdfs', port=port)
        assert told(network.model.settle()) == ([], 1)
        network.world.dispatch('update-status')
        assert network.world.flags('syslog/0', 'sink') == CONNECTED
        assert network.model.unit('syslog/0').status == ('waiting', 'for a sink')


def test_a_sink_with_an_ipv4_address_is_served_beside_it(network):
    network.sinks('fd00::1', '10.1.0.2')
    assert len(warnings(*network.model.settle())) == 1
    assert network.hosts == {'hdfs-1': '10.1.0.2'}
    network.model.set_address('hdfs/0', '10.1.0.1')
    network.world.settle()
    assert network.hosts == {'hdfs-0': '10.1.0.1', 'hdfs-1': '10.1.0.2'}
    network.model.set_address('hdfs/1', 'fd00::2')
    assert len(warnings(*network.model.settle())) == 1
    assert network.hosts == {'hdfs-0': '10.1.0.1'}
