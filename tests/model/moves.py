"""What can happen to the explored unit, and how it does in the model.

An operator relates and removes, remote units come, go and publish, and the unit runs
whatever hook is due. What goes wrong is a fault, of which a history has so many.
"""
from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

from juju_standin import agent, hookrun
from juju_standin.model import Model
from juju_standin.state import Hook, Relation, Unit

from . import asked, later
from .truth import Told
from .world import (BAGS, FIRST, OTHER, OWN_PORTS, PORTS, REMOTE, ROLES, SECOND, SILENT,
                    UNIT, Charm, network)

DISMISS = (('dismiss_joining',), ('dismiss_departing',))
ASK, ASK_ANOTHER = (('request', later.REQUEST),), (('request', later.ANOTHER),)
# what operators and remote units do
OUTSIDE = ('relate', 'remove', 'force', 'join', 'leave', 'publish', 'drift',
           'grant', 'rotate', 'admit', 'revoke')


@dataclass(frozen=True)
class Move:
    """One thing that happens."""
    name: str
    on: str = ''        # application, remote unit or relation id
    bag: str = ''       # what a unit publishes, or what becomes of the own databag
    hook: str = ''
    # what the charm's handlers call: (method, arguments)
    plan: tuple[tuple, ...] = ()
    # the hook fails 'early', before it does anything, or 'late', when its process has
    # ended well and Juju has kept nothing of it; and it may be 'skipped' at once
    fails: str = ''
    # hook tools that fail in it (fnmatch)
    refused: str = ''
    fault: int = 0      # how many faults this is
    juju: str = '3.6'

    def __str__(self) -> str:
        parts = [repr(self.name)]
        parts += ['{}={!r}'.format(field.name, getattr(self, field.name))
                  for field in fields(self)[1:]
                  if getattr(self, field.name) != field.default]
        return 'Move({})'.format(', '.join(parts))


@dataclass(frozen=True)
class Bounds:
    """How far an exploration goes.

    With several units and faults the charm dismisses all notices in each hook: one unit
    is enough for them.
    """
    units: tuple[str, ...]      # remote ones
    faults: int                 # in a history, until all that came of them is healed
    # whether meanwhile operators and remote units go on; else each move of theirs
    # counts as a fault
    onward: bool = False
    unheard: int = 1            # that may have happened and no hook has told of yet
    # applications that have to be asked; whether the charm has requested something from
    # the beginning, or does so anywhere, and something else later; and how much is left
    # out of what such applications do, see later.moves
    later: tuple[str, ...] = ()
    requested: bool = True
    few: int = 0

    @property
    def brief(self) -> bool:
        """Whether moves are left out that make the same difference as others, and that
        a world of one unit is gone through with."""
        return len(self.units) > 1 or bool(self.later)

    @property
    def eager(self) -> bool:
        """Whether the charm dismisses all notices in each hook."""
        return self.brief and self.faults > 0 or bool(self.later)

    @property
    def apps(self) -> list[str]:
        return sorted({unit.split('/')[0] for unit in self.units})


# What the two interfaces share is most of it, so the largest worlds are gone through
# with one class of each role.
ONE_OF_EACH_ROLE = ('ZookeeperProvides', 'FlumeRequires')

# Servers that have to be asked: one beside one of the earlier protocol, and two, whose
# units leave only with their relation; each fault alone, and going on; all that one
# does, publishing a port among it; and a charm that requests late.
ASKED = (
    Bounds(('a/2', 'b/0'), faults=0, later=('a',), few=2),
    Bounds(('a/2', 'b/0'), faults=0, later=('a', 'b'), few=2),
    Bounds(('a/2',), faults=1, later=('a',), few=1),
    Bounds(('a/2',), faults=1, onward=True, later=('a',), few=2),
    Bounds(('a/2',), faults=0, later=('a',)),
    Bounds(('b/0',), faults=0, later=('b',), requested=False, few=1))

