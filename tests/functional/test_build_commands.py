"""The README's commands that build a charm and show its layer's version."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from juju_standin.build import LAYERS

from .conftest import EARLIER_LAYERS, INTERFACES, TESTS
from .ensemble import CLIENT
from .juju import Juju
from .layers import LayerIndex

ROOT = TESTS.parent
PAGE = (ROOT / 'docs' / 'building.md').read_text()
BUILD, COPY, SHOW_VERSION, OFFLINE = re.findall(
    r'```console\n(.*?)```', PAGE, re.DOTALL)
CHARMCRAFT = yaml.safe_load(*re.findall(r'```yaml\n(.*?)```', PAGE, re.DOTALL))

UNREACHABLE = 'http://127.0.0.1:9'


def shell(block, directory, clone=ROOT, **environment):
    """Run a block's lines that begin with a prompt; return their output.

    They have no network and none of the caller's variables for charm-build.
    """
    script = '\n'.join(re.findall(r'^\$ (.*)$', block, re.MULTILINE))
    for name, path in ('<clone>', clone), ('<layers>', LAYERS):
        script = script.replace(name, str(path))
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(('CHARM_', 'JUJU_', 'GIT_'))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept['PATH']])
    done = subprocess.run(
        ['bash', '-c', script], cwd=directory, text=True, check=False,
        env=dict(kept, PATH=path, http_proxy=UNREACHABLE,
                 https_proxy=UNREACHABLE,
                 CHARM_BUILD_DIR=str(directory.parent / 'built'),
                 CHARM_CACHE_DIR=str(directory.parent / 'cache'), **environment),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


@pytest.fixture
def project(tmp_path):
    """A directory with a charm's layer."""
    return Path(shutil.copytree(ROOT / 'examples' / 'zookeeper-client',
                                tmp_path / 'project'))


def version(charm):
    """What the README's command prints for a built charm."""
    return shell(SHOW_VERSION.splitlines()[0], charm).splitlines()


CURRENT = re.findall('^(?:version|repo):.*$',
                     (INTERFACES / 'zookeeper' / 'interface.yaml').read_text(), re.M)


def test_commands_build_charm_that_contains_this_version(project):
    output = shell(BUILD, project, CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS))
    found = re.search(r'Processing interface: zookeeper \(from (.*)\)', output)
    assert (project / found.group(1)).resolve() == INTERFACES / 'zookeeper'
    assert version(project.parent / 'built' / 'zookeeper-client') == CURRENT != []


def test_build_without_variable_takes_other_version_from_index(project, tmp_path):
    """This index stands for the default one, which has an earlier layer too."""
    index = LayerIndex(tmp_path, EARLIER_LAYERS / 'early')
    output = shell('$ charm-build --layer-index ' + index.address, project,
                   CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS),
                   PYTHONWARNINGS='ignore', **index.environment)
    assert 'Processing interface: zookeeper\n' in output
    assert not re.search('warn|error', output, re.I)
    assert version(project.parent / 'built' / 'zookeeper-client') not in ([], CURRENT)


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


def test_charmcraft_builds_with_layers_in_project(tmp_path):
    """Runs what charmcraft would run."""
    part = CHARMCRAFT['parts']['charm']
    assert part['plugin'] == 'reactive'
    variables, = part['build-environment']
    shutil.copytree(ROOT / 'examples' / 'zookeeper-client', tmp_path / part['source'])
    (tmp_path / 'interfaces').mkdir()
    shell(COPY, tmp_path)
    shell('$ charm-build', tmp_path / part['source'], CHARM_HIDE_METRICS='1',
          CHARM_LAYERS_DIR=str(LAYERS),
          **{name: value.replace('$CRAFT_PROJECT_DIR', str(tmp_path))
             for name, value in variables.items()})
    built = tmp_path / 'built' / 'zookeeper-client'
    assert version(built) == CURRENT
    assert (built / 'hooks' / 'relations' / 'zookeeper' / 'common' / 'record.py'
            ).is_file()


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
