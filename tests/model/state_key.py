"""The state key: a text that is equal for states with equivalent futures.

It leaves out everything that does not affect later events. It also renames relations
and details in the order in which they occur (symmetry reduction), because their numbers
have no effect either.
"""
from __future__ import annotations

import functools
import re

from juju_standin.model import Model
from juju_standin.profile import PROFILES
from juju_standin.state import Databag, Hook, LocalRelation, Relation, Unit, fingerprint

from .app_data_servers import (EXPLORED, app_data_key, failed_hook_key, secrets_key,
                               seen_version_key)
from .hook_runner import Store
from .layer_internals import RELATION_ID, without_irrelevant_fields
from .model_state import OTHER, PORTS, UNIT, Charm, network_data

# The numbers that stand for details. They end with 1 for the first and with 2 for the
# second of two details: see PORTS and OWN_PORTS in model_state, and the grants in
# app_data_servers.
DETAILS = re.compile(r'\b(?:51\d|520)[12]\b')

# {version of a remote unit's data: port}, for releases of Juju whose versions are
# fingerprints of the data.
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
    parts += [_agent_key(local, number in unit.created) for number, local
              in sorted(unit.local_relations.items()) if number != OTHER]
    parts.append(expected)
    if unit.failed:
        parts.append(_failed_key(model, unit, unit.failed))
    return _renamed('\n'.join(parts), charm.store)


def _failed_key(model: Model, unit: Unit, hook: Hook) -> str:
    version = ''
    if hook.relation_id and hook.number in unit.local_relations:
        databags = unit.local_relations[hook.number].relation.unit_databags
        version = _version_key(databags.get(hook.remote_unit), hook.version)
    return str((hook.name, hook.relation_id, hook.remote_unit, version)) + (
        failed_hook_key(model, unit, hook))


def _relation_key(relation: Relation, unit: Unit) -> str:
    # a unit that has left matters only until the agent has reported that
    listed = {UNIT, *relation.units}
    if relation.number in unit.local_relations:
        local = unit.local_relations[relation.number]
        listed |= local.members.keys() | local.unnoticed_removals
    if unit.failed and unit.failed.relation_id == relation.id(EXPLORED):
        listed.add(unit.failed.remote_unit)
    databags = [(name, _data_key(relation.unit_databags[name].data),
                 name in relation.units)
                for name in sorted(listed & relation.unit_databags.keys())]
    return str((relation.id(EXPLORED), databags, relation.dying, relation.suspended,
                bool(relation.unwatched_by), *app_data_key(relation)))


def _agent_key(local: LocalRelation, created: bool) -> str:
    """The agent's local state of a relation."""
    databags, started = local.relation.unit_databags, local.started_hook
    members = [(name, _version_key(databags.get(name), version))
               for name, version in sorted(local.members.items())]
    cache = [(name, _data_key(data)) for name, data in sorted(local.cache.items())]
    return str((local.relation.id(EXPLORED), created, members, cache,
                local.changed_due, local.force_removed,
                started and started.remote_unit, sorted(local.unnoticed_removals),
                local.restarted, local.dying_at_restart)) + seen_version_key(local)


def _data_key(data: dict[str, str]) -> list[tuple[str, str]]:
    """The data without addresses, which each release of Juju writes in its own way."""
    return sorted((key, value) for key, value in data.items()
                  if key in ('port', 'protocol', 'host'))


def _version_key(bag: Databag | None, version: int) -> str:
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
            # the IDs are in ascending order, so the text does not contain `new` yet
            text = re.sub(r'\b{}\b'.format(relation_id), new, text)
    for second in details:
        if second[-1] == '2':
            # the second detail occurs before the first: exchange them
            first = second[:-1] + '1'
            text = first.join(part.replace(first, second)
                              for part in text.split(second))
    return text


@functools.cache
def _store_key(store: Store, names: tuple[tuple[str, ...], ...]) -> str:
    text = without_irrelevant_fields('\n'.join(map(' '.join, store)))
    return _with_new_names(text, names)
