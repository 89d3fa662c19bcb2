"""A real controller and the stand-in reach the same state."""
import pytest

from .charms import EXAMPLES
from .story import STORY


@pytest.fixture(autouse=True)
def working_directory(monkeypatch):
    monkeypatch.chdir(EXAMPLES.parent)


@pytest.mark.parametrize('step', STORY, ids=[step.title for step in STORY])
def test_controller_and_stand_in_agree_after_step(step, real, stand_in):
    for operator in real, stand_in:
        operator.play(step)
        says = operator.says()
        assert {unit: says[unit] for unit in step.says} == step.says
    assert real.look() == stand_in.look()
