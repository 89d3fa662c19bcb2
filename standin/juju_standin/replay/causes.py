"""Infers what operators did to cause a recorded hook that is not due."""
from __future__ import annotations

from typing import TYPE_CHECKING

from ..state import LocalRelation
from .recording import Event, reads_all

if TYPE_CHECKING:
    from .controller_player import ControllerPlayer


class Causes:
    """Finds the cause of a hook, and makes that change."""

    def __init__(self, player: ControllerPlayer):
        self.player, self.model = player, player.model
        self.recording = player.recording
        self._causes = {
            'upgrade-charm': self._upgrade, 'config-changed': self._change_config,
            'stop': self._remove_unit, 'created': self._add_or_resume,
            'joined': self._join, 'changed': self._change_data,
            'departed': player.removals.cause_departed,
            'broken': player.removals.cause_broken}

    def make_due(self, event: Event) -> bool:
        """Make the change that causes a hook, or a change that must precede it.

        Return whether anything has changed.
        """
        cause = self._causes.get(event.kind)
        return bool(cause and cause(event)) or (
            self.player.removals.remove_unseen_relations(event))

    def _upgrade(self, event: Event) -> bool:
        app = self.model.apps[event.app]
        if self.model.unit(event.unit).charm is not app.charm:
            return False
        self.model.upgrade(event.app, self.player.charm())
        return True

    def _change_config(self, event: Event) -> bool:
        """Change the configuration in a way that the hook does not read."""
        unit = self.model.unit(event.unit)
        if unit.config_seen is None or event.successful('config-get'):
            return False
        for other in self.model.units.values():
            if other.app is unit.app and 'start' in other.committed_hooks:
                other.config_seen = None
        self.player.config_has_changed(event.app)
        return True

    def _remove_unit(self, event: Event) -> bool:
        unit = self.model.unit(event.unit)
        if unit.dying:
            return False
        self.model.remove_unit(unit.name)
        return True

    def _add_or_resume(self, event: Event) -> bool:
        relation = self.player.relations.get(event.number)
        if not relation:
            self.player.relate(event.number)
            return True
        if relation.suspended:
            self.model.resume(relation)
            return True
        return False

    def _join(self, event: Event) -> bool:
        if self._add_or_resume(event):
            return True
        unit = self.model.unit(event.unit)
        if event.number in unit.local_relations and event.number not in unit.created:
            self.player.restart(unit.name)      # a restarted agent runs no created
            return event.number in unit.created
        relation, name = self.player.relations[event.number], event.remote_unit
        if self._is_recorded(name) or name in relation.units:
            return False
        self.model.enter(relation, name, self._read_data(event, name))
        return True

    def _change_data(self, event: Event) -> bool:
        """Change the databag of a unit or application without recorded hooks."""
        if self._add_or_resume(event):
            return True
        owner = event.remote_unit or event.remote_app
        bag = self.player.relations[event.number].databags(owner).get(owner)
        if self._is_recorded(owner) or not bag:
            return False
        version, data = bag.version, self._read_data(event, owner)
        deleted = dict.fromkeys(bag.data.keys() - data.keys(), '')
        self.model.write(bag, {**deleted, **data} if data else {})
        if bag.version == version:
            bag.version += 1
        unit = self.model.unit(event.unit)
        return not unit.local_relations[event.number].changed_pending

    def _is_recorded(self, owner: str) -> bool:
        """Whether the recording contains hooks of a unit or application."""
        return any(owner in (event.unit, event.app) for event in self.recording.events)

    def _read_data(self, event: Event, owner: str) -> dict[str, str]:
        """The whole databag as the hook reads it; {} if it does not."""
        return next((data for number, name, data, call in event.reads()
                     if (number, name) == (event.number, owner)
                     and reads_all(call)), {})


