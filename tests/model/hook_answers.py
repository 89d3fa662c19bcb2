"""The answers of hook tools that the charm needs in a hook.

Most of them come from the calls that the charm has made. The others come from calls
made here, so that the invariants also detect a call that the charm fails to make.
"""
from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from juju_standin.state import Hook

from .model_state import UNIT

if TYPE_CHECKING:
    from .expected import Expected

# A source is a remote unit or application that a client can use; see README.md. Its
# port stands for all its details. They are None if the source is not usable.
Details = str | None
UNREADABLE = 'unreadable'       # details after a failed call

FULL_READ_HOOKS = ('update-status', 'upgrade-charm')
RELATION_HOOKS = ('created', 'joined', 'changed', 'departed', 'broken')


class Answers(NamedTuple):
    full_read: bool                     # whether the hook reads everything
    relation_ids: list[str] | None = None
    units: dict[str, list[str] | None] = {}         # by relation ID; None: call failed
    details: dict[tuple[str, str], Details] = {}    # by (relation ID, source)
    # relations in which the charm was denied its own data before its handlers ran
    denied: frozenset[str] = frozenset()
    # relations in which the charm read or wrote its own data successfully
    own_data_used: frozenset[str] = frozenset()
    own_ports: dict[str, str] = {}      # the port in the own data, by relation ID
    applications: dict[str, str] = {}   # by relation ID, as the agent lists them
    # The rest is for the application-data protocol.
    # relations in which the charm found its application's request
    requests_found: frozenset[str] = frozenset()
    # grants that the charm reads because its handlers have just called `request`
    new_grants: dict[tuple[str, str], Details] = {}
    secret_count: int = 0               # number of secrets in the grants


def hook_kind(hook: Hook) -> str:
    """The hook's kind for the endpoint: a kind of relation hook, or 'action', 'full'
    or 'other'."""
    if hook.kind == 'action' or (hook.relation_id or '').startswith('ep:'):
        return hook.kind
    return 'full' if hook.kind in FULL_READ_HOOKS else 'other'


def read_answers(run_tool: Any, calls: list, calls_before_handlers: int, hook: Hook,
                 expected: Expected, provides: bool) -> Answers:
    """Collect the answers that matter in a hook.

    It reads no other unit data, because the agent would cache them.

    :param expected: before the hook
    """
    kind, relation_id = hook_kind(hook), hook.relation_id
    own_data = {'denied': denied(calls[:calls_before_handlers]),
                **_own_data_answers(calls)}
    query = query_function(run_tool, calls)
    listed = query('relation-ids', '--format=json', 'ep')
    # Without a record, each hook reads everything. An action can use a partial record.
    if kind == 'full' or not expected.full_read_done and (
            expected.full_read_done is False and kind != 'action'
            or any(command[0] == 'relation-ids' for command, _ in calls)):
        present = set(expected.relations) if listed is None else set(listed)
        if kind in RELATION_HOOKS:
            present = present - {relation_id} if kind == 'broken' else (
                present | {relation_id})
        units = {id_: query('relation-list', '--format=json', '-r', id_)
                 for id_ in sorted(present)}
        to_read = [(id_, unit) for id_ in units if id_ not in own_data['denied']
                   for unit in units[id_] or ()]
        if kind in ('joined', 'changed') and hook.remote_unit:
            to_read.append((relation_id, hook.remote_unit))
        return Answers(True, listed, units,
                       {} if provides else _read_details(query, to_read), **own_data)
    if kind not in RELATION_HOOKS or kind == 'broken':
        return Answers(False, **own_data)
    units = {relation_id: query('relation-list', '--format=json', '-r', relation_id)}
    reads_unit = kind in ('joined', 'changed') and hook.remote_unit and (
        relation_id not in expected.force_removed and not provides)
    to_read = [(relation_id, hook.remote_unit)] if reads_unit else []
    return Answers(False, None, units, _read_details(query, to_read), **own_data)


def _own_data_calls(calls: list) -> list[tuple[str, tuple]]:
    """Calls that read or write this unit's own data: (relation ID, answer)."""
    return [(command[3 if command[0] == 'relation-get' else 2], answer)
            for command, answer in calls if command[-1] == UNIT
            or command[0] == 'relation-set' and command[3] != '--app']


def denied(calls: list) -> frozenset[str]:
    """The relations in which the charm was denied its own data."""
    return frozenset(relation_id
                     for relation_id, (status, _, errors) in _own_data_calls(calls)
                     if status and b'permission denied' in errors)


def _own_data_answers(calls: list) -> dict[str, Any]:
    own = _own_data_calls(calls)
    return {'own_data_used': frozenset(relation_id for relation_id, (status, _, _)
                                       in own if not status),
            'own_ports': {relation_id: _parsed(output).get('port', '')
                          for relation_id, (status, output, _) in own if output}}


def query_function(run_tool: Any, calls: list) -> Any:
    """Return a function that runs a hook tool, unless the charm has already called it.

    The function returns the parsed output, or None if the call failed.
    """
    answered = dict(calls)

    def query(*command: str) -> Any:
        status, output, _ = answered[command] if command in answered else run_tool(
            *command)
        return None if status else _parsed(output)
    return query


_parsed = functools.cache(json.loads)   # nobody changes the results


def _read_details(query: Any, units: list) -> dict[tuple[str, str], Details]:
    found = {}
    for relation_id, unit in units:
        data = query('relation-get', '--format=json', '-r', relation_id, '-', unit)
        port = UNREADABLE if data is None else data.get('port', '')
        found[relation_id, unit] = port if port == UNREADABLE or port.isdigit() else (
            None)
    return found
