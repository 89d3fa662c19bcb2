"""Data that a layer writes are valid by its JSON schema; valid data are listed."""
import json

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .harness import (FLUME_PROVIDES, FLUME_REQUIRES, INTERFACES, ROOT,
                      ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES, layer)

each_interface = pytest.mark.parametrize('interface', INTERFACES)
many_examples = settings(deadline=None, max_examples=60,
                         suppress_health_check=list(HealthCheck))

ports = st.integers(1, 65535)
hosts = (st.ip_addresses().map(str)
         | st.from_regex(r'[a-z0-9_-]{1,8}(\.[A-Z0-9_-]{1,8}){0,3}\.?', fullmatch=True))
protocols = st.sampled_from(['avro', 'thrift'])


def read_schema(path):
    return json.loads((ROOT / 'interfaces' / path).read_text())


def unit_schema(interface):
    return read_schema(interface + '/schema.json')


def is_valid(interface, data):
    return jsonschema.Draft202012Validator(
        unit_schema(interface),
        format_checker=jsonschema.FormatChecker()).is_valid(data)


def related_endpoint(juju, side):
    """An endpoint in a new hook, with a relation that all examples share."""
    if not juju.metadata.get(side.role, {}):
        juju.deploy(side)
        juju.join('zk:1', 'remote/0')
    juju.hook('config-changed')
    return juju.endpoint()


def listed(juju, requires, data):
    """What a client lists when its only remote unit has this data."""
    related_endpoint(juju, requires)
    juju.changed('zk:1', 'remote/0', data)
    return requires.listed(juju.endpoint())


def expected_list(requires, data):
    host = data.get('host', data.get('ingress-address'))
    if requires is ZOOKEEPER_REQUIRES:
        return [{'host': host, 'port': data['port'],
                 'rest_port': data.get('rest_port')}]
    return [{'name': 'remote-0', 'host': host, 'port': data['port'],
             'protocol': data['protocol']}]


@many_examples
@given(ports, st.none() | ports, st.none() | hosts)
def test_details_that_a_zookeeper_server_writes_are_valid(juju, port, rest_port, host):
    endpoint = related_endpoint(juju, ZOOKEEPER_PROVIDES)
    try:
        endpoint.send_port(port, rest_port, host)
    except ValueError:
        assert not is_valid('zookeeper', {'port': '1', 'host': host})
        return
    written = juju.own_data('zk:1')
    assert written['port'] == str(port)
    assert is_valid('zookeeper', written)


@many_examples
@given(ports, protocols)
def test_details_that_a_flume_sink_writes_are_valid(juju, port, protocol):
    related_endpoint(juju, FLUME_PROVIDES).send_configuration(str(port), protocol)
    written = juju.own_data('zk:1')
    assert written == {'port': str(port), 'protocol': protocol}
    assert is_valid('flume-agent', written)


@many_examples
@given(st.fixed_dictionaries({'port': ports.map(str)}, optional={
    'rest_port': ports.map(str), 'host': hosts,
    'egress-subnets': st.just('10.0.0.9/32')}))
def test_zookeeper_server_with_valid_data_is_listed(juju, data):
    assert_listed_if_valid(juju, ZOOKEEPER_REQUIRES, data)


@many_examples
@given(st.fixed_dictionaries(
    {'port': ports.map(str), 'protocol': protocols}, optional={'host': hosts}))
def test_flume_sink_with_valid_data_is_listed(juju, data):
    assert_listed_if_valid(juju, FLUME_REQUIRES, data)


def assert_listed_if_valid(juju, requires, data):
    assume(is_valid(requires.interface, data))
    data['ingress-address'] = '10.0.0.9'
    assert listed(juju, requires, data) == expected_list(requires, data)


def test_schema_examples_are_valid_and_listed(juju, requires):
    examples = unit_schema(requires.interface)['examples']
    assert len(examples) >= 3
    for example in examples:
        assert is_valid(requires.interface, example)
        data = dict(example, **{'ingress-address': '10.0.0.9'})
        assert listed(juju, requires, data) == expected_list(requires, data)


@each_interface
@pytest.mark.parametrize('change', [
    {'port': '0'}, {'port': '65536'}, {'port': '02181'}, {'port': '2181\n'},
    {'port': 2181}, {'port': ''}, {'host': ''}, {'host': 'a b'}, {'host': '-a'},
    {'host': '10.0.0'}, {'host': '10.0.0.1\n'}, {'host': '[fd00::1]'},
    {'host': '10.0.0.1.'}, {'host': 'a..'}, {'host': 'a.\n'}, {'host': 'a-.'},
    {'host': 'fe80::1%eth0'}, {'host': 'a' * 64}, {'host': 'a.' * 127 + 'a'}],
    ids=lambda change: str(change)[:40])
def test_data_that_no_layer_writes_are_not_valid(interface, change):
    example = unit_schema(interface)['examples'][0]
    assert is_valid(interface, example)
    assert not is_valid(interface, dict(example, **change))


@each_interface
@pytest.mark.parametrize('host', [
    'zk_0', 'zk.', 'zk_0.example.', '4.example', 'a' * 63, 'a.' * 126 + 'a',
    'a.' * 126 + 'a.'])
