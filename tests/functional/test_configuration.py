"""What an operator configures takes effect, whenever that is."""
from pathlib import Path

import pytest

from .test_mistakes import ENDS, GOOD, OTHER, Pair
from .world import World, services

# Of an example's options: another value, and a line that a unit's file has then.
WRITTEN = {
    'zookeeper-client': {
        'chroot': ('/kafka', 'conf/client.cfg',
                   'zookeeper.connect=10.0.0.2:2181/kafka'),
        'conf-dir': ('other', 'other/client.cfg', 'zookeeper.connect=10.0.0.2:2181')},
    'flume-sink': {
        'port': (5000, 'conf/flume.conf', 'a1.sources.agents.port = 5000'),
        'spread-ports': (True, 'conf/flume.conf', 'a1.sources.agents.port = 4142'),
        'protocol': ('thrift', 'conf/flume.conf', 'a1.sources.agents.type = thrift'),
        'roll-interval': (0, 'conf/flume.conf', 'a1.sinks.roll.sink.rollInterval = 0'),
        'conf-dir': ('other', 'other/flume.conf', 'a1.sources.agents.port = 4141'),
        'data-dir': ('other', 'conf/flume.conf',
                     'a1.sinks.roll.sink.directory = {}/other/events')},
    'flume-agent': {
        'failover': (True, 'conf/flume.conf', 'a1.sinks = flume-sink-0'),
        'port': (5000, 'conf/flume.conf', 'a1.sources.lines.port = 5000'),
        'conf-dir': ('other', 'other/flume.conf', 'a1.sinks = sink'),
        'data-dir': ('other', 'conf/flume.conf',
                     'a1.channels.files.dataDirs = {}/other/channel')},
    'zookeeper-server': {
        'conf-dir': ('other', 'other/zoo.cfg', 'dataDir={}/data'),
        'data-dir': ('other', 'conf/zoo.cfg', 'dataDir={}/other')},
}
# The same of what its ensemble is told of a unit, without a restart.
TOLD = {
    'port': (5000, 'server.2=10.0.0.3:2888:3888;5000'),
    'quorum-port': (5000, 'server.2=10.0.0.3:5000:3888;2181'),
    'election-port': (5000, 'server.2=10.0.0.3:2888:5000;2181'),
    'spread-ports': (True, 'server.2=10.0.0.3:2889:3889;2182'),
}


def running(in_process, name):
    """Two units of an example that work; the second is the one to look at."""
    pair = Pair(in_process, name)
    pair.model.add_unit(name)
    pair.unit = name + '/1'
    pair.world.settle()
    assert pair.status[0] == 'active'
    return pair


def lines(pair, file):
    path = Path(pair.model.unit(pair.unit).charm_dir) / file
    return path.read_text().splitlines() if path.exists() else []


def done(pair, runs):
    """What the unit did to its service."""
    return [action for unit, action, _ in services(runs) if unit == pair.unit]


@pytest.mark.parametrize('name', WRITTEN)
def test_each_option_is_tried(in_process, name):
    told = set(TOLD) if name == 'zookeeper-server' else set()
    assert set(in_process(name).config) == set(WRITTEN[name]) | told


@pytest.mark.parametrize('name, option', [
    (name, option) for name in WRITTEN for option in WRITTEN[name]])
def test_a_service_runs_with_another_value(in_process, name, option):
    pair = running(in_process, name)
    value, file, line = WRITTEN[name][option]
    line = line.format(pair.model.unit(pair.unit).charm_dir)
    assert line not in lines(pair, file)
    runs = pair.configure(**{option: value})
    assert line in lines(pair, file)
    assert done(pair, runs) == ['restart']
    assert pair.status[0] == 'active'


@pytest.mark.parametrize('option', TOLD)
def test_an_ensemble_is_told_of_other_ports(in_process, option):
    pair = running(in_process, 'zookeeper-server')
    value, line = TOLD[option]
    runs = pair.configure(**{option: value})
    ensemble, = [known.relation for known in pair.model.unit(pair.unit).known.values()
                 if known.relation.peers]
    assert pair.world.told(ensemble, pair.unit)['server'] == line
    assert (pair.model.unit(pair.unit), 'is-active', 'zookeeper') in pair.asked
    assert done(pair, runs) == []


def test_a_server_brings_its_data_along(in_process):
    pair = running(in_process, 'zookeeper-server')
    charm = Path(pair.model.unit(pair.unit).charm_dir)
    (charm / 'data' / 'version-2').mkdir()
    (charm / 'data' / 'version-2' / 'log.1').write_text('all that counts')
    runs = pair.configure(**{'data-dir': 'other'})
    assert done(pair, runs) == ['stop', 'restart']
    assert (charm / 'other' / 'version-2' / 'log.1').read_text() == 'all that counts'
    assert lines(pair, 'other/myid') == ['2']
    assert lines(pair, 'conf/zoo.cfg.dynamic') == [
        'server.1=10.0.0.1:2888:3888;2181', 'server.2=10.0.0.3:2888:3888;2181']


@pytest.mark.parametrize('name, waiting', [
    ('zookeeper-client', 'for ZooKeeper'), ('flume-agent', 'for a sink')])
def test_without_a_relation_they_are_blocked(in_process, name, waiting):
    world = World('3.6')
    model, unit = world.model, name + '/0'
    model.deploy(name, in_process(name), config={
        option: value for option, value in GOOD.items()
        if option in in_process(name).config})
    world.settle()
    needs = ('blocked', 'needs a relation to ' + waiting[len('for '):])
    assert model.unit(unit).status == needs
    model.deploy(OTHER[name], in_process(OTHER[name]), 0, config=GOOD)
    relation = model.relate(*('{}:{}'.format(app, ENDS[app])
                              for app in (name, OTHER[name])))
    world.settle()
    assert model.unit(unit).status == ('waiting', waiting)
    model.add_unit(OTHER[name])
    world.settle()
    assert model.unit(unit).status[0] == 'active'
    model.remove_relation(relation)
    world.settle()
    assert model.unit(unit).status == needs
