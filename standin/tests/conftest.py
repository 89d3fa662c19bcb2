import pytest

from two_apps import TwoApps


@pytest.fixture
def apps():
    return TwoApps()
