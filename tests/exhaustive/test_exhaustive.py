"""All states that one remote unit leads to in which nothing goes wrong.

`tox -e exhaustive` goes further.
"""
import sys
from pathlib import Path

import pytest
from standin.profile import PROFILES

from .explore import Explorer
from .moves import WORLDS, Bounds, Move
from .truth import Violation
from .world import ROLES

ONE_UNIT = Bounds(('a/2',), faults=0)


@pytest.mark.parametrize('name', ROLES)
def test_each_state_is_right(name):
    explorer = Explorer(name, ONE_UNIT, list(PROFILES))
    explorer.explore()
    assert len(explorer.states) > 100
    assert explorer.transitions > 10 * len(explorer.states)
    assert explorer.alike > 0


def test_the_readme_says_how_far_it_goes():
    readme = (Path(__file__).parents[2] / 'README.md').read_text()
    assert 'up to three remote units' in ' '.join(readme.split())
    assert max(len(bounds.units) for bounds, _ in WORLDS) == 3


def test_a_violation_is_told_by_its_shortest_history(monkeypatch):
    explorer = Explorer('ZookeeperRequires', ONE_UNIT, ['4.0'])
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
