import pytest

from . import harness


def _id(side):
    return side.id


@pytest.fixture
def juju(monkeypatch):
    return harness.Juju(monkeypatch, '3.6')


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
