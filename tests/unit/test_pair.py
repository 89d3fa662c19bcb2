"""Both sides through one databag: what one publishes is what the other reads."""
import pytest

from .harness import FLUME_PROVIDES
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import LOCAL
from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import ZOOKEEPER_PROVIDES
from .harness import ZOOKEEPER_REQUIRES

PAIRS = pytest.mark.parametrize('provides, requires', [
    (ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES), (FLUME_PROVIDES, FLUME_REQUIRES),
], ids=['zookeeper', 'flume-agent'])


def relate(juju, provides, requires):
    """A charm with both sides, related to itself; as server/0 to its client."""
    juju.declare(provides, 'server')
    juju.deploy(requires, 'client')
    juju.created('server:1')
    juju.join('client:2', 'server/0')
    # the two relations are one, seen from both its ends
    juju.relation('client:2').bags['server/0'] = juju.relation('server:1').bags[LOCAL]


def heard(juju):
    """What the client has, after the hook in which the server sent."""
    juju.changed('client:2', 'server/0')
    return juju.endpoint('client')


@PAIRS
def test_what_is_sent_is_served(juju, provides, requires):
    relate(juju, provides, requires)
    assert juju.flags('client') == CONNECTED
    provides.send(juju.endpoint('server'))
    assert juju.flags('client') == CONNECTED
    listed = getattr(heard(juju), requires.listing)()
    assert len(listed) == 1
    assert dict(provides.wire(), **{'host': listed[0]['host']}).items() <= (
        listed[0].items())
    assert juju.flags('client') == CONNECTED | AVAILABLE | JOINING
    assert juju.warnings == []


@PAIRS
def test_an_update_is_served(juju, provides, requires):
    relate(juju, provides, requires)
    provides.send(juju.endpoint('server'))
    heard(juju).dismiss_joining()
    provides.send(juju.endpoint('server'), 1)
    listed = getattr(heard(juju), requires.listing)()
    assert provides.wire(1).items() <= listed[0].items()
    assert requires.hosts(juju.endpoint('client')) == ['10.9.9.9']
    assert juju.flags('client') == CONNECTED | AVAILABLE | JOINING


@PAIRS
def test_a_hook_that_fails_is_not_heard(juju, provides, requires):
    relate(juju, provides, requires)
    provides.send(juju.endpoint('server'))
    juju.fail()
    assert getattr(heard(juju), requires.listing)() == []


def test_a_zookeeper_pair_in_full(juju):
    relate(juju, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES)
    juju.endpoint('server').send_port(2181)
    assert heard(juju).zookeepers() == [
        {'host': '10.9.9.9', 'port': '2181', 'rest_port': None}]
    juju.endpoint('server').send_connection(2182, 9998, 'fd00::1')
    assert heard(juju).zookeepers() == [
        {'host': 'fd00::1', 'port': '2182', 'rest_port': '9998'}]
    assert juju.endpoint('client').connection_string('/a') == '[fd00::1]:2182/a'
    juju.endpoint('server').send_connection(2182)
    assert heard(juju).zookeepers() == [
        {'host': '10.9.9.9', 'port': '2182', 'rest_port': None}]


def test_a_flume_pair_in_full(juju):
    relate(juju, FLUME_PROVIDES, FLUME_REQUIRES)
    juju.endpoint('server').send_configuration(4141)
    assert heard(juju).agents() == [{'name': 'server-0', 'host': '10.9.9.9',
                                     'port': '4141', 'protocol': 'avro'}]
    juju.endpoint('server').send_configuration('4142', 'thrift')
    endpoint = heard(juju)
    assert (endpoint.get_flume_ip(), endpoint.get_flume_port(),
            endpoint.get_flume_protocol()) == ('10.9.9.9', '4142', 'thrift')


@pytest.mark.parametrize('port', [1, 65535, '1', '65535', '02181'])
@PAIRS
def test_every_port_that_is_sent_is_served(juju, provides, requires, port):
    relate(juju, provides, requires)
    getattr(juju.endpoint('server'), provides._send)(port)
    found = getattr(heard(juju), requires.listing)()
    assert [unit['port'] for unit in found] == [str(int(port))]


@pytest.mark.parametrize('host', [
    'zk', 'zk.example', 'zk_0', 'zk.example.', '10.0.0.1', 'fd00::1', 'a' * 63,
    '.'.join(['a' * 63] * 3 + ['b' * 61])])
def test_every_host_that_is_sent_is_served(juju, host):
    relate(juju, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES)
    juju.endpoint('server').send_port(2181, host=host)
    assert heard(juju).get_zookeeper_units() == [(host, '2181')]
