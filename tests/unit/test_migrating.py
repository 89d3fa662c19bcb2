"""A record whose endpoint has another role or interface, or is no more; and one that an
earlier layer came after."""
import pytest
from charmhelpers.core import unitdata
from charms.reactive import set_flag

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import FLUME_PROVIDES
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import NOTHING
from .harness import Provides
from .harness import SIDES
from .harness import ZOOKEEPER_PROVIDES
from .harness import ZOOKEEPER_REQUIRES
from .harness import conversation
from .harness import assert_listed
from .harness import settled
from .test_adopting import FIRST

ONE = [('zk:1', 'remote/0')]


def revised(juju, side=None):
    """The charm's next revision, in which the endpoint is another or is no more."""
    juju.end()
    for role in ('requires', 'provides'):
        juju.metadata[role].clear()
    if side:
        juju.declare(side)


def kept():
    """The keys that the layer has in the key/value store."""
    return sorted(unitdata.kv().getrange('interface-layer.'))


others = pytest.mark.parametrize('before, after', [
    (before, after) for before in SIDES for after in SIDES if before is not after],
    ids=lambda side: side.id)


@others
@pytest.mark.parametrize('hook', ['upgrade-charm', 'config-changed'])
def test_an_endpoint_of_another_kind_is_begun_anew(juju, before, after, hook):
    """Every hook ended with a KeyError."""
    settled(juju, before, *ONE)
    juju.departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    revised(juju, after)
    juju.hook(hook)
    assert juju.flags() == DEPARTING, 'which was not dismissed'
    juju.endpoint().dismiss_departing()
    if isinstance(after, Provides):
        after.send(juju.endpoint())
    juju.join('zk:2', 'remote/0', after.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, after, 0)


@pytest.mark.parametrize('before, after', [
    (ZOOKEEPER_REQUIRES, FLUME_REQUIRES), (FLUME_REQUIRES, ZOOKEEPER_REQUIRES)],
    ids=lambda side: side.id)
def test_units_are_taken_over_as_juju_has_them(juju, before, after):
    settled(juju, before, *ONE)
    juju.write_data('zk:1', 'remote/0', after.settings(0))
    juju.restart_agent()
    revised(juju, after)
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, after, 0)


@pytest.mark.parametrize('before, after', [
    (ZOOKEEPER_PROVIDES, FLUME_PROVIDES), (FLUME_PROVIDES, ZOOKEEPER_PROVIDES)],
    ids=lambda side: side.id)
def test_details_of_another_interface_are_not_published(juju, before, after):
    settled(juju, before, *ONE)
    revised(juju, after)
    juju.hook('upgrade-charm')
    assert juju.own_data('zk:1') == before.wire()
    juju.hook('config-changed')
    after.send(juju.endpoint())
    assert juju.own_data('zk:1').items() >= after.wire().items()
    assert juju.flags() == CONNECTED | AVAILABLE


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status'])
def test_nothing_is_left_of_a_dropped_endpoint(juju, side, hook):
    settled(juju, side, *ONE)
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    set_flag('zk.configured')
    set_flag('zk-2.available')
    juju.remove_without_hook('zk:1')
    revised(juju)
    juju.hook(hook)
    assert kept() == []
    assert juju.flags() == {'configured'}
    assert juju.flags('zk-2') == {'available'}


def test_nothing_is_left_of_an_endpoint_that_another_layer_has_now(juju, side):
    settled(juju, side, *ONE)
    revised(juju)
    juju.metadata['requires']['zk'] = {'interface': 'http'}
    juju.hook('upgrade-charm')
    assert kept() == []
    assert juju.flags() == NOTHING


def test_a_dropped_endpoint_of_an_earlier_layers_time_is_forgotten_too(juju, side):
    settled(juju, side, *ONE)
    conversation(juju, 'zk:1', 'remote/0', 'connected')
    revised(juju)
    juju.hook('upgrade-charm')
    assert kept() == juju.conversations() == []


def test_endpoints_that_are_there_are_no_dropped_ones(juju, side):
    settled(juju, side, *ONE)
    juju.declare(side, 'other')
    juju.hook('upgrade-charm')
    assert kept() == ['interface-layer.other', 'interface-layer.zk']
    del juju.metadata[side.role]['other']
    juju.hook('config-changed')
    assert len(kept()) == 2, 'a look at everything is due first'
    juju.hook('upgrade-charm')
    assert kept() == ['interface-layer.zk']
    assert juju.flags() == CONNECTED | AVAILABLE


# An earlier layer for a while, then this one again.

@pytest.mark.parametrize('hook', [hook for name, hook in FIRST.items() if name not in (
    'changed', 'elsewhere')], ids=[name for name in FIRST if name not in (
        'changed', 'elsewhere')])
def test_what_happened_in_an_earlier_layers_time_is_found(juju, requires, hook):
    """Its server left and another came, with whose conversation the flags point."""
    settled(juju, requires, *ONE)
    juju.skip_departed('zk:1', 'remote/0')
    juju.skip_joined('zk:1', 'remote/1', requires.settings(1))
    conversation(juju, 'zk:1', 'remote/1', 'connected', 'available')
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, requires, 1)
    juju.end()
    assert juju.conversations() == []


def test_what_changed_in_an_earlier_layers_time_is_found(juju, requires):
    settled(juju, requires, *ONE)
    conversation(juju, 'zk:1', 'remote/0', 'connected', 'available')
    juju.skip_changed('zk:1', 'remote/0', requires.settings(7))
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, requires, 7)


def test_what_an_earlier_layer_sent_is_taken_over(juju, provides):
    settled(juju, provides, *ONE)
    conversation(juju, 'zk:1', 'remote/0', 'connected', 'available', scope='global')
    juju.write_own_data('zk:1', {key: '' for key in provides.wire()})
    juju.write_own_data('zk:1', provides.wire(1))
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.own_data('zk:1') == provides.wire(1)
    assert juju.writes == []


def test_what_was_sent_is_known_after_an_earlier_layers_time(juju, provides):
    """In which the last client left."""
    settled(juju, provides, *ONE)
    conversation(juju, 'zk:1', 'remote/0', 'connected', 'available', scope='global')
    juju.skip_departed('zk:1', 'remote/0')
    juju.model.remove_relation(juju.relation('zk:1'))
    juju.relation_hook('broken', 'zk:1', follow=False)
    juju.hook('upgrade-charm')
    juju.created('zk:2')
    assert juju.own_data('zk:2') == provides.wire()


def test_notices_of_an_earlier_layers_time_can_be_dismissed(juju, side):
    settled(juju, side, *ONE)
    conversation(juju, 'zk:1', 'remote/0', 'connected', 'available', 'joining',
                 'departing')
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
