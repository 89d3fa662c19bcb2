"""Infers the state of a controller's model at the start of a recording.

Units whose first hook is not install existed before, and so did relations that these
units list without having run created. The data in databags are those that hooks read
before the first recorded change.
"""
from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from .. import agent
from ..state import Databag, LocalRelation, natural_order
from .recording import BagKey, Event, Recording, reads_all

if TYPE_CHECKING:
    from .controller_player import ControllerPlayer

REMOTE = 'remote'       # the name for endpoints of applications without recorded hooks


class InitialState:
    """The units, relations and databags that existed before the first line."""

    def __init__(self, recording: Recording):
        self.events = recording.events
        self.first_events: dict[str, Event] = {}
        for event in self.events:
            self.first_events.setdefault(event.unit, event)
        # units that run recorded hooks
        self.units = {unit for unit, event in self.first_events.items()
                      if event.kind != 'install'}
        # the endpoints of all relations, including those that are added later
        self.endpoints = self._find_endpoints()
        self.relations = {
            number for event in self.events if event.unit in self.units
            for number in event.all_listed() | {event.number} - {None}
            if self._in_relation(event.unit, number)}
        replaced = {number for number, endpoints in self.endpoints.items()
                    for other, other_endpoints in self.endpoints.items()
                    if other > number and other_endpoints == endpoints}
        self.data = {bag: data for bag, data in find_initial_data(
            self.events, self.units, replaced).items() if self._may_exist(bag)}
        self.addresses = {unit: address for event in reversed(self.events)
                          for unit, address in _addresses(event)}

    def _find_endpoints(self) -> dict[int, dict[str, str]]:
        """The endpoint of each application in each relation."""
        found: dict[int, dict[str, str]] = {}
        complete: set[int] = set()      # relations whose remote application is known
        for event in self.events:
            for relation_id, remote_app in _related_apps(event):
                endpoint, _, number = relation_id.rpartition(':')
                if endpoint:
                    endpoints = found.setdefault(int(number), {})
                    endpoints[event.app] = endpoint
                    if remote_app:
                        endpoints.setdefault(remote_app, REMOTE)
                        complete.add(int(number))
        for number in found.keys() - complete:
            found[number]['?'] = REMOTE
        return found

    def _in_relation(self, unit: str, number: int) -> bool:
        """Whether a unit was in a relation, provided that the relation existed."""
        kinds = [event.kind for event in self.events
                 if event.unit == unit and event.number == number]
        return unit in self.units and kinds[:1] != ['created']

    def units_in(self, number: int) -> set[str]:
        """The units in a relation, including units without recorded hooks."""
        # {unit: whether a joined hook mentions it first}
        joins: dict[str, bool] = {}
        for event in self.events:
            for name in _mentioned_units(event, number):
                joins.setdefault(name, event.kind == 'joined' and (
                    event.remote_unit == name and event.unit in self.units))
        recorded = {unit for unit in self.units
                    if unit.split('/')[0] in self.endpoints[number]
                    and self._in_relation(unit, number)}
        return recorded | {name for name, joined_later in joins.items()
                           if not joined_later and name not in self.first_events}

    def _may_exist(self, bag: BagKey) -> bool:
        """Whether a databag can have existed at the start."""
        number, owner = bag
        return number in self.relations and not (
            owner in self.first_events and owner not in self.units)


def _mentioned_units(event: Event, number: int) -> Iterator[str]:
    """The relation's remote units that a hook shows."""
    if event.number == number and event.remote_unit:
        yield event.remote_unit
    for call in event.successful('relation-list'):
        if event.number_in(call) == number and isinstance(call.output, list):
            yield from call.output


def _related_apps(event: Event) -> Iterator[tuple[str, str]]:
    """The relation IDs that a hook shows, each with the remote application or ''."""
    yield event.relation_id, event.remote_app
    for call in event.successful('relation-ids'):
        for relation_id in call.output if isinstance(call.output, list) else []:
            yield relation_id, ''
    for call in event.successful('relation-list'):
        names = call.output if isinstance(call.output, list) else [call.output]
        for name in names:
            yield call.options.get('relation', event.relation_id), name.split('/')[0]


def _addresses(event: Event) -> Iterator[tuple[str, str]]:
    for call in event.successful('unit-get'):
        if call.words == ['private-address']:
            yield event.unit, call.output.strip()
    for _, owner, data, _ in event.reads():
        if 'ingress-address' in data:
            yield owner, data['ingress-address']


# Databags.

