"""What a hook is told of its unit and application: who leads, the configuration."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import agent
from .recording import Event

if TYPE_CHECKING:
    from .controller import Controller


class Told:
    """Does to the model what a hook was told.

    An answer alone tells nothing of what was done: such hooks must follow as it brings.
    """

    def __init__(self, player: Controller):
        self.player, self.model = player, player.model
        self.recording = player.recording

    def learn(self, event: Event) -> None:
        """Do it before the hook is looked for."""
        self._leader(event)
        self._config(event)
        self._address(event)

    def params(self, event: Event) -> dict[str, Any]:
        """Those that an action was run with."""
        found: dict[str, Any] = {}
        for call in event.of('action-get'):
            found.update(dict.fromkeys(call.words[:1], call.output) or call.output)
        return found

    def _leader(self, event: Event) -> None:
        """Who leads is up to Juju. A leader is told so first of all."""
        leads = next((call.output is True for call in event.of('is-leader')), None)
        if event.kind == 'leader-elected' or any(
                'app' in call.options for call in event.of('relation-set')):
            leads = True
        app, unit = self.model.apps[event.app], self.model.unit(event.unit)
        elected = [ahead.unit for ahead in self.recording.ahead('', 'leader-elected')
                   if ahead.app == event.app]
        if leads and app.leader != unit.name and (
                app.leader == app.name + '/none' or unit.name in elected or unit.dying):
            self.model.lead(unit.name)
            if unit.name not in elected and 'start' in unit.done:
                unit.done.add('leader-elected')
        elif leads is False and app.leader == unit.name and elected:
            self.model.lead(app.name + '/none')

    def _config(self, event: Event) -> None:
        """What an operator set shows before, or in, config-changed."""
        unit, app = self.model.unit(event.unit), self.model.apps[event.app]
        found, whole = _configuration(event)
        values = {key: value for key, value in found.items()
                  if key not in app.config or app.config[key] != value}
        if whole:
            values.update(dict.fromkeys(
                key for key, value in app.config.items()
                if value is not None and key not in found))
        if not values:
            return
        if values.keys() & app.config.keys():
            changed = any(self.recording.ahead(unit.name, 'config-changed'))
        else:
            changed = self._changes(app.name, values)
        if changed:
            self.model.set_config(app.name, **values)
            self.player.reconfigured(app.name)
        elif not values.keys() & app.config.keys():
            self._was(app.name, values)

    def _changes(self, app: str, values: dict[str, Any]) -> bool:
        """Whether values that are seen for the first time had just been set: all units
        that were there, and stay, run config-changed, one of them with these."""
        units = [name for name, unit in self.model.units.items() if unit.app.name == app
                 and 'start' in unit.done and any(self.recording.ahead(name))
                 and not self.recording.goes(name)]
        seen = [next(self.recording.ahead(name, 'config-changed'), None)
                for name in units]
        return all(seen) and any(values.items() <= _configuration(event)[0].items()
                                 for event in seen)

    def _was(self, app: str, values: dict[str, Any]) -> None:
        """It had been set before, and units had noticed."""
        units = [unit for unit in self.model.units.values() if unit.app.name == app
                 and unit.config_seen == agent.config(unit)]
        self.model.set_config(app, **values)
        for unit in units:
            unit.config_seen = agent.config(unit)

    def _address(self, event: Event) -> None:
        found = [call.output for call in event.of('unit-get')
                 if call.words == ['private-address']]
        if found and next(self.recording.ahead(event.unit, 'config-changed'), None):
            self.model.set_address(event.unit, found[0].strip())


def _configuration(event: Event) -> tuple[dict[str, Any], bool]:
    """The configuration that a hook reads, and whether it is the whole of it."""
    found, whole = {}, False
    for call in event.of('config-get'):
        if call.words:
            found[call.words[0]] = call.output
        elif isinstance(call.output, dict):
            found, whole = {**call.output, **found}, True
    return found, whole
