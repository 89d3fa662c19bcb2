"""A recording: its lines, and the hooks and calls in them."""
from __future__ import annotations

import getopt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..profile import PROFILES, Profile
from ..relationtools import read_settings_file as settings_file
from ..hooktools import TOOLS
from .answers import Difference

# whose settings: a relation's number, and a unit or an application; '' is nobody's
Key = tuple[int | None, str]

REMARKS = {'failed', 'skipped', 'kept', 'enter-scope', 'leave-scope', 'relation-gone'}


class Call(NamedTuple):
    """A recorded call of a hook tool."""
    tool: str
    options: dict[str, str]
    words: list[str]
    status: int
    output: Any         # what its JSON says, if it is JSON
    error: str

    @classmethod
    def parse(cls, command: str, status: int, output: str, error: str) -> Call:
        name, *args = command.split(' ')
        options, words = {}, args
        if name in TOOLS:
            try:
                pairs, words = getopt.gnu_getopt(args, TOOLS[name].short,
                                                 list(TOOLS[name].long))
                options = {key.lstrip('-'): value for key, value in pairs}
            except getopt.GetoptError:
                pass
        if 'relation' in options:
            options['r'] = options.pop('relation')
        if options.get('format') == 'json' and not status:
            output = json.loads(output)
        return cls(name, options, words, status, output, error)


@dataclass(frozen=True, eq=False)
class Event:
    """A recorded hook."""
    position: int       # of its line, from 0
    line: dict[str, Any]
    unit: str
    kind: str           # 'joined', 'install'
    relation_id: str
    remote_unit: str
    departing: str
    calls: list[Call]

    @classmethod
    def parse(cls, position: int, line: dict[str, Any]) -> Event:
        env = line['env']
        _, related, kind = line['hook'].rpartition('-relation-')
        return cls(position, line, line.get('unit', 'trace/0'), kind,
                   env.get('JUJU_RELATION_ID', ''), env.get('JUJU_REMOTE_UNIT', ''),
                   env.get('JUJU_DEPARTING_UNIT', ''),
                   [Call.parse(*call) for call in line['tools']])

    @property
    def name(self) -> str:
        return self.line['hook']

    @property
    def app(self) -> str:
        return self.unit.split('/')[0]

    @property
    def remote_app(self) -> str:
        """It is told by the unit's name too."""
        return (self.line['env'].get('JUJU_REMOTE_APP', '')
                or self.remote_unit.split('/')[0])

    @property
    def names_app(self) -> bool:
        """Whether its environment does."""
        return bool(self.line['env'].get('JUJU_REMOTE_APP'))

    @property
    def number(self) -> int | None:
        """Of its relation."""
        return number(self.relation_id)

    def about(self, call: Call) -> int | None:
        """The number of the relation that a call is about."""
        return number(call.options.get('r', self.relation_id))

    def of(self, tool: str) -> list[Call]:
        """The calls of a tool that were answered."""
        return [call for call in self.calls if call.tool == tool and not call.status]

    def listed(self) -> dict[str, set[int]]:
        """The relations that relation-ids answered, by their endpoint."""
        return {(call.words or [self.relation_id.split(':')[0]])[0]:
                set(map(number, call.output)) for call in self.of('relation-ids')
                if isinstance(call.output, list)}

    @property
    def told_of(self) -> Key:
        """Whose settings joined or changed tells of."""
        owner = self.remote_unit or self.remote_app
        return self.number, owner if self.kind in ('joined', 'changed') else ''

    def sets(self, call: Call) -> tuple[Key, dict[str, str]]:
        """What relation-set sets, and of whom."""
        if call.tool != 'relation-set' or call.status:
            return (None, ''), {}
        stdin = call.output.partition('settings: ')[2].encode()
        pairs = settings_file('-', stdin, '') if 'file' in call.options else call.words
        return ((self.about(call), self.app if 'app' in call.options else self.unit),
                dict(pair.split('=', 1) for pair in pairs if '=' in pair))

    def read(self, call: Call) -> tuple[Key, dict[str, str]]:
        """What relation-get found, and of whom: {} if it was refused."""
        if call.tool != 'relation-get':
            return (None, ''), {}
        key, name = (call.words + ['-', ''][len(call.words):])[:2]
        owner = name or self.remote_unit or self.remote_app
        found = call.output if key == '-' else {key: call.output}
        return ((self.about(call), owner.split('/')[0] if 'app' in call.options
                 else owner),
                {key: value for key, value in found.items() if value}
                if isinstance(found, dict) and not call.status else {})

    def reads(self) -> Iterator[tuple[int, str, dict[str, str], Call]]:
        """The settings that were asked for: (relation, owner, found, call)."""
        for call in self.calls:
            (about, owner), found = self.read(call)
            if about is not None and owner:
                yield about, owner, found, call


