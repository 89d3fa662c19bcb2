"""Hook tools that return garbage: no hook fails, and the last known data stay."""
import contextlib
import itertools
import json

import pytest

from .app_data_helpers import GRANT, add_secrets, grant, written_ids
from .harness import (CONNECTED, FLUME_PROVIDES, FLUME_REQUIRES, JOINING, PROVIDES,
                      SIDES, TWO_UNITS, USABLE, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES,
                      assert_listed, deploy_settled, layer)


DEEP = b'[' * 20000 + b']' * 20000

# exit status, output and error output
GARBAGE = {
    'not text': (0, b'\xff\0' * 30000, b''),
    'deep list': (0, DEEP, b''),
    'deep dict': (0, b'{"port":' + DEEP + b'}', b''),
    'null': (0, b'null', b''),
    'NUL in the error': (1, b'', b'ERROR \0 refused\n'),
    'long error that is not text': (1, b'', b'\xff' * 60000),
    'long error of wide characters': (1, b'', '\U0001f600'.encode() * 40000),
    'killed': (-9, b'', b''),
}

each_garbage = pytest.mark.parametrize('garbage', GARBAGE.values(), ids=list(GARBAGE))

# JSON values that are not text, or are invalid text, for each key
VALUES = [0, None, ['2181'], '\0', '\ud800']
# and for one key of each kind of data
MORE_VALUES = [True, {'port': '2181'}, 'deep']


def _id(value):
    return getattr(value, 'id', None) or ascii(value)


def in_turn(names, sides, cases):
    """Test each case with one class; the classes take turns, because they share code.
    """
    return pytest.mark.parametrize('side, ' + names, [
        (side, *case) for side, case in zip(itertools.cycle(sides), cases)], ids=_id)


def with_values(*keys):
    """Test keys with invalid values. Keys can be tuples (class, key)."""
    pairs = [*itertools.product(keys, VALUES),
             *itertools.product(keys[:1], MORE_VALUES)]
    if isinstance(keys[0], str):
        return pytest.mark.parametrize('key, value', pairs, ids=ascii)
    return pytest.mark.parametrize(
        'side, key, value', [(*key, value) for key, value in pairs], ids=_id)


def as_json(value):
    """A successful hook-tool call that prints a value, with DEEP for 'deep'."""
    return 0, json.dumps(value).encode().replace(b'"deep"', DEEP), b''


def run_hooks(juju, unit='remote/0'):
    juju.changed('zk:1', unit)
    juju.relation_hook('changed', 'zk:1')
    juju.relation_hook('created', 'zk:1')
    for name in 'update-status', 'config-changed':
        juju.hook(name)


# Answers that are not of the expected type.

@in_turn('garbage, tool', SIDES, itertools.product(
    GARBAGE, ['relation-list', 'relation-get', 'relation-']))
def test_garbage_of_a_reading_tool_keeps_flags_and_lists(juju, answers, side, garbage,
                                                         tool):
    deploy_settled(juju, side, *TWO_UNITS)
    answers[tool + '*'] = GARBAGE[garbage]
    run_hooks(juju)
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings
    assert all(text.isprintable() and len(text) < 800 for text in juju.warnings)
    answers.clear()
    juju.changed('zk:1', 'remote/0', side.remote_data(7))
    assert juju.flags() == (
        USABLE | JOINING if side.role == 'requires' else USABLE)


@in_turn('garbage', PROVIDES, itertools.product(GARBAGE))
def test_garbage_of_relation_set_never_fails_a_hook(juju, answers, side, garbage):
    deploy_settled(juju, side, *TWO_UNITS)
    answers['relation-set*'] = GARBAGE[garbage]
    juju.hook('config-changed')
    side.send(juju.endpoint(), 1)
    run_hooks(juju)
    assert juju.flags() == USABLE
    answers.clear()
    juju.update_status()
    assert juju.own_data('zk:1') == side.details(1)


@in_turn('names', SIDES, itertools.product([
    [1, None, 'zk:1'], [None], [True], ['zk:1', ['zk:2']], [{}], ['zk'], ['zk:'],
    [':1'], ['zk:x'], ['zk:1\n'], ['zk:-1'], ['zk:\u0661'], ['']]))
def test_relation_ids_with_invalid_names_keep_the_relations(juju, answers, side, names):
    deploy_settled(juju, side, *TWO_UNITS)
    answers['relation-ids*'] = as_json(names)
    run_hooks(juju)
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings == ['zk: relation-ids failed (expected a list of names); '
                             'keeping the last known data']


@in_turn('names', SIDES, itertools.product([
    [0, None, 'remote/0'], [None], [1.5], [['remote/0']], [{}], ['remote'], ['remote/'],
    ['/0'], ['remote/x'], ['remote/0\n'], ['remote/0/1'], ['']]))
def test_relation_list_with_invalid_names_keeps_the_units(juju, answers, side, names):
    deploy_settled(juju, side, *TWO_UNITS)
    answers['relation-list*'] = as_json(names)
    run_hooks(juju)
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings == ['zk: relation-list of the units in zk:1 failed (expected '
                             'a list of names); keeping the last known data']


# Data with invalid values.

@with_values((ZOOKEEPER_REQUIRES, 'port'), (ZOOKEEPER_REQUIRES, 'rest_port'),
             (ZOOKEEPER_REQUIRES, 'host'), (FLUME_REQUIRES, 'protocol'),
             (FLUME_REQUIRES, 'host'), (FLUME_REQUIRES, 'ingress-address'))