class Removals:
    """Infers from later hooks whether a unit or a relation is removed, and how."""

    def __init__(self, player: ControllerPlayer):
        self.player, self.model = player, player.model
        self.recording = player.recording

    def cause_departed(self, event: Event) -> bool:
        """Remove a unit or relation; return whether anything has changed."""
        local, name = self._local_relation(event), event.remote_unit
        if not local or local.relation.dying or local.relation.suspended:
            return False
        remote_unit = self.model.units.get(name)
        if remote_unit and not remote_unit.dying and self.recording.is_removed(name):
            self.model.remove_unit(name)
        elif self._leads_to_broken(event):
            self.remove_relation(event.number)
        elif not remote_unit:
            self.model.leave(local.relation, name)
        elif not any(self.recording.upcoming(name)):
            self.model.remove_unit(name, force=True, noticed_by=list(self.model.units))
        elif not remote_unit.dying:
            self.remove_relation(event.number)
        else:
            return False
        return True

    def cause_broken(self, event: Event) -> bool:
        """Remove the relation or the unit; return whether anything has changed."""
        local = self._local_relation(event)
        if not local or local.relation.dying or local.relation.suspended:
            return False
        unit = self.model.unit(event.unit)
        if local.relation.peers and unit.dying and not local.restarted:
            self.player.restart(unit.name)
        elif unit.dying:
            return False
        elif self.recording.stops_next(unit.name) and (
                not self.recording.is_broken_elsewhere(event.number, unit.name)):
            self.model.remove_unit(unit.name)
        else:
            self.remove_relation(event.number)
        return True

    def remove_unseen_relations(self, event: Event) -> bool:
        """Remove relations that were removed before the unit entered them."""
        unit = self.model.unit(event.unit)
        unseen = [number for number, local in unit.local_relations.items()
                  if number not in unit.created and not local.force_removed
                  and not self.recording.still_knows(unit.name, number)]
        for number in unseen:
            self.player.leave_until_created(unit.name, number)
            self.remove_relation(number)
        unit.running = False
        return bool(unseen)

    def _local_relation(self, event: Event) -> LocalRelation | None:
        return self.model.unit(event.unit).local_relations.get(event.number)

    def _leads_to_broken(self, event: Event) -> bool:
        """Whether only departed hooks come between this hook and broken."""
        kinds = (later.kind for later in self.recording.upcoming(event.unit, skip=1)
                 if (later.number == event.number or later.kind == 'update-status')
                 and (later.kind, later.departing_unit) != (
                     'departed', later.remote_unit))
        return next(kinds, '') == 'broken'

    def remove_relation(self, number: int) -> None:
        """Remove a relation: by force unless all its units run broken.

        If later hooks show that it was suspended, suspend it instead.
        """
        relation = self.player.relations[number]
        broken = {event.unit: event
                  for event in self.recording.upcoming('', 'broken', number=number)}
        if self._is_suspended(number, list(broken.values())):
            self.model.suspend(relation)
            return
        for name, event in broken.items():
            if not event.has_remote_app_variable and any(
                    number in listed for listed in event.listed().values()):
                self.player.restart(name)
        if any(number in unit.local_relations and name not in broken and not unit.dying
               for name, unit in self.model.units.items()):
            self.force_remove(number)
            return
        relation.units &= self.model.units.keys()
        self.model.remove_relation(relation)

    def _is_suspended(self, number: int, broken: list[Event]) -> bool:
        """Whether a relation was suspended.

        If so, it is resumed later, or the broken hooks do not list it.
        """
        resumed = any(later.unit == event.unit and later.position > event.position
                      for event in broken
                      for later in self.recording.upcoming(
                          '', 'created', 'joined', number=number))
        listed = [event.all_listed() for event in broken
                  if event.listed() and event.has_remote_app_variable]
        return resumed or bool(listed) and not any(number in ids for ids in listed)

    def force_remove(self, number: int) -> None:
        """Remove a relation by force; the recording shows which units noticed."""
        noticed, departed = ({event.unit for event in self.recording.upcoming(
            '', kind, number=number)} for kind in ('broken', 'departed'))
        self.model.remove_relation(self.player.relations[number], force=True,
                                   noticed_by=noticed, started_by=departed - noticed)
