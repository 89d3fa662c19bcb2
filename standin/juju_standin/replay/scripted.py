"""Playing a recording of one unit's agent: a script says what was done."""
from __future__ import annotations

from ..context import Context
from ..state import Hook, Relation
from .answers import Counts, Difference, compare
from .operations import OPERATIONS
from .player import Player
from .recording import Event, Recording
from .remarks import Remarks


class Scripted(Player):
    """Plays what a script did to a model, and the hooks of its unit, trace/0."""

    def __init__(self, recording: Recording, counts: Counts):
        super().__init__(recording, counts)
        self.hold: list[str] = []       # hooks that wait, once they have begun
        self.hold_first = False         # before they call anything, not after
        self.begins = False             # such a hook is to begin now
        self.idle = False               # nothing may be due now
        self.vanishing: Relation | None = None  # once the script goes on
        self.asked: set[str] = set()    # hooks that nothing has to prompt
        # the running hook, and where it ends
        self._current: tuple[Event | None, int] = None, 0
        self.remarks = Remarks(self)
        _deploy_trace(self)

    def play(self) -> None:
        self._events = {event.position: event for event in self.recording.events}
        self._play_until(len(self.recording.lines))
        self._check_idle()

    def _play_until(self, end: int) -> None:
        recording = self.recording
        while recording.position < end:
            line = recording.lines[recording.position]
            if self.begins and 'do' in line:
                self._begin()
                continue
            recording.position += 1
            if 'do' in line:
                self._check_idle()
                self._vanish()
                if isinstance(line['do'], dict):
                    self._operate(line['do'])
            elif 'hook' in line:
                event = self._events[recording.position - 1]
                self._run(self._due(event), event)
            else:
                self.remarks.hold(line)

    def _vanish(self) -> None:
        relation, self.vanishing = self.vanishing, None
        if relation:
            self.model.remove_relation(relation, force=True)

    def _operate(self, operation: dict) -> None:
        name = operation['op']
        if name not in OPERATIONS:
            raise Difference('unknown operation {}'.format(name))
        try:
            OPERATIONS[name](self, operation)
        except LookupError as error:
            raise Difference('operation {}: there is no {}'.format(
                name, error)) from error

    # Hooks.

    def _begin(self) -> None:
        """Begin with a hook that waits, and do what was done while it did."""
        self.begins = False
        recording = self.recording
        end = recording.find('hook')
        crash = recording.find('do', 'crash-agent')
        if end < crash:
            event = self._events[end]
            self._run(self._due(event), event, end)
            recording.position = end + 1
        else:
            self._run(self._held(), None, crash + 1)

    def _held(self) -> Hook:
        """The hook that waits, of which there is no line: its agent was killed."""
        for hook in self.model.pending('trace/0'):
            if set(self.hold) & {hook.name, '{} {}'.format(
                    hook.name, hook.remote_unit)}:
                return hook
        raise Difference('none of {} is due'.format(', '.join(self.hold)))

    def _due(self, event: Event) -> Hook:
        """The hook that was recorded.

        :raises Difference: it is not due
        """
        hook = self.find(event)
        if hook:
            return hook
        if not self.model.unit(event.unit).failed and (
                event.name in self.asked or self.second_config_changed(event)):
            self.asked.discard(event.name)
            return Hook(event.name, event.name)
        raise self.not_due(event)

    def _run(self, hook: Hook, event: Event | None, end: int = 0) -> None:
        self.counts.hooks += event is not None
        self._current = event, end
        if hook.name == 'config-changed':
            self.configured['trace/0'] += 1
        run = (self.model.run('trace/0', hook)
               if hook in self.model.pending('trace/0')
               else self.model.dispatch('trace/0', hook.name))
        after = self.recording.lines[max(self.recording.position, end + 1):][:1]
        failed = any('failed' in line for line in after)
        if event and failed != bool(run.status):
            raise Difference('{} is {}kept {}'.format(
                hook, 'not ' * bool(run.status), run.log[-1:]))
        self.remarks.check_kept()

    def during(self, context: Context) -> int:
        """What the charm does in a hook: its exit status."""
        event, end = self._current
        if self.hold_first:
            self._play_until(end)
        if event:
            compare(context, event.line, self.counts)
        self._play_until(end)
        return event.line['exit'] if event else 1

    def _check_idle(self) -> None:
        idle, self.idle = self.idle, False
        if idle:
            self.check_idle()


def _deploy_trace(player: Scripted) -> None:
    """The unit of these recordings, as it was deployed."""
    player.model.deploy('trace', player.charm(
        requires=['zookeeper'], provides=['client'], peers=[]))
    player.model.set_address('trace/0', '10.0.0.5')
    player.model.set_config('trace', opt='a')
    leads = not player.recording.scripts('leader') and any(
        event.kind == 'leader-elected' for event in player.recording.events)
    player.model.lead('trace/0' if leads else 'trace/none')
