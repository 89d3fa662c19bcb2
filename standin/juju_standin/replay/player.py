"""What both kinds of replays share: find hooks, run them and compare answers."""
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from ..context import Context
from ..model import Model
from ..state import Hook, Relation
from .recording import Difference, Event, Recording, split

# Commands whose answers differ from Juju's on purpose.
NOT_COMPARED = ('network-get', 'relation-model-get', 'relation-set --help')

RELATION_VARIABLES = ('JUJU_RELATION', 'JUJU_REMOTE', 'JUJU_DEPARTING')


@dataclass
class Counts:
    """How many hooks and calls were compared, and how many were not."""
    hooks: int = 0
    calls: int = 0
    not_compared: Counter = field(default_factory=Counter)
    # Juju runs one or two config-changed hooks for one change, at random
    second_config_changed: int = 0

    def __str__(self) -> str:
        not_compared = ', '.join('{} {}'.format(*item)
                                 for item in sorted(self.not_compared.items()))
        return ('{} hooks, {} calls; answers not compared: {}; second '
                'config-changed: {}'.format(
                    self.hooks, self.calls, not_compared or 'none',
                    self.second_config_changed))


class ReplayedCharm:
    """The charm of recorded units: its hooks repeat the recorded calls."""
    config: dict[str, Any] = {}

    def __init__(self, player: Player, metadata: dict[str, dict]):
        self.player, self.metadata = player, metadata

    def run(self, context: Context) -> int:
        return self.player.run_charm(context)


class Player:
    """Replays one recording in a model of its own."""

    def __init__(self, recording: Recording, counts: Counts):
        self.recording, self.counts = recording, counts
        # The agents' recordings lack leader-settings-changed, because the script does
        # not notify agents of leader settings. In a controller's recording it may run
        # at any time, because replaying does not infer leader-set.
        self.model = Model(replace(recording.profile, leader_settings_changed=False))
        self.relations: dict[int, Relation] = {}    # by number, removed ones too
        # how many config-changed hooks each unit has run since the last change
        self.config_changed_runs: Counter = Counter()

    def charm(self, **endpoints: list[str]) -> ReplayedCharm:
        """A charm with these endpoints; any two of them can be related."""
        return ReplayedCharm(self, {
            role: {name: {'interface': 'x'} for name in names}
            for role, names in endpoints.items()})

    def play(self) -> None:
        """Replay the whole recording.

        :raises Difference: the first difference
        """
        raise NotImplementedError

    def run_charm(self, context: Context) -> int:
        """Repeat the charm's calls in a hook, and return its exit status."""
        raise NotImplementedError

    def find_due(self, event: Event) -> Hook | None:
        """Find a recorded hook among those that are due."""
        wanted = event.name, event.relation_id or None, event.remote_unit
        return next((hook for hook in self.model.pending(event.unit) if wanted == (
            hook.name, hook.relation_id, hook.remote_unit)), None)

    def accept_second_config_changed(self, event: Event) -> bool:
        """Count and accept a hook that repeats config-changed after one change."""
        second = (event.kind == 'config-changed'
                  and self.config_changed_runs[event.unit] == 1)
        self.counts.second_config_changed += second
        return second

    def config_has_changed(self, app: str) -> None:
        """Note that an application's configuration has changed."""
        for name, unit in self.model.units.items():
            if unit.app.name == app:
                self.config_changed_runs[name] = 0

    def not_due(self, event: Event) -> Difference:
        due = self.model.pending(event.unit)
        return Difference('{} is not due in {}; due: {}'.format(
            ' '.join(filter(None, (event.name, event.remote_unit))), event.unit,
            ', '.join(map(str, due)) or 'none'))

    def may_end_early(self, unit: str) -> bool:
        """Whether the recording may lack a unit's last hooks."""
        return False

    def check_idle(self) -> None:
        """Check that no hook is due, except in units in error."""
        for name, unit in self.model.units.items():
            due = self.model.pending(name)
            if due and not unit.failed and not self.may_end_early(name):
                raise Difference('still due in {}: {}'.format(
                    name, ', '.join(map(str, due))))


def compare(context: Context, line: dict, counts: Counts) -> None:
    """Compare a hook's environment and the answers of its hook tools.

    :raises Difference: the first difference
    """
    env = {key: value for key, value in context.env.items()
           if key in line['env'] or key.startswith(RELATION_VARIABLES)}
    if env != line['env']:
        raise Difference('environment {}, not {}'.format(env, line['env']))
    for command, status, output, error in line['tools']:
        name = next((name for name in NOT_COMPARED if command.startswith(name)), None)
        if name:
            counts.not_compared[name] += 1
            continue
        counts.calls += 1
        argv, stdin = split(command), b''
        if argv[0] == 'relation-set':
            output, stdin = '', _settings_file(argv, output)
        answer = context.call(argv, stdin)
        actual = _comparable(argv, answer[0], answer[1].decode(), answer[2].decode())
        expected = _comparable(argv, status, output, error)
        if actual != expected:
            raise Difference('{}: {}, not {}'.format(command, actual, expected))


def _settings_file(argv: list[str], output: str) -> bytes:
    """The file that relation-set read; the recording has it in the output.

    Make the command line read it from standard input.
    """
    if '--file' in argv:
        argv[argv.index('--file') + 1] = '-'
    return output.partition('settings: ')[2].encode()


def _comparable(argv: list[str], status: int, output: str, error: str) -> tuple:
    """The part of an answer that is compared: the output, or the end of the error."""
    if status == 127:
        return (status,)
    if status:
        return status, error.strip().removeprefix('ERROR ').rpartition(': ')[2]
    if argv[0] == 'goal-state':     # without statuses and times
        return status, {endpoint: names.keys() for endpoint, names
                        in json.loads(output)['relations'].items()}
    if '--format=json' in argv:
        return status, json.loads(output)
    if argv[0] == 'relation-get' and '-' in argv:
        return status, yaml.safe_load(output)
    return status, output.strip()
