"""What is to be true of the endpoint after each hook.

This is the truth that the layers are held against: what a charm may know that was told
by Juju what Juju told it in this hook and before. It is written from Juju's behaviour
and from the promises and tables of the READMEs, not from the layers.

Where nothing is promised, either is right: a notice that may be given, or may not, is
then as the charm found it.
"""
from __future__ import annotations

import functools
import json
from typing import Any, NamedTuple

from juju_standin import state
from juju_standin.state import Hook

from .world import ADDRESSES, RELATION_ID, UNIT

natural = functools.cache(state.natural)

UNREAD = 'unread'
Details = str | None    # the port stands for them; None of a unit that is of no use
FULL = ('update-status', 'upgrade-charm')
RELATED = ('created', 'joined', 'changed', 'departed', 'broken')


class Violation(AssertionError):
    """Something is not as it should be after a move."""


class Seen(NamedTuple):
    """What hook tools say in one hook, of what is to be looked at in it."""
    full: bool                          # that is everything
    ids: list[str] | None = None
    members: dict[str, list[str] | None] = {}
    # of (relation, unit); UNREAD where it fails
    details: dict[tuple[str, str], Details] = {}
    # relations in which the charm was denied the own settings, before its handlers ran,
    # or was not
    denied: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()
    # the port in those that it read
    published: dict[str, str] = {}
    # of all relations that the agent lists
    applications: dict[str, str] = {}
    # Of servers that have to be asked, see asked.py: where they were asked before; what
    # applications grant that were looked at when the charm requested it; how many
    # secrets these and others name.
    confirmed: frozenset[str] = frozenset()
    granted: dict[tuple[str, str], Details] = {}
    secrets: int = 0


class Told(NamedTuple):
    """What the charm has been told of the endpoint."""
    # whether it has looked at everything; None if it may have been enough
    adopted: bool | None = False
    relations: dict[str, dict[str, Details]] = {}
    ghosts: frozenset[str] = frozenset()
    # whose each of these is
    applications: dict[str, str] = {}
    # units whose joining is news, or may be
    joining: dict[str, bool] = {}
    departing: bool | None = False
    sink: tuple[str, str] | None = None
    # of a provider: what it sent, '' once that is withdrawn, UNREAD where only this is
    # seen in what is published
    sent: Details = UNREAD
    # where it was set and may have been dropped, or could not be set yet
    unsure: frozenset[str] = frozenset()
    # where something failed when it was looked at last
    unreached: frozenset[str] = frozenset()
    # how many hooks more it may be otherwise, where an application is related twice
    behind: dict[str, int] = {}
    # asked.Asking, where servers have to be asked
    asking: Any = None

    def __str__(self) -> str:
        return str([self.adopted, sorted(self.applications.items()),
                    sorted((rid, sorted(units.items()))
                           for rid, units in self.relations.items()),
                    sorted(self.ghosts), sorted(self.joining.items()), self.departing,
                    self.sink, self.sent, sorted(self.unsure), sorted(self.unreached),
                    sorted(self.behind.items())]) + str(self.asking or '')

    def siblings(self, rid: str) -> int:
        """How many other relations its application has."""
        return list(self.applications.values()).count(self.applications[rid]) - 1

    def units(self) -> set[str]:
        return {unit for units in self.relations.values() for unit in units
                if '/' in unit}

    def details(self) -> dict[str, Details]:
        """Of each source: those in its newest relation in which it is of use."""
        return {source: details for rid in sorted(self.relations, key=natural)
                for source, details in of_use(self.relations[rid])}

    def served(self) -> list[tuple[str, str]]:
        """Each application by its newest relation in which a source is of use."""
        by_application = {}
        for rid in sorted(self.relations, key=natural):
            usable = of_use(self.relations[rid])
            if usable:
                by_application[application(usable[0][0])] = usable
        return sorted((pair for usable in by_application.values() for pair in usable),
                      key=lambda pair: natural(pair[0]))


