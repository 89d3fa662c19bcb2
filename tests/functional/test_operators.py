"""What operators do with units, relations and backups."""
import re

from .conftest import TESTS, profiles
from .ensemble import UNRELATED, Ensemble
from .world import NOTHING, World, assert_succeeded, warnings


def relation_calls(run):
    """The relation tools that a hook called, with their arguments."""
    return [call for call in run.calls if call[0].startswith('relation-')]


def test_readme_command_makes_full_read(in_process, as_processes):
    (unit, command), = re.findall(r"^\$ juju exec --unit (\S+) '(JUJU_.*)'$",
                                  (TESTS.parent / 'README.md').read_text(), re.M)
    world = World('3.6')
    model = world.model
    ensemble = Ensemble(world, in_process('zookeeper-server'),
                        as_processes('zookeeper-client'))
    relation = ensemble.relate()
    world.settle()
    model.set_config('zk', port=3000)
    world.skip(unit, 'zookeeper-relation-changed')
    ensemble.uses(unit, 'zk/0')
    run = model.action(unit, 'juju-exec', command=command)
    assert_succeeded(run)
    ensemble.data['port'] = '3000'
    ensemble.uses(unit, 'zk/0')
    update, = [run for run in world.dispatch('update-status') if run.unit == unit]
    assert relation_calls(run) == relation_calls(update) != []

    model.remove_relation(relation, force=True)
    run = model.action(unit, 'juju-exec', command=command)
    assert (run.status, len(warnings(run))) == (0, 1)
    ensemble.waits(unit)


# Units, agents and relations.

def test_force_removed_server_is_dropped_after_agents_restart(world, ensemble):
    ensemble.model.remove_unit('zk/1', force=True)
    assert world.settle() == []
    world.restart_agents()
    world.settle()
    ensemble.uses('kafka/0', 'zk/0')


def test_force_removed_client_is_dropped_after_agents_restart(world, ensemble):
    ensemble.model.remove_unit('kafka/0', force=True)
    assert world.settle() == []
    world.restart_agents()
    world.settle()
    for server in 'zk/0', 'zk/1':
        assert world.flags(server, 'zkclient') == NOTHING


def test_suspended_relation_is_dropped_and_resumed_one_is_used(world, ensemble):
    ensemble.model.suspend(ensemble.kafka)
    world.settle()
    ensemble.waits('kafka/0', UNRELATED)
    assert world.flags('zk/0', 'zkclient') == NOTHING
    ensemble.configure(port=3000)
    ensemble.model.resume(ensemble.kafka)
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1')
    ensemble.serves(ensemble.kafka)


def test_changes_are_followed_when_agents_restart_after_each_hook(world, ensemble):
    """A restarted agent does not know the remote units of a dying relation."""
    model = ensemble.model

    def settle():
        while run := model.step():
            assert_succeeded(run)
            world.restart_agents()

    model.add_unit('zk')
    model.remove_unit('zk/0')
    ensemble.configure(port=3000)
    settle()
    ensemble.uses('kafka/0', 'zk/1', 'zk/2')
    ensemble.serves(ensemble.kafka)
    model.remove_relation(ensemble.kafka)
    settle()
    ensemble.waits('kafka/0', UNRELATED)
    for server in 'zk/1', 'zk/2':
        assert world.flags(server, 'zkclient') == NOTHING


# Restored backups.

@profiles('3.6')
def test_update_status_updates_restored_record_of_client(world, ensemble):
    store = ensemble.model.unit('kafka/0').disk['store']
    before = store.getrange('interface-layer.')
    ensemble.model.add_unit('zk')
    ensemble.model.remove_unit('zk/0')
    ensemble.configure(port=3000)
    world.settle()
    store.update(before)
    store.flush()
    world.dispatch('update-status')
    ensemble.uses('kafka/0', 'zk/1', 'zk/2')


@profiles('3.6')
def test_update_status_writes_current_data_to_restored_databag(world, ensemble):
    model = ensemble.model
    before = dict(model.settings(ensemble.kafka, 'zk/0'))
    ensemble.configure(port=3000)
    world.settle()
    model.write(ensemble.kafka.bags['zk/0'], before)
    world.settle()
    assert world.published(ensemble.kafka, 'zk/0') == {'port': '2181'}
    world.dispatch('update-status')
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1')
    ensemble.serves(ensemble.kafka)
