"""Runs a hook: runs the charm, then commits its changes or refuses to."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import agent
from .context import Context
from .relationtools import controller_relation
from .state import Databag, Hook, HookRun, Unit

if TYPE_CHECKING:
    from .model import Model


def execute(model: Model, unit: Unit, hook: Hook,
            params: dict[str, Any] | None = None) -> HookRun:
    """Run a hook or action, and notify the model's observers.

    If the agent has forgotten the hook's relation, the charm does not run, and
    observers are not called.
    """
    attempt = 1 if hook.kind == 'action' else unit.attempts + 1
    if hook.kind in ('install', 'upgrade-charm'):
        unit.charm = unit.app.charm
    if hook.relation_id and hook.number not in unit.local_relations:
        # the agent has restarted since the hook failed: the hook counts as run
        commit(model, unit, hook)
        return HookRun(unit.name, hook, attempt, 0, [], [], {}, [], {}, None)
    context = Context(model, unit, hook, params or {})
    status = _run_charm(model, context)
    written = {} if status else _commit_changes(model, context)
    run = HookRun(unit.name, hook, attempt, status, context.calls, context.log,
                  written, context.services, context.results, context.failure)
    if hook.kind == 'action':
        pass        # a failed action is not retried, and the unit is not in error
    elif status:
        unit.failed, unit.attempts = hook, attempt
    else:
        commit(model, unit, hook)
    for observer in model.observers:
        observer(run)
    return run


def commit(model: Model, unit: Unit, hook: Hook) -> None:
    """Record that a hook has run or was skipped; delete the unit after `remove`."""
    agent.commit(model, unit, hook)
    if hook.kind == 'remove':
        model.delete_unit(unit)


def _run_charm(model: Model, context: Context) -> int:
    """Run the charm; return its exit status, or 1 if Juju refuses to commit."""
    unit = context.unit
    failure = model.take_requested_failure(unit, context.hook)
    status, refusal = 0, ''
    unit.running = True
    try:
        if not failure or failure.late:
            status = unit.charm.run(context)
        killed = not unit.running or unit.name not in model.units
    finally:
        unit.running = False
    if failure:
        refusal = 'failure requested by the test'
    elif killed:
        refusal = 'the agent ended before the hook'
    elif not status:
        refusal = _refusal(context)
    if refusal:
        context.log.append(('ERROR', refusal))
    return int(status or bool(refusal))


def _refusal(context: Context) -> str:
    """Why Juju refuses to commit a hook that succeeded; '' if it commits.

    Juju compares how many relations the agent sends data for with how many the
    controller finds by their endpoints. It does not find a force-removed relation, or
    finds its replacement. Juju 4 counts a replacement once, and so refuses a hook that
    sends data for both, except config-changed.
    """
    numbers = {number for number, _ in _data_to_commit(context)}
    relations = [controller_relation(context, context.unit.local_relations[number])
                 for number in numbers]
    found = {relation.number for relation in relations if relation}
    if None not in relations and (
            len(found) == len(numbers) or context.hook.kind == 'config-changed'
            or not context.model.profile.counts_relations):
        return ''
    return ('cannot apply changes: relations: expected {} relations but '
            'found {}'.format(len(numbers), len(found)))


def _data_to_commit(context: Context) -> dict[tuple[int, str], dict[str, str]]:
    """The data that the agent sends to the controller; '' deletes a key.

    The agent sends all the unit's data if the hook read or wrote any of them, and the
    application's data only if the hook wrote them.
    """
    writes = context.pending_writes
    return {(number, owner): {**data, **writes.get((number, owner), {})}
            for (number, owner), data in context.own_data.items()
            if owner == context.unit.name or (number, owner) in writes}


def _commit_changes(model: Model, context: Context) -> dict:
    """Commit the changes of a successful hook; return its changes in databags."""
    unit, written = context.unit, {}
    unit.ports = context.ports
    for secret_id, draft in context.drafts.items():
        model.commit_secret(secret_id, draft)
    changes = _changes_to_commit(context)
    if context.hook.kind == 'config-changed':
        for local in unit.local_relations.values():
            model.write(local.relation.unit_databags[unit.name], model.network(unit))
    for key, changed in changes.items():
        bag = _bag(context, *key)
        model.write(bag, changed)
        local = unit.local_relations[key[0]]
        if local.relation.peers and 'leader-elected' in unit.committed_hooks and (
                key[1] == unit.app.name):
            # a leader runs no hook for its own change, unless it made it very early
            local.app_version = bag.version
        by_hook = {name: changed[name] or None
                   for name in context.pending_writes.get(key, {}) if name in changed}
        if by_hook:
            written[local.relation.id(unit.app.name), key[1]] = by_hook
    return written


def _changes_to_commit(context: Context) -> dict[tuple[int, str], dict[str, str]]:
    """The keys in which the data to commit differ from the controller's."""
    return {key: {name: value for name, value in data.items()
                  if name not in context.model.profile.reserved_keys
                  and value != _bag(context, *key).data.get(name, '')}
            for key, data in _data_to_commit(context).items()}


def _bag(context: Context, number: int, owner: str) -> Databag:
    relation = controller_relation(context, context.unit.local_relations[number])
    return relation.databags(owner)[owner]
