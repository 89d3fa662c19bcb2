"""The expected state of the endpoint: an independent model of the layers.

`Expected` holds what the charm can know, from Juju's answers in this hook and in the
hooks before. It follows Juju's behaviour and the promises in the READMEs, not the
layers' code.

Where the READMEs promise nothing about a notice, it is optional: both results are
right, and `without_optional_notices` continues with the one that the flags show.
"""
from __future__ import annotations

import functools
from typing import Any, NamedTuple

from juju_standin import state
from juju_standin.state import RELATION_HOOKS, Hook

from .goal_units import GoalUnits
from .hook_answers import UNREADABLE, Answers, Details, hook_kind, listed_units
from .model_state import ADDRESSES

# The flags of the notice `joining`. Clearing one dismisses it; if the charm clears it
# with `clear_flag`, the next hook clears the other.
JOINING_FLAGS = frozenset({'ep.joining', 'endpoint.ep.changed'})

natural = functools.cache(state.natural_order)


class Expected(NamedTuple):
    """What the charm can know about the endpoint."""
    # whether a full read has succeeded; None if it may count as successful
    full_read_done: bool | None = False
    # the details of each unit, and of each application that grants something
    relations: dict[str, dict[str, Details]] = {}
    force_removed: frozenset[str] = frozenset()
    goal_units: dict[str, GoalUnits] = {}   # by relation ID
    applications: dict[str, str] = {}       # by relation ID
    # units with a joining notice, which is required or optional
    joining: dict[str, bool] = {}
    departing: bool | None = False          # None: optional
    sink: tuple[str, str] | None = None
    # the port that a provider has sent; '' if it has withdrawn it; None if it has sent
    # none; UNREADABLE after the store was lost, until the charm reads this unit's own
    # data
    sent: Details = UNREADABLE
    # relations in which the own data was written, but no later read has confirmed that
    # Juju kept it
    unconfirmed: frozenset[str] = frozenset()
    # relations in which the last call failed
    failed: frozenset[str] = frozenset()
    # relations in which the last relation-set failed
    refused: frozenset[str] = frozenset()
    # {relation ID: number of hooks until the own data must be right}, for applications
    # with several relations
    hooks_left: dict[str, int] = {}
    # app_data_expected.KnownRequests, if servers use the application-data protocol
    requests: Any = None

    def __str__(self) -> str:
        return str([self.full_read_done, sorted(self.applications.items()),
                    sorted((relation_id, sorted(sources.items()))
                           for relation_id, sources in self.relations.items()),
                    sorted(self.force_removed), sorted(self.joining.items()),
                    [(relation_id, str(units)) for relation_id, units
                     in sorted(self.goal_units.items()) if any(units)],
                    self.departing, self.sink, self.sent, sorted(self.unconfirmed),
                    sorted(self.failed), sorted(self.refused),
                    sorted(self.hooks_left.items())]) + str(self.requests or '')

    def sibling_count(self, relation_id: str) -> int:
        """How many other relations the same application has."""
        return list(self.applications.values()).count(
            self.applications[relation_id]) - 1

    def units(self) -> set[str]:
        return {source for sources in self.relations.values() for source in sources
                if '/' in source}

    def details(self) -> dict[str, Details]:
        """The details of each source in the newest relation in which it is usable."""
        return {source: details for relation_id in sorted(self.relations, key=natural)
                for source, details in usable(self.relations[relation_id])}

    def usable_sources(self) -> list[tuple[str, str]]:
        """The usable sources of each application's newest relation that has any."""
        by_application = {}
        for relation_id in sorted(self.relations, key=natural):
            found = usable(self.relations[relation_id])
            if found:
                by_application[application_of(found[0][0])] = found
        return sorted((pair for found in by_application.values() for pair in found),
                      key=lambda pair: natural(pair[0]))


