"""All states that one remote unit leads to; `tox -e exhaustive` goes up to three."""
import functools
import sys

import pytest
from standin.profile import PROFILES

from .explore import ROLES, Explorer, Violation
from .worlds import Move


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
