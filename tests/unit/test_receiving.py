"""What the requires sides make of whatever a remote unit publishes."""
import re

import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import ZOOKEEPER_REQUIRES
from .test_values import NO_PORTS
from .test_values import short

PORT = 'an integer from 1 to 65535'
HOST = 'a hostname or an IP address'
IPV6 = 'an address that Flume can use: it takes no IPv6'

HUGE = 'x' * 1048576
HUGE_SHOWN = "'" + 'x' * 59 + '... (1048578 characters)'

# some of each kind: test_values has all
BAD_PORTS = [(value, ascii(value)) for value in (
    '0', '65536', '2181\n', '\uff12\uff11\uff18\uff11', 'x')] + [(HUGE, HUGE_SHOWN)]
BAD_HOSTS = [(value, ascii(value)) for value in (
    '10.0.0.256', '[fd00::1]', 'zk\nport=1', 'zk\ud800', 'a b')] + [(HUGE, HUGE_SHOWN)]


def pair_ids(value):
    return short(value)


@pytest.mark.parametrize('value, shown', BAD_PORTS, ids=pair_ids)
def test_a_bad_port_is_not_served_and_told_once(juju, requires, value, shown):
    spoiled(juju, requires, 'port', value, shown, PORT)


@pytest.mark.parametrize('value, shown', BAD_HOSTS, ids=pair_ids)
def test_a_bad_host_is_not_served_and_told_once(juju, requires, value, shown):
    spoiled(juju, requires, 'host', value, shown, HOST)


@pytest.mark.parametrize('value, shown', BAD_PORTS, ids=pair_ids)
def test_a_bad_rest_port_is_not_served_and_told_once(juju, value, shown):
    spoiled(juju, ZOOKEEPER_REQUIRES, 'rest_port', value, shown, PORT)


@pytest.mark.parametrize('value, shown', [
    ('http', "'http'"), ('Avro', "'Avro'"), ('avro\n', r"'avro\n'"), (' ', "' '"),
    (HUGE, HUGE_SHOWN),
], ids=short)
def test_a_bad_protocol_is_not_served_and_told_once(juju, value, shown):
    spoiled(juju, FLUME_REQUIRES, 'protocol', value, shown, 'avro or thrift')


@pytest.mark.parametrize('key', ['host', 'ingress-address', 'private-address'])
@pytest.mark.parametrize('value', ['fd00::1', '::ffff:10.0.0.1'])
def test_an_ipv6_sink_is_not_served_and_told_once(juju, key, value):
    spoiled(juju, FLUME_REQUIRES, key, value, ascii(value), IPV6)


@pytest.mark.parametrize('key', ['ingress-address', 'private-address'])
def test_a_bad_address_of_jujus_is_told_by_its_key(juju, requires, key):
    spoiled(juju, requires, key, '10.0.0.256', "'10.0.0.256'", HOST)


