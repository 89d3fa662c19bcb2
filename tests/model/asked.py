"""What is to be true of servers that have to be asked.

It is written from what the README of `zookeeper` says of them and of the later
protocol. Of an application that grants something, `Told.relations` has its details
beside those of units: endpoints, path and credentials, as one text.
"""
from __future__ import annotations

import re
from typing import Any, NamedTuple

from juju_standin.model import Model
from juju_standin.state import Hook, Known

from .later import EXPLORED, SHOWS
from .truth import (UNREAD, Details, Seen, Told, Violation, answering, application,
                    kind, learn)
from .world import ADDRESSES, UNIT

ENDPOINTS = re.compile(r'[\d.]+:\d+(,[\d.]+:\d+)*\Z')
PATH = re.compile(r'(/\w+)+\Z')


class Asking(NamedTuple):
    """What the charm has been told of whom to ask."""
    request: str | None = None      # the path that the charm has requested
    # units that were looked at, by relation
    looked: frozenset[tuple[str, str]] = frozenset()
    # relations in which one has published a port
    earlier: frozenset[str] = frozenset()
    # relations of which it is known that they were asked
    known: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return str([self.request, *map(sorted, self[1:])])

    def learn(self, relations: dict, seen: Seen) -> Asking:
        read = {key: port for key, port in seen.details.items()
                if '/' in key[1] and port != UNREAD}
        looked = self.looked | read.keys()
        earlier = self.earlier | {rid for (rid, _), port in read.items() if port}
        return self._replace(
            looked=frozenset((rid, unit) for rid, unit in looked
                             if unit in relations.get(rid, ())),
            earlier=earlier & relations.keys(),
            known=(self.known | seen.confirmed) & relations.keys())


def lists(told: Told) -> dict[str, Any]:
    """What the methods of a client of ZooKeeper answer."""
    servers, paths = [], {}
    for source, details in told.served():
        endpoints, path = ('{}:{}'.format(ADDRESSES[source], details), '') \
            if '/' in source else details.split(' ')[:2]
        app = application(source)
        paths[app] = path
        servers += [(app, *endpoint.split(':')) for endpoint in endpoints.split(',')]
    several, differ = len(paths) > 1, len(set(paths.values())) > 1
    return {'zookeepers': [{'host': host, 'port': port, 'rest_port': None,
                            **({'application': app} if several else {})}
                           for app, host, port in servers],
            'pairs': [(host, port) for _, host, port in servers],
            'text': None if differ else _text(servers, *set(paths.values())),
            'texts': {app: _text([server for server in servers if server[0] == app],
                                 path) for app, path in paths.items() if differ}}


def _text(servers: list, path: str = '') -> str:
    text = ','.join('{}:{}'.format(host, port) for _, host, port in servers)
    return text and text + path + '/x'


def unused(told: Told) -> set[str]:
    """The relations of whose units none is of use."""
    return {rid for rid, sources in told.relations.items()
            if not any(details for source, details in sources.items() if '/' in source)}


def silent(told: Told) -> set[str]:
    """The relations whose units publish nothing."""
    asking = told.asking
    return {rid for rid, units in told.relations.items()
            if rid not in asking.earlier
            and all((rid, unit) in asking.looked for unit in units if '/' in unit)}


def granting(told: Told) -> set[str]:
    """Those whose application grants something, whether that can be used or not."""
    return {rid for rid, sources in told.relations.items()
            if sources.get(told.applications[rid], '') != ''}


def waiting(told: Told) -> set[str]:
    """Those that have to be asked, where it is not known that they were: a unit is
    there, and no relation shows that their application speaks the earlier protocol."""
    apps = told.applications
    earlier = {apps[rid] for rid in told.asking.earlier}
    return {rid for rid in silent(told) - told.asking.known
            if told.asking.request and apps[rid] not in earlier
            and not told.relations[rid].get(apps[rid])
            and any('/' in source for source in told.relations[rid])}


def details(settings: dict[str, str], secret: dict[str, str] | None,
            known: Details) -> Details:
    """What an application grants; '' if nothing, None where that can not be used.

    :param secret: what it says that is named, None where it can not be read: then what
        it said before stays
    :param known: the details before
    """
    if not settings:
        return ''
    endpoints, path = settings.get('endpoints', ''), settings.get('database', '')
    if not ENDPOINTS.match(endpoints) or not PATH.match(path):
        return None
    if 'secret-user' in settings and secret is None:
        return ' '.join((endpoints, path, known.split(' ')[2])) if known else None
    source = secret if 'secret-user' in settings else settings
    if not source.keys() >= {'username', 'password'}:
        return None
    return '{} {} {username}:{password}'.format(endpoints, path, **source)


def is_news(model: Model, known: Known, told: Told) -> bool:
    """Whether an application has published what no hook has told of, or grants what the
    charm was not told."""
    relation = known.relation
    rid, app = relation.id(EXPLORED), relation.other(EXPLORED)
    bag = relation.app_bags[app]
    if not bag.data and not known.app_version:
        return False
    secret = model.secrets.get(app)
    before = told.relations.get(rid, {}).get(app) or None
    if not told.asking.request or known.app_version != bag.version:
        return known.app_version != bag.version
    now = details(bag.data, secret.revisions[-1] if secret and secret.grants else None,
                  before)
    return (now or None) != before


# Looking.

