"""ZooKeeper servers, Flume sinks and their clients, from deployment to removal."""
import pytest

from .conftest import profiles
from .ensemble import CLIENT, SERVER, Ensemble, Fleet
from .world import AVAILABLE, NOTHING, World, services, units_that_wrote

EXAMPLES = {'zookeeper': (Ensemble, 'zookeeper-server', 'zookeeper-client'),
            'flume': (Fleet, 'flume-sink', 'flume-agent')}
# two changes of what a server publishes
CHANGES = {'zookeeper': [{'port': 2182}, {'port': 2183}],
           'flume': [{'port': 4142}, {'protocol': 'thrift'}]}
OWN_HOOKS = ['update-status', 'upgrade-charm', 'start', 'leader-elected']

both_examples = pytest.mark.parametrize('example', EXAMPLES)


def live_through_changes(world, in_process, example, make_client):
    """Deploy an example, do everything that an operator does, and remove it.

    :param make_client: makes the first client's charm
    """
    model, (cls, server, client) = world.model, EXAMPLES[example]
    deployment = cls(world, in_process(server), make_client(client))
    zero, one, two = [deployment.server_app + '/{}'.format(n) for n in range(3)]
    first, other = deployment.client_app + '/0', deployment.other_app + '/0'

    # scaling out
    relation = deployment.relate()
    world.settle()
    deployment.uses(first, zero)
    deployment.serves(relation)
    model.add_unit(deployment.server_app)
    model.add_unit(deployment.server_app)
    world.settle()
    deployment.uses(first, zero, one, two)
    deployment.serves(relation)

    # other options, the second time together with another client
    deployment.configure(**CHANGES[example][0])
    world.settle()
    deployment.uses(first, zero, one, two)
    deployment.serves(relation)
    deployment.configure(**CHANGES[example][1])
    model.deploy(deployment.other_app, in_process(client), config=CLIENT)
    other_relation = deployment.relate(deployment.other_app)
    world.settle()
    for unit in first, other:
        deployment.uses(unit, zero, one, two)
    deployment.serves(relation, other_relation)

    # scaling in
    model.remove_unit(zero)
    model.remove_unit(two)
    world.settle()
    for unit in first, other:
        deployment.uses(unit, one)
    deployment.serves(relation, other_relation)

    # one client's relation removed and added again
    model.remove_relation(relation)
    world.settle()
    deployment.waits(first, deployment.unrelated)
    deployment.uses(other, one)
    deployment.serves(other_relation)
    relation = deployment.relate()
    world.settle()
    for unit in first, other:
        deployment.uses(unit, one)
    deployment.serves(relation, other_relation)

    # application data of unknown keys
    model.set_app_data(relation, deployment.server_app, note='unknown')
    model.set_app_data(relation, deployment.client_app, note='unknown')
    hooks = [run.hook for run in world.settle()]
    assert [(hook.kind, hook.remote_unit) for hook in hooks] == [('changed', '')] * 2
    for unit in first, other:
        deployment.uses(unit, one)
    deployment.serves(relation, other_relation)

    # forced removal of the relation
    model.remove_relation(relation, force=True)
    assert world.settle() == []
    world.warns_of_force_removed(relation)
    deployment.waits(first)
    deployment.uses(other, one)
    deployment.serves(other_relation)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    deployment.serves(other_relation)

    model.remove_unit(one)
    world.settle()
    deployment.waits(other)


@both_examples
def test_clients_follow_all_changes(world, in_process, example):
    live_through_changes(world, in_process, example, in_process)


@profiles('3.6')
@both_examples
@pytest.mark.parametrize('failing', ['early', 'late'])
def test_clients_follow_all_changes_when_each_hook_fails_once(
        world, in_process, example, failing):
    world.failing = failing
    live_through_changes(world, in_process, example, in_process)


@pytest.mark.parametrize('profile, example', [('4.0', 'zookeeper'), ('3.6', 'flume')],
                         indirect=['profile'])
def test_client_whose_hooks_are_processes_follows_all_changes(
        world, in_process, as_processes, example):
    live_through_changes(world, in_process, example, as_processes)


@pytest.mark.parametrize('profile, example, changes', [
    ('2.9', 'zookeeper', {'port': 2182}),
    ('4.0', 'flume', {'port': 4142, 'protocol': 'thrift'})], indirect=['profile'])
def test_server_whose_hooks_are_processes_publishes_despite_failures(
        world, in_process, as_processes, example, changes):
    cls, server, client = EXAMPLES[example]
    deployment = cls(world, as_processes(server), in_process(client))
    unit, client = deployment.server_app + '/0', deployment.client_app + '/0'
    relation = deployment.relate()
    world.settle()
    deployment.serves(relation)
    deployment.configure(**changes)
    world.model.fail_next(unit, 'config-changed', late=False)
    world.model.fail_next(unit, 'config-changed', late=True)
    world.model.settle()
    deployment.uses(client, unit)
    deployment.serves(relation)
    world.model.remove_relation(relation)
    world.settle()
    deployment.waits(client, deployment.unrelated)
    assert world.flags(unit, deployment.server_endpoint) == NOTHING
    relation = deployment.relate()
    world.settle()
    deployment.uses(client, unit)
    deployment.serves(relation)


