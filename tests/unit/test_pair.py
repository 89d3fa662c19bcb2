"""Both sides of an interface: a client lists what a provider sends."""
import pytest

from .harness import (CONNECTED, FLUME_PROVIDES, FLUME_REQUIRES, JOINING, LOCAL,
                      PROVIDES, REQUIRES, USABLE, ZOOKEEPER_PROVIDES,
                      ZOOKEEPER_REQUIRES)

each_pair = pytest.mark.parametrize(
    'provides, requires', list(zip(PROVIDES, REQUIRES)),
    ids=['zookeeper', 'flume-agent'])


def relate(juju, provides, requires):
    """Relate a charm with both sides to itself; to its client, it is server/0."""
    juju.declare(provides, 'server')
    juju.deploy(requires, 'client')
    juju.created('server:1')
    juju.join('client:2', 'server/0')
    # both relations share one databag
    juju.relation('client:2').unit_databags['server/0'] = (
        juju.relation('server:1').unit_databags[LOCAL])


def client_after_changed(juju):
    """The client's endpoint in its changed hook, after the hook that sent details."""
    juju.changed('client:2', 'server/0')
    return juju.endpoint('client')


@each_pair
def test_sent_details_are_listed(juju, provides, requires):
    relate(juju, provides, requires)
    assert juju.flags('client') == CONNECTED
    provides.send(juju.endpoint('server'))
    assert juju.flags('client') == CONNECTED
    units = requires.listed(client_after_changed(juju))
    assert len(units) == 1
    assert provides.details().items() <= units[0].items()
    assert juju.flags('client') == USABLE | JOINING
    assert juju.warnings == []


@each_pair
def test_new_details_are_listed(juju, provides, requires):
    relate(juju, provides, requires)
    provides.send(juju.endpoint('server'))
    client_after_changed(juju).dismiss_joining()
    provides.send(juju.endpoint('server'), 1)
    units = requires.listed(client_after_changed(juju))
    assert provides.details(1).items() <= units[0].items()
    assert requires.hosts(juju.endpoint('client')) == ['10.9.9.9']
    assert juju.flags('client') == USABLE | JOINING


@each_pair
def test_details_of_a_failed_hook_are_not_listed(juju, provides, requires):
    relate(juju, provides, requires)
    provides.send(juju.endpoint('server'))
    juju.fail()
    assert requires.listed(client_after_changed(juju)) == []


@each_pair
@pytest.mark.parametrize('port', [1, 65535, '1', '65535', '02181'])
def test_each_accepted_port_is_listed(juju, provides, requires, port):
    relate(juju, provides, requires)
    getattr(juju.endpoint('server'), provides.send_method)(port)
    units = requires.listed(client_after_changed(juju))
    assert [unit['port'] for unit in units] == [str(int(port))]


@pytest.mark.parametrize('host', [
    'zk', 'zk.example', 'zk_0', 'zk.example.', '10.0.0.1', 'fd00::1', 'a' * 63,
    '.'.join(['a' * 63] * 3 + ['b' * 61])])
def test_each_accepted_host_is_listed(juju, host):
    relate(juju, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES)
    juju.endpoint('server').send_port(2181, host=host)
    assert client_after_changed(juju).get_zookeeper_units() == [(host, '2181')]


def test_zookeeper_client_lists_what_each_method_sends(juju):
    relate(juju, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES)
    juju.endpoint('server').send_port(2181)
    assert client_after_changed(juju).zookeepers() == [
        {'host': '10.9.9.9', 'port': '2181', 'rest_port': None}]
    juju.endpoint('server').send_connection(2182, 9998, 'fd00::1')
    assert client_after_changed(juju).zookeepers() == [
        {'host': 'fd00::1', 'port': '2182', 'rest_port': '9998'}]
    assert juju.endpoint('client').connection_string('/a') == '[fd00::1]:2182/a'
    juju.endpoint('server').send_connection(2182)
    assert client_after_changed(juju).zookeepers() == [
        {'host': '10.9.9.9', 'port': '2182', 'rest_port': None}]


def test_flume_agent_lists_and_selects_the_sink(juju):
    relate(juju, FLUME_PROVIDES, FLUME_REQUIRES)
    juju.endpoint('server').send_configuration(4141)
    assert client_after_changed(juju).agents() == [
        {'name': 'server-0', 'host': '10.9.9.9', 'port': '4141', 'protocol': 'avro'}]
    juju.endpoint('server').send_configuration('4142', 'thrift')
    endpoint = client_after_changed(juju)
    assert (endpoint.get_flume_ip(), endpoint.get_flume_port(),
            endpoint.get_flume_protocol()) == ('10.9.9.9', '4142', 'thrift')
