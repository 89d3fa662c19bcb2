"""The expected state of a client whose servers use the application-data protocol.

It follows the README of `zookeeper`. In `Expected.relations`, the details of an
application are its grant as one text: endpoints, path and credentials.
"""
from __future__ import annotations

import re
from typing import Any, NamedTuple

from juju_standin.model import Model
from juju_standin.state import Hook, LocalRelation

from .app_data_servers import EXPLORED, SECRET_TEXTS
from .expected import Expected, after_answers, application_of
from .hook_answers import UNREADABLE, Answers, Details, hook_kind, query_function
from .invariants import Violation
from .model_state import ADDRESSES, UNIT

ENDPOINTS_PATTERN = re.compile(r'[\d.]+:\d+(,[\d.]+:\d+)*\Z')
PATH_PATTERN = re.compile(r'(/\w+)+\Z')


class KnownRequests(NamedTuple):
    """What the charm can know about its application's requests."""
    path: str | None = None         # the path that the charm has requested
    # units whose data the charm has read: (relation ID, unit)
    units_read: frozenset[tuple[str, str]] = frozenset()
    # relations whose units have published a port: they use the unit-data protocol
    with_unit_data: frozenset[str] = frozenset()
    # relations whose application named a secret when it was read last
    with_secret: frozenset[str] = frozenset()
    # whether the charm could not find out who owns a secret when it was read last
    is_owner_unknown: bool = False
    # relations in which the charm has found the request
    found: frozenset[str] = frozenset()
    # {relation ID: number of hooks in which the request was due but not written}
    hooks_passed: dict[str, int] = {}

    def __str__(self) -> str:
        return str([self.path, sorted(self.units_read), sorted(self.with_unit_data),
                    sorted(self.with_secret), self.is_owner_unknown, sorted(self.found),
                    sorted(self.hooks_passed.items())])

    def after_answers(self, relations: dict, answers: Answers) -> KnownRequests:
        read = {key: port for key, port in answers.details.items()
                if '/' in key[1] and port != UNREADABLE}
        units_read = self.units_read | read.keys()
        applications_read = {relation_id for (relation_id, source), grant
                             in answers.details.items()
                             if '/' not in source and grant != UNREADABLE}
        with_unit_data = self.with_unit_data | {
            relation_id for (relation_id, _), port in read.items() if port}
        return self._replace(
            units_read=frozenset((relation_id, unit) for relation_id, unit in units_read
                                 if unit in relations.get(relation_id, ())),
            with_unit_data=with_unit_data & relations.keys(),
            with_secret=(self.with_secret - applications_read | answers.with_secret)
            & relations.keys(),
            is_owner_unknown=answers.is_owner_unknown
            or self.is_owner_unknown and not applications_read,
            found=(self.found - answers.requests_read | answers.requests_found)
            & relations.keys())


def expected_zookeeper_values(expected: Expected) -> dict[str, Any]:
    """What the methods of a client of ZooKeeper return."""
    servers, paths = [], {}
    for source, details in expected.usable_sources():
        endpoints, path = ('{}:{}'.format(ADDRESSES[source], details), '') \
            if '/' in source else details.split(' ')[:2]
        app = application_of(source)
        paths[app] = path
        servers += [(app, *endpoint.split(':')) for endpoint in endpoints.split(',')]
    several, differ = len(paths) > 1, len(set(paths.values())) > 1
    return {'zookeepers': [{'host': host, 'port': port, 'rest_port': None,
                            **({'application': app} if several else {})}
                           for app, host, port in servers],
            'pairs': [(host, port) for _, host, port in servers],
            'text': None if differ else _connection_string(
                servers, *set(paths.values())),
            'texts': {app: _connection_string(
                [server for server in servers if server[0] == app], path)
                for app, path in paths.items() if differ}}


def _connection_string(servers: list, path: str = '') -> str:
    text = ','.join('{}:{}'.format(host, port) for _, host, port in servers)
    return text and text + path + '/x'


# Sets of relation IDs.

def relations_without_usable_unit(expected: Expected) -> set[str]:
    return {relation_id for relation_id, sources in expected.relations.items()
            if not any(details for source, details in sources.items()
                       if '/' in source)}


def relations_without_unit_data(expected: Expected) -> set[str]:
    """Relations whose units have all been read and have published nothing."""
    requests = expected.requests
    return {relation_id for relation_id, sources in expected.relations.items()
            if relation_id not in requests.with_unit_data
            and all((relation_id, source) in requests.units_read
                    for source in sources if '/' in source)}


def relations_with_grant(expected: Expected) -> set[str]:
    """Relations whose application grants something, usable or not."""
    return {relation_id for relation_id, sources in expected.relations.items()
            if sources.get(expected.applications[relation_id], '') != ''}


