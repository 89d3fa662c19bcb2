"""Unit data that clients read: which values they accept, and what they make of them."""
import re

import pytest

from .harness import (CONNECTED, DEPARTING, FLUME_REQUIRES, JOINING, USABLE,
                      ZOOKEEPER_REQUIRES)
from .value_helpers import FLUME_HOST, HOST, INVALID_PORTS, PORT, short_id

HUGE = 'x' * 1048576
HUGE_SHOWN = "'" + 'x' * 59 + '... (1048578 characters)'


def each_value(*values):
    """Test each value, and HUGE; `shown` is how a warning shows the value."""
    shown = [(value, ascii(value)) for value in values]
    return pytest.mark.parametrize('value, shown', shown + [(HUGE, HUGE_SHOWN)],
                                   ids=short_id)


# one or two of each kind; test_values has all
each_invalid_port = each_value('0', '65536', '2181\n', '\uff12\uff11\uff18\uff11', 'x')
each_invalid_host = each_value('10.0.0.256', '[fd00::1]', 'zk\nport=1', 'zk\ud800',
                               'a b')


def assert_unusable(juju, requires, key, value, shown, allowed):
    """Assert that an invalid value makes its unit unusable, and is logged once.

    Other units stay usable.
    """
    juju.deploy_joined(requires, requires.remote_data(0))
    valid = dict(requires.published, host='remote-1')
    juju.join('zk:1', 'remote/1', valid)
    juju.endpoint().dismiss_joining()
    assert juju.warnings == []

    invalid = dict(valid, **{key: value})
    if key.endswith('address'):
        del invalid['host']
    juju.changed('zk:1', 'remote/1', invalid)
    expected = ['zk: remote/1 is not usable: {} is {}, not {}'.format(
        key, shown, allowed)]
    assert juju.warnings == expected
    assert juju.flags() == USABLE
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']

    juju.changed('zk:1', 'remote/1')
    juju.update_status()
    juju.join('zk:1', 'remote/2', requires.remote_data(2))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.2']
    assert juju.warnings == expected

    juju.changed('zk:1', 'remote/1', valid)
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', 'remote-1', '10.0.0.2']
    assert juju.warnings == expected


@each_invalid_port
def test_unit_with_invalid_port_is_unusable_and_logged_once(juju, requires, value,
                                                            shown):
    assert_unusable(juju, requires, 'port', value, shown, PORT)


@each_invalid_host
def test_unit_with_invalid_host_is_unusable_and_logged_once(juju, requires, value,
                                                            shown):
    assert_unusable(juju, requires, 'host', value, shown, HOST)


@each_invalid_port
def test_server_with_invalid_rest_port_is_unusable_and_logged_once(juju, value, shown):
    assert_unusable(juju, ZOOKEEPER_REQUIRES, 'rest_port', value, shown, PORT)


@each_value('http', 'Avro', 'avro\n', ' ')
def test_sink_with_invalid_protocol_is_unusable_and_logged_once(juju, value, shown):
    assert_unusable(juju, FLUME_REQUIRES, 'protocol', value, shown, 'avro or thrift')


@pytest.mark.parametrize('key', ['host', 'ingress-address', 'private-address'])
@pytest.mark.parametrize('value', ['fd00::1', '::ffff:10.0.0.1'])
def test_sink_with_ipv6_address_is_unusable_and_logged_once(juju, key, value):
    assert_unusable(juju, FLUME_REQUIRES, key, value, ascii(value), FLUME_HOST)


@pytest.mark.parametrize('key', ['ingress-address', 'private-address'])
def test_unit_with_invalid_address_from_juju_is_logged_with_its_key(juju, requires,
                                                                    key):
    assert_unusable(juju, requires, key, '10.0.0.256', "'10.0.0.256'", HOST)


def test_unit_without_a_required_key_is_not_usable_yet(juju, requires):
    juju.deploy(requires)
    for number, key in enumerate(requires.published):
        juju.join('zk:1', 'remote/{}'.format(number),
                  dict(requires.remote_data(0), **{key: ''}))
    assert juju.flags() == CONNECTED
    # a unit without any key has not published its details yet
    assert juju.warnings == [
        'zk: remote/{} is not usable: {} is missing'.format(number, key)
        for number, key in enumerate(requires.published) if len(requires.published) > 1]


