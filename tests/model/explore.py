"""Explores all states that one unit can reach, breadth first.

From each state, every possible event runs in the real code, and the invariants are
checked. States with fewer faults come first. The consequences of a fault are therefore
explored until it has healed, that is, until they lead to states that also occur without
it.

All releases of Juju are explored together, because a controller can be upgraded at any
time. Each event is applied under each release, unless the stand-in did not query any of
the properties in which the releases differ.
"""
from __future__ import annotations

import gc
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from juju_standin.model import Model
from juju_standin.profile import PROFILES
from juju_standin.state import Hook, Relation

from . import app_data_expected
from .app_data_expected import KnownRequests, expected_zookeeper_values
from .app_data_servers import (EXPLORED, has_secrets, possible_releases, request_data,
                               requested)
from .bounds import Bounds
from .effects import apply_event
from .events import (DISMISS, REQUEST, Event, fault_count, in_release, possible_events)
from .expected import (JOINING_FLAGS, Expected, after_answers, after_handlers,
                       expected_flume_values)
from .hook_answers import Answers, denied, hook_kind, read_answers
from .hook_runner import HookRunner, Store
from .invariants import (Violation, check_call_count, check_flags, check_published,
                         check_store, check_units, check_values, check_writes)
from .model_state import CLASSES, UNIT, Charm, ModelStore, initial_model
from .state_key import state_key

# Stands for the hook, to evaluate the answers that a method of the endpoint queried.
ACTION = Hook('act', 'action')


@dataclass
class State:
    """The model, the unit's key/value store, and what is expected of the endpoint."""
    model: bytes
    store: Store
    expected: Expected
    faults: int = 0
    parent: int | None = None       # the number of the state before
    event: Event | None = None      # the event that led from it to this one