def relations_without_request(expected: Expected, full_read: bool = False) -> set[str]:
    """Relations that need a request, as far as the charm can know.

    They have a unit, and no relation shows that their application uses the unit-data
    protocol. Only a full read looks for a request that was found before.
    """
    apps, requests = expected.applications, expected.requests
    with_unit_data = {apps[relation_id] for relation_id in requests.with_unit_data}
    candidates = relations_without_unit_data(expected)
    if not full_read:
        candidates -= requests.found
    return {relation_id for relation_id in candidates
            if requests.path and apps[relation_id] not in with_unit_data
            and not expected.relations[relation_id].get(apps[relation_id])
            and any('/' in source for source in expected.relations[relation_id])}


def grant_details(data: dict[str, str], secret: dict[str, str] | None,
                  before: Details) -> Details:
    """The details of a grant; '' if there is none, None if it is not usable.

    :param secret: the content of the grant's secret; None if it is not readable. Then
        the credentials stay as before
    :param before: the details before this hook
    """
    if not data:
        return ''
    endpoints, path = data.get('endpoints', ''), data.get('database', '')
    if not ENDPOINTS_PATTERN.match(endpoints) or not PATH_PATTERN.match(path):
        return None
    if 'secret-user' in data and secret is None:
        return ' '.join((endpoints, path, before.split(' ')[2])) if before else None
    credentials = secret if 'secret-user' in data else data
    if not credentials.keys() >= {'username', 'password'}:
        return None
    return '{} {} {username}:{password}'.format(endpoints, path, **credentials)


def is_unreported(model: Model, local: LocalRelation, expected: Expected) -> bool:
    """Whether an application has published data that no hook has reported, or its
    grant differs from the one that the charm can know."""
    relation = local.relation
    relation_id, app = relation.id(EXPLORED), relation.remote_app(EXPLORED)
    bag = relation.app_databags[app]
    if not bag.data and not local.app_version:
        return False
    secret = model.secrets.get(app)
    before = expected.relations.get(relation_id, {}).get(app) or None
    if not expected.requests.path or local.app_version != bag.version:
        return local.app_version != bag.version
    now = grant_details(bag.data, secret.revisions[-1] if secret and secret.grants
                        else None, before)
    return (now or None) != before


# Answers of hook tools.

def with_app_data_answers(answers: Answers, run_tool: Any, calls: list, hook: Hook,
                          before: Expected,
                          handler_calls: tuple[tuple, ...]) -> Answers:
    """Add the answers about requests and grants."""
    query = query_function(run_tool, calls)
    answers = answers._replace(
        is_owner_unknown=_is_owner_unknown(calls),
        requests_found=_requests_found(calls),
        requests_read=frozenset(
            command[3] for command, (status, *_) in calls
            if _reads_request(command) and not status))
    relation_ids = 'relation-ids', '--format=json', 'ep'
    if before.requests.path and relation_ids in dict(calls):
        # in any hook with a new secret
        answers = answers._replace(relation_ids=query(*relation_ids))
    expected = after_answers(before, hook, answers, False)
    if before.requests.path:
        found, with_secret = _read_grants(query, calls, expected,
                                          _grants_to_read(hook, expected, answers))
        return answers._replace(details={**answers.details, **found},
                                with_secret=with_secret)
    if any(method == 'request' for method, *_ in handler_calls):
        found, with_secret = _read_grants(query, calls, expected,
                                          relations_without_usable_unit(expected))
        return answers._replace(new_grants=found, with_secret=with_secret)
    return answers


def _grants_to_read(hook: Hook, expected: Expected, answers: Answers) -> set[str]:
    """The relations whose applications the charm reads."""
    if answers.full_read or hook.kind == 'secret-changed':
        return relations_without_usable_unit(expected) | relations_with_grant(expected)
    if hook_kind(hook) == 'changed' and not hook.remote_unit:
        return {hook.relation_id} & expected.relations.keys()
    return set()


def _read_grants(query: Any, calls: list, expected: Expected,
                 relation_ids: set[str]) -> tuple[dict, frozenset[str]]:
    """The details of applications, and the relations whose grant names a secret."""
    found, with_secret = {}, set()
    for relation_id in relation_ids:
        app = expected.applications[relation_id]
        data = query('relation-get', '--format=json', '-r', relation_id, '--app', '-',
                     app)
        secret = None
        if data and 'secret-user' in data:
            with_secret.add(relation_id)
            secret = _read_secret(query, calls, data['secret-user'])
        found[relation_id, app] = UNREADABLE if data is None else grant_details(
            data, secret, expected.relations[relation_id].get(app))
    return found, frozenset(with_secret)


def _is_owner_unknown(calls: list) -> bool:
    """Whether a tool has failed that shows who owns a new secret."""
    return any(status and b'not found' not in errors
               for command, (status, _, errors) in calls
               if command[0] in ('relation-ids', 'secret-info-get'))


