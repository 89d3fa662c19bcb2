"""What `charm build` makes of the layers, wherever it finds them."""
import filecmp
import os
import re
import subprocess
import sys

import pytest
import yaml

from juju_standin import InProcessCharm, build

from . import throwaway
from juju_standin.build import LAYERS

from .conftest import INTERFACES, TESTS
from .index import Index
from .neighbours import Publisher
from .world import AVAILABLE, World

ONE = {'zookeeper-server': 'zookeeper', 'zookeeper-client': 'zookeeper',
       'flume-sink': 'flume-agent', 'flume-agent': 'flume-agent'}
# the example's own, of its servers' relation with each other
PEERS = 'zookeeper-ensemble'
EXCLUDED = {'README.md', 'schema.json'}
# of the later protocol called zookeeper
EXCLUDED_TOO = {'schema-application.json'}


def relations(charm):
    return charm / 'hooks' / 'relations'


def files(directory):
    return {path.name for path in directory.iterdir() if path.name != '__pycache__'}


@pytest.mark.parametrize('charm', ONE)
def test_a_charm_with_one_layer_has_all_of_it_and_none_of_the_other(built, charm):
    assert files(relations(built(charm))) - {'__init__.py', PEERS} == {ONE[charm]}
    source = INTERFACES / ONE[charm]
    found = relations(built(charm)) / ONE[charm]
    expected = files(source) - EXCLUDED - EXCLUDED_TOO
    assert {'provides.py', 'requires.py', 'record.py'} < expected
    assert files(found) == expected
    same, different, odd = filecmp.cmpfiles(source, found, expected, shallow=False)
    assert (set(same), different, odd) == (expected, [], [])


@pytest.mark.parametrize('charm', ONE)
def test_what_is_excluded_is_there_to_be_excluded(built, charm):
    assert EXCLUDED < files(INTERFACES / ONE[charm])
    assert not (EXCLUDED | EXCLUDED_TOO) & files(relations(built(charm)) / ONE[charm])


@pytest.mark.parametrize('charm', ONE)
def test_a_built_charm_has_the_layers_version(built, charm):
    source, found = [yaml.safe_load((layer / 'interface.yaml').read_text())
                     for layer in (INTERFACES / ONE[charm],
                                   relations(built(charm)) / ONE[charm])]
    assert found['version'] == source['version']
    assert re.fullmatch(r'\d+\.\d+\.\d+', found['version'])


def test_links_are_built_into_files(built):
    links = {path.name for path in (INTERFACES / 'flume-agent').iterdir()
             if path.is_symlink()}
    assert {'record.py', 'values.py'} < links
    found = relations(built('flume-agent')) / 'flume-agent'
    assert [name for name in links if (found / name).is_symlink()] == []


@pytest.fixture(scope='module')
def index(tmp_path_factory):
    return Index(tmp_path_factory.mktemp('index'), INTERFACES)


@pytest.mark.parametrize('charm', ['zookeeper-client', 'flume-agent', 'flume-sink'])
def test_a_layer_index_with_subdir_gives_the_same_charm(built, index, tmp_path, charm):
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
    names = files(expected / ONE[charm])
    assert files(found / ONE[charm]) == names
    assert filecmp.cmpfiles(expected / ONE[charm], found / ONE[charm], names,
                            shallow=False)[1:] == ([], [])
    assert [name for name in names if (found / ONE[charm] / name).is_symlink()] == []


@pytest.mark.parametrize('layer', ['zookeeper', 'flume-agent'])
@pytest.mark.parametrize('role', ['provides', 'requires'])
def test_a_charm_with_only_one_layer_runs(tmp_path, layer, role):
    send = {'zookeeper': 'send_port(2181)',
            'flume-agent': 'send_configuration(4141)'}[layer]
    source = throwaway.layer(
        tmp_path / 'layer', 'one',
        'from charms.reactive import when\n\n\n@when("end.connected")\n'
        'def send(end):\n    end.{}\n'.format(
            send if role == 'provides' else 'dismiss_joining()'),
        [layer], **{role: {'end': layer}})
    charm = InProcessCharm(build(source, tmp_path / 'built'))
    assert files(relations(charm.path)) - {'__init__.py'} == {layer}
    world = World('3.6')
    world.model.deploy('one', charm)
    other = Publisher(layer, port='1', protocol='avro')
    if role == 'provides':
        other.metadata = {'requires': other.metadata['provides']}
        other.settings = {}
    world.model.deploy('other', other)
    world.model.relate('one:end', 'other:end')
    world.settle()
    assert world.flags('one/0', 'end') - {'joining'} == AVAILABLE
