"""What the answers of a hook tell of its unit's relations."""
from __future__ import annotations

from typing import TYPE_CHECKING

from .recording import Event

if TYPE_CHECKING:
    from .controller import Controller


class Noticed:
    """Does to the model what a unit's agent has noticed, or has yet to notice."""

    def __init__(self, player: Controller):
        self.player, self.model = player, player.model
        self.recording = player.recording

    def learn(self, event: Event) -> None:
        """Do it before the hook is looked for."""
        if event.departing == event.unit and not self.model.unit(event.unit).dying:
            self.model.remove_unit(event.unit)
        self._made(event)
        self._gone(event)
        self.vanished(event)
        self._restarted(event)
        self.presence(event)

    def _made(self, event: Event) -> None:
        """Relations are listed that were not there."""
        for number in set().union(
                *event.listed().values()) - self.player.relations.keys():
            self.player.relate(number)

    def _gone(self, event: Event) -> None:
        """Relations are no longer listed, or not found, without broken: they went by
        force, and the agent was restarted."""
        unit, listed = self.model.unit(event.unit), event.listed()
        gone = {number for number, known in unit.known.items()
                if number not in listed.get(known.relation.ends[event.app], {number})
                and (number in unit.created or known.ghost)}
        gone |= {event.about(call) for call in event.calls if call.status == 2
                 and 'relation not found' in call.error}
        for number in gone & unit.known.keys():
            if not self.recording.mentioned(event.unit, number):
                if not unit.known[number].ghost:
                    self.player.removals.by_force(number)
                self.player.restart(unit.name)

    def vanished(self, event: Event) -> None:
        """Its own settings are refused to a unit, in a relation that it still knows."""
        known = self.model.unit(event.unit).known
        refused = {event.about(call) for call in event.calls if call.status == 1
                   and 'permission denied' in call.error
                   and 'app' not in call.options and (
                       call.tool == 'relation-set'
                       or call.tool == 'relation-get' and event.unit in call.words)}
        for number in refused & known.keys():
            if not known[number].ghost:
                self.player.removals.by_force(number)

    def _restarted(self, event: Event) -> None:
        """Only after a restart has an agent forgotten the application whose relation
        breaks, or what it had read of a unit that it is yet to be told of."""
        known = self.model.unit(event.unit).known
        one = known.get(event.number)
        forgot = one and event.kind == 'broken' and not (
            one.restarted or event.names_app)
        if forgot or self._reads_anew(event) and all(
                ahead.number not in known or not ahead.names_app
                for ahead in self.recording.ahead(event.unit, 'broken')):
            self.player.restart(event.unit)

    def _reads_anew(self, event: Event) -> bool:
        known = self.model.unit(event.unit).known
        return any(
            owner not in (event.remote_unit, event.unit) and not known[number].ghost
            and settings != known[number].cache.get(owner, settings)
            and settings == known[number].relation.bags[owner].data
            and any(ahead.told_of == (number, owner)
                    for ahead in self.recording.ahead(event.unit))
            for number, owner, settings, _ in event.reads() if number in known)

    def presence(self, event: Event) -> None:
        """When an agent looks at the model is up to chance."""
        known = self.model.unit(event.unit).known
        for number, owner, settings, call in event.reads():
            if number not in known or known[number].ghost or '/' not in owner:
                continue
            relation = known[number].relation
            if call.status == 1:
                self.player.delay(owner, number)
            elif not call.status and owner in self.model.units:
                self.model.unit(owner).running = False
            elif not call.status and owner not in relation.bags:
                self.model.enter(relation, owner, settings)
