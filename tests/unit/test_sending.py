"""Details that providers send: which values they accept, and where they write them."""
import pytest

from .harness import (DEPARTING, FLUME_PROVIDES, JOINING, LOCAL, NOTHING, USABLE,
                      ZOOKEEPER_PROVIDES)
from .value_helpers import HOST, PORT


@pytest.mark.parametrize('method', ['send_port', 'send_connection'])
@pytest.mark.parametrize('arguments, named, written', [
    ((2181,), {}, {'port': '2181'}),
    (('2181',), {}, {'port': '2181'}),
    ((), {'port': 1}, {'port': '1'}),
    ((65535, 9998), {}, {'port': '65535', 'rest_port': '9998'}),
    ((2181, '65535', 'zk'), {}, {'port': '2181', 'rest_port': '65535', 'host': 'zk'}),
    ((2181,), {'host': 'fd00::1'}, {'port': '2181', 'host': 'fd00::1'}),
    ((2181, None, None), {}, {'port': '2181'}),
    ((2181, '', ''), {}, {'port': '2181'}),
    ((2181,), {'rest_port': 1, 'host': '10.0.0.1'},
     {'port': '2181', 'rest_port': '1', 'host': '10.0.0.1'}),
    ((2181,), {'host': 'zk_0.example.'}, {'port': '2181', 'host': 'zk_0.example.'}),
], ids=str)
def test_zookeeper_server_writes_given_details(juju, method, arguments, named, written):
    juju.deploy_joined(ZOOKEEPER_PROVIDES)
    getattr(juju.endpoint(), method)(*arguments, **named)
    assert juju.own_data('zk:1') == written


@pytest.mark.parametrize('arguments, named, written', [
    ((4141,), {}, {'port': '4141', 'protocol': 'avro'}),
    (('1', 'thrift'), {}, {'port': '1', 'protocol': 'thrift'}),
    ((), {'port': 65535, 'protocol': 'avro'}, {'port': '65535', 'protocol': 'avro'}),
    ((4141, ''), {}, {'port': '4141', 'protocol': 'avro'}),
    ((4141, None), {}, {'port': '4141', 'protocol': 'avro'}),
], ids=str)
def test_flume_sink_writes_given_details(juju, arguments, named, written):
    juju.deploy_joined(FLUME_PROVIDES)
    juju.endpoint().send_configuration(*arguments, **named)
    assert juju.own_data('zk:1') == written


@pytest.mark.parametrize('arguments, message', [
    ((0,), 'port is 0, not ' + PORT),
    (('0',), "port is '0', not " + PORT),
    ((65536,), 'port is 65536, not ' + PORT),
    ((-1,), 'port is -1, not ' + PORT),
    ((True,), 'port is True, not ' + PORT),
    ((2181.0,), 'port is 2181.0, not ' + PORT),
    (('2181.0',), "port is '2181.0', not " + PORT),
    ((None,), 'port is None, not ' + PORT),
    (('',), "port is '', not " + PORT),
    (('2181\n',), r"port is '2181\n', not " + PORT),
    (('x' * 60,), "port is '" + 'x' * 59 + '... (62 characters), not ' + PORT),
    ((2181, 0), 'rest_port is 0, not ' + PORT),
    ((2181, False), 'rest_port is False, not ' + PORT),
    ((2181, '9998.0'), "rest_port is '9998.0', not " + PORT),
    ((2181, 9998, 'zk..'), "host is 'zk..', not " + HOST),
    ((2181, 9998, '[fd00::1]'), "host is '[fd00::1]', not " + HOST),
    ((2181, 9998, 'zk\n'), r"host is 'zk\n', not " + HOST),
    ((2181, 9998, 10), 'host is 10, not ' + HOST),
], ids=ascii)
@pytest.mark.parametrize('method', ['send_port', 'send_connection'])
def test_invalid_zookeeper_details_raise_value_error(juju, method, arguments, message):
    assert_invalid(juju, ZOOKEEPER_PROVIDES, method, arguments, message)


