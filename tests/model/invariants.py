"""The invariants that each run of the charm is checked against.

The charm's flags, values, record, hook-tool calls and published data must be as
expected. A check that fails raises Violation.
"""
from __future__ import annotations

from typing import Any

from juju_standin.state import RELATION_HOOKS, Hook

from .expected import Expected, expected_flags, without_optional_notices
from .goal_units import GoalUnits
from .hook_answers import UNREADABLE, Answers, hook_kind, is_first_created_hook
from .layer_internals import (RECORD_KEY, RECORD_VERSION, SECRET_OWNERS_KEY,
                              parse_record)
from .model_state import UNIT

# The maximum number of hook-tool calls in a relation hook.
MAX_CALLS = {
    'requires': {'created': 1, 'joined': 2, 'changed': 2, 'departed': 1},
    'provides': {'created': 2, 'joined': 2, 'changed': 2, 'departed': 2}}


class Violation(AssertionError):
    """An invariant does not hold after an event."""


def check_flags(expected: Expected, flags: frozenset[str], provides: bool) -> Expected:
    """The flags are as expected.

    :return: what is expected, without optional notices
    """
    expected = without_optional_notices(expected, flags)
    wanted = expected_flags(expected, provides)
    if expected.full_read_done and flags != wanted:
        raise Violation('flags {}, not {}'.format(sorted(flags), sorted(wanted)))
    return expected


def check_values(expected: Expected, found: dict[str, Any],
                 wanted: dict[str, Any]) -> None:
    """The methods return what is expected."""
    if expected.full_read_done and found != wanted:
        raise Violation('values {}, not {}'.format(found, wanted))


def check_store(expected: Expected, store: tuple[tuple[str, str], ...]) -> None:
    """The key/value store has only flags, one record without old relations, and, after
    a request, the owners of secrets."""
    keys = [key for key, _ in store if not key.startswith(
        ('reactive.states.ep.', 'reactive.states.endpoint.ep.'))]
    allowed = ([RECORD_KEY], [SECRET_OWNERS_KEY, RECORD_KEY])
    if keys not in allowed[:1 + bool(expected.requests and expected.requests.path)]:
        raise Violation('keys in the key/value store: {}'.format(keys))
    version, relation_ids = parse_record(dict(store)[RECORD_KEY])
    old = relation_ids - expected.relations.keys() - expected.force_removed
    if version != RECORD_VERSION or expected.full_read_done and old:
        raise Violation('old relations in the record: {}'.format(sorted(old)))


def check_call_count(before: Expected, hook: Hook, answers: Answers, calls: list,
                     provides: bool, extra: int = 0) -> None:
    """The charm makes no more hook-tool calls than documented, besides relation-set.

    :param extra: allowed calls for the application-data protocol
    """
    made = [command for command, _ in calls if command[0] != 'relation-set']
    kind = hook_kind(hook)
    if answers.full_read:
        relations = len(answers.units.keys() | before.force_removed) + (
            kind == 'broken')
        units = 0 if provides else len(answers.details)
        # relation-list --app, for relations without units
        without_units = sum(not units for units in answers.units.values())
        app_queries = [command for command in made if command[-1] == '--app']
        goal_state = kind == 'full' and any(
            units is not None for units in answers.units.values())
        maximum = (1 + 2 * relations + units + min(len(app_queries), without_units)
                   + goal_state + _unlisted_twice_count(before, answers))
    elif kind in MAX_CALLS['requires']:
        maximum = MAX_CALLS['provides' if provides else 'requires'][kind]
        if provides and is_first_created_hook(hook, before):
            # relation-ids, and relation-list --app of each other relation
            maximum += 1 + len({*(answers.relation_ids or ())} - {hook.relation_id})
        maximum += len(before.refused - {hook.relation_id})
    elif kind == 'broken':
        maximum = 0
    else:
        maximum = len(before.unconfirmed | before.refused | {
            relation_id for relation_id in before.relations
            if before.sibling_count(relation_id)})
    if len(made) > maximum + extra:
        raise Violation('{} hook-tool calls, more than {}: {}'.format(
            len(made), maximum + extra, ', '.join(map(' '.join, made))))


def _unlisted_twice_count(before: Expected, answers: Answers) -> int:
    """The number of units that two full reads have not listed, and that are new."""
    none = GoalUnits()
    return sum(
        len(before.goal_units.get(relation_id, none).unlisted_twice(units.unlisted))
        for relation_id, units in answers.goal_units.items())


