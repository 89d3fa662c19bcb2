"""A departing that an earlier layer left behind, whose conversation is gone."""
import pytest

from .conftest import EARLIER_LAYERS
from .styles import Pair
from .world import AVAILABLE, DEPARTING, services

EARLY = EARLIER_LAYERS / 'early'

# Juju 4 leaves earlier layers without an address, and so without a service.
profiles = pytest.mark.parametrize('profile', ['2.9', '3.6'], indirect=True)


@pytest.fixture
def pair(world, in_process):
    """Of three servers one left while there was no sink, and so no service."""
    pair = Pair(world, 'early', 'early', in_process('early-server', EARLY),
                in_process('early-client', EARLY))
    pair.model.add_unit('far')
    pair.model.add_unit('far')
    pair.relate_zookeeper()
    pair.settle()
    pair.model.remove_unit('far/0')
    pair.settle()
    assert pair.world.flags('near/0', 'zookeeper') == {
        'connected', 'available', 'joining', 'departing'}
    return pair


@profiles
def test_an_earlier_layer_never_lets_go_of_it(pair):
    """Or the tests below would show nothing."""
    pair.relate_flume()
    runs = pair.model.settle()
    assert 'departing' in pair.world.flags('near/0', 'zookeeper')
    assert len([done for done in services(runs) if done[0] == 'near/0']) > 2


@profiles
@pytest.mark.parametrize('first', ['upgrade-charm', 'update-status',
                                   'sink-relation-created'])
def test_it_can_be_dismissed_after_an_upgrade(pair, in_process, first):
    near = pair.model.unit('near/0')
    if first == 'upgrade-charm':
        pair.model.upgrade('near', in_process('early-client'))
        pair.settle()
    else:
        near.charm = near.app.charm = in_process('early-client')
    if first == 'update-status':
        assert pair.model.dispatch('near/0', first).status == 0
    if first != 'sink-relation-created':
        assert pair.world.flags('near/0', 'zookeeper') >= AVAILABLE | DEPARTING
    pair.model.upgrade('far', in_process('early-server'))
    pair.relate_flume()
    pair.settle()
    pair.knows('far/1', 'far/2')
    assert pair.world.flags('near/0', 'zookeeper') == AVAILABLE
    pair.is_quiet(rounds=3)