@pytest.mark.parametrize('arguments, message', [
    ((0,), 'port is 0, not ' + PORT),
    ((None,), 'port is None, not ' + PORT),
    (('4141.0',), "port is '4141.0', not " + PORT),
    ((4141, 'http'), "protocol is 'http', not avro or thrift"),
    ((4141, 'Avro'), "protocol is 'Avro', not avro or thrift"),
    ((4141, False), 'protocol is False, not avro or thrift'),
    (('x', 'y'), "port is 'x', not " + PORT),
], ids=ascii)
def test_invalid_flume_details_raise_value_error(juju, arguments, message):
    assert_invalid(juju, FLUME_PROVIDES, 'send_configuration', arguments, message)


def assert_invalid(juju, provides, method, arguments, message):
    """Assert that sending raises ValueError, and writes nothing."""
    juju.deploy_joined(provides)
    with pytest.raises(ValueError) as error:
        getattr(juju.endpoint(), method)(*arguments)
    assert str(error.value) == message
    juju.update_status()
    assert juju.writes == []
    assert juju.own_data('zk:1') == {}
    assert juju.flags() == provides.flags_without_details | JOINING


def test_huge_port_raises_value_error_with_its_name(juju, provides):
    """Newer Pythons refuse to convert such an integer to text."""
    juju.deploy(provides)
    send = getattr(juju.endpoint(), provides.send_method)
    with pytest.raises(ValueError, match='^port is .*, not an integer from 1 to'):
        send(10 ** 5000)


def test_invalid_details_leave_those_sent_before(juju, provides):
    juju.deploy_joined(provides)
    provides.send(juju.endpoint())
    with pytest.raises(ValueError):
        getattr(juju.endpoint(), provides.send_method)(0)
    juju.update_status()
    assert juju.flags() == USABLE | JOINING
    assert juju.own_data('zk:1') == provides.details()


