"""What went, and how: units, relations, by force or not."""
from __future__ import annotations

from typing import TYPE_CHECKING

from ..state import Known
from .recording import Event

if TYPE_CHECKING:
    from .controller import Controller


class Removals:
    """Finds in what follows a hook whether a unit goes, or a relation, and how."""

    def __init__(self, player: Controller):
        self.player, self.model = player, player.model
        self.recording = player.recording

    def departed(self, event: Event) -> bool:
        """Have a unit or a relation go; whether anything did."""
        known, name = self._known(event), event.remote_unit
        if not known or known.relation.dying or known.relation.suspended:
            return False
        other = self.model.units.get(name)
        if other and not other.dying and self.recording.goes(name):
            self.model.remove_unit(name)
        elif self._ends(event):
            self.relation(event.number)
        elif not other:
            self.model.leave(known.relation, name)
        elif not any(self.recording.ahead(name)):
            self.model.remove_unit(name, force=True, heard=list(self.model.units))
        elif not other.dying:
            self.relation(event.number)
        else:
            return False
        return True

    def broken(self, event: Event) -> bool:
        """Have a relation or the unit itself go; whether anything did."""
        known = self._known(event)
        if not known or known.relation.dying or known.relation.suspended:
            return False
        unit = self.model.unit(event.unit)
        if known.relation.peers and unit.dying and not known.restarted:
            self.player.restart(unit.name)
        elif unit.dying:
            return False
        elif self.recording.stops(unit.name) and not self.recording.breaks(
                event.number, unit.name):
            self.model.remove_unit(unit.name)
        else:
            self.relation(event.number)
        return True

    def unseen(self, event: Event) -> bool:
        """A unit does not take part in a relation that went before it came."""
        unit = self.model.unit(event.unit)
        gone = [number for number, known in unit.known.items()
                if number not in unit.created and not known.ghost
                and not self.recording.mentioned(unit.name, number)]
        for number in gone:
            self.player.delay(unit.name, number)
            self.relation(number)
        unit.running = False
        return bool(gone)

    def _known(self, event: Event) -> Known | None:
        return self.model.unit(event.unit).known.get(event.number)

    def _ends(self, event: Event) -> bool:
        """Whether departed is the first of a relation's end, without a pause."""
        kinds = (ahead.kind for ahead in self.recording.ahead(event.unit, after=1)
                 if (ahead.number == event.number or ahead.kind == 'update-status')
                 and (ahead.kind, ahead.departing) != ('departed', ahead.remote_unit))
        return next(kinds, '') == 'broken'

    # Relations that go.

    def relation(self, number: int) -> None:
        """All its units hear of it; else it was removed by force, or suspended."""
        relation = self.player.relations[number]
        broken = {event.unit: event
                  for event in self.recording.ahead('', 'broken', about=number)}
        if self._suspends(number, list(broken.values())):
            self.model.suspend(relation)
            return
        for name, event in broken.items():
            if not event.names_app and any(
                    number in found for found in event.listed().values()):
                self.player.restart(name)
        if any(number in unit.known and name not in broken and not unit.dying
               for name, unit in self.model.units.items()):
            self.by_force(number)
            return
        relation.scope &= self.model.units.keys()
        self.model.remove_relation(relation)

    def _suspends(self, number: int, broken: list[Event]) -> bool:
        """It is suspended if it is taken up again, or no longer listed in broken."""
        again = any(ahead.unit == event.unit and ahead.position > event.position
                    for event in broken
                    for ahead in self.recording.ahead('', 'created', 'joined',
                                                      about=number))
        listed = [set().union(*event.listed().values()) for event in broken
                  if event.listed() and event.names_app]
        return again or bool(listed) and not any(number in ids for ids in listed)

    def by_force(self, number: int) -> None:
        """Remove a relation by force; whom Juju lets hear of it is up to chance."""
        heard, departed = ({event.unit for event in self.recording.ahead(
            '', kind, about=number)} for kind in ('broken', 'departed'))
        self.model.remove_relation(self.player.relations[number], force=True,
                                   heard=heard, begun=departed - heard)
