"""Play recordings of Juju in the stand-in: python -m standin.replay FILE...

A recording says what operators did, which hooks ran, and what their hook tools
answered (recordings/README.md). Here the first is done to a model; each recorded hook
must then be due, and its calls must be answered alike.
"""
from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import agent
from .context import Context
from .model import Model
from .operations import OPERATIONS
from .profile import PROFILES
from .state import Hook, Relation

# Answers that the stand-in does not give as Juju does, by choice.
UNANSWERED = ('network-get', 'goal-state', 'relation-set --help')

RELATION_VARIABLES = ('JUJU_RELATION', 'JUJU_REMOTE', 'JUJU_DEPARTING')


class Difference(Exception):
    """The stand-in is not as Juju was."""


@dataclass
class Counts:
    """What there was to compare, and what was not."""
    hooks: int = 0
    calls: int = 0
    unanswered: Counter = field(default_factory=Counter)
    # Juju runs config-changed twice for one change, or does not; nobody knows when
    repeated: int = 0


class Trace:
    """The charm of the recorded units: it repeats what their hooks called."""

    def __init__(self, player: Player, metadata: dict[str, dict]):
        self.player, self.metadata = player, metadata
        self.config: dict[str, Any] = {}

    def run(self, context: Context) -> int:
        return self.player.during(context)


