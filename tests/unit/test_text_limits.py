"""Which characters a path may contain, and how long published texts may be."""
import pytest

from .app_data_helpers import GRANT, PEM
from .harness import CONNECTED, JOINING, USABLE, ZOOKEEPER_REQUIRES, layer

app_data = layer('zookeeper', 'app_data')

VALID_PATHS = [
    '/kafka', '/a/b-c/d_e', '/A.9', '/...', '/.a', '/a~b', '/a@b', '/a:b', '/a=b',
    '/a+b', '/' + 'x' * 254, '/x' * 127 + 'y']
INVALID_PATHS = [
    '', '/', 'kafka', '/a/', '//', '//a', '/a//b', '/.', '/..', '/a/../b', '/./a',
    '/' + 'x' * 255, '/x' * 128, '/a\n', '/a b', '/a,b', '/\u00e4', '/\u0661',
    None, 5, True, b'/a', ['/a'],
    *map('/a{}b'.format, '!"#$%&\'()*;<>?[\\]^`{|}\t\0\x7f\x85\u2028\u202e\ufeff'
                         '\ud800')]


def grant_is_usable(client, **changes):
    """Return whether a grant is usable; assert that it is logged if not."""
    before = len(client.warnings)
    client.application_changed('zk:1', dict(GRANT, **changes))
    available = client.flags() == USABLE | JOINING
    assert available or client.flags() == CONNECTED
    assert len(client.warnings) == before + (not available)
    return available


@pytest.mark.parametrize('path', VALID_PATHS)
def test_valid_path_can_be_requested_granted_and_appended(client, path):
    assert app_data.request(path, 'r') == {'database': path, 'extra-user-roles': 'r'}
    assert grant_is_usable(client, database=path, endpoints='zk:2181')
    assert client.endpoint().connection_string(path) == 'zk:2181' + path * 2


@pytest.mark.parametrize('path', INVALID_PATHS, ids=ascii)
def test_invalid_path_raises_value_error(juju, path):
    juju.deploy(ZOOKEEPER_REQUIRES)
    with pytest.raises(ValueError, match='^chroot is .*, not a path like /kafka or'):
        app_data.request(path, 'r')
    if path not in (None, '', '/'):     # no path
        with pytest.raises(ValueError, match='^chroot is .*, not a path like /kafka'):
            juju.endpoint().connection_string(path)


@pytest.mark.parametrize('path', [
    path for path in INVALID_PATHS if isinstance(path, str) and '\ud800' not in path
    and path not in ('', '/', 'kafka')], ids=ascii)
def test_invalid_path_makes_a_grant_unusable(client, path):
    assert not grant_is_usable(client, database=path)
    assert client.warnings == ['zk: server is not usable: database is not a path like '
                               '/kafka or /a/b']


@pytest.mark.parametrize('length, allowed', [(4096, True), (4097, False)])
def test_endpoints_have_at_most_4096_characters(client, length, allowed):
    servers = ','.join('10.0.0.{}:2181'.format(number) for number in range(1, 200))
    servers += ' ' * (length - len(servers))
    assert grant_is_usable(client, endpoints=servers) is allowed


@pytest.mark.parametrize('length, allowed', [(16384, True), (16385, False)])
def test_certificates_have_at_most_16384_characters(client, length, allowed):
    text = PEM * 3
    text += '#' * (length - len(text))
    assert grant_is_usable(client, **{'tls': 'enabled', 'tls-ca': text}) is allowed
    if allowed:
        assert client.endpoint().tls().ca == PEM * 3


@pytest.mark.parametrize('excess', [0, 1])
@pytest.mark.parametrize('name, most', [
    ('username', 255), ('password', 1024), ('database', 254)])   # without its slash
def test_username_password_and_path_have_a_maximum_length(client, name, most, excess):
    assert grant_is_usable(client, **{name: 'x' * (most + excess)}) is not bool(excess)
