"""The examples, as charm proof sees them, and the bundle that deploys them."""
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from integration.charms import EXAMPLES, NAMES, build_file
from juju_standin.build import LAYERS

# What Juju 4 knows Ubuntu's releases by, and what they were called before.
SERIES = {'16.04/stable': 'xenial', '18.04/stable': 'bionic', '20.04/stable': 'focal',
          '22.04/stable': 'jammy', '24.04/stable': 'noble'}

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
def test_charm_proof_has_nothing_against_a_built_example(name, built):
    assert proof(built(name)) == []


@pytest.mark.parametrize('name', NAMES)
def test_an_example_runs_on_the_same_ubuntus_in_each_juju(name):
    bases = load(EXAMPLES / name / 'manifest.yaml')['bases']
    assert [SERIES[base['channel']] for base in bases] == load(
        EXAMPLES / name / 'metadata.yaml')['series']


def test_an_example_is_built_into_the_file_that_juju_deploys(tmp_path):
    build_file('flume-agent', tmp_path, CHARM_LAYERS_DIR=str(LAYERS))
    with zipfile.ZipFile(tmp_path / 'flume-agent.charm') as charm:
        assert {'metadata.yaml', 'manifest.yaml', 'hooks/update-status',
                'hooks/relations/flume-agent/requires.py'} < set(charm.namelist())


def test_charm_proof_has_nothing_against_the_bundle(tmp_path):
    # jujubundlelib knows no applications but services, as they were called in
    # Juju 1, and no charms but those of a store
    text = (EXAMPLES / 'bundle.yaml').read_text()
    for ours, theirs in [('^applications:$', 'services:'),
                         (r'\./build/(\S+)\.charm', r'cs:noble/\1-0')]:
        text, found = re.subn(ours, theirs, text, flags=re.MULTILINE)
        assert found
    (tmp_path / 'bundle.yaml').write_text(text)
    shutil.copy(EXAMPLES / 'README.md', tmp_path)
    assert proof(tmp_path) == []


def test_the_bundle_deploys_each_example(bundle):
    assert sorted(app['charm'] for app in bundle['applications'].values()) == [
        './build/{}.charm'.format(name) for name in NAMES]


def test_the_bundle_fits_the_examples(bundle):
    examples = {name: EXAMPLES / Path(app['charm']).stem
                for name, app in bundle['applications'].items()}
    for name, app in bundle['applications'].items():
        assert set(app.get('options', {})) <= set(
            load(examples[name] / 'config.yaml')['options'])
    for ends in bundle['relations']:
        found = []
        for role, end in zip(('provides', 'requires'), ends):
            app, endpoint = end.split(':')
            metadata = load(examples[app] / 'metadata.yaml')
            found.append(metadata[role][endpoint]['interface'])
        assert found[0] == found[1]