def of_use(sources: dict[str, Details]) -> list[tuple[str, str]]:
    """An application is used by its units that can be, or else by what it grants."""
    found = [(source, details) for source, details in sources.items() if details]
    units = [(source, details) for source, details in found if '/' in source]
    return units or (found if any('/' in source for source in sources) else [])


def application(unit: str) -> str:
    return unit.split('/')[0]


def kind(hook: Hook) -> str:
    """What the hook is to the endpoint."""
    if hook.kind == 'action' or (hook.relation_id or '').startswith('ep:'):
        return hook.kind
    return 'full' if hook.kind in FULL else 'another'


# Looking.

def look(ask: Any, calls: list, before: int, hook: Hook, told: Told,
         provides: bool) -> Seen:
    """Ask what is to be known in a hook.

    What the charm did not ask of units is not asked either: it would be cached.

    :param before: how many of its calls it made before its handlers
    """
    about, rid = kind(hook), hook.relation_id
    touched = {'denied': denied(calls[:before]), **_own(calls)}
    answer = answering(ask, calls)
    ids = answer('relation-ids', '--format=json', 'ep')
    # without a record; but an action may do with one that is not complete
    if about == 'full' or not told.adopted and (
            told.adopted is False and about != 'action'
            or any(command[0] == 'relation-ids' for command, _ in calls)):
        present = set(told.relations) if ids is None else set(ids)
        if about in RELATED:
            present = present - {rid} if about == 'broken' else present | {rid}
        members = {number: answer('relation-list', '--format=json', '-r', number)
                   for number in sorted(present)}
        units = [(number, unit) for number in members if number not in touched['denied']
                 for unit in members[number] or ()]
        if about in ('joined', 'changed') and hook.remote_unit:
            units.append((rid, hook.remote_unit))
        return Seen(True, ids, members, {} if provides else _details(answer, units),
                    **touched)
    if about not in RELATED or about == 'broken':
        return Seen(False, **touched)
    members = {rid: answer('relation-list', '--format=json', '-r', rid)}
    units = [(rid, hook.remote_unit)] if about in ('joined', 'changed') \
        and hook.remote_unit and rid not in told.ghosts and not provides else []
    return Seen(False, None, members, _details(answer, units), **touched)


def _touching(calls: list) -> list[tuple[str, tuple]]:
    """What was answered where the own settings were read or set, by relation."""
    return [(command[3 if command[0] == 'relation-get' else 2], answer)
            for command, answer in calls if command[-1] == UNIT
            or command[0] == 'relation-set' and command[3] != '--app']


def denied(calls: list) -> frozenset[str]:
    """The relations in which the charm was denied its own settings."""
    return frozenset(rid for rid, (status, _, errors) in _touching(calls)
                     if status and b'permission denied' in errors)


def _own(calls: list) -> dict[str, Any]:
    touching = _touching(calls)
    return {'owned': frozenset(rid for rid, (status, _, _) in touching if not status),
            'published': {rid: _parsed(output).get('port', '')
                          for rid, (status, output, _) in touching if output}}


def answering(ask: Any, calls: list) -> Any:
    """What asks Juju, unless the charm has asked the same; None of what fails."""
    asked = dict(calls)

    def answer(*command: str) -> Any:
        status, output, _ = asked[command] if command in asked else ask(*command)
        return None if status else _parsed(output)
    return answer


_parsed = functools.cache(json.loads)   # nobody changes what it gives


def _details(answer: Any, units: list) -> dict[tuple[str, str], Details]:
    found = {}
    for rid, unit in units:
        settings = answer('relation-get', '--format=json', '-r', rid, '-', unit)
        port = UNREAD if settings is None else settings.get('port', '')
        found[rid, unit] = port if port == UNREAD or port.isdigit() else None
    return found


# Knowing.

