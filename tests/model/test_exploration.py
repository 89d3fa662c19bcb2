"""All states that one remote unit leads to in which nothing goes wrong.

`tox -e exhaustive` goes further.
"""
import sys
from pathlib import Path

import pytest
from juju_standin.profile import PROFILES

from .explore import Explorer
from .moves import WORLDS, Bounds, Move
from .truth import Violation
from .world import ROLES

ONE_UNIT = Bounds(('a/2',), faults=0)
# the same of a client whose server has to be asked, with less of what that does
ASKED = Bounds(('a/2',), faults=0, later=('a',), few=1)


@pytest.mark.parametrize('name', ROLES)
def test_each_state_is_right(name):
    explorer = Explorer(name, ONE_UNIT, list(PROFILES))
    explorer.explore()
    assert len(explorer.states) > 100
    assert explorer.transitions > 10 * len(explorer.states)
    assert explorer.alike > 0


def test_each_state_is_right_where_a_server_has_to_be_asked():
    explorer = Explorer('ZookeeperRequires', ASKED, list(PROFILES))
    explorer.explore()
    assert len(explorer.states) > 100
    assert any(b'secret-user' in state.model for state in explorer.states)


def test_the_readme_says_how_far_it_goes():
    readme = (Path(__file__).parents[2] / 'README.md').read_text()
    assert 'up to three remote units' in ' '.join(readme.split())
    assert {(len(bounds.units), bounds.faults)
            for bounds, _ in WORLDS if not bounds.later} == {
                (1, 1), (3, 1), (2, 2), (3, 0)}
    # of servers that have to be asked: with how many others, and faults
    assert {(len(bounds.units), len(bounds.later), bounds.faults)
            for bounds, _ in WORLDS if bounds.later} == {
                (1, 1, 0), (1, 1, 1), (2, 1, 0), (2, 2, 0)}


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
