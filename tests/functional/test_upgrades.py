"""Charms built with earlier layers, upgraded in place to these."""
import pytest

from .conftest import EARLIER_LAYERS, INTERFACES, releases
from .juju import DEPARTING, JOINING, USABLE, Juju
from .juju import services, units_that_wrote, warnings
from .pair import ENDPOINTS, FIRST, GENERATIONS, SECOND, Pair

# The flags that an earlier layer sets for a relation with usable units.
EARLIER_FLAGS = {FIRST: {'connected', 'available'}, SECOND: {'joined', 'ready'}}

# the two generations take turns
sides_of_generations = pytest.mark.parametrize('generation, side', [
    (FIRST, 'server'), (SECOND, 'client')])
# In Juju 4, earlier layers find no addresses: see the test for Juju 4.
with_addresses = releases('3.6', '2.9')


class UpgradedPair(Pair):
    """A pair whose two charms are built with earlier layers of their generation."""

    def __init__(self, release, generation, make):
        self.make = lambda side, *layers: make(
            '{}-{}'.format(generation, side), *layers)
        layers = EARLIER_LAYERS / generation
        super().__init__(Juju(release), generation, generation,
                         self.make('server', layers), self.make('client', layers))

    def upgrade(self, side, *layers):
        """Upgrade one side to the charm with these layers; return the runs."""
        self.model.upgrade(side, self.make(side, *layers))
        runs = self.juju.settle()
        units = [unit for unit in self.model.units if unit.startswith(side)]
        assert [run.unit for run in runs if run.hook.kind == 'upgrade-charm'] == units
        return runs

    def replace_code(self, unit):
        """Give a unit the charm with these layers, without upgrade-charm."""
        unit = self.model.unit(unit)
        unit.charm = unit.app.charm = self.make(unit.app.name)

    def retry_with_new_code(self, unit):
        """Run a failed hook again with these layers."""
        self.replace_code(unit)
        return self.model.resolve(unit)

    def assert_no_conversations(self, *units):
        """Assert that no data of charms.reactive's conversations are stored."""
        for unit in units:
            assert [key for key in self.model.unit(unit).charm.kv(unit)
                    if key.startswith('reactive.conversations.')] == []


@pytest.fixture(params=GENERATIONS)
def generation(request):
    return request.param


@pytest.fixture
def pair(release, generation, in_process):
    """Two servers and their client with earlier layers, with no hook due."""
    pair = UpgradedPair(release, generation, in_process)
    pair.model.add_unit('server')
    pair.relate()
    pair.settle()
    for unit in pair.model.units:
        for endpoint in ENDPOINTS[unit.split('/')[0]]:
            assert pair.juju.flags(unit, endpoint) == EARLIER_FLAGS[generation]
    return pair


@with_addresses
@pytest.mark.parametrize('order', [('server', 'client'), ('client', 'server')])
def test_upgrade_keeps_details_and_announces_nothing(pair, order):
    details = pair.details()
    for side in order:
        runs = pair.upgrade(side)
        assert services(runs) == []
        assert units_that_wrote(runs) == []
        for unit in [unit for unit in pair.model.units if unit.startswith(side)]:
            for endpoint in ENDPOINTS[side]:
                assert pair.juju.flags(unit, endpoint) == USABLE
            pair.assert_no_conversations(unit)
        assert pair.details() == details
    pair.assert_uses('server/0', 'server/1')
    pair.assert_unchanged(rounds=3)


@releases('3.6')
@sides_of_generations
def test_scaling_works_with_only_one_side_upgraded(pair, side):
    pair.upgrade(side)
    pair.model.add_unit('server')
    pair.settle()
    pair.model.remove_unit('server/0')
    pair.settle()
    if side == 'client':
        # servers with an earlier layer do not set all flags
        assert pair.hosts() == [
            pair.juju.address(unit) for unit in ('server/1', 'server/2')]
    else:
        for unit in 'server/1', 'server/2':
            for endpoint in 'zkclient', 'source':
                assert pair.juju.flags(unit, endpoint) - JOINING == USABLE


