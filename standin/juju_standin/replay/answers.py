"""Comparing the answers of hook tools."""
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from ..context import Context

# Answers that the stand-in does not give as Juju does, by choice.
UNANSWERED = ('network-get', 'goal-state', 'relation-set --help')

RELATION_VARIABLES = ('JUJU_RELATION', 'JUJU_REMOTE', 'JUJU_DEPARTING')


class Difference(Exception):
    """The stand-in is not as Juju was."""


@dataclass
class Counts:
    """What there was to compare, and what was not compared."""
    hooks: int = 0
    calls: int = 0
    unanswered: Counter = field(default_factory=Counter)
    # one change of the configuration brings one config-changed or two, up to chance
    repeated: int = 0

    def __str__(self) -> str:
        unanswered = ', '.join('{} {}'.format(*item)
                               for item in sorted(self.unanswered.items()))
        return ('{} hooks, {} calls; answers not compared: {}; second '
                'config-changed: {}'.format(self.hooks, self.calls,
                                            unanswered or 'none', self.repeated))


def compare(context: Context, line: dict, counts: Counts) -> None:
    """Repeat a recorded hook's calls.

    :raises Difference: at the first that is answered otherwise
    """
    env = {key: value for key, value in context.env.items()
           if key in line['env'] or key.startswith(RELATION_VARIABLES)}
    if env != line['env']:
        raise Difference('environment {}, not {}'.format(env, line['env']))
    for command, status, output, error in line['tools']:
        name = next((name for name in UNANSWERED if command.startswith(name)), None)
        if name:
            counts.unanswered[name] += 1
            continue
        counts.calls += 1
        argv, stdin = command.split(' '), b''
        if argv[0] == 'relation-set':
            output, stdin = '', _sent(argv, output)
        found = context.call(argv, stdin)
        answered = _outcome(argv, found[0], found[1].decode(), found[2].decode())
        recorded = _outcome(argv, status, output, error)
        if recorded != answered:
            raise Difference('{}: {}, not {}'.format(command, answered, recorded))


def _sent(argv: list[str], output: str) -> bytes:
    """What relation-set read from a file; it was recorded as its output."""
    if '--file' in argv:
        argv[argv.index('--file') + 1] = '-'
    return output.partition('settings: ')[2].encode()


def _outcome(argv: list[str], status: int, output: str, error: str) -> tuple:
    """What of an answer is compared: the output, or the kind of error."""
    if status == 127:
        return (status,)
    if status:
        return status, error.strip().removeprefix('ERROR ').rpartition(': ')[2]
    if '--format=json' in argv:
        return status, json.loads(output)
    return status, output.strip()
