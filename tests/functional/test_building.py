"""Charms that `charm build` builds from the layers, and whether they run."""
import shutil
import subprocess

import pytest

from integration.charms import charm_build
from juju_standin.build import LAYERS

from .conftest import INTERFACES, RECORD_VERSION, TESTS
from .ensemble import CLIENT
from .juju import USABLE, Juju, Publisher
from .layers import (
    LayerIndex, build_in_process, without_build_variables, write_layer)

# The interface layer of each example.
LAYER = {'zookeeper-server': 'zookeeper', 'zookeeper-client': 'zookeeper',
         'flume-sink': 'flume-agent', 'flume-agent': 'flume-agent'}
# zookeeper-server's own interface layer, for its peer relation
PEERS = 'zookeeper-ensemble'
# The files of each layer that charms do not contain.
EXCLUDED = {'flume-agent': ['README.md', 'schema.json'],
            'zookeeper': ['README.md', 'schema.json', 'schema-application.json']}


def relations(charm):
    return charm / 'hooks' / 'relations'


def files(directory):
    return {path.name for path in directory.iterdir() if path.name != '__pycache__'}


def contents(directory):
    """{path: content} of all files below a directory."""
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in directory.rglob('*')
            if path.is_file() and path.parent.name != '__pycache__'}


@pytest.mark.parametrize('charm', LAYER)
def test_charm_contains_all_of_its_layer_and_nothing_of_the_other(built, charm):
    assert files(relations(built(charm))) - {'__init__.py', PEERS} == {LAYER[charm]}
    expected = contents(INTERFACES / LAYER[charm])
    for name in EXCLUDED[LAYER[charm]]:
        del expected[name]
    assert {'provides.py', 'requires.py', 'common/record.py'} < set(expected)
    # charm-build adds an empty __init__.py
    assert contents(relations(built(charm)) / LAYER[charm]) == dict(
        expected, **{'__init__.py': b''})


@pytest.mark.parametrize('way', ['cp -r', 'zip', 'git clone'])
def test_copy_of_layer_builds_and_runs(tmp_path, way):
    copies = tmp_path / 'copies'
    copies.mkdir()
    if way == 'zip':
        archive = shutil.make_archive(tmp_path / 'layers', 'zip', INTERFACES)
        shutil.unpack_archive(archive, copies)
    elif way == 'cp -r':
        subprocess.run(['cp', '-r', INTERFACES / 'zookeeper', copies], check=True)
    else:
        repository = shutil.copytree(INTERFACES, tmp_path / 'repository' / 'interfaces')
        git = ['git', '-c', 'user.name=x', '-c', 'user.email=x@example.com',
               '-C', repository.parent]
        for command in (['init', '-q'], ['add', '.'], ['commit', '-q', '-m', 'x']):
            subprocess.run([*git, *command], check=True)
        subprocess.run(['git', 'clone', '-q', repository.parent, tmp_path / 'clone'],
                       check=True)
        copies = tmp_path / 'clone' / 'interfaces'
    charm = build_in_process(TESTS.parent / 'examples' / 'zookeeper-client',
                             tmp_path / 'built', copies)
    juju = Juju('3.6')
    juju.model.deploy('client', charm, config=CLIENT)
    juju.model.deploy('zk', Publisher('zookeeper', 'provides', port='2181'))
    juju.model.relate('client:zookeeper', 'zk:end')
    juju.settle()
    assert juju.flags('client/0', 'zookeeper') - {'joining'} == USABLE


def test_charm_with_layers_of_two_releases_runs(tmp_path, next_version):
    layers = tmp_path / 'layers'
    shutil.copytree(INTERFACES / 'zookeeper', layers / 'zookeeper')
    shutil.copytree(next_version / 'flume-agent', layers / 'flume-agent')
    source = write_layer(
        tmp_path / 'layer', 'both', '', ['zookeeper', 'flume-agent'],
        requires={'zk': 'zookeeper', 'sink': 'flume-agent'})
    charm = build_in_process(source, tmp_path / 'built', layers)
    juju = Juju('3.6')
    juju.model.deploy('both', charm)
    juju.model.deploy('zk', Publisher('zookeeper', 'provides', port='2181'))
    juju.model.deploy('sinks', Publisher('flume-agent', 'provides', port='4141',
                                         protocol='avro'))
    juju.model.relate('both:zk', 'zk:end')
    juju.model.relate('both:sink', 'sinks:end')
    juju.settle()
    for endpoint in 'zk', 'sink':
        assert juju.flags('both/0', endpoint) - {'joining'} == USABLE
    versions = {key: value['version'] for key, value in charm.kv('both/0').items()
                if key.startswith('interface-layer.')}
    assert versions == {'interface-layer.zk': RECORD_VERSION,
                        'interface-layer.sink': RECORD_VERSION + 1}


@pytest.fixture(scope='module')
def index(tmp_path_factory):
    return LayerIndex(tmp_path_factory.mktemp('index'), INTERFACES)


@pytest.mark.parametrize('charm', ['zookeeper-client', 'flume-agent', 'flume-sink'])
def test_layer_index_with_subdir_gives_same_charm(built, index, tmp_path, charm):
    output = charm_build(
        '--no-report', '--build-dir', tmp_path / 'built',
        '--cache-dir', tmp_path / 'cache', '--layer-index', index.address,
        TESTS.parent / 'examples' / charm, cwd=tmp_path,
        env=dict(without_build_variables(), **index.environment,
                 CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS)))
    found = relations(tmp_path / 'built' / charm)
    assert found.exists(), output
    expected = relations(built(charm))
    assert contents(found) == contents(expected)


@pytest.mark.parametrize('layer', ['zookeeper', 'flume-agent'])
@pytest.mark.parametrize('role, other_role', [('provides', 'requires'),
                                              ('requires', 'provides')])
def test_charm_with_only_one_layer_runs(tmp_path, layer, role, other_role):
    send = {'zookeeper': 'send_port(2181)',
            'flume-agent': 'send_configuration(4141)'}[layer]
    source = write_layer(
        tmp_path / 'layer', 'one',
        'from charms.reactive import when\n\n\n@when("end.connected")\n'
        'def send(end):\n    end.{}\n'.format(
            send if role == 'provides' else 'dismiss_joining()'),
        [layer], **{role: {'end': layer}})
    charm = build_in_process(source, tmp_path / 'built')
    assert files(relations(charm.path)) - {'__init__.py'} == {layer}
    juju = Juju('3.6')
    juju.model.deploy('one', charm)
    data = {'port': '1', 'protocol': 'avro'} if role == 'requires' else {}
    juju.model.deploy('other', Publisher(layer, other_role, **data))
    juju.model.relate('one:end', 'other:end')
    juju.settle()
    assert juju.flags('one/0', 'end') - {'joining'} == USABLE
