"""Applications that speak the later protocol: what they publish, and what happens.

Their units publish nothing. They grant what they are asked for by the settings of the
explored unit's application: credentials in a secret if these are wanted so, else plain.
"""
from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from juju_standin.model import Model
from juju_standin.profile import PROFILES
from juju_standin.secrets import MODEL_UUID
from juju_standin.state import Hook, Known, Relation, Secret, Unit, fingerprint

if TYPE_CHECKING:
    from .moves import Move

EXPLORED, OTHER_UNIT = 'explored', 'explored/1'     # which may lead, too
REQUEST, ANOTHER = '/x', '/y'

# What an application publishes.
ABSENT, FIRST, SECOND = 'absent', 'first', 'second'
PARTLY, SPOILED = 'partly', 'spoiled'
GRANTS = (ABSENT, FIRST, SECOND, PARTLY, SPOILED)
# Two grants of the first application differ in their endpoints, of the second in their
# path.
SERVERS = {'a': '10.0.1.1:514{}', 'b': '10.0.1.2:2181'}
PATHS = {'a': '/granted', 'b': '/515{}'}
USER = 'user-name'
PASSWORDS = {'a': ('pass-5161', 'pass-5162'), 'b': ('pass-5171', 'pass-5172')}
SHOWS = (USER, 'pass-')     # that nobody keeps or logs
FIELDS = ['username', 'password', 'tls-ca', 'uris']


def wanted(path: str, secretly: bool) -> dict[str, str]:
    """What a client's application publishes to ask for a path."""
    return {'database': path, 'extra-user-roles': 'cdrwa',
            **({'requested-secrets': json.dumps(FIELDS)} if secretly else {})}


def hidden(text: str) -> str:
    """It without what shows credentials."""
    for shown in SHOWS:
        text = text.replace(shown, '')
    return text


def granted(app: str, bag: str, secretly: bool, password: str) -> dict[str, str]:
    """What a server's application publishes."""
    if bag == ABSENT:
        return {}
    which = 2 if bag == SECOND else 1
    settings = {'endpoints': SERVERS[app].format(which),
                'database': PATHS[app].format(which)}
    if bag == SPOILED:      # one has no port
        settings['endpoints'] += ',10.0.1.9'
    if bag != PARTLY:
        settings.update({'secret-user': uri(app)} if secretly else
                        {'username': USER, 'password': password})
    return settings


def uri(app: str) -> str:
    return 'secret://{}/{}'.format(MODEL_UUID, app)


# What settings were in any version that an agent may remember, if versions say it.
VERSIONS = {fingerprint(settings): str(sorted(settings.items()))
            for app in PATHS for bag in GRANTS for secretly in (False, True)
            for password in PASSWORDS[app]
            for settings in [granted(app, bag, secretly, password)] if settings}


def asked(relation: Relation) -> dict[str, str]:
    """What this relation's server is asked for."""
    return relation.app_bags[EXPLORED].data


def has_secrets(model: Model) -> bool:
    """Whether it is of a release that has secrets."""
    return 'secret-get' not in model.profile.missing_tools


def releases(names: Sequence[str], model: Model, few: int) -> list[str]:
    """Those in which this can go on: nobody who wants secrets goes back to a Juju
    without.

    :param few: as for `moves`; 2 also leaves out plain credentials
    """
    wanted = few > 1 or any(
        'requested-secrets' in asked(relation)
        for relation in model.relations.values() if EXPLORED in relation.app_bags)
    found = [name for name in names
             if not wanted or 'secret-get' not in PROFILES[name].missing_tools]
    return found or list(names)


# What happens.

MOVES = ('lead', 'another asks', 'grant', 'rotate', 'admit', 'revoke')


