"""The ensemble that the units of the example zookeeper-server form."""
import shutil

import pytest

from juju_standin import Hook

from .conftest import TESTS
from .ensemble import CLIENT, SERVER
from .juju import Juju
from .layers import build_in_process

SERVING = ('active', 'serving')
WAITING = ('waiting', 'for the first server')
ZKCLI = '/usr/share/zookeeper/bin/zkCli.sh'


class Servers:
    """The application zk, its peer relation, and the calls of zkCli.sh."""

    def __init__(self, juju, charm, calls):
        self.juju, self.model, self.calls = juju, juju.model, calls
        self.model.deploy('zk', charm, config=SERVER)
        self.peers, = self.model.relations.values()

    def data(self, unit):
        """What a unit has published to its peers."""
        return self.juju.published(self.peers, unit)

    def run_until_waiting(self, unit):
        """Run the unit's hooks until it waits for the first server."""
        while self.model.unit(unit).status != WAITING:
            self.model.run(unit, self.model.pending(unit)[0])

    def reconfigurations(self):
        """The changes of the ensemble since the last call of this method."""
        calls = self.calls.read_text().splitlines()
        self.calls.write_text('')
        return [call.partition(' reconfig ')[2] for call in calls]


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return tmp_path_factory.mktemp('zookeeper-server')


@pytest.fixture
def calls(path):
    file = path / 'calls'
    file.write_text('')
    return file


@pytest.fixture(scope='module')
def charm(path):
    """The example with a script in place of ZooKeeper's command-line client."""
    layer = shutil.copytree(TESTS.parent / 'examples' / 'zookeeper-server',
                            path / 'layer')
    script = path / 'zkCli.sh'
    script.write_text('#!/bin/sh\necho "$*" >> {}\n'.format(path / 'calls'))
    script.chmod(0o755)
    handlers = layer / 'reactive' / 'zookeeper_server.py'
    text = handlers.read_text()
    assert text.count(ZKCLI) == 1
    handlers.write_text(text.replace(ZKCLI, str(script)))
    return build_in_process(layer, path / 'built')


@pytest.fixture
def servers(juju, charm, calls):
    """One server, with no hook due."""
    juju.model.on_service = lambda unit, action, service: service == 'zookeeper'
    servers = Servers(juju, charm, calls)
    juju.settle()
    return servers


@pytest.mark.parametrize('force', [False, True])
def test_unit_added_after_removal_of_all_units_founds_ensemble(servers, force):
    servers.model.remove_unit('zk/0', force=force)
    servers.juju.settle()
    servers.model.add_unit('zk')
    servers.juju.settle()
    assert servers.model.unit('zk/1').status == SERVING
    assert servers.data('zk/1')['client'] == servers.juju.servers('zk/1')
    servers.model.add_unit('zk')
    servers.juju.settle()
    assert servers.model.unit('zk/2').status == SERVING
    assert servers.reconfigurations() == ['-add ' + servers.data('zk/2')['server']]


def test_port_is_published_when_server_has_started(charm, calls, in_process):
    juju = Juju('3.6')
    servers = Servers(juju, charm, calls)
    servers.model.add_unit('zk')
    juju.model.deploy('kafka', in_process('zookeeper-client'), config=CLIENT)
    relation = juju.model.relate('zk:zkclient', 'kafka:zookeeper')
    juju.run_due('zk/1')
    assert juju.model.unit('zk/1').status == WAITING
    assert juju.published(relation, 'zk/1') == {}
    juju.settle()
    for unit in 'zk/0', 'zk/1':
        assert juju.model.unit(unit).status == SERVING
        assert juju.published(relation, unit) == {'port': '2181'}


def test_new_leader_waits_for_founder_that_it_has_not_seen(servers):
    servers.model.add_unit('zk')
    servers.model.set_leader('zk/1')
    servers.run_until_waiting('zk/1')
    servers.juju.settle()
    assert servers.model.unit('zk/1').status == SERVING
    assert servers.reconfigurations() == ['-add ' + servers.data('zk/1')['server']]


def test_new_leader_waits_for_founder_whose_data_it_has_not_seen(juju, charm, calls):
    juju.model.on_service = lambda unit, action, service: service == 'zookeeper'
    servers = Servers(juju, charm, calls)
    servers.model.add_unit('zk')
    servers.model.apps['zk'].leader = 'none'
    juju.settle()
    for unit in 'zk/0', 'zk/1':
        servers.model.set_leader(unit)
        servers.model.run(unit, Hook('leader-elected', 'leader-elected'))
    assert servers.model.unit('zk/1').status == WAITING
    juju.settle()
    assert servers.model.unit('zk/1').status == SERVING
    assert servers.reconfigurations() == ['-add ' + servers.data('zk/1')['server']]


def test_new_leader_waits_for_member_that_it_has_not_seen_if_founder_left(servers):
    servers.model.add_unit('zk')
    servers.juju.settle()
    servers.model.remove_unit('zk/0', force=True)
    servers.model.add_unit('zk')
    servers.model.set_leader('zk/2')
    servers.run_until_waiting('zk/2')
    servers.juju.settle()
    assert servers.model.unit('zk/2').status == SERVING
    assert '-add ' + servers.data('zk/2')['server'] in servers.reconfigurations()


def test_data_lost_with_failed_hook_is_published_again(juju, charm, calls):
    servers = Servers(juju, charm, calls)
    servers.model.fail_next('zk/0', 'ensemble-relation-created', late=True)
    servers.model.settle()
    assert servers.data('zk/0')['client'] == juju.servers('zk/0')
    assert servers.peers.app_databags['zk'].data == {'founder': 'zk/0'}
    servers.model.set_config('zk', port=3000)
    juju.settle()
    assert servers.data('zk/0')['client'] == juju.servers('zk/0', port=3000)


def test_no_member_is_removed_when_all_units_leave(servers):
    servers.model.add_unit('zk')
    servers.juju.settle()
    servers.reconfigurations()
    for unit in 'zk/0', 'zk/1':
        servers.model.remove_unit(unit)
    servers.juju.settle()
    assert servers.model.units == {}
    assert servers.reconfigurations() == []


def test_force_removed_unit_leaves_ensemble(servers):
    for _ in range(2):
        servers.model.add_unit('zk')
    servers.juju.settle()
    servers.reconfigurations()
    removed = servers.juju.servers('zk/2')
    servers.model.remove_unit('zk/2', force=True)
    assert servers.juju.settle() == []
    servers.juju.dispatch('update-status')
    assert removed not in servers.calls.read_text()
    assert servers.reconfigurations() == ['-remove 3'] * 2
    servers.model.add_unit('zk')
    servers.juju.settle()
    servers.juju.restart_agents()
    servers.juju.settle()
    servers.juju.dispatch('update-status')
    assert servers.reconfigurations() == ['-add ' + servers.data('zk/3')['server']]
