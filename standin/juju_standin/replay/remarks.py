"""What else was recorded of a unit's agent."""
from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import Difference

if TYPE_CHECKING:
    from .scripted import Scripted


class Remarks:
    """Lines that tell what came of hooks: the model must be held to them."""

    def __init__(self, player: Scripted):
        self.player = player
        self._kept: list[dict] = []     # at the end of the running hook

    def hold(self, line: dict) -> None:
        """Compare the model with such a line; what was kept, at the hook's end."""
        unit, (kind, what) = self.player.model.unit('trace/0'), next(iter(line.items()))
        if kind == 'failed' and not unit.failed:
            raise Difference('it has not failed')
        if kind == 'enter-scope':
            self.player.model.pending(unit.name)
            self._compare_settings(what['rel'], what['settings'])
        if kind == 'relation-gone' and what['rel'] in self.player.model.relations:
            raise Difference('the relation is still there')
        if kind in ('kept', 'leave-scope'):
            self._kept.append(what)
        if kind == 'skipped':
            self.check_kept()

    def check_kept(self) -> None:
        kept, self._kept = self._kept, []
        for what in kept:
            if 'now' in what:
                self._compare_settings(what['rel'], what['now'])
            elif 'trace/0' in self.player.relations[what['rel']].scope:
                raise Difference('trace/0 has not left the relation')

    def _compare_settings(self, number: int, settings: dict) -> None:
        found = self.player.model.settings(self.player.relations[number], 'trace/0')
        if found != settings:
            raise Difference('settings are {}, not {}'.format(found, settings))
