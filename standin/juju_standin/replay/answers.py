"""Infers changes from the answers that a recorded hook got.

A change is inferred only if the recording also contains the hooks that it causes.
Otherwise, any answer would be accepted.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import agent
from .recording import Event

if TYPE_CHECKING:
    from .controller_player import ControllerPlayer


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
            self.model.set_leader(app.name + '/none')

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
            self.model.set_config(app.name, **values)
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
        self.model.set_config(app, **values)
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
        """Let units enter relations if a read of their data succeeds; otherwise undo
        that they entered."""
        local_relations = self.model.unit(event.unit).local_relations
        for number, owner, data, call in event.reads():
            local = local_relations.get(number)
            if not local or local.force_removed or '/' not in owner:
                continue
            if call.status == 1:
                self.player.leave_until_created(owner, number)
            elif not call.status and owner in self.model.units:
                self.model.unit(owner).running = False
            elif not call.status and owner not in local.relation.unit_databags:
                self.model.enter(local.relation, owner, data)