def look(ask: Any, calls: list, hook: Hook, told: Told, seen: Seen,
         plan: tuple[tuple, ...]) -> Seen:
    """What is to be known of applications besides."""
    answer = answering(ask, calls)
    seen = seen._replace(confirmed=_confirmed(calls))
    after = learn(told, hook, seen, False)
    if told.asking.request:
        found, secrets = _grants(answer, calls, after, _to_look_at(hook, after, seen))
        return seen._replace(details={**seen.details, **found}, secrets=secrets)
    if any(method == 'request' for method, *_ in plan):
        found, secrets = _grants(answer, calls, after, unused(after))
        return seen._replace(granted=found, secrets=secrets)
    return seen


def _to_look_at(hook: Hook, told: Told, seen: Seen) -> set[str]:
    """The relations whose applications are looked at."""
    if seen.full or hook.kind == 'secret-changed':
        return unused(told) | granting(told)
    if kind(hook) == 'changed' and not hook.remote_unit:
        return {hook.relation_id} & told.relations.keys()
    return set()


def _grants(answer: Any, calls: list, told: Told, rids: set[str]) -> tuple[dict, int]:
    """The details of applications, by relation, and how many secrets they name."""
    found, secrets = {}, 0
    for rid in rids:
        app = told.applications[rid]
        settings = answer('relation-get', '--format=json', '-r', rid, '--app', '-', app)
        secret = None
        if settings and 'secret-user' in settings:
            secrets += 1
            secret = _secret(answer, calls, settings['secret-user'])
        found[rid, app] = UNREAD if settings is None else details(
            settings, secret, told.relations[rid].get(app))
    return found, secrets


def _secret(answer: Any, calls: list, uri: str) -> dict[str, str] | None:
    """What a secret says, as the charm read it; else it is left as unread as it was."""
    command = 'secret-get', '--format=json', '--refresh', uri
    if command not in dict(calls):
        command = 'secret-get', '--format=json', '--peek', uri
    return answer(*command)


def _own(command: tuple[str, ...]) -> bool:
    return command[0] == 'relation-get' and command[-3:] == ('--app', '-', EXPLORED)


def _confirmed(calls: list) -> frozenset[str]:
    """Where what was asked was there before this hook."""
    written, found = set(), set()
    for command, (status, output, _) in calls:
        if command[0] == 'relation-set':
            written.add(command[2])
        elif _own(command) and not status and b'"database"' in output:
            found.add(command[3])
    return frozenset(found - written)


# Checking.

def price(before: Told, told: Told, hook: Hook, seen: Seen, leads: bool) -> int:
    """How many calls of hook tools asking may take more."""
    most = seen.secrets + len(seen.granted)
    if hook.kind == 'secret-changed' and not seen.full:
        most += len(seen.details)
    if kind(hook) not in ('joined', 'broken'):
        told = told._replace(asking=told.asking._replace(known=before.asking.known))
        apps = {told.applications[rid] for rid in waiting(told)}
        most += (1 + leads * len(apps)) if apps else 0
    return most


def check_asked(told: Told, hook: Hook, calls: list, request: dict[str, str] | None,
                held: dict[str, dict], now: dict[str, dict] | None,
                leads: bool) -> Told:
    """Hold what is asked, in the settings of the explored unit's application.

    :param told: what the charm knew when it asked
    :param request: what it may have asked for
    :param held, now: these, before the hook and after it, of each relation that is
        there; None if Juju kept nothing
    :return: it, with the relations that are still to be asked
    """
    due = waiting(told) if leads and kind(hook) != 'joined' else set()
    _check_calls(calls, request, held, due)
    for rid, before in held.items():
        if before and now and now.get(rid, before) != before:
            raise Violation('{} was asked for {}, then for {}'.format(
                rid, before, now[rid]))
    unasked = {rid for rid in due & (now or {}).keys() if not now[rid]}
    if kind(hook) in ('broken', 'action') or any(
            status for _, (status, *_) in calls):
        return told     # it does not ask in these, or something stood against it
    behind = {rid: told.behind.get(rid, 0) + 1 for rid in unasked}
    for rid in unasked:
        if behind[rid] > told.siblings(rid) or not _touched(calls) - {rid}:
            raise Violation('{} was not asked'.format(rid))
    return told._replace(behind=behind)


def _touched(calls: list) -> set[str]:
    """Where the unit read its own settings: of an application's relations only one is
    touched in a hook."""
    return {command[3] for command, _ in calls
            if command[0] == 'relation-get' and command[-1] == UNIT}


def _check_calls(calls: list, request: dict[str, str] | None, held: dict[str, dict],
                 due: set[str]) -> None:
    """It is asked for at once, where it is read that nobody has asked."""
    read = set()
    for command, (status, *_) in calls:
        if _own(command) and not status:
            read.add(command[3])
        if command[0] != 'relation-set':
            continue
        rid = command[2]
        settings = dict(word.split('=', 1) for word in command[4:])
        if command[3] != '--app' or settings != request or held.get(rid) or (
                rid not in due & read):
            raise Violation('asked otherwise: {}'.format(' '.join(command)))


def check_store(store: tuple[tuple[str, str], ...]) -> None:
    """Credentials are not kept."""
    shown = [text for text in SHOWS if text in str(store)]
    if shown:
        raise Violation('in the key/value store: {}'.format(shown))
