"""From these layers back to earlier ones: what breaks, and MIGRATING.md's way."""
import re

import pytest

from juju_standin import HookFailed

from .conftest import EARLIER_LAYERS, TESTS
from .neighbours import Publisher
from .styles import STYLES, Pair
from .world import DEPARTING, NOTHING, World, services

PAGE = (TESTS.parent / 'MIGRATING.md').read_text()
# in all endpoints
CLEAR = re.compile(r"'charms\.reactive clear_flag zookeeper\.(\w+)'")
BACK, FORTH = [re.findall(r'^\$ (.*)$', block, re.M) for block in re.findall(
    r'```console\n(.*?)```', PAGE, re.DOTALL)]

APPS = {'client': 'near', 'server': 'far'}
ENDPOINTS = {'client': ('zookeeper', 'sink'), 'server': ('zkclient', 'source')}


class Revised(Pair):
    """Two servers and a client with these layers; one side is to go back."""

    def __init__(self, style, side, make):
        self.name, self.endpoints, self.make = APPS[side], ENDPOINTS[side], make
        self.charms = {'./this.charm': make('{}-{}'.format(style, side)),
                       './earlier.charm': make('{}-{}'.format(style, side),
                                               EARLIER_LAYERS / style)}
        super().__init__(World('3.6'), style, style, make(style + '-server'),
                         make(style + '-client'))
        self.model.add_unit('far')
        self.relate()
        self.settle()
        self.knows('far/0', 'far/1')

    @property
    def units(self):
        return [unit for unit in self.model.units if unit.startswith(self.name)]

    def relate(self):
        self.relations = [self.relate_zookeeper(), self.relate_flume()]

    def do(self, command):
        """Do what a command says, to all that it is to be repeated for."""
        words = command.split()[1:]
        if words[0] == 'remove-relation':
            for relation in self.relations:
                self.model.remove_relation(relation)
            self.settle()
        elif words[0] == 'exec':
            notice, = CLEAR.findall(command)
            for unit in self.units:
                for endpoint in self.endpoints:
                    self.model.unit(unit).disk['store'].unset(
                        'reactive.states.{}.{}'.format(endpoint, notice))
        elif words[0] == 'refresh':
            charm = self.charms[words[words.index('--path') + 1]]
            self.model.upgrade(self.name, charm)
            if '--force-units' in words:
                for unit in self.units:
                    if self.model.unit(unit).failed:
                        self.model.unit(unit).charm = charm
        elif words[0] == 'resolve':
            for unit in self.units:
                if self.model.unit(unit).failed:
                    assert self.model.resolve(unit).status == 0
        else:
            assert words[0] == 'relate'
            self.relate()

    def go_back(self):
        for command in BACK:
            self.do(command)
        self.settle()

    def goes_on(self):
        """Assert that the client follows the servers, and restarts for no other reason.
        """
        self.model.add_unit('far')
        self.model.remove_unit('far/0')
        self.settle()
        assert {server[0] if isinstance(server, list) else server['host']
                for server in self.known()['servers']} == {
                    self.world.address('far/1'), self.world.address('far/2')}
        for _ in range(3):
            assert services(self.world.dispatch('update-status')) == []


@pytest.fixture(params=[(style, side) for style in STYLES for side in APPS],
                ids='-'.join)
def revised(request, in_process):
    return Revised(*request.param, in_process)


def test_an_earlier_layer_does_not_know_the_units_that_are_there(revised):
    model, address = revised.model, revised.world.address
    model.upgrade(revised.name, revised.charms['./earlier.charm'])
    if revised.client_style == 'later':
        with pytest.raises(HookFailed) as failed:
            model.settle()
        assert failed.value.run.hook.kind == 'upgrade-charm'
        assert ("'relation-list'" in str(failed.value)) == (revised.name == 'near')
    elif revised.name == 'near':
        model.add_unit('far')
        revised.settle()
        assert revised.known()['servers'] == [[address('far/2'), '2181']]
    else:
        model.set_config('far', port=3000)
        revised.settle()
        assert revised.known()['servers'] == [
            [address(unit), '2181'] for unit in ('far/0', 'far/1')]


def test_the_way_back(revised):
    revised.go_back()
    revised.goes_on()


def test_forth_again_and_then_the_way_back(revised):
    revised.do('juju refresh x --path ./earlier.charm')
    try:
        revised.model.settle()
    except HookFailed:
        pass
    for command in FORTH:
        revised.do(command)
    revised.settle()
    revised.go_back()
    revised.goes_on()


def test_the_command_that_clears_a_flag(by_processes):
    world = World('3.6')
    model = world.model
    model.deploy('kafka', by_processes('early-client'))
    model.deploy('far', Publisher('zookeeper', port='2181'))
    relation = model.relate('kafka:zookeeper', 'far:end')
    world.settle()
    model.remove_relation(relation)
    world.settle()
    assert world.flags('kafka/0', 'zookeeper') == DEPARTING
    unit, command = re.search(r"--unit (\S+) '(.*)'", BACK[1]).groups()
    run = model.action(unit, 'juju-exec', command=command)
    assert run.status == 0, run.log
    world.dispatch('update-status')
    assert world.flags('kafka/0', 'zookeeper') == NOTHING
