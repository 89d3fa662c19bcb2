"""Playing recordings: what their two kinds have in common."""
from __future__ import annotations

from collections import Counter
from typing import Any

from ..context import Context
from ..model import Model
from ..state import Hook, Relation
from .answers import Counts, Difference
from .recording import Event, Recording


class Trace:
    """The charm of recorded units: it repeats what their hooks called."""
    config: dict[str, Any] = {}

    def __init__(self, player: Player, metadata: dict[str, dict]):
        self.player, self.metadata = player, metadata

    def run(self, context: Context) -> int:
        return self.player.during(context)


class Player:
    """Plays one recording in a model of its own."""

    def __init__(self, recording: Recording, counts: Counts):
        self.recording, self.counts = recording, counts
        self.model = Model(recording.profile)
        self.relations: dict[int, Relation] = {}
        self.configured: Counter = Counter()    # config-changed since the last change

    def charm(self, **ends: list[str]) -> Trace:
        """A charm with these endpoints; any two may be related."""
        return Trace(self, {role: {name: {'interface': 'x'} for name in names}
                            for role, names in ends.items()})

    def play(self) -> None:
        """Play it to its end.

        :raises Difference: the first
        """
        raise NotImplementedError

    def during(self, context: Context) -> int:
        """What the charm does in a hook: its exit status."""
        raise NotImplementedError

    def find(self, event: Event) -> Hook | None:
        """A recorded hook among those that are due."""
        wanted = event.name, event.relation_id or None, event.remote_unit
        return next((hook for hook in self.model.pending(event.unit) if wanted == (
            hook.name, hook.relation_id, hook.remote_unit)), None)

    def second_config_changed(self, event: Event) -> bool:
        """Whether it is the second of one change: up to chance there is one."""
        second = event.kind == 'config-changed' and self.configured[event.unit] == 1
        self.counts.repeated += second
        return second

    def not_due(self, event: Event) -> Difference:
        due = self.model.pending(event.unit)
        return Difference('{} {} of {} is not due, but {}'.format(
            event.name, event.remote_unit, event.unit,
            ', '.join(map(str, due)) or 'none'))

    def reconfigured(self, app: str) -> None:
        """The configuration of an application has changed."""
        for name, unit in self.model.units.items():
            if unit.app.name == app:
                self.configured[name] = 0

    def lost(self, name: str) -> bool:
        """Whether a unit may have gone without a trace."""
        return False

    def check_idle(self) -> None:
        """Nothing may be due now, other than in units that wait for an operator."""
        for name, unit in self.model.units.items():
            due = self.model.pending(name)
            if due and not unit.failed and not self.lost(name):
                raise Difference('{} is still due {}'.format(
                    name, ', '.join(map(str, due))))
