"""A recording, and what can be read from it about what Juju left to chance."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from ..profile import PROFILES, Profile


class Recording:
    """The lines of a file, from the place on that it has been played to."""

    def __init__(self, path: Path):
        self.path = path
        self.lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.position = 0
        # what is written beside it, by the line that it precedes
        self.beside: dict[int, list[dict]] = {}
        file = path.with_suffix('.operators.json')
        for operation in json.loads(file.read_text()) if file.exists() else []:
            self.beside.setdefault(operation['before'] - 1, []).append(operation)
        # of one unit's agent, over a model that a script changed
        self.scripted = any(isinstance(line.get('do'), dict) for line in self.lines)

    def profile(self) -> Profile:
        """Of the release that the directory's name begins with: '4.0.15-agent'."""
        name = self.path.resolve().parent.name
        for profile in PROFILES.values():
            if name.startswith(profile.name + '.'):
                return profile
        raise ValueError('{}: no release is called {}'.format(self.path, name))

    def operations(self) -> list[dict]:
        """What is written beside it for this place, at the end all that is left."""
        if self.position < len(self.lines):
            return self.beside.pop(self.position, [])
        return [operation for _, operations in sorted(self.beside.items())
                for operation in operations]

    def find(self, condition: Callable[[dict], bool]) -> int:
        """The next line like this; else the end."""
        return next((position for position in range(self.position, len(self.lines))
                     if condition(self.lines[position])), len(self.lines))

    def hooks(self, start: int = 0) -> Iterator[tuple[str, dict]]:
        """The hooks from a line on: (unit, line)."""
        for line in self.lines[start:]:
            if 'hook' in line:
                yield line.get('unit', 'trace/0'), line

    def scripts(self, op: str) -> bool:
        """Whether its script does this."""
        return any(isinstance(line.get('do'), dict) and line['do']['op'] == op
                   for line in self.lines)

    def elected(self, app: str) -> str | None:
        """The unit that is elected, and led from the start."""
        return next((unit for unit, line in self.hooks()
                     if line['hook'] == 'leader-elected'
                     and unit.split('/')[0] == app), None)

    def noticed(self, number: int) -> tuple[set[str], set[str]]:
        """Who will run broken of a relation, and who no more than a departed."""
        kinds: dict[str, set[str]] = {}
        for unit, line in self.hooks(self.position):
            relation_id = line['env'].get('JUJU_RELATION_ID', '')
            if relation_id.endswith(':{}'.format(number)):
                kinds.setdefault(unit, set()).add(line['hook'].rpartition('-')[2])
        heard = {unit for unit, ran in kinds.items() if 'broken' in ran}
        return heard, {unit for unit, ran in kinds.items()
                       if 'departed' in ran} - heard