def usable(sources: dict[str, Details]) -> list[tuple[str, str]]:
    """The usable sources in a relation: its units, or else its application.

    An application is usable only if the relation has a unit, usable or not.
    """
    found = [(source, details) for source, details in sources.items() if details]
    units = [(source, details) for source, details in found if '/' in source]
    return units or (found if any('/' in source for source in sources) else [])


def application_of(source: str) -> str:
    return source.split('/')[0]


def after_answers(before: Expected, hook: Hook, answers: Answers,
                  provides: bool) -> Expected:
    """What the charm can know when its handlers run."""
    kind = hook_kind(hook)
    relations = {relation_id: dict(sources)
                 for relation_id, sources in before.relations.items()}
    goal_units = {**before.goal_units, **answers.goal_units}
    force_removed = before.force_removed - answers.revived
    if answers.relation_ids is not None:
        listed = {*answers.relation_ids,
                  *([hook.relation_id] if kind in RELATION_HOOKS else [])}
        force_removed &= listed
        relations = {relation_id: relations.get(relation_id, {})
                     for relation_id in listed - force_removed}
    if kind == 'broken':
        force_removed -= {hook.relation_id}
        relations.pop(hook.relation_id, None)
    for relation_id in answers.units.keys() - force_removed:
        relations[relation_id] = _with_units(
            relations.get(relation_id, {}), goal_units.get(
                relation_id, GoalUnits()).units(listed_units(
                    before, hook, relation_id, answers.units[relation_id])))
    for (relation_id, source), details in answers.details.items():
        if details != UNREADABLE and relation_id in relations and (
                source in relations[relation_id] or '/' not in source):
            relations[relation_id][source] = details
    force_removed |= answers.denied
    for relation_id in answers.denied:
        relations.pop(relation_id, None)
    applications = {**before.applications, **answers.applications}
    after = before._replace(
        relations=relations, force_removed=force_removed,
        goal_units={relation_id: goal_units[relation_id]
                    for relation_id in relations.keys() & goal_units.keys()},
        applications={relation_id: applications[relation_id]
                      for relation_id in relations.keys() | force_removed},
        full_read_done=before.full_read_done or _full_read_done(before, answers, hook),
        unconfirmed=before.unconfirmed & relations.keys() - answers.own_data_used,
        requests=before.requests and before.requests.after_answers(relations, answers))
    joining = _joining_of_provider if provides else _joining_of_client
    after = after._replace(joining=joining(before, after, hook, answers),
                           departing=_departing(before, after, hook))
    if after.full_read_done and before.sent == UNREADABLE:
        # the store was lost: the own data in the newest relation counts as sent
        ports = [answers.own_ports[relation_id]
                 for relation_id in sorted(answers.own_ports, key=natural)]
        after = after._replace(sent=([port for port in ports if port] or [None])[-1])
    if not after.full_read_done:
        # nothing is promised after a partial read
        after = after._replace(joining=dict.fromkeys(after.joining, False),
                               departing=None)
    return after._replace(sink=_sink(after))


def _with_units(sources: dict, units: set[str]) -> dict[str, Details]:
    """The sources of a relation that has these units, and maybe an application."""
    apps = {source for source in sources if '/' not in source}
    return {source: sources.get(source) for source in units | apps}


def _full_read_done(before: Expected, answers: Answers, hook: Hook) -> bool | None:
    """Whether a full read succeeded; None if it may count as successful."""
    if not answers.full_read:
        return before.full_read_done
    if answers.relation_ids is None:
        return False
    own_data_unread = (set(answers.relation_ids) - answers.denied
                       - answers.own_data_used)
    if hook.kind == 'broken':
        own_data_unread.discard(hook.relation_id)
    call_failed = (None in answers.units.values()
                   or UNREADABLE in answers.details.values())
    return None if call_failed or own_data_unread else True


def _departing(before: Expected, after: Expected, hook: Hook) -> bool | None:
    if before.units() - after.units() or hook.kind == 'departed' and (
            hook.remote_unit in before.relations.get(hook.relation_id, ())):
        return True
    if hook.kind == 'departed' and not before.full_read_done and not before.departing:
        return None
    return before.departing


