"""Playing a recording of a whole controller: what operators did is inferred."""
from __future__ import annotations

import re

from .. import hookrun
from ..context import Context
from ..state import Hook
from .answers import Counts, Difference, compare
from .controller import Controller
from .noticed import Noticed
from .reasons import Reasons
from .recording import Event, Recording
from .restore import restore
from .told import Told

# what else runs, such as actions, nothing has to prompt
HOOK = re.compile('install|start|stop|remove|leader-elected|config-changed|'
                  'upgrade-charm|update-status|.+-relation-[a-z]+')
# how many things may have been done before a hook
REASONS = 20


class Inferred(Controller):
    """Plays the hooks of all units; before each, what must have been done."""

    def __init__(self, recording: Recording, counts: Counts):
        super().__init__(recording, counts)
        self.reasons = Reasons(self)
        self.told, self.noticed = Told(self), Noticed(self)
        self._event: Event | None = None

    def play(self) -> None:
        restore(self)
        for event in self.recording.events:
            self.recording.position = event.position + 1
            self._play(event)
        self.check_idle()

    def lost(self, name: str) -> bool:
        """Of a unit that is removed by force the last hooks may not run."""
        unit = self.model.unit(name)
        return unit.dying and 'stop' not in unit.done

    def _play(self, event: Event) -> None:
        if event.unit not in self.model.units:
            if event.kind != 'install':
                raise Difference('there is no {}'.format(event.unit))
            self.add_unit(event.unit)
        self.model.unit(event.unit).running = False     # see delay
        self.told.learn(event)
        self.noticed.learn(event)
        hook = self._hook(event)
        self.noticed.presence(event)
        self.counts.hooks += 1
        self._event = event
        if event.kind == 'config-changed':
            self.configured[event.unit] += 1
        hookrun.execute(self.model, self.model.unit(event.unit), hook,
                        self.told.params(event))

    def _hook(self, event: Event) -> Hook:
        """The recorded hook, once it is due.

        :raises Difference: nothing that operators do makes it so
        """
        unit = self.model.unit(event.unit)
        if not HOOK.fullmatch(event.name):
            return Hook(event.name, 'action', event.relation_id or None,
                        event.remote_unit, event.remote_app)
        hook = self.find(event)
        if not hook and unit.failed:
            self.model.resolve(unit.name, retry=False)
            hook = self.find(event)
        # a controller runs update-status every few minutes
        if not hook and 'start' in unit.done and (
                event.name == 'update-status' or self.second_config_changed(event)):
            return Hook(event.name, event.name)
        for _ in range(REASONS):
            if hook or not (self._delay(event) or self.reasons.prompt(event)):
                break
            hook = self.find(event)
        if not hook:
            raise self.not_due(event)
        return hook

    def during(self, context: Context) -> int:
        compare(context, self._event.line, self.counts)
        self._vanish(self._event)
        return self._event.line['exit']

    def _vanish(self, event: Event) -> None:
        """Have a relation vanish under a hook that ended well, and ran again."""
        again = next(self.recording.ahead(event.unit, after=1), None)
        if again and not event.line['exit'] and event.number is not None and (
                (again.name, again.line['env']) == (event.name, event.line['env'])):
            self.noticed.vanished(again)

    def _delay(self, event: Event) -> bool:
        """Have a unit that would be joined now take part later, as it did.

        When an agent looks at the model is up to chance; here they all do at once.
        """
        return any(hook.kind == 'joined' and hook.relation_id == event.relation_id
                   and self.delay(hook.remote_unit, hook.number)
                   for hook in self.model.pending(event.unit))
