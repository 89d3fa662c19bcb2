"""A real server that has to be asked, and a client that writes to it all the time."""
import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError, SessionClosedRequireSaslError
from kazoo.security import ACL, Id, Permissions, make_digest_acl_credential

from e2e import writer
from e2e.conftest import need
from e2e.services import free_ports, listening, wait_for
from juju_standin import BuiltCharm, Model

# Seconds that the server or a client has to do what it is waited for.
LIMIT = 60
# Acknowledged writes that show that the client is at work.
SOME = 50
NUMBERS = '/kafka' + writer.PARENT

SUPER = 'super:ofall'
JAAS = '''\
Server {{
    org.apache.zookeeper.server.auth.DigestLoginModule required
    user_{user}="{password}";
}};
'''
CONFIG = '''\
dataDir={directory}/data
clientPort={port}
secureClientPort={secure}
admin.enableServer=false
authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider
enforce.auth.enabled=true
enforce.auth.schemes=sasl,digest
serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
ssl.keyStore.location={directory}/keystore.pem
ssl.clientAuth=none
'''
SERVER = Path(__file__).parents[1] / 'fixtures' / 'charms' / 'plain-server'


def certify(directory, name, *options):
    """Make a key and a certificate, itself a CA's or of one: their files."""
    key, file = directory / (name + '.key'), directory / (name + '.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                    '-subj', '/CN=' + name, '-keyout', key, '-out', file, *options],
                   check=True, capture_output=True)
    return key, file


class World:
    """ZooKeeper as `zk`, which grants a path to a client as `kafka`."""

    def __init__(self, charms, services, java, jars, directory, scheme):
        self.services, self.directory = services, directory
        self.log = directory / 'numbers'
        self.restarts = 0           # of the client
        self.ports = free_ports(4)
        self.password = 'p4ss'
        ca_key, self.ca = certify(directory, 'ca')
        key, file = certify(directory, 'server', '-CA', self.ca, '-CAkey', ca_key)
        (directory / 'keystore.pem').write_text(key.read_text() + file.read_text())
        services.programs = {
            'zookeeper': lambda unit: [
                java, '-Xmx256m', '-XX:+UseSerialGC', '-cp', jars,
                '-Djava.security.auth.login.config={}/jaas'.format(directory),
                '-Dzookeeper.DigestAuthenticationProvider.superDigest='
                + make_digest_acl_credential(*SUPER.split(':')),
                'org.apache.zookeeper.server.quorum.QuorumPeerMain',
                directory / 'zoo.cfg'],
            'zookeeper-client': lambda unit: [
                sys.executable, writer.__file__,
                Path(unit.charm_dir) / 'conf' / 'client.cfg', self.log, scheme]}
        self.model = Model()
        self.model.on_service = services
        self.model.observers.append(self._observe)
        self.model.deploy('zk', BuiltCharm(SERVER, directory / 'units'),
                          config={'password': self.password})
        self.model.deploy('kafka', charms['zookeeper-client'],
                          config={'conf-dir': 'conf'})
        self.model.set_address('zk/0', '127.0.0.1')
        relation = self.model.relate('zk:zookeeper', 'kafka:zookeeper')
        self.user = 'relation-{}'.format(relation.number)

    def start(self, number):
        """Start the server, on the first or second of its two pairs of ports."""
        self.services.end('zk/0', 'zookeeper')
        self.port, self.secure = self.ports + number, self.ports + 2 + number
        (self.directory / 'jaas').write_text(JAAS.format(
            user=self.user, password=self.password))
        (self.directory / 'zoo.cfg').write_text(CONFIG.format(
            directory=self.directory, port=self.port, secure=self.secure))
        self.services.start(self.model.unit('zk/0'), 'zookeeper')
        wait_for('a server', lambda: listening(self.port) and listening(self.secure),
                 LIMIT)

    @contextlib.contextmanager
    def session(self, port, **options):
        """A session, which is not made again when it ends."""
        client = KazooClient('127.0.0.1:{}'.format(port), **options)
        try:
            client.start(timeout=10)
            yield client
        finally:
            client.stop()
            client.close()

    def admin(self):
        return self.session(self.port, auth_data=[('digest', SUPER)])

    def grant(self):
        """Make the path, for the client only, by either scheme."""
        digest = make_digest_acl_credential(self.user, self.password)
        with self.admin() as admin:
            admin.create('/kafka', acl=[
                ACL(Permissions.ALL, Id('sasl', self.user)),
                ACL(Permissions.ALL, Id('digest', digest))])

    def settle(self, **config):
        """Run all hooks after options have changed; the client goes on writing."""
        self.model.set_config('zk', **config)
        self.model.settle()
        done = len(writer.acknowledged(self.log))
        wait_for('{} writes'.format(SOME), lambda: len(
            writer.acknowledged(self.log)) >= done + SOME, LIMIT)

    def refuses(self, port, ca=None):
        """Assert that the server refuses a session without credentials, and the path
        to one with wrong ones."""
        for login, why in [(None, SessionClosedRequireSaslError),
                           (self.user + ':wrong', NoAuthError)]:
            with pytest.raises(why), self.session(
                    port, **writer.security('digest', login, ca)) as client:
                client.get_children(NUMBERS)

    def lost(self):
        """What was acknowledged and the server doesn't hold."""
        with self.admin() as admin:
            held = {int(name) for name in admin.get_children(NUMBERS)}
        return set(writer.acknowledged(self.log)) - held

    def _observe(self, run):
        if run.unit == 'kafka/0':
            self.restarts += [action for action, _ in run.services].count('restart')


@pytest.fixture(params=['sasl', 'digest'])
def world(charms, services, java, zookeeper_jar, tmp_path, request):
    need(shutil.which('openssl'), 'openssl')
    jars = [zookeeper_jar, *(zookeeper_jar.with_name(name + '.jar') for name in (
        'slf4j-simple', 'netty-codec', 'netty-resolver'))]
    return World(charms, services, java, ':'.join(map(str, jars)), tmp_path,
                 request.param)


def test_a_client_logs_in_and_writes_while_the_server_moves(world):
    world.start(0)
    world.grant()
    world.settle(port=world.port)
    world.refuses(world.port)
    world.start(1)
    world.settle(port=world.port)

    world.settle(port=world.secure, ca=world.ca.read_text())
    world.refuses(world.secure, world.ca)
    world.start(0)
    world.settle(port=world.secure)
    assert world.restarts == 4
    assert world.lost() == set()
