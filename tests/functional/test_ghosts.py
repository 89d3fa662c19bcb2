"""Relations that were removed by force, while Juju goes on listing them."""
import pytest

from .ensemble import CLIENT, Ensemble
from .world import AVAILABLE, GHOST, NOTHING, services, warnings

recorded = pytest.mark.parametrize('profile', ['4.0'], indirect=True)


class Haunted(Ensemble):
    """Servers zk and their clients kafka and late; the relation of late has gone."""

    def __init__(self, world, server, client):
        super().__init__(world, server, client)
        self.model.deploy('late', client, config=CLIENT)
        self.kafka, self.late = self.relate(), self.relate('late')
        world.settle()
        self.model.remove_relation(self.late, force=True)
        assert world.settle() == []

    def touched(self, run):
        """Where a hook of zk/0 read or set its own settings for late."""
        return {self.late.id('zk'), self.successor.id('zk')} & {
            word for tool, words in run.calls
            if tool == 'relation-set' or 'zk/0' in words for word in words}

    def relate_again(self):
        self.successor = self.relate('late')
        return self.world.settle()


@pytest.fixture
def haunted(world, in_process):
    return Haunted(world, in_process('zookeeper-server'),
                   in_process('zookeeper-client'))


# Without a successor.

def test_a_ghost_keeps_no_other_client_from_being_told(world, haunted):
    haunted.model.set_config('zk', port=3000)
    runs = haunted.model.settle()
    assert [run.log for run in runs if run.status] == []
    assert warnings(*runs) == [GHOST.format('zkclient', haunted.late.id('zk'))]
    haunted.uses('kafka/0', 'zk/0', port=3000)
    haunted.serve(AVAILABLE, haunted.kafka, port=3000)
    haunted.model.add_unit('kafka')
    haunted.model.set_config('zk', port=3001)
    world.settle()
    for client in 'kafka/0', 'kafka/1':
        haunted.uses(client, 'zk/0', port=3001)


def test_a_ghost_is_as_good_as_removed_in_update_status(world, haunted):
    world.finds_ghost(haunted.late)
    haunted.waits('late/0')
    haunted.uses('kafka/0', 'zk/0')
    haunted.serve(AVAILABLE, haunted.kafka)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    haunted.relate_again()
    haunted.uses('late/0', 'zk/0')
    haunted.serve(AVAILABLE, haunted.kafka, haunted.successor)


def test_the_last_relation_is_a_ghost(world, haunted):
    haunted.model.remove_relation(haunted.kafka)
    world.settle()
    assert world.flags('zk/0', 'zkclient') >= AVAILABLE
    world.finds_ghost(haunted.late)
    assert world.flags('zk/0', 'zkclient') == NOTHING
    assert world.flags('late/0', 'zookeeper') == NOTHING
    haunted.relate()
    world.settle()
    haunted.uses('kafka/0', 'zk/0')


@recorded
def test_a_controller_that_is_away_makes_no_ghosts(world, haunted):
    model = haunted.model
    for unit, end in ('zk/0', 'zkclient'), ('late/0', 'zookeeper'), (
            'kafka/0', 'zookeeper'):
        model.fail_tools(unit, 'relation-*{}*'.format(end),
                         'ERROR connection is shut down')
    said = world.update_status()
    assert said.keys() == model.units.keys()
    assert [text for texts in said.values() for text in texts
            if 'removed' in text] == []
    assert world.update_status() == {}
    for unit in 'late/0', 'kafka/0':
        haunted.uses(unit, 'zk/0')
    haunted.serve(AVAILABLE, haunted.kafka)
    for unit in list(model.units):
        model.mend_tools(unit)
    world.finds_ghost(haunted.late)


# With one.

@recorded
def test_a_relation_that_is_made_again_is_no_news(world, haunted):
    runs = haunted.relate_again()
    assert [done for done in services(runs) if done[0] == 'late/0'] == []
    haunted.uses('late/0', 'zk/0')
    assert services(world.dispatch('update-status')) == []
    haunted.uses('late/0', 'zk/0')


@recorded
def test_a_server_that_left_is_not_served_out_of_a_ghost(world, haunted):
    haunted.model.add_unit('zk')
    haunted.model.remove_unit('zk/0')
    world.settle()
    assert haunted.model.members('late/0', haunted.late) == ['zk/0']
    haunted.relate_again()
    haunted.uses('late/0', 'zk/1')
    haunted.model.set_config('zk', port=3000)
    world.settle()
    haunted.uses('late/0', 'zk/1', port=3000)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    haunted.uses('late/0', 'zk/1', port=3000)


@recorded
def test_juju_can_keep_each_hook_although_both_are_to_be_told(world, haunted):
    model = haunted.model
    haunted.relate_again()
    model.set_config('zk', port=3000)
    world.skip('zk/0', 'config-changed')
    model.add_unit('late')
    runs = world.settle() + world.dispatch('update-status')
    touched = [haunted.touched(run) for run in runs if run.unit == 'zk/0']
    assert max(map(len, touched)) == 1
    assert set().union(*touched) == {haunted.late.id('zk'), haunted.successor.id('zk')}
    for unit in 'late/0', 'late/1', 'kafka/0':
        haunted.uses(unit, 'zk/0', port=3000)
    haunted.serve(AVAILABLE, haunted.kafka, haunted.successor, port=3000)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    haunted.serve(AVAILABLE, haunted.kafka, haunted.successor, port=3000)


@recorded
def test_the_successor_is_removed_by_force_too(world, haunted):
    haunted.relate_again()
    haunted.model.remove_relation(haunted.successor, force=True)
    for _ in range(2):
        world.update_status()
    haunted.waits('late/0')
    haunted.serve(AVAILABLE, haunted.kafka)
    assert world.update_status() == {}