def spoiled(juju, requires, key, value, shown, allowed):
    """Play a unit that spoils one key, beside another that does not."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    good = {name: text for name, text in requires.settings(1).items()
            if name != 'ingress-address'}
    juju.join('zk:1', 'remote/1', dict(good, host='remote-1'))
    juju.endpoint().dismiss_joining()
    assert juju.warnings == []

    bad = dict(good, **{key: value})
    if not key.endswith('address'):
        bad.setdefault('host', 'remote-1')
    juju.changed('zk:1', 'remote/1', bad)
    expected = ['zk: remote/1 is not usable: {} is {}, not {}'.format(
        key, shown, allowed)]
    assert juju.warnings == expected
    assert juju.flags() == CONNECTED | AVAILABLE
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']

    juju.changed('zk:1', 'remote/1')
    juju.update_status()
    juju.join('zk:1', 'remote/2', requires.settings(2))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.2']
    assert juju.warnings == expected

    juju.changed('zk:1', 'remote/1', dict(good, host='remote-1'))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', 'remote-1', '10.0.0.2']
    assert juju.warnings == expected


def test_without_a_port_a_unit_waits(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.settings(0), port=''))
    assert juju.flags() == CONNECTED
    assert juju.warnings == []


def test_without_a_protocol_a_sink_waits(juju):
    juju.deploy(FLUME_REQUIRES)
    juju.join('zk:1', 'remote/0', dict(FLUME_REQUIRES.settings(0), protocol=''))
    assert juju.flags() == CONNECTED
    assert juju.warnings == []


def test_every_fault_of_a_unit_is_told(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0', {'port': 'x', 'rest_port': 'y', 'host': ' '})
    assert juju.warnings == [
        "zk: zk/0 is not usable: port is 'x', not {0}; rest_port is 'y', not {0}; "
        "host is ' ', not {1}".format(PORT, HOST)]


def test_only_another_fault_is_told_again(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.settings(0), port='x'))
    juju.changed('zk:1', 'remote/0', dict(requires.settings(0), port='y'))
    juju.changed('zk:1', 'remote/0', dict(requires.settings(0), port='y', host=' '))
    assert juju.warnings == [
        "zk: remote/0 is not usable: port is 'x', not " + PORT,
        "zk: remote/0 is not usable: port is 'y', not " + PORT,
        "zk: remote/0 is not usable: port is 'y', not {}; host is ' ', not {}".format(
            PORT, HOST)]


def test_a_fault_is_told_of_each_unit_and_endpoint(juju, requires):
    juju.deploy(requires, 'one', 'two')
    bad = dict(requires.settings(0), port='x')
    juju.join('one:1', 'remote/0', bad)
    juju.join('one:1', 'remote/1', bad)
    juju.join('two:2', 'remote/0', bad)
    said = " is not usable: port is 'x', not " + PORT
    assert juju.warnings == [
        'one: remote/0' + said, 'one: remote/1' + said, 'two: remote/0' + said]


def test_a_fault_is_one_line(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.settings(0), port='1\n2\u2028\x1b'))
    warning, = juju.warnings
    assert re.fullmatch('[ -~]+', warning)


def test_good_units_warn_of_nothing(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.changed('zk:1', 'remote/0', {})
    juju.departed('zk:1', 'remote/0')
    assert juju.warnings == []


@pytest.mark.parametrize('addresses, host', [
    ({'host': 'a', 'ingress-address': 'b', 'private-address': 'c'}, 'a'),
    ({'host': 'a', 'private-address': 'c'}, 'a'),
    ({'ingress-address': 'b', 'private-address': 'c'}, 'b'),
    ({'private-address': 'c'}, 'c'),
    ({'ingress-address': 'b'}, 'b'),
    ({'public-address': 'd', 'ingress-address': 'b'}, 'b'),
], ids=str)
def test_the_address_is_the_best_there_is(juju, requires, addresses, host):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.wire, **addresses))
    assert requires.hosts(juju.endpoint()) == [host]


@pytest.mark.parametrize('addresses', [
    {}, {'public-address': 'd'}, {'egress-subnets': '10.0.0.0/8'},
], ids=str)
def test_without_an_address_a_unit_waits(juju, requires, addresses):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.wire, **addresses))
    assert juju.flags() == CONNECTED
    assert juju.warnings == []
    juju.changed('zk:1', 'remote/0', requires.settings(0))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']


def test_a_bad_host_is_not_made_up_for_by_another_address(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.settings(0), host='a b'))
    assert juju.flags() == CONNECTED
    assert requires.hosts(juju.endpoint()) == []


def test_a_bad_address_that_is_not_needed_spoils_nothing(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(
        requires.wire, **{'host': 'a', 'ingress-address': 'b c'}))
    assert requires.hosts(juju.endpoint()) == ['a']
    assert juju.warnings == []


def test_ports_are_served_as_plain_text(juju, requires):
    juju.deploy(requires)
    for number, port in enumerate(['02181', '2181.0', '2181']):
        juju.join('zk:1', 'remote/{}'.format(number),
                  dict(requires.settings(number), port=port))
    assert [found['port'] for found in getattr(
        juju.endpoint(), requires.listing)()] == ['2181'] * 3
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_rest_port_comes_and_goes(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    settings = ZOOKEEPER_REQUIRES.settings(0)
    juju.join('zk:1', 'zk/0', dict(settings, rest_port='9998.0'))
    assert juju.endpoint().zookeepers()[0]['rest_port'] == '9998'
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'zk/0', dict(settings, rest_port=''))
    assert juju.endpoint().zookeepers()[0]['rest_port'] is None
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_unit_that_says_anything_at_all_never_fails_a_hook(juju, requires):
    juju.deploy(requires)
    texts = [value for value in NO_PORTS if value and isinstance(value, str)]
    for number, value in enumerate(texts):
        unit = 'remote/{}'.format(number)
        juju.join('zk:1', unit, {
            'port': value, 'protocol': value, 'host': value, 'rest_port': value,
            'ingress-address': value, 'private-address': value})
        juju.departed('zk:1', unit)
    assert juju.flags() == {'departing'}
    assert requires.hosts(juju.endpoint()) == []
