"""Which ports, hosts and protocols are valid, and messages about others."""
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .harness import layer
from .value_helpers import FLUME_HOST, HOST, INVALID_PORTS, PORT, short_id

values = layer('zookeeper', 'common.values')
flume = layer('flume-agent', 'unit_data')

PORTS = {
    1: '1', '1': '1', 2181: '2181', '2181': '2181', 65535: '65535',
    '65535': '65535', '02181': '2181', '00001': '1',
}

NAMES = [
    'zk', 'zk-0', 'zk.example', 'ZK.Example', '0zk', '1.2.3.x', 'a' * 63,
    'a-b', '3com.example', '.'.join(['a' * 63] * 3 + ['b' * 61]),
    # resolvers accept these
    'zk_0', '_zk', 'zk_', '_', 'zk.', 'zk_0.example.', '4.example.',
    '.'.join(['a' * 63] * 3 + ['b' * 61]) + '.',
]

IPV4 = ['10.0.0.1', '255.255.255.255']
IPV6 = ['fd00::1', '::1', '::ffff:10.0.0.1', 'FD00::A']

INVALID_HOSTS = [
    '', ' ', '.', '..', 'zk..', '.zk', 'zk..example', '-zk', 'zk-', 'a.-b', 'a-.b',
    '-', 'zk-.', 'a' * 64, 'zk.' + 'a' * 64, '.'.join(['a' * 63] * 3 + ['b' * 62]),
    '.'.join(['a' * 63] * 3 + ['b' * 62]) + '.', '4', '4.', 'zk.4', '10.0.0.01',
    '10.0.0', '10.0.0.256', '10.0.0.1.5', '1.2.3.4.', 'zk example', 'zk ', 'zk.\n',
    ' zk', 'zk\n', 'zk\nport=1', 'zk\x00', 'zk\x7f', 'zk\x85', 'zk\u2028', 'zk:2181',
    'zk/0', 'zk,zk', 'zk#', '${zk}', '[fd00::1]', 'fe80::1%eth0', 'fe80::1%\n',
    'fd00::g', 'z\u00fcrich', '\u0661.\u0662.\u0663.\u0664', 'zk\ud800', None, 0, 1,
    True, 1.5, [], ['zk'], {}, b'zk', 'a' * 1048576,
]


each_port_function = pytest.mark.parametrize(
    'validate', [values.port, values.received_port], ids=['sent', 'received'])
each_host_function = pytest.mark.parametrize(
    'validate', [values.host, flume.host], ids=['zookeeper', 'flume'])


@each_port_function
@pytest.mark.parametrize('value, text', PORTS.items(), ids=ascii)
def test_port_becomes_text(validate, value, text):
    assert validate(value) == text
    assert type(validate(value)) is str


@each_port_function
@pytest.mark.parametrize('value', INVALID_PORTS, ids=short_id)
def test_invalid_port_raises(validate, value):
    with pytest.raises(ValueError) as error:
        validate(value)
    assert str(error.value) == PORT


@pytest.mark.parametrize('value', ['2181.0', '1.0', '65535.0'])
def test_text_of_a_float_is_a_port_only_if_received(value):
    assert values.received_port(value) == value[:-2]
    with pytest.raises(ValueError, match='^an integer from 1 to 65535$'):
        values.port(value)


@pytest.mark.parametrize('value', [
    '0.0', '65536.0', '2181.00', '2181.0.0', '2181.0\n', '2181 .0', '-1.0', '.0',
    '2181.1', '2181,0', '2181x0'], ids=ascii)
def test_other_text_of_a_float_is_not_a_port(value):
    with pytest.raises(ValueError, match='^an integer from 1 to 65535$'):
        values.received_port(value)


@each_host_function
@pytest.mark.parametrize('value', NAMES + IPV4, ids=short_id)
def test_hostname_and_ipv4_address_are_valid(validate, value):
    assert validate(value) == value


@pytest.mark.parametrize('value', IPV6)
def test_ipv6_address_is_valid_for_zookeeper_but_not_for_flume(value):
    assert values.host(value) == value
    with pytest.raises(ValueError) as error:
        flume.host(value)
    assert str(error.value) == FLUME_HOST


