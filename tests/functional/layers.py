"""Charm layers that tests write, and an index of interface layers."""
import json
import os
import shutil
import subprocess
import sys

import yaml

from integration.charms import charm_build
from juju_standin import InProcessCharm, build
from juju_standin.build import LAYERS

from .conftest import INTERFACES, TESTS
from .pages import blocks

METADATA = {'summary': 'x', 'description': 'x', 'series': ['jammy'],
            'maintainer': 'x <x@example.com>'}

# Ubuntu releases: their names in manifest.yaml and in metadata.yaml.
SERIES = {'16.04/stable': 'xenial', '18.04/stable': 'bionic', '20.04/stable': 'focal',
          '22.04/stable': 'jammy', '24.04/stable': 'noble'}

# jujubundlelib, which checks bundles, needs the names that Python 3.10 removed
PROOF = '''\
import collections, collections.abc
for name in 'Mapping', 'Sequence':
    setattr(collections, name, getattr(collections.abc, name))
from charmtools.proof import main
main()
'''
# charm proof's exit statuses for success, warnings and errors
STATUSES = (0, 100, 200)


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
    output = charm_build(
        '--no-report', '--build-dir', path, '--cache-dir', path / 'cache', layer,
        env=dict(os.environ, CHARM_HIDE_METRICS='1',
                 CHARM_LAYERS_DIR=str(path / 'layers'),
                 CHARM_INTERFACES_DIR=str(INTERFACES)))
    charm = path / layer.name
    assert charm.exists(), output
    return charm


def without_build_variables():
    """This process's environment without variables for charm-build and git."""
    return {key: value for key, value in os.environ.items()
            if not key.startswith(('CHARM_', 'JUJU_', 'GIT_'))}


def proof(path):
    """The warnings and errors of charm proof."""
    done = subprocess.run([sys.executable, '-c', PROOF, path], text=True,
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode in STATUSES
    return [line for line in done.stdout.splitlines() if not line.startswith('I: ')]


class LayerIndex:
    """The layer index that docs/building.md shows, with a local repository."""

    def __init__(self, directory, interfaces):
        """:param interfaces: the folder that the repository has as `interfaces`"""
        self.address = 'file://{}/'.format(directory)
        (directory / 'interfaces').mkdir()
        for block in blocks('docs/building.md', 'json'):
            entry = json.loads(block)
            (directory / 'interfaces' / (entry['id'] + '.json')).write_text(block)
        self._url, self._repository = entry['repo'], directory / 'repository'
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
                'GIT_CONFIG_VALUE_0': self._url}
