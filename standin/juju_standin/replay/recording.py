"""Reads recordings: their lines, hooks and hook-tool calls."""
from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..hooktools import TOOLS, ToolError, parse_call
from ..profile import PROFILES, Profile
from ..relationtools import key_and_owner, read_settings_file

# The key of a databag: a relation's number, and a unit or application. Calls that use
# no databag have the key NO_BAG.
BagKey = tuple[int | None, str]
NO_BAG: BagKey = (None, '')

# The kinds of lines about the result of a hook.
RESULT_KINDS = {'failed', 'skipped', 'kept', 'enter-scope', 'leave-scope',
                'relation-gone'}


class Difference(Exception):
    """The stand-in does not behave as recorded, or the recording is invalid."""


class Call(NamedTuple):
    """A recorded hook-tool call."""
    tool: str
    options: dict[str, str]
    words: list[str]
    status: int
    output: Any         # parsed if it is JSON
    error: str

    @classmethod
    def parse(cls, command: str, status: int, output: str, error: str) -> Call:
        name, *args = split(command)
        options, words = {}, args
        if name in TOOLS:
            with contextlib.suppress(ToolError):
                options, words = parse_call(TOOLS[name], tuple(args))
        if options.get('format') == 'json' and not status:
            output = json.loads(output)
        elif name in ('relation-ids', 'relation-list') and not status:
            output = output.split()
        return cls(name, options, words, status, output, error)


def split(command: str) -> list[str]:
    """Split a command line, but not at spaces in the values of `key=value` words."""
    words: list[str] = []
    for word in command.split(' '):
        if words[:1] == ['relation-set'] and '=' in words[-1] and '=' not in word:
            words[-1] += ' ' + word
        else:
            words.append(word)
    return words


@dataclass(frozen=True, eq=False)
class Event:
    """A recorded hook."""
    position: int       # the index of its line
    line: dict[str, Any]
    unit: str
    kind: str           # such as 'joined' or 'install'
    relation_id: str
    remote_unit: str
    departing_unit: str
    calls: list[Call]

    @classmethod
    def parse(cls, position: int, line: dict[str, Any]) -> Event:
        env = line['env']
        _, _, kind = line['hook'].rpartition('-relation-')
        return cls(position, line, line.get('unit', 'trace/0'), kind,
                   env.get('JUJU_RELATION_ID', ''), env.get('JUJU_REMOTE_UNIT', ''),
                   env.get('JUJU_DEPARTING_UNIT', ''),
                   [Call.parse(*call) for call in line['tools']])

    @property
    def name(self) -> str:
        """The hook's name, or the action's if it ran the hook, as `juju exec` can."""
        return self.line['env'].get('JUJU_ACTION_NAME') or self.line['hook']

    @property
    def app(self) -> str:
        return self.unit.split('/')[0]

    @property
    def remote_app(self) -> str:
        return (self.line['env'].get('JUJU_REMOTE_APP', '')
                or self.remote_unit.split('/')[0])

    @property
    def has_remote_app_variable(self) -> bool:
        """A restarted agent forgets the remote application in broken hooks."""
        return bool(self.line['env'].get('JUJU_REMOTE_APP'))

    @property
    def number(self) -> int | None:
        return relation_number(self.relation_id)

    def number_in(self, call: Call) -> int | None:
        """The number of the relation that a call is about."""
        return relation_number(call.options.get('relation', self.relation_id))

    def successful(self, tool: str) -> list[Call]:
        return [call for call in self.calls if call.tool == tool and not call.status]

    def listed(self) -> dict[str, set[int]]:
        """The relations that relation-ids listed, by their endpoint."""
        return {(call.words or [self.relation_id.split(':')[0]])[0]:
                set(map(relation_number, call.output))
                for call in self.successful('relation-ids')
                if isinstance(call.output, list)}

    def all_listed(self) -> set[int]:
        """The relations that relation-ids listed for any endpoint."""
        return set().union(*self.listed().values())

    @property
    def notified_of(self) -> BagKey:
        """The databag that a joined or changed hook notifies of."""
        owner = self.remote_unit or self.remote_app
        return self.number, owner if self.kind in ('joined', 'changed') else ''

    def parse_write(self, call: Call) -> tuple[BagKey, dict[str, str]]:
        """The databag and the data that a successful relation-set call wrote."""
        if call.tool != 'relation-set' or call.status:
            return NO_BAG, {}
        stdin = call.output.partition('settings: ')[2].encode()
        pairs = (read_settings_file('-', stdin, '') if 'file' in call.options
                 else call.words)
        owner = self.app if 'app' in call.options else self.unit
        return ((self.number_in(call), owner),
                dict(pair.split('=', 1) for pair in pairs if '=' in pair))

    def parse_read(self, call: Call) -> tuple[BagKey, dict[str, str]]:
        """The databag and the data that a relation-get call read; {} if it failed."""
        if call.tool != 'relation-get':
            return NO_BAG, {}
        key, name = key_and_owner(call.words)
        owner = name or self.remote_unit or self.remote_app
        if 'app' in call.options:
            owner = owner.split('/')[0]
        data = call.output if key == '-' else {key: call.output}
        if call.status or not isinstance(data, dict):
            data = {}
        return ((self.number_in(call), owner),
                {key: value for key, value in data.items() if value})

    def reads(self) -> Iterator[tuple[int, str, dict[str, str], Call]]:
        """All relation-get calls: (the relation's number, owner, data, call)."""
        for call in self.calls:
            (number, owner), data = self.parse_read(call)
            if number is not None and owner:
                yield number, owner, data, call


