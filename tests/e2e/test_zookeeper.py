"""A real ensemble that changes while a client writes."""
import random
import re
import signal
import socket
import time

import pytest

from e2e import writer
from e2e.conftest import RESULTS
from e2e.deployment import ADDRESS
from e2e.services import free_ports, wait_for
from e2e.zookeeper import LIMIT, ZooKeeperDeployment


class RealEnsemble(ZooKeeperDeployment):
    """An ensemble that consists of the example charms."""

    def __init__(self, charms, *args):
        super().__init__(*args)
        self.charms = charms
        # the client's reconfigurations: the expected number, and the times
        self.expected_reconfigurations, self.reconfigured = 0, []
        self.hooks = 0              # number of hooks that the client has run
        self.server_lists = []      # the client's lists; each differs from the previous

    def deploy(self, units=1):
        self.ports = free_ports(40)
        self.model.deploy('zk', self.charms['zookeeper-server'], 0, {
            'port': self.ports, 'quorum-port': self.ports + 10,
            'election-port': self.ports + 20, 'spread-ports': True,
            'conf-dir': 'conf', 'data-dir': 'data'})
        self.model.deploy('kafka', self.charms['zookeeper-client'], 0,
                          {'conf-dir': 'conf'})
        for _ in range(units):
            self.add_unit('zk')
        self.add_unit('kafka')
        return self.relate()

    def relate(self):
        return self.model.relate('zk:zkclient', 'kafka:zookeeper')

    def kill(self, unit):
        """Kill a server, as if its machine failed."""
        self.history.mark('{} killed'.format(unit))
        self.services.end(unit, 'zookeeper', signal.SIGKILL)

    def settle(self, *units, reconfigurations):
        """Run all hooks, and check the ensemble and the client.

        :param units: the expected members of the ensemble
        :param reconfigurations: how often the client should be reconfigured
        """
        self.expected_reconfigurations += reconfigurations
        self.model.settle()
        self.check(*units)

    def check(self, *units):
        """Check that the client was reconfigured as expected, uses these units and
        writes."""
        assert len(self.reconfigured) == self.expected_reconfigurations
        self.check_members(*units)

    def check_members(self, *units):
        """Check that these units are the ensemble, and that the client uses them."""
        wait_for('an ensemble of {}'.format(units), lambda: sorted(
            self.mode(unit) for unit in units) == sorted(
                ['leader'] + ['follower'] * (len(units) - 1)), LIMIT)
        assert self.servers() == [self.server(unit) for unit in units]
        self.wait_for_writes()

    def servers(self):
        servers = self.client_config().get('zookeeper.connect', '')
        return servers.split(',') if servers else []

    def server(self, unit):
        return '{}:{}'.format(ADDRESS, self.port(unit))

    def port(self, unit):
        return self.model.apps['zk'].config['port'] + int(unit.split('/')[1])

    def mode(self, unit):
        """The mode that a server reports, or '' if it does not answer."""
        try:
            with socket.create_connection((ADDRESS, self.port(unit)), 5) as peer:
                peer.sendall(b'srvr')
                with peer.makefile() as answer:
                    return (re.findall('^Mode: (.*)$', answer.read(), re.MULTILINE)
                            or [''])[0]
        except OSError:
            return ''

    def lost_writes_of(self, unit):
        with self.session(self.port(unit), LIMIT) as client:
            return self.lost_writes(client, writer.PARENT)

    def on_service(self, unit, action, service):
        if service != 'zookeeper-client':
            return super().on_service(unit, action, service)
        # not marked in the history: the plot shows reconfigurations separately
        self.reconfigured.append(time.time())
        return self.services(unit, action, service)

    def on_hook(self, run):
        super().on_hook(run)
        if run.unit == self.client:
            self.hooks += 1
            if self.server_lists[-1:] != [self.servers()]:
                self.server_lists.append(self.servers())
            if run.hook.kind == 'departed':
                assert self.server(run.hook.remote_unit) not in self.servers()


@pytest.fixture
def ensemble(charms, services, java, zookeeper_jar, tmp_path):
    jars = [zookeeper_jar, zookeeper_jar.with_name('slf4j-simple.jar')]
    return RealEnsemble(charms, services, java, jars, tmp_path)


def test_no_write_is_lost_while_the_ensemble_changes(ensemble):
    model, services, history = ensemble.model, ensemble.services, ensemble.history
    relation = ensemble.deploy()
    # the client starts without servers, and is then reconfigured with one
    ensemble.settle('zk/0', reconfigurations=2)
    ensemble.add_unit('zk')
    ensemble.add_unit('zk')
    ensemble.settle('zk/0', 'zk/1', 'zk/2', reconfigurations=2)

    model.set_config('zk', port=ensemble.ports + 30)
    history.mark('port changed')
    ensemble.settle('zk/0', 'zk/1', 'zk/2', reconfigurations=3)

    leader = next(unit for unit in ('zk/0', 'zk/1', 'zk/2')
                  if ensemble.mode(unit) == 'leader')
    ensemble.kill(leader)
    ensemble.wait_for_writes()
    history.mark('{} starts'.format(leader))
    services.start(model.unit(leader), 'zookeeper')
    ensemble.check('zk/0', 'zk/1', 'zk/2')

    ensemble.kill('zk/1')
    model.remove_unit('zk/1', force=True)
    # the other units notice the removal when their agents restart
    for unit in model.units:
        model.restart_agent(unit)
    ensemble.settle('zk/0', 'zk/2', reconfigurations=1)

    ensemble.add_unit('zk')
    ensemble.settle('zk/0', 'zk/2', 'zk/3', reconfigurations=1)

    model.remove_unit('zk/0')
    ensemble.settle('zk/2', 'zk/3', reconfigurations=1)

    # the two servers depart in two hooks
    history.mark('relation removed')
    model.remove_relation(relation)
    ensemble.expected_reconfigurations += 2
    model.settle()
    assert ensemble.servers() == []
    assert not services.active('kafka/0', 'zookeeper-client')
    assert ensemble.lost_writes_of('zk/2') == set()

    history.mark('relation made again')
    ensemble.relate()
    ensemble.settle('zk/2', 'zk/3', reconfigurations=2)
    model.remove_unit('zk/2')
    ensemble.settle('zk/3', reconfigurations=1)
    assert ensemble.lost_writes_of('zk/3') == set()

    history.mark('data-dir changed')
    model.set_config('zk', **{'data-dir': 'other'})
    ensemble.settle('zk/3', reconfigurations=0)

    model.dispatch('kafka/0', 'update-status')
    assert len(ensemble.reconfigured) == ensemble.expected_reconfigurations
    assert len(ensemble.reconfigured) < ensemble.hooks
    assert ensemble.lost_writes_of('zk/3') == set()
    history.write(
        RESULTS / 'zookeeper.json',
        writes=history.since_start(writer.acknowledged(ensemble.log).values()),
        reconfigured=history.since_start(ensemble.reconfigured))


@pytest.mark.parametrize('seed', [3])
def test_client_follows_units_added_and_removed_at_the_same_time(ensemble, seed):
    model = ensemble.model
    model.random = random.Random(seed)
    ensemble.deploy(units=3)
    model.settle()
    ensemble.check_members('zk/0', 'zk/1', 'zk/2')
    model.remove_unit('zk/0')
    model.remove_unit('zk/1')
    ensemble.add_unit('zk')
    model.settle()
    ensemble.check_members('zk/2', 'zk/3')
    assert len(ensemble.reconfigured) == len(ensemble.server_lists) < ensemble.hooks
    for unit in 'zk/2', 'zk/3':
        assert ensemble.lost_writes_of(unit) == set()