def number(relation_id: str) -> int | None:
    """Of a relation."""
    last = relation_id.rpartition(':')[2]
    return int(last) if last.isdecimal() else None


class Recording:
    """The lines of a file, from the place on that it has been played to.

    :raises Difference: it is not in the format
    """

    def __init__(self, path: Path):
        self.path, self.position = path, 0
        self.profile = _profile(path)
        self.lines: list[dict[str, Any]] = []
        self.events: list[Event] = []
        try:
            for text in path.read_text().splitlines():
                self.position += 1
                self.lines.append(_checked(json.loads(text)))
                if 'hook' in self.lines[-1]:
                    self.events.append(Event.parse(self.position - 1, self.lines[-1]))
        except (OSError, ValueError) as error:
            raise Difference('{}:{}: {}'.format(path, self.position, error)) from error
        if not self.events:
            raise Difference('{}: no hook was recorded'.format(path))
        self.position = 0
        # of one unit's agent, over a model that a script changed
        self.scripted = any(isinstance(line.get('do'), dict) for line in self.lines)

    def scripts(self, op: str) -> bool:
        """Whether its script does this."""
        return any(isinstance(line.get('do'), dict) and line['do']['op'] == op
                   for line in self.lines)

    def find(self, key: str, op: str = '') -> int:
        """The next line of a kind, or with an operation; else the end."""
        for position in range(self.position, len(self.lines)):
            what = self.lines[position].get(key)
            if what and (not op or isinstance(what, dict) and what['op'] == op):
                return position
        return len(self.lines)

    def ahead(self, unit: str = '', *kinds: str, about: int | None = None,
              after: int = 0) -> Iterator[Event]:
        """The hooks from the one that is being played on.

        :param unit: only its hooks
        :param kinds: only such
        :param about: only of the relation with this number
        :param after: only those that many lines on
        """
        return (event for event in self.events
                if event.position >= self.position - 1 + after
                and unit in ('', event.unit) and (not kinds or event.kind in kinds)
                and about in (None, event.number))

    def mentioned(self, name: str, number: int) -> bool:
        """Whether a unit still knows a relation, now or later."""
        return any(number == event.number or number in set().union(
                   *event.listed().values()) for event in self.ahead(name))

    def goes(self, name: str) -> bool:
        """Whether a unit runs hooks that tell of its removal."""
        return any(event.kind in ('stop', 'remove') or event.departing == name
                   for event in self.ahead(name))

    def stops(self, name: str) -> bool:
        """Whether what it runs next are the hooks of its removal."""
        return next((event.kind for event in self.ahead(name)
                     if event.kind not in ('departed', 'broken')), '') == 'stop'

    def breaks(self, number: int, but: str = '') -> bool:
        """Whether a relation is broken to a unit that does not go."""
        return any(event.unit != but and not self.stops(event.unit)
                   for event in self.ahead('', 'broken', about=number))


def _profile(path: Path) -> Profile:
    """Of the release that the directory's name begins with: '4.0.15-agent'."""
    name = path.resolve().parent.name
    for profile in PROFILES.values():
        if name.startswith((profile.name + '.', profile.name + '-')):
            return profile
    raise Difference('{}: the name of its directory, {}, begins with none of {}'.format(
        path, name, ', '.join(PROFILES)))


def _checked(line: Any) -> dict[str, Any]:
    """A line, if it is in the format of recordings."""
    if not isinstance(line, dict):
        raise ValueError('it is no object')
    if 'hook' in line:
        fits = _is_hook(line)
    elif 'do' in line:
        fits = isinstance(line['do'], str) or (
            isinstance(line['do'], dict) and isinstance(line['do'].get('op'), str))
    else:
        fits = len(line) == 1 and line.keys() <= REMARKS
    if not fits:
        raise ValueError('it is not in the format of recordings')
    return line


def _is_hook(line: dict[str, Any]) -> bool:
    env, tools = line.get('env'), line.get('tools')
    if not isinstance(line['hook'], str) or not isinstance(line.get('exit'), int):
        return False
    if not isinstance(env, dict) or not all(
            isinstance(value, str) for value in env.values()):
        return False
    related = env.get('JUJU_RELATION_ID') or '-relation-' in line['hook']
    return (re.fullmatch('[^/]+/[0-9]+', str(line.get('unit', 'trace/0'))) is not None
            and (not related or re.fullmatch('[^:]+:[0-9]+', env.get(
                'JUJU_RELATION_ID', '')) is not None)
            and isinstance(tools, list) and all(
                isinstance(call, list) and list(map(type, call)) == [str, int, str, str]
                for call in tools))