class Player:
    """Plays one recording."""

    def __init__(self, path: Path, counts: Counts | None = None):
        self.path, self.counts = path, counts or Counts()
        self.lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.operators = beside(path)
        self.position = 0
        release = '.'.join(path.resolve().parent.name.split('-')[0].split('.')[:2])
        # what one agent ran over a model that a script changed, or a controller
        self.scripted = any(isinstance(line.get('do'), dict) for line in self.lines)
        self.model = Model(replace(PROFILES[release],
                                   by_endpoints=not self.scripted))
        self.hold: list[str] = []           # hooks that wait, once begun
        self.hold_first = False             # before they call anything
        self.begins = False                 # such a hook is to begin now
        self.current: tuple[dict | None, int] = None, 0    # its line, where it ends
        self.asked: set[str] = set()        # hooks that nothing has to prompt
        self.idle = False
        self.configured: Counter = Counter()
        self.after: list[tuple[str, Any]] = []
        self.published: dict | None = None  # in hooks that were not recorded
        self.relations: dict[int, Relation] = {}
        if self.scripted:
            self._one_agent()

    def _one_agent(self) -> None:
        """The unit of the agents' recordings."""
        self.model.deploy('trace', self.charm(
            requires=['zookeeper'], provides=['client'], peers=[]))
        self.model.set_address('trace/0', '10.0.0.5')
        self.model.set_config('trace', opt='a')
        told = any(isinstance(line.get('do'), dict) and line['do']['op'] == 'leader'
                   for line in self.lines)
        if told or not self.elect('trace'):
            self.model.lead('trace/none')

    def charm(self, **ends: list[str]) -> Trace:
        """A charm with these endpoints; any two may be related."""
        return Trace(self, {role: {name: {'interface': 'x'} for name in names}
                            for role, names in ends.items()})

    def elect(self, app: str) -> bool:
        """Have the unit lead that the recording shows elected; Juju chooses it."""
        for line in self.lines:
            unit = line.get('unit', 'trace/0')
            if line.get('hook') == 'leader-elected' and unit.split('/')[0] == app:
                self.model.lead(unit)
                return True
        return False

    def charm_like(self, charm: Trace) -> Trace:
        return Trace(self, charm.metadata)

    def noticed(self, relation: Relation) -> tuple[set[str], set[str]]:
        """Units that ran their broken after this place, and others that only ran
        a departed of a relation."""
        kinds: dict[str, set[str]] = {}
        for line in self.lines[self.position:]:
            if 'hook' in line and line['env'].get('JUJU_RELATION_ID', '').endswith(
                    ':{}'.format(relation.number)):
                kinds.setdefault(line.get('unit', 'trace/0'), set()).add(
                    line['hook'].rpartition('-')[2])
        heard = {unit for unit, ran in kinds.items() if 'broken' in ran}
        return heard, {unit for unit, ran in kinds.items()
                       if 'departed' in ran} - heard

    def play_before(self, name: str) -> None:
        """Play another recording first, in the same model."""
        before = Player(self.path.with_name(name), Counts())
        before.play()
        self.model, self.relations = before.model, before.relations
        for app in self.model.apps.values():
            app.charm.player = self

    def run_unrecorded(self, published: dict) -> None:
        self.published = published
        self.model.settle()
        self.published = None

    def play(self) -> None:
        """Play it to its end.

        :raises Difference: the first
        """
        try:
            self._play_until(len(self.lines))
            self._operate(len(self.lines))
            self._check_idle()
        except Difference as error:
            raise Difference('{}:{}: {}'.format(
                self.path, min(self.position, len(self.lines)), error)) from None

    def _play_until(self, end: int) -> None:
        while self.position < end:
            line = self.lines[self.position]
            if self.begins and 'do' in line:
                self._begin()
                continue
            self._operate(self.position)
            self.position += 1
            if 'do' in line:
                self._check_idle()
                if isinstance(line['do'], dict):
                    self.operation(line['do'])
            elif 'hook' in line:
                self._hook(line)
            else:
                self._remark(line)

    def _operate(self, position: int) -> None:
        """Do what is written beside the recording for a place in it."""
        for operation in self.operators.pop(position, []):
            self.operation(operation)

    def operation(self, operation: dict) -> None:
        """Do what an operator did, or the script of the recording."""
        if operation['op'] not in OPERATIONS:
            raise Difference('unknown operation {}'.format(operation['op']))
        OPERATIONS[operation['op']](self, operation)

    # Hooks.

    def _hook(self, line: dict) -> None:
        unit = line.get('unit', 'trace/0')
        self._run(unit, self._due(unit, line), line, self.position - 1)

    def _begin(self) -> None:
        """Begin with a hook that waits, and do what was done while it did."""
        self.begins = False
        crash = self._find(lambda line: line.get('do', {}).get('op') == 'crash-agent')
        end = self._find(lambda line: 'hook' in line)
        due = self.model.pending('trace/0') + [Hook(name, name) for name in self.asked]
        if crash < end:
            hook = next(hook for hook in due if '{} {}'.format(
                hook.name, hook.remote_unit).strip() in self.hold)
            self._run('trace/0', hook, None, crash + 1)
        else:
            self._run('trace/0', self._due('trace/0', self.lines[end]),
                      self.lines[end], end)
            self.position += 1

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

    def _find(self, condition) -> int:
        """The next line like this; else the end."""
        return next((position for position in range(self.position, len(self.lines))
                     if condition(self.lines[position])), len(self.lines))

    def _run(self, unit: str, hook: Hook, line: dict | None, end: int) -> None:
        self.counts.hooks += line is not None
        self.current = line, end
        if hook.name == 'config-changed':
            self.configured[unit] += 1
        due = hook in self.model.pending(unit)
        run = (self.model.run(unit, hook) if due
               else self.model.dispatch(unit, hook.name))
        follows = self.lines[end + 1] if end + 1 < len(self.lines) else {}
        if self.scripted and line and run.status and not line['exit'] and (
                'failed' not in follows):
            raise Difference('{} is not kept: {}'.format(hook, run.log[-1]))
        self._check_after(unit)

    def _due(self, unit: str, line: dict) -> Hook:
        """The hook that a line tells of; it must be due."""
        name, env = line['hook'], line['env']
        if unit not in self.model.units:
            raise Difference('there is no {}'.format(unit))
        self.model.unit(unit).running = False       # see _delay
        wanted = (name, env.get('JUJU_RELATION_ID'), env.get('JUJU_REMOTE_UNIT', ''))
        while True:
            due = self.model.pending(unit)
            for hook in due:
                if (hook.name, hook.relation_id, hook.remote_unit) == wanted:
                    return hook
            if not self._delay(due, wanted[:2]):
                break
        if due and self.model.unit(unit).failed:
            pass
        elif name in self.asked or not self.scripted and name == 'update-status':
            self.asked.discard(name)
            return Hook(name, name)
        elif name == 'config-changed' and self.configured[unit] == 1:
            self.counts.repeated += 1
            return Hook(name, name)
        raise Difference('{} {} of {} is not due, but {}'.format(
            name, env.get('JUJU_REMOTE_UNIT', ''), unit, ', '.join(map(str, due))))

    def during(self, context: Context) -> int:
        """What the charm does in a hook: its exit status."""
        if self.published is not None:
            return self._publish(context)
        line, end = self.current
        if self.hold_first:
            self._play_until(end)
        status = self._repeat(context, line) if line else 1
        self._play_until(end)
        return status

    def _publish(self, context: Context) -> int:
        for relation_id, settings in self.published.get(context.unit.name, {}).items():
            context.call(['relation-set', '-r', relation_id,
                          *map('='.join, settings.items())])
        return 0

    def _repeat(self, context: Context, line: dict) -> int:
        env = {key: value for key, value in context.env.items()
               if key in line['env'] or key.startswith(RELATION_VARIABLES)}
        if env != line['env']:
            raise Difference('environment {}, not {}'.format(env, line['env']))
        for call in line['tools']:
            self._call(context, *call)
        return line['exit']

    def _call(self, context: Context, command: str, status: int, output: str,
              error: str) -> None:
        for name in UNANSWERED:
            if command.startswith(name):
                self.counts.unanswered[name] += 1
                return
        self.counts.calls += 1
        argv, stdin = command.split(' '), b''
        if argv[0] == 'relation-set':
            output = output.partition('settings: ')[2]
            if '--file' in argv:
                argv[argv.index('--file') + 1] = '-'
                stdin, output = output.encode(), ''
        found = context.call(argv, stdin)
        recorded = outcome(argv, status, output, error)
        answered = outcome(argv, found[0], found[1].decode(), found[2].decode())
        if recorded != answered:
            raise Difference('{}: {}, not {}'.format(command, answered, recorded))

    # What else is recorded.

    def _remark(self, line: dict) -> None:
        unit = 'trace/0'
        kind = next(iter(line))
        if kind == 'failed' and not self.model.unit(unit).failed:
            raise Difference('it has not failed')
        if kind == 'enter-scope':
            self.model.pending(unit)
            self._compare_settings(unit, line[kind]['rel'], line[kind]['settings'])
        if kind == 'relation-gone' and line[kind]['rel'] in self.model.relations:
            raise Difference('the relation is still there')
        if kind in ('kept', 'leave-scope'):
            self.after.append((kind, line[kind]))
        if kind == 'skipped':
            self._check_after(unit)

    def _check_after(self, unit: str) -> None:
        """Check what was recorded as done at the end of a hook."""
        after, self.after = self.after, []
        for kind, what in after:
            relation = self.model.relations.get(what['rel'])
            if kind == 'kept':
                self._compare_settings(unit, what['rel'], what['now'])
            elif relation and unit in relation.scope:
                raise Difference('{} has not left the relation'.format(unit))

    def _compare_settings(self, unit: str, number: int, settings: dict) -> None:
        relation = self.model.relations.get(number)
        found = self.model.settings(relation, unit) if relation else None
        if found is not None and found != settings:
            raise Difference('settings are {}, not {}'.format(found, settings))

    def _check_idle(self) -> None:
        if not self.idle:
            return
        self.idle = False
        for name, unit in self.model.units.items():
            due = self.model.pending(name)
            if due and not unit.failed:
                raise Difference('{} is still due {}'.format(
                    name, ', '.join(map(str, due))))


