"""Server applications that use the application-data protocol, and their events.

Their units publish nothing. When the explored unit's application requests a path, they
grant credentials: in a secret if the request wants secrets, otherwise in plain text.
"""
from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from juju_standin.model import Model
from juju_standin.profile import PROFILES
from juju_standin.secrets import MODEL_UUID
from juju_standin.state import Hook, LocalRelation, Relation, Secret, Unit, fingerprint

if TYPE_CHECKING:
    from .events import Event

EXPLORED, OTHER_UNIT = 'explored', 'explored/1'     # the other unit can be the leader
PATH, OTHER_PATH = '/x', '/y'                       # paths that the charm requests

# The grants that an application can publish; a unit can publish such data, too.
NOTHING, FIRST, SECOND, INVALID = 'nothing', 'first', 'second', 'invalid'
WITHOUT_CREDENTIALS = 'without credentials'
GRANTS = (NOTHING, FIRST, SECOND, WITHOUT_CREDENTIALS, INVALID)
# The first and second grant of application `a` differ in their endpoints, those of `b`
# in their path.
ENDPOINTS = {'a': '10.0.1.1:514{}', 'b': '10.0.1.2:2181'}
PATHS = {'a': '/granted', 'b': '/515{}'}
USER = 'user-name'
PASSWORDS = {'a': ('pass-5161', 'pass-5162'), 'b': ('pass-5171', 'pass-5172')}
# Parts of credentials. They must not occur in a log or in a key/value store.
SECRET_TEXTS = (USER, 'pass-')
SECRET_FIELDS = ['username', 'password', 'tls-ca', 'uris']


def request_data(path: str, with_secrets: bool) -> dict[str, str]:
    """The data that a client's application publishes to request a path."""
    return {'database': path, 'extra-user-roles': 'cdrwa',
            **({'requested-secrets': json.dumps(SECRET_FIELDS)} if with_secrets
               else {})}


def without_secret_texts(text: str) -> str:
    for secret_text in SECRET_TEXTS:
        text = text.replace(secret_text, '')
    return text


def grant_data(app: str, grant: str, with_secrets: bool,
               password: str) -> dict[str, str]:
    """The data that a server's application publishes."""
    if grant == NOTHING:
        return {}
    number = 2 if grant == SECOND else 1
    data = {'endpoints': ENDPOINTS[app].format(number),
            'database': PATHS[app].format(number)}
    if grant == INVALID:        # one server has no port
        data['endpoints'] += ',10.0.1.9'
    if grant != WITHOUT_CREDENTIALS:
        data.update({'secret-user': secret_uri(app)} if with_secrets else
                    {'username': USER, 'password': password})
    return data


def secret_uri(app: str) -> str:
    return 'secret://{}/{}'.format(MODEL_UUID, app)


# {version: data}, for releases of Juju whose versions are fingerprints of the data.
DATA_BY_VERSION = {
    fingerprint(data): str(sorted(data.items()))
    for app in PATHS for grant in GRANTS for with_secrets in (False, True)
    for password in PASSWORDS[app]
    for data in [grant_data(app, grant, with_secrets, password)] if data}


def requested(relation: Relation) -> dict[str, str]:
    """The request that the explored unit's application has published."""
    return relation.app_databags[EXPLORED].data


def has_secrets(model: Model) -> bool:
    """Whether the model's release of Juju has secrets."""
    return 'secret-get' not in model.profile.missing_tools


def possible_releases(names: Sequence[str], model: Model, reduction: int) -> list[str]:
    """The releases of Juju that the model can have next.

    A controller is not downgraded to a release without secrets if a request already
    contains `requested-secrets`.

    :param reduction: as for `possible_events`; 2 leaves out plain credentials
    """
    secrets_needed = reduction > 1 or any(
        'requested-secrets' in requested(relation)
        for relation in model.relations.values() if EXPLORED in relation.app_databags)
    found = [name for name in names if not secrets_needed
             or 'secret-get' not in PROFILES[name].missing_tools]
    return found or list(names)


# Events.

def possible_events(model: Model, relation: Relation, app: str,
                    reduction: int) -> Iterator[tuple]:
    """The events that are possible in a relation: (kind, target, data, faults).

    :param reduction: 1 leaves out invalid and partial grants, and access to secrets;
        2 leaves out all but one grant
    """
    data = relation.app_databags[app].data
    if not requested(relation):
        if model.leader(EXPLORED) == OTHER_UNIT and relation.units:
            yield 'other unit requests', app
        return
    if reduction < 2:
        yield 'lose request', app, '', 1
    for grant in (GRANTS, (NOTHING, FIRST, SECOND), (NOTHING, FIRST))[reduction]:
        if _data_of_grant(relation, app, grant) != data:
            yield 'grant', app, grant
    if reduction < 2 and ('password' in data or app in model.secrets):
        yield 'rotate password', app
    if reduction < 1 and app in model.secrets:
        yield 'revoke secret' if model.secrets[app].grants else 'grant secret', app