def relation_number(relation_id: str) -> int | None:
    last = relation_id.rpartition(':')[2]
    return int(last) if last.isdecimal() else None


def reads_all(call: Call) -> bool:
    """Whether a relation-get call read all keys."""
    return call.words[:1] in ([], ['-'])


class Recording:
    """The lines of a file, and the position up to which they have been replayed.

    :raises Difference: the file does not have the format of recordings
    """

    def __init__(self, path: Path):
        self.path, self.position = path, 0
        self.profile = _find_profile(path)
        self.lines: list[dict[str, Any]] = []
        self.events: list[Event] = []
        try:
            for text in path.read_text().splitlines():
                self.position += 1
                self.lines.append(_validate(json.loads(text)))
                if 'hook' in self.lines[-1]:
                    self.events.append(Event.parse(self.position - 1, self.lines[-1]))
        except (OSError, ValueError) as error:
            raise Difference('{}:{}: {}'.format(path, self.position, error)) from error
        if not self.events:
            raise Difference('{}: no hook was recorded'.format(path))
        self.position = 0
        # whether one agent was recorded, and a script changed its model
        self.scripted = any(isinstance(line.get('do'), dict) for line in self.lines)

    def has_operation(self, name: str) -> bool:
        """Whether the script contains an operation."""
        return any(isinstance(line.get('do'), dict) and line['do']['op'] == name
                   for line in self.lines)

    def find_line(self, key: str, operation: str = '') -> int:
        """The index of the next line with this key; the number of lines if none."""
        for position in range(self.position, len(self.lines)):
            value = self.lines[position].get(key)
            if value and (not operation or (
                    isinstance(value, dict) and value['op'] == operation)):
                return position
        return len(self.lines)

    # Queries about the hooks that follow.

    def upcoming(self, unit: str = '', *kinds: str, number: int | None = None,
                 skip: int = 0) -> Iterator[Event]:
        """The hooks from the current one on.

        :param unit: only this unit's hooks
        :param kinds: only hooks of these kinds
        :param number: only hooks of the relation with this number
        :param skip: how many lines to skip
        """
        return (event for event in self.events
                if event.position >= self.position - 1 + skip
                and unit in ('', event.unit) and (not kinds or event.kind in kinds)
                and number in (None, event.number))

    def previous_position(self, event: Event) -> int:
        """The position of the unit's previous hook; -1 if there is none."""
        return max((other.position for other in self.events if other.unit == event.unit
                    and other.position < event.position), default=-1)

    def still_knows(self, unit: str, number: int) -> bool:
        """Whether a unit still runs a hook of a relation or lists it."""
        return any(number == event.number or number in event.all_listed()
                   for event in self.upcoming(unit))

    def is_removed(self, unit: str) -> bool:
        """Whether later hooks show that a unit is removed."""
        return any(event.kind in ('stop', 'remove') or event.departing_unit == unit
                   for event in self.upcoming(unit))

    def stops_next(self, unit: str) -> bool:
        """Whether stop is a unit's next hook, apart from departed and broken."""
        return next((event.kind for event in self.upcoming(unit)
                     if event.kind not in ('departed', 'broken')), '') == 'stop'

    def is_broken_elsewhere(self, number: int, unit: str) -> bool:
        """Whether another unit, which does not stop, runs a relation's broken hook."""
        return any(event.unit != unit and not self.stops_next(event.unit)
                   for event in self.upcoming('', 'broken', number=number))


def _find_profile(path: Path) -> Profile:
    """The release that the directory's name begins with, such as '4.0.15-agent'."""
    name = path.resolve().parent.name
    for profile in PROFILES.values():
        if name.startswith((profile.name + '.', profile.name + '-')):
            return profile
    raise Difference('{}: the name of its directory, {}, begins with none of {}'.format(
        path, name, ', '.join(PROFILES)))


def _validate(line: Any) -> dict[str, Any]:
    """Return a line if it has the format of recordings."""
    if not isinstance(line, dict):
        raise ValueError('it is not an object')
    if 'hook' in line:
        valid = _is_hook(line)
    elif 'do' in line:
        valid = isinstance(line['do'], str) or (
            isinstance(line['do'], dict) and isinstance(line['do'].get('op'), str))
    else:
        valid = len(line) == 1 and line.keys() <= RESULT_KINDS
    if not valid:
        raise ValueError('it is not in the format of recordings')
    return line


def _is_hook(line: dict[str, Any]) -> bool:
    env, tools = line.get('env'), line.get('tools')
    if not isinstance(line['hook'], str) or not isinstance(line.get('exit'), int):
        return False
    if not isinstance(env, dict) or not all(
            isinstance(value, str) for value in env.values()):
        return False
    relation_id = env.get('JUJU_RELATION_ID', '')
    if (relation_id or '-relation-' in line['hook']) and not re.fullmatch(
            '[^:]+:[0-9]+', relation_id):
        return False
    return (re.fullmatch('[^/]+/[0-9]+', str(line.get('unit', 'trace/0'))) is not None
            and isinstance(tools, list) and all(
                isinstance(call, list) and list(map(type, call)) == [str, int, str, str]
                for call in tools))
