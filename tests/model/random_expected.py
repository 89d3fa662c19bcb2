"""What a client's unit must return after a full read, in random histories.

It follows the README of `zookeeper`, and uses none of the layers' code.
"""
from __future__ import annotations

from typing import Any

from juju_standin.model import Model
from juju_standin.secrets import parse_id
from juju_standin.state import Relation, Unit, natural_order

from .random_servers import CLIENT, Server, usable_unit

UNRELATED = {'text': '', 'login': None, 'tls': None}


class DetailsChecker:
    """Checks what all units return, and notes what each of them knows from earlier."""

    def __init__(self, model: Model, servers: dict[str, Server]):
        self.model, self.servers = model, servers
        # {(unit, relation): the application's data when the unit last used its grant}
        self._used_data: dict[tuple[str, Relation], dict[str, str]] = {}
        # {(unit, URI of a secret): the application that named it first}
        self._first_named: dict[tuple[str, str], str] = {}

    def forget(self, unit: str) -> None:
        """Forget what a unit has known: it has lost its store."""
        for known in self._used_data, self._first_named:
            for key in [key for key in known if key[0] == unit]:
                del known[key]

    def forget_unnamed(self) -> None:
        """A secret only belongs to an application as long as this one names it."""
        self._first_named = {key: app for key, app in self._first_named.items()
                             if app in self._naming(key[1])}

    def check_application(self, unit: Unit, app: str, found: dict[str, Any]) -> bool:
        """Check what the methods return for one application.

        Return whether the application is usable.
        """
        relation = self.relation(unit, app)
        possible = self._possible_details(unit, relation, app)
        assert found in possible, (unit.name, app, found, possible)
        key, data = (unit.name, relation), relation.app_databags[app].data
        self._used_data.pop(key, None)
        if found['login']:
            self._used_data[key] = data
            uri = data.get('secret-user')
            assert not uri or self._first_named.setdefault(
                (unit.name, uri), app) == app
        return bool(found['text'])

    def relations(self, unit: Unit) -> dict[str, Relation]:
        """The relations of a unit by remote application."""
        return {local.relation.remote_app(CLIENT): local.relation
                for local in unit.local_relations.values() if not local.force_removed}

    def relation(self, unit: Unit, app: str) -> Relation:
        return self.relations(unit)[app]

    @staticmethod
    def _servers(relation: Relation) -> list[tuple[str, str]]:
        """The (host, port) of each usable unit."""
        found = [usable_unit(relation.unit_databags[name].data)
                 for name in remote_units(relation)]
        return [server for server in found if server]

    def _possible_details(self, unit: Unit, relation: Relation,
                          app: str) -> list[dict[str, Any]]:
        """What the methods may return for an application.

        A unit uses none if it does not know to which of several a secret belongs. It
        keeps a grant that it has used if the secret becomes unreadable.
        """
        servers = self._servers(relation)
        if servers:
            return [dict(UNRELATED, text=connection_string(servers))]
        server, data = self.servers[app], relation.app_databags[app].data
        invalid = server.invalid.keys()
        if 'secret-user' in data:
            invalid -= {'username', 'password'}
        if not (remote_units(relation) and unit.app.config['path']
                and data.get('endpoints')) or invalid:
            return [UNRELATED]
        details = {'text': data['endpoints'] + data['database'] + '/x',
                   'login': self._login(data),
                   'tls': [server.ca] if server.ca else None}
        if 'secret-user' not in data:
            return [details]
        first = self._first_named.get((unit.name, data['secret-user']))
        owns = self._owns(data['secret-user'])
        if first not in (None, app) or owns and self._has_always_led(unit):
            return [UNRELATED]
        if self._can_read(unit, data):
            several = owns or len(self._naming(data['secret-user'])) > 1
            return [details] + [UNRELATED] * (several and not first)
        details.update(login='ValueError', tls='ValueError')
        known = self._used_data.get((unit.name, relation)) == data
        return [details] if known else [details, UNRELATED]

    def _login(self, data: dict[str, str]) -> list[str] | None:
        if 'secret-user' in data:
            secret = self.model.find_secret(data['secret-user'])
            data = secret.revisions[-1] if secret else {}
        return [data.get('username'), data.get('password')]

    def _can_read(self, unit: Unit, data: dict[str, str]) -> bool:
        secrets = [self.model.find_secret(data[key])
                   for key in ('secret-user', 'secret-tls')]
        return all(secret and self.model.may_read(secret, unit) for secret in secrets)

    def _naming(self, uri: str) -> set[str]:
        """The applications that name a secret."""
        return {server.name for server in self.servers.values()
                for relation in server.relations()
                if relation.app_databags[server.name].data.get('secret-user') == uri}

    def _owns(self, uri: str) -> bool:
        secret = self.model.secrets.get(parse_id(uri))
        return secret is not None and secret.owner == CLIENT

    @staticmethod
    def _has_always_led(unit: Unit) -> bool:
        """Whether this is the first leader. Juju only lets the leader find out which
        secrets its application owns."""
        return unit.name == CLIENT + '/0' and not unit.app.leader


def remote_units(relation: Relation) -> list[str]:
    return sorted((name for name in relation.units if not name.startswith(CLIENT)),
                  key=natural_order)


def connection_string(servers: list[tuple[str, str]]) -> str:
    return ','.join('{}:{}'.format(*server) for server in servers) + '/x'


def connection_strings(texts: list[str]) -> str:
    """The connection string of all applications, from theirs."""
    split = [text.partition('/') for text in texts]
    if len({path for _, _, path in split}) > 1:
        return 'ValueError'
    return ','.join(servers for servers, _, _ in split) + (
        '/' + split[0][2] if split else '')


def server_dicts(texts: dict[str, str]) -> list[dict[str, Any]]:
    """What `zookeepers()` returns, from the connection string of each application."""
    found = []
    for app, text in texts.items():
        for server in text.partition('/')[0].split(','):
            host, port = server.split(':')
            found.append({'host': host, 'port': port, 'rest_port': None,
                          **({'application': app} if len(texts) > 1 else {})})
    return found
