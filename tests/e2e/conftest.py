"""What the tests with real servers need of this machine, and how they start."""
import concurrent.futures
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from e2e.services import Services
from juju_standin import BuiltCharm, build

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / 'examples'
# what a run leaves: its history, and what was resolved from Maven
RESULTS = ROOT / 'build' / 'e2e'


# a run that is told to end ends its servers, as one that is interrupted does
signal.signal(signal.SIGTERM, signal.default_int_handler)


def need(found: object, package: str) -> None:
    """Skip where a package is missing; in CI, fail."""
    if not found:
        text = 'needs the package {0}: apt install {0}'.format(package)
        if os.environ.get('CI') == 'true':
            pytest.fail(text)
        pytest.skip(text)


@pytest.fixture(scope='session')
def java():
    """The Java of the machine."""
    need(shutil.which('java'), 'default-jre-headless')
    return shutil.which('java')


@pytest.fixture(scope='session')
def zookeeper_jar(java):
    """Debian's ZooKeeper."""
    jar = Path('/usr/share/java/zookeeper.jar')
    need(jar.exists() and Path('/usr/share/zookeeper/bin/zkCli.sh').exists(),
         'zookeeper')
    return jar


@pytest.fixture(scope='session')
def flume_jars(java):
    """Class path of Flume, resolved once by Maven."""
    need(shutil.which('mvn'), 'maven')
    pom = Path(__file__).with_name('pom.xml')
    directory = RESULTS / 'flume'
    resolved = directory / 'pom.xml'
    if not resolved.exists() or resolved.read_text() != pom.read_text():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        subprocess.run(['mvn', '--batch-mode', '--quiet', '--file', pom,
                        'dependency:copy-dependencies',
                        '-DoutputDirectory={}'.format(directory)],
                       check=True, timeout=300)
        shutil.copy(pom, resolved)
    return '{}/*'.format(directory)


@pytest.fixture(scope='session')
def built(tmp_path_factory):
    """The example charms, built."""
    target = tmp_path_factory.mktemp('charms')
    layers = [path.parent for path in EXAMPLES.glob('*/layer.yaml')]
    with concurrent.futures.ThreadPoolExecutor(len(layers)) as pool:
        return {path.name: path for path in pool.map(
            lambda layer: build(layer, target), layers)}


@pytest.fixture
def charms(built, tmp_path):
    return {name: BuiltCharm(path, tmp_path / 'units')
            for name, path in built.items()}


@pytest.fixture
def services(tmp_path):
    """The units' services; none outlives the test."""
    running = Services(tmp_path)
    yield running
    running.end_all()
