"""A real server that requires a request and a login, and a client that writes."""
import shutil
import subprocess
from pathlib import Path

import pytest
from kazoo.exceptions import NoAuthError, SessionClosedRequireSaslError
from kazoo.security import ACL, Id, Permissions, make_digest_acl_credential

from e2e import writer
from e2e.conftest import require_package
from e2e.services import free_ports, listening, wait_for
from e2e.zookeeper import LIMIT, ZooKeeperDeployment
from juju_standin import BuiltCharm

NUMBERS = '/kafka' + writer.PARENT

PASSWORD = 'p4ss'
SUPERUSER = 'super:ofall'
JAAS = '''\
Server {{
    org.apache.zookeeper.server.auth.DigestLoginModule required
    user_{user}="{password}";
}};
'''
CONFIG = '''\
dataDir={directory}/data
clientPort={port}
secureClientPort={tls_port}
admin.enableServer=false
authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider
enforce.auth.enabled=true
enforce.auth.schemes=sasl,digest
serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
ssl.keyStore.location={directory}/keystore.pem
ssl.clientAuth=none
'''
SERVER = Path(__file__).parents[1] / 'fixtures' / 'charms' / 'plain-server'


def make_certificate(directory, name, *options):
    """Make a key and a certificate, by default self-signed, and return their files."""
    key, file = directory / (name + '.key'), directory / (name + '.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                    '-subj', '/CN=' + name, '-keyout', key, '-out', file, *options],
                   check=True, capture_output=True)
    return key, file


class GrantingServer(ZooKeeperDeployment):
    """One server that grants the client a path.

    It has two pairs of ports, one for plain text and one for TLS.
    """

    def __init__(self, charms, services, java, jars, directory, scheme):
        super().__init__(services, java, jars, directory, [
            '-Djava.security.auth.login.config={}/jaas'.format(directory),
            '-Dzookeeper.DigestAuthenticationProvider.superDigest='
            + make_digest_acl_credential(*SUPERUSER.split(':'))], [scheme])
        self.directory = directory
        self.ports = free_ports(4)
        ca_key, self.ca = make_certificate(directory, 'ca')
        key, file = make_certificate(directory, 'server',
                                     '-CA', self.ca, '-CAkey', ca_key)
        (directory / 'keystore.pem').write_text(key.read_text() + file.read_text())
        self.model.deploy('zk', BuiltCharm(SERVER, directory / 'units'), 0,
                          {'password': PASSWORD})
        self.model.deploy('kafka', charms['zookeeper-client'], 0, {'conf-dir': 'conf'})
        self.add_unit('zk')
        self.add_unit('kafka')
        relation = self.model.relate('zk:zookeeper', 'kafka:zookeeper')
        self.user = 'relation-{}'.format(relation.number)

    def server_config(self, unit):
        return self.directory / 'zoo.cfg'

    def restart(self, pair):
        """Start the server on the first or second pair of ports, 0 or 1."""
        self.services.end('zk/0', 'zookeeper')
        self.port, self.tls_port = self.ports + pair, self.ports + 2 + pair
        (self.directory / 'jaas').write_text(JAAS.format(
            user=self.user, password=PASSWORD))
        self.server_config('zk/0').write_text(CONFIG.format(
            directory=self.directory, port=self.port, tls_port=self.tls_port))
        self.services.start(self.model.unit('zk/0'), 'zookeeper')
        wait_for('a server', lambda: listening(self.port) and listening(self.tls_port),
                 LIMIT)

    def admin(self):
        return self.session(self.port, auth_data=[('digest', SUPERUSER)])

    def create_path(self):
        """Create the path that the client requests, for the client only."""
        digest = make_digest_acl_credential(self.user, PASSWORD)
        with self.admin() as admin:
            admin.create('/kafka', acl=[
                ACL(Permissions.ALL, Id('sasl', self.user)),
                ACL(Permissions.ALL, Id('digest', digest))])

    def settle(self, **config):
        """Change options of the server's charm, run all hooks and wait for writes."""
        self.model.set_config('zk', **config)
        self.model.settle()
        self.wait_for_writes()

    def check_refusals(self, port, ca=None):
        """Check that the server refuses a session without a login, and access to the
        path with a wrong password."""
        for login, error in [(None, SessionClosedRequireSaslError),
                             (self.user + ':wrong', NoAuthError)]:
            with pytest.raises(error), self.session(
                    port, **writer.security('digest', login, ca)) as client:
                client.get_children(NUMBERS)


@pytest.fixture(params=['sasl', 'digest'])
def server(charms, services, java, zookeeper_jar, tmp_path, request):
    require_package(shutil.which('openssl'), 'openssl')
    jars = [zookeeper_jar, *(zookeeper_jar.with_name(name + '.jar') for name in (
        'slf4j-simple', 'netty-codec', 'netty-resolver'))]
    return GrantingServer(charms, services, java, jars, tmp_path, request.param)


def test_client_logs_in_and_loses_no_write_while_the_server_moves(server):
    server.restart(0)
    server.create_path()
    server.settle(port=server.port)
    server.check_refusals(server.port)
    server.restart(1)
    server.settle(port=server.port)

    server.settle(port=server.tls_port, ca=server.ca.read_text())
    server.check_refusals(server.tls_port, server.ca)
    server.restart(0)
    server.settle(port=server.tls_port)
    assert server.restarts == 4
    with server.admin() as admin:
        assert server.lost_writes(admin, NUMBERS) == set()
