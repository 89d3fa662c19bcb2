"""Replays recordings of Juju in the stand-in: python -m juju_standin.replay FILE...

A recording contains the hooks that Juju ran and the answers of their hook tools; see
standin/tests/recordings/README.md for the format. A recording of one agent also
contains a script of changes to the model. For a recording of a whole controller, the
changes that operators made are inferred from the hooks. In both cases each recorded
hook must be due in the stand-in, and its hook-tool calls must get the recorded answers.
"""
from pathlib import Path

from .agent_player import AgentPlayer
from .controller_player import ControllerPlayer
from .player import Counts
from .recording import Difference, Recording

__all__ = ['Counts', 'Difference', 'play']


def play(path: Path, counts: Counts) -> None:
    """Replay a file.

    :raises Difference: the first difference from the recording
    """
    recording = Recording(path)
    player_class = AgentPlayer if recording.scripted else ControllerPlayer
    try:
        player_class(recording, counts).play()
    except Difference as error:
        raise Difference('{}:{}: {}'.format(path, recording.position, error)) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Difference('{}:{}: it cannot be replayed: {}: {}'.format(
            path, recording.position, type(error).__name__, error)) from error