# Three units over two relations in which nothing goes wrong, with all their notices;
# one unit with each fault alone; and with one class of each role the same of three
# units, and pairs of faults with two: then the endpoint may have three relations. The
# largest come first.
WORLDS = (
    (Bounds(('a/2', 'a/10', 'b/0'), faults=1), ONE_OF_EACH_ROLE),
    (Bounds(('a/2', 'b/0'), faults=2), ONE_OF_EACH_ROLE),
    (Bounds(('a/2',), faults=1, onward=True), tuple(ROLES)),
    (Bounds(('a/2', 'a/10', 'b/0'), faults=0), tuple(ROLES)),
    *((bounds, ('ZookeeperRequires',)) for bounds in ASKED))


def current(model: Model, app: str) -> Relation | None:
    """The relation with an application, if the model has one."""
    return next((relation for relation in model.relations.values()
                 if app in relation.ends), None)


def moves(model: Model, charm: Charm, told: Told, bounds: Bounds,
          faulted: bool) -> Iterator[Move]:
    """What can happen next, without that hook tools fail.

    :param faulted: whether something went wrong, and not all that came of it is healed
    """
    provides = charm.provides
    due = agent.due(model, model.units[UNIT])
    unit = model.units[UNIT]
    if unit.failed:
        yield Move('skip')
    elif not any(hook.kind == 'upgrade-charm' for hook in due):
        yield from _unprompted(provides, bounds, faulted)
    if bounds.later:
        yield from _of_client(model, told, bounds, due)
    elif not unit.failed and not (faulted and bounds.brief):
        due = due + _of_applications(unit, due)
    for hook in due:
        yield from _runs(hook.name, _about(hook), provides, bounds)
    yield Move('restart', fault=int(not _restart_matters(unit)))
    if charm.store and not unit.failed:
        yield Move('lose store', fault=1)
    if unheard(model, told, provides) - bool(unit.failed) < bounds.unheard:
        for app in bounds.apps:
            yield from _of_application(model, app, bounds, provides)


def _of_client(model: Model, told: Told, bounds: Bounds,
               due: list[Hook]) -> Iterator[Move]:
    """What the charm asks for; and who leads, which matters until all were asked."""
    if not bounds.few or bounds.few < 2 and (
            asked.waiting(told) or not told.relations):
        yield Move('lead', bag='' if model.apps['explored'].leader
                   else later.OTHER_UNIT)
    if model.units[UNIT].failed:
        return
    for ask in (ASK, ASK_ANOTHER)[:2 - bounds.requested]:
        if told.asking.request != ask[0][1]:
            plan = DISMISS + ask
            for fails in ('', 'late', 'skipped'):
                yield Move('run', hook='config-changed', plan=plan, fails=fails,
                           fault=int(bool(fails)))
            yield Move('action', plan=ask)
            for hook in due:
                if hook.kind == 'joined':
                    yield Move('run', _about(hook), hook=hook.name, plan=plan)


def cost(move: Move, bounds: Bounds, faulted: bool) -> int:
    """How many faults a move counts as."""
    if not faulted or bounds.onward:
        return move.fault
    return move.fault + (move.name in OUTSIDE or any(
        method == 'send' for method, *_ in move.plan))


def _of_applications(unit: Unit, due: list[Hook]) -> list[Hook]:
    """Hooks that come where an application publishes something itself: at any time,
    so this is not made a state of its own."""
    busy = {OTHER} | {hook.number for hook in due if hook.relation_id}
    return [Hook('ep-relation-changed', 'changed', known.relation.id('explored'),
                 remote_app=known.relation.other('explored'))
            for number, known in unit.known.items()
            if number not in busy and not known.ghost]


def unheard(model: Model, told: Told, provides: bool) -> int:
    """How much there is that no hook has told of, because it is still due or because
    it was skipped."""
    unit = model.units[UNIT]
    found = 0
    for relation in model.relations.values():
        if relation.number == OTHER:
            continue
        known = unit.known.get(relation.number)
        units = told.relations.get(relation.id('explored'))
        found += relation.dying + (
            units is None or relation.number not in unit.created)
        members = known.members if known else {}
        found += sum(
            _is_news(relation, name, members, units or {}, provides)
            for name in {*relation.scope, *members, *(units or ())} - {UNIT}
            if '/' in name)
        if told.asking and known:
            found += asked.is_news(model, known, told)
    return found


def _is_news(relation: Relation, name: str, members: dict[str, int],
             units: dict[str, str | None], provides: bool) -> bool:
    if not (name in relation.scope and name in units and name in members):
        return True
    port = relation.bags[name].data.get('port', '')
    return members[name] != relation.bags[name].version or not provides and (
        units[name] != (port if port.isdigit() else None))