def apply_event(model: Model, event: Event, relation: Relation | None) -> None:
    """Change the model as an event does."""
    app = event.target
    if event.kind == 'change leader':
        model.apps[EXPLORED].leader = event.data or None
        skip_leadership_hooks(model)
    elif event.kind == 'other unit requests':
        model.profile.queried.add('secrets')
        model.write(relation.app_databags[EXPLORED],
                    request_data(PATH, has_secrets(model)))
    elif event.kind == 'lose request':
        model.write(relation.app_databags[EXPLORED],
                    dict.fromkeys(requested(relation), ''))
    elif event.kind == 'grant':
        _grant(model, relation, app, event.data)
    elif event.kind == 'rotate password':
        _rotate_password(model, relation, app)
    elif event.kind == 'grant secret':
        model.grant_secret(model.secrets[app], EXPLORED, relation)
    elif event.kind == 'revoke secret':
        model.revoke_secret(model.secrets[app], EXPLORED)
    else:
        raise ValueError('unknown event: {}'.format(event))


def skip_leadership_hooks(model: Model) -> None:
    """For the explored unit, these are hooks like any other."""
    model.units[EXPLORED + '/0'].committed_hooks.update(
        ('leader-elected', 'leader-settings-changed'))


def _data_of_grant(relation: Relation, app: str, grant: str) -> dict[str, str]:
    data = relation.app_databags[app].data
    return grant_data(app, grant, 'requested-secrets' in requested(relation),
                      data.get('password', PASSWORDS[app][0]))


def _grant(model: Model, relation: Relation, app: str, grant: str) -> None:
    data = _data_of_grant(relation, app, grant)
    if 'secret-user' in data and app not in model.secrets:
        secret = model.secrets[app] = Secret(
            secret_uri(app), app, [{'username': USER, 'password': PASSWORDS[app][0]}])
        model.grant_secret(secret, EXPLORED, relation)
    bag = relation.app_databags[app]
    model.write(bag, {**dict.fromkeys(bag.data, ''), **data})


def _rotate_password(model: Model, relation: Relation, app: str) -> None:
    def other(password: str) -> str:
        return PASSWORDS[app][password == PASSWORDS[app][0]]

    bag = relation.app_databags[app]
    if 'password' in bag.data:
        model.write(bag, {'password': other(bag.data['password'])})
    else:
        newest = model.secrets[app].revisions[-1]
        model.revise_secret(model.secrets[app], username=USER,
                            password=other(newest['password']))


# Parts of the state key (see state_key.py), which are empty without these servers.

def secrets_key(model: Model, unit: Unit) -> list[str]:
    """The leader and the secrets."""
    parts = [str((app, secret.revisions[-1], bool(secret.grants),
                  _tracking(secret, unit.name)))
             for app, secret in sorted(model.secrets.items())]
    if model.apps[EXPLORED].leader:
        parts.append('led by another')
    return parts


def _tracking(secret: Secret, unit: str) -> tuple:
    tracked = secret.tracked.get(unit, 0)
    return (tracked > 0, tracked == secret.newest,
            secret.notified.get(unit) == secret.newest)


def app_data_key(relation: Relation) -> list:
    return [(app, sorted(bag.data.items()))
            for app, bag in sorted(relation.app_databags.items()) if bag.data]


def seen_version_key(local: LocalRelation) -> str:
    """The version of the application's data that the agent has seen; '' if newest."""
    return _version_key(local, local.app_version)


def failed_hook_key(model: Model, unit: Unit, hook: Hook) -> str:
    """The version of a secret or of application data that a failed hook reports."""
    if hook.secret:
        secret = model.find_secret(hook.secret)
        return hook.secret + ' newest' * bool(secret and secret.newest == hook.version)
    if hook.kind != 'changed' or hook.remote_unit:
        return ''
    local = unit.local_relations.get(hook.number)
    return _version_key(local, hook.version) if local else ''


def _version_key(local: LocalRelation, version: int) -> str:
    bag = local.relation.app_databags[local.relation.remote_app(EXPLORED)]
    return '' if bag.version == version else DATA_BY_VERSION.get(version, 'before')
