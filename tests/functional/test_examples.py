"""The examples: charm proof, the bundle, clients without relation, and `make demo`."""
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

from .conftest import INTERFACES
from .ensemble import Ensemble, Fleet
from .layers import SERIES, proof

# Runs the code after -c as if in an older Python.
OLDER_PYTHON = '''\
#!/bin/sh
exec {} -c 'import sys; sys.version_info = 3, 9, 18; exec(sys.argv[2])' "$@"
'''


def load(file):
    return yaml.safe_load(file.read_text())


@pytest.fixture(scope='module')
def bundle():
    return load(EXAMPLES / 'bundle.yaml')


@pytest.mark.parametrize('name', NAMES)
def test_charm_proof_accepts_built_example(name, built):
    assert proof(built(name)) == []


@pytest.mark.parametrize('name', NAMES)
def test_manifest_and_metadata_list_the_same_ubuntu_releases(name):
    bases = load(EXAMPLES / name / 'manifest.yaml')['bases']
    assert [SERIES[base['channel']] for base in bases] == load(
        EXAMPLES / name / 'metadata.yaml')['series']


def built_files(path):
    """The names of the files in the example flume-agent, built into a charm file."""
    build_file('flume-agent', path, CHARM_LAYERS_DIR=str(LAYERS))
    with zipfile.ZipFile(path / 'flume-agent.charm') as charm:
        return set(charm.namelist())


def test_example_is_built_into_charm_file(monkeypatch, tmp_path):
    monkeypatch.delenv('CHARM_INTERFACES_DIR', raising=False)
    assert {'metadata.yaml', 'manifest.yaml', 'hooks/update-status',
            'hooks/relations/flume-agent/requires.py'} < built_files(tmp_path)


def test_example_is_built_with_interfaces_that_environment_names(monkeypatch, tmp_path):
    layers = shutil.copytree(INTERFACES, tmp_path / 'layers')
    (layers / 'flume-agent' / 'other.py').touch()
    monkeypatch.setenv('CHARM_INTERFACES_DIR', str(layers))
    assert 'hooks/relations/flume-agent/other.py' in built_files(tmp_path)


def test_charm_proof_accepts_bundle(tmp_path):
    # jujubundlelib knows only Juju 1's `services`, and charms of the charm store
    text = (EXAMPLES / 'bundle.yaml').read_text()
    for pattern, replacement in [('^applications:$', 'services:'),
                                 (r'\./build/(\S+)\.charm', r'cs:noble/\1-0')]:
        text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        assert count
    (tmp_path / 'bundle.yaml').write_text(text)
    shutil.copy(EXAMPLES / 'README.md', tmp_path)
    assert proof(tmp_path) == []


def test_bundle_deploys_each_example(bundle):
    assert sorted(app['charm'] for app in bundle['applications'].values()) == [
        './build/{}.charm'.format(name) for name in NAMES]


def test_bundle_uses_options_and_endpoints_of_examples(bundle):
    examples = {name: EXAMPLES / Path(app['charm']).stem
                for name, app in bundle['applications'].items()}
    for name, app in bundle['applications'].items():
        assert set(app.get('options', {})) <= set(
            load(examples[name] / 'config.yaml')['options'])
    for ends in bundle['relations']:
        interfaces = []
        for role, end in zip(('provides', 'requires'), ends):
            app, endpoint = end.split(':')
            metadata = load(examples[app] / 'metadata.yaml')
            interfaces.append(metadata[role][endpoint]['interface'])
        assert interfaces[0] == interfaces[1]


@pytest.fixture(params=[(Ensemble, 'zookeeper-server', 'zookeeper-client'),
                        (Fleet, 'flume-sink', 'flume-agent')])
def related(request, juju, in_process):
    """A server and a client, which are related."""
    cls, server, client = request.param
    deployment = cls(juju, in_process(server), in_process(client))
    deployment.relation = deployment.relate()
    juju.settle()
    return deployment


def test_client_with_lost_record_keeps_its_configuration_if_tools_fail(related):
    unit = related.client_app + '/0'
    related.model.unit(unit).disk['store'].unset(
        'interface-layer.' + related.client_endpoint)
    related.model.fail_tools(unit, 'relation-*')
    run = related.model.dispatch(unit, 'update-status')
    assert (run.status, run.services) == (0, [])
    related.assert_uses(unit, related.server_app + '/0')


def test_client_needs_a_relation_after_forced_removal(juju, related):
    unit = related.client_app + '/0'
    related.model.remove_relation(related.relation, force=True)
    juju.assert_warns_of_force_removed(related.relation)
    related.assert_waits(unit, related.unrelated)
    related.relate()
    juju.model.remove_unit(related.server_app + '/0')
    juju.settle()
    juju.dispatch('update-status')
    related.assert_waits(unit)


def test_make_demo_names_the_python_it_needs(tmp_path):
    python = tmp_path / 'python3.9'
    python.write_text(OLDER_PYTHON.format(sys.executable))
    python.chmod(0o755)
    done = subprocess.run(
        ['make', '-f', EXAMPLES.parent / 'Makefile', 'demo',
         'PYTHON={}'.format(python)],
        cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.returncode
    assert ('this needs Python 3.10 or newer, and {} is 3.9: '.format(python)
            in done.stderr)
    assert list(tmp_path.iterdir()) == [python]
