"""Details that a provider sent, and the sink that an agent uses, after an upgrade."""
import pytest

from .harness import FLUME_REQUIRES, JOINING, USABLE, ZOOKEEPER_PROVIDES, conversation
from .upgrades import CONNECTED_AVAILABLE, run_earlier_layer


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status', 'config-changed'])
def test_upgrade_keeps_details_without_writing_them(juju, provides, hook):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE)
    juju.hook(hook)
    assert juju.flags() == USABLE
    provides.send(juju.endpoint())
    assert juju.writes == []
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:1').items() >= provides.details(1).items()


def test_details_are_written_in_a_new_relation(juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE)
    juju.hook('upgrade-charm')
    juju.joined('zk:2', 'third/0')
    assert juju.own_data('zk:2') == provides.details()
    assert juju.flags() == USABLE | JOINING
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:2']


def test_details_are_written_in_a_relation_that_lacks_them(juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE)
    juju.skip_joined('zk:2', 'third/0')
    conversation(juju, 'zk:2', 'third/0', *CONNECTED_AVAILABLE, scope='global')
    juju.hook('upgrade-charm')
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:2']
    assert juju.flags() == USABLE
    assert juju.own_data('zk:2') == provides.details()


def test_details_that_are_equal_in_two_relations_are_not_written(juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, (0,))
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, (0,), 'zk:2', 'third')
    juju.hook('upgrade-charm')
    assert juju.writes == []
    assert juju.flags() == USABLE


def test_provider_without_details_is_not_available(juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE)
    juju.replace_own_data('zk:1', {})
    juju.hook('upgrade-charm')
    assert juju.flags() == provides.flags_without_details
    assert juju.writes == []
    provides.send(juju.endpoint())
    assert juju.flags() == USABLE


@pytest.mark.parametrize('older, newer', [
    ('zk:1', 'zk:2'), ('zk:9', 'zk:10'), ('zk:2', 'zk:11')])
def test_details_of_the_newest_relation_are_used(juju, provides, older, newer):
    for relation_id in (newer, older):
        run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, (0,), relation_id,
                          'remote' + relation_id[-1], variant=relation_id == older)
    juju.hook('upgrade-charm')
    assert [relation_id for relation_id, _ in juju.writes] == [older]
    assert juju.own_data(older) == juju.own_data(newer) == provides.details()
    assert juju.flags() == USABLE


def test_details_of_an_older_relation_are_used_if_the_newest_has_none(juju, provides):
    juju.declare(provides)
    for number in (1, 2):
        juju.skip_joined('zk:{}'.format(number), 'remote{}/0'.format(number))
    juju.update_own_data('zk:1', provides.details())
    juju.update_own_data('zk:2', {'port': 'spoiled'})
    juju.hook('upgrade-charm')
    # without flags of an earlier layer, the charm itself has written the host
    expected = {key: text for key, text in provides.details().items() if key != 'host'}
    assert juju.own_data('zk:2') == expected
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:2']


# Each hook uses this unit's data in only one of an application's relations.

def test_details_of_one_applications_newer_relation_are_used(juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, relation_id='zk:1')
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, relation_id='zk:2')
    juju.update_own_data('zk:1', provides.details(1))
    juju.hook('upgrade-charm')
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.details()
    assert juju.flags() == USABLE


def test_details_of_one_applications_older_relation_are_used_if_newer_has_none(
        juju, provides):
    run_earlier_layer(juju, provides, CONNECTED_AVAILABLE)
    juju.joined('zk:2', 'remote/0')
    juju.update_status()
    assert juju.flags() == USABLE | JOINING
    juju.hook('config-changed')
    assert juju.flags() == USABLE | JOINING
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.details()


def test_upgrade_without_details_ends_when_each_relation_has_been_read(juju,
                                                                       provides):
    juju.declare(provides)
    for relation_id, unit in ('zk:1', 'remote/0'), ('zk:2', 'remote/0'), (
            'zk:3', 'second/0'):
        juju.skip_joined(relation_id, unit)
    for _ in range(2):
        juju.hook('config-changed')
        assert juju.calls['relation-ids'] == 1
    juju.hook('config-changed')
    assert 'relation-ids' not in juju.calls


