"""All states that one remote unit leads to; `tox -e exhaustive` goes up to two."""
import sys

import pytest
from standin.profile import PROFILES

from .explore import Explorer
from .moves import WORLDS, Move
from .truth import Violation
from .world import ROLES


@pytest.mark.parametrize('name', ROLES)
def test_each_state_is_right(name):
    explorer = Explorer(name, WORLDS[0], list(PROFILES))
    explorer.explore()
    assert len(explorer.states) > 100
    assert explorer.transitions > 10 * len(explorer.states)
    assert explorer.alike > 0


def test_a_violation_is_told_by_its_shortest_history(monkeypatch):
    explorer = Explorer('ZookeeperRequires', WORLDS[0], ['4.0'])
    explorer.replay([Move('run', hook='config-changed', juju='4.0')])   # imports it
    relation = sys.modules['relations.zookeeper.relation']
    monkeypatch.setattr(relation.RecordedRelation, 'dismiss_departing',
                        lambda self: None)
    with pytest.raises(Violation) as violation:
        explorer.explore()
    first, second, *moves = str(violation.value).splitlines()
    assert first.startswith('ZookeeperRequires under Juju 4.0: flags ')
    assert second.startswith("Explorer('ZookeeperRequires', Bounds(")
    assert "hook='ep-relation-departed'" in moves[-3] + moves[-2]
    assert moves[-1] == '])'
