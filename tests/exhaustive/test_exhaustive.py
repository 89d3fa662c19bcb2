"""All states that one remote unit leads to; `tox -e exhaustive` goes up to three."""
import sys

import pytest
from standin.profile import PROFILES

from .explore import ROLES, Explorer, Violation
from .worlds import Move


@pytest.mark.parametrize('profile', PROFILES)
@pytest.mark.parametrize('name', ROLES)
def test_each_state_is_right(name, profile):
    explorer = Explorer(name, profile, 1)
    explorer.explore()
    assert len(explorer.states) > 30
    assert explorer.transitions > 10 * len(explorer.states)


def test_a_violation_is_told_by_its_shortest_history(monkeypatch):
    explorer = Explorer('ZookeeperRequires', '3.6', 1)
    explorer.replay([Move('hook', hook='start')])       # imports the layer
    recorded = sys.modules['relations.zookeeper.recorded'].RecordedRelation
    monkeypatch.setattr(recorded, 'dismiss_departing', lambda self: None)
    with pytest.raises(Violation) as violation:
        explorer.explore()
    assert str(violation.value).splitlines() == [
        "ZookeeperRequires under Juju 3.6: flags ['departing'], not []",
        "Explorer('ZookeeperRequires', '3.6', 1).replay([",
        "    Move('create', number=1, hook='created'),",
        "    Move('join', number=1, unit='a/2', bag='silent', hook='joined'),",
        "    Move('force', number=1),",
        "    Move('hook', hook='update-status', "
        "plan=(('dismiss_joining',), ('dismiss_departing',))),",
        '])']
