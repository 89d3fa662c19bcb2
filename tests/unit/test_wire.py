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
        juju.join('quorum:1', 'far/0')
    juju.hook('config-changed')
    return juju.endpoint()


def served(juju, side, settings):
    """What the requires side lists of a unit that has published this."""
    related(juju, side)
    juju.changed('quorum:1', 'far/0', settings)
    endpoint = juju.endpoint()
    return (endpoint.zookeepers() if side is ZOOKEEPER_REQUIRES
            else endpoint.agents())


def expected(side, settings):
    host = settings.get('host', settings.get('ingress-address'))
    if side is ZOOKEEPER_REQUIRES:
        return [{'host': host, 'port': settings['port'],
                 'rest_port': settings.get('rest_port')}]
    return [{'name': 'far-0', 'host': host, 'port': settings['port'],
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
    told = juju.told('quorum:1')
    assert told['port'] == str(port)
    assert is_valid('zookeeper', told)


@many
@given(ports, protocols)
def test_what_a_flume_sink_publishes_is_valid(juju, port, protocol):
    related(juju, FLUME_PROVIDES).send_configuration(str(port), protocol)
    juju.end()
    told = juju.told('quorum:1')
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