def moves(model: Model, relation: Relation, app: str, few: int) -> Iterator[tuple]:
    """What can: (name, on what, what it publishes then).

    :param few: whether to leave out (1) all but grants and rotations, and (2) all but
        one grant
    """
    data = relation.app_bags[app].data
    if not asked(relation):
        if model.leader(EXPLORED) == OTHER_UNIT and relation.scope:
            yield 'another asks', app
        return
    for bag in (GRANTS, (ABSENT, FIRST, SECOND), (ABSENT, FIRST))[few]:
        if _with_bag(relation, app, bag) != data:
            yield 'grant', app, bag
    if few < 2 and ('password' in data or app in model.secrets):
        yield 'rotate', app
    if few < 1 and app in model.secrets:
        yield 'revoke' if model.secrets[app].grants else 'admit', app


def make(model: Model, move: Move, relation: Relation | None) -> None:
    """Have one of them happen."""
    app = move.on
    if move.name == 'lead':
        model.apps[EXPLORED].leader = move.bag or None
        # it tells no more than any other hook
        model.units[EXPLORED + '/0'].done.add('leader-elected')
    elif move.name == 'another asks':
        model.profile.asked.add('secrets')
        model.write(relation.app_bags[EXPLORED], wanted(REQUEST, has_secrets(model)))
    elif move.name == 'grant':
        _grant(model, relation, app, move.bag)
    elif move.name == 'rotate':
        _rotate(model, relation, app)
    elif move.name == 'admit':
        model.grant_secret(model.secrets[app], EXPLORED, relation)
    elif move.name == 'revoke':
        model.revoke_secret(model.secrets[app], EXPLORED)


def _with_bag(relation: Relation, app: str, bag: str) -> dict[str, str]:
    data = relation.app_bags[app].data
    return granted(app, bag, 'requested-secrets' in asked(relation),
                   data.get('password', PASSWORDS[app][0]))


def _grant(model: Model, relation: Relation, app: str, bag: str) -> None:
    settings = _with_bag(relation, app, bag)
    if 'secret-user' in settings and app not in model.secrets:
        secret = model.secrets[app] = Secret(
            uri(app), app, [{'username': USER, 'password': PASSWORDS[app][0]}])
        model.grant_secret(secret, EXPLORED, relation)
    published = relation.app_bags[app]
    model.write(published, {**dict.fromkeys(published.data, ''), **settings})


def _rotate(model: Model, relation: Relation, app: str) -> None:
    def other(password: str) -> str:
        return PASSWORDS[app][password == PASSWORDS[app][0]]

    published = relation.app_bags[app]
    if 'password' in published.data:
        model.write(published, {'password': other(published.data['password'])})
    else:
        newest = model.secrets[app].revisions[-1]
        model.revise_secret(model.secrets[app], username=USER,
                            password=other(newest['password']))


# As text.

def text(model: Model, unit: Unit) -> list[str]:
    """Who leads, and secrets; nothing, where this is as in any other world."""
    parts = [str((app, secret.revisions[-1], bool(secret.grants),
                  _of_unit(secret, unit.name)))
             for app, secret in sorted(model.secrets.items())]
    if model.apps[EXPLORED].leader:
        parts.append('led by another')
    return parts


def _of_unit(secret: Secret, name: str) -> tuple:
    tracked = secret.tracked.get(name, 0)
    return (tracked > 0, tracked == secret.newest,
            secret.told.get(name) == secret.newest)


def data(relation: Relation) -> list:
    """What the applications have published."""
    return [(app, sorted(bag.data.items()))
            for app, bag in sorted(relation.app_bags.items()) if bag.data]


def heard(known: Known) -> str:
    """Which version of an application's data the agent remembers; '' is the newest."""
    return _version(known, known.app_version)


def failed(model: Model, unit: Unit, hook: Hook) -> str:
    """Of what a failed hook tells that is an application's."""
    if hook.secret:
        secret = model.find_secret(hook.secret)
        return hook.secret + ' newest' * bool(secret and secret.newest == hook.version)
    if hook.kind == 'changed' and not hook.remote_unit and hook.number in unit.known:
        return _version(unit.known[hook.number], hook.version)
    return ''


def _version(known: Known, version: int) -> str:
    bag = known.relation.app_bags[known.relation.other(EXPLORED)]
    return '' if bag.version == version else VERSIONS.get(version, 'before')
