"""Server applications of random histories: what they publish, and the right answers.

Their units have agents. The tests write their data, apart from the port that a fast
server's unit publishes when its relation is created.
"""
from __future__ import annotations

from typing import Any

from juju_standin.context import Context
from juju_standin.model import Model
from juju_standin.state import Relation, Secret

CLIENT = 'kafka'
# all passwords contain this
PASSWORD = 'pass-'
CA = '-----BEGIN CERTIFICATE-----\nTUlJ{}\n-----END CERTIFICATE-----\n'
# what a grant contains instead of valid values
INVALID = [{'endpoints': 'x'}, {'endpoints': '10.0.0.1:0'}, {'database': '/a/../b'},
           {'database': ''}, {'username': ''}, {'password': PASSWORD + ' '},
           {'secret-user': 'x'}]
# keys of unit data by which a server shows that it uses the unit-data protocol
UNIT_DATA_KEYS = {'port', 'rest_port', 'host'}
# unit data that make no unit usable
UNUSABLE_DATA = [{}, {'port': 'x'}, {'port': '0'}, {'rest_port': '1'},
                 {'port': '2181', 'rest_port': 'x'}, {'host': 'zk.example'}]


class ServerCharm:
    """A server whose units publish a port in their created hooks, or nothing."""

    metadata: dict[str, Any] = {'provides': {'clients': {'interface': 'zookeeper'}}}
    config: dict[str, Any] = {'port': ''}

    def run(self, context: Context) -> int:
        port = context.unit.app.config['port']
        if port and context.hook.kind == 'created':
            context.call(['relation-set', '-r', context.hook.relation_id,
                          'port=' + port])
        return 0


class Server:
    """An application that can grant requests, and its grant's current values."""

    def __init__(self, model: Model, name: str, number: int):
        self.model, self.name = model, name
        self.host = '10.1.0.{}'.format(number)
        self.grants = False
        self.as_secrets = True
        self.revoked = False
        self.invalid: dict[str, str] = {}
        # the URI of a secret that this application does not own
        self.foreign_uri = ''
        self.port, self.password, self.ca = 2181, PASSWORD + name, ''
        # {relation: {key: secret}}
        self.secrets: dict[Relation, dict[str, Secret]] = {}

    def relations(self) -> list[Relation]:
        return [relation for relation in self.model.relations.values()
                if self.name in relation.endpoints and not relation.dying]

    def serve(self) -> None:
        """Publish the grant in the relations with a request."""
        for relation in self.relations():
            request = relation.app_databags[CLIENT].data
            if 'database' in request:
                bag = relation.app_databags[self.name]
                data = self._grant(relation, request) if self.grants else {}
                self.model.write(bag, {**dict.fromkeys(bag.data, ''), **data})

    def _grant(self, relation: Relation, request: dict[str, str]) -> dict[str, str]:
        data = {'endpoints': '{}:{}'.format(self.host, self.port),
                'database': request['database']}
        login = {'username': self.name, 'password': self.password}
        tls = {'tls': 'enabled' if self.ca else 'disabled'}
        if self.ca:
            tls['tls-ca'] = self.ca
        if self.as_secrets and 'requested-secrets' in request:
            data['secret-user'] = self.foreign_uri or self._secret(
                relation, 'secret-user', login)
            data['secret-tls'] = self._secret(relation, 'secret-tls', tls)
        else:
            data.update(login, **tls)
        return {**data, **self.invalid}

    def _secret(self, relation: Relation, key: str, content: dict[str, str]) -> str:
        secrets = self.secrets.setdefault(relation, {})
        if key not in secrets:
            secrets[key] = self.model.add_secret(self.name, **content)
        elif secrets[key].revisions[-1] != content:
            self.model.revise_secret(secrets[key], **content)
        if self.revoked:
            self.model.revoke_secret(secrets[key], CLIENT)
        else:
            self.model.grant_secret(secrets[key], CLIENT, relation)
        return secrets[key].uri


def usable_unit(data: dict[str, str]) -> tuple[str, str] | None:
    """A unit's host and port, or None if it is not usable."""
    port = data.get('port', '')
    if not port.isdigit() or port == '0' or data.get('rest_port') == 'x':
        return None
    return data.get('host') or data['ingress-address'], port
