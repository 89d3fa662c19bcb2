"""A ready ZooKeeper server of the application-data protocol, to relate clients to."""
from __future__ import annotations

import json
from typing import Any

from .context import Context

ENDPOINT = 'zookeeper'


class GrantingServer:
    """A charm that grants each request, with secrets if the client accepts them.

        model.deploy('zk', GrantingServer())
        model.relate('kafka:zookeeper', 'zk:zookeeper')

    Its options are `port`, `password` and `ca`, the CA's certificate in PEM. TLS is on
    if `ca` is set. A client of relation 7 logs in as `relation-7`.
    """
    metadata = {'name': 'granting-server',
                'provides': {ENDPOINT: {'interface': 'zookeeper'}}}
    config = {'port': 2181, 'password': 'first', 'ca': ''}

    def run(self, context: Context) -> int:
        if context.hook.kind not in ('action', 'broken') and (
                _query(context, 'is-leader')):
            for relation_id in _query(context, 'relation-ids', ENDPOINT):
                self._grant(context, relation_id)
        return 0

    def _grant(self, context: Context, relation_id: str) -> None:
        client = _query(context, 'relation-list', '-r', relation_id, '--app')
        request = _app_data(context, relation_id, client)
        if not request.get('database'):
            return
        config = _query(context, 'config-get', '--all')
        grant = {'database': request['database'], 'tls-ca': config['ca'],
                 'tls': 'enabled' if config['ca'] else '',
                 'endpoints': '{}:{}'.format(
                     _query(context, 'unit-get', 'private-address'), config['port'])}
        login = {'username': 'relation-' + relation_id.split(':')[1],
                 'password': config['password']}
        if 'requested-secrets' in request:
            login = {'secret-user': self._secret(context, relation_id, login)}
        _run(context, 'relation-set', '-r', relation_id, '--app',
             *_pairs({**grant, **login}))

    def _secret(self, context: Context, relation_id: str, login: dict) -> str:
        """Store the login in the relation's secret, and return its URI."""
        app = context.unit.app.name
        uri = _app_data(context, relation_id, app).get('secret-user')
        if uri:
            _run(context, 'secret-set', uri, *_pairs(login))
        else:
            uri = _run(context, 'secret-add', *_pairs(login)).strip()
            _run(context, 'secret-grant', uri, '-r', relation_id)
        return uri


def _app_data(context: Context, relation_id: str, app: str) -> dict[str, str]:
    return _query(context, 'relation-get', '-r', relation_id, '--app', '-', app)


def _pairs(values: dict[str, str]) -> list[str]:
    return ['{}={}'.format(*pair) for pair in values.items()]


def _query(context: Context, tool: str, *arguments: str) -> Any:
    return json.loads(_run(context, tool, '--format=json', *arguments))


def _run(context: Context, *command: str) -> str:
    status, output, errors = context.call(list(command))
    if status:
        raise RuntimeError('{} failed: {}'.format(command[0], errors.decode()))
    return output.decode()
