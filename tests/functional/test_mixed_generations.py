"""First- and second-generation charms, related to charms of either generation."""
import pytest

from .conftest import releases
from .pair import FIRST, GENERATIONS, NOTICES, SECOND, Pair

generations = pytest.mark.parametrize('server, client', [
    (server, client) for server in GENERATIONS for client in GENERATIONS])


def running(actions):
    """Whether the last of these actions leaves the service running."""
    return actions[-1][0] in ('start', 'restart')


@pytest.fixture
def pair(juju, in_process, server, client):
    """One server and its client, related by both interfaces."""
    pair = Pair(juju, server, client, in_process(server + '-server'),
                in_process(client + '-client'))
    pair.relate()
    assert running(pair.settle())
    pair.assert_uses('server/0')
    return pair


@releases('3.6')
@generations
@pytest.mark.parametrize('failing', [
    None, *(pytest.param(failing, marks=pytest.mark.slow)
            for failing in ('early', 'late'))])
def test_client_follows_added_and_removed_servers(pair, failing):
    pair.assert_unchanged(rounds=3)
    pair.juju.failing = failing

    def settle():
        actions = pair.settle()
        # a hook that failed late had already restarted the service
        assert failing == 'late' or running(actions)

    pair.model.add_unit('server')
    pair.model.add_unit('server')
    settle()
    pair.assert_uses('server/0', 'server/1', 'server/2')
    pair.assert_unchanged()
    pair.model.remove_unit('server/0')
    settle()
    pair.assert_uses('server/1', 'server/2')
    pair.model.remove_unit('server/1')
    pair.model.add_unit('server')
    settle()
    pair.assert_uses('server/2', 'server/3')
    pair.port = 3181
    pair.model.set_config('server', port=3181)
    settle()
    pair.assert_uses('server/2', 'server/3')
    pair.model.remove_relation(pair.zookeeper)
    pair.settle()
    pair.relate_zookeeper()
    settle()
    pair.assert_uses('server/2', 'server/3')
    pair.assert_unchanged(rounds=3)


@releases('4.0')
@pytest.mark.parametrize('server, client, which', [
    (FIRST, FIRST, 'zookeeper'), (SECOND, FIRST, 'flume'), (FIRST, SECOND, 'flume'),
    (SECOND, SECOND, 'zookeeper')])
def test_client_stops_without_relation_and_starts_with_next_one(pair, which):
    pair.model.add_unit('server')
    pair.settle()
    for _ in range(2):
        pair.model.remove_relation(getattr(pair, which))
        assert not running(pair.settle())
        pair.assert_unchanged()
        endpoints = {'zookeeper': ('zookeeper', 'zkclient'),
                     'flume': ('sink', 'source')}[which]
        assert pair.juju.flags('client/0', endpoints[0]) <= NOTICES
        assert pair.juju.flags('server/0', endpoints[1]) <= NOTICES
        setattr(pair, which, getattr(pair, 'relate_' + which)())
        assert running(pair.settle())
        pair.assert_uses('server/0', 'server/1')
        pair.assert_unchanged()


@releases('3.6')
@generations
def test_client_stops_without_servers_and_starts_with_next_one(pair):
    pair.model.remove_unit('server/0')
    assert not running(pair.settle())
    pair.assert_unchanged()
    pair.model.add_unit('server')
    assert running(pair.settle())
    pair.assert_uses('server/1')
    pair.assert_unchanged(rounds=3)


@pytest.mark.slow
@releases('3.6')
@pytest.mark.parametrize('generation', GENERATIONS)
def test_client_uses_server_if_hooks_are_processes(juju, as_processes, generation):
    pair = Pair(juju, generation, generation, as_processes(generation + '-server'),
                as_processes(generation + '-client'))
    pair.relate()
    assert running(pair.settle())
    pair.assert_uses('server/0')
    pair.assert_unchanged()
    pair.model.remove_relation(pair.zookeeper)
    assert not running(pair.settle())
