"""Every state that one unit can get into, breadth first.

Each move is made in the real code, from each state in which it can happen; states
are the same where the world and the key/value store are. It ends when no move leads
to a new one.

Releases of Juju are explored together, as a controller may be upgraded at any time: a
move is made under each of them, unless its hook tools would give the same answers as
under one before it.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from standin.profile import PROFILES

from .runner import Exit, Runner, Store, in_order
from .worlds import (FIRST, HEALING, RELATION, RELATIONS, SECOND, SILENT, SPOILED,
                     UNITS, Move, World, flags, happen, lateness, learn, moves,
                     notice, publish, tells)

from charms.reactive import (  # isort: skip
    endpoint_from_flag, endpoint_from_name, get_flags)

ROLES = {'ZookeeperProvides': ('zookeeper', 'provides'),
         'ZookeeperRequires': ('zookeeper', 'requires'),
         'FlumeProvides': ('flume-agent', 'provides'),
         'FlumeRequires': ('flume-agent', 'requires')}

# What stands for each of the details that a unit can publish: a port.
PORTS = {name: {FIRST: '10{}1'.format(i), SECOND: '10{}2'.format(i)}
         for i, name in enumerate(UNITS)}
OWN_PORTS = {FIRST: '2001', SECOND: '2002'}
ADDRESSES = {name: '10.0.0.{}'.format(i) for i, name in enumerate(UNITS)}


class Violation(AssertionError):
    """Something is not as it should be after a move."""


@dataclass
class State:
    """A world, and the key/value store that the unit has in it."""
    world: World
    store: Store
    parent: int | None = None
    move: Move | None = None


class Explorer:
    """All states of one class.

    :param units: how many remote units there are, up to three
    :param releases: of Juju
    """

    def __init__(self, name: str, units: int,
                 releases: Sequence[str] = tuple(PROFILES)):
        self.name, self.units, self.releases = name, units, releases
        self.interface, role = ROLES[name]
        self.provides = role == 'provides'
        self.runner = Runner(self.interface, role)
        self.states: list[State] = []
        self.transitions = 0
        self.alike = 0              # moves that another release answers the same
        self._asked: list[Tools] = []       # in the last move
        self._seen: set[tuple[World, Store]] = set()

    def explore(self, tell: Callable[[int, int], None] = lambda *_: None) -> None:
        """Find all states.

        :param tell: called now and then with how many states were explored and found
        :raises Violation: with the shortest history that leads to it
        """
        self.states = [State(World(), ())]
        self._seen = {(self.states[0].world, self.states[0].store)}
        done = 0
        while done < len(self.states):
            for move in moves(self.states[done].world, self.units, self.provides):
                if self._reach_all(done, move) or self.units == 1:
                    for late in lateness(move, self.provides):
                        self._reach_all(done, late)
            done += 1
            if done % 200 == 0:
                tell(done, len(self.states))
        tell(done, done)

    def _reach_all(self, number: int, move: Move) -> bool:
        """Make a move from a state, under each release that makes a difference.

        :return: as :meth:`_reach`
        """
        worthwhile, asked = False, []
        for release in self.releases:
            if any(all(tools.alike(release) for tools in one) for one in asked):
                self.alike += 1
                continue
            if self._reach(number, replace(move, juju=release)):
                worthwhile = True
            asked.append(self._asked)
        return worthwhile

    def _reach(self, number: int, move: Move) -> bool:
        """Make a move from a state.

        :return: whether it leads to a new one or sets something: where it does neither,
            a hook is made to fail late only if there is one unit
        """
        self.transitions += 1
        self._asked = []
        state = self.states[number]
        try:
            reached = self.make(state.world, state.store, move)
        except Exception as error:
            raise Violation('{} under Juju {}: {}\n{}'.format(
                self.name, move.juju, error,
                self.history(number, move))) from error
        if reached in self._seen:
            return reached[0].wrote
        self._seen.add(reached)
        self.states.append(State(*reached, number, move))
        return True

    def replay(self, history: list[Move]) -> State:
        """Make one move after another; the state they end in."""
        state = State(World(), ())
        for move in history:
            state = State(*self.make(state.world, state.store, move))
        return state

    def history(self, number: int, move: Move) -> str:
        """The moves that led to a state, and one more, as text for a test.

        Units and details are called in it what :meth:`_rename` calls them.
        """
        made = [move]
        while self.states[number].parent is not None:
            made.append(self.states[number].move)
            number = self.states[number].parent
        return 'Explorer({!r}, {}).replay([\n{}])'.format(
            self.name, self.units,
            ''.join('    {},\n'.format(move) for move in reversed(made)))

    def make(self, world: World, store: Store, move: Move) -> tuple[World, Store]:
        """Make a move, and check what is true after it."""
        before, world = world, happen(world, move)
        if move.name == 'action':
            store, wrote = self._act(world, store, move)
            wrote = wrote or world.wrote
        elif move.hook:
            store, wrote = self._hook(before, world, store, move)
            if move.late == 'retried':
                store, wrote = self._hook(replace(before, wrote=wrote), world, store,
                                          move)
        else:
            return self._rename(world, store)
        told = self._check(world, move, store)
        if move.late != 'skipped':
            told = publish(told)
        return self._rename(replace(told, wrote=wrote), store)

    # Making a move.

    def _plan(self, move: Move) -> list[tuple]:
        method = ('send_port' if self.interface == 'zookeeper'
                  else 'send_configuration')
        return [(method, OWN_PORTS[call[1]]) if call[0] == 'send' else call
                for call in move.plan]

    def _tools(self, world: World, move: Move) -> Tools:
        self._asked.append(Tools(self.interface, world, move))
        return self._asked[-1]

    def _act(self, world: World, store: Store, move: Move) -> tuple[Store, bool]:
        tools = self._tools(world, move)
        most = 0 if store else 1    # the first hook of all asks what there is
        store = self.runner.act(store, {'JUJU_ACTION_NAME': 'act'}, tools,
                                self._plan(move))
        self._count(world, move, most, 0)
        return store, bool(tools.written)

    def _hook(self, before: World, world: World, store: Store,
              move: Move) -> tuple[Store, bool]:
        """Run the move's hook; the store, and whether it set something."""
        tools = self._tools(world, move)
        env = {'JUJU_HOOK_NAME': move.hook}
        if move.number:
            env = {'JUJU_HOOK_NAME': 'ep-relation-' + move.hook, 'JUJU_RELATION': 'ep',
                   'JUJU_RELATION_ID': 'ep:{}'.format(move.number),
                   'JUJU_REMOTE_UNIT': move.unit or '', 'JUJU_REMOTE_APP': ''}
        elif move.hook.startswith('other-relation'):
            env.update(JUJU_RELATION='other', JUJU_RELATION_ID='other:7',
                       JUJU_REMOTE_UNIT='c/0', JUJU_REMOTE_APP='c')
        most = 0 if store else 1    # the first hook of all asks what there is
        store = self.runner.run(store, env, tools, self._plan(move))
        unheard = [] if self.provides else [
            name for name in UNITS if world.unit(name).where == 'here'
            and not world.unit(name).known and name != move.unit]
        if move.number:
            self._count(before, move, 3, 1, unheard)
        elif move.hook in HEALING:
            self._count(before, move, 1 + world.relations.count('up'), 0, unheard)
        else:
            self._count(before, move, most, 0)
        if not self._wrote_all(world, learn(world, move).sent, tools):
            raise Violation('set {}'.format(tools.written))
        return store, bool(tools.written)

    def _wrote_all(self, world: World, sent: str | None, tools: Tools) -> bool:
        """Whether what was set leaves every relation with what was sent; and whether
        nothing was set where all had it, and the charm sends nothing else.

        The one that would have shown whether Juju kept it may be gone, though.
        """
        up = [number for number in RELATIONS if world.relation(number) == 'up']
        bags = dict(zip(RELATIONS, world.bags))
        if (sent == world.sent and all(bags[number] == sent for number in up)
                and not (world.wrote and 'gone' in world.relations)):
            return not tools.written
        for number, settings in tools.written.items():
            bags[number] = {port: token for token, port
                            in OWN_PORTS.items()}[settings['port']]
        return all(bags[number] == sent for number in up)

    def _count(self, world: World, move: Move, most: int, gets: int,
               unheard: list = ()) -> None:
        """Check what hook tools were called; publishing comes on top."""
        names = [name for name, _ in self.runner.calls]
        # what was set in the last hook is looked at, once where it is there, and
        # in each relation where it is not
        looks = world.wrote * len(RELATIONS)
        most += len(unheard) + looks
        # to publish, a hook may have to ask for the relations
        most += 'relation-set' in names or any(
            call[0] == 'send' for call in move.plan)
        gets += len(unheard) + looks
        others = [name for name in names if name != 'relation-set']
        if len(others) > most or names.count('relation-get') > gets:
            raise Violation('{} calls of hook tools, {} expected'.format(names, most))

    # After it.

    def _check(self, world: World, move: Move, store: Store) -> World:
        """Check what the charm is told; what it knows now, where it may be either."""
        failures = []
        for before, elsewhere in product((world, notice(world)), (False, True)):
            known = learn(before, move, elsewhere)
            try:
                self._check_known(known, move, store)
                return known
            except Violation as violation:
                failures.append(violation)
        raise failures[0]

    def _check_known(self, world: World, move: Move, store: Store) -> None:
        found = {flag[len('ep.'):] for flag in get_flags() if flag.startswith('ep.')}
        expected = flags(world, self.provides)
        if found != expected:
            raise Violation('flags {}, not {}'.format(sorted(found), sorted(expected)))
        relation = (endpoint_from_flag('ep.' + min(found)) if found
                    else endpoint_from_name('ep'))
        if type(relation).__name__ != self.name:
            raise Violation('a flag comes without its object')
        if not self.provides:
            self._check_lists(world, relation)
        keys = [key for key, _ in store if not key.startswith('reactive.states.ep.')]
        if keys != ['interface-layer.ep', 'interface-layer.ep.units']:
            raise Violation('left in the key/value store: {}'.format(keys))
        units = json.loads(dict(store)['interface-layer.ep.units'])
        if sorted(name for names, _ in units.values()
                  for name in names.split(' ')) != sorted(world.known()):
            raise Violation('units {}, not {}'.format(units, world.known()))
        for number in RELATIONS:
            if tells(move) and world.relation(number) != 'up' \
                    and '"ep:{}"'.format(number) in str(store):
                raise Violation('relation {} is remembered'.format(number))

    def _check_lists(self, world: World, relation: Any) -> None:
        usable = [(name, ADDRESSES[name], PORTS[name][world.unit(name).known.said])
                  for name in world.usable()]
        if self.interface == 'zookeeper':
            expected = [{'host': host, 'port': port, 'rest_port': None}
                        for _, host, port in usable]
            found = relation.zookeepers()
            pairs = relation.get_zookeeper_units()
            text = relation.connection_string('/x')
            if pairs != [(host, port) for _, host, port in usable] or text != (
                    usable and ','.join('{}:{}'.format(host, port)
                                        for _, host, port in usable) + '/x' or ''):
                raise Violation('servers {}, {}'.format(pairs, text))
        else:
            expected = [{'name': name.replace('/', '-'), 'host': host, 'port': port,
                         'protocol': 'avro'} for name, host, port in usable]
            found = relation.agents()
            self._check_sink(world, relation)
        if found != expected:
            raise Violation('lists {}, not {}'.format(found, expected))

    def _check_sink(self, world: World, relation: Any) -> None:
        if world.sink:
            name, details = world.sink
            expected: object = (ADDRESSES[name], PORTS[name][details], 'avro')
        else:
            expected = LookupError
        try:
            found: object = (relation.get_flume_ip(), relation.get_flume_port(),
                             relation.get_flume_protocol())
        except LookupError:
            found = LookupError
        if found != expected:
            raise Violation('sink {}, not {}'.format(found, expected))

    # States.

    def _rename(self, world: World, store: Store) -> tuple[World, Store]:
        """Give things their names in the order in which they are met.

        Nothing but their being the same matters of details, so two states are the same
        that differ only in which came first: FIRST stands for the last everywhere.
        """
        for name in UNITS:
            known = world.unit(name).known
            if known and known.last == SECOND:
                store = _swap(store, PORTS[name])
                world = world.with_unit(
                    name, bag=_other(world.unit(name).bag),
                    known=replace(known, said=_other(known.said), last=FIRST))
                if world.sink and world.sink[0] == name:
                    world = replace(world, sink=(name, _other(world.sink[1])))
        if world.sent == SECOND:
            store = _swap(store, OWN_PORTS)
            world = replace(world, sent=FIRST,
                            bags=tuple(map(_other, world.bags)))
        one, two, *others = world.units
        if self.provides and self.units == len(UNITS) and repr(one) > repr(two):
            # to a provider, the two units of one relation are as good as each other
            store = _swap(store, dict(enumerate(UNITS[:2])))
            world = replace(world, units=(two, one, *others))
        return world, store