def test_hostname_that_a_layer_accepts_is_valid(interface, host):
    assert layer(interface, 'unit_data').KEYS[-1].validate(host) == host
    assert is_valid(interface, dict(unit_schema(interface)['examples'][0], host=host))


@each_interface
def test_schema_has_the_keys_of_the_layer(interface):
    schema = unit_schema(interface)
    keys = layer(interface, 'unit_data').KEYS
    assert list(schema['properties']) == [key.name for key in keys]
    assert schema['required'] == [key.name for key in keys if not key.optional]


def test_schema_allows_ipv6_for_zookeeper_only():
    assert is_valid('zookeeper', {'port': '1', 'host': 'fd00::1'})
    assert not is_valid('flume-agent', {'port': '1', 'protocol': 'avro',
                                        'host': 'fd00::1'})


def app_schema():
    return read_schema('zookeeper/schema-application.json')


def is_valid_app_data(side, data):
    schema = app_schema()
    return jsonschema.Draft202012Validator(dict(
        schema['properties'][side], **{'$defs': schema['$defs']})).is_valid(data)


paths = st.lists(st.from_regex(r'[A-Za-z0-9_.\xe0-\xf6-]{1,8}', fullmatch=True),
                 min_size=1, max_size=3).map(lambda names: '/' + '/'.join(names))


@many_examples
@given(paths, st.sets(st.sampled_from('cdrwa'), min_size=1).map(''.join), st.booleans())
def test_request_of_a_client_is_valid(path, acl, as_secrets):
    app_data = layer('zookeeper', 'app_data')
    try:
        request = app_data.request(path, acl)
    except ValueError:
        assert not is_valid_app_data('client',
                                     {'database': path, 'extra-user-roles': 'r'})
        return
    wanted = app_data.request_data(request, as_secrets)
    assert wanted['database'] == path
    assert is_valid_app_data('client', wanted)


GRANT_KEYS = {
    'endpoints': st.lists(st.tuples(st.ip_addresses() | st.just('zk_0.lan'), ports).map(
        lambda pair: ('[{}]:{}' if ':' in str(pair[0]) else '{}:{}').format(*pair)),
        min_size=1, max_size=3).map(','.join),
    'database': paths | paths.map(lambda path: path[1:]),
    'username': st.just('relation-7'),
    'password': st.from_regex(r'[!-~]{1,9}', fullmatch=True)}


@many_examples
@given(st.fixed_dictionaries(GRANT_KEYS, optional={
    'resource': GRANT_KEYS['database'], 'tls': st.sampled_from(['enabled', 'disabled']),
    'version': st.just('v0')}))
def test_granted_path_and_password_have_no_problems_if_and_only_if_valid(grant):
    found, problems = layer('zookeeper', 'app_data').parse_grant(
        grant, {'secret-user': {}, 'secret-tls': {}})
    path = grant.get('resource', grant['database'])
    assert (problems == []) is is_valid_app_data('server', dict(grant, database=path))
    if not problems:
        assert found['path'].lstrip('/') == path.lstrip('/')
        endpoints = grant['endpoints'].replace('[', '').replace(']', '').split(',')
        assert {'{host}:{port}'.format(**server)
                for server in found['endpoints']} == set(endpoints)


def test_app_schema_examples_are_valid_and_have_no_problems():
    examples = app_schema()['examples']
    assert len(examples) >= 2
    for example in examples:
        for side, data in example.items():
            assert is_valid_app_data(side, data)
            assert is_valid_app_data(side, dict(data, other='x'))
        grant = dict(example['server'], username='me', password='x')
        secrets = {key: {} for key in ('secret-user', 'secret-tls')}
        parsed, problems = layer('zookeeper', 'app_data').parse_grant(grant, secrets)
        assert parsed['path'] == '/kafka' and problems == []


@pytest.mark.parametrize('side, change', [
    ('client', {'database': 'kafka'}), ('client', {'database': '/'}),
    ('client', {'database': '/a\n'}), ('client', {'extra-user-roles': ''}),
    ('client', {'extra-user-roles': 'rc'}), ('client', {'requested-secrets': '[]'}),
    ('server', {'endpoints': 'zk'}), ('server', {'endpoints': ''}),
    ('server', {'endpoints': 'zk:1,'}), ('server', {'database': 'a b'}),
    ('server', {'database': '/a/../b'}), ('server', {'username': 'a:b'}),
    ('server', {'password': 'a b'}), ('server', {'secret-user': 'x'}),
    ('server', {'tls-ca': 'x'}), ('server', {'tls': True})], ids=str)
def test_app_data_with_an_invalid_value_are_not_valid(side, change):
    example = app_schema()['examples'][0][side]
    assert not is_valid_app_data(side, dict(example, **change))


@pytest.mark.parametrize('key', ['endpoints', 'database', 'username', 'password'])
def test_grant_without_a_required_key_is_not_valid(key):
    example = dict(app_schema()['examples'][0]['server'])
    del example[key]
    assert not is_valid_app_data('server', example)
