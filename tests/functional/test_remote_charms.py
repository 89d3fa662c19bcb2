"""Remote charms that have an earlier layer or no framework."""
import pytest

from juju_standin import BuiltCharm

from .conftest import EARLIER_LAYERS, FIXTURE_CHARMS
from .ensemble import CLIENT, SERVER, connection_string
from .juju import USABLE, Publisher, sinks
from .pair import GENERATIONS


@pytest.fixture
def relate_servers(juju, in_process):
    """Deploys servers that publish these data and a client; returns all runs."""
    def relate_servers(units=1, **data):
        juju.model.deploy('zk', Publisher('zookeeper', **data), units)
        juju.model.deploy('kafka', in_process('zookeeper-client'), config=CLIENT)
        juju.model.relate('zk:end', 'kafka:zookeeper')
        return juju.settle()
    return relate_servers


@pytest.mark.parametrize('data', [
    {'port': '2181'}, {'port': '2181.0'}, {'port': '2181', 'host': ''},
    {'port': '2181', 'rest_port': '9998'}, {'port': '2181.0', 'rest_port': '9998.0'},
    {'port': '2181', 'rest_port': '', 'host': ''}], ids=str)
def test_server_without_host_is_used_with_its_address(juju, relate_servers, data):
    relate_servers(units=2, **data)
    assert connection_string(juju) == juju.servers('zk/0', 'zk/1')
    assert juju.flags('kafka/0', 'zookeeper') == USABLE


def test_server_with_all_keys_is_used_with_its_host(juju, relate_servers):
    runs = relate_servers(port='2181', rest_port='9998', host='zk.example')
    assert connection_string(juju) == 'zk.example:2181'
    assert [message for run in runs for _, message in run.log
            if message.startswith('servers came')] == [
        "servers came or changed: now [{'host': 'zk.example', 'port': '2181', "
        "'rest_port': '9998'}]"]


@pytest.mark.parametrize('port', ['4141', '4141.0'])
@pytest.mark.parametrize('host', [{}, {'host': ''}], ids=['no host', 'empty host'])
def test_sink_without_host_is_used_with_its_address(juju, in_process, port, host):
    juju.model.deploy('hdfs', Publisher('flume-agent', port=port, protocol='thrift',
                                        **host), 2)
    juju.model.deploy('syslog', in_process('flume-agent'),
                      config=dict(CLIENT, failover=True))
    juju.model.relate('hdfs:end', 'syslog:sink')
    juju.settle()
    assert sinks(juju.file('syslog/0', 'conf/flume.conf')) == {
        'hdfs-0': (juju.address('hdfs/0'), '4141', 'thrift'),
        'hdfs-1': (juju.address('hdfs/1'), '4141', 'thrift')}
    assert juju.flags('syslog/0', 'sink') == USABLE


@pytest.mark.parametrize('generation', GENERATIONS)
def test_server_with_earlier_layer_gets_no_request(juju, in_process, generation):
    """Even if the server's and the client's units run their hooks in turn."""
    model = juju.model
    model.deploy('kafka', in_process('zookeeper-client'), config=CLIENT)
    model.deploy('zk', in_process(generation + '-server', EARLIER_LAYERS / generation))
    juju.settle()
    relation = model.relate('zk:zkclient', 'kafka:zookeeper')
    while any(map(model.pending, model.units)):
        for name in model.units:
            for hook in model.pending(name)[:1]:
                assert not model.run(name, hook).status
    assert relation.app_databags['kafka'].data == {}
    assert connection_string(juju) == juju.servers('zk/0')


@pytest.fixture
def plain(tmp_path):
    return BuiltCharm(FIXTURE_CHARMS / 'plain-client', tmp_path)


def test_client_of_shell_scripts_reads_address_and_port(juju, in_process, plain):
    model = juju.model
    model.deploy('zk', in_process('zookeeper-server'), 2, config=SERVER)
    model.deploy('plain', plain)
    relation = model.relate('zk:zkclient', 'plain:zookeeper')

    def expected(*units, port=2181):
        return ''.join('{} {} \n'.format(juju.address(unit), port) for unit in units)

    juju.settle()
    assert juju.file('plain/0', 'zookeeper') == expected('zk/0', 'zk/1')
    model.set_config('zk', port=2182)
    juju.settle()
    assert juju.file('plain/0', 'zookeeper') == expected('zk/0', 'zk/1', port=2182)
    model.remove_unit('zk/0')
    juju.settle()
    assert juju.file('plain/0', 'zookeeper') == expected('zk/1', port=2182)
    assert ('private-address' in model.unit_data(relation, 'zk/1')) == (
        model.profile.name != '4.0')


def test_agent_of_shell_scripts_reads_address_and_port(juju, in_process, plain):
    juju.model.deploy('hdfs', in_process('flume-sink'), config=SERVER)
    juju.model.deploy('plain', plain)
    juju.model.relate('hdfs:source', 'plain:sink')
    juju.settle()
    assert juju.file('plain/0', 'sink') == '{} 4141 avro\n'.format(
        juju.address('hdfs/0'))
    juju.model.set_config('hdfs', port=4142, protocol='thrift')
    juju.settle()
    assert juju.file('plain/0', 'sink') == '{} 4142 thrift\n'.format(
        juju.address('hdfs/0'))
