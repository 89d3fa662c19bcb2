"""Charms written for either generation of layers, each with the other's."""
import pytest

from .styles import STYLES, NOTICES, Pair

styles = pytest.mark.parametrize('server, client', [
    (server, client) for server in STYLES for client in STYLES])
one_profile = pytest.mark.parametrize('profile', ['3.6'], indirect=True)


def running(done):
    """Whether a service is left running, by what was done to it."""
    return done[-1][0] in ('start', 'restart')


@pytest.fixture
def pair(world, in_process, server, client):
    """One server and its client, related by both interfaces."""
    pair = Pair(world, server, client, in_process(server + '-server'),
                in_process(client + '-client'))
    pair.zookeeper, pair.flume = pair.relate_zookeeper(), pair.relate_flume()
    assert running(pair.settle())
    pair.knows('far/0')
    return pair


@one_profile
@styles
def test_a_quiet_model_restarts_nothing(pair):
    pair.is_quiet(rounds=10)
    pair.model.add_unit('far')
    pair.model.add_unit('far')
    pair.settle()
    pair.is_quiet(rounds=10)
    pair.knows('far/0', 'far/1', 'far/2')


@one_profile
@styles
def test_servers_come_and_go(pair):
    pair.model.add_unit('far')
    pair.model.add_unit('far')
    assert running(pair.settle())
    pair.knows('far/0', 'far/1', 'far/2')
    pair.model.remove_unit('far/0')
    assert running(pair.settle())
    pair.knows('far/1', 'far/2')
    pair.is_quiet()
    pair.model.remove_unit('far/1')
    pair.model.add_unit('far')
    assert running(pair.settle())
    pair.knows('far/2', 'far/3')
    pair.is_quiet()


@one_profile
@styles
def test_servers_change_their_port(pair):
    pair.model.add_unit('far')
    pair.settle()
    pair.port = 3181
    pair.model.set_config('far', port=3181)
    assert running(pair.settle())
    pair.knows('far/0', 'far/1')
    pair.is_quiet()


@pytest.mark.parametrize('profile', ['4.0'], indirect=True)
@styles
@pytest.mark.parametrize('which', ['zookeeper', 'flume'])
def test_a_relation_is_removed_and_made_again(pair, which):
    pair.model.add_unit('far')
    pair.settle()
    for _ in range(2):
        pair.model.remove_relation(getattr(pair, which))
        assert not running(pair.settle())
        pair.is_quiet()
        endpoints = {'zookeeper': ('zookeeper', 'zkclient'),
                     'flume': ('sink', 'source')}[which]
        assert pair.world.flags('near/0', endpoints[0]) <= NOTICES
        assert pair.world.flags('far/0', endpoints[1]) <= NOTICES
        setattr(pair, which, getattr(pair, 'relate_' + which)())
        assert running(pair.settle())
        pair.knows('far/0', 'far/1')
        pair.is_quiet(rounds=3)


@one_profile
@styles
def test_all_servers_go_and_others_come(pair):
    pair.model.remove_unit('far/0')
    assert not running(pair.settle())
    pair.is_quiet()
    pair.model.add_unit('far')
    assert running(pair.settle())
    pair.knows('far/1')
    pair.is_quiet(rounds=3)


@one_profile
@styles
@pytest.mark.parametrize('failing', ['early', 'late'])
def test_a_life_in_which_each_hook_fails_once(pair, failing):
    pair.world.failing = failing
    pair.model.add_unit('far')
    pair.settle()
    pair.knows('far/0', 'far/1')
    pair.model.remove_unit('far/0')
    pair.settle()
    pair.knows('far/1')
    pair.model.remove_relation(pair.zookeeper)
    pair.settle()
    pair.relate_zookeeper()
    pair.settle()
    pair.knows('far/1')
    pair.is_quiet(rounds=3)


@one_profile
@pytest.mark.parametrize('style', STYLES)
def test_a_pair_whose_hooks_are_processes(world, by_processes, style):
    pair = Pair(world, style, style, by_processes(style + '-server'),
                by_processes(style + '-client'))
    zookeeper = pair.relate_zookeeper()
    pair.relate_flume()
    assert running(pair.settle())
    pair.knows('far/0')
    pair.is_quiet()
    pair.model.remove_relation(zookeeper)
    assert not running(pair.settle())