class Explorer:
    """Explores the states of one class of a layer.

    :param name: the class's name in CLASSES
    :param releases: Juju's releases
    """

    def __init__(self, name: str, bounds: Bounds,
                 releases: Sequence[str] = tuple(PROFILES)):
        self.name, self.bounds, self.releases = name, bounds, releases
        interface, role = CLASSES[name]
        self.runner = HookRunner(interface, role)
        self.provides = role == 'provides'
        self.charm = Charm(self.runner)
        self.charm.read_answers = self._read_answers
        self.stored_models = ModelStore(releases)
        self.transitions = 0
        self.skipped_transitions = 0    # another release makes the same transition
        self.states: list[State] = []
        self._keys: set[str] = set()
        # the indexes of the states to explore; one queue for each number of faults
        self._queues: list[deque[int]] = [deque() for _ in range(bounds.faults + 1)]
        self._nothing_expected = Expected(
            requests=KnownRequests() if bounds.app_data_servers else None)
        # the state before the current event
        self._expected, self._applications = Expected(), {}
        self._own_data, self._requests = {}, {}

    def explore(self, report: Callable[[int, int], None] = lambda *_: None) -> None:
        """Find all states.

        :param report: called repeatedly with the numbers of explored and found states
        :raises Violation: with a history with the fewest faults that leads to it
        """
        self._add_state(*self._initial_state())
        explored = 0
        for queue in self._queues:
            while queue:
                self._explore_events(queue.popleft())
                explored += 1
                if explored % 200 == 0:
                    report(explored, len(self.states))
        report(explored, explored)

    def _initial_state(self) -> tuple[Model, Expected]:
        self.charm.run, run = lambda context: 0, self.charm.run
        model = initial_model(self.charm)
        self.charm.run = run
        self.charm.store = ()
        if self.bounds.app_data_servers and self.bounds.requests_from_start:
            state = State(self.stored_models.dump(model), (), self._nothing_expected)
            return self._apply_and_check(state, Event(
                'hook', hook='config-changed', handler_calls=REQUEST,
                release=self.releases[0]))
        return model, self._nothing_expected

    def _explore_events(self, number: int) -> None:
        """Apply all possible events to a state."""
        state = self.states[number]
        model = self.stored_models.load(state.model, self.releases[0])
        self.charm.store = state.store
        faulty = state.faults > 0
        faults_left = self.bounds.faults - state.faults
        releases = possible_releases(self.releases, model, self.bounds.reduction)
        for event in list(possible_events(model, self.charm, state.expected,
                                          self.bounds, faulty)):
            faults = fault_count(event, self.bounds, faulty)
            if faults > faults_left:
                continue
            commands = self._apply_in_releases(number, event, faults, releases)
            if event.kind == 'hook' and not event.failure and faults < faults_left and (
                    event.handler_calls in ((), DISMISS)):
                for tools in failing_tools(commands)[-1 if faulty else 0:]:
                    self._apply_in_releases(number, replace(event, failing_tools=tools),
                                            faults + 1, releases)

    def _apply_in_releases(self, number: int, event: Event, faults: int,
                           releases: list[str]) -> set[tuple[str, ...]]:
        """Apply an event to a state, under each release that makes a difference.

        :param faults: how many the event counts as
        :return: the hook tools that the charm called
        """
        state, commands = self.states[number], set()
        for i, release in enumerate(releases):
            self.transitions += 1
            event = in_release(event, release)
            try:
                model, expected = self._apply_and_check(state, event)
            except Exception as error:
                text = str(error) if isinstance(error, Violation) \
                    else traceback.format_exc()
                raise Violation('{} under Juju {}: {}\n{}'.format(
                    self.name, release, text, self._history(number, event))) from error
            self._add_state(model, expected, state.faults + faults, number, event)
            run = self.charm.last_run
            commands |= {command for command, _ in run.calls} if run else set()
            # the version of this unit's own data has no effect on this unit
            queried = set(model.profile.queried)
            if event.kind == 'change own data' or run:
                queried.discard('version_by_content')
            if not queried:
                self.skipped_transitions += len(releases) - 1 - i
                break
        return commands

    def _add_state(self, model: Model, expected: Expected, faults: int = 0,
                   parent: int | None = None, event: Event | None = None) -> None:
        key = state_key(model, self.charm, str(expected))
        if key in self._keys:
            return
        self._keys.add(key)
        self._queues[faults].append(len(self.states))
        self.states.append(State(self.stored_models.dump(model), self.charm.store,
                                 expected, faults, parent, event))

    def replay(self, history: Iterable[Event]) -> tuple[Model, Expected]:
        """Apply events in turn; return the model and the expected state."""
        model, expected = self._initial_state()
        for event in history:
            state = State(self.stored_models.dump(model), self.charm.store, expected)
            model, expected = self._apply_and_check(state, event)
        return model, expected

    def _history(self, number: int, event: Event) -> str:
        """The events that lead to a state, and one more, as a call of `replay`."""
        events = [event]
        while self.states[number].parent is not None:
            events.append(self.states[number].event)
            number = self.states[number].parent
        return 'Explorer({!r}, {}).replay([\n{}])'.format(
            self.name, self.bounds,
            ''.join('    {},\n'.format(event) for event in reversed(events)))

    def _apply_and_check(self, state: State, event: Event) -> tuple[Model, Expected]:
        """Apply an event to a state, and check the invariants."""
        model = self.stored_models.load(state.model, event.release)
        charm, self._expected = self.charm, state.expected
        charm.store, charm.last_run = state.store, None
        self._own_data = self._read_own_data(model)
        self._requests = self._read_requests(model)
        self._applications = {
            local.relation.id(EXPLORED): local.relation.remote_app(EXPLORED)
            for local in model.units[UNIT].local_relations.values()}
        apply_event(model, charm, event)
        if charm.last_run:
            return model, self._check(model, state.expected, event)
        return model, (self._nothing_expected if event.kind == 'lose store'
                       else state.expected)

    def _read_answers(self, run_tool: Any, calls: list, calls_before_handlers: int,
                      hook: Any) -> Answers:
        answers = read_answers(run_tool, calls, calls_before_handlers, hook,
                               self._expected, self._applications, self.provides)
        if not self.bounds.app_data_servers:
            return answers
        return app_data_expected.with_app_data_answers(
            answers, run_tool, calls, hook, self._expected, self.charm.handler_calls)

    def _check(self, model: Model, before: Expected, event: Event) -> Expected:
        """Check the invariants after a run of the charm.

        :return: the expected state after it
        """
        hook, result, calls, answers = self.charm.last_run
        if result.error:
            raise Violation(result.error)
        if event.kind == 'hook' and not event.failure and model.units[UNIT].failed:
            raise Violation('Juju does not commit the hook')
        after = after_answers(before, hook, answers, self.provides)
        if hook.kind != 'action':
            after = check_flags(after, result.flags_for_handlers, self.provides)
        after = after_handlers(after, self.charm.handler_calls)
        after = after_answers(after, ACTION, Answers(
            False, denied=denied(calls), details=answers.new_grants,
            with_secret=answers.with_secret,
            is_owner_unknown=answers.is_owner_unknown), self.provides)
        extra_calls = 0
        if self.bounds.app_data_servers:
            after, extra_calls = self._check_app_data(model, before, after, event)
        check_call_count(before, hook, answers, calls, self.provides, extra_calls)
        if self.provides:
            check_writes(before, after, calls, self._own_data)
            after = check_published(before, after, hook, answers, calls,
                                    None if event.failure else self._own_ports(model))
        cleared = JOINING_FLAGS if any(
            JOINING_FLAGS & {*call} for call in self.charm.handler_calls) else set()
        after = check_flags(after, result.flags - cleared, self.provides)
        check_values(after, result.values, self._expected_values(after))
        if hook_kind(hook) == 'full' and not event.failing_tools and (
                after.full_read_done):
            check_units(before, after, {
                relation.id(EXPLORED): {name for name in relation.units if name != UNIT}
                for relation in _existing_relations(model)
                if not relation.dying and relation.id(EXPLORED) in answers.units})
        check_store(after, result.store)
        return before if event.kind == 'action without flush' else after

    def _expected_values(self, expected: Expected) -> dict[str, Any]:
        if self.provides:
            return {}
        if self.charm.interface == 'zookeeper':
            return expected_zookeeper_values(expected)
        return expected_flume_values(expected)

    def _check_app_data(self, model: Model, before: Expected, after: Expected,
                        event: Event) -> tuple[Expected, int]:
        """Check requests.

        :return: the expected state, and the maximum number of extra calls
        """
        hook, result, calls, answers = self.charm.last_run
        leads = model.leader(EXPLORED) == UNIT
        path = before.requests.path or after.requests.path
        checked = app_data_expected.check_requests(
            after, hook, calls, answers.full_read,
            path and request_data(path, has_secrets(model)),
            self._requests, None if event.failure else self._read_requests(model),
            leads)
        app_data_expected.check_no_credentials(result.store)
        return checked, app_data_expected.extra_calls(before, after, hook, answers,
                                                      leads)

    def _read_requests(self, model: Model) -> dict[str, dict[str, str]]:
        """The request in each relation, by relation ID."""
        return {relation.id(EXPLORED): requested(relation)
                for relation in _existing_relations(model)}

    def _read_own_data(self, model: Model) -> dict[str, dict[str, str]]:
        """This unit's own data in each relation, by relation ID."""
        return {relation.id(EXPLORED): dict(relation.unit_databags[UNIT].data)
                for relation in _existing_relations(model)}

    def _own_ports(self, model: Model) -> dict[str, str]:
        required = {'port', 'protocol'} if self.charm.interface == 'flume-agent' else {
            'port'}
        return {relation_id: data['port'] if required <= data.keys() else ''
                for relation_id, data in self._read_own_data(model).items()}


