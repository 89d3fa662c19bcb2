"""What was there before a recording begins: it is told by what follows.

Units whose first hook is not install were there, relations that they know without
created, and what anyone reads of settings before they are written in the recording.
"""
from __future__ import annotations

from collections.abc import Iterator

from .published import published
from .recording import Event, Key, Recording

REMOTE = 'remote'       # an endpoint of which no hook was recorded


class Before:
    """The units, relations and settings before the first line."""

    def __init__(self, recording: Recording):
        self.events = recording.events
        self.first: dict[str, Event] = {}
        for event in self.events:
            self.first.setdefault(event.unit, event)
        # units that run hooks
        self.units = {unit for unit, event in self.first.items()
                      if event.kind != 'install'}
        # of each relation, also of those that are made later, the endpoints
        self.ends: dict[int, dict[str, str]] = {}
        told: set[int] = set()      # of which the other application is known
        for event in self.events:
            self._note_ends(event, told)
        for about in self.ends.keys() - told:
            self.ends[about]['?'] = REMOTE
        self.relations = {about for event in self.events if event.unit in self.units
                          for about in self._known(event)
                          if self.takes_part(event.unit, about)}
        replaced = {about for about, ends in self.ends.items() for other in self.ends
                    if other > about and self.ends[other] == ends}
        self.settings = {key: settings for key, settings in published(
            self.events, self.units, replaced).items() if self._there(key)}
        self.addresses = {unit: address for event in reversed(self.events)
                          for unit, address in _addresses(event)}

    def _note_ends(self, event: Event, told: set[int]) -> None:
        for relation_id, other in _relations(event):
            end, _, about = relation_id.rpartition(':')
            if end:
                ends = self.ends.setdefault(int(about), {})
                ends[event.app] = end
                if other:
                    ends.setdefault(other, REMOTE)
                    told.add(int(about))

    def _known(self, event: Event) -> set[int]:
        """The relations that a hook tells its unit knows."""
        return set().union(*event.listed().values(),
                           {event.number} - {None})

    def takes_part(self, unit: str, about: int) -> bool:
        """Whether a unit took part in a relation, if that was there."""
        kinds = [event.kind for event in self.events
                 if event.unit == unit and event.number == about]
        return unit in self.units and kinds[:1] != ['created']

    def members(self, about: int) -> set[str]:
        """The units of a relation, also those of which no hook was recorded."""
        silent: dict[str, bool] = {}
        for event in self.events:
            for name in self._seen(event, about):
                silent.setdefault(name, event.kind == 'joined' and (
                    event.remote_unit == name and event.unit in self.units))
        return {unit for unit in self.units if unit.split('/')[0] in self.ends[about]
                and self.takes_part(unit, about)} | {
            name for name, joins in silent.items() if not joins and (
                name not in self.first)}

    def _seen(self, event: Event, about: int) -> Iterator[str]:
        """Members that a hook tells of."""
        if event.number == about and event.remote_unit:
            yield event.remote_unit
        for call in event.of('relation-list'):
            if event.about(call) == about and isinstance(call.output, list):
                yield from call.output

    def _there(self, key: Key) -> bool:
        """Whether a unit or application may have had settings in a relation."""
        number, owner = key
        return number in self.relations and not (
            owner in self.first and owner not in self.units)


def _relations(event: Event) -> Iterator[tuple[str, str]]:
    """The ids that a hook tells of, with the other application, if it tells it."""
    yield event.relation_id, event.remote_app
    for call in event.of('relation-ids'):
        for relation_id in call.output if isinstance(call.output, list) else []:
            yield relation_id, ''
    for call in event.of('relation-list'):
        names = call.output if isinstance(call.output, list) else [call.output]
        for name in names:
            yield call.options.get('r', event.relation_id), name.split('/')[0]


def _addresses(event: Event) -> Iterator[tuple[str, str]]:
    for call in event.of('unit-get'):
        if call.words == ['private-address']:
            yield event.unit, call.output.strip()
    for _, owner, settings, _ in event.reads():
        if 'ingress-address' in settings:
            yield owner, settings['ingress-address']
