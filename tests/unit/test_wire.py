"""The wire is a contract: what is published validates, and what validates is served."""
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .harness import (FLUME_PROVIDES, FLUME_REQUIRES, ZOOKEEPER_PROVIDES,
                      ZOOKEEPER_REQUIRES, layer)

INTERFACES = Path(__file__).resolve().parents[2] / 'interfaces'
PAIRS = {'zookeeper': (ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES),
         'flume-agent': (FLUME_PROVIDES, FLUME_REQUIRES)}
both = pytest.mark.parametrize('interface', PAIRS)
many = settings(deadline=None, max_examples=60,
                suppress_health_check=list(HealthCheck))

ports = st.integers(1, 65535)
optional_ports = st.none() | ports
hosts = (st.ip_addresses().map(str)
         | st.from_regex(r'[a-z0-9_-]{1,8}(\.[A-Z0-9_-]{1,8}){0,3}\.?', fullmatch=True))
protocols = st.sampled_from(['avro', 'thrift'])


def schema(interface):
    return json.loads((INTERFACES / interface / 'schema.json').read_text())


def is_valid(interface, settings):
    return jsonschema.Draft202012Validator(
        schema(interface), format_checker=jsonschema.FormatChecker()).is_valid(settings)


def related(juju, side):
    """An endpoint with one relation, the same in each example."""
    if not juju.metadata.get(side.role, {}):
        juju.deploy(side)
        juju.join('zk:1', 'remote/0')
    juju.hook('config-changed')
    return juju.endpoint()


def served(juju, side, settings):
    """What the requires side lists of a unit that has published this."""
    related(juju, side)
    juju.changed('zk:1', 'remote/0', settings)
    endpoint = juju.endpoint()
    return (endpoint.zookeepers() if side is ZOOKEEPER_REQUIRES
            else endpoint.agents())


def expected(side, settings):
    host = settings.get('host', settings.get('ingress-address'))
    if side is ZOOKEEPER_REQUIRES:
        return [{'host': host, 'port': settings['port'],
                 'rest_port': settings.get('rest_port')}]
    return [{'name': 'remote-0', 'host': host, 'port': settings['port'],
             'protocol': settings['protocol']}]


@many
@given(ports, optional_ports, st.none() | hosts)
def test_what_a_zookeeper_server_publishes_is_valid(juju, port, rest_port, host):
    endpoint = related(juju, ZOOKEEPER_PROVIDES)
    try:
        endpoint.send_port(port, rest_port, host)
    except ValueError:
        assert not is_valid('zookeeper', {'port': '1', 'host': host})
        return
    juju.end()
    told = juju.own_data('zk:1')
    assert told['port'] == str(port)
    assert is_valid('zookeeper', told)


@many
@given(ports, protocols)
def test_what_a_flume_sink_publishes_is_valid(juju, port, protocol):
    related(juju, FLUME_PROVIDES).send_configuration(str(port), protocol)
    juju.end()
    told = juju.own_data('zk:1')
    assert told == {'port': str(port), 'protocol': protocol}
    assert is_valid('flume-agent', told)


@many
@given(st.fixed_dictionaries({'port': ports.map(str)}, optional={
    'rest_port': ports.map(str), 'host': hosts,
    'egress-subnets': st.just('10.0.0.9/32')}))
def test_a_valid_zookeeper_server_is_served(juju, settings):
    assume(is_valid('zookeeper', settings))
    settings['ingress-address'] = '10.0.0.9'
    assert served(juju, ZOOKEEPER_REQUIRES, settings) == expected(
        ZOOKEEPER_REQUIRES, settings)


@many
@given(st.fixed_dictionaries(
    {'port': ports.map(str), 'protocol': protocols}, optional={'host': hosts}))
def test_a_valid_flume_sink_is_served(juju, settings):
    assume(is_valid('flume-agent', settings))
    settings['ingress-address'] = '10.0.0.9'
    assert served(juju, FLUME_REQUIRES, settings) == expected(FLUME_REQUIRES, settings)


@both
def test_the_examples_are_valid_and_served(juju, interface):
    provides, requires = PAIRS[interface]
    examples = schema(interface)['examples']
    assert len(examples) >= 3
    for example in examples:
        assert is_valid(interface, example)
        settings = dict(example, **{'ingress-address': '10.0.0.9'})
        assert served(juju, requires, settings) == expected(requires, settings)


@both
@pytest.mark.parametrize('spoiled', [
    {'port': '0'}, {'port': '65536'}, {'port': '02181'}, {'port': '2181\n'},
    {'port': 2181}, {'port': ''}, {'host': ''}, {'host': 'a b'}, {'host': '-a'},
    {'host': '10.0.0'}, {'host': '10.0.0.1\n'}, {'host': '[fd00::1]'},
    {'host': '10.0.0.1.'}, {'host': 'a..'}, {'host': 'a.\n'}, {'host': 'a-.'},
    {'host': 'fe80::1%eth0'}, {'host': 'a' * 64}, {'host': 'a.' * 127 + 'a'}],
    ids=lambda spoiled: str(spoiled)[:40])
def test_what_is_never_published_is_not_valid(interface, spoiled):
    example = schema(interface)['examples'][0]
    assert is_valid(interface, example)
    assert not is_valid(interface, dict(example, **spoiled))


