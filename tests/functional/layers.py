"""Charm layers that tests write, and an index of interface layers."""
import json
import os
import re
import shutil
import subprocess
import sys

import yaml

from juju_standin import InProcessCharm, build
from juju_standin.build import LAYERS

from .conftest import INTERFACES, TESTS

METADATA = {'summary': 'x', 'description': 'x', 'series': ['jammy'],
            'maintainer': 'x <x@example.com>'}


def write_layer(path, name, handlers, interfaces, **endpoints):
    """Write a charm's layer, and return its directory.

    :param endpoints: {endpoint: interface} by section of metadata.yaml
    """
    (path / 'reactive').mkdir(parents=True)
    sections = {section: {endpoint: {'interface': interface}
                          for endpoint, interface in named.items()}
                for section, named in endpoints.items()}
    for file, text in [
            ('metadata.yaml', yaml.safe_dump(dict(METADATA, name=name, **sections))),
            ('layer.yaml', yaml.safe_dump({'includes': [
                'layer:basic', *['interface:' + one for one in interfaces]]})),
            ('reactive/{}.py'.format(name), handlers)]:
        (path / file).write_text(text)
    return path


def write_action(layer, name, script):
    file = layer / 'actions' / name
    file.parent.mkdir()
    file.write_text(script)
    file.chmod(0o755)
    (layer / 'actions.yaml').write_text(yaml.safe_dump({name: {'description': 'x'}}))


def build_in_process(layer, path, interfaces=INTERFACES):
    """Build a layer into a charm whose hooks run in this process."""
    return InProcessCharm(build(layer, path, interfaces))


def build_with_fixture_layers(layer, path):
    """Build a charm that includes layers of tests/fixtures, and return its directory.
    """
    for layers in LAYERS, TESTS / 'fixtures' / 'layers':
        shutil.copytree(layers, path / 'layers', dirs_exist_ok=True)
    done = subprocess.run(
        [sys.executable, '-c', 'from charmtools.build.builder import main; main()',
         '--no-report', '--build-dir', path, '--cache-dir', path / 'cache', layer],
        env=dict(os.environ, CHARM_HIDE_METRICS='1',
                 CHARM_LAYERS_DIR=str(path / 'layers'),
                 CHARM_INTERFACES_DIR=str(INTERFACES)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    charm = path / layer.name
    assert charm.exists(), done.stdout
    return charm


class LayerIndex:
    """The layer index that docs/building.md shows, with a local repository."""

    def __init__(self, directory, interfaces):
        """:param interfaces: the folder that the repository has as `interfaces`"""
        self.address = 'file://{}/'.format(directory)
        (directory / 'interfaces').mkdir()
        page = (TESTS.parent / 'docs' / 'building.md').read_text()
        for block in re.findall(r'```json\n(.*?)```', page, re.DOTALL):
            entry = json.loads(block)
            (directory / 'interfaces' / (entry['id'] + '.json')).write_text(block)
        self._readme_url, self._repository = entry['repo'], directory / 'repository'
        shutil.copytree(interfaces, self._repository / 'interfaces')
        self._git('init', '--quiet')
        self._git('add', '.')
        self._git('commit', '--quiet', '--message', 'all')

    def _git(self, *command):
        subprocess.run(['git', '-c', 'user.name=x', '-c', 'user.email=x@example.com',
                        '-c', 'commit.gpgsign=false', *command],
                       cwd=self._repository, check=True, stdout=subprocess.DEVNULL)

    @property
    def environment(self):
        """Variables that make git clone the local repository."""
        return {'GIT_CONFIG_COUNT': '1',
                'GIT_CONFIG_KEY_0': 'url.{}.insteadOf'.format(self._repository),
                'GIT_CONFIG_VALUE_0': self._readme_url}