def test_sending_without_clients_sets_no_flag(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    assert juju.flags() == NOTHING
    assert juju.writes == []
    juju.created('zk:1')
    assert juju.flags() == NOTHING
    assert juju.own_data('zk:1') == provides.details()


def test_available_is_cleared_with_the_last_client_and_set_again(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.join('zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING
    juju.join('zk:1', 'remote/1')
    assert juju.flags() == USABLE | JOINING | DEPARTING
    assert len(juju.writes) == 1


def test_details_are_written_in_each_relation(juju, provides):
    juju.deploy(provides)
    for number in (1, 2, 10):
        juju.join('zk:{}'.format(number), 'remote-{}/0'.format(number))
    provides.send(juju.endpoint())
    relation_ids = ['zk:1', 'zk:10', 'zk:2']
    assert juju.writes == [(relation_id, provides.details())
                           for relation_id in relation_ids]
    for relation_id in relation_ids:
        assert juju.own_data(relation_id) == provides.details()


def test_details_are_written_in_relations_made_later(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.joined('zk:1', 'remote/0')
    assert juju.flags() == USABLE | JOINING
    assert juju.own_data('zk:1') == provides.details()
    juju.created('zk:2', 'third')
    juju.joined('zk:2', 'third/0')
    assert juju.own_data('zk:2') == provides.details()
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:1', 'zk:2']
    assert juju.flags() == USABLE | JOINING


def test_details_are_written_in_a_relation_that_update_status_finds(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.skip_joined('zk:1', 'remote/0')
    juju.hook('config-changed')
    assert juju.writes == []
    juju.update_status()
    assert juju.flags() == USABLE | JOINING
    assert juju.own_data('zk:1') == provides.details()


def test_details_are_written_in_relations_of_their_endpoint_only(juju, provides):
    juju.deploy(provides, 'one', 'two')
    juju.join('one:1', 'remote/0')
    juju.join('two:2', 'remote/1')
    provides.send(juju.endpoint('one'))
    assert juju.own_data('one:1') == provides.details()
    assert juju.own_data('two:2') == {}
    juju.update_status()
    assert juju.flags('one') == USABLE | JOINING
    assert juju.flags('two') == provides.flags_without_details | JOINING


def test_equal_details_are_not_written_again(juju, provides):
    juju.deploy_joined(provides)
    provides.send(juju.endpoint())
    assert juju.flags() == USABLE | JOINING
    assert len(juju.writes) == 1
    provides.send(juju.endpoint())
    for hook in ('config-changed', 'update-status', 'upgrade-charm'):
        juju.hook(hook)
        provides.send(juju.endpoint())
    juju.changed('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    juju.joined('zk:1', 'remote/1')
    provides.send(juju.endpoint())
    assert len(juju.writes) == 1


def test_equal_details_in_another_spelling_are_not_written_again(juju):
    juju.deploy_joined(ZOOKEEPER_PROVIDES)
    juju.endpoint().send_port(2181, 9998)
    juju.endpoint().send_connection('02181', '9998', None)
    assert len(juju.writes) == 1


def test_new_details_are_written_in_each_relation(juju, provides):
    juju.deploy_joined(provides)
    juju.join('zk:2', 'third/0')
    provides.send(juju.endpoint())
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.flags() == USABLE | JOINING
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.details(1)
    assert len(juju.writes) == 4
    juju.update_status()
    assert len(juju.writes) == 4


def test_omitted_details_are_deleted(juju):
    juju.deploy_joined(ZOOKEEPER_PROVIDES)
    juju.endpoint().send_port(2181, 9998, 'zk')
    juju.endpoint().send_port(2181)
    assert juju.own_data('zk:1') == {'port': '2181'}
    juju.changed('zk:1', 'remote/0')
    juju.endpoint().send_port(2181, host='zk')
    assert juju.own_data('zk:1') == {'port': '2181', 'host': 'zk'}


def test_details_leave_the_keys_that_juju_writes(juju, provides):
    juju.deploy_joined(provides)
    provides.send(juju.endpoint())
    juju.end()
    data = juju.relation('zk:1').unit_databags[LOCAL].data
    assert data['ingress-address'] == '10.9.9.9'


def test_client_data_are_ignored(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.join('zk:1', 'remote/0', {'port': 'x', 'host': '\n', 'protocol': None})
    assert juju.flags() == USABLE | JOINING
    assert juju.warnings == []
    assert juju.own_data('zk:1') == provides.details()


def test_lost_write_is_not_repeated_in_broken(juju, provides):
    juju.deploy_joined(provides)
    juju.departed('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    juju.fail(late=True)
    juju.broken('zk:1')
    assert len(juju.writes) == 1
    juju.hook('config-changed')
    assert juju.flags() == DEPARTING


def test_details_sent_before_are_not_written_in_broken(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.skip_created('zk:1')
    juju.broken('zk:1')
    assert juju.writes == []


def test_details_sent_in_broken_are_only_written_in_other_relations(juju, provides):
    juju.deploy_joined(provides)
    juju.join('zk:2', 'third/0')
    juju.departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    provides.send(juju.endpoint())
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:2']


def test_relation_that_ends_before_its_write_is_confirmed_is_forgotten(juju, provides):
    juju.deploy_joined(provides)
    provides.send(juju.endpoint())
    juju.departed('zk:1', 'remote/0')
    juju.joined('zk:2', 'third/0')
    juju.remove_without_hook('zk:2')
    juju.update_status()
    assert juju.flags() == DEPARTING
    juju.created('zk:3')
    assert juju.own_data('zk:3') == provides.details()


# A unit's first created hook: Juju lists all relations, and keeps what it writes there.

def test_first_created_hook_writes_details_in_all_relations(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    for number in range(1, 7):
        juju.skip_created('zk:{}'.format(number), 'client{}'.format(number))
    juju.relation_hook('created', 'zk:4')
    for number in range(1, 7):
        assert juju.own_data('zk:{}'.format(number)) == provides.details()
    for number in range(1, 7):
        juju.relation_hook('created', 'zk:{}'.format(number))
        assert juju.calls == {'relation-list': 1, 'relation-get': 1}


def test_later_created_hook_writes_details_in_its_relation_only(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.created('zk:1')
    juju.skip_created('zk:2', 'second')
    juju.created('zk:3', 'third')
    assert juju.own_data('zk:2') == {}
    assert juju.own_data('zk:3') == provides.details()
