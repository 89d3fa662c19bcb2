"""What `charm build` makes of the layers."""
import filecmp
import os
import re
import subprocess
import sys

import pytest
import yaml

from juju_standin.build import LAYERS

from .conftest import INTERFACES, TESTS
from .layers import LayerIndex, build_in_process, write_layer
from .world import AVAILABLE, Publisher, World

# The interface layer of each example.
LAYER = {'zookeeper-server': 'zookeeper', 'zookeeper-client': 'zookeeper',
         'flume-sink': 'flume-agent', 'flume-agent': 'flume-agent'}
# zookeeper-server's own interface layer, for its peer relation
PEERS = 'zookeeper-ensemble'
EXCLUDED = {'README.md', 'schema.json'}
# for the application-data protocol
EXCLUDED_IN_ZOOKEEPER = {'schema-application.json'}

each_example = pytest.mark.parametrize('charm', LAYER)


def relations(charm):
    return charm / 'hooks' / 'relations'


def files(directory):
    return {path.name for path in directory.iterdir() if path.name != '__pycache__'}


@each_example
def test_charm_contains_all_of_its_layer_and_nothing_of_the_other(built, charm):
    assert files(relations(built(charm))) - {'__init__.py', PEERS} == {LAYER[charm]}
    source = INTERFACES / LAYER[charm]
    found = relations(built(charm)) / LAYER[charm]
    expected = files(source) - EXCLUDED - EXCLUDED_IN_ZOOKEEPER
    assert {'provides.py', 'requires.py', 'record.py'} < expected
    assert files(found) == expected
    same, different, odd = filecmp.cmpfiles(source, found, expected, shallow=False)
    assert (set(same), different, odd) == (expected, [], [])


@each_example
def test_excluded_files_exist_in_layer_and_not_in_charm(built, charm):
    assert EXCLUDED < files(INTERFACES / LAYER[charm])
    assert not (EXCLUDED | EXCLUDED_IN_ZOOKEEPER) & files(
        relations(built(charm)) / LAYER[charm])


@each_example
def test_charm_contains_version_of_layer(built, charm):
    source, found = [yaml.safe_load((layer / 'interface.yaml').read_text())
                     for layer in (INTERFACES / LAYER[charm],
                                   relations(built(charm)) / LAYER[charm])]
    assert found['version'] == source['version']
    assert re.fullmatch(r'\d+\.\d+\.\d+', found['version'])


def test_links_become_files_in_charm(built):
    links = {path.name for path in (INTERFACES / 'flume-agent').iterdir()
             if path.is_symlink()}
    assert {'record.py', 'values.py'} < links
    found = relations(built('flume-agent')) / 'flume-agent'
    assert [name for name in links if (found / name).is_symlink()] == []


@pytest.fixture(scope='module')
def index(tmp_path_factory):
    return LayerIndex(tmp_path_factory.mktemp('index'), INTERFACES)


@pytest.mark.parametrize('charm', ['zookeeper-client', 'flume-agent', 'flume-sink'])
def test_layer_index_with_subdir_gives_same_charm(built, index, tmp_path, charm):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(('CHARM_', 'JUJU_', 'GIT_'))}
    environment.update(index.environment, CHARM_HIDE_METRICS='1',
                       CHARM_LAYERS_DIR=str(LAYERS))
    done = subprocess.run(
        [sys.executable, '-c', 'from charmtools.build.builder import main; main()',
         '--no-report', '--build-dir', tmp_path / 'built',
         '--cache-dir', tmp_path / 'cache',
         '--layer-index', index.address,
         TESTS.parent / 'examples' / charm],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)
    found = relations(tmp_path / 'built' / charm)
    assert found.exists(), done.stdout
    expected = relations(built(charm))
    assert files(found) == files(expected)
    names = files(expected / LAYER[charm])
    assert files(found / LAYER[charm]) == names
    assert filecmp.cmpfiles(expected / LAYER[charm], found / LAYER[charm], names,
                            shallow=False)[1:] == ([], [])
    assert [name for name in names if (found / LAYER[charm] / name).is_symlink()] == []


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
    world = World('3.6')
    world.model.deploy('one', charm)
    data = {'port': '1', 'protocol': 'avro'} if role == 'requires' else {}
    world.model.deploy('other', Publisher(layer, other_role, **data))
    world.model.relate('one:end', 'other:end')
    world.settle()
    assert world.flags('one/0', 'end') - {'joining'} == AVAILABLE
