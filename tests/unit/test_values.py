"""What is a port, a host, a protocol; and what is said of what is none."""
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import harness

values = harness.layer('zookeeper', 'values')
flume = harness.layer('flume-agent', 'wire')

ALLOWED = {
    'port': 'an integer from 1 to 65535',
    'host': 'a hostname or an IP address',
    'protocol': 'avro or thrift',
    'ipv6': 'an address that Flume can use: it takes no IPv6',
}

PORTS = {
    1: '1', '1': '1', 2181: '2181', '2181': '2181', 65535: '65535',
    '65535': '65535', '02181': '2181', '00001': '1',
}

NO_PORTS = [
    0, '0', '00000', -1, '-1', 65536, '65536', '99999', '100000', '002181',
    10 ** 30, True, False, 2181.0, 1.5, '2181.5', '2181.', '.0', '', ' ', '1e3',
    '0x885', '+2181', '2_181', ' 2181', '2181 ', '2181\n', '\n2181', '21 81',
    '2181\r', '2181\x00', '2181\t', '2181,2182', '2181;', None, [], ['2181'],
    {'port': 2181}, (2181,), b'2181', '\u0662\u0661\u0668\u0661', '\u00b2',
    '\uff12\uff11\uff18\uff11', '\u202e2181', '\ud800', '9' * 1048576,
]

NAMES = [
    'zk', 'zk-0', 'zk.example', 'ZK.Example', '0zk', '1.2.3.x', 'a' * 63,
    'a-b', '3com.example', '.'.join(['a' * 63] * 3 + ['b' * 61]),
    # as resolvers take them
    'zk_0', '_zk', 'zk_', '_', 'zk.', 'zk_0.example.', '4.example.',
    '.'.join(['a' * 63] * 3 + ['b' * 61]) + '.',
]

IPV4 = ['10.0.0.1', '255.255.255.255']
IPV6 = ['fd00::1', '::1', '::ffff:10.0.0.1', 'FD00::A']

NO_HOSTS = [
    '', ' ', '.', '..', 'zk..', '.zk', 'zk..example', '-zk', 'zk-', 'a.-b', 'a-.b',
    '-', 'zk-.', 'a' * 64, 'zk.' + 'a' * 64, '.'.join(['a' * 63] * 3 + ['b' * 62]),
    '.'.join(['a' * 63] * 3 + ['b' * 62]) + '.', '4', '4.', 'zk.4',
    '10.0.0', '10.0.0.256', '10.0.0.1.5', '1.2.3.4.', 'zk example', 'zk ', 'zk.\n',
    ' zk', 'zk\n', 'zk\nport=1', 'zk\x00', 'zk\x7f', 'zk\x85', 'zk\u2028', 'zk:2181',
    'zk/0', 'zk,zk', 'zk#', '${zk}', '[fd00::1]', 'fe80::1%eth0', 'fe80::1%\n',
    'fd00::g', 'z\u00fcrich', '\u0661.\u0662.\u0663.\u0664', 'zk\ud800', None, 0, 1,
    True, 1.5, [], ['zk'], {}, b'zk', 'a' * 1048576,
]


@pytest.mark.parametrize('value, text', PORTS.items(), ids=ascii)
def test_a_port_is_made_text(value, text):
    assert values.port(value) == text
    assert type(values.port(value)) is str


def short(value):
    return ascii(value)[:40]


@pytest.mark.parametrize('check', [values.port, values.port_read],
                         ids=lambda check: check.__name__)
@pytest.mark.parametrize('value', NO_PORTS, ids=short)
def test_nothing_else_is_a_port(check, value):
    with pytest.raises(ValueError) as error:
        check(value)
    assert str(error.value) == ALLOWED['port']


@pytest.mark.parametrize('value, text', [
    *PORTS.items(), ('2181.0', '2181'), ('1.0', '1'), ('65535.0', '65535'),
], ids=ascii)
def test_a_port_is_read_from_the_text_of_a_float(value, text):
    assert values.port_read(value) == text


@pytest.mark.parametrize('value', [
    '0.0', '65536.0', '2181.00', '2181.0.0', '2181.0\n', '2181 .0', '-1.0', '.0',
    '2181.1', '2181,0', '2181x0'], ids=ascii)
def test_other_floats_are_no_ports(value):
    with pytest.raises(ValueError, match='^an integer from 1 to 65535$'):
        values.port_read(value)


@pytest.mark.parametrize('value', ['2181.0', '1.0'])
def test_no_float_is_sent_as_a_port(value):
    with pytest.raises(ValueError, match='^an integer from 1 to 65535$'):
        values.port(value)


@pytest.mark.parametrize('value', NAMES + IPV4, ids=short)
@pytest.mark.parametrize('check', [values.host, flume.host],
                         ids=['zookeeper', 'flume'])
def test_a_name_and_an_ipv4_address_are_hosts(check, value):
    assert check(value) == value


@pytest.mark.parametrize('value', IPV6)
def test_an_ipv6_address_is_a_host_for_zookeeper_alone(value):
    assert values.host(value) == value
    with pytest.raises(ValueError) as error:
        flume.host(value)
    assert str(error.value) == ALLOWED['ipv6']


@pytest.mark.parametrize('value', NO_HOSTS, ids=short)
@pytest.mark.parametrize('check', [values.host, flume.host],
                         ids=['zookeeper', 'flume'])
def test_nothing_else_is_a_host(check, value):
    with pytest.raises(ValueError) as error:
        check(value)
    assert str(error.value) == ALLOWED['host']


