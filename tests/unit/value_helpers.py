"""Descriptions of valid values, in the words of the layers' messages; invalid ports."""

PORT = 'an integer from 1 to 65535'
HOST = 'a hostname or an IP address'
FLUME_HOST = 'a hostname or an IPv4 address; Flume does not support IPv6'

INVALID_PORTS = [
    0, '0', '00000', -1, '-1', 65536, '65536', '99999', '100000', '002181',
    10 ** 30, True, False, 2181.0, 1.5, '2181.5', '2181.', '.0', '', ' ', '1e3',
    '0x885', '+2181', '2_181', ' 2181', '2181 ', '2181\n', '\n2181', '21 81',
    '2181\r', '2181\x00', '2181\t', '2181,2182', '2181;', None, [], ['2181'],
    {'port': 2181}, (2181,), b'2181', '\u0662\u0661\u0668\u0661', '\u00b2',
    '\uff12\uff11\uff18\uff11', '\u202e2181', '\ud800', '9' * 1048576,
]


def short_id(value):
    """A test ID for a value that can be long."""
    return ascii(value)[:40]