@pytest.mark.parametrize('failing', ['relation-ids*', 'relation-list*zk:3*'])
def test_details_are_adopted_although_another_read_fails(juju, provides, failing):
    for relation_id, application in (('zk:1', 'remote'), ('zk:2', 'remote'),
                                     ('zk:3', 'third')):
        run_earlier_layer(juju, provides, CONNECTED_AVAILABLE, (0,), relation_id,
                          application)
        if relation_id != 'zk:2':
            juju.update_own_data(relation_id, dict.fromkeys(provides.details(), ''))
    juju.fail_tools(failing)
    juju.hook('upgrade-charm')
    juju.restore_tools()
    for _ in range(3):
        juju.update_status()
    assert [juju.own_data('zk:{}'.format(number)) for number in (1, 2, 3)] == (
        [provides.details()] * 3)
    assert juju.flags() == USABLE


def test_key_that_the_charm_does_not_send_again_is_deleted(juju):
    run_earlier_layer(juju, ZOOKEEPER_PROVIDES, CONNECTED_AVAILABLE)
    juju.fail_tools('relation-get*')
    juju.hook('upgrade-charm')
    juju.endpoint().send_port(2181)
    juju.restore_tools()
    for _ in range(2):
        juju.update_status()
    assert juju.own_data('zk:1') == {'port': '2181', 'host': 'zk.example'}


def test_upgrade_adopts_a_port_without_other_details(juju):
    run_earlier_layer(juju, ZOOKEEPER_PROVIDES, CONNECTED_AVAILABLE)
    juju.replace_own_data('zk:1', {'port': '2181'})
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    juju.endpoint().send_port(2181)
    assert juju.writes == []


def test_port_that_is_the_text_of_a_float_becomes_an_integer(juju):
    run_earlier_layer(juju, ZOOKEEPER_PROVIDES, CONNECTED_AVAILABLE)
    juju.update_own_data('zk:1', {'port': '2181.0'})
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    assert juju.writes == [('zk:1', {'port': '2181'})]


def test_host_stays_until_the_charm_sends_one(juju):
    """The charm may have written the host itself, without the layer."""
    run_earlier_layer(juju, ZOOKEEPER_PROVIDES, CONNECTED_AVAILABLE)
    juju.hook('upgrade-charm')
    juju.endpoint().send_port(2182)
    assert juju.own_data('zk:1') == {'port': '2182', 'host': 'zk.example'}
    juju.hook('config-changed')
    juju.endpoint().send_port(2182, host='given')
    juju.endpoint().send_port(2182)
    assert juju.own_data('zk:1') == {'port': '2182'}, (
        'the layer published the host, so it deletes it')


def test_host_of_an_earlier_layer_that_ran_since_is_published_in_new_relations(juju):
    juju.deploy_joined(ZOOKEEPER_PROVIDES)
    juju.endpoint().send_port(2181)
    juju.update_own_data('zk:1', {'host': 'zk.example'})
    conversation(juju, 'zk:1', 'remote/0', *CONNECTED_AVAILABLE, scope='global')
    juju.hook('upgrade-charm')
    juju.join('zk:2', 'second/0')
    assert juju.own_data('zk:2') == {'port': '2181', 'host': 'zk.example'}


def test_host_of_an_unread_relation_of_the_same_application_stays(juju):
    hosts = {'zk:1': 'set-by-charm', 'zk:2': 'zk.example', 'zk:3': 'zk.example'}
    for relation_id, application in zip(sorted(hosts), ['remote', 'remote', 'second']):
        run_earlier_layer(juju, ZOOKEEPER_PROVIDES, CONNECTED_AVAILABLE, (0,),
                          relation_id, application)
        juju.update_own_data(relation_id, {'host': hosts[relation_id]})
    juju.hook('upgrade-charm')
    for _ in range(3):
        juju.changed('zk:3', 'second/0')
    assert juju.own_data('zk:1')['host'] == 'set-by-charm'


@pytest.mark.parametrize('change, writes', [
    ({'host': 'moved'}, []), ({'host': ''}, [('zk:1', {'host': 'zk.example'})])],
    ids=['changed', 'lost'])
def test_host_is_restored_only_if_it_is_lost(juju, change, writes):
    run_earlier_layer(juju, ZOOKEEPER_PROVIDES, CONNECTED_AVAILABLE)
    juju.hook('upgrade-charm')
    juju.update_own_data('zk:1', change)
    juju.update_status()
    assert juju.writes == writes


def test_upgrade_selects_a_sink(juju):
    run_earlier_layer(juju, FLUME_REQUIRES, CONNECTED_AVAILABLE)
    juju.hook('upgrade-charm')
    assert juju.endpoint().get_flume_ip() == '10.0.0.0'
