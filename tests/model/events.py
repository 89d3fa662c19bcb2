"""The events that can happen to the explored unit: the model's transitions.

An operator adds and removes relations. Remote units join, leave and publish. The unit
runs any hook that is due. Failures are injected faults; `Bounds.faults` limits their
number. See effects.py for the effect of each event on the model.
"""
from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

from juju_standin import agent
from juju_standin.model import Model
from juju_standin.state import Hook, LocalRelation, Relation, Unit

from . import app_data_servers
from .app_data_expected import is_unreported, relations_without_request
from .app_data_servers import EXPLORED, OTHER_PATH, OTHER_UNIT, PATH
from .bounds import Bounds
from .expected import Expected
from .model_state import FIRST, OTHER, PORTS, REMOTE_UNITS, SECOND, UNIT, Charm

# Calls by the charm's handlers: (method, arguments).
DISMISS = (('dismiss_joining',), ('dismiss_departing',))
REQUEST, REQUEST_OTHER = (('request', PATH),), (('request', OTHER_PATH),)
SEND_CALLS = (('send', FIRST),), (('send', SECOND),)

# Events that operators and remote units cause.
OUTSIDE_EVENTS = (
    'relate', 'remove relation', 'force-remove relation', 'join', 'leave',
    'force-remove unit', 'publish', 'change own data', 'lose request', 'grant',
    'rotate password', 'grant secret', 'revoke secret')
# Ways in which a hook can fail: before the charm runs, or when Juju does not commit it
# although its process succeeded. The operator can skip a failed hook.
AT_START, AT_COMMIT, SKIPPED = 'at start', 'at commit', 'at commit, skipped'
# A detail of a forced removal: the agent has already started a departed hook.
DEPARTED_BEGUN = 'departed begun'
# Details of a new relation: its application is in another model, so that goal-state
# does not name its units; or the agent notices no units, as if a relation of the same
# endpoints had been removed before.
OTHER_MODEL, UNWATCHED = 'other model', 'unwatched'


@dataclass(frozen=True)
class Event:
    kind: str
    target: str = ''    # application, remote unit or relation ID
    data: str = ''      # the published data, or another detail of the event
    hook: str = ''      # the name of the hook that runs
    handler_calls: tuple[tuple, ...] = ()
    failure: str = ''           # AT_START, AT_COMMIT or SKIPPED
    failing_tools: str = ''     # hook tools that fail in the hook (fnmatch)
    faults: int = 0             # how many faults this is
    release: str = '3.6'

    def __str__(self) -> str:
        parts = [repr(self.kind)]
        parts += ['{}={!r}'.format(field.name, getattr(self, field.name))
                  for field in fields(self)[1:]
                  if getattr(self, field.name) != field.default]
        return 'Event({})'.format(', '.join(parts))


@functools.cache
def in_release(event: Event, release: str) -> Event:
    return replace(event, release=release)


def event_target(hook: Hook) -> str:
    """The target of an event that runs this hook."""
    return hook.remote_unit or hook.relation_id or hook.secret


def current_relation(model: Model, app: str) -> Relation | None:
    """The relation with an application, if the model has one."""
    return next((relation for relation in model.relations.values()
                 if app in relation.endpoints), None)


def fault_count(event: Event, bounds: Bounds, faulty: bool) -> int:
    """The number of faults that an event counts as.

    :param faulty: whether an earlier fault has not healed yet
    """
    if not faulty or bounds.free_while_faulty:
        return event.faults
    return event.faults + (event.kind in OUTSIDE_EVENTS or any(
        method == 'send' for method, *_ in event.handler_calls))


def possible_events(model: Model, charm: Charm, expected: Expected, bounds: Bounds,
                    faulty: bool) -> Iterator[Event]:
    """The events that are possible now, without failures of hook tools.

    :param faulty: whether an earlier fault has not healed yet
    """
    provides, unit = charm.provides, model.units[UNIT]
    due = agent.due(model, unit)
    if unit.failed:
        yield Event('skip failed hook')
    elif not any(hook.kind == 'upgrade-charm' for hook in due):
        yield from _unprompted_events(provides, bounds, faulty)
    if bounds.app_data_servers:
        yield from _request_events(model, expected, bounds, due)
    elif not unit.failed and not (faulty and bounds.distinct_events_only):
        due = due + app_data_hooks(unit, due)
    for hook in due:
        yield from _relation_hook_events(hook.name, event_target(hook), provides,
                                         bounds)
    yield Event('restart agent', faults=int(not _restart_has_effect(unit)))
    if charm.store and not unit.failed:
        yield Event('lose store', faults=1)
    unreported = _unreported_changes(model, expected, provides) - bool(unit.failed)
    if unreported < bounds.max_unreported:
        for app in bounds.applications:
            yield from _application_events(model, app, bounds, provides)


