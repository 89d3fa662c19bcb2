"""Which characters a path may contain, and how long published texts may be."""
import pytest

from .app_data_helpers import GRANT, PEM
from .harness import CONNECTED, JOINING, USABLE, ZOOKEEPER_REQUIRES, layer

app_data = layer('zookeeper', 'app_data')

ALLOWED = ['/kafka', '/a/b-c/d_e', '/A.9', '/...', '/.a', '/a~b', '/a@b', '/a:b',
           '/a=b', '/a+b', '/' + 'x' * 254, '/x' * 127 + 'y']
REFUSED = ['', '/', 'kafka', '/a/', '//a', '/a//b', '/.', '/..', '/a/../b', '/./a',
           '/' + 'x' * 255, '/x' * 128, '/a\n', '/a b', '/a,b', '/\u00e4', '/\u0661',
           None, 5, b'/a', ['/a']]
REFUSED += ['/a{}b'.format(character) for character in
            '!"#$%&\'()*;<>?[\\]^`{|}\t\0\x7f\x85\u2028\u202e\ufeff\ud800']

VALID = app_data.request('/kafka', 'r')


@pytest.fixture
def client(juju):
    """Its charm has called request(); it is related to a server without a grant."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    return juju


def usable(client, **changes):
    """Return whether a grant is usable; assert that it is logged if not."""
    before = len(client.warnings)
    client.application_changed('zk:1', dict(GRANT, **changes))
    available = client.flags() == USABLE | JOINING
    assert available or client.flags() == CONNECTED
    assert len(client.warnings) == before + (not available)
    return available


@pytest.mark.parametrize('path', ALLOWED)
def test_allowed_path_can_be_requested_granted_and_appended(client, path):
    assert app_data.request(path, 'r') == dict(VALID, database=path)
    assert usable(client, database=path, endpoints='zk:2181')
    assert client.endpoint().connection_string(path) == 'zk:2181' + path * 2


@pytest.mark.parametrize('path', REFUSED, ids=ascii)
def test_refused_path_raises_value_error(juju, path):
    juju.deploy(ZOOKEEPER_REQUIRES)
    with pytest.raises(ValueError, match='^chroot is .*, not a path like /kafka or'):
        app_data.request(path, 'r')
    if path not in (None, '', '/'):     # no path
        with pytest.raises(ValueError, match='^chroot is .*, not a path like /kafka'):
            juju.endpoint().connection_string(path)


@pytest.mark.parametrize('path', [
    path for path in REFUSED if isinstance(path, str) and '\ud800' not in path and (
        path not in ('', '/', 'kafka'))], ids=ascii)
def test_refused_path_makes_a_grant_unusable(client, path):
    assert not usable(client, database=path)
    assert client.warnings == ['zk: server is not usable: database is not a path like '
                               '/kafka or /a/b']


@pytest.mark.parametrize('length, allowed', [(4096, True), (4097, False)])
def test_endpoints_have_at_most_4096_characters(client, length, allowed):
    servers = ','.join('10.0.0.{}:2181'.format(number) for number in range(1, 200))
    assert usable(client, endpoints=servers + ' ' * (length - len(servers))) is allowed


@pytest.mark.parametrize('length, allowed', [(16384, True), (16385, False)])
def test_certificates_have_at_most_16384_characters(client, length, allowed):
    text = PEM * 3
    text += '#' * (length - len(text))
    assert usable(client, **{'tls': 'enabled', 'tls-ca': text}) is allowed
    if allowed:
        assert client.endpoint().tls().ca == PEM * 3


def test_other_texts_have_limits(client):
    for name in 'username', 'password', 'database':
        assert not usable(client, **{name: 'x' * 17000}), name
