"""The examples, as charm proof sees them, and the bundle that deploys them."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from standin import build

EXAMPLES = Path(__file__).parents[2] / 'examples'
NAMES = sorted(path.parent.name for path in EXAMPLES.glob('*/layer.yaml'))

# jujubundlelib, which checks bundles, knows Mapping and Sequence by the names that
# they had until Python 3.10
PROOF = '''\
import collections, collections.abc
for name in 'Mapping', 'Sequence':
    setattr(collections, name, getattr(collections.abc, name))
from charmtools.proof import main
main()
'''
# Exit statuses: all is well, warnings, errors.
STATUSES = (0, 100, 200)


def proof(path):
    """What charm proof warns of, or takes for an error."""
    done = subprocess.run([sys.executable, '-c', PROOF, path], text=True,
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode in STATUSES
    return [line for line in done.stdout.splitlines()
            if not line.startswith('I: ')]


def load(file):
    return yaml.safe_load(file.read_text())


@pytest.fixture(scope='module')
def bundle():
    return load(EXAMPLES / 'bundle.yaml')


@pytest.mark.parametrize('name', NAMES)
def test_charm_proof_has_nothing_against_a_built_example(name, tmp_path):
    assert proof(build(EXAMPLES / name, tmp_path)) == []


def test_charm_proof_has_nothing_against_the_bundle(tmp_path):
    # jujubundlelib knows no applications but services, as they were called in
    # Juju 1, and no charms but those of a store
    text = (EXAMPLES / 'bundle.yaml').read_text()
    for ours, theirs in [('^applications:$', 'services:'),
                         (r'\./build/(\S+)', r'cs:noble/\1-0')]:
        text, found = re.subn(ours, theirs, text, flags=re.MULTILINE)
        assert found
    (tmp_path / 'bundle.yaml').write_text(text)
    shutil.copy(EXAMPLES / 'README.md', tmp_path)
    assert proof(tmp_path) == []


def test_the_bundle_deploys_each_example(bundle):
    assert sorted(app['charm'] for app in bundle['applications'].values()) == [
        './build/' + name for name in NAMES]


def test_the_bundle_fits_the_examples(bundle):
    examples = {name: EXAMPLES / Path(app['charm']).name
                for name, app in bundle['applications'].items()}
    for name, app in bundle['applications'].items():
        assert set(app.get('options', {})) <= set(
            load(examples[name] / 'config.yaml')['options'])
        assert bundle['series'] in load(examples[name] / 'metadata.yaml')['series']
    for ends in bundle['relations']:
        found = []
        for role, end in zip(('provides', 'requires'), ends):
            app, endpoint = end.split(':')
            metadata = load(examples[app] / 'metadata.yaml')
            found.append(metadata[role][endpoint]['interface'])
        assert found[0] == found[1]
