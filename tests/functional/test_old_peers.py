"""Neighbours that are older than these layers, or have no framework."""
import pytest

from juju_standin import BuiltCharm

from .conftest import EARLIER_LAYERS, FIXTURE_CHARMS
from .neighbours import Publisher
from .styles import STYLES
from .world import AVAILABLE, CONNECTED, sinks, warnings


@pytest.fixture
def servers(world, in_process):
    """Makes a client of servers that publish these settings."""
    def servers(units=1, **settings):
        publisher = Publisher('zookeeper', **settings)
        world.model.deploy('zk', publisher, units)
        world.model.deploy('kafka', in_process('zookeeper-client'),
                           config={'conf-dir': 'conf'})
        world.model.relate('zk:end', 'kafka:zookeeper')
        return publisher
    return servers


@pytest.fixture
def far_sinks(world, in_process):
    """Makes an agent that sends to sinks that publish these settings."""
    def far_sinks(units=1, **settings):
        publisher = Publisher('flume-agent', **settings)
        world.model.deploy('hdfs', publisher, units)
        world.model.deploy('syslog', in_process('flume-agent'),
                           config={'conf-dir': 'conf', 'failover': True})
        world.model.relate('hdfs:end', 'syslog:sink')
        return publisher
    return far_sinks


def connect(world):
    return world.file('kafka/0', 'conf/client.cfg').strip().partition('=')[2]


def sends_to(world):
    return sinks(world.file('syslog/0', 'conf/flume.conf'))


@pytest.mark.parametrize('settings', [
    {'port': '2181'}, {'port': '2181.0'}, {'port': '2181', 'host': ''},
    {'port': '2181', 'rest_port': '9998'}, {'port': '2181.0', 'rest_port': '9998.0'},
    {'port': '2181', 'rest_port': '', 'host': ''}], ids=str)
def test_a_server_without_a_host_is_served_with_its_address(world, servers, settings):
    servers(units=2, **settings)
    world.settle()
    assert connect(world) == world.servers('zk/0', 'zk/1')
    assert world.flags('kafka/0', 'zookeeper') == AVAILABLE


def test_a_server_with_all_keys_is_served_with_its_host(world, servers):
    servers(port='2181', rest_port='9998', host='zk.example')
    runs = world.settle()
    assert connect(world) == 'zk.example:2181'
    assert [message for run in runs for _, message in run.log
            if message.startswith('servers came')] == [
        "servers came or changed: now [{'host': 'zk.example', 'port': '2181', "
        "'rest_port': '9998'}]"]


def test_a_server_is_left_out_alone_while_what_it_publishes_is_spoiled(world, servers):
    publisher = servers(units=2, port='2181')
    world.settle()
    publisher.own['zk/0'] = {'port': 'none\n2181'}
    world.model.dispatch('zk/0', 'update-status')
    assert warnings(*world.model.settle()) == [
        "zookeeper: zk/0 is not usable: port is 'none\\n2181', not an integer from "
        "1 to 65535"]
    assert connect(world) == world.servers('zk/1')
    publisher.own['zk/1'] = {'port': ''}
    world.model.dispatch('zk/1', 'update-status')
    world.settle()
    assert world.flags('kafka/0', 'zookeeper') == CONNECTED
    assert connect(world) == ''
    publisher.own.clear()
    world.dispatch('update-status')
    world.settle()
    assert connect(world) == world.servers('zk/0', 'zk/1')


@pytest.mark.parametrize('port', ['4141', '4141.0'])
@pytest.mark.parametrize('host', [{}, {'host': ''}], ids=['none', 'empty'])
def test_a_sink_without_a_host_is_served_with_its_address(world, far_sinks, port, host):
    far_sinks(units=2, port=port, protocol='thrift', **host)
    world.settle()
    assert sends_to(world) == {
        'hdfs-{}'.format(number): (world.address('hdfs/{}'.format(number)), '4141',
                                   'thrift') for number in range(2)}
    assert world.flags('syslog/0', 'sink') == AVAILABLE


def test_a_sink_with_a_host_is_served_with_it(world, far_sinks):
    far_sinks(port='4141', protocol='avro', host='sink.example')
    world.settle()
    assert sends_to(world) == {'hdfs-0': ('sink.example', '4141', 'avro')}


def test_a_sink_that_names_no_protocol_is_not_served(world, far_sinks):
    far_sinks(port='4141')
    world.settle()
    assert world.flags('syslog/0', 'sink') == CONNECTED
    assert world.model.unit('syslog/0').status == ('waiting', 'for a sink')


# The other end: a client that is no reactive charm.

@pytest.fixture
def plain(tmp_path):
    return BuiltCharm(FIXTURE_CHARMS / 'plain-client', tmp_path)


def test_a_client_that_reads_address_and_port_by_hand(world, in_process, plain):
    model = world.model
    model.deploy('zk', in_process('zookeeper-server'), 2,
                 config={'conf-dir': 'conf', 'data-dir': 'data'})
    model.deploy('plain', plain)
    relation = model.relate('zk:zkclient', 'plain:zookeeper')

    def known(*units, port=2181):
        return ''.join('{} {} \n'.format(world.address(unit), port) for unit in units)

    world.settle()
    assert world.file('plain/0', 'zookeeper') == known('zk/0', 'zk/1')
    model.set_config('zk', port=2182)
    world.settle()
    assert world.file('plain/0', 'zookeeper') == known('zk/0', 'zk/1', port=2182)
    model.remove_unit('zk/0')
    world.settle()
    assert world.file('plain/0', 'zookeeper') == known('zk/1', port=2182)
    assert ('private-address' in model.settings(relation, 'zk/1')) == (
        model.profile.name != '4.0')


def test_an_agent_that_reads_address_and_port_by_hand(world, in_process, plain):
    world.model.deploy('hdfs', in_process('flume-sink'),
                       config={'conf-dir': 'conf', 'data-dir': 'data'})
    world.model.deploy('plain', plain)
    world.model.relate('hdfs:source', 'plain:sink')
    world.settle()
    assert world.file('plain/0', 'sink') == '{} 4141 avro\n'.format(
        world.address('hdfs/0'))
    world.model.set_config('hdfs', port=4142, protocol='thrift')
    world.settle()
    assert world.file('plain/0', 'sink') == '{} 4142 thrift\n'.format(
        world.address('hdfs/0'))


@pytest.mark.parametrize('style', STYLES)
def test_a_server_of_an_earlier_layer_is_not_asked(world, in_process, style):
    """While its units and the client's run their hooks one in turn with the other."""
    model = world.model
    model.deploy('kafka', in_process('zookeeper-client'), config={'conf-dir': 'conf'})
    model.deploy('zk', in_process(style + '-server', EARLIER_LAYERS / style))
    world.settle()
    relation = model.relate('zk:zkclient', 'kafka:zookeeper')
    while any(map(model.pending, model.units)):
        for name in model.units:
            for hook in model.pending(name)[:1]:
                assert not model.run(name, hook).status
    assert relation.app_bags['kafka'].data == {}
    assert connect(world) == world.servers('zk/0')
