"""A real controller and the stand-in reach the same state."""
import pytest

from .charms import EXAMPLES
from .scenario import SCENARIO


@pytest.fixture(autouse=True)
def working_directory(monkeypatch):
    monkeypatch.chdir(EXAMPLES.parent)


@pytest.mark.parametrize('step', SCENARIO, ids=[step.title for step in SCENARIO])
def test_controller_and_stand_in_agree_after_step(step, real, stand_in):
    for operator in real, stand_in:
        operator.run(step)
        messages = operator.messages()
        assert {unit: messages[unit] for unit in step.messages} == step.messages
    # in the stand-in, clients can run all their hooks before the server's first ones
    assert real.requests(step.without_requests) == []
    assert real.state() == stand_in.state()
