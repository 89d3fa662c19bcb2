"""What operators do, and what becomes of the units."""
import re

import pytest

from .conftest import TESTS
from .ensemble import UNRELATED, Ensemble
from .world import AVAILABLE, NOTHING, World, warnings

one_profile = pytest.mark.parametrize('profile', ['3.6'], indirect=True)


@pytest.fixture
def ensemble(world, in_process):
    """Two servers and a client, in a quiet model."""
    ensemble = Ensemble(world, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))
    ensemble.model.add_unit('zk')
    ensemble.kafka = ensemble.relate()
    world.settle()
    return ensemble


# The command of the README.

def asked(run):
    """What a hook asked Juju, and told it, of relations."""
    return [call for call in run.calls if call[0].startswith('relation-')]


def test_the_command_for_a_full_look(in_process, by_processes):
    (unit, command), = re.findall(r"^\$ juju exec --unit (\S+) '(JUJU_.*)'$",
                                  (TESTS.parent / 'README.md').read_text(), re.M)
    world = World('3.6')
    model = world.model
    ensemble = Ensemble(world, in_process('zookeeper-server'),
                        by_processes('zookeeper-client'))
    relation = ensemble.relate()
    world.settle()
    model.set_config('zk', port=3000)
    world.skip(unit, 'zookeeper-relation-changed')
    ensemble.uses(unit, 'zk/0')
    run = model.action(unit, 'juju-exec', command=command)
    assert (run.status, warnings(run)) == (0, [])
    ensemble.uses(unit, 'zk/0', port=3000)
    update, = [run for run in world.dispatch('update-status') if run.unit == unit]
    assert asked(run) == asked(update) != []

    model.remove_relation(relation, force=True)
    run = model.action(unit, 'juju-exec', command=command)
    assert (run.status, len(warnings(run))) == (0, 1)
    ensemble.waits(unit)


# Units, agents and relations.

def test_a_server_that_was_removed_by_force(world, ensemble):
    ensemble.model.remove_unit('zk/1', force=True)
    assert world.settle() == []
    world.restart_agents()
    world.settle()
    ensemble.uses('kafka/0', 'zk/0')


def test_a_client_that_was_removed_by_force(world, ensemble):
    ensemble.model.remove_unit('kafka/0', force=True)
    assert world.settle() == []
    world.restart_agents()
    world.settle()
    for server in 'zk/0', 'zk/1':
        assert world.flags(server, 'zkclient') == NOTHING


def test_a_relation_that_is_suspended_and_resumed(world, ensemble):
    model = ensemble.model
    model.suspend(ensemble.kafka)
    world.settle()
    ensemble.waits('kafka/0', UNRELATED)
    assert world.flags('zk/0', 'zkclient') == NOTHING
    model.set_config('zk', port=3000)
    model.resume(ensemble.kafka)
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1', port=3000)
    ensemble.serve(AVAILABLE, ensemble.kafka, port=3000)


def test_agents_that_are_restarted_after_each_hook(world, ensemble):
    """An agent that starts forgets of a relation that goes whom it was with."""
    model = ensemble.model

    def settle():
        while run := model.step():
            assert (run.status, warnings(run)) == (0, [])
            world.restart_agents()

    model.add_unit('zk')
    model.remove_unit('zk/0')
    model.set_config('zk', port=3000)
    settle()
    ensemble.uses('kafka/0', 'zk/1', 'zk/2', port=3000)
    ensemble.serve(AVAILABLE, ensemble.kafka, port=3000)
    model.remove_relation(ensemble.kafka)
    settle()
    ensemble.waits('kafka/0', UNRELATED)
    for server in 'zk/1', 'zk/2':
        assert world.flags(server, 'zkclient') == NOTHING


# Backups that are put back.

@one_profile
def test_a_client_whose_store_is_rolled_back(world, ensemble):
    store = ensemble.model.unit('kafka/0').disk['store']
    before = store.getrange('interface-layer.')
    ensemble.model.add_unit('zk')
    ensemble.model.remove_unit('zk/0')
    ensemble.model.set_config('zk', port=3000)
    world.settle()
    store.update(before)
    store.flush()
    world.dispatch('update-status')
    ensemble.uses('kafka/0', 'zk/1', 'zk/2', port=3000)


@one_profile
def test_a_databag_that_is_rolled_back(world, ensemble):
    model = ensemble.model
    before = dict(model.settings(ensemble.kafka, 'zk/0'))
    model.set_config('zk', port=3000)
    world.settle()
    model.write(ensemble.kafka.bags['zk/0'], before)
    world.settle()
    assert world.told(ensemble.kafka, 'zk/0') == {'port': '2181'}
    world.dispatch('update-status')
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1', port=3000)
    ensemble.serve(AVAILABLE, ensemble.kafka, port=3000)
