"""What the provides sides publish, to whom and when."""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import FLUME_PROVIDES
from .harness import JOINING
from .harness import LOCAL
from .harness import ZOOKEEPER_PROVIDES

PORT = 'an integer from 1 to 65535'
HOST = 'a hostname or an IP address'


@pytest.mark.parametrize('method', ['send_port', 'send_connection'])
@pytest.mark.parametrize('arguments, named, told', [
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
def test_a_zookeeper_server_tells_how_it_is_reached(juju, method, arguments, named,
                                                    told):
    juju.deploy(ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    getattr(juju.endpoint(), method)(*arguments, **named)
    assert juju.own_data('zk:1') == told


@pytest.mark.parametrize('arguments, named, told', [
    ((4141,), {}, {'port': '4141', 'protocol': 'avro'}),
    (('1', 'thrift'), {}, {'port': '1', 'protocol': 'thrift'}),
    ((), {'port': 65535, 'protocol': 'avro'}, {'port': '65535', 'protocol': 'avro'}),
    ((4141, ''), {}, {'port': '4141', 'protocol': 'avro'}),
    ((4141, None), {}, {'port': '4141', 'protocol': 'avro'}),
], ids=str)
def test_a_flume_sink_tells_how_it_is_reached(juju, arguments, named, told):
    juju.deploy(FLUME_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().send_configuration(*arguments, **named)
    assert juju.own_data('zk:1') == told


def test_sending_makes_available_at_once(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_sending_to_nobody_makes_nothing_available(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    assert juju.flags() == set()
    assert juju.writes == []
    juju.created('zk:1')
    assert juju.flags() == set()
    assert juju.own_data('zk:1') == provides.wire()


def test_what_was_sent_once_reaches_relations_made_later(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.joined('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.own_data('zk:1') == provides.wire()
    juju.created('zk:2', 'third')
    juju.joined('zk:2', 'third/0')
    assert juju.own_data('zk:2') == provides.wire()
    assert [rid for rid, _ in juju.writes] == ['zk:1', 'zk:2']
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_it_reaches_all_relations_there_are(juju, provides):
    juju.deploy(provides)
    for number in (1, 2, 10):
        juju.join('zk:{}'.format(number), 'remote-{}/0'.format(number))
    provides.send(juju.endpoint())
    assert juju.writes == [(rid, provides.wire()) for rid in (
        'zk:1', 'zk:10', 'zk:2')]
    for rid in ('zk:1', 'zk:2', 'zk:10'):
        assert juju.own_data(rid) == provides.wire()


def test_a_relation_is_found_at_update_status_and_told(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.end()
    juju.skip_joined('zk:1', 'remote/0')
    juju.hook('config-changed')
    assert juju.writes == []
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.own_data('zk:1') == provides.wire()


def test_the_same_again_publishes_nothing(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
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


def test_the_same_in_another_spelling_publishes_nothing(juju):
    juju.deploy(ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().send_port(2181, 9998)
    juju.endpoint().send_connection('02181', '9998', None)
    assert len(juju.writes) == 1


def test_other_values_reach_every_relation(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:2', 'third/0')
    provides.send(juju.endpoint())
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.wire(1)
    assert len(juju.writes) == 4
    juju.update_status()
    assert len(juju.writes) == 4


def test_what_is_no_longer_sent_is_deleted(juju):
    juju.deploy(ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().send_port(2181, 9998, 'zk')
    juju.endpoint().send_port(2181)
    assert juju.own_data('zk:1') == {'port': '2181'}
    juju.changed('zk:1', 'remote/0')
    juju.endpoint().send_port(2181, host='zk')
    assert juju.own_data('zk:1') == {'port': '2181', 'host': 'zk'}


def test_only_what_the_charm_gave_is_published(juju):
    juju.deploy(FLUME_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().send_configuration(4141)
    assert juju.writes == [('zk:1', {'port': '4141', 'protocol': 'avro'})]


def test_each_endpoint_publishes_its_own(juju, provides):
    juju.deploy(provides, 'one', 'two')
    juju.join('one:1', 'remote/0')
    juju.join('two:2', 'remote/1')
    provides.send(juju.endpoint('one'))
    assert juju.own_data('one:1') == provides.wire()
    assert juju.own_data('two:2') == {}
    juju.update_status()
    assert juju.flags('one') == CONNECTED | AVAILABLE | JOINING
    assert juju.flags('two') == provides.connected | JOINING


def test_available_goes_with_the_last_client_and_returns(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.join('zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING
    juju.join('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    assert len(juju.writes) == 1


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
def test_what_is_wrong_for_zookeeper_is_refused_by_name(juju, method, arguments,
                                                        message):
    refused(juju, ZOOKEEPER_PROVIDES, method, arguments, message)


@pytest.mark.parametrize('arguments, message', [
    ((0,), 'port is 0, not ' + PORT),
    ((None,), 'port is None, not ' + PORT),
    (('4141.0',), "port is '4141.0', not " + PORT),
    ((4141, 'http'), "protocol is 'http', not avro or thrift"),
    ((4141, 'Avro'), "protocol is 'Avro', not avro or thrift"),
    ((4141, False), 'protocol is False, not avro or thrift'),
    (('x', 'y'), "port is 'x', not " + PORT),
], ids=ascii)
def test_what_is_wrong_for_flume_is_refused_by_name(juju, arguments, message):
    refused(juju, FLUME_PROVIDES, 'send_configuration', arguments, message)


def refused(juju, provides, method, arguments, message):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    with pytest.raises(ValueError) as error:
        getattr(juju.endpoint(), method)(*arguments)
    assert str(error.value) == message
    juju.update_status()
    assert juju.writes == []
    assert juju.own_data('zk:1') == {}
    assert juju.flags() == provides.connected | JOINING


def test_a_huge_integer_is_refused_by_name_too(juju, provides):
    """Newer Pythons refuse to show it."""
    juju.deploy(provides)
    send = getattr(juju.endpoint(), provides._send)
    with pytest.raises(ValueError, match='^port is .*, not an integer from 1 to'):
        send(10 ** 5000)


def test_what_is_refused_leaves_what_was_sent(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    with pytest.raises(ValueError):
        getattr(juju.endpoint(), provides._send)(0)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.own_data('zk:1') == provides.wire()


def test_a_hook_that_fails_is_published_by_its_retry(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.hook('config-changed')
    provides.send(juju.endpoint())
    juju.fail()
    assert juju.flags() == provides.connected | JOINING
    juju.hook('config-changed')
    provides.send(juju.endpoint())
    assert juju.own_data('zk:1') == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


@pytest.mark.parametrize('hook', ['config-changed', 'update-status'])
def test_a_hook_that_fails_late_is_published_by_the_next(juju, provides, hook):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:2', 'third/0')
    provides.send(juju.endpoint())
    juju.fail(late=True)
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == {}
    juju.hook(hook)
    assert juju.calls['relation-get'] == 2
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.wire()
    juju.hook('config-changed')
    assert juju.calls == {'relation-get': 2}
    juju.hook('config-changed')
    assert juju.calls == {}
    assert len(juju.writes) == 4


def test_a_relation_that_was_told_before_is_no_sign_that_another_was(juju, provides):
    """Send with one relation; lose what is published to a second."""
    juju.deploy(provides)
    juju.join('zk:2', 'remote/0')
    provides.send(juju.endpoint())
    juju.hook('config-changed')
    juju.created('zk:1', 'third')
    juju.fail(late=True)
    juju.hook('config-changed')
    assert [rid for rid, _ in juju.writes] == ['zk:2', 'zk:1', 'zk:1']
    assert juju.own_data('zk:1') == provides.wire()


def test_it_may_fail_late_more_than_once(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    juju.fail(late=True)
    juju.hook('config-changed')
    juju.fail(late=True)
    juju.relation_hook('changed', 'zk:1', 'remote/0')
    assert juju.own_data('zk:1') == provides.wire()


def test_an_update_that_fails_late_is_published_by_the_next(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    juju.fail(late=True)
    assert juju.own_data('zk:1') == provides.wire()
    juju.joined('zk:1', 'remote/1')
    assert juju.own_data('zk:1') == provides.wire(1)


def test_a_relation_that_ended_before_it_was_confirmed_is_survived(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    juju.departed('zk:1', 'remote/0')
    juju.joined('zk:2', 'third/0')
    juju.remove_without_hook('zk:2')
    juju.update_status()
    assert juju.flags() == DEPARTING
    juju.created('zk:3')
    assert juju.own_data('zk:3') == provides.wire()


REFUSED = ['zk: zk:1 does not take what is to be published: ERROR no zk']


@pytest.fixture
def refusing(juju, provides):
    """What is sent to two relations is refused in one of them."""
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:2', 'third/0')
    juju.endpoint().dismiss_joining()
    juju.model.fail_tools(LOCAL, 'relation-set -r zk:1 *', 'ERROR no zk')
    provides.send(juju.endpoint())
    return juju


def test_a_refused_write_keeps_no_other_relation_from_being_told(refusing, provides):
    assert refusing.flags() == CONNECTED | AVAILABLE
    assert refusing.own_data('zk:1') == {}
    assert refusing.own_data('zk:2') == provides.wire()
    assert refusing.warnings == REFUSED


@pytest.mark.parametrize('look', [
    lambda juju: juju.update_status(),
    lambda juju: juju.hook('upgrade-charm'),
    lambda juju: juju.changed('zk:1', 'remote/0')],
    ids=['update-status', 'upgrade-charm', 'its own hook'])
def test_a_refused_write_is_tried_again_when_its_relation_is_looked_at(
        refusing, provides, look):
    refusing.hook('config-changed')
    refusing.changed('zk:2', 'third/0')
    provides.send(refusing.endpoint())
    assert refusing.calls['relation-set'] == 0
    look(refusing)
    assert refusing.calls['relation-set'] == 1
    refusing.model.mend_tools(LOCAL)
    look(refusing)
    assert refusing.own_data('zk:1') == provides.wire()
    assert refusing.warnings == REFUSED


def test_a_refused_write_is_tried_again_with_other_details(refusing, provides):
    refusing.hook('config-changed')
    provides.send(refusing.endpoint(), 1)
    assert refusing.calls['relation-set'] == 2
    assert refusing.warnings == REFUSED


def test_a_dying_relation_is_not_told(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    juju.fail(late=True)
    juju.broken('zk:1')
    assert len(juju.writes) == 1
    juju.hook('config-changed')
    assert juju.flags() == DEPARTING


def test_what_was_sent_before_the_dying_is_not_sent_to_it(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.end()
    juju.skip_created('zk:1')
    juju.broken('zk:1')
    assert juju.writes == []


def test_what_is_sent_while_it_dies_is_not_sent_to_it(juju, provides):
    """Relate two, remove one, and send in its broken hook."""
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:2', 'third/0')
    juju.departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    provides.send(juju.endpoint())
    assert [rid for rid, _ in juju.writes] == ['zk:2']


def test_clients_may_say_anything(juju, provides):
    juju.deploy(provides)
    provides.send(juju.endpoint())
    juju.join('zk:1', 'remote/0', {'port': 'x', 'host': '\n', 'protocol': None})
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.warnings == []
    assert juju.own_data('zk:1') == provides.wire()


def test_this_units_own_address_is_left_alone(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    provides.send(juju.endpoint())
    juju.end()
    own = juju.relation('zk:1').bags[LOCAL].data
    assert own['ingress-address'] == '10.9.9.9'