def _existing_relations(model: Model) -> list[Relation]:
    """The unit's relations that are not force-removed."""
    return [local.relation for local in model.units[UNIT].local_relations.values()
            if not local.force_removed]


def failing_tools(commands: set[tuple[str, ...]]) -> list[str]:
    """Patterns for the hook tools that fail: each one alone, and all of them."""
    each = sorted({' '.join(command[:3]) + ' *' if command[0] == 'relation-set'
                   else ' '.join(command) for command in commands})
    return each + ['relation-*'] * (len(each) > 1)


@dataclass
class Result:
    states: int
    transitions: int
    skipped_transitions: int
    processes: int
    cpu_seconds: float
    counterexample: str | None


def explore(name: str, bounds: Bounds, releases: Sequence[str], queue: Any) -> Result:
    """Explore one class.

    :param queue: receives the progress
    """
    gc.disable()    # there are many objects and no cycles
    started = time.process_time()
    explorer = Explorer(name, bounds, releases)
    counterexample = None
    try:
        explorer.explore(
            lambda explored, found: queue.put(((name, bounds), explored, found)))
    except Violation as error:
        counterexample = str(error)
    return Result(len(explorer.states), explorer.transitions,
                  explorer.skipped_transitions, explorer.runner.processes,
                  time.process_time() - started, counterexample)
