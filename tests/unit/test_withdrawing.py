"""A provider takes back what it has sent."""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import JOINING
from .harness import LOCAL
from .harness import ZOOKEEPER_PROVIDES
from .harness import conversation
from .harness import ready


@pytest.fixture
def sent(juju, provides):
    """Two applications that were told."""
    ready(juju, provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:2', 'third/0')
    juju.hook('config-changed')
    juju.endpoint().dismiss_joining()
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.writes.clear()


def withdrawn(juju, *rids):
    """Assert that clients are there, and are told nothing."""
    assert juju.flags() == CONNECTED | {'ready'}
    for rid in rids:
        assert juju.own_data(rid) == {}


def test_it_is_withdrawn_everywhere(juju, provides, sent):
    juju.endpoint().withdraw()
    assert juju.flags() == CONNECTED | {'ready'}
    assert [rid for rid, _ in juju.writes] == ['zk:1', 'zk:2']
    withdrawn(juju, 'zk:1', 'zk:2')
    juju.writes.clear()
    for hook in 'config-changed', 'update-status', 'upgrade-charm':
        juju.hook(hook)
    juju.changed('zk:1', 'remote/0')
    juju.endpoint().withdraw()
    withdrawn(juju, 'zk:1', 'zk:2')
    assert juju.writes == []


def test_later_relations_are_told_nothing_until_it_is_sent_again(juju, provides, sent):
    juju.endpoint().withdraw()
    juju.created('zk:3', 'fourth')
    juju.join('zk:3', 'fourth/0')
    juju.endpoint().dismiss_joining()
    juju.update_status()
    withdrawn(juju, 'zk:1', 'zk:2', 'zk:3')
    juju.hook('config-changed')
    provides.send(juju.endpoint())
    assert juju.flags() == CONNECTED | AVAILABLE
    for rid in 'zk:1', 'zk:2', 'zk:3':
        assert juju.own_data(rid) == provides.wire()


def test_with_nothing_sent_nothing_is_withdrawn(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.write_own_data('zk:1', {'port': '3000'})
    for hook in 'config-changed', 'update-status':
        juju.hook(hook)
        juju.endpoint().withdraw()
    assert juju.own_data('zk:1') == {'port': '3000'}
    assert juju.writes == []
    assert juju.flags() == CONNECTED | JOINING | {'ready'}


def test_what_was_sent_before_goes_too_and_the_charms_own_stays(juju):
    ready(juju, ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().send_port(2181, rest_port=9998)
    juju.endpoint().send_port(2182)
    juju.write_own_data('zk:1', {'other': 'own', 'rest_port': '1'})
    juju.hook('update-status')
    juju.endpoint().withdraw()
    assert juju.own_data('zk:1') == {'other': 'own'}


@pytest.mark.parametrize('late', [True, False])
def test_a_hook_that_failed_is_made_up_for(juju, provides, sent, late):
    juju.hook('config-changed')
    juju.endpoint().withdraw()
    juju.fail(late)
    juju.hook('config-changed')
    if not late:
        # its key/value store was lost with it
        assert juju.flags() == CONNECTED | AVAILABLE
        juju.endpoint().withdraw()
    withdrawn(juju, 'zk:1', 'zk:2')


def test_what_somebody_writes_there_is_deleted(juju, provides, sent):
    juju.endpoint().withdraw()
    juju.write_own_data('zk:1', {'port': '3000'})
    juju.update_status()
    withdrawn(juju, 'zk:1', 'zk:2')


@pytest.fixture
def unread(juju, provides):
    """An earlier layer has sent, and what it sent can not be read yet."""
    juju.declare(provides)
    juju.skip_joined('zk:1', 'remote/0')
    conversation(juju, 'zk:1', 'remote/0', 'connected', 'available', scope='global')
    juju.write_own_data('zk:1', provides.wire())
    juju.model.fail_tools(LOCAL, 'relation-get*')
    juju.hook('upgrade-charm')
    assert juju.flags() >= CONNECTED | AVAILABLE


def test_what_an_earlier_layer_sent_is_withdrawn_when_it_can_be_read(
        juju, provides, unread):
    juju.endpoint().withdraw()
    juju.endpoint().dismiss_joining()
    juju.hook('config-changed')
    assert juju.flags() - JOINING == CONNECTED | {'ready'}
    juju.model.mend_tools(LOCAL)
    juju.update_status()
    juju.endpoint().dismiss_joining()
    assert juju.flags() == CONNECTED | {'ready'}
    assert juju.own_data('zk:1').keys() <= {'host'}


def test_what_else_is_known_stays_until_something_can_be_read(juju, provides):
    juju.declare(provides)
    juju.skip_joined('zk:1', 'remote/0')
    conversation(juju, 'zk:1', 'remote/0', 'connected', 'available', scope='global')
    juju.model.fail_tools(LOCAL, 'relation-*')
    juju.hook('upgrade-charm')
    juju.endpoint().withdraw()
    assert juju.flags() == CONNECTED | {'ready'}


def test_what_is_sent_after_that_is_published(juju, provides, unread):
    juju.endpoint().withdraw()
    provides.send(juju.endpoint(), variant=1)
    juju.model.mend_tools(LOCAL)
    juju.update_status()
    assert juju.flags() - JOINING == CONNECTED | AVAILABLE
    assert juju.own_data('zk:1').items() >= provides.wire(1).items()