@both
@pytest.mark.parametrize('host', [
    'zk_0', 'zk.', 'zk_0.example.', '4.example', 'a' * 63, 'a.' * 126 + 'a',
    'a.' * 126 + 'a.'])
def test_every_hostname_that_a_layer_takes_is_valid(interface, host):
    assert layer(interface, 'wire').KEYS[-1].check(host) == host
    assert is_valid(interface, dict(schema(interface)['examples'][0], host=host))


@both
def test_the_schema_has_the_keys_that_the_layer_has(interface):
    content = schema(interface)
    keys = layer(interface, 'wire').KEYS
    assert list(content['properties']) == [key.name for key in keys]
    assert content['required'] == [key.name for key in keys if not key.optional]


def test_only_flume_refuses_an_ipv6_address():
    assert is_valid('zookeeper', {'port': '1', 'host': 'fd00::1'})
    assert not is_valid('flume-agent', {'port': '1', 'protocol': 'avro',
                                        'host': 'fd00::1'})


# The later protocol called zookeeper.

def later_schema():
    return json.loads((INTERFACES / 'zookeeper/schema-application.json').read_text())


def is_valid_later(side, settings):
    content = later_schema()
    return jsonschema.Draft202012Validator(dict(
        content['properties'][side], **{'$defs': content['$defs']})).is_valid(settings)


paths = st.lists(st.from_regex(r'[A-Za-z0-9_.\xe0-\xf6-]{1,8}', fullmatch=True),
                 min_size=1, max_size=3).map(lambda names: '/' + '/'.join(names))


@many
@given(paths, st.sets(st.sampled_from('cdrwa'), min_size=1).map(''.join), st.booleans())
def test_what_is_asked_for_is_valid(path, acl, as_secrets):
    granted = layer('zookeeper', 'granted')
    try:
        request = granted.request(path, acl)
    except ValueError:
        assert not is_valid_later('client', {'database': path, 'extra-user-roles': 'r'})
        return
    wanted = granted.wanted(request, as_secrets)
    assert wanted['database'] == path
    assert is_valid_later('client', wanted)


GRANTS = {
    'endpoints': st.lists(st.tuples(st.ip_addresses() | st.just('zk_0.lan'), ports).map(
        lambda pair: ('[{}]:{}' if ':' in str(pair[0]) else '{}:{}').format(*pair)),
        min_size=1, max_size=3).map(','.join),
    'database': paths | paths.map(lambda path: path[1:]),
    'username': st.just('relation-7'),
    'password': st.from_regex(r'[!-~]{1,9}', fullmatch=True)}


@many
@given(st.fixed_dictionaries(GRANTS, optional={
    'resource': GRANTS['database'], 'tls': st.sampled_from(['enabled', 'disabled']),
    'version': st.just('v0')}))
def test_what_a_valid_server_grants_is_understood(settings):
    found, faults = layer('zookeeper', 'granted').understand(
        settings, {'secret-user': {}, 'secret-tls': {}})
    used = dict(settings, database=settings.get('resource', settings['database']))
    assert (faults == []) is is_valid_later('server', used)
    if not faults:
        path = settings.get('resource', settings['database'])
        assert found['path'].lstrip('/') == path.lstrip('/')
        assert {'{}:{}'.format(*endpoint) for endpoint in found['endpoints']} == set(
            settings['endpoints'].replace('[', '').replace(']', '').split(','))


def test_the_later_examples_are_valid_and_served(juju):
    examples = later_schema()['examples']
    assert len(examples) >= 2
    for example in examples:
        for side, published in example.items():
            assert is_valid_later(side, published)
            assert is_valid_later(side, dict(published, other='x'))
        grant = dict(example['server'], username='me', password='x')
        secrets = {key: {} for key in ('secret-user', 'secret-tls')}
        details, faults = layer('zookeeper', 'granted').parse(grant, secrets, None, 'x')
        assert details['path'] == '/kafka' and faults == []


@pytest.mark.parametrize('side, spoiled', [
    ('client', {'database': 'kafka'}), ('client', {'database': '/'}),
    ('client', {'database': '/a\n'}), ('client', {'extra-user-roles': ''}),
    ('client', {'extra-user-roles': 'rc'}), ('client', {'requested-secrets': '[]'}),
    ('server', {'endpoints': 'zk'}), ('server', {'endpoints': ''}),
    ('server', {'endpoints': 'zk:1,'}), ('server', {'database': 'a b'}),
    ('server', {'database': '/a/../b'}), ('server', {'username': 'a:b'}),
    ('server', {'password': 'a b'}), ('server', {'secret-user': 'x'}),
    ('server', {'tls-ca': 'x'}), ('server', {'tls': True})], ids=str)
def test_what_is_never_asked_for_or_granted_is_not_valid(side, spoiled):
    example = later_schema()['examples'][0][side]
    assert not is_valid_later(side, dict(example, **spoiled))


@pytest.mark.parametrize('key', ['endpoints', 'database', 'username', 'password'])
def test_without_one_of_these_a_server_is_not_valid(key):
    example = dict(later_schema()['examples'][0]['server'])
    del example[key]
    assert not is_valid_later('server', example)