def learn(told: Told, hook: Hook, seen: Seen, provides: bool) -> Told:
    """What the charm knows before its handlers run."""
    about = kind(hook)
    relations = {rid: dict(units) for rid, units in told.relations.items()}
    ghosts = set(told.ghosts)
    if seen.ids is not None and seen.full:
        listed = {*seen.ids, *([hook.relation_id] if about in RELATED else [])}
        ghosts &= listed
        relations = {rid: units for rid, units in relations.items() if rid in listed}
    if about == 'broken':
        ghosts.discard(hook.relation_id)
        relations.pop(hook.relation_id, None)
    for rid in seen.members.keys() - ghosts:
        relations[rid] = _members(relations.get(rid, {}), seen.members[rid], rid, hook)
    for (rid, unit), details in seen.details.items():
        if details != UNREAD and rid in relations and (
                unit in relations[rid] or '/' not in unit):
            relations[rid][unit] = details
    for rid in seen.denied:
        ghosts.add(rid)
        relations.pop(rid, None)
    applications = {**told.applications, **seen.applications}
    after = told._replace(
        relations=relations, ghosts=frozenset(ghosts),
        applications={rid: applications[rid] for rid in relations.keys() | ghosts},
        adopted=told.adopted or _adopted(told, seen, hook),
        unsure=told.unsure & relations.keys() - seen.owned,
        asking=told.asking and told.asking.learn(relations, seen))
    after = after._replace(joining=(_came if provides else _news)(
        told, after, hook, seen), departing=_left(told, after, hook))
    if after.adopted and told.sent == UNREAD:
        # before the store was lost: the newest that is there
        found = [seen.published[rid] for rid in sorted(seen.published, key=natural)]
        after = after._replace(sent=([port for port in found if port] or [None])[-1])
    if not after.adopted:
        # what it makes of the little it saw is not promised
        after = after._replace(joining=dict.fromkeys(after.joining, False),
                               departing=None)
    return after._replace(sink=_sink(after))


def _members(known: dict, listed: list[str] | None, rid: str,
             hook: Hook) -> dict[str, Details]:
    members = {*(known if listed is None else listed),
               *(source for source in known if '/' not in source)}
    if hook.relation_id == rid and hook.remote_unit:
        members.add(hook.remote_unit)
        if hook.kind == 'departed':
            members.discard(hook.remote_unit)
    return {unit: known.get(unit) for unit in members}


def _adopted(told: Told, seen: Seen, hook: Hook) -> bool | None:
    """Whether a look at everything succeeded; None if it may count as such."""
    if not seen.full:
        return told.adopted
    if seen.ids is None:
        return False
    unread = set(seen.ids) - seen.denied - seen.owned
    if hook.kind == 'broken':
        unread.discard(hook.relation_id)
    missing = None in seen.members.values() or UNREAD in seen.details.values()
    return None if missing or unread else True


def _left(told: Told, after: Told, hook: Hook) -> bool | None:
    if told.units() - after.units() or hook.kind == 'departed' and (
            hook.remote_unit in told.relations.get(hook.relation_id, ())):
        return True
    if hook.kind == 'departed' and not told.adopted and not told.departing:
        return None
    return told.departing


def _news(told: Told, after: Told, hook: Hook, seen: Seen) -> dict[str, bool]:
    """To a client, details are."""
    before, now = told.details(), after.details()
    joining = {unit: must for unit, must in told.joining.items() if unit in now}
    read = {unit for _, unit in seen.details}
    for unit in now:
        if now[unit] != before.get(unit):
            joining[unit] = unit in read or joining.get(unit, False)
    return joining


def _came(told: Told, after: Told, hook: Hook, seen: Seen) -> dict[str, bool]:
    """To a provider, units are."""
    joining = {unit: must for unit, must in told.joining.items()
               if unit in after.units()}
    for rid, units in after.relations.items():
        for unit in units.keys() - told.relations.get(rid, {}).keys():
            if unit not in told.units():
                joining[unit] = seen.full or joining.get(unit, False)
    if kind(hook) == 'joined' and hook.remote_unit in after.units():
        again = hook.remote_unit in told.relations.get(hook.relation_id, ())
        joining[hook.remote_unit] = joining.get(hook.remote_unit, not again)
        if not again:
            joining[hook.remote_unit] = True
    return joining