def _restart_matters(unit: Unit) -> bool:
    """To the agent's picture of relations, not only to what it has cached."""
    return bool(unit.failed) or any(
        known.ghost or known.missed or known.relation.dying
        for known in unit.known.values())


@functools.cache
def _runs(name: str, on: str, provides: bool, bounds: Bounds) -> list[Move]:
    """Ways to run a hook of a relation."""
    run = Move('run', on, hook=name)
    if not bounds.brief:
        chosen = [(), DISMISS, *sends(provides)]
    else:
        chosen = [(), *(sends(provides) if name.endswith('-created') else ())]
    if bounds.eager:
        chosen = [DISMISS + plan for plan in chosen if plan != DISMISS]
    return [replace(run, fails='early', fault=1)] + [
        replace(run, plan=plan, fails=fails, fault=int(bool(fails)))
        for plan in chosen for fails in ('', 'late')]


def sends(provides: bool) -> tuple[tuple, ...]:
    return ((('send', FIRST),), (('send', SECOND),)) if provides else ()


@functools.cache
def _unprompted(provides: bool, bounds: Bounds, faulted: bool) -> list[Move]:
    """Hooks that nothing has to prompt, and actions.

    To retry one of them is the same as to skip it and run it once more.
    """
    if bounds.brief:
        return _few_unprompted(sends(provides), bounds.eager, faulted)
    plans = [(), DISMISS, *sends(provides)]
    kinds = ('update-status', 'config-changed')
    if not faulted:
        plans += [(('withdraw',),)] * provides
        # they do as one of these does
        kinds += ('upgrade-charm', 'other-relation-changed')
    hooks = [Move('run', hook=kind, plan=plan) for plan in plans for kind in kinds]
    dismissing = (DISMISS[:1], DISMISS[1:], (('clear_flag', 'ep.joining'),),
                  (('clear_flag', 'ep.departing'),))
    return [Move('run', hook='config-changed', plan=plan) for plan in dismissing
            ] + hooks + _actions(plans[1:]) + _gone_wrong(hooks, provides)


@functools.cache
def _few_unprompted(sends: tuple, eager: bool, faulted: bool) -> list[Move]:
    plans = [DISMISS, *(DISMISS + plan for plan in sends)] if eager else [
        (), DISMISS, *sends]
    hooks = [Move('run', hook='update-status', plan=plans[0])]
    if sends or not faulted:    # in which a client does not look at anything
        hooks += [Move('run', hook='config-changed', plan=plan) for plan in plans]
    actions = sends[1:] if eager else plans[1:]
    return hooks + _actions(actions) + _gone_wrong(hooks, bool(sends))


def _actions(plans: Iterable[tuple]) -> list[Move]:
    return [Move('action', plan=plan) for plan in plans]


def _gone_wrong(hooks: list[Move], provides: bool) -> list[Move]:
    return [replace(move, fails='skipped', fault=1) for move in hooks] + [
        Move('action unflushed', plan=plan, fault=1) for plan in sends(provides)]


def _of_application(model: Model, app: str, bounds: Bounds,
                    provides: bool) -> Iterator[Move]:
    relation = current(model, app)
    if relation is None:
        yield Move('relate', app)
        return
    known = model.units[UNIT].known.get(relation.number)
    yield Move('force', app, fault=1)
    if known and known.members:
        yield Move('force', app, 'begun', fault=1)
    if relation.dying:
        return
    yield Move('remove', app)
    if known and provides:
        for bag in ('lost', 'foreign', 'host'):
            yield Move('drift', app, bag, fault=1)
    for unit in bounds.units:
        if unit in REMOTE[app]:
            yield from _of_unit(relation, unit, bounds, provides)
    if app in bounds.later:
        for move in later.moves(model, relation, app, bounds.few):
            yield Move(*move)


def _of_unit(relation: Relation, unit: str, bounds: Bounds,
             provides: bool) -> Iterator[Move]:
    if unit not in relation.scope:
        yield Move('join', unit)
        return
    if not bounds.later or len(bounds.units) == 1:
        yield Move('leave', unit)
    if provides or bounds.few and relation.other('explored') in bounds.later:
        return
    for bag in (FIRST, SILENT) if bounds.later else BAGS:
        if PORTS[unit][bag] != relation.bags[unit].data.get('port', ''):
            yield Move('publish', unit, bag)


