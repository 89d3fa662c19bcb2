from fnmatch import fnmatchcase

import pytest
from charms.reactive import bus
from juju_standin.context import Context

for helper in 'app_data_helpers', 'harness', 'record_helpers', 'upgrades':
    pytest.register_assert_rewrite('{}.{}'.format(__package__, helper))

from . import harness  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line('markers', 'releases(*names): the releases of Juju to test')


def pytest_generate_tests(metafunc):
    marker = metafunc.definition.get_closest_marker('releases')
    if marker and 'release' in metafunc.fixturenames:
        metafunc.parametrize('release', marker.args)


@pytest.fixture
def release():
    """The release of Juju, unless the test has the marker `releases`."""
    return '3.6'


@pytest.fixture
def juju(monkeypatch, release):
    """A unit without endpoints. Its last hook must succeed, like all others."""
    juju = harness.Juju(monkeypatch, release)
    yield juju
    juju.end()


@pytest.fixture
def handlers(monkeypatch):
    """Only the handlers that the test defines are registered."""
    monkeypatch.setattr(bus.Handler, '_HANDLERS', {})
    monkeypatch.setattr(bus.Handler, '_CONSUMED_FLAGS', set())


@pytest.fixture(params=harness.SIDES, ids=lambda side: side.id)
def side(request):
    """Each of the four classes."""
    return request.param


@pytest.fixture(params=harness.REQUIRES, ids=lambda side: side.id)
def requires(request):
    """Each class of a client."""
    return request.param


@pytest.fixture(params=harness.PROVIDES, ids=lambda side: side.id)
def provides(request):
    """Each class of a provider."""
    return request.param


@pytest.fixture
def new_client(juju):
    """The client has a server, but its charm has not called request() yet."""
    juju.deploy(harness.ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    return juju


@pytest.fixture
def unrelated_client(juju):
    """The client's charm has called request(), but no server is related yet."""
    juju.deploy(harness.ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    return juju


@pytest.fixture
def client(unrelated_client):
    """The client's charm has called request(); its server has not granted it yet."""
    unrelated_client.join('zk:1', 'server/0')
    return unrelated_client


@pytest.fixture
def answers(juju, monkeypatch):
    """{pattern: answer} of the hook-tool calls that the stand-in does not answer."""
    answers, call = {}, Context.call

    def answer(context, argv, *options):
        for pattern in answers:
            if fnmatchcase(' '.join(argv), pattern):
                return answers[pattern]
        return call(context, argv, *options)
    monkeypatch.setattr(Context, 'call', answer)
    return answers
