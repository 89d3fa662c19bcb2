import functools
import re
import shutil
from pathlib import Path

import pytest

import juju_standin
from juju_standin import PROFILES, BuiltCharm, InProcessCharm

for helper in 'ensemble', 'granting', 'juju', 'layers', 'pair':
    pytest.register_assert_rewrite('{}.{}'.format(__package__, helper))

from .ensemble import Ensemble  # noqa: E402
from .juju import Juju  # noqa: E402

TESTS = Path(__file__).resolve().parent.parent
INTERFACES = TESTS.parent / 'interfaces'
RECORD_VERSION = int(re.search(
    r'^VERSION = (\d+)\n', (INTERFACES / 'common' / 'record.py').read_text(), re.M)[1])
FIXTURE_CHARMS = TESTS / 'fixtures' / 'charms'
EARLIER_LAYERS = TESTS / 'fixtures' / 'earlier_layers'
LAYERS = [TESTS.parent / 'examples', FIXTURE_CHARMS]


def release_parameters(*names):
    """Parameters for these releases of Juju. All but the first are slow: few defects
    show only there."""
    return [names[0], *(pytest.param(name, marks=pytest.mark.slow)
                        for name in names[1:])]


def releases(*names):
    """Run a test only with these releases of Juju instead of all releases."""
    return pytest.mark.parametrize('release', release_parameters(*names), indirect=True)


@pytest.fixture(scope='session')
def built():
    """Builds a charm with these interface layers, or with others, such as earlier ones.
    """
    @functools.cache
    def built(name, interfaces=INTERFACES):
        layer, = [layers / name for layers in LAYERS if (layers / name).exists()]
        return juju_standin.build_once(layer, interfaces)
    return built


@pytest.fixture(scope='session')
def next_version(tmp_path_factory):
    """A copy of these layers with the next version number of the stored record."""
    layers = shutil.copytree(INTERFACES, tmp_path_factory.mktemp('layers') / 'next')
    line = 'VERSION = {}\n'
    for record in layers.glob('*/common/record.py'):
        text = record.read_text()
        record.write_text(text.replace(line.format(RECORD_VERSION),
                                       line.format(RECORD_VERSION + 1)))
    return layers


@pytest.fixture(params=release_parameters(*reversed(PROFILES)))
def release(request):
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
def juju(release):
    return Juju(release)


@pytest.fixture
def ensemble(juju, in_process):
    """Two ZooKeeper servers and a client, with no hook due."""
    ensemble = Ensemble(juju, in_process('zookeeper-server'),
                        in_process('zookeeper-client'))
    ensemble.model.add_unit('zk')
    ensemble.kafka = ensemble.relate()
    juju.settle()
    ensemble.assert_uses('kafka/0', 'zk/0', 'zk/1')
    return ensemble
