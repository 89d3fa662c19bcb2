"""Charms built with earlier layers of these names, upgraded in place to these."""
import pytest

from .conftest import EARLIER_LAYERS, INTERFACES
from .styles import STYLES, Pair
from .world import AVAILABLE, JOINING, World, services, warnings

# The flags that an earlier layer keeps of who is there and can be used.
OLD = {'early': {'connected', 'available'}, 'later': {'joined', 'ready'}}

pytestmark = pytest.mark.parametrize('style', STYLES)


class Deployed(Pair):
    """A pair whose charms were both built with layers of their time."""

    def __init__(self, profile, style, make):
        self.make = lambda which, *layers: make('{}-{}'.format(style, which), *layers)
        layers = EARLIER_LAYERS / style
        super().__init__(World(profile), style, style, self.make('server', layers),
                         self.make('client', layers))

    def upgrade(self, which, *layers):
        """Give one side the charm built with these layers: what follows."""
        name = {'server': 'far', 'client': 'near'}[which]
        self.model.upgrade(name, self.make(which, *layers))
        runs = self.world.settle()
        units = [unit for unit in self.model.units if unit.startswith(name)]
        assert [run.unit for run in runs if run.hook.kind == 'upgrade-charm'] == units
        return runs

    def refresh(self, unit, charm):
        """Unpack other code although a hook is in error, which is retried."""
        self.model.unit(unit).charm = self.model.unit(unit).app.charm = charm
        return self.model.resolve(unit)


def deployed(profile, style, make):
    """Two servers and their client, in a quiet model."""
    pair = Deployed(profile, style, make)
    pair.model.add_unit('far')
    pair.zookeeper, pair.flume = pair.relate_zookeeper(), pair.relate_flume()
    pair.settle()
    for endpoint in 'zookeeper', 'sink':
        assert pair.world.flags('near/0', endpoint) == OLD[style]
    for unit in 'far/0', 'far/1':
        for endpoint in 'zkclient', 'source':
            assert pair.world.flags(unit, endpoint) == OLD[style]
    return pair


@pytest.fixture
def pair(profile, style, in_process):
    return deployed(profile, style, in_process)


# Juju 4 leaves earlier layers without an address: see below.
with_addresses = pytest.mark.parametrize('profile', ['2.9', '3.6'], indirect=True)
one_profile = pytest.mark.parametrize('profile', ['3.6'], indirect=True)


def all_is_as_it_was(pair, runs, units, endpoints):
    """Assert that an upgrade lost nothing, announced nobody and sent nothing."""
    assert services(runs) == []
    assert [run.unit for run in runs if 'relation-set' in dict(run.calls)] == []
    for unit in units:
        for endpoint in endpoints:
            assert pair.world.flags(unit, endpoint) == AVAILABLE
        assert [key for key in pair.model.unit(unit).charm.kv(unit)
                if key.startswith('reactive.conversations.')] == []


@with_addresses
@pytest.mark.parametrize('order', [('server', 'client'), ('client', 'server')])
def test_nothing_is_lost_announced_or_sent_again(pair, order):
    known = pair.known()
    for which in order:
        all_is_as_it_was(pair, pair.upgrade(which), *{
            'server': (['far/0', 'far/1'], ['zkclient', 'source']),
            'client': (['near/0'], ['zookeeper', 'sink'])}[which])
        assert pair.known() == known
    pair.knows('far/0', 'far/1')
    pair.is_quiet(rounds=3)


@one_profile
@pytest.mark.parametrize('which', ['server', 'client'])
def test_life_goes_on_with_one_side_upgraded(pair, which):
    pair.upgrade(which)
    pair.model.add_unit('far')
    pair.settle()
    pair.model.remove_unit('far/0')
    pair.settle()
    if which == 'client':
        # an earlier layer's server has its own opinion of who is connected
        hosts = [pair.world.address(unit) for unit in ('far/1', 'far/2')]
        served = [tuple(server.values())[0] if isinstance(server, dict)
                  else server[0] for server in pair.known()['servers']]
        assert served == hosts
    else:
        for unit in 'far/1', 'far/2':
            for endpoint in 'zkclient', 'source':
                assert pair.world.flags(unit, endpoint) - JOINING == AVAILABLE


@with_addresses
def test_life_goes_on_with_both_sides_upgraded(pair):
    pair.upgrade('client')
    pair.upgrade('server')
    pair.model.add_unit('far')
    pair.settle()
    pair.knows('far/0', 'far/1', 'far/2')
    pair.model.remove_unit('far/0')
    pair.settle()
    pair.knows('far/1', 'far/2')
    pair.port = 3181
    pair.model.set_config('far', port=3181)
    pair.settle()
    pair.knows('far/1', 'far/2')
    pair.model.remove_relation(pair.zookeeper)
    pair.settle()
    pair.relate_zookeeper()
    pair.settle()
    pair.knows('far/1', 'far/2')
    pair.is_quiet(rounds=3)


@with_addresses
@pytest.mark.parametrize('leaves', ['upgrade-charm', 'update-status'])
def test_units_that_left_unheard_are_forgotten(pair, leaves):
    pair.model.remove_unit('far/0')
    for endpoint in 'zookeeper', 'sink':
        pair.world.skip('near/0', endpoint + '-relation-departed')
    pair.settle()
    assert pair.world.flags('near/0', 'zookeeper') == OLD[pair.client_style]
    if leaves == 'upgrade-charm':
        runs = pair.upgrade('client')
    else:
        near = pair.model.unit('near/0')
        near.charm = near.app.charm = pair.make('client')
        runs = [pair.model.dispatch('near/0', 'update-status')]
    # nobody ever told the charm, and so nothing waits to be dismissed
    for endpoint in 'zookeeper', 'sink':
        assert pair.world.flags('near/0', endpoint) == AVAILABLE
    if pair.client_style == 'later':
        assert services(runs) == [('near/0', 'restart', 'service')]
        pair.upgrade('server')
        pair.knows('far/1')
    pair.is_quiet(rounds=3)


