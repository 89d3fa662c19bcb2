"""The state key: a text that is equal for two states if the same can happen next.

It leaves out what has no effect, and renames relations and details in the order in
which they occur (symmetry reduction): whether a relation is the second or the third has
no effect, nor which of two details came first.
"""
from __future__ import annotations

import functools
import re

from juju_standin.model import Model
from juju_standin.profile import PROFILES
from juju_standin.state import Bag, Hook, Known, Relation, Unit, fingerprint

from .app_data_servers import (EXPLORED, app_data_key, failed_hook_key, secrets_key,
                               seen_version_key)
from .hook_runner import Store
from .layer_internals import RELATION_ID, without_irrelevant_fields
from .model_state import OTHER, PORTS, UNIT, Charm, network_data

# All numbers that end with 1 for the first and with 2 for the second of two details:
# see PORTS and OWN_PORTS in model_state, and the grants in app_data_servers.
DETAILS = re.compile(r'\b(?:51\d|520)[12]\b')

# The port behind each version of a remote unit's data that an agent can remember, under
# releases of Juju whose versions are fingerprints of the data.
_PORT_BY_VERSION = {
    fingerprint({**network_data(unit, profile), **({'port': port} if port else {}),
                 **extra}): port
    for unit, ports in PORTS.items() for port in ports.values()
    for profile in PROFILES.values() for extra in ({}, {'protocol': 'avro'})}


def state_key(model: Model, charm: Charm, expected: str) -> str:
    """The key of a state.

    :param expected: what is expected of the endpoint, as text
    """
    unit = model.units[UNIT]
    parts = [_relation_key(relation, unit) for _, relation
             in sorted(model.relations.items()) if relation.number != OTHER]
    parts += secrets_key(model, unit)
    parts += [_agent_key(known, number in unit.created)
              for number, known in sorted(unit.known.items()) if number != OTHER]
    parts.append(expected)
    if unit.failed:
        parts.append(_failed_key(model, unit, unit.failed))
    return _renamed('\n'.join(parts), charm.store)


def _failed_key(model: Model, unit: Unit, hook: Hook) -> str:
    version = ''
    if hook.relation_id and hook.number in unit.known:
        bags = unit.known[hook.number].relation.bags
        version = _version_key(bags.get(hook.remote_unit), hook.version)
    return str((hook.name, hook.relation_id, hook.remote_unit, version)) + (
        failed_hook_key(model, unit, hook))


def _relation_key(relation: Relation, unit: Unit) -> str:
    # a unit that has left only matters while the agent still has to report that
    listed = {UNIT, *relation.scope}
    if relation.number in unit.known:
        listed |= unit.known[relation.number].members.keys()
    if unit.failed and unit.failed.relation_id == relation.id(EXPLORED):
        listed.add(unit.failed.remote_unit)
    bags = [(name, _data_key(relation.bags[name].data), name in relation.scope)
            for name in sorted(listed & relation.bags.keys())]
    return str((relation.id(EXPLORED), bags, relation.dying, relation.suspended,
                *app_data_key(relation)))


def _agent_key(known: Known, created: bool) -> str:
    """What the agent knows of a relation."""
    relation = known.relation
    members = [(name, _version_key(relation.bags.get(name), known.members[name]))
               for name in sorted(known.members)]
    cache = [(name, _data_key(known.cache[name])) for name in sorted(known.cache)]
    return str((relation.id(EXPLORED), created, members, cache,
                known.changed_pending, known.ghost, known.begun and
                known.begun.remote_unit, sorted(known.missed), known.restarted,
                known.was_dying)) + seen_version_key(known)


def _data_key(data: dict[str, str]) -> list[tuple[str, str]]:
    """The data without addresses, which each release of Juju writes in its own way."""
    return sorted((key, value) for key, value in data.items()
                  if key in ('port', 'protocol', 'host'))


def _version_key(bag: Bag | None, version: int) -> str:
    if bag and bag.version == version:
        return 'now'
    return _PORT_BY_VERSION.get(version, 'before')


def _renamed(text: str, store: Store) -> str:
    relation_ids = sorted(set(RELATION_ID.findall(text)), key=lambda id_: int(id_[3:]))
    details: dict[str, str] = {}
    for number in DETAILS.findall(text):
        details.setdefault(number[:-1], number)
    names = tuple(relation_ids), tuple(details.values())
    return _with_new_names(text, names) + _store_key(store, names)


def _with_new_names(text: str, names: tuple[tuple[str, ...], ...]) -> str:
    relation_ids, details = names
    for i, relation_id in enumerate(relation_ids):
        new = 'ep:{}'.format(i)
        if relation_id != new:
            # the IDs are in order, so this one is not in the text yet
            text = re.sub(r'\b{}\b'.format(relation_id), new, text)
    for second in details:
        if second[-1] == '2':
            # the second of two occurs before the first: exchange them
            first = second[:-1] + '1'
            text = first.join(part.replace(first, second)
                              for part in text.split(second))
    return text


@functools.cache
def _store_key(store: Store, names: tuple[tuple[str, ...], ...]) -> str:
    text = without_irrelevant_fields('\n'.join(map(' '.join, store)))
    return _with_new_names(text, names)