def _sink(told: Told) -> tuple[str, str] | None:
    """The same until it leaves or changes; then the next, in natural order."""
    served = told.served()
    if told.sink in served:
        return told.sink
    later = [pair for pair in served
             if told.sink and natural(pair[0]) > natural(told.sink[0])]
    return (later + served + [None])[0]


def call(told: Told, plan: tuple[tuple, ...]) -> Told:
    """What is so after handlers have called methods."""
    for method, *arguments in plan:
        if method == 'dismiss_joining' or arguments == ['ep.joining']:
            told = told._replace(joining={})
        elif method == 'dismiss_departing' or arguments == ['ep.departing']:
            told = told._replace(departing=False)
        elif method == 'request':
            told = told._replace(asking=told.asking._replace(request=arguments[0]))
        elif method != 'withdraw':
            told = told._replace(sent=arguments[0])
        elif told.sent is not None:
            told = told._replace(sent='')
    return told


# Checking.

def check(told: Told, flags: frozenset[str], provides: bool) -> Told:
    """Hold flags against what the charm was told.

    :return: it, with what was found of what may be either
    """
    found = {flag[len('ep.'):] for flag in flags}
    told = _settled(told, found)
    expected = _flags(told, provides)
    if told.adopted and found != expected:
        raise Violation('flags {}, not {}'.format(sorted(found), sorted(expected)))
    return told


def check_left(told: Told, outcome: Any, lists: dict[str, Any]) -> None:
    """Hold lists and the key/value store against it."""
    if told.adopted and outcome.lists != lists:
        raise Violation('lists {}, not {}'.format(outcome.lists, lists))
    _check_store(told, outcome.store)


def _settled(told: Told, found: set[str]) -> Told:
    if told.departing is None:
        told = told._replace(departing='departing' in found)
    if 'joining' not in found:
        told = told._replace(joining={unit: must for unit, must
                                      in told.joining.items() if must})
    return told


def _flags(told: Told, provides: bool) -> set[str]:
    flags = set()
    if told.units():
        flags |= {'connected', 'joined', *(['ready'] if provides else [])}
    if told.units() and told.sent if provides else told.served():
        flags |= {'available', *([] if provides else ['ready'])}
    if told.joining:
        flags.add('joining')
    if told.departing:
        flags.add('departing')
    return flags


def sinks(told: Told) -> dict[str, Any]:
    """What the methods of a client of Flume answer."""
    served = [(unit, ADDRESSES[unit], port) for unit, port in told.served()]
    return {'agents': [{'name': unit.replace('/', '-'), 'host': host, 'port': port,
                        'protocol': 'avro'} for unit, host, port in served],
            'sink': told.sink and (ADDRESSES[told.sink[0]], told.sink[1], 'avro')}


def _check_store(told: Told, store: tuple[tuple[str, str], ...]) -> None:
    keys = [key for key, _ in store if not key.startswith('reactive.states.ep.')]
    if keys != ['interface-layer.ep']:
        raise Violation('left in the key/value store: {}'.format(keys))
    version, rids = _record(dict(store)['interface-layer.ep'])
    gone = rids - told.relations.keys() - told.ghosts
    if version != 2 or told.adopted and gone:
        raise Violation('left in the record: {}'.format(sorted(gone)))


@functools.cache
def _record(text: str) -> tuple[int, frozenset[str]]:
    """Its version, and the ids of relations that are anywhere in it."""
    return json.loads(text)['version'], frozenset(RELATION_ID.findall(text))


# What it cost, and what is published.

PRICE = {
    'requires': {'created': 1, 'joined': 2, 'changed': 2, 'departed': 1},
    'provides': {'created': 2, 'joined': 2, 'changed': 2, 'departed': 2}}