def _other(details: str | None) -> str | None:
    return {FIRST: SECOND, SECOND: FIRST}.get(details, details)


def _swap(store: Store, texts: dict[object, str]) -> Store:
    one, two = texts.values()
    return tuple((key, in_order(key, two.join(part.replace(two, one)
                                              for part in data.split(one))))
                 for key, data in store)


class Tools:
    """The hook tools, as they answer in one hook."""

    def __init__(self, interface: str, world: World, move: Move):
        self.interface, self.world, self.move = interface, world, move
        self.profile = PROFILES[move.juju]
        self.written: dict[int, dict[str, str]] = {}
        self._answers: list[tuple[str, dict, object]] = []

    def __call__(self, name: str, options: dict) -> object:
        answer = self._answer(name, options)
        self._answers.append((name, options, answer))
        if isinstance(answer, Exit):
            raise answer
        return answer

    def alike(self, juju: str) -> bool:
        """Whether another release gives the same answers."""
        other = Tools(self.interface, self.world, replace(self.move, juju=juju))
        return all(repr(other._answer(name, options)) == repr(answer)
                   for name, options, answer in self._answers)

    def _answer(self, name: str, options: dict) -> object:
        if name == 'relation-ids':
            return ['ep:{}'.format(number) for number in RELATIONS
                    if self.world.relation(number) == 'up'
                    or self._breaking(number) and self.profile.broken_listed]
        number = int(options['rid'].split(':')[1])
        if self.world.relation(number) != 'up' and not self._breaking(number):
            return Exit(2)
        if name == 'relation-list':
            return self.world.members(number)
        if name == 'relation-get':
            return self._settings(number, options['words'][1])
        assert name == 'relation-set', name
        if self._breaking(number):
            return Exit(1)      # this unit no longer takes part in it
        self.written.setdefault(number, {}).update(
            word.split('=', 1) for word in options['words'])
        return None

    def _breaking(self, number: int) -> bool:
        return self.move.name == 'break' and self.move.number == number

    def _settings(self, number: int, name: str) -> dict[str, str] | Exit:
        if name == 'explored/0':
            # without what Juju writes there itself, which a provider does not read
            if number in self.written:
                return dict(self.written[number])
            settings, port = {}, OWN_PORTS.get(self.world.bags[number - 1])
        else:
            unit = self.world.unit(name)
            if RELATION[name] != number or unit.where == 'absent':
                return Exit(1)
            address = ADDRESSES[name]
            settings = {'ingress-address': address, 'egress-subnets': address + '/32'}
            if self.profile.private_address:
                settings['private-address'] = address
            port = {SILENT: None, SPOILED: '2181\nclean=up'}.get(
                unit.bag, PORTS[name].get(unit.bag))
        if port is not None:
            settings['port'] = port
            if self.interface == 'flume-agent':
                settings['protocol'] = 'avro'
        return settings


def explore(name: str, units: int, releases: Sequence[str],
            queue: Any) -> tuple[int, int, int, str | None]:
    """Explore one class: how many states, transitions, and moves that are alike under
    another release; and what was violated, if anything.

    :param queue: where to put how far it is
    """
    explorer = Explorer(name, units, releases)
    violation = None
    try:
        explorer.explore(lambda done, found: queue.put((name, done, found)))
    except Violation as error:
        violation = str(error)
    return len(explorer.states), explorer.transitions, explorer.alike, violation
