"""Infers what operators did from the hooks of a recording and their answers.

`Causes` and `Removals` find the change that makes a recorded hook due; `ModelAnswers`
and `RelationAnswers` find changes that a hook's answers show. A change is inferred only
if the recording also contains the hooks that it causes. Otherwise, any answer would be
accepted.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import agent
from ..state import LocalRelation
from .recording import Event, reads_all

if TYPE_CHECKING:
    from .controller_player import ControllerPlayer


class Causes:
    """Finds the cause of a hook, and makes that change."""

    def __init__(self, player: ControllerPlayer):
        self.player, self.model = player, player.model
        self.recording = player.recording
        # changed hooks that were repeated: (unit, databag, position of the change)
        self._repeated: set[tuple] = set()
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
        # upgrade() would drop all settings, because the charm defines no options
        app.charm = self.player.charm()
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
        if not bag:
            return False
        if self._is_recorded(owner) and bag.version:
            return self._repeat_changed(event, owner)
        version, data = bag.version, self._read_data(event, owner)
        deleted = dict.fromkeys(bag.data.keys() - data.keys(), '')
        self.model.write(bag, {**deleted, **data} if data else {})
        if bag.version == version:
            bag.version += 1
        if not version:
            self._mark_notified(event, owner, bag.version)
        unit = self.model.unit(event.unit)
        return not unit.local_relations[event.number].changed_due

    def _mark_notified(self, event: Event, owner: str, version: int) -> None:
        """Mark application data older than the recording as already notified."""
        for name in self.player.initial.units & self.model.units.keys():
            local = self.model.unit(name).local_relations.get(event.number)
            if local and not any(later.notified_of == (event.number, owner)
                                 for later in self.recording.upcoming(name)):
                local.app_version = version

    def _repeat_changed(self, event: Event, owner: str) -> bool:
        """Make a changed hook due again if the data may have changed while it ran.

        Then the first hook has read the new data already. The lines of a recording are
        in the order in which the hooks ended.
        """
        for changed, _, _ in self.player.changes.get((event.number, owner), []):
            repeat = event.unit, event.number, owner, changed
            if repeat not in self._repeated and (
                    changed < self.recording.previous_position(event)):
                self._repeated.add(repeat)
                self.player.notify(event.unit, event.number, owner, 0)
                return True
        return False

    def _is_recorded(self, owner: str) -> bool:
        """Whether the recording contains the hooks of a unit, or of the unit that leads
        an application."""
        if owner in self.model.apps:
            owner = self.model.leader(owner)
        return any(owner == event.unit for event in self.recording.events)

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
        if name in local.unnoticed_removals:
            self.player.restart(event.unit)
        elif remote_unit and not remote_unit.dying and self.recording.is_removed(name):
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
            self.player.postpone_entry(unit.name, number)
            self.remove_relation(number)
        unit.paused = False
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
        hooks = list(self.recording.upcoming('', number=number))
        noticed = {event.unit for event in hooks if event.kind == 'broken'}
        started = {event.unit for event in hooks} - noticed
        self.model.remove_relation(self.player.relations[number], force=True,
                                   noticed_by=noticed, started_by=started)


class ModelAnswers:
    """Infers leadership, configuration and addresses."""

    def __init__(self, player: ControllerPlayer):
        self.player, self.model = player, player.model
        self.recording = player.recording

    def apply(self, event: Event) -> None:
        """Make the changes that a hook shows, before the hook runs."""
        self._apply_leader(event)
        self._apply_config(event)
        self._apply_address(event)

    def action_params(self, event: Event) -> dict[str, Any]:
        """The parameters that action-get returned."""
        params: dict[str, Any] = {}
        for call in event.successful('action-get'):
            params.update(dict.fromkeys(call.words[:1], call.output) or call.output)
        return params

    def _apply_leader(self, event: Event) -> None:
        """Change the leader if this hook shows that.

        A new leader runs leader-elected first.
        """
        leads = next((call.output is True for call in event.successful('is-leader')),
                     None)
        if event.kind == 'leader-elected' or any(
                'app' in call.options for call in event.successful('relation-set')):
            leads = True
        app, unit = self.model.apps[event.app], self.model.unit(event.unit)
        elected = [later.unit for later in self.recording.upcoming('', 'leader-elected')
                   if later.app == event.app]
        if leads and app.leader != unit.name and (
                app.leader == app.name + '/none' or unit.name in elected or unit.dying):
            self.model.set_leader(unit.name)
            if unit.name not in elected and 'start' in unit.committed_hooks:
                unit.committed_hooks.add('leader-elected')
        elif leads is False and app.leader == unit.name and elected:
            app.leader = app.name + '/none'

    def _apply_config(self, event: Event) -> None:
        """Change the configuration: a hook can read it before config-changed runs."""
        unit, app = self.model.unit(event.unit), self.model.apps[event.app]
        config, complete = _configuration(event)
        values = {key: value for key, value in config.items()
                  if key not in app.config or app.config[key] != value}
        if complete:
            values.update(dict.fromkeys(
                key for key, value in app.config.items()
                if value is not None and key not in config))
        if not values:
            return
        if values.keys() & app.config.keys():
            changed = any(self.recording.upcoming(unit.name, 'config-changed'))
        else:
            changed = self._is_new(app.name, values)
        if changed:
            app.config.update(values)
            self.player.config_has_changed(app.name)
        elif not values.keys() & app.config.keys():
            self._set_initial(app.name, values)

    def _is_new(self, app: str, values: dict[str, Any]) -> bool:
        """Whether values that no hook has read before have just been set.

        If so, all units that are started and not removed run config-changed, and at
        least one of these hooks reads the values.
        """
        units = [name for name, unit in self.model.units.items()
                 if unit.app.name == app and 'start' in unit.committed_hooks
                 and any(self.recording.upcoming(name))
                 and not self.recording.is_removed(name)]
        hooks = [next(self.recording.upcoming(name, 'config-changed'), None)
                 for name in units]
        return all(hooks) and any(values.items() <= _configuration(hook)[0].items()
                                  for hook in hooks)

    def _set_initial(self, app: str, values: dict[str, Any]) -> None:
        """Set values that were set before the recording began."""
        up_to_date = [unit for unit in self.model.units.values() if unit.app.name == app
                      and unit.config_seen == agent.observed_config(unit)]
        self.model.apps[app].config.update(values)
        for unit in up_to_date:
            unit.config_seen = agent.observed_config(unit)

    def _apply_address(self, event: Event) -> None:
        addresses = [call.output for call in event.successful('unit-get')
                     if call.words == ['private-address']]
        if addresses and any(self.recording.upcoming(event.unit, 'config-changed')):
            self.model.set_address(event.unit, addresses[0].strip())


def _configuration(event: Event) -> tuple[dict[str, Any], bool]:
    """The configuration that a hook read, and whether it is complete."""
    config, complete = {}, False
    for call in event.successful('config-get'):
        if call.words:
            config[call.words[0]] = call.output
        elif isinstance(call.output, dict):
            config, complete = {**call.output, **config}, True
    return config, complete


class RelationAnswers:
    """Infers relations, forced removals, agent restarts and members of relations."""

    def __init__(self, player: ControllerPlayer):
        self.player, self.model = player, player.model
        self.recording = player.recording

    def apply(self, event: Event) -> None:
        """Make the changes that a hook shows, before the hook runs."""
        if event.departing_unit == event.unit and (
                not self.model.unit(event.unit).dying):
            self.model.remove_unit(event.unit)
        for number in event.all_listed() - self.player.relations.keys():
            self.player.relate(number)
        self._apply_missing(event)
        self.apply_refusals(event)
        self._apply_restart(event)
        self.apply_presence(event)

    def _apply_missing(self, event: Event) -> None:
        """Force-remove relations that the agent no longer lists or finds, although the
        unit did not run broken, and restart the agent."""
        unit, listed = self.model.unit(event.unit), event.listed()
        missing = {
            number for number, local in unit.local_relations.items()
            if number not in listed.get(local.relation.endpoints[event.app], {number})
            and (number in unit.created or local.force_removed)}
        missing |= {event.number_in(call) for call in event.calls if call.status == 2
                    and 'relation not found' in call.error}
        for number in missing & unit.local_relations.keys():
            if not self.recording.still_knows(event.unit, number):
                if not unit.local_relations[number].force_removed:
                    self.player.removals.force_remove(number)
                self.player.restart(unit.name)

    def apply_refusals(self, event: Event) -> None:
        """Force-remove relations in which the unit is denied its own data."""
        local_relations = self.model.unit(event.unit).local_relations
        refused = {event.number_in(call) for call in event.calls if call.status == 1
                   and 'permission denied' in call.error
                   and 'app' not in call.options and (
                       call.tool == 'relation-set'
                       or call.tool == 'relation-get' and event.unit in call.words)}
        for number in refused & local_relations.keys():
            if not local_relations[number].force_removed:
                self.player.removals.force_remove(number)

    def _apply_restart(self, event: Event) -> None:
        """Restart the agent if its answers show that.

        After a restart, the environment of broken hooks lacks the remote application,
        and the agent's cache is empty.
        """
        local_relations = self.model.unit(event.unit).local_relations
        current = local_relations.get(event.number)
        app_forgotten = current and event.kind == 'broken' and not (
            current.restarted or event.has_remote_app_variable)
        if app_forgotten or self._ignores_cache(event) and all(
                later.number not in local_relations or not later.has_remote_app_variable
                for later in self.recording.upcoming(event.unit, 'broken')):
            self.player.restart(event.unit)

    def _ignores_cache(self, event: Event) -> bool:
        """Whether a hook reads newer data than the cache has, before the unit is
        notified of them."""
        local_relations = self.model.unit(event.unit).local_relations
        reads = ((local_relations[number], owner, data)
                 for number, owner, data, _ in event.reads()
                 if number in local_relations
                 and owner not in (event.remote_unit, event.unit))
        return any(
            not local.force_removed and data != local.cache.get(owner, data)
            and data == local.relation.unit_databags[owner].data
            and any(later.notified_of == (local.relation.number, owner)
                    for later in self.recording.upcoming(event.unit))
            for local, owner, data in reads)

    def apply_presence(self, event: Event) -> None:
        """Let units enter relations if a read of their data succeeds; otherwise remove
        them again."""
        local_relations = self.model.unit(event.unit).local_relations
        for number, owner, data, call in event.reads():
            local = local_relations.get(number)
            if not local or local.force_removed or '/' not in owner:
                continue
            if call.status == 1:
                self.player.postpone_entry(owner, number)
            elif not call.status and owner in self.model.units:
                self.model.unit(owner).paused = False
            elif not call.status and owner not in local.relation.unit_databags:
                self.model.enter(local.relation, owner, data)