# Events of the explored unit.

def _request_events(model: Model, expected: Expected, bounds: Bounds,
                    due: list[Hook]) -> Iterator[Event]:
    """Changes of the leader while they matter, and the charm's request."""
    if not bounds.reduction or bounds.reduction < 2 and (
            relations_without_request(expected) or not expected.relations):
        yield Event('change leader', data='' if model.apps[EXPLORED].leader
                    else OTHER_UNIT)
    if model.units[UNIT].failed:
        return
    for request in (REQUEST, REQUEST_OTHER)[:2 - bounds.requests_from_start]:
        if expected.requests.path != request[0][1]:
            calls = DISMISS + request
            for failure in ('', AT_COMMIT, SKIPPED):
                yield Event('hook', hook='config-changed', handler_calls=calls,
                            failure=failure, faults=int(bool(failure)))
            yield Event('action', handler_calls=request)
            for hook in due:
                if hook.kind == 'joined':
                    yield Event('hook', event_target(hook), hook=hook.name,
                                handler_calls=calls)


def app_data_hooks(unit: Unit, due: list[Hook]) -> list[Hook]:
    """Hooks for application data of servers that use the unit-data protocol.

    They can run at any time. The data have no effect and are not part of the state.
    """
    busy = {OTHER} | {hook.number for hook in due if hook.relation_id}
    return [Hook('ep-relation-changed', 'changed', local.relation.id(EXPLORED),
                 remote_app=local.relation.remote_app(EXPLORED))
            for number, local in unit.local_relations.items()
            if number not in busy and not local.force_removed
            and not local.relation.unwatched_by]


def _restart_has_effect(unit: Unit) -> bool:
    """Whether a restart changes the agent's state, besides its cache."""
    return bool(unit.failed) or any(
        local.force_removed or local.unnoticed_removals or local.relation.dying
        or local.relation.unwatched_by
        for local in unit.local_relations.values())


def _send_calls(provides: bool) -> tuple[tuple, ...]:
    return SEND_CALLS if provides else ()


@functools.cache
def _relation_hook_events(name: str, target: str, provides: bool,
                          bounds: Bounds) -> list[Event]:
    """The ways to run a relation hook."""
    event = Event('hook', target, hook=name)
    if not bounds.distinct_events_only:
        choices = [(), DISMISS, *_send_calls(provides)]
    else:
        choices = [(), *(_send_calls(provides) if name.endswith('-created') else ())]
    if bounds.always_dismisses:
        choices = [DISMISS + calls for calls in choices if calls != DISMISS]
    return [replace(event, failure=AT_START, faults=1)] + [
        replace(event, handler_calls=calls, failure=failure, faults=int(bool(failure)))
        for calls in choices for failure in ('', AT_COMMIT)]


@functools.cache
def _unprompted_events(provides: bool, bounds: Bounds, faulty: bool) -> list[Event]:
    """Actions, and hooks that can run at any time.

    Retrying such a hook is the same as skipping it and running it again.
    """
    sends = _send_calls(provides)
    if bounds.distinct_events_only:
        return _distinct_unprompted_events(sends, bounds.always_dismisses, faulty)
    calls = [(), DISMISS, *sends]
    names = ('update-status', 'config-changed')
    if not faulty:
        calls += [(('withdraw',),)] * provides
        # each has the same effect as one of the others
        names += ('upgrade-charm', 'other-relation-changed')
    hooks = [Event('hook', hook=name, handler_calls=each)
             for each in calls for name in names]
    flags = ('ep.joining', 'ep.departing') + (() if provides else (
        'endpoint.ep.changed',))
    dismiss_one = (DISMISS[:1], DISMISS[1:], *(
        (('clear_flag', flag),) for flag in flags))
    return [Event('hook', hook='config-changed', handler_calls=each)
            for each in dismiss_one] + hooks + _actions(calls[1:]) + _unsaved(
                hooks, sends)


