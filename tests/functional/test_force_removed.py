"""Force-removed relations, which Juju goes on listing."""
import pytest

from .conftest import profiles
from .ensemble import CLIENT, Ensemble
from .world import AVAILABLE, FORCE_REMOVED, NOTHING, services, warnings


class ForceRemoved(Ensemble):
    """Servers zk with the clients kafka and hbase; hbase's relation is force-removed.
    """

    def __init__(self, world, server, client):
        super().__init__(world, server, client)
        self.model.deploy('hbase', client, config=CLIENT)
        self.kafka, self.removed = self.relate(), self.relate('hbase')
        world.settle()
        self.model.remove_relation(self.removed, force=True)
        assert world.settle() == []

    def used_databags(self, run):
        """hbase's relations in which a hook read or wrote the data of zk/0."""
        return {self.removed.id('zk'), self.replacement.id('zk')} & {
            word for tool, words in run.calls
            if tool == 'relation-set' or 'zk/0' in words for word in words}

    def relate_again(self):
        self.replacement = self.relate('hbase')
        return self.world.settle()


@pytest.fixture
def deployment(world, in_process):
    return ForceRemoved(world, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))


# Not replaced by another relation.

def test_server_publishes_to_other_clients(world, deployment):
    deployment.configure(port=3000)
    runs = deployment.model.settle()
    assert [run.log for run in runs if run.status] == []
    assert warnings(*runs) == [
        FORCE_REMOVED.format('zkclient', deployment.removed.id('zk'))]
    deployment.uses('kafka/0', 'zk/0')
    deployment.serves(deployment.kafka)
    deployment.model.add_unit('kafka')
    deployment.configure(port=3001)
    world.settle()
    for client in 'kafka/0', 'kafka/1':
        deployment.uses(client, 'zk/0')


def test_update_status_drops_force_removed_relation(world, deployment):
    world.warns_of_force_removed(deployment.removed)
    deployment.waits('hbase/0')
    deployment.uses('kafka/0', 'zk/0')
    deployment.serves(deployment.kafka)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    deployment.relate_again()
    deployment.uses('hbase/0', 'zk/0')
    deployment.serves(deployment.kafka, deployment.replacement)


def test_update_status_clears_flags_if_only_force_removed_relation_is_left(
        world, deployment):
    deployment.model.remove_relation(deployment.kafka)
    world.settle()
    assert world.flags('zk/0', 'zkclient') >= AVAILABLE
    world.warns_of_force_removed(deployment.removed)
    assert world.flags('zk/0', 'zkclient') == NOTHING
    assert world.flags('hbase/0', 'zookeeper') == NOTHING
    deployment.relate()
    world.settle()
    deployment.uses('kafka/0', 'zk/0')


@profiles('4.0')
def test_lost_connection_to_controller_is_not_taken_for_force_removal(
        world, deployment):
    model = deployment.model
    for unit, endpoint in [('zk/0', 'zkclient'), ('hbase/0', 'zookeeper'),
                           ('kafka/0', 'zookeeper')]:
        model.fail_tools(unit, 'relation-*{}*'.format(endpoint),
                         'ERROR connection is shut down')
    warned = world.update_status()
    assert warned.keys() == model.units.keys()
    assert [text for texts in warned.values() for text in texts
            if 'removed' in text] == []
    assert world.update_status() == {}
    for unit in 'hbase/0', 'kafka/0':
        deployment.uses(unit, 'zk/0')
    deployment.serves(deployment.kafka)
    for unit in list(model.units):
        model.mend_tools(unit)
    world.warns_of_force_removed(deployment.removed)


# Replaced by another relation.

@profiles('4.0')
def test_replaced_relation_does_not_restart_client(world, deployment):
    runs = deployment.relate_again()
    assert [done for done in services(runs) if done[0] == 'hbase/0'] == []
    deployment.uses('hbase/0', 'zk/0')
    assert services(world.dispatch('update-status')) == []
    deployment.uses('hbase/0', 'zk/0')


@profiles('4.0')
def test_departed_server_of_force_removed_relation_is_not_used(world, deployment):
    deployment.model.add_unit('zk')
    deployment.model.remove_unit('zk/0')
    world.settle()
    assert deployment.model.members('hbase/0', deployment.removed) == ['zk/0']
    deployment.relate_again()
    deployment.uses('hbase/0', 'zk/1')
    deployment.configure(port=3000)
    world.settle()
    deployment.uses('hbase/0', 'zk/1')
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    deployment.uses('hbase/0', 'zk/1')


@profiles('4.0')
def test_each_hook_uses_databag_of_old_or_new_relation_not_both(world, deployment):
    model = deployment.model
    deployment.relate_again()
    deployment.configure(port=3000)
    world.skip('zk/0', 'config-changed')
    model.add_unit('hbase')
    runs = world.settle() + world.dispatch('update-status')
    used = [deployment.used_databags(run) for run in runs if run.unit == 'zk/0']
    assert max(map(len, used)) == 1
    assert set().union(*used) == {deployment.removed.id('zk'),
                                  deployment.replacement.id('zk')}
    for unit in 'hbase/0', 'hbase/1', 'kafka/0':
        deployment.uses(unit, 'zk/0')
    deployment.serves(deployment.kafka, deployment.replacement)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    deployment.serves(deployment.kafka, deployment.replacement)


@profiles('4.0')
def test_update_status_drops_replacement_that_is_force_removed_too(world, deployment):
    deployment.relate_again()
    deployment.model.remove_relation(deployment.replacement, force=True)
    for _ in range(2):
        world.update_status()
    deployment.waits('hbase/0')
    deployment.serves(deployment.kafka)
    assert world.update_status() == {}
