"""Play recordings of Juju in the stand-in: python -m standin.replay FILE...

A recording says what operators did, which hooks ran, and what their hook tools
answered (recordings/README.md). Here the first is done to a model; each recorded hook
must then be due, and its calls must be answered alike.
"""
from .answers import Counts, Difference
from .player import Player

__all__ = ['Counts', 'Difference', 'Player']
