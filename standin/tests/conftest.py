import pytest

from repository import INTERFACES
from two_apps import TwoApps


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
