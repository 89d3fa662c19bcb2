"""What operators did, if a recorded hook is not due: what makes it so."""
from __future__ import annotations

from typing import TYPE_CHECKING

from .recording import Event

if TYPE_CHECKING:
    from .controller import Controller


class Reasons:
    """Finds the reason for a hook, and has it happen."""

    def __init__(self, player: Controller):
        self.player, self.model = player, player.model
        self.recording = player.recording
        self._reasons = {
            'upgrade-charm': self._upgrade, 'config-changed': self._config,
            'stop': self._remove, 'created': self._open, 'joined': self._joined,
            'changed': self._changed, 'departed': player.removals.departed,
            'broken': player.removals.broken}

    def prompt(self, event: Event) -> bool:
        """Do what makes a hook due, or comes before that; whether anything did."""
        reason = self._reasons.get(event.kind)
        return bool(reason and reason(event)) or self.player.removals.unseen(event)

    def _upgrade(self, event: Event) -> bool:
        app = self.model.apps[event.app]
        if self.model.unit(event.unit).charm is not app.charm:
            return False
        self.model.upgrade(event.app, self.player.charm())
        return True

    def _config(self, event: Event) -> bool:
        """What was changed is not always read."""
        unit = self.model.unit(event.unit)
        if unit.config_seen is None or event.of('config-get'):
            return False
        for other in self.model.units.values():
            if other.app is unit.app and 'start' in other.done:
                other.config_seen = None
        self.player.reconfigured(event.app)
        return True

    def _remove(self, event: Event) -> bool:
        unit = self.model.unit(event.unit)
        if unit.dying:
            return False
        self.model.remove_unit(unit.name)
        return True

    def _open(self, event: Event) -> bool:
        """Make a relation, or resume it."""
        relation = self.player.relations.get(event.number)
        if not relation:
            self.player.relate(event.number)
            return True
        if relation.suspended:
            self.model.resume(relation)
            return True
        return False

    def _joined(self, event: Event) -> bool:
        if self._open(event):
            return True
        unit = self.model.unit(event.unit)
        if event.number in unit.known and event.number not in unit.created:
            self.player.restart(unit.name)      # it takes it for created
            return event.number in unit.created
        relation, name = self.player.relations[event.number], event.remote_unit
        if not self._silent(name) or name in relation.scope:
            return False
        self.model.enter(relation, name, self._read(event, name))
        return True

    def _changed(self, event: Event) -> bool:
        """Of those that run hooks here it was recorded what they set."""
        if self._open(event):
            return True
        owner = event.remote_unit or event.remote_app
        relation = self.player.relations[event.number]
        if not self._silent(owner):
            return False
        bags = relation.bags if event.remote_unit else relation.app_bags
        if owner not in bags:
            return False
        version, settings = bags[owner].version, self._read(event, owner)
        gone = dict.fromkeys(bags[owner].data.keys() - settings.keys(), '')
        self.model.write(bags[owner], {**gone, **settings} if settings else {})
        if bags[owner].version == version:
            bags[owner].version += 1
        return not self.model.unit(event.unit).known[event.number].changed_pending

    def _silent(self, owner: str) -> bool:
        """Whether no hook was recorded of a unit, or of an application."""
        return not any(owner in (event.unit, event.app)
                       for event in self.recording.events)

    def _read(self, event: Event, owner: str) -> dict[str, str]:
        return next((settings for number, name, settings, call in event.reads()
                     if (number, name) == (event.number, owner)
                     and call.words[:1] in ([], ['-'])), {})
