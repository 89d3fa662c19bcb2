"""ZooKeeper servers, Flume sinks and their clients, from deployment to removal."""
import pytest

from .conftest import releases
from .ensemble import CLIENT, Ensemble, Fleet
from .juju import NOTHING, services, units_that_wrote

EXAMPLES = {'zookeeper': (Ensemble, 'zookeeper-server', 'zookeeper-client'),
            'flume': (Fleet, 'flume-sink', 'flume-agent')}
# two changes of what a server publishes
CHANGES = {'zookeeper': [{'port': 2182}, {'port': 2183}],
           'flume': [{'port': 4142}, {'protocol': 'thrift'}]}
OWN_HOOKS = ['update-status', 'upgrade-charm', 'start', 'leader-elected']

both_examples = pytest.mark.parametrize('example', EXAMPLES)


def run_life_cycle(juju, in_process, example, make_client):
    """Deploy an example, scale it, change it, and remove it, as an operator does.

    :param make_client: makes the first client's charm
    """
    model, (cls, server, client) = juju.model, EXAMPLES[example]
    deployment = cls(juju, in_process(server), make_client(client))
    zero, one, two = [deployment.server_app + '/{}'.format(n) for n in range(3)]
    first, other = deployment.client_app + '/0', deployment.other_app + '/0'

    # scaling out
    relation = deployment.relate()
    juju.settle()
    deployment.assert_uses(first, zero)
    deployment.assert_publishes(relation)
    model.add_unit(deployment.server_app)
    model.add_unit(deployment.server_app)
    juju.settle()
    deployment.assert_uses(first, zero, one, two)
    deployment.assert_publishes(relation)

    # changed options, the second time together with another client
    deployment.configure(**CHANGES[example][0])
    juju.settle()
    deployment.assert_uses(first, zero, one, two)
    deployment.assert_publishes(relation)
    deployment.configure(**CHANGES[example][1])
    model.deploy(deployment.other_app, in_process(client), config=CLIENT)
    other_relation = deployment.relate(deployment.other_app)
    juju.settle()
    for unit in first, other:
        deployment.assert_uses(unit, zero, one, two)
    deployment.assert_publishes(relation, other_relation)

    # scaling in
    model.remove_unit(zero)
    model.remove_unit(two)
    juju.settle()
    for unit in first, other:
        deployment.assert_uses(unit, one)
    deployment.assert_publishes(relation, other_relation)

    # one client's relation removed and added again
    model.remove_relation(relation)
    juju.settle()
    deployment.assert_waits(first, deployment.unrelated)
    deployment.assert_uses(other, one)
    deployment.assert_publishes(other_relation)
    relation = deployment.relate()
    juju.settle()
    for unit in first, other:
        deployment.assert_uses(unit, one)
    deployment.assert_publishes(relation, other_relation)

    # application data of unknown keys
    model.set_app_data(relation, deployment.server_app, note='unknown')
    model.set_app_data(relation, deployment.client_app, note='unknown')
    hooks = [run.hook for run in juju.settle()]
    assert [(hook.kind, hook.remote_unit) for hook in hooks] == [('changed', '')] * 2
    for unit in first, other:
        deployment.assert_uses(unit, one)
    deployment.assert_publishes(relation, other_relation)

    # forced removal of the relation
    model.remove_relation(relation, force=True)
    assert juju.settle() == []
    juju.assert_warns_of_force_removed(relation)
    deployment.assert_waits(first, deployment.unrelated)
    deployment.assert_uses(other, one)
    deployment.assert_publishes(other_relation)
    juju.restart_agents()
    assert services(juju.dispatch('update-status')) == []
    deployment.assert_publishes(other_relation)

    model.remove_unit(one)
    juju.settle()
    deployment.assert_waits(other)


@both_examples
def test_clients_follow_all_changes(juju, in_process, example):
    run_life_cycle(juju, in_process, example, in_process)


@releases('3.6')
@pytest.mark.parametrize('example, failing', [
    ('zookeeper', 'late'), ('flume', 'early'),
    pytest.param('zookeeper', 'early', marks=pytest.mark.slow),
    pytest.param('flume', 'late', marks=pytest.mark.slow)])
def test_clients_follow_all_changes_when_each_hook_fails_once(
        juju, in_process, example, failing):
    juju.failing = failing
    run_life_cycle(juju, in_process, example, in_process)


