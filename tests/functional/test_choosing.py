"""Which layer a charm is built with: the README's commands, and two mistakes."""
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
from .index import Index
from .world import World

ROOT = TESTS.parent
USE = (ROOT / 'README.md').read_text().partition('\n## Use them\n')[2].partition(
    '\n## ')[0]
BUILD, COPY, LOOK, OFFLINE = re.findall(r'```console\n(.*?)```', USE, re.DOTALL)
CHARMCRAFT = yaml.safe_load(re.findall(r'```yaml\n(.*?)```', USE, re.DOTALL)[1])

NOWHERE = 'http://127.0.0.1:9'


def shell(block, directory, clone=ROOT, **environment):
    """Run the lines of a block that begin with a prompt: their output.

    Nothing can be fetched, and no variable that charm-build knows is set before.
    """
    script = '\n'.join(re.findall(r'^\$ (.*)$', block, re.MULTILINE))
    for name, path in ('<clone>', clone), ('<layers>', LAYERS):
        script = script.replace(name, str(path))
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(('CHARM_', 'JUJU_', 'GIT_'))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept['PATH']])
    done = subprocess.run(
        ['bash', '-c', script], cwd=directory, text=True, check=False,
        env=dict(kept, PATH=path, http_proxy=NOWHERE, https_proxy=NOWHERE,
                 CHARM_BUILD_DIR=str(directory.parent / 'built'),
                 CHARM_CACHE_DIR=str(directory.parent / 'cache'), **environment),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


@pytest.fixture
def project(tmp_path):
    """A folder with a charm's layer."""
    return Path(shutil.copytree(ROOT / 'examples' / 'zookeeper-client',
                                tmp_path / 'project'))


def version(charm):
    """What the README's command says of a built charm."""
    return shell(LOOK.splitlines()[0], charm).splitlines()


OURS = re.findall('^(?:version|repo):.*$',
                  (INTERFACES / 'zookeeper' / 'interface.yaml').read_text(), re.M)


def test_the_commands_build_a_charm_that_says_which_layer_it_carries(project):
    output = shell(BUILD, project, CHARM_HIDE_METRICS='1',
                   CHARM_LAYERS_DIR=str(LAYERS))
    found = re.search(r'Processing interface: zookeeper \(from (.*)\)', output)
    assert (project / found.group(1)).resolve() == INTERFACES / 'zookeeper'
    assert version(project.parent / 'built' / 'zookeeper-client') == OURS != []


def test_without_the_variable_the_index_gives_another_layer(project, tmp_path):
    """The index here is not the default one; it has an earlier layer, as that has."""
    index = Index(tmp_path, EARLIER_LAYERS / 'early')
    output = shell('$ charm-build --layer-index ' + index.address, project,
                   CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS),
                   PYTHONWARNINGS='ignore', **index.environment)
    assert 'Processing interface: zookeeper\n' in output
    assert not re.search('warn|error', output, re.I)
    assert version(project.parent / 'built' / 'zookeeper-client') not in ([], OURS)


def test_a_unit_says_which_layer_it_carries(by_processes):
    unit, command = re.search(r"--unit (\S+) '(.*)'", LOOK).groups()
    world = World('3.6')
    world.model.deploy(unit.split('/')[0], by_processes('zookeeper-client'),
                       config={'conf-dir': 'conf'})
    world.settle()
    assert world.model.action(unit, 'juju-exec', command=command).status == 0
    name = command.split()[-1]
    assert world.file(unit, name) == (
        INTERFACES / 'zookeeper' / 'interface.yaml').read_text()


@pytest.mark.parametrize('charm, layer', [('zookeeper-server', 'zookeeper'),
                                          ('flume-agent', 'flume-agent')])
@pytest.mark.parametrize('followed', [True, False], ids=['cp -rL', 'cp -r'])
def test_a_copy_without_what_its_links_lead_to_says_so_in_the_first_hook(
        by_processes, tmp_path, charm, layer, followed):
    copies = tmp_path / 'project' / 'interfaces'
    copies.mkdir(parents=True)
    shell(COPY if followed else COPY.replace('-rL', '-r'), copies.parent)
    links = sorted(path.name for path in (INTERFACES / layer).glob('*.py')
                   if path.is_symlink())
    world = World('3.6')
    world.model.deploy(charm, by_processes(charm, copies))
    run = world.model.step()
    assert (run.hook.kind, run.status) == ('install', 0 if followed else 1)
    if not followed:
        error, = [message for level, message in run.log if level == 'ERROR']
        assert error.rstrip().endswith(
            'RuntimeError: the interface layer {} lacks {}: they are links, and were '
            'not followed when it was copied; copy it with `cp -rL`, and build the '
            'charm again'.format(layer, ', '.join(links)))


def test_charmcraft_finds_the_layers_in_the_project(tmp_path):
    """As far as it can be seen without charmcraft: what it would run, is run."""
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
    assert version(built) == OURS
    assert (built / 'hooks' / 'relations' / 'zookeeper' / 'record.py').is_file()


def test_it_builds_without_a_network(project):
    shell(OFFLINE, project)
    assert version(project.parent / 'built' / 'zookeeper-client') == OURS


def test_what_a_wheelhouse_lists_is_fetched_even_so(project, tmp_path):
    layers = tmp_path / 'layers'
    shutil.copytree(LAYERS, layers)
    (layers / 'basic' / 'wheelhouse.txt').write_text('charms.reactive\n')
    output = shell(OFFLINE.replace('<layers>', str(layers)), project,
                   PIP_RETRIES='0')
    assert 'pip install' in output
    assert version(project.parent / 'built' / 'zookeeper-client') != OURS