def check_price(told: Told, hook: Hook, seen: Seen, calls: list,
                provides: bool, more: int = 0) -> None:
    """Hold the number of hook-tool calls, without relation-set, against the table.

    :param more: that there may be where servers have to be asked
    """
    asked = [command for command, _ in calls if command[0] != 'relation-set']
    about = kind(hook)
    if seen.full:
        relations = len(seen.members.keys() | told.ghosts) + (about == 'broken')
        units = 0 if provides else len(seen.details)
        empty = sum(not members for members in seen.members.values())
        named = [command for command in asked if command[-1] == '--app']
        most = 1 + 2 * relations + units + min(len(named), empty)
    elif about in RELATED:
        most = PRICE['provides' if provides else 'requires'].get(about, 0)
    else:
        most = len(told.unsure | {rid for rid in told.relations if told.siblings(rid)})
    if len(asked) > most + more:
        raise Violation('{} calls of hook tools, {} at most: {}'.format(
            len(asked), most + more, ', '.join(map(' '.join, asked))))


def check_published(before: Told, told: Told, hook: Hook, seen: Seen, calls: list,
                    ports: dict[str, str] | None) -> Told:
    """Hold what this unit has published against what its charm has sent.

    :param ports: what it has, in each relation that is there; None if Juju kept nothing
    """
    written = {command[2] for command, (status, *_) in calls
               if command[0] == 'relation-set' and not status}
    failed = {part for command, (status, *_) in calls for part in command if status}
    unreached = (before.unreached - seen.owned | failed) & told.relations.keys()
    behind = {}
    if ports is None:
        ports, behind = {}, before.behind
    for rid in told.relations.keys() & ports.keys() - unreached:
        if told.sent not in (None, UNREAD) and ports[rid] != told.sent:
            left = _patience(before, told, hook, seen, rid, told.siblings(rid))
            if left == 0:
                raise Violation('{} holds {!r}, not {!r}'.format(
                    rid, ports[rid], told.sent))
            if left:
                behind[rid] = left
    return told._replace(unsure=told.unsure | written & told.relations.keys(),
                         unreached=frozenset(unreached), behind=behind)


def _patience(before: Told, told: Told, hook: Hook, seen: Seen, rid: str,
              siblings: int) -> int | None:
    """How many hooks more a relation may hold something else; None if nobody knows
    of it yet."""
    about = kind(hook)
    own = about in RELATED and hook.relation_id == rid
    sent = told.sent != before.sent
    unsure = about == 'another' and rid in before.unsure
    if own or not siblings and (seen.full or sent or unsure):
        return 0
    if siblings and (sent or seen.full and rid not in before.behind):
        return siblings + 1
    if rid in before.behind:
        return before.behind[rid] - (about not in RELATED)
    return None


def check_written(before: Told, told: Told, calls: list, held: dict[str, dict]) -> None:
    """Nothing is set that is there, and nothing but what the charm gave the layer.

    :param held: what the databags held before the hook
    """
    read = set()
    for command, (status, *_) in calls:
        if command[0] == 'relation-get' and command[-1] == UNIT and not status:
            read.add(command[3])
        if command[0] != 'relation-set' or command[2] not in held:
            continue
        rid, settings = command[2], dict(word.split('=', 1) for word in command[3:])
        needless = all(held[rid].get(key, '') == value
                       for key, value in settings.items())
        # of two relations with an application, one may have been set as the other
        due = before.sent != told.sent or rid not in before.relations or (
            rid in before.unsure | before.unreached | before.behind.keys()
            or told.siblings(rid))
        known = {'port', 'protocol'}
        if not before.adopted:
            # whose it is that was there before the store was lost, nobody knows
            known |= {key for bag in held.values() for key in bag}
        if settings.keys() - known or not due and (needless or rid not in read):
            raise Violation('set needlessly: {}'.format(' '.join(command)))
