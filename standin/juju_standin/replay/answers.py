"""Infers changes from the answers that a recorded hook got.

A change that only an answer shows must also have caused hooks, which the recording has
to contain. Otherwise the answer would be accepted without being checked.
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
        """Change the leader. Juju chooses it; a new leader runs leader-elected first.
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
            self.model.lead(unit.name)
            if unit.name not in elected and 'start' in unit.done:
                unit.done.add('leader-elected')
        elif leads is False and app.leader == unit.name and elected:
            self.model.lead(app.name + '/none')

    def _apply_config(self, event: Event) -> None:
        """Change the configuration. Hooks can read it before config-changed runs."""
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

        If so, all units that are started and not removed run config-changed, and one
        of them reads the values there.
        """
        units = [name for name, unit in self.model.units.items() if unit.app.name == app
                 and 'start' in unit.done and any(self.recording.upcoming(name))
                 and not self.recording.is_removed(name)]
        hooks = [next(self.recording.upcoming(name, 'config-changed'), None)
                 for name in units]
        return all(hooks) and any(values.items() <= _configuration(hook)[0].items()
                                  for hook in hooks)

    def _set_initial(self, app: str, values: dict[str, Any]) -> None:
        """Set values that were set before the recording began."""
        up_to_date = [unit for unit in self.model.units.values() if unit.app.name == app
                      and unit.config_seen == agent.config(unit)]
        self.model.set_config(app, **values)
        for unit in up_to_date:
            unit.config_seen = agent.config(unit)

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
        """Relations that are not listed or not found, and did not run broken, were
        removed by force, and the agent has restarted."""
        unit, listed = self.model.unit(event.unit), event.listed()
        missing = {number for number, known in unit.known.items()
                   if number not in listed.get(known.relation.ends[event.app], {number})
                   and (number in unit.created or known.ghost)}
        missing |= {event.number_in(call) for call in event.calls if call.status == 2
                    and 'relation not found' in call.error}
        for number in missing & unit.known.keys():
            if not self.recording.still_knows(event.unit, number):
                if not unit.known[number].ghost:
                    self.player.removals.force_remove(number)
                self.player.restart(unit.name)

    def apply_refusals(self, event: Event) -> None:
        """A relation in which a unit cannot use its own data was removed by force."""
        known = self.model.unit(event.unit).known
        refused = {event.number_in(call) for call in event.calls if call.status == 1
                   and 'permission denied' in call.error
                   and 'app' not in call.options and (
                       call.tool == 'relation-set'
                       or call.tool == 'relation-get' and event.unit in call.words)}
        for number in refused & known.keys():
            if not known[number].ghost:
                self.player.removals.force_remove(number)

    def _apply_restart(self, event: Event) -> None:
        """Only a restarted agent forgets the remote application in broken hooks, and
        its cache."""
        known = self.model.unit(event.unit).known
        current = known.get(event.number)
        app_forgotten = current and event.kind == 'broken' and not (
            current.restarted or event.has_remote_app_variable)
        if app_forgotten or self._ignores_cache(event) and all(
                later.number not in known or not later.has_remote_app_variable
                for later in self.recording.upcoming(event.unit, 'broken')):
            self.player.restart(event.unit)

    def _ignores_cache(self, event: Event) -> bool:
        """Whether a hook reads newer data than cached, before the unit is notified."""
        known = self.model.unit(event.unit).known
        return any(
            owner not in (event.remote_unit, event.unit) and not known[number].ghost
            and data != known[number].cache.get(owner, data)
            and data == known[number].relation.bags[owner].data
            and any(later.notified_of == (number, owner)
                    for later in self.recording.upcoming(event.unit))
            for number, owner, data, _ in event.reads() if number in known)

    def apply_presence(self, event: Event) -> None:
        """Let units enter relations, or not yet, as reads of their data show."""
        known = self.model.unit(event.unit).known
        for number, owner, data, call in event.reads():
            if number not in known or known[number].ghost or '/' not in owner:
                continue
            relation = known[number].relation
            if call.status == 1:
                self.player.leave_until_created(owner, number)
            elif not call.status and owner in self.model.units:
                self.model.unit(owner).running = False
            elif not call.status and owner not in relation.bags:
                self.model.enter(relation, owner, data)
