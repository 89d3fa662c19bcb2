"""A real controller and the stand-in, held against each other."""
import pytest

from .charms import EXAMPLES
from .story import STORY


@pytest.fixture(autouse=True)
def where_the_story_is_told(monkeypatch):
    monkeypatch.chdir(EXAMPLES.parent)


@pytest.mark.parametrize('step', STORY, ids=[step.title for step in STORY])
def test_all_is_as_in_the_stand_in(step, real, stand_in):
    for operator in real, stand_in:
        operator.play(step)
        says = operator.says()
        assert {unit: says[unit] for unit in step.says} == step.says
    assert real.look() == stand_in.look()
