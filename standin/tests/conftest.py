import pytest

from repository import INTERFACES
from two_apps import TwoApps


def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: tox -e slow runs the test')


@pytest.fixture
def apps():
    return TwoApps()


@pytest.fixture(autouse=True, scope='session')
def author():
    """Sets the variables of an author who builds charms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('CHARM_INTERFACES_DIR', str(INTERFACES))
        patch.delenv('CHARM_LAYERS_DIR', raising=False)
        yield