def _read_secret(query: Any, calls: list, uri: str) -> dict[str, str] | None:
    """The content of a secret.

    If the charm has not read it, use --peek: Juju does not record that. After a failure
    of a tool that shows who owns the secret, the charm may not read it.
    """
    command = 'secret-get', '--format=json', '--refresh', uri
    if command not in dict(calls):
        if _is_owner_unknown(calls):
            return None
        command = 'secret-get', '--format=json', '--peek', uri
    return query(*command)


def _reads_request(command: tuple[str, ...]) -> bool:
    return command[0] == 'relation-get' and command[-3:] == ('--app', '-', EXPLORED)


def _requests_found(calls: list) -> frozenset[str]:
    """The relations that had a request before this hook."""
    written, found = set(), set()
    for command, (status, output, _) in calls:
        if command[0] == 'relation-set':
            written.add(command[2])
        elif _reads_request(command) and not status and b'"database"' in output:
            found.add(command[3])
    return frozenset(found - written)


# Invariants.

def extra_calls(before: Expected, after: Expected, hook: Hook, answers: Answers,
                leads: bool) -> int:
    """The maximum number of hook-tool calls for requests and grants."""
    # each secret is read
    maximum = (len(answers.with_secret) + len(answers.new_grants)
               + _owner_queries(before, after, hook, answers))
    if hook.kind == 'secret-changed' and not answers.full_read:
        maximum += len(answers.details)
    if hook_kind(hook) not in ('joined', 'broken'):
        after = after._replace(
            requests=after.requests._replace(found=before.requests.found))
        apps = {after.applications[relation_id] for relation_id
                in relations_without_request(after, answers.full_read)}
        maximum += (1 + leads * len(apps)) if apps else 0
    return maximum


def _owner_queries(before: Expected, after: Expected, hook: Hook,
                   answers: Answers) -> int:
    """The number of calls that find the owners of new secrets.

    These are secret-info-get for each new secret, relation-ids once, and relation-get
    for each other application, unless the hook reads it anyway.
    """
    known = set() if before.requests.is_owner_unknown else {
        before.applications[relation_id] for relation_id in before.requests.with_secret}
    new = {after.applications[relation_id]
           for relation_id in answers.with_secret} - known
    if not new:
        return 0
    read_anyway = {hook.relation_id}
    if hook_kind(hook) != 'changed' or answers.full_read:
        read_anyway |= relations_without_usable_unit(after)
        read_anyway |= relations_with_grant(after)
    return len(new) + 1 + len(after.relations.keys() - read_anyway)


def check_requests(expected: Expected, hook: Hook, calls: list, full_read: bool,
                   request: dict[str, str] | None, before: dict[str, dict],
                   after: dict[str, dict] | None, leads: bool) -> Expected:
    """The application's requests are as expected.

    :param full_read: whether the hook has read everything
    :param request: the data that the charm may publish
    :param before, after: the requests in each relation, before and after the hook;
        `after` is None if Juju has saved nothing
    """
    sends = leads and hook_kind(hook) != 'joined'
    due = relations_without_request(expected, full_read) if sends else set()
    _check_written_requests(calls, request, before, due)
    for relation_id, data in before.items():
        if data and after and after.get(relation_id, data) != data:
            raise Violation('the request in {} was {}, then {}'.format(
                relation_id, data, after[relation_id]))
    missing = {relation_id for relation_id in due & (after or {}).keys()
               if not after[relation_id]}
    if hook_kind(hook) in ('broken', 'action') or any(
            status for _, (status, *_) in calls):
        return expected     # no request is due in these hooks, or after a failed call
    hooks_passed = {relation_id: expected.requests.hooks_passed.get(relation_id, 0) + 1
                    for relation_id in missing}
    for relation_id in missing:
        # each hook uses this unit's own data in only one relation of an application
        if hooks_passed[relation_id] > expected.sibling_count(relation_id) or not (
                _own_data_read(calls) - {relation_id}):
            raise Violation('no request in {}'.format(relation_id))
    return expected._replace(
        requests=expected.requests._replace(hooks_passed=hooks_passed))


def _own_data_read(calls: list) -> set[str]:
    """The relations in which the charm has read this unit's own data."""
    return {command[3] for command, _ in calls
            if command[0] == 'relation-get' and command[-1] == UNIT}


def _check_written_requests(calls: list, request: dict[str, str] | None,
                            before: dict[str, dict], due: set[str]) -> None:
    """A request is only written where it is due and a read has found none."""
    read = set()
    for command, (status, *_) in calls:
        if _reads_request(command) and not status:
            read.add(command[3])
        if command[0] != 'relation-set':
            continue
        relation_id = command[2]
        data = dict(word.split('=', 1) for word in command[4:])
        if command[3] != '--app' or data != request or before.get(relation_id) or (
                relation_id not in due & read):
            raise Violation('wrong request: {}'.format(' '.join(command)))


def check_no_credentials(store: tuple[tuple[str, str], ...]) -> None:
    """The key/value store contains no credentials."""
    found = [text for text in SECRET_TEXTS if text in str(store)]
    if found:
        raise Violation('in the key/value store: {}'.format(found))
