"""Having a model be as it was before a recording begins."""
from __future__ import annotations

from typing import TYPE_CHECKING

from .. import agent
from ..state import Bag, Known, natural

if TYPE_CHECKING:
    from .controller import Controller


def restore(player: Controller) -> None:
    """Have the units and relations be there, and all have been noticed."""
    for name in sorted(player.before.units, key=natural):
        player.add_unit(name)
        unit = player.model.unit(name)
        unit.done = {'install', 'start'}
        unit.config_seen = agent.config(unit)
    for number in sorted(player.before.relations):
        _relate(player, number)


def _relate(player: Controller, number: int) -> None:
    player.relate(number)
    model, before = player.model, player.before
    relation, members = player.relations[number], before.members(number)
    for name in members:
        unit = model.units.get(name)
        model.enter(relation, name, {
            **(model.network(unit) if unit else {}),
            **before.settings.get((number, name), {})})
    for (about, owner), settings in before.settings.items():
        bags = relation.bags if '/' in owner else relation.app_bags
        if about == number and owner not in members:
            model.write(bags.setdefault(owner, Bag()), settings)
    for name in members & model.units.keys():
        _acquaint(player, name, number, members)


def _acquaint(player: Controller, name: str, number: int, members: set[str]) -> None:
    """Have a unit's agent know a relation, and what its charm has read of it."""
    unit, relation = player.model.unit(name), player.relations[number]
    other = relation.other(unit.app.name)
    unit.created.add(number)
    known = unit.known[number] = Known(
        relation, {member: relation.bags[member].version for member in members
                   if member.split('/')[0] == other and member != name},
        relation.app_bags[other].version)
    for event in player.recording.ahead(name):
        for about, owner, settings, _ in event.reads():
            if about == number and owner in known.members and (
                    settings == relation.bags[owner].data):
                known.cache.setdefault(owner, settings)
