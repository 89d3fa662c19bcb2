"""A real ensemble, and a client that writes to it all the time."""
import random
import re
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from kazoo.client import KazooClient

from e2e import writer
from e2e.conftest import RESULTS
from e2e.history import History
from e2e.services import free_ports, wait_for
from juju_standin import Model

# Seconds that a server or the ensemble has to do what it is waited for.
LIMIT = 60
# Acknowledged writes that show that the client is at work.
SOME = 50


class World:
    """ZooKeeper as `zk`, and a client as `kafka`."""

    def __init__(self, charms, services, java, jar, directory):
        self.services, self.charms = services, charms
        self.log = directory / 'numbers'
        self.history = History()
        self.changes = 0            # how often the client was to be reconfigured
        self.hooks = 0              # of the client
        self.reconfigured = []      # when the client was, and how
        self.configurations = []    # of the client, each of which differs
        self.model = Model()
        self.model.on_service = self._on_service
        self.model.observers.append(self._observe)
        jars = '{}:{}'.format(jar, jar.with_name('slf4j-simple.jar'))
        services.programs = {
            'zookeeper': lambda unit: [
                java, '-Xmx256m', '-XX:+UseSerialGC', '-cp', jars,
                'org.apache.zookeeper.server.quorum.QuorumPeerMain',
                self.file(unit, 'zoo.cfg')],
            'zookeeper-client': lambda unit: [
                sys.executable, writer.__file__, self.file(unit, 'client.cfg'),
                self.log]}

    def file(self, unit, name):
        return Path(unit.charm_dir) / unit.app.config['conf-dir'] / name

    def add(self, app):
        unit = self.model.add_unit(app)
        self.model.set_address(unit.name, '127.0.0.1')
        return unit.name

    def deploy(self, units=1):
        self.ports = free_ports(40)
        self.model.deploy('zk', self.charms['zookeeper-server'], 0, {
            'port': self.ports, 'quorum-port': self.ports + 10,
            'election-port': self.ports + 20, 'spread-ports': True,
            'conf-dir': 'conf', 'data-dir': 'data'})
        self.model.deploy('kafka', self.charms['zookeeper-client'], 0,
                          {'conf-dir': 'conf'})
        for _ in range(units):
            self.add('zk')
        self.add('kafka')
        return self.relate()

    def relate(self):
        return self.model.relate('zk:zkclient', 'kafka:zookeeper')

    def kill(self, unit):
        """Have a server end as with its machine."""
        self.history.mark('{} killed'.format(unit))
        self.services.end(unit, 'zookeeper', signal.SIGKILL)

    def settle(self, *units, changes):
        """Run all hooks; then all is right for an ensemble of these units.

        :param changes: how often the client's configuration is to change
        """
        self.changes += changes
        self.model.settle()
        self.check(*units)

    def check(self, *units):
        """These units are the ensemble, the client knows just them, and writes."""
        assert len(self.reconfigured) == self.changes
        self.serves(*units)

    def serves(self, *units):
        wait_for('an ensemble of {}'.format(units), lambda: sorted(
            self.mode(unit) for unit in units) == sorted(
                ['leader'] + ['follower'] * (len(units) - 1)), LIMIT)
        assert self.known() == ['127.0.0.1:{}'.format(self.port(unit))
                                for unit in units]
        self.works()

    def works(self):
        """The client goes on writing."""
        done = len(writer.acknowledged(self.log))
        wait_for('{} writes'.format(SOME), lambda: len(
            writer.acknowledged(self.log)) >= done + SOME, LIMIT)

    def known(self):
        """The servers that the client's configuration names."""
        file = self.file(self.model.unit('kafka/0'), 'client.cfg')
        if not file.exists():
            return []
        text = file.read_text()
        servers = re.fullmatch('zookeeper.connect=(.*)\n', text).group(1)
        return servers.split(',') if servers else []

    def port(self, unit):
        return self.model.apps['zk'].config['port'] + int(unit.split('/')[1])

    def mode(self, unit):
        """What a server says it is; '' while it says nothing."""
        try:
            with socket.create_connection(('127.0.0.1', self.port(unit)), 5) as peer:
                peer.sendall(b'srvr')
                with peer.makefile() as answer:
                    return (re.findall('^Mode: (.*)$', answer.read(), re.MULTILINE)
                            or [''])[0]
        except OSError:
            return ''

    def numbers(self, unit):
        """The numbers that a server holds."""
        client = KazooClient('127.0.0.1:{}'.format(self.port(unit)))
        client.start(timeout=LIMIT)
        try:
            client.sync(writer.PARENT)
            return {int(name) for name in client.get_children(writer.PARENT)}
        finally:
            client.stop()
            client.close()

    def lost(self, unit):
        """What was acknowledged and a server doesn't hold."""
        return set(writer.acknowledged(self.log)) - self.numbers(unit)

    def _on_service(self, unit, action, service):
        if service == 'zookeeper-client':
            self.reconfigured.append((time.time(), action))
        else:
            self.history.service(unit.name, action,
                                 self.services.active(unit.name, service))
        return self.services(unit, action, service)

    def _observe(self, run):
        if run.unit != 'kafka/0':
            return
        self.hooks += 1
        if self.known() != (
                self.configurations or [None])[-1]:
            self.configurations.append(self.known())
        if run.hook.kind == 'departed':
            gone = '127.0.0.1:{}'.format(self.port(run.hook.remote_unit))
            assert gone not in self.known()


