"""A server that uses the application-data protocol, and the example client."""
import json

from juju_standin import BuiltCharm

from .conftest import FIXTURE_CHARMS
from .juju import USABLE

CA = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n'
REQUEST = {'database': '/kafka', 'extra-user-roles': 'cdrwa'}
# the request since Juju 3: it asks for a grant in secrets
REQUEST_FOR_SECRETS = dict(REQUEST, **{
    'requested-secrets': '["username", "password", "tls-ca", "uris"]'})


class GrantingDeployment:
    """A server zk that grants a path, and two units of the client kafka."""

    def __init__(self, juju, server, client, directory):
        self.juju, self.model = juju, juju.model
        # these servers need no charm-build
        self.model.deploy('zk', BuiltCharm(FIXTURE_CHARMS / server, directory))
        self.model.deploy('kafka', client, 2,
                          {'conf-dir': 'conf'} if 'conf-dir' in client.config else {})
        self.model.observers.append(self._observe)
        self.restarts = 0
        juju.settle()

    def relate(self):
        self.relation = self.model.relate('zk:zookeeper', 'kafka:zookeeper')

    def run(self, unit):
        """Run hooks of one unit until none is due."""
        self.juju.run_due(unit)

    def request_data(self):
        """The application data that the client has published."""
        return self.relation.app_databags['kafka'].data

    def assert_uses(self, port=2181, password='first', ca=None, path='/kafka',
                    tls=False, server='zk/0'):
        """Assert that both client units use the grant and store no password."""
        found = self.juju.servers(server, port=port) + path
        text = 'zookeeper.connect={}\nzookeeper.login=relation-{}:{}\n'.format(
            found, self.relation.number, password)
        text += 'zookeeper.tls=true\n' if tls or ca else ''
        text += 'zookeeper.ca={}\n'.format(json.dumps(ca)) if ca else ''
        for unit in 'kafka/0', 'kafka/1':
            assert self.juju.flags(unit, 'zookeeper') == USABLE
            assert self.juju.file(unit, 'conf/client.cfg') == text
            assert self.model.unit(unit).status == ('active', 'using ' + found)
            assert password not in str(self.model.unit(unit).charm.kv(unit))

    def assert_waits(self, flags, status):
        """Assert that neither client unit uses a server."""
        for unit in 'kafka/0', 'kafka/1':
            assert self.juju.flags(unit, 'zookeeper') == flags
            assert self.juju.file(unit, 'conf/client.cfg') == 'zookeeper.connect=\n'
            assert self.model.unit(unit).status == status

    def _observe(self, run):
        if run.unit == 'kafka/0':
            self.restarts += run.services.count(('restart', 'zookeeper-client'))
