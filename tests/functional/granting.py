"""A server with the application-data protocol, and its client, the example."""
import json

from juju_standin import BuiltCharm

from .conftest import FIXTURE_CHARMS
from .world import AVAILABLE

CA = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n'
REQUEST = {'database': '/kafka', 'extra-user-roles': 'cdrwa'}
# a request from Juju 3 on: for a grant in secrets
IN_SECRETS = dict(REQUEST, **{
    'requested-secrets': '["username", "password", "tls-ca", "uris"]'})


class Grant:
    """A server zk that grants a path, and two client units kafka."""

    def __init__(self, world, server, client, directory):
        self.world, self.model = world, world.model
        # these servers run without being built
        self.model.deploy('zk', BuiltCharm(FIXTURE_CHARMS / server, directory))
        self.model.deploy('kafka', client, 2, {'conf-dir': 'conf'})
        self.model.observers.append(self._observe)
        self.restarts = 0
        world.settle()

    def relate(self):
        self.relation = self.model.relate('zk:zookeeper', 'kafka:zookeeper')

    def run(self, unit):
        """Run hooks of one unit until none is pending."""
        self.world.run_pending(unit)

    def asked(self):
        """The client's application data."""
        return self.relation.app_bags['kafka'].data

    def uses(self, port=2181, password='first', ca=None, path='/kafka'):
        """Assert that both client units use the grant and store no password."""
        found = self.world.servers('zk/0', port=port) + path
        text = 'zookeeper.connect={}\nzookeeper.login=relation-{}:{}\n'.format(
            found, self.relation.number, password)
        text += 'zookeeper.ca={}\n'.format(json.dumps(ca)) if ca else ''
        for unit in 'kafka/0', 'kafka/1':
            assert self.world.flags(unit, 'zookeeper') == AVAILABLE
            assert self.world.file(unit, 'conf/client.cfg') == text
            assert self.model.unit(unit).status == ('active', 'using ' + found)
            assert password not in str(self.model.unit(unit).charm.kv(unit))

    def waits(self, flags, status):
        """Assert that neither client unit uses a server."""
        for unit in 'kafka/0', 'kafka/1':
            assert self.world.flags(unit, 'zookeeper') == flags
            assert self.world.file(unit, 'conf/client.cfg') == 'zookeeper.connect=\n'
            assert self.model.unit(unit).status == status

    def _observe(self, run):
        if run.unit == 'kafka/0':
            self.restarts += run.services.count(('restart', 'zookeeper-client'))
