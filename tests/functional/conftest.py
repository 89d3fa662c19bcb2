import functools
import shutil
from pathlib import Path

import pytest

import juju_standin
from juju_standin import PROFILES, BuiltCharm, InProcessCharm

for helper in 'ensemble', 'granting', 'pair', 'world':
    pytest.register_assert_rewrite('{}.{}'.format(__package__, helper))

from .ensemble import Ensemble  # noqa: E402
from .world import World  # noqa: E402

TESTS = Path(__file__).resolve().parent.parent
INTERFACES = TESTS.parent / 'interfaces'
FIXTURE_CHARMS = TESTS / 'fixtures' / 'charms'
EARLIER_LAYERS = TESTS / 'fixtures' / 'earlier_layers'
LAYERS = [TESTS.parent / 'examples', FIXTURE_CHARMS]


def profiles(*names):
    """Run a test only with these releases of Juju, not with each one."""
    return pytest.mark.parametrize('profile', names, indirect=True)


@pytest.fixture(scope='session')
def built():
    """Builds a charm with these interface layers or with earlier ones."""
    @functools.cache
    def built(name, interfaces=INTERFACES):
        layer, = [layers / name for layers in LAYERS if (layers / name).exists()]
        return juju_standin.built(layer, interfaces)
    return built


@pytest.fixture(scope='session')
def next_version(tmp_path_factory):
    """These layers with another version number of their stored record."""
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
    """Makes a charm whose hooks run in this process."""
    return lambda *which: InProcessCharm(built(*which))


@pytest.fixture
def as_processes(request, built, tmp_path):
    """Makes a charm whose hooks run as processes."""
    python = request.config.getoption('--hooks-python')
    return lambda *which: BuiltCharm(built(*which), tmp_path, python)


@pytest.fixture
def world(profile):
    return World(profile)


@pytest.fixture
def ensemble(world, in_process):
    """Two ZooKeeper servers and a client, with no hook pending."""
    ensemble = Ensemble(world, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))
    ensemble.model.add_unit('zk')
    ensemble.kafka = ensemble.relate()
    world.settle()
    ensemble.uses('kafka/0', 'zk/0', 'zk/1')
    return ensemble