@each_host_function
@pytest.mark.parametrize('value', INVALID_HOSTS, ids=short_id)
def test_invalid_host_raises(validate, value):
    with pytest.raises(ValueError) as error:
        validate(value)
    assert str(error.value) == HOST


@pytest.mark.parametrize('value, version, expected', [
    ('10.0.0.1', None, True), ('10.0.0.1', 4, True), ('10.0.0.1', 6, False),
    ('fd00::1', None, True), ('fd00::1', 6, True), ('fd00::1', 4, False),
    ('zk', None, False), ('zk', 6, False), ('10.0.0.256', None, False),
    ('fe80::1%eth0', None, False), ('fe80::1%eth0', 6, False)])
def test_is_ip_compares_the_version_if_given(value, version, expected):
    assert values.is_ip(value, version) is expected
    if version is None:
        assert values.is_ip(value) is expected


@pytest.mark.parametrize('value', [
    '', 'Avro', 'AVRO', 'avro ', ' avro', 'avro\n', 'http', 'av', 'avrothrift',
    'avro or thrift', None, True, 1, [], ['avro'], {'avro': 1}, b'avro',
], ids=ascii)
def test_invalid_protocol_raises(value):
    with pytest.raises(ValueError, match='^avro or thrift$'):
        flume.protocol(value)


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
], ids=short_id)
def test_problem_contains_a_short_ascii_value(value, shown):
    assert values.problem_message('port', value, 'a number') == (
        'port is {}, not a number'.format(shown))


class Huge(int):
    """An integer whose repr() fails on every Python, as a huge one's does on newer."""

    def __repr__(self):
        raise ValueError('Exceeds the limit for integer string conversion')


def test_problem_contains_no_huge_integer():
    assert values.problem_message('port', Huge(), 'a number') == (
        'port is a huge value, not a number')


KEYS = [values.Key('one', None, values.port, optional=False),
        values.Key('two', None, values.port, optional=True),
        values.Key('three', values.port, values.received_port, optional=True)]


@pytest.mark.parametrize('data, details, problems', [
    ({'one': '01', 'two': None, 'three': ''}, {'one': '1'}, []),
    ({'one': '1', 'two': '2', 'three': '3.0', 'four': 'x'},
     {'one': '1', 'two': '2', 'three': '3'}, []),
    ({}, None, ['one is missing']), ({'two': '2'}, None, ['one is missing']),
    ({'one': None, 'three': '3'}, None, ['one is missing']),
    ({'one': '1', 'two': '2.0'}, None, ["two is '2.0', not " + PORT]),
    ({'two': 0}, None, ['one is missing', 'two is 0, not ' + PORT]),
    ({'one': False, 'two': [], 'three': '.0'}, None, [
        'one is False, not ' + PORT, 'two is [], not ' + PORT,
        "three is '.0', not " + PORT]),
], ids=str)
def test_data_have_details_unless_a_value_is_invalid_or_a_required_key_is_missing(
        data, details, problems):
    assert values.parse(KEYS, data) == (details, problems)


CHARACTERS = ('0129azAZ.-:%/_[]{}$#;,="\' \t\n\r\x00\x1f\x7f\x85\xa0\u0661\u2028'
              '\u202e\ufeff\uff11\ud800\U0001d7ce')
FUNCTIONS = (values.port, values.received_port, values.host, flume.host, flume.protocol)


@given(st.text(st.sampled_from(CHARACTERS), max_size=8))
def test_valid_text_is_printable_ascii_without_spaces(text):
    for validate in FUNCTIONS:
        try:
            valid = validate(text)
        except ValueError:
            continue
        assert re.fullmatch('[!-~]+', valid)


@given(st.from_regex(r'[a-z0-9:%.\-]{1,12}', fullmatch=True))
def test_valid_host_has_no_zone_and_a_colon_only_in_an_ipv6_address(text):
    try:
        valid = values.host(text)
    except ValueError:
        valid = 'invalid'
    assert '%' not in valid
    assert ':' not in valid or values.is_ip(valid, 6)


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.binary(),
                 st.lists(st.just('1')), st.just({'1': '1'})))
def test_value_that_is_neither_text_nor_an_integer_raises(value):
    for validate in FUNCTIONS:
        with pytest.raises(ValueError):
            validate(value)
