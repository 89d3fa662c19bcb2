"""The charmcraft.yaml files of the pages and the examples, with charmcraft from PyPI.

`charmcraft pack` requires containers. The first test runs what charmcraft validates
before it starts one, and the second test runs the plugin that builds the charm of
docs/building.md in it.
"""
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from functional.building_page import CHARMCRAFT, CURRENT, PACK, shell, version
from functional.layers import write_layer
from functional.pages import PAGES, ROOT, blocks
from juju_standin.build import LAYERS

PLUGIN = importlib.util.find_spec('charmcraft.parts.plugins._reactive').origin
# charm-tools from PyPI has no such command; the snap has.
CHARM = '#!/bin/sh\ncommand=charm-$1\nshift\nexec "$command" "$@"\n'


def charmcraft_files():
    """The text of each charmcraft.yaml in the documentation and the examples."""
    return [block for page in PAGES for block in blocks(page, 'yaml')
            if 'parts' in yaml.safe_load(block)] + [
        file.read_text() for file in ROOT.glob('examples/**/charmcraft.yaml')]


@pytest.mark.parametrize('text', charmcraft_files())
def test_charmcraft_accepts_file_for_ubuntu_24_04(text, tmp_path):
    (tmp_path / 'charmcraft.yaml').write_text(text)
    done = subprocess.run(
        [Path(sys.executable).with_name('charmcraft'), 'expand-extensions'],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ, HOME=str(tmp_path)), check=False)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)['base'] == 'ubuntu@24.04'


def test_plugin_builds_charm_with_layers_in_project(tmp_path):
    project, install = tmp_path / 'kafka', tmp_path / 'install'
    part = yaml.safe_load(CHARMCRAFT)['parts']['charm']
    variables, = part['build-environment']
    write_layer(project / part['source'], 'kafka', '', ['zookeeper', 'flume-agent'],
                requires={'zookeeper': 'zookeeper', 'sink': 'flume-agent'})
    # without `charmcraft pack` and `juju deploy`
    commands = ''.join(PACK.splitlines(keepends=True)[:2])
    for name in 'zookeeper', 'flume-agent':
        shell(commands.replace('zookeeper', name), project)
    build = shutil.copytree(project / part['source'], tmp_path / 'build')
    install.mkdir()
    (tmp_path / 'charm').write_text(CHARM)
    (tmp_path / 'charm').chmod(0o755)
    environment = {name: value.replace('$CRAFT_PROJECT_DIR', str(project))
                   for name, value in variables.items()}
    shell('$ PATH="$PATH:{}" {} -I {} kafka {} {}'.format(
        tmp_path, sys.executable, PLUGIN, build, install), build,
        CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS), **environment)
    assert version(install) == CURRENT != []
    for name in 'zookeeper', 'flume-agent':
        layer = install / 'hooks' / 'relations' / name
        assert (layer / 'common' / 'record.py').is_file()