@pytest.fixture
def world(charms, services, java, zookeeper_jar, tmp_path):
    return World(charms, services, java, zookeeper_jar, tmp_path)


def test_an_ensemble_changes_while_a_client_writes(world):
    model, services = world.model, world.services
    relation = world.deploy()
    # at its start the client is told that there is nobody
    world.settle('zk/0', changes=2)
    world.add('zk')
    world.add('zk')
    world.settle('zk/0', 'zk/1', 'zk/2', changes=2)

    model.set_config('zk', port=world.ports + 30)
    world.history.mark('port changed')
    world.settle('zk/0', 'zk/1', 'zk/2', changes=3)

    leader = next(unit for unit in ('zk/0', 'zk/1', 'zk/2')
                  if world.mode(unit) == 'leader')
    world.kill(leader)
    world.works()
    world.history.mark('{} starts'.format(leader))
    services.start(model.unit(leader), 'zookeeper')
    world.check('zk/0', 'zk/1', 'zk/2')

    world.kill('zk/1')
    model.remove_unit('zk/1', force=True)
    # the others learn of it when their agents start again
    for unit in model.units:
        model.restart_agent(unit)
    world.settle('zk/0', 'zk/2', changes=1)

    world.add('zk')
    world.settle('zk/0', 'zk/2', 'zk/3', changes=1)

    model.remove_unit('zk/0')
    world.settle('zk/2', 'zk/3', changes=1)

    # the two are told as gone one after the other
    world.history.mark('relation removed')
    model.remove_relation(relation)
    world.changes += 2
    model.settle()
    assert world.known() == []
    assert not services.active('kafka/0', 'zookeeper-client')
    assert world.lost('zk/2') == set()

    world.history.mark('relation made again')
    world.relate()
    world.settle('zk/2', 'zk/3', changes=2)
    model.remove_unit('zk/2')
    world.settle('zk/3', changes=1)
    assert world.lost('zk/3') == set()

    world.history.mark('data-dir changed')
    model.set_config('zk', **{'data-dir': 'other'})
    world.settle('zk/3', changes=0)

    model.dispatch('kafka/0', 'update-status')
    assert len(world.reconfigured) == world.changes < world.hooks
    assert world.lost('zk/3') == set()
    world.history.write(
        RESULTS / 'zookeeper.json',
        writes=world.history.since(writer.acknowledged(world.log).values()),
        reconfigured=world.history.since(when for when, _ in world.reconfigured))


@pytest.mark.parametrize('seed', [3])
def test_units_that_come_and_go_at_once(world, seed):
    model = world.model
    model.random = random.Random(seed)
    world.deploy(units=3)
    model.settle()
    world.serves('zk/0', 'zk/1', 'zk/2')
    model.remove_unit('zk/0')
    model.remove_unit('zk/1')
    world.add('zk')
    model.settle()
    world.serves('zk/2', 'zk/3')
    assert len(world.reconfigured) == len(world.configurations) < world.hooks
    assert world.lost('zk/2') == world.lost('zk/3') == set()
