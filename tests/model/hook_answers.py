"""The answers of hook tools that the charm needs in a hook.

Most of them come from the calls that the charm has made. The others come from calls
made here, so that the invariants also detect a call that the charm fails to make.
"""
from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from juju_standin.local_unit import FULL_READ_HOOKS
from juju_standin.state import RELATION_HOOKS, Hook

from .goal_units import GoalUnits
from .model_state import UNIT

if TYPE_CHECKING:
    from .expected import Expected

# A unit's port stands for all its details. The details of a unit or an application that
# a client cannot use are None.
Details = str | None
UNREADABLE = 'unreadable'       # details after a failed call


class Answers(NamedTuple):
    full_read: bool                     # whether the hook reads everything
    relation_ids: list[str] | None = None
    # the units that are listed in each relation; None if relation-list failed
    units: dict[str, list[str] | None] = {}
    goal_units: dict[str, GoalUnits] = {}           # by relation ID
    details: dict[tuple[str, str], Details] = {}    # by (relation ID, source)
    # force-removed relations that turn out to exist
    revived: frozenset[str] = frozenset()
    # relations in which the charm was denied its own data before its handlers ran
    denied: frozenset[str] = frozenset()
    # relations in which the charm read or wrote its own data successfully
    own_data_used: frozenset[str] = frozenset()
    own_ports: dict[str, str] = {}      # the port in the own data, by relation ID
    applications: dict[str, str] = {}   # by relation ID, as the agent lists them
    # The rest is for the application-data protocol.
    # relations in which the charm looked for its application's request, and found it
    requests_read: frozenset[str] = frozenset()
    requests_found: frozenset[str] = frozenset()
    # grants that the charm reads because its handlers have just called `request`
    new_grants: dict[tuple[str, str], Details] = {}
    with_secret: frozenset[str] = frozenset()   # relations whose grant names a secret
    is_owner_unknown: bool = False      # a tool that shows a secret's owner has failed


def hook_kind(hook: Hook) -> str:
    """The hook's kind for the endpoint: a kind of relation hook, or 'action', 'full'
    or 'other'."""
    if hook.kind == 'action' or (hook.relation_id or '').startswith('ep:'):
        return hook.kind
    return 'full' if hook.kind in FULL_READ_HOOKS else 'other'


def is_first_created_hook(hook: Hook, expected: Expected) -> bool:
    """Whether no relation was known before: then Juju lists all of them."""
    return hook_kind(hook) == 'created' and bool(expected.full_read_done) and not (
        expected.relations or expected.force_removed)


def read_answers(run_tool: Any, calls: list, calls_before_handlers: int, hook: Hook,
                 expected: Expected, applications: dict[str, str],
                 provides: bool) -> Answers:
    """Collect the answers that matter in a hook.

    It reads no other unit data, because the agent would cache them.

    :param expected: before the hook
    :param applications: the application of each relation
    """
    kind, relation_id = hook_kind(hook), hook.relation_id
    query = query_function(run_tool, calls)
    own_data = _own_data_answers(calls)
    answers = Answers(
        _is_full_read(calls, hook, expected), applications=applications,
        denied=denied(calls[:calls_before_handlers]),
        revived=frozenset({relation_id} if kind in ('joined', 'changed')
                          and hook.remote_unit else ()), **own_data)
    if answers.full_read:
        return _read_everything(query, calls, hook, expected, provides, answers)
    if kind not in RELATION_HOOKS or kind == 'broken':
        return answers
    listed = None
    if provides and is_first_created_hook(hook, expected):
        listed = query('relation-ids', '--format=json', 'ep')
    units = {relation_id: query('relation-list', '--format=json', '-r', relation_id)}
    reads_unit = kind in ('joined', 'changed') and hook.remote_unit and not provides
    to_read = [(relation_id, hook.remote_unit)] if reads_unit else []
    return answers._replace(
        relation_ids=listed, units=units, details=_read_details(query, to_read),
        goal_units={relation_id: goal_units_after_hook(
            expected, hook, relation_id, units[relation_id])})


def _is_full_read(calls: list, hook: Hook, expected: Expected) -> bool:
    """Without a record, hooks read everything. Actions can use a partial record."""
    kind, tools = hook_kind(hook), {command[0] for command, _ in calls}
    if kind == 'full' or expected.full_read_done:
        return kind == 'full'
    return expected.full_read_done is False and kind != 'action' or (
        'relation-ids' in tools)


