"""Force-removed relations, which Juju continues to list."""
import pytest

from .conftest import releases
from .ensemble import CLIENT, Ensemble
from .juju import FORCE_REMOVED, services, warnings


class ForceRemoved(Ensemble):
    """Servers zk with the clients kafka and hbase; hbase's relation is force-removed.
    """

    def __init__(self, juju, server, client):
        super().__init__(juju, server, client)
        self.model.deploy('hbase', client, config=CLIENT)
        self.kafka, self.removed = self.relate(), self.relate('hbase')
        juju.settle()
        self.model.remove_relation(self.removed, force=True)
        assert juju.settle() == []

    def used_databags(self, run):
        """hbase's relations in which a hook read or wrote the data of zk/0."""
        return {self.removed.id('zk'), self.replacement.id('zk')} & {
            word for tool, words in run.calls
            if tool == 'relation-set' or 'zk/0' in words for word in words}

    def relate_again(self):
        self.replacement = self.relate('hbase')
        return self.juju.settle()


@pytest.fixture
def deployment(juju, in_process):
    return ForceRemoved(juju, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))


# Not replaced by another relation.

def test_server_publishes_to_other_clients_after_forced_removal_of_one_relation(
        juju, deployment):
    deployment.configure(port=3000)
    runs = deployment.model.settle()
    assert [run.log for run in runs if run.status] == []
    assert warnings(*runs) == [
        FORCE_REMOVED.format('zkclient', deployment.removed.id('zk'))]
    deployment.assert_uses('kafka/0', 'zk/0')
    deployment.assert_publishes(deployment.kafka)
    deployment.model.add_unit('kafka')
    deployment.configure(port=3001)
    juju.settle()
    for client in 'kafka/0', 'kafka/1':
        deployment.assert_uses(client, 'zk/0')


# Replaced by another relation.

@releases('4.0')
def test_replaced_relation_does_not_restart_client(juju, deployment):
    runs = deployment.relate_again()
    assert [done for done in services(runs) if done[0] == 'hbase/0'] == []
    deployment.assert_uses('hbase/0', 'zk/0')
    assert services(juju.dispatch('update-status')) == []
    deployment.assert_uses('hbase/0', 'zk/0')


@releases('4.0')
def test_each_hook_uses_databag_of_old_or_new_relation_not_both(juju, deployment):
    model = deployment.model
    deployment.relate_again()
    deployment.configure(port=3000)
    juju.skip('zk/0', 'config-changed')
    model.add_unit('hbase')
    runs = juju.settle() + juju.dispatch('update-status')
    used = [deployment.used_databags(run) for run in runs if run.unit == 'zk/0']
    assert max(map(len, used)) == 1
    assert set().union(*used) == {deployment.removed.id('zk'),
                                  deployment.replacement.id('zk')}
    for unit in 'hbase/0', 'hbase/1', 'kafka/0':
        deployment.assert_uses(unit, 'zk/0')
    deployment.assert_publishes(deployment.kafka, deployment.replacement)
    juju.restart_agents()
    assert services(juju.dispatch('update-status')) == []
    deployment.assert_publishes(deployment.kafka, deployment.replacement)
