"""Remote charms that have an earlier layer or no framework."""
import pytest

from juju_standin import BuiltCharm

from .conftest import EARLIER_LAYERS, FIXTURE_CHARMS
from .ensemble import CLIENT, SERVER
from .pair import STYLES
from .world import AVAILABLE, CONNECTED, Publisher, sinks, warnings


@pytest.fixture
def servers(world, in_process):
    """Deploys servers that publish these data, and a client."""
    def servers(units=1, **data):
        publisher = Publisher('zookeeper', **data)
        world.model.deploy('zk', publisher, units)
        world.model.deploy('kafka', in_process('zookeeper-client'), config=CLIENT)
        world.model.relate('zk:end', 'kafka:zookeeper')
        return publisher
    return servers


@pytest.fixture
def remote_sinks(world, in_process):
    """Deploys sinks that publish these data, and an agent."""
    def remote_sinks(units=1, **data):
        world.model.deploy('hdfs', Publisher('flume-agent', **data), units)
        world.model.deploy('syslog', in_process('flume-agent'),
                           config=dict(CLIENT, failover=True))
        world.model.relate('hdfs:end', 'syslog:sink')
        world.settle()
    return remote_sinks


def connection_string(world):
    return world.file('kafka/0', 'conf/client.cfg').strip().partition('=')[2]


def used_sinks(world):
    return sinks(world.file('syslog/0', 'conf/flume.conf'))


@pytest.mark.parametrize('data', [
    {'port': '2181'}, {'port': '2181.0'}, {'port': '2181', 'host': ''},
    {'port': '2181', 'rest_port': '9998'}, {'port': '2181.0', 'rest_port': '9998.0'},
    {'port': '2181', 'rest_port': '', 'host': ''}], ids=str)
def test_server_without_host_is_used_with_its_address(world, servers, data):
    servers(units=2, **data)
    world.settle()
    assert connection_string(world) == world.servers('zk/0', 'zk/1')
    assert world.flags('kafka/0', 'zookeeper') == AVAILABLE


def test_server_with_all_keys_is_used_with_its_host(world, servers):
    servers(port='2181', rest_port='9998', host='zk.example')
    runs = world.settle()
    assert connection_string(world) == 'zk.example:2181'
    assert [message for run in runs for _, message in run.log
            if message.startswith('servers came')] == [
        "servers came or changed: now [{'host': 'zk.example', 'port': '2181', "
        "'rest_port': '9998'}]"]


def test_only_server_with_wrong_port_is_left_out_until_it_is_right(world, servers):
    publisher = servers(units=2, port='2181')
    world.settle()
    publisher.data_by_unit['zk/0'] = {'port': 'none\n2181'}
    world.model.dispatch('zk/0', 'update-status')
    assert warnings(*world.model.settle()) == [
        "zookeeper: zk/0 is not usable: port is 'none\\n2181', not an integer from "
        "1 to 65535"]
    assert connection_string(world) == world.servers('zk/1')
    publisher.data_by_unit['zk/1'] = {'port': ''}
    world.model.dispatch('zk/1', 'update-status')
    world.settle()
    assert world.flags('kafka/0', 'zookeeper') == CONNECTED
    assert connection_string(world) == ''
    publisher.data_by_unit.clear()
    world.dispatch('update-status')
    world.settle()
    assert connection_string(world) == world.servers('zk/0', 'zk/1')


@pytest.mark.parametrize('port', ['4141', '4141.0'])
@pytest.mark.parametrize('host', [{}, {'host': ''}], ids=['no host', 'empty host'])
def test_sink_without_host_is_used_with_its_address(world, remote_sinks, port, host):
    remote_sinks(units=2, port=port, protocol='thrift', **host)
    assert used_sinks(world) == {
        'hdfs-0': (world.address('hdfs/0'), '4141', 'thrift'),
        'hdfs-1': (world.address('hdfs/1'), '4141', 'thrift')}
    assert world.flags('syslog/0', 'sink') == AVAILABLE


def test_sink_with_host_is_used_with_it(world, remote_sinks):
    remote_sinks(port='4141', protocol='avro', host='sink.example')
    assert used_sinks(world) == {'hdfs-0': ('sink.example', '4141', 'avro')}


def test_sink_without_protocol_is_not_used(world, remote_sinks):
    remote_sinks(port='4141')
    assert world.flags('syslog/0', 'sink') == CONNECTED
    assert world.model.unit('syslog/0').status == ('waiting', 'for a sink')


@pytest.mark.parametrize('style', STYLES)
def test_server_with_earlier_layer_gets_no_request(world, in_process, style):
    """Even if the server's and the client's units run their hooks in turn."""
    model = world.model
    model.deploy('kafka', in_process('zookeeper-client'), config=CLIENT)
    model.deploy('zk', in_process(style + '-server', EARLIER_LAYERS / style))
    world.settle()
    relation = model.relate('zk:zkclient', 'kafka:zookeeper')
    while any(map(model.pending, model.units)):
        for name in model.units:
            for hook in model.pending(name)[:1]:
                assert not model.run(name, hook).status
    assert relation.app_bags['kafka'].data == {}
    assert connection_string(world) == world.servers('zk/0')


# Clients without a framework.

@pytest.fixture
def plain(tmp_path):
    return BuiltCharm(FIXTURE_CHARMS / 'plain-client', tmp_path)


def test_client_of_shell_scripts_reads_address_and_port(world, in_process, plain):
    model = world.model
    model.deploy('zk', in_process('zookeeper-server'), 2, config=SERVER)
    model.deploy('plain', plain)
    relation = model.relate('zk:zkclient', 'plain:zookeeper')

    def expected(*units, port=2181):
        return ''.join('{} {} \n'.format(world.address(unit), port) for unit in units)

    world.settle()
    assert world.file('plain/0', 'zookeeper') == expected('zk/0', 'zk/1')
    model.set_config('zk', port=2182)
    world.settle()
    assert world.file('plain/0', 'zookeeper') == expected('zk/0', 'zk/1', port=2182)
    model.remove_unit('zk/0')
    world.settle()
    assert world.file('plain/0', 'zookeeper') == expected('zk/1', port=2182)
    assert ('private-address' in model.settings(relation, 'zk/1')) == (
        model.profile.name != '4.0')


def test_agent_of_shell_scripts_reads_address_and_port(world, in_process, plain):
    world.model.deploy('hdfs', in_process('flume-sink'), config=SERVER)
    world.model.deploy('plain', plain)
    world.model.relate('hdfs:source', 'plain:sink')
    world.settle()
    assert world.file('plain/0', 'sink') == '{} 4141 avro\n'.format(
        world.address('hdfs/0'))
    world.model.set_config('hdfs', port=4142, protocol='thrift')
    world.settle()
    assert world.file('plain/0', 'sink') == '{} 4142 thrift\n'.format(
        world.address('hdfs/0'))
