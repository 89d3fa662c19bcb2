"""The life of ZooKeeper servers and of their clients, from built charms."""
import pytest

from .ensemble import CLIENT, UNRELATED, Ensemble
from .world import AVAILABLE, NOTHING, World, services


def live(world, server, client, other_client):
    """From deployment to removal, with all that an operator does in between."""
    model = world.model
    ensemble = Ensemble(world, server, client)
    kafka = ensemble.relate()
    world.settle()
    ensemble.uses('kafka/0', 'zk/0')
    ensemble.serve(AVAILABLE, kafka)

    model.add_unit('zk')
    model.add_unit('zk')
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1', 'zk/2')
    ensemble.serve(AVAILABLE, kafka)

    model.set_config('zk', port=2182)
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1', 'zk/2', port=2182)
    ensemble.serve(AVAILABLE, kafka, port=2182)

    model.deploy('hbase', other_client, config=CLIENT)
    hbase = ensemble.relate('hbase')
    world.settle()
    for unit in 'kafka/0', 'hbase/0':
        ensemble.uses(unit, 'zk/0', 'zk/1', 'zk/2', port=2182)
    ensemble.serve(AVAILABLE, kafka, hbase, port=2182)

    model.remove_unit('zk/0')
    model.remove_unit('zk/2')
    world.settle()
    for unit in 'kafka/0', 'hbase/0':
        ensemble.uses(unit, 'zk/1', port=2182)
    ensemble.serve(AVAILABLE, kafka, hbase, port=2182)

    model.remove_relation(kafka)
    world.settle()
    ensemble.waits('kafka/0', UNRELATED)
    ensemble.uses('hbase/0', 'zk/1', port=2182)
    ensemble.serve(AVAILABLE, hbase, port=2182)

    kafka = ensemble.relate()
    world.settle()
    for unit in 'kafka/0', 'hbase/0':
        ensemble.uses(unit, 'zk/1', port=2182)
    ensemble.serve(AVAILABLE, kafka, hbase, port=2182)

    model.set_app_data(kafka, 'zk', note='of no interest')
    model.set_app_data(kafka, 'kafka', note='of none either')
    told = [run.hook for run in world.settle()]
    assert [(hook.kind, hook.remote_unit) for hook in told] == [('changed', '')] * 2
    for unit in 'kafka/0', 'hbase/0':
        ensemble.uses(unit, 'zk/1', port=2182)
    ensemble.serve(AVAILABLE, kafka, hbase, port=2182)

    model.remove_relation(kafka, force=True)
    assert world.settle() == []
    world.finds_ghost(kafka)
    ensemble.waits('kafka/0')
    ensemble.uses('hbase/0', 'zk/1', port=2182)
    ensemble.serve(AVAILABLE, hbase, port=2182)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    ensemble.serve(AVAILABLE, hbase, port=2182)

    model.remove_unit('zk/1')
    world.settle()
    ensemble.waits('hbase/0')


def test_their_life(world, in_process):
    live(world, in_process('zookeeper-server'), in_process('zookeeper-client'),
         in_process('zookeeper-client'))


@pytest.mark.parametrize('profile', ['3.6'], indirect=True)
@pytest.mark.parametrize('failing', ['early', 'late'])
def test_their_life_where_each_hook_fails_once(world, in_process, failing):
    world.failing = failing
    live(world, in_process('zookeeper-server'), in_process('zookeeper-client'),
         in_process('zookeeper-client'))


@pytest.mark.parametrize('profile', ['4.0'], indirect=True)
def test_their_life_with_the_hooks_of_a_client_as_processes(world, in_process,
                                                            by_processes):
    live(world, in_process('zookeeper-server'), by_processes('zookeeper-client'),
         in_process('zookeeper-client'))


@pytest.mark.parametrize('profile', ['2.9'], indirect=True)
def test_the_hooks_of_a_server_as_processes(world, in_process, by_processes):
    ensemble = Ensemble(world, by_processes('zookeeper-server'),
                        in_process('zookeeper-client'))
    kafka = ensemble.relate()
    world.settle()
    ensemble.serve(AVAILABLE, kafka)
    world.model.set_config('zk', port=2182)
    world.model.fail_next('zk/0', 'config-changed', late=False)
    world.model.fail_next('zk/0', 'config-changed', late=True)
    world.model.settle()
    ensemble.uses('kafka/0', 'zk/0', port=2182)
    ensemble.serve(AVAILABLE, kafka, port=2182)
    world.model.remove_relation(kafka)
    world.settle()
    ensemble.waits('kafka/0', UNRELATED)
    assert world.flags('zk/0', 'zkclient') == NOTHING
    kafka = ensemble.relate()
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', port=2182)
    ensemble.serve(AVAILABLE, kafka, port=2182)


@pytest.fixture
def ensemble(world, in_process):
    """Two servers and a client, in a quiet model."""
    ensemble = Ensemble(world, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))
    ensemble.model.add_unit('zk')
    ensemble.kafka = ensemble.relate()
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1')
    return ensemble


def test_a_units_own_hooks_change_nothing_and_publish_nothing(world, ensemble):
    hooks = ['update-status', 'upgrade-charm', 'start', 'leader-elected']
    runs = [run for hook in hooks for run in world.dispatch(hook)]
    assert len(runs) == 12
    assert services(runs) == []
    assert [call for run in runs for call in run.calls
            if call[0] == 'relation-set'] == []
    ensemble.uses('kafka/0', 'zk/0', 'zk/1')
    ensemble.serve(AVAILABLE, ensemble.kafka)


@pytest.mark.parametrize('update_status', [False, True])
def test_a_departed_that_was_skipped_shows_in_the_next_hook(world, ensemble,
                                                            update_status):
    model = world.model
    model.remove_unit('zk/0')
    world.skip('kafka/0', 'zookeeper-relation-departed')
    world.settle()
    if update_status:
        world.dispatch('update-status')
    else:
        model.set_app_data(ensemble.kafka, 'zk', note='new')
        world.settle()
    ensemble.uses('kafka/0', 'zk/1')


def test_a_departed_of_the_last_server_that_was_skipped(world, ensemble):
    model = world.model
    for name in 'zk/0', 'zk/1':
        model.remove_unit(name)
        world.skip('kafka/0', 'zookeeper-relation-departed')
    world.settle()
    world.dispatch('update-status')
    ensemble.waits('kafka/0')


def test_a_client_is_gone_in_update_status_where_servers_skipped_its_departed(
        world, ensemble):
    model = world.model
    model.remove_unit('kafka/0')
    world.skip('zk/1', 'zkclient-relation-departed')
    assert world.flags('zk/1', 'zkclient') == AVAILABLE
    world.dispatch('update-status')
    for name in 'zk/0', 'zk/1':
        assert world.flags(name, 'zkclient') == NOTHING


def test_the_chroot_of_a_client(in_process):
    world = World('3.6')
    ensemble = Ensemble(world, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))
    world.model.set_config('kafka', chroot='/kafka')
    ensemble.relate()
    world.settle()
    assert world.file('kafka/0', 'conf/client.cfg') == (
        'zookeeper.connect={}/kafka\n'.format(world.servers('zk/0')))
