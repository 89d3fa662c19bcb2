from fnmatch import fnmatchcase

import pytest
from charms.reactive import bus
from juju_standin.context import Context

for helper in 'app_data_helpers', 'harness', 'record_helpers', 'upgrades':
    pytest.register_assert_rewrite('{}.{}'.format(__package__, helper))

from . import harness  # noqa: E402


def _id(side):
    return side.id


@pytest.fixture
def release():
    """The release of Juju."""
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


@pytest.fixture(params=harness.SIDES, ids=_id)
def side(request):
    """Each of the four classes."""
    return request.param


@pytest.fixture(params=harness.REQUIRES, ids=_id)
def requires(request):
    """Each class of a client."""
    return request.param


@pytest.fixture(params=harness.PROVIDES, ids=_id)
def provides(request):
    """Each class of a provider."""
    return request.param


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
