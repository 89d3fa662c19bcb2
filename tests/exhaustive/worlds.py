"""What Juju can do to one unit, and what is then to be true of its endpoint.

This is the truth that the layers are held against. It is written from Juju's
behaviour and from the tables of the interfaces' READMEs, not from the layers.

A world is what is around the unit: relations, their units and what these have
published, and what a charm that had seen each hook would know. Moves lead from one
world to the next; most of them are hooks that the unit runs.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

# Up to three remote units over two relations.
UNITS = ('a/2', 'a/10', 'b/0')
RELATION = {'a/2': 1, 'a/10': 1, 'b/0': 2}
RELATIONS = (1, 2)
# those there are in a smaller exploration: one, or one in each relation
FEWER = {1: UNITS[:1], 2: (UNITS[0], UNITS[2]), 3: UNITS}

# What a unit has published: nothing, usable details, other usable details, or
# something unusable. Details are data that the layers only compare: which of two
# came last is told by name, so FIRST is always the last that the unit was known for.
SILENT, FIRST, SECOND, SPOILED = 'silent', 'first', 'second', 'spoiled'
USABLE = (FIRST, SECOND)


@dataclass(frozen=True)
class Known:
    """What the charm knows of one unit."""
    said: str = SILENT          # when it was last heard
    last: str | None = None     # the last usable details of it
    dismissed: bool = False     # these were dismissed

    def hear(self, said: str) -> Known:
        if said in USABLE and said != self.last:
            return Known(said, said)
        if said not in USABLE and not self.dismissed:
            return Known(said)      # if it comes back, it is news again
        return replace(self, said=said)


@dataclass(frozen=True)
class Unit:
    """A remote unit."""
    where: str = 'absent'       # then 'here', at last 'gone'
    bag: str = SILENT
    owed: bool = False          # its joined has run, its changed is due
    known: Known | None = None


@dataclass(frozen=True)
class World:
    relations: tuple[str, ...] = ('none',) * len(RELATIONS)     # 'up', at last 'gone'
    units: tuple[Unit, ...] = (Unit(),) * len(UNITS)
    departing: bool = False
    # of a Flume agent: the sink it was given, and its details
    sink: tuple[str, str] | None = None
    # of a provider: what it sent, FIRST being the last, and what each relation holds
    sent: str | None = None
    bags: tuple[str | None, ...] = (None,) * len(RELATIONS)
    # the last hook set something, which Juju may have dropped
    wrote: bool = False

    def unit(self, name: str) -> Unit:
        return self.units[UNITS.index(name)]

    def with_unit(self, name: str, **changes: object) -> World:
        units = list(self.units)
        units[UNITS.index(name)] = replace(self.unit(name), **changes)
        return replace(self, units=tuple(units))

    def relation(self, number: int) -> str:
        return self.relations[number - 1]

    def with_relation(self, number: int, state: str) -> World:
        relations = list(self.relations)
        relations[number - 1] = state
        bags = list(self.bags)
        bags[number - 1] = None
        return replace(self, relations=tuple(relations), bags=tuple(bags))

    def members(self, number: int) -> list[str]:
        """The units whose joined was committed, in natural order."""
        return [name for name, unit in zip(UNITS, self.units)
                if RELATION[name] == number and unit.where == 'here']

    def known(self) -> list[str]:
        """The units that the charm knows of, in natural order."""
        return [name for name, unit in zip(UNITS, self.units) if unit.known]

    def usable(self) -> list[str]:
        return [name for name in self.known()
                if self.unit(name).known.said in USABLE]


@dataclass(frozen=True)
class Move:
    """One thing that happens; with a hook, or without."""
    name: str
    number: int | None = None       # of the relation
    unit: str | None = None
    bag: str | None = None          # what the unit has published by then
    hook: str | None = None         # its kind, or whole name
    # what the charm's handlers call: (method, arguments)
    plan: tuple[tuple, ...] = ()
    # the hook fails after the key/value store was written: 'retried' or 'skipped'
    late: str | None = None
    juju: str = '2.9'

    def __str__(self) -> str:
        parts = [repr(self.name)]
        parts += ['{}={!r}'.format(field.name, getattr(self, field.name))
                  for field in fields(self)[1:]
                  if getattr(self, field.name) != field.default]
        return 'Move({})'.format(', '.join(parts))


DISMISS = (('dismiss_joining',), ('dismiss_departing',))
HEALING = ('update-status', 'upgrade-charm')
OTHER = ('config-changed', 'other-relation-changed')


def moves(world: World, units: int, provides: bool) -> Iterator[Move]:
    """All that can happen next; of what no hook tells, one thing at a time."""
    sends = [(('send', FIRST),), (('send', SECOND),)] if provides else []
    heard = all(unit.known if unit.where == 'here' else not unit.known
                for unit in world.units)
    for number in sorted({RELATION[name] for name in FEWER[units]}):
        state = world.relation(number)
        if state == 'none':
            for plan in [(), *sends]:
                yield Move('create', number, hook='created', plan=plan)
        if state == 'up':
            yield Move('application', number, hook='changed')
            yield Move('application', number, hook='changed', plan=DISMISS)
            if heard:
                yield Move('force', number)
            if not world.members(number):
                for plan in [(), *sends[1:]]:
                    yield Move('break', number, hook='broken', plan=plan)
    for name in FEWER[units]:
        if world.relation(RELATION[name]) == 'up':
            yield from _moves_of(world, name, provides, heard)
    for hook in HEALING + OTHER:
        yield Move('hook', hook=hook)
    for hook in ('update-status', 'other-relation-changed'):
        yield Move('hook', hook=hook, plan=DISMISS)
    for plan in [DISMISS[:1], DISMISS[1:], *sends]:
        yield Move('hook', hook='config-changed', plan=plan)
    for plan in [DISMISS, *sends[1:]]:
        yield Move('action', plan=plan)


def _moves_of(world: World, name: str, provides: bool, heard: bool) -> Iterator[Move]:
    number, unit = RELATION[name], world.unit(name)
    if provides:
        said = [FIRST]      # a client has nothing to say but that it is there
    elif unit.known and unit.known.last:
        said = [SILENT, FIRST, SECOND, SPOILED]
    else:
        said = [SILENT, FIRST, SPOILED]
    if unit.where == 'absent':
        for bag in said[:2]:
            yield Move('join', number, name, bag, hook='joined')
            if heard:
                yield Move('join unheard', number, name, bag)
    elif unit.where == 'here':
        for bag in said:
            yield Move('change', number, name, bag, hook='changed')
        if not unit.owed:
            yield Move('depart', number, name, hook='departed')
            if heard:
                yield Move('depart unheard', number, name)


def lateness(move: Move, provides: bool) -> Iterator[Move]:
    """The same move, with its hook failing after the key/value store was written.

    Where nothing is set, a hook that fails and is skipped is like one that ends well,
    and what is dismissed in a hook could as well have been in the next.
    """
    if move.hook and (provides or move.number) and move.plan != DISMISS:
        yield replace(move, late='retried')
        if provides:
            yield replace(move, late='skipped')


def happen(world: World, move: Move) -> World:
    """What a move does around the unit, before a hook tells of it."""
    if move.name == 'create':
        return world.with_relation(move.number, 'up')
    if move.name in ('break', 'force'):
        for name in world.members(move.number):
            world = world.with_unit(name, where='gone', bag=SILENT, owed=False)
        return world.with_relation(move.number, 'gone')
    if move.name in ('join', 'join unheard'):
        return world.with_unit(move.unit, where='here', bag=move.bag, owed=True)
    if move.name == 'change':
        return world.with_unit(move.unit, bag=move.bag, owed=False)
    if move.name in ('depart', 'depart unheard'):
        return world.with_unit(move.unit, where='gone', bag=SILENT)
    return world


def tells(move: Move) -> bool:
    """Whether a hook, or none, tells of all that was missed."""
    return bool(move.hook) and (move.number is not None or move.hook in HEALING)


def learn(world: World, move: Move, elsewhere: bool = False) -> World:
    """What the charm knows once a hook has told of a move.

    :param elsewhere: whether it finds units of the hook's other relations whose joined
        was skipped; nobody promises that
    """
    if tells(move):
        for name in UNITS:
            unit = world.unit(name)
            here = elsewhere or move.number in (None, RELATION[name])
            if unit.known and unit.where != 'here':
                world = replace(world.with_unit(name, known=None), departing=True)
            elif unit.where == 'here' and (name == move.unit
                                           or here and not unit.known):
                world = world.with_unit(
                    name, known=(unit.known or Known()).hear(unit.bag))
    world = replace(world, sink=choose(world))
    for method, *arguments in move.plan:
        if method == 'dismiss_joining':
            for name in world.usable():
                known = replace(world.unit(name).known, dismissed=True)
                world = world.with_unit(name, known=known)
        elif method == 'dismiss_departing':
            world = replace(world, departing=False)
        else:
            world = replace(world, sent=arguments[0])
    return world


def notice(world: World) -> World:
    """What a charm knows that has noticed what was removed by force.

    No hook has to tell of that before the endpoint's next one; but a provider that
    has something to publish finds out sooner.
    """
    for name in world.known():
        if world.relation(RELATION[name]) != 'up':
            world = replace(world.with_unit(name, known=None), departing=True)
    return world


def choose(world: World) -> tuple[str, str] | None:
    """A Flume agent's sink: the same until it leaves or changes, then the next."""
    usable = world.usable()
    if world.sink:
        name, details = world.sink
        known = world.unit(name).known
        if name in usable and known.last == details:
            return world.sink
        place = UNITS.index(name)
        usable = ([name for name in usable if UNITS.index(name) > place]
                  or usable)
    return (usable[0], world.unit(usable[0]).known.last) if usable else None


def publish(world: World) -> World:
    """Every relation holds what was sent."""
    return replace(world, bags=tuple(
        world.sent if state == 'up' else None for state in world.relations))


def flags(world: World, provides: bool) -> set[str]:
    """The flags that are set after a hook."""
    known = [world.unit(name).known for name in world.known()]
    true = set()
    if known:
        true |= {'connected', 'joined'}
    if known and world.sent if provides else world.usable():
        true |= {'available', 'ready'}
    if any(not world.unit(name).known.dismissed for name in world.usable()):
        true.add('joining')
    if world.departing:
        true.add('departing')
    return true
