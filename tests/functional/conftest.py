import functools
import shutil
from pathlib import Path

import pytest

from standin import PROFILES, BuiltCharm, InProcessCharm, build

pytest.register_assert_rewrite(__package__ + '.world')

from .world import World  # noqa: E402

TESTS = Path(__file__).resolve().parent.parent
INTERFACES = TESTS.parent / 'interfaces'
LAYERS = [TESTS.parent / 'examples', TESTS / 'charms']


@pytest.fixture(scope='session')
def built(tmp_path_factory):
    """Builds a charm, once, with these interface layers or with earlier ones."""
    target = tmp_path_factory.mktemp('charms')

    @functools.cache
    def built(name, interfaces=INTERFACES):
        layer, = [layers / name for layers in LAYERS if (layers / name).exists()]
        return build(layer, target / interfaces.name, interfaces)
    return built


@pytest.fixture(scope='session')
def version_2(tmp_path_factory):
    """These layers, as a version that takes its records for another layout."""
    layers = tmp_path_factory.mktemp('layers') / 'version-2'
    shutil.copytree(INTERFACES, layers, symlinks=True)
    recorded = layers / 'zookeeper' / 'recorded.py'
    text = recorded.read_text()
    assert text.count('VERSION = 1\n') == 1
    recorded.write_text(text.replace('VERSION = 1\n', 'VERSION = 2\n'))
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
def by_processes(built, tmp_path):
    """Makes a charm whose hooks are processes."""
    return lambda *which: BuiltCharm(built(*which), tmp_path)


@pytest.fixture
def world(profile):
    return World(profile)