@pytest.mark.slow
@pytest.mark.parametrize('release, example', [('4.0', 'zookeeper'), ('3.6', 'flume')],
                         indirect=['release'])
def test_client_whose_hooks_are_processes_follows_all_changes(
        juju, in_process, as_processes, example):
    run_life_cycle(juju, in_process, example, as_processes)


@pytest.mark.parametrize('release, example, changes', [
    ('4.0', 'flume', {'port': 4142, 'protocol': 'thrift'}),
    pytest.param('2.9', 'zookeeper', {'port': 2182}, marks=pytest.mark.slow)],
    indirect=['release'])
def test_server_whose_hooks_are_processes_publishes_despite_failures(
        juju, in_process, as_processes, example, changes):
    cls, server, client = EXAMPLES[example]
    deployment = cls(juju, as_processes(server), in_process(client))
    unit, client = deployment.server_app + '/0', deployment.client_app + '/0'
    relation = deployment.relate()
    juju.settle()
    deployment.assert_publishes(relation)
    deployment.configure(**changes)
    juju.model.fail_next(unit, 'config-changed', late=False)
    juju.model.fail_next(unit, 'config-changed', late=True)
    juju.model.settle()
    deployment.assert_uses(client, unit)
    deployment.assert_publishes(relation)
    juju.model.remove_relation(relation)
    juju.settle()
    deployment.assert_waits(client, deployment.unrelated)
    assert juju.flags(unit, deployment.server_endpoint) == NOTHING
    relation = deployment.relate()
    juju.settle()
    deployment.assert_uses(client, unit)
    deployment.assert_publishes(relation)


@pytest.fixture
def deployment(juju, in_process, example):
    """Two servers and a client, with no hook due."""
    cls, server, client = EXAMPLES[example]
    deployment = cls(juju, in_process(server), in_process(client))
    deployment.model.add_unit(deployment.server_app)
    deployment.relation = deployment.relate()
    juju.settle()
    deployment.servers = [deployment.server_app + '/0', deployment.server_app + '/1']
    deployment.client = deployment.client_app + '/0'
    deployment.assert_uses(deployment.client, *deployment.servers)
    return deployment


@both_examples
def test_unit_hooks_change_and_publish_nothing(juju, deployment):
    runs = [run for hook in OWN_HOOKS for run in juju.dispatch(hook)]
    assert len(runs) == 12
    assert services(runs) == []
    assert units_that_wrote(runs) == []
    deployment.assert_uses(deployment.client, *deployment.servers)
    deployment.assert_publishes(deployment.relation)


@both_examples
@pytest.mark.parametrize('update_status', [False, True])
def test_server_of_skipped_departed_hook_is_dropped_in_next_hook(
        juju, deployment, update_status):
    juju.model.remove_unit(deployment.servers[0])
    juju.skip(deployment.client, deployment.client_endpoint + '-relation-departed')
    juju.settle()
    if update_status:
        juju.dispatch('update-status')
    else:
        juju.model.set_app_data(deployment.relation, deployment.server_app, note='new')
        juju.settle()
    deployment.assert_uses(deployment.client, deployment.servers[1])


@pytest.fixture
def example():
    """The example of tests that are not parametrized."""
    return 'flume'


def test_agent_stops_without_relation_and_starts_with_next_one(juju, deployment):
    juju.model.remove_relation(deployment.relation)
    assert services(juju.settle()) == [('syslog/0', 'restart', 'flume'),
                                       ('syslog/0', 'stop', 'flume')]
    deployment.relate()
    assert services(juju.settle()) == [('syslog/0', 'restart', 'flume')] * 2


def test_agent_keeps_its_sink_while_others_are_added_and_removed(
        juju, deployment, in_process):
    model = juju.model
    model.deploy('audit', in_process('flume-agent'), config=CLIENT)
    deployment.relate('audit')
    juju.settle()
    deployment.assert_uses('audit/0', 'hdfs/0')
    model.add_unit('hdfs')
    model.remove_unit('hdfs/1')
    runs = juju.settle()
    assert [done for done in services(runs) if done[0] == 'audit/0'] == []
    deployment.assert_uses('audit/0', 'hdfs/0')
    model.remove_unit('hdfs/0')
    runs = juju.settle()
    assert [done for done in services(runs) if done[0] == 'audit/0'] == [
        ('audit/0', 'restart', 'flume')]
    deployment.assert_uses('audit/0', 'hdfs/2')