def test_unit_data_with_invalid_values_never_fail_a_hook(juju, answers, side, key,
                                                         value):
    deploy_settled(juju, side, *TWO_UNITS)
    answers['relation-get*remote/0'] = as_json(
        dict(side.remote_data(0), **{key: value}))
    run_hooks(juju)
    assert juju.flags() >= USABLE
    assert side.hosts(juju.endpoint())[-1] == '10.0.0.1'
    assert all(isinstance(text, str) for server in getattr(
        juju.endpoint(), side.listing)() for text in server.values() if text)
    answers.clear()
    juju.update_status()
    assert_listed(juju, side, 0, 1)


@with_values((ZOOKEEPER_PROVIDES, 'port'), (ZOOKEEPER_PROVIDES, 'rest_port'),
             (ZOOKEEPER_PROVIDES, 'host'), (FLUME_PROVIDES, 'protocol'))
def test_own_data_with_invalid_values_never_fail_a_hook(juju, answers, side, key,
                                                        value):
    deploy_settled(juju, side, *TWO_UNITS)
    answers['relation-get*local/0'] = as_json({key: value})
    run_hooks(juju)
    assert juju.flags() == USABLE
    assert juju.own_data('zk:1') == side.details(0)


@pytest.fixture
def granted_client(client):
    """The client's charm has called request(), and its server has granted it."""
    grant(client)
    return client


@with_values(*GRANT, 'tls-ca', 'secret-user', 'resource')
def test_application_data_with_invalid_values_never_fail_a_hook(
        granted_client, answers, key, value):
    answers['relation-get*--app - server'] = as_json(
        dict(GRANT, **{'tls': 'enabled', key: value}))
    run_hooks(granted_client, 'server/0')
    assert granted_client.flags() >= CONNECTED
    granted_client.endpoint().connection_string()
    with contextlib.suppress(ValueError):
        granted_client.endpoint().credentials()
        granted_client.endpoint().tls()
    answers.clear()
    granted_client.update_status()
    assert granted_client.flags() >= USABLE


@with_values('username', 'password', 'tls', 'tls-ca')
def test_secrets_with_invalid_values_never_fail_a_hook(granted_client, answers, key,
                                                       value):
    content = {'username': 'a', 'password': 'b', 'tls': 'enabled'}
    answers['secret-get*'] = as_json(dict(content, **{key: value}))
    run_hooks(granted_client, 'server/0')
    assert granted_client.flags() >= CONNECTED
    with contextlib.suppress(ValueError):
        granted_client.endpoint().credentials()
    answers.clear()
    granted_client.update_status()
    assert granted_client.flags() >= USABLE


@each_garbage
@pytest.mark.parametrize('tool', ['secret-get', 'relation-get'])
def test_garbage_of_a_tool_for_grants_keeps_the_grant(granted_client, answers, tool,
                                                      garbage):
    answers[tool + '*'] = garbage
    run_hooks(granted_client, 'server/0')
    assert granted_client.flags() == USABLE
    assert granted_client.endpoint().connection_string() == (
        '10.0.0.1:2181,10.0.0.2:2181/kafka')


@each_garbage
def test_garbage_of_secret_info_get_delays_the_use_of_a_new_secret(
        granted_client, answers, garbage):
    answers['secret-info-get*'] = garbage
    granted_client.join('zk:2', 'another/0')
    granted, _ = add_secrets(granted_client, 'zk:2')
    granted_client.application_changed('zk:2', granted)
    assert not granted_client.endpoint().connection_string(application='another')
    answers.clear()
    granted_client.update_status()
    assert granted_client.endpoint().connection_string(application='another')


@with_values('database', 'extra-user-roles')
def test_own_application_data_with_invalid_values_never_fail_a_hook(juju, answers, key,
                                                                    value):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    answers['relation-get*--app - local'] = as_json(
        dict({'database': '/kafka', 'extra-user-roles': 'r'}, **{key: value}))
    juju.endpoint().request('/kafka', 'r')
    run_hooks(juju, 'server/0')
    answers.clear()
    run_hooks(juju, 'server/0')
    assert juju.flags() == CONNECTED


@each_garbage
def test_garbage_of_is_leader_delays_the_request(juju, answers, garbage):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    answers['is-leader*'] = garbage
    juju.endpoint().request('/kafka')
    run_hooks(juju, 'server/0')
    assert juju.app_writes == []
    answers.clear()
    juju.update_status()
    assert written_ids(juju) == ['zk:1']


def test_argument_that_is_deeply_nested_raises_value_error(juju, provides):
    nested = []
    for _ in range(20000):
        nested = [nested]
    juju.deploy(provides)
    with pytest.raises(ValueError, match='^port is a huge value, not an integer'):
        getattr(juju.endpoint(), provides.send_method)(nested)
    while nested:
        nested = nested.pop()       # without recursion


def test_error_of_a_hook_tool_is_short_and_printable():
    error = layer('flume-agent', 'common.hooktools').HookToolError
    assert str(error('relation-get', '\0\n\x7f\u00e9')) == 'no error message'
    assert str(error('relation-get', ' ERROR\n a\0b ')) == 'ERROR  a b'
    assert len(str(error('relation-get', 'x' * 100000))) == 500
