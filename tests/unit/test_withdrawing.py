"""A provider takes back what it has sent."""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import JOINING
from .harness import LOCAL
from .harness import ZOOKEEPER_PROVIDES
from .harness import earlier
from .harness import ready


@pytest.fixture
def sent(juju, provides):
    """Two applications that were told."""
    ready(juju, provides)
    juju.join('quorum:1', 'far/0')
    juju.join('quorum:2', 'further/0')
    juju.hook('config-changed')
    juju.endpoint().dismiss_joining()
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.published.clear()


def withdrawn(juju, *rids):
    """Assert that clients are there, and are told nothing."""
    assert juju.flags() == CONNECTED | {'ready'}
    for rid in rids:
        assert juju.told(rid) == {}


def test_it_is_withdrawn_everywhere(juju, provides, sent):
    juju.endpoint().withdraw()
    assert juju.flags() == CONNECTED | {'ready'}
    assert [rid for rid, _ in juju.published] == ['quorum:1', 'quorum:2']
    withdrawn(juju, 'quorum:1', 'quorum:2')
    juju.published.clear()
    for hook in 'config-changed', 'update-status', 'upgrade-charm':
        juju.hook(hook)
    juju.changed('quorum:1', 'far/0')
    juju.endpoint().withdraw()
    withdrawn(juju, 'quorum:1', 'quorum:2')
    assert juju.published == []


def test_later_relations_are_told_nothing_until_it_is_sent_again(juju, provides, sent):
    juju.endpoint().withdraw()
    juju.created('quorum:3', 'third')
    juju.join('quorum:3', 'third/0')
    juju.endpoint().dismiss_joining()
    juju.update_status()
    withdrawn(juju, 'quorum:1', 'quorum:2', 'quorum:3')
    juju.hook('config-changed')
    provides.send(juju.endpoint())
    assert juju.flags() == CONNECTED | AVAILABLE
    for rid in 'quorum:1', 'quorum:2', 'quorum:3':
        assert juju.told(rid) == provides.wire()


def test_with_nothing_sent_nothing_is_withdrawn(juju, provides):
    juju.deploy(provides)
    juju.join('quorum:1', 'far/0')
    juju.publish('quorum:1', {'port': '3000'})
    for hook in 'config-changed', 'update-status':
        juju.hook(hook)
        juju.endpoint().withdraw()
    assert juju.told('quorum:1') == {'port': '3000'}
    assert juju.published == []
    assert juju.flags() == CONNECTED | JOINING | {'ready'}


def test_what_was_sent_before_goes_too_and_the_charms_own_stays(juju):
    ready(juju, ZOOKEEPER_PROVIDES)
    juju.join('quorum:1', 'far/0')
    juju.endpoint().send_port(2181, rest_port=9998)
    juju.endpoint().send_port(2182)
    juju.publish('quorum:1', {'other': 'own', 'rest_port': '1'})
    juju.hook('update-status')
    juju.endpoint().withdraw()
    assert juju.told('quorum:1') == {'other': 'own'}


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
    withdrawn(juju, 'quorum:1', 'quorum:2')


def test_what_somebody_writes_there_is_deleted(juju, provides, sent):
    juju.endpoint().withdraw()
    juju.publish('quorum:1', {'port': '3000'})
    juju.update_status()
    withdrawn(juju, 'quorum:1', 'quorum:2')


@pytest.fixture
def unread(juju, provides):
    """An earlier layer has sent, and what it sent can not be read yet."""
    juju.declare(provides)
    juju.add('quorum:1', 'far/0')
    earlier(juju, 'quorum:1', 'far/0', 'connected', 'available', scope='global')
    juju.publish('quorum:1', provides.wire())
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
    assert juju.told('quorum:1').keys() <= {'host'}


def test_what_else_is_known_stays_until_something_can_be_read(juju, provides):
    juju.declare(provides)
    juju.add('quorum:1', 'far/0')
    earlier(juju, 'quorum:1', 'far/0', 'connected', 'available', scope='global')
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
    assert juju.told('quorum:1').items() >= provides.wire(1).items()
