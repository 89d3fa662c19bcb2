"""All states that one remote unit leads to; `tox -e exhaustive` goes up to three."""
import functools
import sys

import pytest
from standin.profile import PROFILES

from .explore import ROLES, Explorer, Tools, Violation
from .worlds import Move, World, happen


@functools.lru_cache(None)
def explored(name, *releases):
    explorer = Explorer(name, 1, releases or PROFILES)
    explorer.explore()
    return explorer


@pytest.mark.parametrize('profile', PROFILES)
@pytest.mark.parametrize('name', ROLES)
def test_each_state_is_right(name, profile):
    explorer = explored(name, profile)
    assert len(explorer.states) > 30
    assert explorer.transitions > 10 * len(explorer.states)


@pytest.mark.parametrize('name', ROLES)
def test_releases_explored_together_are_so_apart(name):
    together = explored(name)
    apart = [explored(name, profile) for profile in PROFILES]
    assert {len(explorer.states) for explorer in apart} == {len(together.states)}
    transitions = sum(explorer.transitions for explorer in apart)
    assert together.transitions + together.alike == transitions
    assert together.alike > 0


@pytest.mark.parametrize('move, tool, options, different', [
    (Move('hook'), 'relation-ids', {}, []),
    (Move('break', number=1), 'relation-ids', {}, ['3.6', '4.0']),
    (Move('hook'), 'relation-get', {'rid': 'ep:1', 'words': ['-', 'a/2']}, ['4.0']),
])
def test_releases_are_alike_where_hook_tools_answer_the_same(
        move, tool, options, different):
    world = World().with_relation(1, 'up').with_unit('a/2', where='here')
    tools = Tools('zookeeper', happen(world, move), move)
    tools(tool, options)
    assert [name for name in PROFILES if not tools.alike(name)] == different


def test_a_violation_is_told_by_its_shortest_history(monkeypatch):
    explorer = Explorer('ZookeeperRequires', 1)
    explorer.replay([Move('hook', hook='start')])       # imports the layer
    recorded = sys.modules['relations.zookeeper.recorded'].RecordedRelation
    monkeypatch.setattr(recorded, 'dismiss_departing', lambda self: None)
    with pytest.raises(Violation) as violation:
        explorer.explore()
    assert str(violation.value).splitlines() == [
        "ZookeeperRequires under Juju 2.9: flags ['departing'], not []",
        "Explorer('ZookeeperRequires', 1).replay([",
        "    Move('create', number=1, hook='created'),",
        "    Move('join', number=1, unit='a/2', bag='silent', hook='joined'),",
        "    Move('force', number=1),",
        "    Move('hook', hook='update-status', "
        "plan=(('dismiss_joining',), ('dismiss_departing',))),",
        '])']