@functools.cache
def _distinct_unprompted_events(sends: tuple, always_dismisses: bool,
                                faulty: bool) -> list[Event]:
    calls = [DISMISS, *(DISMISS + send for send in sends)] if always_dismisses else [
        (), DISMISS, *sends]
    hooks = [Event('hook', hook='update-status', handler_calls=calls[0])]
    if sends or not faulty:     # a client reads nothing in config-changed
        hooks += [Event('hook', hook='config-changed', handler_calls=each)
                  for each in calls]
    actions = sends[1:] if always_dismisses else calls[1:]
    return hooks + _actions(actions) + _unsaved(hooks, sends)


def _actions(calls: Iterable[tuple]) -> list[Event]:
    return [Event('action', handler_calls=each) for each in calls]


def _unsaved(hooks: list[Event], sends: tuple) -> list[Event]:
    """These hooks with a failure at commit, and actions that do not flush the store."""
    return [replace(event, failure=SKIPPED, faults=1) for event in hooks] + [
        Event('action without flush', handler_calls=send, faults=1) for send in sends]


# Events that operators and remote units cause.

def _unreported_changes(model: Model, expected: Expected, provides: bool) -> int:
    """The number of changes whose hook is still due or was skipped."""
    unit = model.units[UNIT]
    found = 0
    for relation in model.relations.values():
        if relation.number == OTHER:
            continue
        local = unit.local_relations.get(relation.number)
        sources = expected.relations.get(relation.id(EXPLORED))
        found += relation.dying + (
            sources is None or relation.number not in unit.created)
        members = local.members if local else {}
        found += sum(
            _unit_is_unreported(relation, local, name, sources or {}, provides)
            for name in {*relation.units, *members, *(sources or ())} - {UNIT}
            if '/' in name)
        if expected.requests and local:
            found += is_unreported(model, local, expected)
    return found


def _unit_is_unreported(relation: Relation, local: LocalRelation | None, name: str,
                        sources: dict[str, str | None], provides: bool) -> bool:
    if local and name in local.unnoticed_removals:
        return name in sources or name not in local.members
    if not (local and name in relation.units and name in sources):
        return True
    bag = relation.unit_databags[name]
    if local.members.get(name) != bag.version and not relation.unwatched_by:
        return True
    port = bag.data.get('port', '')
    return not provides and sources[name] != (port if port.isdigit() else None)


def _application_events(model: Model, app: str, bounds: Bounds,
                        provides: bool) -> Iterator[Event]:
    relation = current_relation(model, app)
    if relation is None:
        yield Event('relate', app, '' if bounds.same_model else OTHER_MODEL)
        if bounds.same_model:
            yield Event('relate', app, UNWATCHED, faults=1)
        return
    local: LocalRelation | None = model.units[UNIT].local_relations.get(relation.number)
    yield Event('force-remove relation', app, faults=1)
    if local and local.members:
        yield Event('force-remove relation', app, DEPARTED_BEGUN, faults=1)
    if relation.dying:
        return
    yield Event('remove relation', app)
    if local and provides:
        for data in ('lost', 'foreign', 'host'):
            yield Event('change own data', app, data, faults=1)
    for unit in bounds.units:
        if unit in REMOTE_UNITS[app]:
            yield from _remote_unit_events(relation, local, unit, bounds, provides)
    if app in bounds.app_data_servers:
        for kind, target, *details in app_data_servers.possible_events(
                model, relation, app, bounds.reduction):
            yield Event(kind, target, *details[:1], faults=sum(details[1:]))


def _remote_unit_events(relation: Relation, local: LocalRelation | None, unit: str,
                        bounds: Bounds, provides: bool) -> Iterator[Event]:
    if local and unit in local.unnoticed_removals:
        return
    if unit not in relation.units:
        yield Event('join', unit)
        return
    if local and bounds.same_model:
        yield Event('force-remove unit', unit, faults=1)
    if not bounds.app_data_servers or len(bounds.units) == 1:
        yield Event('leave', unit)
    if provides or bounds.reduction and (
            relation.remote_app(EXPLORED) in bounds.app_data_servers):
        return
    for data in bounds.unit_data:
        if PORTS[unit][data] != relation.unit_databags[unit].data.get('port', ''):
            yield Event('publish', unit, data)
