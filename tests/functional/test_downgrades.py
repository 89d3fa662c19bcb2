"""Charms with these layers, downgraded to earlier ones as MIGRATING.md describes."""
import re

import pytest

from juju_standin import HookFailed

from .conftest import EARLIER_LAYERS
from .juju import DEPARTING, NOTHING, Juju, Publisher, services
from .pages import blocks
from .pair import ENDPOINTS, GENERATIONS, SECOND, Pair

CLEAR = re.compile(r"'charms\.reactive clear_flag zookeeper\.(\w+)'")
DOWNGRADE, UPGRADE = [re.findall(r'^\$ (.*)$', block, re.M)
                      for block in blocks('MIGRATING.md', 'console')]


class DowngradedPair(Pair):
    """Two servers and a client with these layers.

    :param app: the application that the commands of the page downgrade
    """

    def __init__(self, generation, app, make):
        self.app = app
        charm = '{}-{}'.format(generation, app)
        self.charms = {'./this.charm': make(charm),
                       './earlier.charm': make(charm, EARLIER_LAYERS / generation)}
        super().__init__(Juju('3.6'), generation, generation,
                         make(generation + '-server'), make(generation + '-client'))
        self.model.add_unit('server')
        self.relate()
        self.settle()
        self.assert_uses('server/0', 'server/1')

    def do(self, command):
        """Run a command of the page, for each unit, endpoint and relation."""
        _, command, *words = command.split()
        units = [unit for unit in self.model.units if unit.startswith(self.app)]
        failed = [unit for unit in units if self.model.unit(unit).failed]
        if command == 'remove-relation':
            for relation in self.zookeeper, self.flume:
                self.model.remove_relation(relation)
            self.settle()
        elif command == 'exec':
            notice, = CLEAR.findall(' '.join(words))
            for unit in units:
                for endpoint in ENDPOINTS[self.app]:
                    self.model.unit(unit).disk['store'].unset(
                        'reactive.states.{}.{}'.format(endpoint, notice))
        elif command == 'refresh':
            charm = self.charms[words[words.index('--path') + 1]]
            self.model.upgrade(self.app, charm)
            if '--force-units' in words:
                for unit in failed:
                    self.model.unit(unit).charm = charm
        elif command == 'resolve':
            for unit in failed:
                assert self.model.resolve(unit).status == 0
        else:
            assert command == 'relate'
            self.relate()

    def downgrade(self):
        for command in DOWNGRADE:
            self.do(command)
        self.settle()

    def assert_client_follows_servers(self):
        """Assert that the client follows the servers and restarts only for changes."""
        self.model.add_unit('server')
        self.model.remove_unit('server/0')
        self.settle()
        assert set(self.hosts()) == {
            self.juju.address('server/1'), self.juju.address('server/2')}
        for _ in range(3):
            assert services(self.juju.dispatch('update-status')) == []


@pytest.fixture(params=[(generation, app)
                        for generation in GENERATIONS for app in ENDPOINTS],
                ids='-'.join)
def pair(request, in_process):
    return DowngradedPair(*request.param, in_process)


@pytest.mark.slow
def test_earlier_layer_does_not_know_existing_units(pair):
    model, address = pair.model, pair.juju.address
    model.upgrade(pair.app, pair.charms['./earlier.charm'])
    if pair.app == 'client' and pair.client_generation == SECOND:
        with pytest.raises(HookFailed, match="'relation-list'") as failed:
            model.settle()
        assert failed.value.run.hook.kind == 'upgrade-charm'
    elif pair.app == 'client':
        model.add_unit('server')
        pair.settle()
        assert pair.details()['servers'] == [[address('server/2'), '2181']]
    else:
        model.set_config('server', port=3000)
        pair.settle()
        for unit in 'server/0', 'server/1':
            assert pair.juju.published(pair.zookeeper, unit)['port'] == '2181'


def test_client_follows_servers_after_documented_downgrade(pair):
    pair.downgrade()
    pair.assert_client_follows_servers()


@pytest.mark.slow
def test_client_follows_servers_after_wrong_downgrade_is_repaired(pair):
    pair.do('juju refresh x --path ./earlier.charm')
    try:
        pair.model.settle()
    except HookFailed:
        pass
    for command in UPGRADE:
        pair.do(command)
    pair.settle()
    pair.downgrade()
    pair.assert_client_follows_servers()


def test_documented_command_clears_flag(as_processes):
    juju = Juju('3.6')
    model = juju.model
    model.deploy('kafka', as_processes('first-generation-client'))
    model.deploy('remote', Publisher('zookeeper', port='2181'))
    relation = model.relate('kafka:zookeeper', 'remote:end')
    juju.settle()
    model.remove_relation(relation)
    juju.settle()
    assert juju.flags('kafka/0', 'zookeeper') == DEPARTING
    unit, command = re.search(r"--unit (\S+) '(.*)'", DOWNGRADE[1]).groups()
    run = model.action(unit, 'juju-exec', command=command)
    assert run.status == 0, run.log
    juju.dispatch('update-status')
    assert juju.flags('kafka/0', 'zookeeper') == NOTHING
