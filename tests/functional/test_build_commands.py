"""docs/building.md: the commands that build a charm and show its layer's version."""
import re
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml

from juju_standin.build import LAYERS

from .building_page import (
    BUILD, CHARM_FILE, CURRENT, EXCLUDE, MANIFEST, OFFLINE, PAGE, SHOW_VERSION, shell,
    version)
from .conftest import EARLIER_LAYERS, INTERFACES
from .ensemble import CLIENT
from .juju import Juju
from .layers import SERIES, LayerIndex, write_layer
from .pages import ROOT, blocks


@pytest.fixture
def project(tmp_path):
    """A directory with a charm's layer."""
    return Path(shutil.copytree(ROOT / 'examples' / 'zookeeper-client',
                                tmp_path / 'project'))


def kafka(path):
    """The charm's folder, whose name differs from the charm's."""
    return write_layer(path / 'charm', 'kafka', '', ['zookeeper'],
                       requires={'zookeeper': 'zookeeper'})


def test_commands_build_charm_that_contains_this_version(project):
    output = shell(BUILD, project, CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS))
    found = re.search(r'Processing interface: zookeeper \(from (.*)\)', output)
    assert (project / found.group(1)).resolve() == INTERFACES / 'zookeeper'
    assert version(project.parent / 'built' / 'zookeeper-client') == CURRENT != []


def test_build_without_variable_takes_other_version_from_index(project, tmp_path):
    """This index stands for the default one, which has an earlier layer too."""
    index = LayerIndex(tmp_path, EARLIER_LAYERS / 'first-generation')
    output = shell('$ charm-build --layer-index ' + index.address, project,
                   CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS),
                   PYTHONWARNINGS='ignore', **index.environment)
    assert 'Processing interface: zookeeper\n' in output
    assert not re.search('warn|error', output, re.I)
    assert version(project.parent / 'built' / 'zookeeper-client') not in ([], CURRENT)


def test_build_from_lock_file_fails_if_its_host_has_no_fetcher(project, tmp_path):
    index = LayerIndex(tmp_path, INTERFACES)
    variables = dict(index.environment, CHARM_HIDE_METRICS='1',
                     CHARM_LAYERS_DIR=str(LAYERS))
    command = '$ charm-build --layer-index ' + index.address
    shell(command + ' --write-lock-file', project, **variables)
    built = project.parent / 'built' / 'zookeeper-client'
    assert version(built) == CURRENT
    shutil.rmtree(built)
    assert 'No fetcher for url' in (ROOT / PAGE).read_text()
    assert 'No fetcher for url' in shell(command, project, **variables)
    assert not (built / 'hooks').exists()


def test_command_shows_version_in_unit(as_processes):
    unit, command = re.search(r"--unit (\S+) '(.*)'", SHOW_VERSION).groups()
    juju = Juju('3.6')
    juju.model.deploy(unit.split('/')[0], as_processes('zookeeper-client'),
                      config=CLIENT)
    juju.settle()
    assert juju.model.action(unit, 'juju-exec', command=command).status == 0
    name = command.split()[-1]
    assert juju.file(unit, name) == (
        INTERFACES / 'zookeeper' / 'interface.yaml').read_text()


def test_commands_build_charm_file_with_manifest(tmp_path):
    layer = kafka(tmp_path)
    (layer / 'manifest.yaml').write_text(MANIFEST)
    commands, deploy = CHARM_FILE.rsplit('$ ', 1)
    file = re.match(r'juju deploy (\S+)\n', deploy).group(1)
    for _ in range(2):      # the second charm must not contain the first one
        (layer / file).unlink(missing_ok=True)
        shell(commands, layer, CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS))
        (layer / 'old.charm').write_bytes((layer / file).read_bytes())
    with zipfile.ZipFile(layer / file) as charm:
        assert charm.read('manifest.yaml').decode() == MANIFEST
        names = set(charm.namelist())
    assert {'metadata.yaml', 'hooks/update-status',
            'hooks/relations/zookeeper/requires.py'} < names
    assert not [name for name in names if name.endswith('.charm')]


def test_manifest_lists_the_ubuntu_releases_of_the_charm_in_readme():
    metadata, = [block for block in map(yaml.safe_load, blocks('README.md', 'yaml'))
                 if 'series' in block]
    assert [SERIES[base['channel']] for base in yaml.safe_load(MANIFEST)['bases']] == (
        metadata['series'])


def test_tests_are_excluded_from_charm(tmp_path):
    layer = kafka(tmp_path)
    for name in 'tests/sub/test_it.py', 'pytest.ini', '.pytest_cache/v':
        (layer / name).parent.mkdir(parents=True, exist_ok=True)
        (layer / name).write_text('')
    built = tmp_path / 'built' / 'kafka'
    for layer_yaml, excluded in ((layer / 'layer.yaml').read_text(), False), (
            EXCLUDE, True):
        (layer / 'layer.yaml').write_text(layer_yaml)
        shell(BUILD, layer, CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS))
        assert (built / 'reactive' / 'kafka.py').exists()
        assert [(built / name).exists() for name in (
            'tests', 'pytest.ini', '.pytest_cache')] == [not excluded] * 3
        shutil.rmtree(built)


def test_command_builds_without_network(project):
    shell(OFFLINE, project)
    assert version(project.parent / 'built' / 'zookeeper-client') == CURRENT


def test_requirements_of_wheelhouse_need_network(project, tmp_path):
    layers = tmp_path / 'layers'
    shutil.copytree(LAYERS, layers)
    (layers / 'basic' / 'wheelhouse.txt').write_text('charms.reactive\n')
    output = shell(OFFLINE.replace('<layers>', str(layers)), project, PIP_RETRIES='0')
    assert 'pip install' in output
    assert version(project.parent / 'built' / 'zookeeper-client') != CURRENT