@pytest.fixture
def deployment(world, in_process, example):
    """Two servers and a client, with no hook pending."""
    cls, server, client = EXAMPLES[example]
    deployment = cls(world, in_process(server), in_process(client))
    deployment.model.add_unit(deployment.server_app)
    deployment.relation = deployment.relate()
    world.settle()
    deployment.servers = [deployment.server_app + '/0', deployment.server_app + '/1']
    deployment.client = deployment.client_app + '/0'
    deployment.uses(deployment.client, *deployment.servers)
    return deployment


@both_examples
def test_unit_hooks_change_and_publish_nothing(world, deployment):
    runs = [run for hook in OWN_HOOKS for run in world.dispatch(hook)]
    assert len(runs) == 12
    assert services(runs) == []
    assert units_that_wrote(runs) == []
    deployment.uses(deployment.client, *deployment.servers)
    deployment.serves(deployment.relation)


@both_examples
@pytest.mark.parametrize('update_status', [False, True])
def test_server_of_skipped_departed_hook_is_dropped_in_next_hook(
        world, deployment, update_status):
    world.model.remove_unit(deployment.servers[0])
    world.skip(deployment.client,
               deployment.client_endpoint + '-relation-departed')
    world.settle()
    if update_status:
        world.dispatch('update-status')
    else:
        world.model.set_app_data(deployment.relation, deployment.server_app, note='new')
        world.settle()
    deployment.uses(deployment.client, deployment.servers[1])


# ZooKeeper only.

def test_last_server_of_skipped_departed_hook_is_dropped_in_update_status(
        world, ensemble):
    for name in 'zk/0', 'zk/1':
        world.model.remove_unit(name)
        world.skip('kafka/0', 'zookeeper-relation-departed')
    world.settle()
    world.dispatch('update-status')
    ensemble.waits('kafka/0')


def test_client_of_skipped_departed_hook_is_dropped_in_update_status(world, ensemble):
    world.model.remove_unit('kafka/0')
    world.skip('zk/1', 'zkclient-relation-departed')
    assert world.flags('zk/1', 'zkclient') == AVAILABLE
    world.dispatch('update-status')
    for name in 'zk/0', 'zk/1':
        assert world.flags(name, 'zkclient') == NOTHING


def test_chroot_ends_connection_string(in_process):
    world = World('3.6')
    ensemble = Ensemble(world, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))
    world.model.set_config('kafka', chroot='/kafka')
    ensemble.relate()
    world.settle()
    assert world.file('kafka/0', 'conf/client.cfg') == (
        'zookeeper.connect={}/kafka\n'.format(world.servers('zk/0')))


# Flume only.

@pytest.fixture
def example():
    """The example of tests that are not parametrized."""
    return 'flume'


def test_agent_service_stops_with_relation_and_starts_with_next(world, deployment):
    world.model.remove_relation(deployment.relation)
    assert services(world.settle()) == [('syslog/0', 'restart', 'flume'),
                                        ('syslog/0', 'stop', 'flume')]
    deployment.relate()
    assert services(world.settle()) == [('syslog/0', 'restart', 'flume')] * 2


def test_failover_agent_uses_sinks_of_two_applications(world, deployment, in_process):
    world.model.deploy('archive', in_process('flume-sink'), config=SERVER)
    archive = deployment.relate(server='archive')
    world.settle()
    deployment.uses('syslog/0', 'archive/0', 'hdfs/0', 'hdfs/1')
    world.model.remove_relation(archive)
    world.settle()
    deployment.uses('syslog/0', 'hdfs/0', 'hdfs/1')


def test_agent_keeps_its_one_sink_while_others_come_and_go(
        world, deployment, in_process):
    model = world.model
    model.deploy('audit', in_process('flume-agent'), config=CLIENT)
    deployment.relate('audit')
    world.settle()
    deployment.uses('audit/0', 'hdfs/0')
    model.add_unit('hdfs')
    model.remove_unit('hdfs/1')
    runs = world.settle()
    assert [done for done in services(runs) if done[0] == 'audit/0'] == []
    deployment.uses('audit/0', 'hdfs/0')
    model.remove_unit('hdfs/0')
    runs = world.settle()
    assert [done for done in services(runs) if done[0] == 'audit/0'] == [
        ('audit/0', 'restart', 'flume')]
    deployment.uses('audit/0', 'hdfs/2')


@profiles('4.0')
def test_each_sink_is_listed_once_after_relation_was_replaced(world, deployment):
    world.model.remove_relation(deployment.relation, force=True)
    world.model.remove_unit('hdfs/0')
    world.settle()
    deployment.relate()
    world.settle()
    deployment.uses('syslog/0', 'hdfs/1')
    deployment.configure(port=4142)
    world.settle()
    deployment.uses('syslog/0', 'hdfs/1')