def _joining_of_client(before: Expected, after: Expected, hook: Hook,
                       answers: Answers) -> dict[str, bool]:
    """A client is notified of each source whose details are new or different."""
    old, new = before.details(), after.details()
    joining = {source: required for source, required in before.joining.items()
               if source in new}
    read = {source for _, source in answers.details}
    for source in new:
        if new[source] != old.get(source):
            joining[source] = source in read or joining.get(source, False)
    return joining


def _joining_of_provider(before: Expected, after: Expected, hook: Hook,
                         answers: Answers) -> dict[str, bool]:
    """A provider is notified of each unit that is new."""
    joining = {unit: required for unit, required in before.joining.items()
               if unit in after.units()}
    for relation_id, units in after.relations.items():
        for unit in units.keys() - before.relations.get(relation_id, {}).keys():
            if unit not in before.units():
                joining[unit] = answers.full_read or joining.get(unit, False)
    if hook_kind(hook) == 'joined' and hook.remote_unit in after.units():
        known_before = hook.remote_unit in before.relations.get(hook.relation_id, ())
        joining[hook.remote_unit] = not known_before or joining.get(
            hook.remote_unit, False)
    return joining


def _sink(expected: Expected) -> tuple[str, str] | None:
    """The same sink until it leaves or changes; then the next one in natural order."""
    sources = expected.usable_sources()
    if expected.sink in sources:
        return expected.sink
    following = [pair for pair in sources
                 if expected.sink and natural(pair[0]) > natural(expected.sink[0])]
    return (following + sources + [None])[0]


def after_handlers(expected: Expected, calls: tuple[tuple, ...]) -> Expected:
    """The expected state after the charm's handlers have called methods."""
    for method, *arguments in calls:
        if method == 'dismiss_joining' or JOINING_FLAGS & {*arguments}:
            expected = expected._replace(joining={})
        elif method == 'dismiss_departing' or arguments == ['ep.departing']:
            expected = expected._replace(departing=False)
        elif method == 'request':
            expected = expected._replace(
                requests=expected.requests._replace(path=arguments[0]))
        elif method != 'withdraw':
            expected = expected._replace(sent=arguments[0])
        elif expected.sent is not None:
            expected = expected._replace(sent='')
    return expected


def without_optional_notices(expected: Expected,
                             flags: frozenset[str]) -> Expected:
    """Expect each optional notice exactly if the charm's flags show it."""
    if expected.departing is None:
        expected = expected._replace(departing='ep.departing' in flags)
    if 'ep.joining' not in flags:
        expected = expected._replace(joining={
            source: required for source, required in expected.joining.items()
            if required})
    return expected


def expected_flags(expected: Expected, provides: bool) -> set[str]:
    """The endpoint's flags. Those of the third generation begin with `endpoint.ep`."""
    flags = set()
    if expected.units():
        flags |= {'ep.connected', 'ep.joined', 'endpoint.ep.joined'}
        if provides:
            flags |= {'ep.ready', 'endpoint.ep.available'}
    if expected.units() and expected.sent if provides else expected.usable_sources():
        flags |= {'ep.available'} if provides else {
            'ep.available', 'ep.ready', 'endpoint.ep.available'}
    if expected.joining:
        flags |= {'ep.joining'} if provides else {'ep.joining', 'endpoint.ep.changed'}
    if expected.departing:
        flags.add('ep.departing')
    return flags


def expected_flume_values(expected: Expected) -> dict[str, Any]:
    """The expected return values of the methods of a client of Flume."""
    sources = [(unit, ADDRESSES[unit], port) for unit, port
               in expected.usable_sources()]
    sink = expected.sink
    return {'agents': [{'name': unit.replace('/', '-'), 'host': host, 'port': port,
                        'protocol': 'avro'} for unit, host, port in sources],
            'sink': sink and (ADDRESSES[sink[0]], sink[1], 'avro')}
