"""Peers: the units of one application, related to each other."""
import json

from juju_standin import Model


class Peers:
    """A charm with peers, that keeps its relation hooks and runs a script."""
    metadata = {'peers': {'ring': {'interface': 'x'}}}
    config = {}

    def __init__(self):
        self.hooks = []
        self.script = lambda context: None

    def run(self, context):
        if context.hook.relation_id:
            self.hooks.append((context.unit.name, context.hook.kind,
                               context.hook.remote_unit))
        return self.script(context) or 0


class World:
    def __init__(self, units):
        self.charm = Peers()
        self.model = Model()
        self.model.deploy('zk', self.charm, units)
        self.model.settle()

    def in_hook_of(self, unit, function):
        """What a function of a context returns in a hook of a unit."""
        found = []
        self.charm.script = lambda context: found.append(function(context))
        assert self.model.dispatch(unit, 'update-status').status == 0
        self.charm.script = lambda context: None
        return found[0]


def ask(*argv):
    def call(context):
        status, output, _ = context.call([argv[0], '--format=json', *argv[1:]])
        return json.loads(output) if status == 0 else status
    return call


def put(*argv):
    return lambda context: context.call(['relation-set', '-r', 'ring:0', *argv])[0]


def test_peers_are_related_from_their_start():
    world = World(1)
    assert world.charm.hooks == [('zk/0', 'created', '')]
    assert world.in_hook_of('zk/0', ask('relation-ids', 'ring')) == ['ring:0']
    assert world.in_hook_of('zk/0', ask('relation-list', '-r', 'ring:0')) == []
    world.model.add_unit('zk')
    world.model.settle()
    assert sorted(world.charm.hooks[1:]) == [
        ('zk/0', 'changed', 'zk/1'), ('zk/0', 'joined', 'zk/1'),
        ('zk/1', 'changed', 'zk/0'), ('zk/1', 'created', ''),
        ('zk/1', 'joined', 'zk/0')]
    assert world.in_hook_of('zk/1', ask('relation-list', '-r', 'ring:0')) == ['zk/0']
    assert world.in_hook_of(
        'zk/1', ask('relation-list', '--app', '-r', 'ring:0')) == 'zk'


def test_peers_read_each_others_settings():
    world = World(3)
    world.charm.hooks.clear()
    assert world.in_hook_of('zk/0', put('a=1')) == 0
    world.model.settle()
    assert world.charm.hooks == [('zk/1', 'changed', 'zk/0'),
                                 ('zk/2', 'changed', 'zk/0')]
    for unit in 'zk/0', 'zk/1':
        assert world.in_hook_of(
            unit, ask('relation-get', '-r', 'ring:0', 'a', 'zk/0')) == '1'


def test_their_applications_settings_are_the_leaders_and_all_may_read_them():
    world = World(2)
    world.charm.hooks.clear()
    assert world.in_hook_of('zk/1', put('--app', 'a=1')) == 1
    assert world.in_hook_of('zk/0', put('--app', 'a=1')) == 0
    world.model.settle()
    assert world.charm.hooks == [('zk/1', 'changed', '')]
    for unit in 'zk/0', 'zk/1':
        assert world.in_hook_of(
            unit, ask('relation-get', '--app', '-r', 'ring:0', 'a', 'zk')) == '1'


def test_is_active_asks_who_runs_the_services():
    world = World(1)
    told = []

    def on_service(unit, action, service):
        told.append((unit.name, action, service))
        return service == 'zookeeper'

    def active(service):
        return world.in_hook_of(
            'zk/0', lambda context: context.call(['systemctl', 'is-active',
                                                  service])[0])

    assert active('zookeeper') == 3
    world.model.on_service = on_service
    assert (active('zookeeper'), active('other')) == (0, 3)
    assert told == [('zk/0', 'is-active', 'zookeeper'), ('zk/0', 'is-active', 'other')]


def test_asking_whether_a_service_is_active_is_no_change_of_it():
    world = World(1)
    world.charm.script = lambda context: [
        context.call(['systemctl', action, 'zookeeper'])
        for action in ('is-active', 'restart')] and None
    run = world.model.dispatch('zk/0', 'update-status')
    assert run.services == [('restart', 'zookeeper')]