@with_addresses
def test_client_follows_all_changes_with_both_sides_upgraded(pair):
    pair.upgrade('client')
    pair.upgrade('server')
    pair.model.add_unit('server')
    pair.settle()
    pair.assert_uses('server/0', 'server/1', 'server/2')
    pair.model.remove_unit('server/0')
    pair.settle()
    pair.assert_uses('server/1', 'server/2')
    pair.port = 3181
    pair.model.set_config('server', port=3181)
    pair.settle()
    pair.assert_uses('server/1', 'server/2')
    pair.model.remove_relation(pair.zookeeper)
    pair.settle()
    pair.relate_zookeeper()
    pair.settle()
    pair.assert_uses('server/1', 'server/2')
    pair.assert_unchanged(rounds=3)


@with_addresses
@pytest.mark.parametrize('first', ['upgrade-charm', 'update-status'])
def test_unit_that_left_without_hook_is_dropped_by_upgrade(pair, first):
    pair.model.remove_unit('server/0')
    for endpoint in 'zookeeper', 'sink':
        pair.juju.skip('client/0', endpoint + '-relation-departed')
    pair.settle()
    assert pair.juju.flags('client/0', 'zookeeper') == (
        EARLIER_FLAGS[pair.client_generation])
    if first == 'upgrade-charm':
        runs = pair.upgrade('client')
    else:
        pair.replace_code('client/0')
        runs = [pair.model.dispatch('client/0', 'update-status')]
    # the earlier layer did not announce the departure: there is no notice to dismiss
    for endpoint in 'zookeeper', 'sink':
        assert pair.juju.flags('client/0', endpoint) == USABLE
    if pair.client_generation == SECOND:
        assert services(runs) == [('client/0', 'restart', 'service')]
        pair.upgrade('server')
        pair.assert_uses('server/1')
    pair.assert_unchanged(rounds=3)


@releases('3.6')
@pytest.mark.parametrize('generation, hook', [
    (FIRST, 'zookeeper-relation-joined'), (SECOND, 'zookeeper-relation-changed'),
    (FIRST, 'zookeeper-relation-departed'), (SECOND, 'config-changed')])
def test_failed_client_hook_succeeds_with_new_layer(pair, hook):
    model = pair.model
    model.fail_next('client/0', hook, late=False)
    if hook.endswith('departed'):
        model.remove_unit('server/1')
    else:
        model.add_unit('server')
        model.apps['client'].config['any'] = 'thing'
    while not model.unit('client/0').failed:
        assert model.step()
    run = pair.retry_with_new_code('client/0')
    assert (run.hook.name, run.status) == (hook, 0)
    assert pair.juju.flags('client/0', 'zookeeper') >= USABLE
    assert pair.juju.flags('client/0', 'sink') >= USABLE
    pair.settle()
    model.dispatch('client/0', 'upgrade-charm')
    pair.upgrade('server')
    units = ['server/0']
    if not hook.endswith('departed'):
        units += ['server/1', 'server/2']
    pair.assert_uses(*units)
    pair.assert_unchanged(rounds=3)


@releases('3.6')
@pytest.mark.parametrize('generation, hook', [
    (SECOND, 'zkclient-relation-joined'), (FIRST, 'zkclient-relation-changed'),
    (SECOND, 'zkclient-relation-departed'), (FIRST, 'config-changed')])
def test_failed_server_hook_succeeds_with_new_layer(pair, hook):
    model = pair.model
    model.add_unit('client')
    if hook.endswith('departed'):
        pair.settle()
        model.remove_unit('client/1')
    elif hook == 'config-changed':
        model.apps['server'].config['any'] = 'thing'
    model.fail_next('server/0', hook, late=False)
    while not model.unit('server/0').failed:
        assert model.step()
    run = pair.retry_with_new_code('server/0')
    assert (run.hook.name, run.status) == (hook, 0)
    pair.settle()
    for endpoint in 'zkclient', 'source':
        assert pair.juju.flags('server/0', endpoint) >= USABLE
    pair.upgrade('client')
    pair.assert_unchanged(rounds=3)


@releases('4.0')
def test_upgrade_announces_units_that_earlier_layer_missed_in_juju_4(
        generation, release, in_process):
    """Earlier layers read private-address, which Juju 4 does not write."""
    pair = UpgradedPair(release, generation, in_process)
    pair.relate()
    pair.settle()
    if generation == FIRST:
        assert pair.juju.flags('client/0', 'zookeeper') == {'connected'}
        assert pair.juju.flags('client/0', 'sink') == {'connected'}
    else:
        assert [sink['host'] for sink in pair.details()['sinks']] == [None]
    pair.upgrade('client')
    pair.upgrade('server')
    pair.assert_uses('server/0')
    pair.assert_unchanged(rounds=3)