def beside(path: Path) -> dict[int, list[dict]]:
    """What is written beside a recording: operations by the line that they precede."""
    file = path.with_suffix('.operators.json')
    found: dict[int, list[dict]] = {}
    for operation in json.loads(file.read_text()) if file.exists() else []:
        found.setdefault(operation['before'] - 1, []).append(operation)
    return found


def outcome(argv: list[str], status: int, output: str, error: str) -> tuple:
    """What of an answer is compared: the output, or the kind of error."""
    if status == 127:
        return (status,)
    if status:
        return status, error.strip().removeprefix('ERROR ').rpartition(': ')[2]
    if '--format=json' in argv:
        return status, json.loads(output)
    return status, output.strip()


def main(paths: list[str]) -> int:
    """Play files, and print the first difference of each."""
    counts, differing = Counts(), 0
    for path in map(Path, paths):
        try:
            Player(path, counts).play()
        except Difference as error:
            differing += 1
            print(error)
    print('{} hooks, {} calls; not compared: {}; config-changed twice: {}'.format(
        counts.hooks, counts.calls, ', '.join(
            '{} {}'.format(*item) for item in sorted(counts.unanswered.items()))
        or 'nothing', counts.repeated))
    print('{} of {} files are as recorded'.format(len(paths) - differing, len(paths)))
    return int(differing > 0)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