def check_units(before: Expected, after: Expected,
                present: dict[str, set[str]]) -> None:
    """After a full read without failures, the expected units are really there.

    Only goal-state shows that some units have left or are there, the latter in two full
    reads. It says nothing about an application with several relations.

    :param present: the units that are in each relation
    """
    none = GoalUnits()
    for relation_id, units in present.items():
        if after.sibling_count(relation_id):
            continue
        known = after.relations[relation_id].keys()
        gone = (known - units) & after.goal_units.get(relation_id, none).named
        missing = units & before.goal_units.get(relation_id, none).unlisted - known
        if gone or missing:
            raise Violation('wrong units in {}: {}'.format(
                relation_id, sorted(gone | missing)))


def check_published(before: Expected, after: Expected, hook: Hook, answers: Answers,
                    calls: list, ports: dict[str, str] | None) -> Expected:
    """This unit's own data contains the port that its charm has sent.

    :param ports: the port in the own data, by relation ID; None if Juju has saved
        nothing
    """
    written = {command[2] for command, (status, *_) in calls
               if command[0] == 'relation-set' and not status}
    failed_now = {part for command, (status, *_) in calls for part in command if status}
    refused_now = {command[2] for command, (status, *_) in calls
                   if command[0] == 'relation-set' and status}
    used = answers.own_data_used
    if hook_kind(hook) not in ('broken', 'action'):
        used |= before.refused      # the charm tries again
    failed = (before.failed - used | failed_now) & after.relations.keys()
    refused = (before.refused - answers.own_data_used | refused_now) & (
        after.relations.keys())
    hooks_left = {}
    if ports is None:
        ports, hooks_left = {}, before.hooks_left
    for relation_id in after.relations.keys() & ports.keys() - failed:
        if after.sent not in (None, UNREADABLE) and ports[relation_id] != after.sent:
            left = _hooks_left(before, after, hook, answers, relation_id)
            if left == 0:
                raise Violation('own data of {} has port {!r}, not {!r}'.format(
                    relation_id, ports[relation_id], after.sent))
            if left:
                hooks_left[relation_id] = left
    return after._replace(
        unconfirmed=after.unconfirmed | written & after.relations.keys(),
        failed=frozenset(failed), refused=frozenset(refused), hooks_left=hooks_left)


def _hooks_left(before: Expected, after: Expected, hook: Hook, answers: Answers,
                relation_id: str) -> int | None:
    """In how many more hooks the own data in a relation may be wrong.

    None means that it may be wrong until the charm reads it.
    """
    kind, siblings = hook_kind(hook), after.sibling_count(relation_id)
    own_hook = kind in RELATION_HOOKS and hook.relation_id == relation_id
    sends = after.sent != before.sent
    confirms = kind == 'other' and relation_id in before.unconfirmed
    retries = relation_id in before.refused and kind not in ('broken', 'action')
    writes_all = answers.full_read or retries or is_first_created_hook(hook, before)
    if own_hook or not siblings and (sends or confirms or writes_all):
        return 0
    if siblings and (sends or writes_all and relation_id not in before.hooks_left):
        return siblings + 1
    if relation_id in before.hooks_left:
        return before.hooks_left[relation_id] - (kind not in RELATION_HOOKS)
    return None


def check_writes(before: Expected, after: Expected, calls: list,
                 own_data: dict[str, dict]) -> None:
    """The charm writes only its own keys.

    If no write is due, it writes only data that a read has shown to be different.

    :param own_data: this unit's own data before the hook, by relation ID
    """
    read = set()
    writes = [command for command, _ in calls if command[0] == 'relation-set']
    if len(set(writes)) < len(writes):
        raise Violation('repeated write: {}'.format(writes))
    for command, (status, *_) in calls:
        if command[0] == 'relation-get' and command[-1] == UNIT and not status:
            read.add(command[3])
        if command[0] != 'relation-set' or command[2] not in own_data:
            continue
        relation_id = command[2]
        data = dict(word.split('=', 1) for word in command[3:])
        present = all(own_data[relation_id].get(key, '') == value
                      for key, value in data.items())
        # the relations of one application take turns, so a write in one of them can
        # follow a write in another
        due = before.sent != after.sent or relation_id not in before.relations or (
            relation_id in before.unconfirmed | before.failed | before.hooks_left.keys()
            or after.sibling_count(relation_id))
        needless = not due and (present or relation_id not in read)
        if data.keys() - {'port', 'protocol'} or needless:
            raise Violation('needless write: {}'.format(' '.join(command)))
