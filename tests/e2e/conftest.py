"""Fixtures of the tests with real servers: packages, built charms and services."""
import concurrent.futures
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from e2e.services import Services
from integration.charms import EXAMPLES, NAMES
from juju_standin import BuiltCharm, build

ROOT = Path(__file__).parents[2]
# Files that remain after a run: histories of the tests, and packages from Maven.
RESULTS = ROOT / 'build' / 'e2e'

# Fixtures that end the servers also run if pytest is terminated.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def require_package(found: object, package: str) -> None:
    """Skip the test if a package is missing, or fail in CI."""
    if not found:
        text = 'needs the package {0}: apt install {0}'.format(package)
        if os.environ.get('CI') == 'true':
            pytest.fail(text)
        pytest.skip(text)


@pytest.fixture(scope='session')
def java():
    """The path of Java."""
    require_package(shutil.which('java'), 'default-jre-headless')
    return shutil.which('java')


@pytest.fixture(scope='session')
def zookeeper_jar(java):
    """The path of Debian's ZooKeeper."""
    jar = Path('/usr/share/java/zookeeper.jar')
    require_package(jar.exists() and Path('/usr/share/zookeeper/bin/zkCli.sh').exists(),
                    'zookeeper')
    return jar


@pytest.fixture(scope='session')
def flume_jars(java):
    """The class path of Flume. Maven fetches it once."""
    require_package(shutil.which('mvn'), 'maven')
    pom = Path(__file__).with_name('pom.xml')
    directory = RESULTS / 'flume'
    fetched = directory / 'pom.xml'
    if not fetched.exists() or fetched.read_text() != pom.read_text():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        subprocess.run(['mvn', '--batch-mode', '--quiet', '--file', pom,
                        'dependency:copy-dependencies',
                        '-DoutputDirectory={}'.format(directory)],
                       check=True, timeout=300)
        shutil.copy(pom, fetched)
    return '{}/*'.format(directory)


@pytest.fixture(scope='session')
def built(tmp_path_factory):
    """The directories of the built example charms, by name."""
    target = tmp_path_factory.mktemp('charms')
    layers = [EXAMPLES / name for name in NAMES]
    with concurrent.futures.ThreadPoolExecutor(len(layers)) as pool:
        return {path.name: path for path in pool.map(
            lambda layer: build(layer, target), layers)}


@pytest.fixture
def charms(built, tmp_path):
    return {name: BuiltCharm(path, tmp_path / 'units') for name, path in built.items()}


@pytest.fixture
def services(tmp_path):
    """The units' services, which end with the test."""
    services = Services(tmp_path)
    yield services
    services.end_all()