def _read_everything(query: Any, calls: list, hook: Hook, expected: Expected,
                     provides: bool, answers: Answers) -> Answers:
    """Add the answers that matter in a full read."""
    listed = query('relation-ids', '--format=json', 'ep')
    present = {*expected.relations, *expected.force_removed} if listed is None else {
        *listed}
    if hook_kind(hook) in RELATION_HOOKS:
        present = present - {hook.relation_id} if hook.kind == 'broken' else (
            present | {hook.relation_id})
    units = {id_: query('relation-list', '--format=json', '-r', id_)
             for id_ in sorted(present)}
    applications = {id_: answers.applications.get(id_, expected.applications.get(id_))
                    for id_ in present - _without_application(calls)}
    ignored = expected.force_removed - answers.revived
    # other hooks read everything only if there is no record
    asks_goal_state = units and hook_kind(hook) == 'full'
    named = query('goal-state', '--format=json') if asks_goal_state else None
    goal_units = {
        id_: _goal_units(query, expected, hook, id_, units[id_], named, applications)
        for id_ in present - ignored}
    revived = answers.revived | {
        id_ for id_ in ignored & present & answers.own_data_used
        if not _is_replaced(id_, applications)}
    to_read = [(id_, unit) for id_ in present - (ignored - revived) - answers.denied
               for unit in _units_to_read(expected, hook, id_, units[id_],
                                          goal_units.get(id_, GoalUnits()))]
    return answers._replace(
        relation_ids=listed, units=units, goal_units=goal_units, revived=revived,
        details={} if provides else _read_details(query, to_read))


def _without_application(calls: list) -> set[str]:
    """The relations whose application the charm could not find out."""
    return {command[3] for command, (status, *_) in calls
            if command[0] == 'relation-list' and command[-1] == '--app' and status}


def _is_replaced(relation_id: str, applications: dict[str, str]) -> bool:
    return any(applications[other] == applications[relation_id]
               and int(other[3:]) > int(relation_id[3:]) for other in applications)


def _units_to_read(expected: Expected, hook: Hook, relation_id: str,
                   listed: list[str] | None, goal_units: GoalUnits) -> set[str]:
    """The units whose data a full read reads: none if they cannot be listed."""
    units = listed_units(expected, hook, relation_id, listed)
    hook_unit = {hook.remote_unit} - {''} if (
        hook.relation_id == relation_id and hook.kind != 'departed') else set()
    return hook_unit if listed is None else goal_units.units(units)


def listed_units(expected: Expected, hook: Hook, relation_id: str,
                 listed: list[str] | None) -> set[str]:
    """The units that are listed, or were listed last; the hook's unit corrects them."""
    if listed is None:
        goal_units = expected.goal_units.get(relation_id, GoalUnits())
        units = {source for source in expected.relations.get(relation_id, ())
                 if '/' in source} - goal_units.found | goal_units.left
    else:
        units = {*listed}
    if hook.relation_id == relation_id and hook.remote_unit:
        units = units - {hook.remote_unit} if hook.kind == 'departed' else (
            units | {hook.remote_unit})
    return units


def goal_units_after_hook(expected: Expected, hook: Hook, relation_id: str,
                          listed: list[str] | None) -> GoalUnits:
    goal_units = expected.goal_units.get(relation_id, GoalUnits())
    if hook.relation_id == relation_id:
        goal_units = goal_units.after_hook(hook.remote_unit)
    return goal_units.after_list(listed_units(expected, hook, relation_id, listed))


def _goal_units(query: Any, expected: Expected, hook: Hook, relation_id: str,
                listed: list[str] | None, goal_state: dict | None,
                applications: dict[str, str]) -> GoalUnits:
    """What a full read finds out about the units of a relation.

    goal-state says nothing about an application that it does not name, or that has
    several relations. In several, nothing would show that a unit that is not listed has
    left.
    """
    goal_units = goal_units_after_hook(expected, hook, relation_id, listed)
    app = applications.get(relation_id)
    named = (goal_state or {'relations': {}})['relations'].get('ep', {})
    if listed is None or hook_kind(hook) != 'full':
        return goal_units
    if [*applications.values()].count(app) > 1:
        return goal_units._replace(found=frozenset())
    if app not in named:
        return goal_units
    return goal_units.after_goal_state(
        listed_units(expected, hook, relation_id, listed),
        {name for name in named if name.startswith(app + '/')},
        lambda unit: query('relation-get', '--format=json', '-r', relation_id, '-',
                           unit) is not None)


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
