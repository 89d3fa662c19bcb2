import functools
import shutil
from pathlib import Path

import pytest

import juju_standin
from juju_standin import PROFILES, BuiltCharm, InProcessCharm

pytest.register_assert_rewrite(__package__ + '.granting', __package__ + '.world')

from .world import World  # noqa: E402

TESTS = Path(__file__).resolve().parent.parent
INTERFACES = TESTS.parent / 'interfaces'
FIXTURE_CHARMS = TESTS / 'fixtures' / 'charms'
EARLIER_LAYERS = TESTS / 'fixtures' / 'earlier_layers'
LAYERS = [TESTS.parent / 'examples', FIXTURE_CHARMS]


@pytest.fixture(scope='session')
def built():
    """Builds a charm with these interface layers or with earlier ones."""
    @functools.cache
    def built(name, interfaces=INTERFACES):
        layer, = [layers / name for layers in LAYERS if (layers / name).exists()]
        return juju_standin.built(layer, interfaces)
    return built


@pytest.fixture(scope='session')
def version_3(tmp_path_factory):
    """These layers, as a version that takes its records for another layout."""
    layers = tmp_path_factory.mktemp('layers') / 'version-3'
    shutil.copytree(INTERFACES, layers, symlinks=True)
    record = layers / 'common' / 'record.py'
    text = record.read_text()
    assert text.count('VERSION = 2\n') == 1
    record.write_text(text.replace('VERSION = 2\n', 'VERSION = 3\n'))
    return layers


@pytest.fixture(params=PROFILES)
def profile(request):
    """Each release of Juju."""
    return request.param


@pytest.fixture
def in_process(built):
    """Makes a charm that is run in this process."""
    return lambda *which: InProcessCharm(built(*which))


@pytest.fixture
def by_processes(request, built, tmp_path):
    """Makes a charm whose hooks are processes."""
    python = request.config.getoption('--hooks-python')
    return lambda *which: BuiltCharm(built(*which), tmp_path, python)


@pytest.fixture
def world(profile):
    return World(profile)
