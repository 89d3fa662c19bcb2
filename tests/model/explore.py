"""Every state that one unit can get into, breadth first.

Each move is made in the real code, from each state in which it can happen. States with
fewer faults come first, so what a fault leads to is gone through until it is healed.

Releases of Juju are explored together, as a controller may be upgraded at any time: a
move is made under each of them, unless the stand-in did not ask in it which one it is.
"""
from __future__ import annotations

import gc
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from juju_standin.model import Model
from juju_standin.profile import PROFILES
from juju_standin.state import Hook

from . import asked, later
from .moves import ASK, DISMISS, Bounds, Move, cost, make, moves
from .runner import Runner, Store
from .truth import (Seen, Told, Violation, call, check, check_left, check_price,
                    check_published, check_written, denied, learn, look, sinks)
from .world import ROLES, UNIT, Charm, Releases, first, text


# To learn of what a method found out.
NO_HOOK = Hook('act', 'action')


@dataclass
class State:
    """A model, the key/value store that the unit has in it, what its charm was told."""
    model: bytes
    store: Store
    told: Told
    faults: int = 0
    parent: int | None = None
    made: tuple[Move, str] | None = None    # from it, under which release


class Explorer:
    """All states of one class.

    :param releases: of Juju
    """

    def __init__(self, name: str, bounds: Bounds,
                 releases: Sequence[str] = tuple(PROFILES)):
        self.name, self.bounds, self.releases = name, bounds, releases
        interface, role = ROLES[name]
        runner = Runner(interface, role)
        self.runner = runner
        self.provides = role == 'provides'
        self.charm = Charm('explored', runner.metadata, runner)
        self.charm.witness = self._look
        self.pickles = Releases(releases)
        self.transitions = 0
        self.alike = 0              # moves that another release makes the same
        self.states: list[State] = []
        self._seen: set[str] = set()
        self._due: list[deque[int]] = [deque() for _ in range(bounds.faults + 1)]
        self._told, self._held = Told(), {}
        # before it has been told of anything
        self._untold = Told(asking=asked.Asking() if bounds.later else None)

    def explore(self, tell: Callable[[int, int], None] = lambda *_: None) -> None:
        """Find all states.

        :param tell: called now and then with how many states were explored and found
        :raises Violation: with the shortest history that leads to it
        """
        self._reached(*self._first())
        done = 0
        for due in self._due:
            while due:
                self._leave(due.popleft())
                done += 1
                if done % 200 == 0:
                    tell(done, len(self.states))
        tell(done, done)

    def _first(self) -> tuple[Model, Told]:
        self.charm.run, run = lambda context: 0, self.charm.run
        model = first(self.charm)
        self.charm.run = run
        self.charm.store = ()
        if self.bounds.later and self.bounds.requested:
            return self.make(State(self.pickles.freeze(model), (), self._untold),
                             Move('run', hook='config-changed', plan=ASK),
                             self.releases[0])
        return model, self._untold

    def _leave(self, number: int) -> None:
        """Make all moves from a state."""
        state = self.states[number]
        model = self.pickles.thaw(state.model, self.releases[0])
        self.charm.store = state.store
        faulted = state.faults > 0
        left = self.bounds.faults - state.faults
        self._possible = later.releases(self.releases, model, self.bounds.few)
        for move in list(moves(model, self.charm, state.told, self.bounds, faulted)):
            faults = cost(move, self.bounds, faulted)
            if faults > left:
                continue
            commands = self._make_all(number, move, faults)
            if move.name == 'run' and not move.fails and faults < left and \
                    move.plan in ((), DISMISS):
                for refused in refusals(commands)[-1 if faulted else 0:]:
                    self._make_all(number, replace(move, refused=refused), faults + 1)

    def _make_all(self, number: int, move: Move, faults: int) -> set[tuple[str, ...]]:
        """Make a move from a state, under each release that makes a difference.

        :param faults: how many it counts as
        :return: the hook tools that it called
        """
        state, commands = self.states[number], set()
        for i, release in enumerate(self._possible):
            self.transitions += 1
            try:
                model, told = self.make(state, move, release)
            except Exception as error:
                what = str(error) if isinstance(error, Violation) \
                    else traceback.format_exc()
                raise Violation('{} under Juju {}: {}\n{}'.format(
                    self.name, release, what,
                    self.history(number, move, release))) from error
            self._reached(model, told, state.faults + faults, number, (move, release))
            commands |= {command for command, _ in self._calls()}
            # hooks, and who drifts, write in the unit's own databag: when it changed
            # matters to nobody here
            matters = model.profile.asked - (
                {'by_content'} if move.name == 'drift' or self.charm.ran else set())
            if not matters:
                self.alike += len(self._possible) - 1 - i
                break
        return commands

    def _calls(self) -> list:
        return self.charm.ran.calls if self.charm.ran else []

    def _reached(self, model: Model, told: Told, faults: int = 0,
                 parent: int | None = None,
                 made: tuple[Move, str] | None = None) -> None:
        key = text(model, self.charm, str(told))
        if key in self._seen:
            return
        self._seen.add(key)
        self._due[faults].append(len(self.states))
        self.states.append(State(self.pickles.freeze(model), self.charm.store, told,
                                 faults, parent, made))

    def replay(self, history: Iterable[Move]) -> tuple[Model, Told]:
        """Make one move after another; the model and what is told in the end."""
        model, told = self._first()
        for move in history:
            state = State(self.pickles.freeze(model), self.charm.store, told)
            model, told = self.make(state, move, move.juju)
        return model, told

    def history(self, number: int, move: Move, release: str) -> str:
        """The moves that led to a state, and one more, as text for a test."""
        made = [(move, release)]
        while self.states[number].parent is not None:
            made.append(self.states[number].made)
            number = self.states[number].parent
        return 'Explorer({!r}, {}).replay([\n{}])'.format(
            self.name, self.bounds,
            ''.join('    {},\n'.format(replace(move, juju=release))
                    for move, release in reversed(made)))

    def make(self, state: State, move: Move, release: str) -> tuple[Model, Told]:
        """Make a move, and check what is true after it."""
        model = self.pickles.thaw(state.model, release)
        charm, self._told = self.charm, state.told
        charm.store, charm.ran = state.store, None
        self._held, self._asked = self._bags(model), self._asked_for(model)
        self._applications = {
            known.relation.id('explored'): known.relation.other('explored')
            for known in model.units[UNIT].known.values()}
        make(model, charm, move)
        told = state.told
        if move.name == 'lose store':
            told = self._untold
        if charm.ran:
            told = self._check(model, state.told, move)
        return model, told

    def _look(self, ask: Any, calls: list, before: int, hook: Any) -> Any:
        seen = look(ask, calls, before, hook, self._told, self.provides)
        seen = seen._replace(applications=self._applications)
        if not self.bounds.later:
            return seen
        return asked.look(ask, calls, hook, self._told, seen, self.charm.plan)

    def _check(self, model: Model, before: Told, move: Move) -> Told:
        """What is told after a run of the charm, if all is right."""
        hook, outcome, calls, seen = self.charm.ran
        if outcome.error:
            raise Violation(outcome.error)
        if move.name == 'run' and not move.fails and model.units[UNIT].failed:
            raise Violation('Juju keeps nothing of it')
        told = learn(before, hook, seen, self.provides)
        if hook.kind != 'action':
            told = check(told, outcome.found, self.provides)
        told = call(told, self.charm.plan)
        found = Seen(False, denied=denied(calls), details=seen.granted)
        told = learn(told, NO_HOOK, found, self.provides)
        more = 0
        if self.bounds.later:
            told, more = self._check_asked(model, before, told, move)
        check_price(before, hook, seen, calls, self.provides, more)
        if self.provides:
            check_written(before, told, calls, self._held)
            told = check_published(before, told, hook, seen, calls,
                                   None if move.fails else self._ports(model))
        told = check(told, outcome.flags, self.provides)
        check_left(told, outcome, {} if self.provides else (
            asked.lists if self.charm.interface == 'zookeeper' else sinks)(told))
        return before if move.name == 'action unflushed' else told

    def _check_asked(self, model: Model, before: Told, told: Told,
                     move: Move) -> tuple[Told, int]:
        """Hold what was asked against what the charm was told; and what it may cost."""
        hook, outcome, calls, seen = self.charm.ran
        leads = model.leader('explored') == UNIT
        path = before.asking.request or told.asking.request
        after = asked.check_asked(
            told, hook, calls, path and later.wanted(path, later.has_secrets(model)),
            self._asked, None if move.fails else self._asked_for(model), leads)
        asked.check_store(outcome.store)
        return after, asked.price(before, told, hook, seen, leads)

    def _asked_for(self, model: Model) -> dict[str, dict[str, str]]:
        """What servers are asked for, in each relation that is there."""
        return {known.relation.id('explored'): later.asked(known.relation)
                for known in model.units[UNIT].known.values() if not known.ghost}

    def _bags(self, model: Model) -> dict[str, dict[str, str]]:
        """The unit's own settings, of each relation that is there."""
        return {known.relation.id('explored'): dict(known.relation.bags[UNIT].data)
                for known in model.units[UNIT].known.values() if not known.ghost}

    def _ports(self, model: Model) -> dict[str, str]:
        complete = {'port'}
        if self.charm.interface == 'flume-agent':
            complete = {'port', 'protocol'}
        return {rid: bag['port'] if complete <= bag.keys() else ''
                for rid, bag in self._bags(model).items()}


def refusals(commands: set[tuple[str, ...]]) -> list[str]:
    """Patterns of the hook tools that may fail: each alone, and all of them."""
    each = sorted({' '.join(command[:3]) + ' *' if command[0] == 'relation-set'
                   else ' '.join(command) for command in commands})
    return each + ['relation-*'] * (len(each) > 1)


def explore(name: str, bounds: Bounds, releases: Sequence[str],
            queue: Any) -> tuple[int, int, int, int, str | None]:
    """Explore one class in one world: how many states, transitions, moves that are
    alike under another release, and processes; and what was violated, if anything.

    :param queue: where to put how far it is
    """
    gc.disable()    # it would look for cycles among all that is kept: there are none
    explorer = Explorer(name, bounds, releases)
    violation = None
    try:
        explorer.explore(lambda done, found: queue.put(((name, bounds), done, found)))
    except Violation as error:
        violation = str(error)
    return (len(explorer.states), explorer.transitions, explorer.alike,
            explorer.runner.processes, violation)