def make(model: Model, charm: Charm, move: Move) -> None:
    """Have it happen in the model."""
    relation = current(model, move.on.split('/')[0])
    if move.name in ('run', 'action', 'action unflushed'):
        _run(model, charm, move)
    elif move.name == 'skip':
        model.resolve(UNIT, retry=False)
    elif move.name == 'restart':
        model.restart_agent(UNIT)
    elif move.name == 'lose store':
        charm.store = ()
    elif move.name == 'relate':
        _relate(model, charm, move.on)
    elif move.name in ('remove', 'force'):
        _remove(model, move, relation)
    elif move.name == 'join':
        model.enter(relation, move.on, network(move.on, model.profile))
    elif move.name == 'leave':
        model.leave(relation, move.on)
    elif move.name == 'publish':
        _publish(model, charm, move, relation)
    elif move.name == 'drift':
        model.write(relation.bags[UNIT], DRIFTS[move.bag])
    elif move.name in later.MOVES:
        later.make(model, move, relation)
    agent.look(model, model.units[UNIT])


DRIFTS = {'lost': {'port': '', 'protocol': ''},
          'foreign': {'port': OWN_PORTS['foreign'], 'protocol': 'avro'},
          'host': {'host': '10.9.9.9'}}


def _remove(model: Model, move: Move, relation: Relation) -> None:
    begun = (UNIT,) if move.bag == 'begun' else ()
    model.remove_relation(relation, force=move.name == 'force', begun=begun)
    for unit in REMOTE[move.on]:
        model.leave(relation, unit)
    model.secrets.pop(move.on, None)    # which goes with it


def _publish(model: Model, charm: Charm, move: Move, relation: Relation) -> None:
    settings = {'port': PORTS[move.on][move.bag]}
    if charm.interface == 'flume-agent':
        settings['protocol'] = 'avro' if settings['port'] else ''
    model.write(relation.bags[move.on], settings)


def _relate(model: Model, charm: Charm, app: str) -> None:
    unit = model.units[UNIT]
    used = model.relations.keys() | unit.known.keys() | {
        number for number in range(50) if 'ep:{}"'.format(number) in str(charm.store)}
    unit.created &= used
    model.next_relation = max(used) + 1
    ends = ('explored', app) if not charm.provides else (app, 'explored')
    model.add_relation(dict.fromkeys(ends, 'ep'))


def _run(model: Model, charm: Charm, move: Move) -> None:
    before = charm.store
    charm.ran, charm.plan = None, tuple(_call(charm, *call) for call in move.plan)
    if move.refused:
        model.fail_tools(UNIT, move.refused)
    if move.fails:
        model.fail_next(UNIT, late=move.fails != 'early')
    if move.name == 'run':
        _run_hook(model, move)
        if move.fails == 'skipped':
            model.resolve(UNIT, retry=False)
    else:
        model.action(UNIT, 'act')
    if move.name == 'action unflushed':
        charm.store = before
    model.mend_tools(UNIT)


def _run_hook(model: Model, move: Move) -> None:
    unit = model.units[UNIT]
    due = agent.due(model, unit)
    for hook in due + _of_applications(unit, due):
        if hook.name == move.hook and _about(hook) == move.on:
            hookrun.execute(model, unit, hook)
            return
    if move.hook == 'other-relation-changed':
        # as when that unit publishes something
        hookrun.execute(model, unit, Hook(move.hook, 'changed', 'other:0', 'other/0',
                                          'other'))
    else:
        model.dispatch(UNIT, move.hook)
        # config-changed follows an upgrade; here it comes at any time
        unit.config_seen = agent.config(unit)


def _about(hook: Hook) -> str:
    return hook.remote_unit or hook.relation_id or hook.secret


def _call(charm: Charm, name: str, *arguments: str) -> tuple:
    if name != 'send':
        return name, *arguments
    method = 'send_port' if charm.interface == 'zookeeper' else 'send_configuration'
    return method, OWN_PORTS[arguments[0]]