def test_a_host_has_at_most_253_characters():
    longest = '.'.join(['a' * 63] * 3 + ['b' * 61])
    assert len(longest) == 253
    assert values.host(longest) == longest
    with pytest.raises(ValueError):
        values.host(longest + 'b')


def test_a_label_has_at_most_63_characters():
    assert values.host('a' * 63 + '.example')
    with pytest.raises(ValueError):
        values.host('a' * 64 + '.example')


@pytest.mark.parametrize('value, version, expected', [
    ('10.0.0.1', None, True), ('10.0.0.1', 4, True), ('10.0.0.1', 6, False),
    ('fd00::1', None, True), ('fd00::1', 6, True), ('fd00::1', 4, False),
    ('zk', None, False), ('zk', 6, False), ('10.0.0.256', None, False),
    ('fe80::1%eth0', None, False), ('fe80::1%eth0', 6, False),
])
def test_an_ip_address_is_told_by_its_version(value, version, expected):
    assert values.is_ip(value, version) is expected


def test_any_version_of_ip_will_do_unless_one_is_asked_for():
    assert values.is_ip('10.0.0.1') is True
    assert values.is_ip('fd00::1') is True


@pytest.mark.parametrize('value', ['avro', 'thrift'])
def test_a_protocol_is_avro_or_thrift(value):
    assert values.protocol(value) == value


@pytest.mark.parametrize('value', [
    '', 'Avro', 'AVRO', 'avro ', ' avro', 'avro\n', 'http', 'av', 'avrothrift',
    'avro or thrift', None, True, 1, [], ['avro'], {'avro': 1}, b'avro',
], ids=ascii)
def test_nothing_else_is_a_protocol(value):
    with pytest.raises(ValueError) as error:
        values.protocol(value)
    assert str(error.value) == ALLOWED['protocol']


@pytest.mark.parametrize('value, shown', [
    (0, '0'),
    (None, 'None'),
    ('a b', "'a b'"),
    ("it's", '"it\'s"'),
    ('two\nlines', r"'two\nlines'"),
    ('\u0661', r"'\u0661'"),
    ('\ud800', r"'\ud800'"),
    ('\x1b[31m', r"'\x1b[31m'"),
    (['x'], "['x']"),
    ('x' * 58, "'" + 'x' * 58 + "'"),
    ('x' * 59, "'" + 'x' * 59 + '... (61 characters)'),
    ('x' * 1048576, "'" + 'x' * 59 + '... (1048578 characters)'),
    ('\u0661' * 10, "'" + r'\u0661' * 9 + r'\u066... (62 characters)'),
], ids=short)
def test_a_fault_shows_a_short_plain_value(value, shown):
    assert values.fault('port', value, 'a number') == (
        'port is {}, not a number'.format(shown))


CHECK = {'one': values.Key('one', values.port),
         'two': values.Key('two', values.port, optional=True),
         'three': values.Key('three', values.port, read=values.port_read,
                             optional=True)}
KEYS = list(CHECK.values())


@pytest.mark.parametrize('settings, details', [
    ({'one': '1'}, {'one': '1'}),
    ({'one': '01', 'two': None, 'three': ''}, {'one': '1'}),
    ({'one': '1', 'two': '2', 'three': '3.0', 'four': 'x'},
     {'one': '1', 'two': '2', 'three': '3'}),
    ({}, None),
    ({'two': '2'}, None),
    ({'one': ''}, None),
    ({'one': None, 'three': '3'}, None),
], ids=str)
def test_what_is_needed_makes_settings_complete(settings, details):
    assert values.understand(KEYS, settings) == (details, [])


@pytest.mark.parametrize('settings, faults', [
    ({'one': 'x'}, ["one is 'x', not an integer from 1 to 65535"]),
    ({'one': '1', 'two': '2.0'}, ["two is '2.0', not an integer from 1 to 65535"]),
    ({'two': 0}, ['two is 0, not an integer from 1 to 65535']),
    ({'one': False, 'two': [], 'three': '.0'}, [
        'one is False, not an integer from 1 to 65535',
        'two is [], not an integer from 1 to 65535',
        "three is '.0', not an integer from 1 to 65535"]),
], ids=str)
def test_one_wrong_value_spoils_all_and_each_is_told(settings, faults):
    assert values.understand(KEYS, settings) == (None, faults)


def test_a_key_is_needed_and_read_as_it_is_checked_unless_said_otherwise():
    assert CHECK['one'].optional is False
    assert CHECK['one'].read is values.port
    assert CHECK['three'].read is values.port_read


# what a value may be made of, and what it may not
CHARACTERS = ('0129azAZ.-:%/_[]{}$#;,="\' \t\n\r\x00\x1f\x7f\x85\xa0\u0661\u2028'
              '\u202e\ufeff\uff11\ud800\U0001d7ce')


@given(st.text(st.sampled_from(CHARACTERS), max_size=8))
def test_text_that_is_served_is_plain(text):
    for check in (values.port, values.port_read, values.host, values.protocol):
        try:
            served = check(text)
        except ValueError:
            continue
        assert re.fullmatch('[!-~]+', served)


@given(st.from_regex(r'[a-z0-9:%.\-]{1,12}', fullmatch=True))
def test_a_host_that_is_served_ends_no_word_and_no_address(text):
    try:
        served = values.host(text)
    except ValueError:
        served = 'refused'
    assert '%' not in served
    assert ':' not in served or values.is_ip(served, 6)


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.binary(),
                 st.lists(st.just('1')), st.just({'1': '1'})))
def test_what_is_no_text_and_no_integer_is_refused(value):
    for check in (values.port, values.port_read, values.host, values.protocol,
                  flume.host):
        with pytest.raises(ValueError):
            check(value)