@one_profile
@pytest.mark.parametrize('hook', [
    'zookeeper-relation-joined', 'zookeeper-relation-changed',
    'zookeeper-relation-departed', 'config-changed'])
def test_a_hook_in_error_is_the_first_with_the_new_layer(pair, hook):
    model = pair.model
    model.fail_next('near/0', hook, late=False)
    if hook.endswith('departed'):
        model.remove_unit('far/1')
    else:
        model.add_unit('far')
        model.set_config('near', any='thing')
    while not model.unit('near/0').failed:
        assert model.step()
    run = pair.refresh('near/0', pair.make('client'))
    assert (run.hook.name, run.status) == (hook, 0)
    assert pair.world.flags('near/0', 'zookeeper') >= AVAILABLE
    assert pair.world.flags('near/0', 'sink') >= AVAILABLE
    pair.settle()
    model.dispatch('near/0', 'upgrade-charm')
    pair.upgrade('server')
    units = ['far/0'] if hook.endswith('departed') else ['far/0', 'far/1', 'far/2']
    pair.knows(*units)
    pair.is_quiet(rounds=3)


@one_profile
@pytest.mark.parametrize('hook', [
    'zkclient-relation-joined', 'zkclient-relation-changed',
    'zkclient-relation-departed', 'config-changed'])
def test_a_servers_hook_in_error_is_the_first_with_the_new_layer(pair, hook):
    model = pair.model
    model.add_unit('near')
    if hook.endswith('departed'):
        pair.settle()
        model.remove_unit('near/1')
    elif hook == 'config-changed':
        model.set_config('far', any='thing')
    model.fail_next('far/0', hook, late=False)
    while not model.unit('far/0').failed:
        assert model.step()
    charm = pair.make('server')
    run = pair.refresh('far/0', charm)
    assert (run.hook.name, run.status) == (hook, 0)
    pair.settle()
    for endpoint in 'zkclient', 'source':
        assert pair.world.flags('far/0', endpoint) >= AVAILABLE
    pair.upgrade('client')
    pair.is_quiet(rounds=3)


@pytest.mark.parametrize('profile', ['4.0'], indirect=True)
def test_what_an_earlier_layer_was_silent_about_under_juju_4_is_told(
        style, profile, in_process):
    """It looked for private-address, which Juju 4 no longer writes."""
    pair = Deployed(profile, style, in_process)
    pair.relate_zookeeper()
    pair.relate_flume()
    pair.settle()
    if style == 'early':
        assert pair.world.flags('near/0', 'zookeeper') == {'connected'}
        assert pair.world.flags('near/0', 'sink') == {'connected'}
    else:
        assert [sink['host'] for sink in pair.known()['sinks']] == [None]
    pair.upgrade('client')
    pair.upgrade('server')
    pair.knows('far/0')
    pair.is_quiet(rounds=3)


@pytest.mark.parametrize('back', [True, False], ids=['back', 'forth'])
def test_another_versions_record_is_rebuilt_with_one_warning(
        profile, style, in_process, version_3, back):
    before, after = ((version_3, INTERFACES) if back else (INTERFACES, version_3))
    pair = Pair(World(profile), style, style, in_process(style + '-server', before),
                in_process(style + '-client', before))
    pair.model.add_unit('far')
    pair.relate_zookeeper()
    pair.relate_flume()
    pair.settle()
    pair.knows('far/0', 'far/1')
    flags = pair.world.flags('near/0', 'zookeeper')
    for name, which in ('near', 'client'), ('far', 'server'):
        pair.model.upgrade(name, in_process('{}-{}'.format(style, which), after))
    runs = pair.model.settle()
    assert [run for run in runs if run.status] == []
    assert sorted((run.unit, message) for run in runs for message in warnings(run)) == [
        (unit, '{}: what version {} of the interface layer recorded is rebuilt from '
         'Juju'.format(endpoint, 3 if back else 2))
        for unit, endpoints in [('far/0', ('source', 'zkclient')),
                                ('far/1', ('source', 'zkclient')),
                                ('near/0', ('sink', 'zookeeper'))]
        for endpoint in endpoints]
    assert services(runs) == []
    assert [run.unit for run in runs if 'relation-set' in dict(run.calls)] == []
    assert pair.world.flags('near/0', 'zookeeper') == flags
    pair.knows('far/0', 'far/1')
    pair.is_quiet(rounds=3)


@one_profile
@pytest.mark.parametrize('which', ['server', 'client'])
def test_an_earlier_layer_for_a_while(pair, which):
    """It is not what was recorded before that counts."""
    pair.upgrade('server')
    pair.upgrade('client')
    pair.model.remove_relation(pair.zookeeper)
    pair.model.remove_relation(pair.flume)
    pair.settle()
    pair.upgrade(which, EARLIER_LAYERS / pair.client_style)
    zookeeper = pair.relate_zookeeper()
    pair.relate_flume()
    pair.settle()
    pair.model.set_config('far', port=3181)
    pair.settle()
    pair.upgrade(which)
    for unit in 'far/0', 'far/1':
        assert pair.world.told(zookeeper, unit)['port'] == '3181'
    pair.port = 3182
    pair.model.set_config('far', port=3182)
    pair.settle()
    pair.knows('far/0', 'far/1')
    for unit in pair.model.units:
        assert [key for key in pair.model.unit(unit).charm.kv(unit)
                if key.startswith('reactive.conversations.')] == []
    pair.is_quiet(rounds=3)