def find_initial_data(events: list[Event], initial_units: Iterable[str],
                      replaced: Container[int]) -> dict[BagKey, dict[str, str]]:
    """The data of each databag at the start.

    These are the data that hooks read before the first change of the databag. A write
    that no unit is notified of also shows them, because it has changed nothing.

    :param initial_units: units that existed at the start
    :param replaced: force-removed relations that have a replacement: reads of the own
        application's data in these may return the replacement's data
    """
    changes = _first_changes(events, set(initial_units))
    found: dict[BagKey, dict[str, str]] = {}
    complete: set[BagKey] = set()
    notified: set[tuple[str, BagKey]] = set()
    for event in events:
        notified.add((event.unit, event.notified_of))
        written = set()
        for call in event.calls:
            written.add(event.parse_write(call)[0])
            bag, data = event.parse_read(call)
            number, owner = bag
            if not owner or call.status or bag in complete or (
                    number in replaced and owner.split('/')[0] == event.app):
                continue
            position, new_data = changes.get(bag, (math.inf, {}))
            cached = owner not in (event.unit, event.app) and (
                (event.unit, bag) not in notified
                and not new_data.items() <= data.items())
            if event.position < position or cached or (
                    event.position == position and bag not in written):
                found[bag] = data | found.get(bag, {})
                if reads_all(call):
                    complete.add(bag)
    unchanged = {bag: writes[0][1] for bag, writes in _writes(events).items()
                 if writes[0][0] < changes.get(bag, (math.inf, {}))[0]}
    return {**unchanged, **found}


def _writes(events: list[Event]) -> dict[BagKey, list[tuple[int, dict[str, str]]]]:
    """What successful hooks wrote to each databag: (position, data)."""
    found: dict[BagKey, list[tuple[int, dict[str, str]]]] = {}
    for event in events:
        for bag, data in map(event.parse_write, event.calls):
            if data and not event.line['exit']:
                found.setdefault(bag, []).append((event.position, data))
    return found


def _first_changes(events: list[Event], initial_units: set[str]
                   ) -> dict[BagKey, tuple[int, dict[str, str]]]:
    """The first write to each databag that changed it: (position, data).

    A write changed the databag if an initial unit then runs a changed hook, and no
    other data were written in between. Only units that neither joined nor departed in
    the recording count.
    """
    notifications: dict[BagKey, list[int]] = {}
    joined_or_departed: set[tuple[str, BagKey]] = set()
    for event in events:
        key = event.unit, (event.number, event.remote_unit)
        if event.kind in ('joined', 'departed'):
            joined_or_departed.add(key)
        elif event.kind == 'changed' and event.unit in initial_units and (
                key not in joined_or_departed):
            notifications.setdefault(event.notified_of, []).append(event.position)
    found = {}
    for bag, writes in _writes(events).items():
        for position, data in writes:
            end = next((later for later, other_data in writes
                        if later > position and other_data != data), math.inf)
            if any(position < notified <= end
                   for notified in notifications.get(bag, [])):
                found[bag] = position, data
                break
    return found


# Creating the state.

def create_initial_state(player: ControllerPlayer) -> None:
    """Add the initial units and relations; the agents have committed all changes."""
    for name in sorted(player.initial.units, key=natural_order):
        player.add_unit(name)
        unit = player.model.unit(name)
        unit.committed_hooks = {'install', 'start'}
        unit.config_seen = agent.observed_config(unit)
    for number in sorted(player.initial.relations):
        _add_relation(player, number)
    for event in player.initial.events:
        for call in event.successful('goal-state'):
            for endpoint, names in call.output['relations'].items():
                _apply_goal_state(player, event.app, endpoint, names)


def _apply_goal_state(player: ControllerPlayer, app: str, endpoint: str,
                      names: Container[str]) -> None:
    """Find relations with other models, which goal-state names without units, and units
    that were removed unnoticed, which it leaves out."""
    for relation in player.relations.values():
        remote_app = relation.remote_app(app)
        if relation.endpoints.get(app) != endpoint or remote_app not in names:
            continue
        units = {name for name in relation.units if name.split('/')[0] == remote_app}
        if units and not any(unit in names for unit in units):
            relation.offered_by = remote_app
            continue
        for name in units - player.initial.first_events.keys():
            if name not in names:
                agent.hide_removal(player.model, name, relation)
                player.model.leave(relation, name)


def _add_relation(player: ControllerPlayer, number: int) -> None:
    player.relate(number)
    model, initial = player.model, player.initial
    relation, units = player.relations[number], initial.units_in(number)
    for name in units:
        unit = model.units.get(name)
        model.enter(relation, name, {
            **(model.network(unit) if unit else {}),
            **initial.data.get((number, name), {})})
    for (bag_number, owner), data in initial.data.items():
        if bag_number == number and owner not in units:
            model.write(relation.databags(owner).setdefault(owner, Databag()), data)
    for name in units & model.units.keys():
        _add_local_relation(player, name, number, units)


def _add_local_relation(player: ControllerPlayer, name: str, number: int,
                        units: set[str]) -> None:
    """Create an agent's local state of a relation, and its cache of read data."""
    unit, relation = player.model.unit(name), player.relations[number]
    remote_app = relation.remote_app(unit.app.name)
    unit.created.add(number)
    local = unit.local_relations[number] = LocalRelation(
        relation, {other: relation.unit_databags[other].version for other in units
                   if other.split('/')[0] == remote_app and other != name},
        relation.app_databags[remote_app].version)
    for event in player.recording.upcoming(name):
        for read_number, owner, data, _ in event.reads():
            if read_number == number and owner in local.members and (
                    data.items() <= relation.unit_databags[owner].data.items()):
                local.cache.setdefault(owner, relation.unit_databags[owner].data)
