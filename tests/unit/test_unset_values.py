"""Unit data that are unset, incomplete, or written as JSON strings."""
import json

import pytest

from .app_data_helpers import written_ids
from .harness import (CONNECTED, FLUME_REQUIRES, JOINING, USABLE, ZOOKEEPER_PROVIDES,
                      ZOOKEEPER_REQUIRES, assert_listed, deploy_settled)
from .value_helpers import HOST, PORT

UNSET = ['', 'None', 'null', '""', '"None"', '"null"']


# Texts that mean that a value is unset.

@pytest.mark.parametrize('host', UNSET)
def test_host_that_is_unset_is_replaced_by_the_address_from_juju(juju, requires, host):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.remote_data(0), host=host))
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, requires, 0)
    assert juju.warnings == []


@pytest.mark.parametrize('text', ['none', 'NULL', 'nullify', 'None.example'])
def test_host_that_resembles_an_unset_value_is_used(juju, requires, text):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.remote_data(0), host=text))
    assert requires.hosts(juju.endpoint()) == [text]


@pytest.mark.parametrize('value', UNSET)
def test_rest_port_that_is_unset_is_none(juju, value):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'remote/0',
              dict(ZOOKEEPER_REQUIRES.remote_data(0), rest_port=value))
    assert [server['rest_port'] for server in juju.endpoint().zookeepers()] == [None]
    assert juju.warnings == []


@pytest.mark.parametrize('host', ['None', 'null'])
def test_host_that_means_unset_cannot_be_sent(juju, host):
    deploy_settled(juju, ZOOKEEPER_PROVIDES, ('zk:1', 'remote/0'))
    with pytest.raises(ValueError) as error:
        juju.endpoint().send_port(2181, host=host)
    assert str(error.value) == "host is '{}', not {}".format(host, HOST)
    assert juju.own_data('zk:1') == ZOOKEEPER_PROVIDES.details(0)


# Incomplete unit data.

@pytest.mark.parametrize('requires, data, problem', [
    (FLUME_REQUIRES, {'port': '4141'}, 'protocol is missing'),
    (FLUME_REQUIRES, {'port': '4141', 'protocol': 'None'}, 'protocol is missing'),
    (FLUME_REQUIRES, {'protocol': 'avro'}, 'port is missing'),
    (FLUME_REQUIRES, {'host': 'sink'}, 'port is missing; protocol is missing'),
    (FLUME_REQUIRES, {'port': 'x'}, "port is 'x', not {}; protocol is missing".format(
        PORT)),
    (ZOOKEEPER_REQUIRES, {'rest_port': '9998'}, 'port is missing'),
    (ZOOKEEPER_REQUIRES, {'host': 'zk'}, 'port is missing'),
    (ZOOKEEPER_REQUIRES, {'port': 'null', 'host': 'zk'}, 'port is missing'),
], ids=lambda value: getattr(value, 'id', str(value)))
def test_incomplete_data_are_logged_once_with_what_is_missing(juju, requires, data,
                                                              problem):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(data, **{'ingress-address': '10.0.0.1'}))
    juju.changed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == CONNECTED
    assert juju.warnings == ['zk: remote/0 is not usable: ' + problem]


def test_incomplete_data_are_logged_again_after_the_unit_was_usable(juju, requires):
    incomplete = dict(requires.remote_data(0), port='', host='10.0.0.1')
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', incomplete)
    juju.changed('zk:1', 'remote/0', requires.remote_data(0))
    juju.changed('zk:1', 'remote/0', incomplete)
    assert juju.warnings == ['zk: remote/0 is not usable: port is missing'] * 2


SILENT = [{}, {'ingress-address': '10.0.0.1'}, {'ingress-address': 'fd00::1%eth0'},
          {'ingress-address': 'a b', 'egress-subnets': '?'}, {'private-address': '-'},
          {'ingress-address': '-', 'host': 'None', 'port': ''}, {'host': '"null"'},
          {'unknown': 'key'}]


@pytest.mark.parametrize('data', SILENT, ids=str)
def test_silent_unit_is_connected_and_logs_nothing(juju, requires, data):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', data)
    juju.changed('zk:1', 'remote/0')
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED
    assert juju.warnings == []


@pytest.mark.parametrize('data', SILENT, ids=str)
def test_request_is_sent_although_a_silent_unit_has_an_unusable_address(
        unrelated_client, data):
    unrelated_client.join('zk:1', 'server/0', data)
    assert written_ids(unrelated_client) == ['zk:1']
    assert unrelated_client.warnings == []


# JSON strings.

def quoted(data):
    return {key: json.dumps(value) for key, value in data.items()}


@pytest.mark.parametrize('requires, data', [
    (ZOOKEEPER_REQUIRES, {'host': '10.0.0.1', 'port': '2181', 'rest_port': '9998'}),
    (FLUME_REQUIRES, {'host': '10.0.0.1', 'port': '4141', 'protocol': 'thrift'}),
], ids=['zookeeper', 'flume-agent'])
def test_json_strings_are_read_for_their_value(juju, requires, data):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', quoted(data))
    (listed,) = requires.listed(juju.endpoint())
    assert {key: listed[key] for key in data} == data
    assert juju.warnings == []
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', data)
    assert juju.flags() == USABLE, 'the same details'


@pytest.mark.parametrize('data, problem', [
    ({'port': '"2181'}, "port is '\"2181', not " + PORT),
    ({'port': '"2181" x'}, "port is '\"2181\" x', not " + PORT),
    ({'port': '"\\"2181\\""'}, "port is '\"2181\"', not " + PORT),
    ({'port': '" 2181"'}, "port is ' 2181', not " + PORT),
    ({'host': '"a\\nb"'}, r"host is 'a\nb', not " + HOST),
    ({'host': '"\\ud800"'}, r"host is '\ud800', not " + HOST),
    ({'host': '"[fd00::1]"'}, "host is '[fd00::1]', not " + HOST)], ids=str)
def test_json_strings_are_checked_like_plain_values(juju, requires, data, problem):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(requires.remote_data(0), **data))
    assert juju.flags() == CONNECTED
    assert juju.warnings == ['zk: remote/0 is not usable: ' + problem]


def test_provider_adopts_details_in_json_strings_that_an_earlier_layer_sent(juju,
                                                                            provides):
    details = {key: text for key, text in provides.details().items() if key != 'host'}
    juju.declare(provides)
    juju.skip_joined('zk:1', 'remote/0')
    juju.update_own_data('zk:1', quoted(details))
    juju.hook('upgrade-charm')
    assert juju.flags() >= USABLE
    juju.join('zk:2', 'second/0')
    assert juju.own_data('zk:2') == details
