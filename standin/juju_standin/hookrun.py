"""Running a hook: its charm, and what Juju keeps of it or refuses."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import agent
from .context import Context
from .relationtools import answering
from .state import Bag, Hook, HookRun, Unit

if TYPE_CHECKING:
    from .model import Model


def execute(model: Model, unit: Unit, hook: Hook,
            params: dict[str, Any] | None = None) -> HookRun:
    """Run a hook or action, and tell the model's observers."""
    attempt = 1 if hook.kind == 'action' else unit.attempts + 1
    if hook.kind in ('install', 'upgrade-charm'):
        unit.charm = unit.app.charm
    if hook.relation_id and hook.number not in unit.known:
        # its relation went, and the agent was restarted: it takes it as having run
        commit(model, unit, hook)
        return HookRun(unit.name, hook, attempt, 0, [], [], {}, [], {}, None)
    context = Context(model, unit, hook, params or {})
    status = _run_charm(model, context)
    written = {} if status else _keep(model, context)
    run = HookRun(unit.name, hook, attempt, status, context.calls, context.log,
                  written, context.services, context.results, context.failure)
    if hook.kind == 'action':
        pass        # it is never retried, and leaves its unit as it was
    elif status:
        unit.failed, unit.attempts = hook, attempt
    else:
        commit(model, unit, hook)
    for observer in model.observers:
        observer(run)
    return run


def commit(model: Model, unit: Unit, hook: Hook) -> None:
    """Take a hook as having run, whether it has or was skipped."""
    agent.commit(model, unit, hook)
    if hook.kind == 'remove':
        model.take_away(unit)


def _run_charm(model: Model, context: Context) -> int:
    """Its exit status, or 1 if Juju refuses to keep what it did."""
    unit = context.unit
    failure = model.asked_failure(unit, context.hook)
    status, refusal = 0, ''
    unit.running = True
    if not failure or failure[2]:
        status = unit.charm.run(context)
    if failure:
        refusal = 'failure asked for by the test'
    elif not unit.running or unit.name not in model.units:
        refusal = 'its agent ended before it did'
    elif not status:
        refusal = _refusal(context)
    unit.running = False
    if refusal:
        context.log.append(('ERROR', refusal))
    return int(status or bool(refusal))


def _refusal(context: Context) -> str:
    """Why Juju does not keep what a hook did that ended well.

    The controller counts the relations that something is sent of. It misses those that
    are gone, and a ghost that it takes for its successor; the latter not in
    config-changed.
    """
    numbers = {number for number, _ in _sent(context)}
    found = [answering(context, context.unit.known[number]) for number in numbers]
    here = {relation.number for relation in found if relation}
    if len(here) == len(numbers) or (
            None not in found and context.hook.kind == 'config-changed'):
        return ''
    return ('cannot apply changes: relations: expected {} relations but '
            'found {}'.format(len(numbers), len(here)))


def _sent(context: Context) -> dict[tuple[int, str], dict[str, str]]:
    """What is sent of a hook that ended well; '' deletes a key.

    These are the unit's own settings, whole, if it read or set them, and those of its
    application if it set them.
    """
    return {(number, owner): {**settings, **context.buffered.get((number, owner), {})}
            for (number, owner), settings in context.touched.items()
            if owner == context.unit.name or (number, owner) in context.buffered}


def _keep(model: Model, context: Context) -> dict:
    """Keep what a hook that succeeded has set; what has changed."""
    unit, written = context.unit, {}
    unit.ports = context.ports
    for secret_id, draft in context.drafts.items():
        model.keep_secret(secret_id, draft)
    sent = _sent(context)
    before = {key: _bag(context, *key).data for key in sent}
    if context.hook.kind == 'config-changed':
        for known in unit.known.values():
            model.write(known.relation.bags[unit.name], model.network(unit))
    for key, settings in sent.items():
        kept = {name: value for name, value in settings.items()
                if name not in model.profile.reserved}
        model.write(_bag(context, *key), kept)
        changed = {name: kept[name] or None for name in context.buffered.get(key, {})
                   if name in kept and before[key].get(name, '') != kept[name]}
        if changed:
            relation = unit.known[key[0]].relation
            written[relation.id(unit.app.name), key[1]] = changed
    return written


def _bag(context: Context, number: int, owner: str) -> Bag:
    relation = answering(context, context.unit.known[number])
    bags = relation.bags if owner == context.unit.name else relation.app_bags
    return bags[owner]