@pytest.mark.parametrize('addresses', [
    {}, {'public-address': 'd'}, {'egress-subnets': '10.0.0.0/8'},
], ids=str)
def test_unit_without_address_is_not_usable_yet(juju, requires, addresses):
    juju.deploy_joined(requires, dict(requires.published, **addresses))
    juju.update_status()
    assert juju.flags() == CONNECTED
    assert juju.warnings == ['zk: remote/0 is not usable: ingress-address is missing']
    juju.changed('zk:1', 'remote/0', requires.remote_data(0))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']


def test_warning_names_each_problem_of_a_unit(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0', {'port': 'x', 'rest_port': 'y', 'host': ' '})
    assert juju.warnings == [
        "zk: zk/0 is not usable: port is 'x', not {0}; rest_port is 'y', not {0}; "
        "host is ' ', not {1}".format(PORT, HOST)]


def test_warning_is_repeated_only_for_other_problems(juju, requires):
    juju.deploy_joined(requires, dict(requires.remote_data(0), port='x'))
    juju.changed('zk:1', 'remote/0', dict(requires.remote_data(0), port='y'))
    juju.changed('zk:1', 'remote/0', dict(requires.remote_data(0), port='y', host=' '))
    assert juju.warnings == [
        "zk: remote/0 is not usable: port is 'x', not " + PORT,
        "zk: remote/0 is not usable: port is 'y', not " + PORT,
        "zk: remote/0 is not usable: port is 'y', not {}; host is ' ', not {}".format(
            PORT, HOST)]


def test_warning_is_logged_for_each_unit_and_endpoint(juju, requires):
    juju.deploy(requires, 'one', 'two')
    invalid = dict(requires.remote_data(0), port='x')
    juju.join('one:1', 'remote/0', invalid)
    juju.join('one:1', 'remote/1', invalid)
    juju.join('two:2', 'remote/0', invalid)
    problem = " is not usable: port is 'x', not " + PORT
    assert juju.warnings == ['one: remote/0' + problem, 'one: remote/1' + problem,
                             'two: remote/0' + problem]


def test_warning_is_one_line_of_printable_ascii(juju, requires):
    juju.deploy_joined(requires, dict(requires.remote_data(0), port='1\n2\u2028\x1b'))
    warning, = juju.warnings
    assert re.fullmatch('[ -~]+', warning)


def test_unit_without_problems_is_not_logged(juju, requires):
    juju.deploy_joined(requires, requires.remote_data(0))
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
def test_host_is_preferred_to_ingress_and_private_address(juju, requires, addresses,
                                                          host):
    juju.deploy_joined(requires, dict(requires.published, **addresses))
    assert requires.hosts(juju.endpoint()) == [host]


def test_invalid_host_is_not_replaced_by_another_address(juju, requires):
    juju.deploy_joined(requires, dict(requires.remote_data(0), host='a b'))
    assert juju.flags() == CONNECTED
    assert requires.hosts(juju.endpoint()) == []


def test_invalid_address_is_ignored_if_there_is_a_host(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(
        requires.published, **{'host': 'a', 'ingress-address': 'b c'}))
    assert requires.hosts(juju.endpoint()) == ['a']
    assert juju.warnings == []


def test_ports_are_listed_as_the_text_of_integers(juju, requires):
    juju.deploy(requires)
    for number, port in enumerate(['02181', '2181.0', '2181']):
        juju.join('zk:1', 'remote/{}'.format(number),
                  dict(requires.remote_data(number), port=port))
    units = requires.listed(juju.endpoint())
    assert [unit['port'] for unit in units] == ['2181'] * 3
    assert juju.flags() == USABLE | JOINING


def test_rest_port_is_listed_until_it_is_deleted(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    data = ZOOKEEPER_REQUIRES.remote_data(0)
    juju.join('zk:1', 'zk/0', dict(data, rest_port='9998.0'))
    assert juju.endpoint().zookeepers()[0]['rest_port'] == '9998'
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'zk/0', dict(data, rest_port=''))
    assert juju.endpoint().zookeepers()[0]['rest_port'] is None
    assert juju.flags() == USABLE | JOINING


def test_unit_data_never_fail_a_hook(juju, requires):
    juju.deploy(requires)
    texts = [value for value in INVALID_PORTS if value and isinstance(value, str)]
    for number, value in enumerate(texts):
        unit = 'remote/{}'.format(number)
        juju.join('zk:1', unit, {
            'port': value, 'protocol': value, 'host': value, 'rest_port': value,
            'ingress-address': value, 'private-address': value})
        juju.departed('zk:1', unit)
    assert juju.flags() == DEPARTING
    assert requires.hosts(juju.endpoint()) == []
