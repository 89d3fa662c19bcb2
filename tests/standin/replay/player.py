"""Playing one recording."""
from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from .. import agent
from ..context import Context
from ..model import Model
from ..state import Hook, Relation
from .answers import Counts, Difference, compare
from .operations import OPERATIONS
from .recording import Recording


class Trace:
    """The charm of recorded units: it repeats what their hooks called."""
    config: dict[str, Any] = {}

    def __init__(self, player: Player, metadata: dict[str, dict]):
        self.player, self.metadata = player, metadata

    def run(self, context: Context) -> int:
        return self.player.during(context)


class Player:
    """Plays one recording in a model of its own."""

    def __init__(self, path: Path, counts: Counts | None = None):
        self.recording, self.counts = Recording(path), counts or Counts()
        self.model = Model(self.recording.profile())
        self.relations: dict[int, Relation] = {}
        self.hold: list[str] = []       # hooks that wait, once they have begun
        self.hold_first = False         # before they call anything, not after
        self.begins = False             # such a hook is to begin now
        self.idle = False               # nothing may be due now
        self.vanishing: Relation | None = None  # once the script goes on
        self.asked: set[str] = set()    # hooks that nothing has to prompt
        self.configured: Counter = Counter()    # config-changed since the last change
        self.published: dict | None = None      # in hooks that were not recorded
        # the running hook's line, and where it ends
        self._current: tuple[dict | None, int] = None, 0
        self._kept: list[dict] = []     # what was recorded at its end
        if self.recording.scripted:
            self._deploy_trace()

    def _deploy_trace(self) -> None:
        """The unit of the agents' recordings."""
        self.model.deploy('trace', self.charm(
            requires=['zookeeper'], provides=['client'], peers=[]))
        self.model.set_address('trace/0', '10.0.0.5')
        self.model.set_config('trace', opt='a')
        self.model.lead('trace/none' if self.recording.scripts('leader')
                        else self.recording.elected('trace') or 'trace/none')

    def charm(self, **ends: list[str]) -> Trace:
        """A charm with these endpoints; any two may be related."""
        return Trace(self, {role: {name: {'interface': 'x'} for name in names}
                            for role, names in ends.items()})

    def play_before(self, name: str) -> None:
        """Play another recording first, in the same model."""
        before = Player(self.recording.path.with_name(name))
        before.play()
        self.model, self.relations = before.model, before.relations
        for app in self.model.apps.values():
            app.charm.player = self

    def play(self) -> None:
        """Play it to its end.

        :raises Difference: the first
        """
        end = len(self.recording.lines)
        try:
            self._play_until(end)
            self._check_idle()
            self._operate()
        except (Difference, ValueError, LookupError) as error:
            raise Difference('{}:{}: {}'.format(
                self.recording.path, min(self.recording.position, end),
                error)) from error

    def _play_until(self, end: int) -> None:
        while self.recording.position < end:
            line = self.recording.lines[self.recording.position]
            if self.begins and 'do' in line:
                self._begin()
                continue
            self._operate()
            self.recording.position += 1
            if 'do' in line:
                self._check_idle()
                self._vanish()
                if isinstance(line['do'], dict):
                    self._operation(line['do'])
            elif 'hook' in line:
                unit = line.get('unit', 'trace/0')
                self._run(unit, self._due(unit, line), line)
            else:
                self._remark(line)

    def _vanish(self) -> None:
        relation, self.vanishing = self.vanishing, None
        if relation:
            self.model.remove_relation(relation, force=True)

    def _operate(self) -> None:
        for operation in self.recording.operations():
            self._operation(operation)
            self._check_idle()

    def _operation(self, operation: dict) -> None:
        if operation['op'] not in OPERATIONS:
            raise Difference('unknown operation {}'.format(operation['op']))
        OPERATIONS[operation['op']](self, operation)

    # Hooks.

    def _begin(self) -> None:
        """Begin with a hook that waits, and do what was done while it did."""
        self.begins = False
        recording = self.recording
        end = recording.find(lambda line: 'hook' in line)
        crash = recording.find(lambda line: isinstance(line.get('do'), dict)
                               and line['do']['op'] == 'crash-agent')
        if end < crash:
            line = recording.lines[end]
            self._run('trace/0', self._due('trace/0', line), line, end)
            recording.position = end + 1
        else:
            hook = next(
                hook for hook in self.model.pending('trace/0') if set(self.hold) & {
                    hook.name, '{} {}'.format(hook.name, hook.remote_unit)})
            self._run('trace/0', hook, None, crash + 1)

    def _due(self, unit: str, line: dict) -> Hook:
        """The hook that a line tells of.

        :raises Difference: it is not due
        """
        name, env = line['hook'], line['env']
        if unit not in self.model.units:
            raise Difference('there is no {}'.format(unit))
        self.model.unit(unit).running = False       # see _delay
        wanted = name, env.get('JUJU_RELATION_ID'), env.get('JUJU_REMOTE_UNIT', '')
        while True:
            due = self.model.pending(unit)
            for hook in due:
                if (hook.name, hook.relation_id, hook.remote_unit) == wanted:
                    return hook
            if not self._delay(due, wanted[:2]):
                break
        if not self.model.unit(unit).failed and self._unprompted(unit, name):
            return Hook(name, name)
        raise Difference('{} {} of {} is not due, but {}'.format(
            name, env.get('JUJU_REMOTE_UNIT', ''), unit, ', '.join(map(str, due))))

    def _unprompted(self, unit: str, name: str) -> bool:
        """Whether a hook may run that nothing in the model prompts."""
        if name == 'config-changed' and self.configured[unit] == 1:
            self.counts.repeated += 1
            return True
        if name in self.asked:
            self.asked.remove(name)
            return True
        # a controller runs it every few minutes
        return not self.recording.scripted and name == 'update-status'

    def _delay(self, due: list[Hook], wanted: tuple) -> bool:
        """Have a unit that would be joined now take part later, as it did.

        When an agent looks at the model is up to chance; here they all do at once.
        """
        for hook in due:
            unit = self.model.units.get(hook.remote_unit)
            if hook.kind == 'joined' and (hook.name, hook.relation_id) == wanted and (
                    unit and hook.number not in unit.created):
                relation = unit.known[hook.number].relation
                agent.forget(self.model, unit, relation)
                del relation.bags[unit.name]
                unit.running = True     # it does not look
                return True
        return False

    def _run(self, unit: str, hook: Hook, line: dict | None, end: int = 0) -> None:
        self.counts.hooks += line is not None
        self._current = line, end
        if hook.name == 'config-changed':
            self.configured[unit] += 1
        run = (self.model.run(unit, hook) if hook in self.model.pending(unit)
               else self.model.dispatch(unit, hook.name))
        after = self.recording.lines[max(self.recording.position, end + 1):][:1]
        if self.recording.scripted and line and run.status and not line['exit'] and (
                not after or 'failed' not in after[0]):
            raise Difference('{} is not kept: {}'.format(hook, run.log[-1]))
        self._check_kept(unit)

    def during(self, context: Context) -> int:
        """What the charm does in a hook: its exit status."""
        if self.published is not None:
            return self._publish(context)
        line, end = self._current
        if self.hold_first:
            self._play_until(end)
        if line:
            compare(context, line, self.counts)
        self._play_until(end)
        return line['exit'] if line else 1

    def _publish(self, context: Context) -> int:
        for relation_id, settings in self.published.get(context.unit.name, {}).items():
            context.call(['relation-set', '-r', relation_id,
                          *map('='.join, settings.items())])
        return 0

    # What else was recorded.

    def _remark(self, line: dict) -> None:
        unit, (kind, what) = self.model.unit('trace/0'), next(iter(line.items()))
        if kind == 'failed' and not unit.failed:
            raise Difference('it has not failed')
        if kind == 'enter-scope':
            self.model.pending(unit.name)
            self._compare_settings(what['rel'], what['settings'])
        if kind == 'relation-gone' and what['rel'] in self.model.relations:
            raise Difference('the relation is still there')
        if kind in ('kept', 'leave-scope'):
            self._kept.append(what)
        if kind == 'skipped':
            self._check_kept(unit.name)

    def _check_kept(self, unit: str) -> None:
        kept, self._kept = self._kept, []
        for what in kept:
            if 'now' in what:
                self._compare_settings(what['rel'], what['now'])
            elif unit in self.relations[what['rel']].scope:
                raise Difference('{} has not left the relation'.format(unit))

    def _compare_settings(self, number: int, settings: dict) -> None:
        found = self.model.settings(self.relations[number], 'trace/0')
        if found != settings:
            raise Difference('settings are {}, not {}'.format(found, settings))

    def _check_idle(self) -> None:
        idle, self.idle = self.idle, False
        for name, unit in self.model.units.items() if idle else ():
            due = self.model.pending(name)
            if due and not unit.failed:
                raise Difference('{} is still due {}'.format(
                    name, ', '.join(map(str, due))))
