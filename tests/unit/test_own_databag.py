"""What this unit has published is looked at, and put right: the record is the truth."""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import ZOOKEEPER_PROVIDES
from .harness import settled

ONE = [('zk:1', 'remote/0')]
LOOKS = {
    'update-status': lambda juju: juju.update_status(),
    'upgrade-charm': lambda juju: juju.hook('upgrade-charm'),
    "its relation's hook": lambda juju: juju.changed('zk:1', 'remote/0'),
}
looks = pytest.mark.parametrize('look', LOOKS.values(), ids=list(LOOKS))


@looks
def test_settings_that_were_lost_are_put_back(juju, provides, look):
    settled(juju, provides, *ONE)
    juju.write_own_data('zk:1', dict.fromkeys(provides.wire(), ''))
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == {}
    look(juju)
    assert juju.own_data('zk:1') == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE


@looks
def test_what_differs_is_put_right_and_nothing_else(juju, provides, look):
    settled(juju, provides, *ONE)
    juju.write_own_data('zk:1', {'port': '1', 'more': 'x'})
    look(juju)
    assert juju.writes == [('zk:1', {'port': provides.wire()['port']})]
    assert juju.own_data('zk:1') == dict(provides.wire(), more='x')


def test_each_relation_is_put_right(juju, provides):
    settled(juju, provides, *ONE, ('zk:2', 'second/0'), ('zk:3', 'zap/0'))
    for rid in ('zk:1', 'zk:3'):
        juju.write_own_data(rid, {'port': '1'})
    juju.update_status()
    for rid in ('zk:1', 'zk:2', 'zk:3'):
        assert juju.own_data(rid) == provides.wire()


def test_an_application_related_twice_is_put_right_by_two_looks(juju, provides):
    settled(juju, provides, *ONE, ('zk:2', 'remote/0'))
    for rid in ('zk:1', 'zk:2'):
        juju.write_own_data(rid, {'port': '1'})
    juju.update_status()
    juju.update_status()
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.wire()


def test_what_was_put_right_is_looked_at_again(juju, provides):
    settled(juju, provides, *ONE)
    juju.write_own_data('zk:1', {'port': '1'})
    juju.update_status()
    juju.fail(late=True)
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == provides.wire()


@looks
def test_a_host_that_the_charm_published_by_itself_stays(juju, look):
    juju.deploy(ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.write_own_data('zk:1', {'host': 'zk.example'})
    juju.hook('config-changed')
    juju.endpoint().send_port(2181)
    look(juju)
    juju.endpoint().send_port(2182)
    assert juju.own_data('zk:1') == {'port': '2182', 'host': 'zk.example'}


@looks
def test_a_key_that_the_layer_has_withdrawn_stays_away(juju, look):
    juju.deploy(ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().send_port(2181, 9998)
    juju.endpoint().send_port(2181)
    juju.end()
    juju.write_own_data('zk:1', {'rest_port': '9998'})
    look(juju)
    assert juju.own_data('zk:1') == {'port': '2181'}


@looks
def test_a_charm_that_has_sent_nothing_may_publish_what_it_likes(juju, provides, look):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.write_own_data('zk:1', {'port': '1', 'protocol': 'x', 'host': 'y'})
    look(juju)
    assert juju.own_data('zk:1') == {'port': '1', 'protocol': 'x', 'host': 'y'}
    assert juju.flags() >= provides.connected
    assert not juju.flags() & {'available'}


def test_what_an_action_sent_and_did_not_flush_is_put_back(juju, provides):
    settled(juju, provides, *ONE)
    juju.action()
    provides.send(juju.endpoint(), 1)
    juju.end(flush=False)
    assert juju.own_data('zk:1') == provides.wire(1)
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == provides.wire(1)
    juju.update_status()
    assert juju.own_data('zk:1') == provides.wire()


def test_what_an_action_sent_and_flushed_stays(juju, provides):
    settled(juju, provides, *ONE)
    juju.action()
    provides.send(juju.endpoint(), 1)
    juju.update_status()
    assert juju.own_data('zk:1') == provides.wire(1)