@pytest.mark.parametrize('generation, downgrade', [(FIRST, True), (SECOND, False)],
                         ids=['downgrade', 'upgrade'])
def test_record_of_other_version_is_rebuilt_with_one_warning(
        release, generation, in_process, next_version, downgrade):
    versions = [INTERFACES, next_version]
    before, after = reversed(versions) if downgrade else versions
    pair = Pair(Juju(release), generation, generation,
                in_process(generation + '-server', before),
                in_process(generation + '-client', before))
    pair.model.add_unit('server')
    pair.relate()
    pair.settle()
    pair.assert_uses('server/0', 'server/1')
    flags = pair.juju.flags('client/0', 'zookeeper')
    for side in 'client', 'server':
        pair.model.upgrade(side, in_process('{}-{}'.format(generation, side), after))
    runs = pair.model.settle()
    assert [run for run in runs if run.status] == []
    assert sorted((run.unit, message) for run in runs for message in warnings(run)) == [
        (unit, '{}: the stored record is damaged or of another version; rebuilding it '
         'from Juju'.format(endpoint))
        for unit in ('client/0', 'server/0', 'server/1')
        for endpoint in sorted(ENDPOINTS[unit.split('/')[0]])]
    assert services(runs) == []
    assert units_that_wrote(runs) == []
    assert pair.juju.flags('client/0', 'zookeeper') == flags
    pair.assert_uses('server/0', 'server/1')
    pair.assert_unchanged(rounds=3)


@releases('3.6')
@sides_of_generations
def test_upgrade_after_downgrade_ignores_older_record(pair, side):
    pair.upgrade('server')
    pair.upgrade('client')
    pair.model.remove_relation(pair.zookeeper)
    pair.model.remove_relation(pair.flume)
    pair.settle()
    pair.upgrade(side, EARLIER_LAYERS / pair.client_generation)
    pair.relate()
    pair.settle()
    pair.model.set_config('server', port=3181)
    pair.settle()
    pair.upgrade(side)
    for unit in 'server/0', 'server/1':
        assert pair.juju.published(pair.zookeeper, unit)['port'] == '3181'
    pair.port = 3182
    pair.model.set_config('server', port=3182)
    pair.settle()
    pair.assert_uses('server/0', 'server/1')
    pair.assert_no_conversations(*pair.model.units)
    pair.assert_unchanged(rounds=3)


# A flag departing that an earlier layer cannot clear, because its conversation is gone.

@pytest.fixture
def departing_pair(release, in_process):
    """One of three servers left while there was no sink, and so no service."""
    pair = UpgradedPair(release, FIRST, in_process)
    pair.model.add_unit('server')
    pair.model.add_unit('server')
    pair.relate_zookeeper()
    pair.settle()
    pair.model.remove_unit('server/0')
    pair.settle()
    assert pair.juju.flags('client/0', 'zookeeper') == {
        'connected', 'available', 'joining', 'departing'}
    return pair


@with_addresses
def test_earlier_layer_keeps_departing_and_restarts_service(departing_pair):
    """Makes sure that the next test starts with a flag that stays."""
    pair = departing_pair
    pair.relate_flume()
    runs = pair.model.settle()
    assert 'departing' in pair.juju.flags('client/0', 'zookeeper')
    assert len([done for done in services(runs) if done[0] == 'client/0']) > 2


@with_addresses
@pytest.mark.parametrize('first', ['upgrade-charm', 'update-status',
                                   'sink-relation-created'])
def test_departing_of_earlier_layer_can_be_dismissed_after_upgrade(
        departing_pair, first):
    pair = departing_pair
    if first == 'upgrade-charm':
        pair.upgrade('client')
    else:
        pair.replace_code('client/0')
    if first == 'update-status':
        assert pair.model.dispatch('client/0', first).status == 0
    if first != 'sink-relation-created':
        assert pair.juju.flags('client/0', 'zookeeper') >= USABLE | DEPARTING
    pair.model.upgrade('server', pair.make('server'))
    pair.relate_flume()
    pair.settle()
    pair.assert_uses('server/1', 'server/2')
    assert pair.juju.flags('client/0', 'zookeeper') == USABLE
    pair.assert_unchanged(rounds=3)
