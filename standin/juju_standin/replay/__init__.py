"""Play recordings of Juju in the stand-in: python -m juju_standin.replay FILE...

A recording says which hooks ran, and what their hook tools answered
(recordings/README.md). What was done to the model a script says, or it is inferred.
Then each recorded hook must be due, and its calls must be answered alike.
"""
from pathlib import Path

from .answers import Counts, Difference
from .inferred import Inferred
from .recording import Recording
from .scripted import Scripted

__all__ = ['Counts', 'Difference', 'play']


def play(path: Path, counts: Counts) -> None:
    """Play a file.

    :raises Difference: the first
    """
    recording = Recording(path)
    try:
        (Scripted if recording.scripted else Inferred)(recording, counts).play()
    except Difference as error:
        raise Difference('{}:{}: {}'.format(
            path, recording.position, error)) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Difference('{}:{}: it cannot be played: {}: {}'.format(
            path, recording.position, type(error).__name__, error)) from error
