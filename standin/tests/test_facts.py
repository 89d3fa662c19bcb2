"""The stand-in does what Juju does, fact by fact."""
import random

import pytest

import juju_standin
from recorder import Recorder, World, ask, put, status_of


@pytest.fixture
def world():
    return World()


# Hooks.

def test_a_unit_starts(world):
    world = World(related=False)
    world.model.settle()
    assert world.client.hooks() == [(name, '') for name in (
        'install', 'leader-elected', 'config-changed', 'start')]


def test_only_one_unit_is_elected():
    world = World(units=(1, 2), related=False)
    world.model.settle()
    assert ('leader-elected', '') not in world.client.hooks('client/1')
    world.model.remove_unit('client/0')
    world.model.settle()
    assert world.client.hooks('client/1')[-1] == ('leader-elected', '')


def test_order_of_a_relations_hooks():
    world = World(units=(2, 1), related=False)
    world.model.settle()
    world.forget()
    relation = world.model.relate('client:in', 'server:out')
    world.model.settle()
    world.model.remove_relation(relation)
    world.model.settle()
    assert world.client.hooks() == [
        ('in-created', ''), ('in-joined', 'server/0'), ('in-changed', 'server/0'),
        ('in-joined', 'server/1'), ('in-changed', 'server/1'),
        ('in-departed', 'server/0'), ('in-departed', 'server/1'),
        ('in-broken', '')]
    assert not world.model.relations


def test_relations_made_first_are_created_before_start():
    world = World(related=False)
    world.model.relate('client:in', 'server:out')
    world.model.settle()
    assert world.client.hooks()[:6] == [
        ('install', ''), ('in-created', ''), ('leader-elected', ''),
        ('config-changed', ''), ('start', ''), ('in-joined', 'server/0')]


def test_changed_follows_joined_but_other_hooks_may_come_between():
    world = World(units=(2, 1), related=False)
    world.model.settle()
    world.model.relate('client:in', 'server:out')
    for kind in 'created', 'joined':
        hook = world.model.pending('client/0')[0]
        assert hook.kind == kind
        world.model.run('client/0', hook)
    world.model.relate('client:more', 'server:out')
    world.model.set_config('client', colour='blue')
    due = world.model.pending('client/0')
    assert [(h.kind, h.relation_id, h.remote_unit) for h in due] == [
        ('config-changed', None, ''), ('changed', 'in:0', 'server/0'),
        ('created', 'more:1', '')]


def test_changes_coalesce(world):
    world.server_sets('a=1')
    world.server_sets('a=2')
    world.model.settle()
    assert world.client.hooks() == [('in-changed', 'server/0')]


def test_a_unit_that_is_gone_before_its_joined_leaves_no_trace(world):
    unit = world.model.add_unit('server')
    for hook in 'install', 'out-relation-created':
        assert [h.name for h in world.model.pending(unit.name)][:1] == [hook]
        world.model.run(unit.name, world.model.pending(unit.name)[0])
    assert world.model.pending('client/0')[0].remote_unit == unit.name
    world.model.remove_unit(unit.name)
    while unit.name in world.model.units:
        world.model.run(unit.name, world.model.pending(unit.name)[0])
    world.model.settle()
    assert world.client.hooks() == []


def test_a_unit_that_is_gone_between_joined_and_changed(world):
    unit = world.model.add_unit('server')
    while not world.model.pending('client/0'):
        world.model.run(unit.name, world.model.pending(unit.name)[0])
    world.model.run('client/0', world.model.pending('client/0')[0])
    world.model.remove_unit(unit.name, force=True, heard=['client/0'])
    world.model.settle()
    assert world.client.hooks() == [
        ('in-joined', 'server/1'), ('in-changed', 'server/1'),
        ('in-departed', 'server/1')]


def test_an_applications_own_data_changes_without_a_unit(world):
    world.model.set_app_data(world.relation, 'server', a='1')
    world.model.settle()
    assert world.client.hooks() == [('in-changed', '')]
    env = world.client.contexts[0].env
    assert (env['JUJU_REMOTE_UNIT'], env['JUJU_REMOTE_APP']) == ('', 'server')
    assert world.client_does(
        lambda c: ask(c, 'relation-get', '-r', 'in:0', '--app', '-', 'server')
    ) == {'a': '1'}


def test_configuration_and_upgrades(world):
    world.model.set_config('client', colour='blue')
    world.model.settle()
    new = Recorder(requires=['in'])
    world.model.upgrade('client', new)
    world.model.settle()
    assert world.client.hooks() == [('config-changed', '')]
    assert new.hooks() == [('upgrade-charm', ''), ('config-changed', '')]
    assert ask(new.contexts[0], 'config-get', 'colour') == 'blue'


def test_seeds_give_other_orders_and_the_same_seed_the_same():
    def story(seed):
        world = World(seed=seed, units=(3, 3), related=False)
        world.model.relate('client:in', 'server:out')
        return [(run.unit, str(run.hook)) for run in world.model.settle()]

    assert story(1) == story(1) == story(random.Random(1))
    assert len({tuple(story(seed)) for seed in range(5)}) == 5


def test_any_order_keeps_joined_before_changed_before_departed():
    for seed in range(30):
        world = World(seed=seed, units=(3, 2), related=False)
        model = world.model
        relation = model.relate('client:in', 'server:out')
        for _ in range(seed):
            model.step()
        model.remove_unit('server/1', force=bool(seed % 2), heard=model.units)
        model.add_unit('server')
        model.step()
        model.remove_relation(relation)
        model.settle()
        assert not model.relations
        for client in 'client/0', 'client/1':
            hooks = [hook for hook in world.client.hooks(client)
                     if hook[0].startswith('in-')]
            if hooks:
                assert hooks[0] in (('in-created', ''), ('in-broken', ''))
                assert hooks[-1] == ('in-broken', '')
            for server in {unit for _, unit in hooks if unit}:
                assert [name for name, unit in hooks if unit == server] == [
                    'in-joined', 'in-changed', 'in-departed']


# The environment.

def test_environment(world):
    world.model.remove_relation(world.relation)
    world.model.settle()
    departed, broken = (c.env for c in world.client.contexts)
    assert {key: value for key, value in departed.items()
            if key != 'JUJU_CONTEXT_ID'} == {
        'CHARM_DIR': '/var/lib/juju/agents/unit-client-0/charm',
        'JUJU_CHARM_DIR': '/var/lib/juju/agents/unit-client-0/charm',
        'JUJU_UNIT_NAME': 'client/0', 'JUJU_HOOK_NAME': 'in-relation-departed',
        'JUJU_RELATION': 'in', 'JUJU_RELATION_ID': 'in:0',
        'JUJU_REMOTE_UNIT': 'server/0', 'JUJU_REMOTE_APP': 'server',
        'JUJU_DEPARTING_UNIT': 'server/0', 'JUJU_MODEL_NAME': 'standin',
        'JUJU_MODEL_UUID': '00000000-0000-4000-8000-000000000000',
        'JUJU_VERSION': '3.6.28', 'LANG': 'C.UTF-8',
        'JUJU_DISPATCH_PATH': 'hooks/in-relation-departed',
        'PATH': juju_standin.context.SYSTEM_PATH}
    assert (broken['JUJU_REMOTE_UNIT'], broken['JUJU_REMOTE_APP']) == ('', 'server')
    assert 'JUJU_DEPARTING_UNIT' not in broken
    world.client_does(lambda c: None)
    assert not [key for key in world.client.contexts[-1].env
                if key.startswith(('JUJU_RELATION', 'JUJU_REMOTE', 'JUJU_DEP'))]


def test_departing_unit():
    world = World(units=(2, 2))
    world.model.remove_unit('server/1')
    world.model.settle()
    assert world.server.hooks('server/1') == [
        ('out-departed', 'client/0'), ('out-departed', 'client/1'),
        ('out-broken', ''), ('stop', ''), ('remove', '')]
    departing = {c.env.get('JUJU_DEPARTING_UNIT')
                 for charm in (world.server, world.client) for c in charm.contexts
                 if c.hook.kind == 'departed'}
    assert departing == {'server/1'}
    assert world.client.hooks('client/0') == [('in-departed', 'server/1')]
    assert 'server/1' not in world.model.units


# Hook tools.

def test_relation_list_is_of_committed_units_and_the_hooks_own():
    world = World(units=(2, 1), related=False)
    world.model.settle()
    world.forget()
    listed = []
    world.client.script = lambda c: listed.append(
        ask(c, 'relation-list', '-r', 'in:0'))
    relation = world.model.relate('client:in', 'server:out')
    world.model.settle()
    world.model.remove_relation(relation)
    world.model.settle()
    one, both = ['server/0'], ['server/0', 'server/1']
    assert listed == [[], one, one, both, both, ['server/1'], [], []]


def test_units_that_wait_for_their_joined_are_not_listed(world):
    unit = world.model.add_unit('server')
    while not world.model.pending('client/0'):
        world.model.run(unit.name, world.model.pending(unit.name)[0])
    assert world.client_does(
        lambda c: ask(c, 'relation-list', '-r', 'in:0')) == ['server/0']
    assert world.model.members('client/0', world.relation) == ['server/0']


def test_relation_get(world):
    world.server_sets('a=1')
    world.model.settle()
    key, missing, smart, everything, own = world.client_does(
        lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/0'),
        lambda c: ask(c, 'relation-get', '-r', 'in:0', 'b', 'server/0'),
        lambda c: c.call(['relation-get', '-r', 'in:0', 'b', 'server/0']),
        lambda c: ask(c, 'relation-get', '-r', 'in:0', '-', 'server/0')['a'],
        lambda c: (put(c, '-r', 'in:0', 'x=1'),
                   ask(c, 'relation-get', '-r', 'in:0', 'x', 'client/0'))[1])
    assert (key, missing, smart, everything, own) == (
        '1', None, (0, b'', b''), '1', '1')


def test_relation_get_fails(world):
    assert world.client_does(
        lambda c: status_of(c, 'relation-get', '-', 'server/0'),
        lambda c: status_of(c, 'relation-get', '-r', 'in:7', '-', 'server/0'),
        lambda c: status_of(c, 'relation-get', '-r', 'out:0', '-', 'server/0'),
        lambda c: status_of(c, 'relation-get', '-r', 'in:0', '-'),
        lambda c: status_of(c, 'relation-get', '-r', 'in:0', '-', 'server/7'),
        lambda c: status_of(c, 'relation-get', '-r', 'in:0', '-', 'other/0'),
    ) == [2, 2, 2, 2, 1, 1]


def test_settings_are_cached_until_the_units_next_hook(world):
    read = [lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/0')]
    assert world.client_does(*read) is None
    world.server_sets('a=1')
    assert world.client_does(*read) is None
    world.model.settle()
    assert world.client_does(*read) == '1'


def test_a_departed_unit_stays_readable_while_the_relation_exists():
    world = World(units=(2, 1))
    world.server_sets('a=1', unit='server/1')
    world.model.remove_unit('server/1')
    world.model.settle()
    assert world.client_does(
        lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/1')) == '1'


def test_relation_set_is_kept_until_the_hook_succeeds(world):
    world.server.script = lambda c: (put(c, '-r', 'out:0', 'a=1'),
                                     c.call(['status-set', 'active', 'up']), 1)[2]
    run = world.model.dispatch('server/0', 'update-status')
    assert (run.status, run.written) == (1, {})
    assert 'a' not in world.model.settings(world.relation, 'server/0')
    assert world.model.unit('server/0').status == ('active', 'up')
    world.server.script = lambda c: put(c, '-r', 'out:0', 'a=1')
    run, changed = world.model.settle()
    assert run.attempt == 2
    assert run.written == {('out:0', 'server/0'): {'a': '1'}}
    assert changed.hook.name == 'in-relation-changed'


def test_the_same_value_tells_nobody_and_an_empty_one_deletes(world):
    world.server_sets('a=1', 'b=1')
    world.model.settle()
    world.forget()
    world.server_sets('a=1', 'c=')
    world.model.settle()
    assert world.client.hooks() == []
    world.server_sets('a=')
    world.model.settle()
    assert world.client.hooks() == [('in-changed', 'server/0')]
    assert 'a' not in world.model.settings(world.relation, 'server/0')


def test_relation_set_reads_yaml_as_text(world):
    text = b'a: 123\nb: yes\nc: null\nd: "null"\ne: ""\nf: 1.10\n'
    world.server.script = lambda c: put(c, '-r', 'out:0', '--file', '-',
                                        stdin=text)
    run = world.model.dispatch('server/0', 'update-status')
    assert run.written['out:0', 'server/0'] == {
        'a': '123', 'b': 'yes', 'd': 'null', 'f': '1.10'}
    assert world.client_does(
        lambda c: status_of(c, 'relation-set', '-r', 'in:0', 'nonsense'),
        lambda c: status_of(c, 'relation-set', 'a=1'),
        lambda c: c.call(['relation-set', '--file', '-', '-r', 'in:0'], b'- 1')[0],
        lambda c: b'--file' in c.call(['relation-set', '--help'])[1],
    ) == [2, 2, 1, True]


def test_application_data_is_the_leaders():
    world = World(units=(1, 2))
    world.client.script = lambda c: status_of(
        c, 'relation-set', '-r', 'in:0', '--app', 'a=1') and None
    world.model.dispatch('client/0', 'update-status')
    world.model.settle()
    assert world.server.hooks() == [('out-changed', '')]
    statuses = []
    world.client.script = lambda c: statuses.extend([
        status_of(c, 'relation-set', '-r', 'in:0', '--app', 'a=2'),
        status_of(c, 'relation-get', '-r', 'in:0', '--app', '-', 'client')])
    world.model.dispatch('client/1', 'update-status')
    assert statuses == [1, 1]


def test_other_tools(world):
    world.client.script = lambda c: [
        c.call(argv.split()) for argv in (
            'open-port 80', 'open-port 90/udp', 'close-port 80/tcp',
            'status-set waiting for it', 'leader-set a=1', 'juju-log -l DEBUG a b',
            'application-version-set 3')] and None
    run = world.model.dispatch('client/0', 'update-status')
    assert run.log == [('DEBUG', 'a b')]
    assert ('open-port', ['80']) in run.calls
    assert world.model.unit('client/0').version == '3'
    assert world.client_does(
        lambda c: ask(c, 'opened-ports'),
        lambda c: ask(c, 'status-get', '--include-data')['message'],
        lambda c: ask(c, 'leader-get', 'a'),
        lambda c: ask(c, 'is-leader'),
        lambda c: ask(c, 'config-get', '--all'),
        lambda c: ask(c, 'unit-get', 'private-address'),
        lambda c: c.call(['network-get', 'in', '--primary-address'])[1],
        lambda c: ask(c, 'network-get', 'in')['ingress-addresses'],
        lambda c: status_of(c, 'network-get', 'nothing'),
        lambda c: status_of(c, 'action-get'),
    ) == [['90/udp'], 'for it', '1', True, {'colour': 'red'}, '10.0.0.2',
          b'10.0.0.2\n', ['10.0.0.2'], 1, 1]


def test_actions(world):
    def action(context):
        assert context.env['JUJU_ACTION_NAME'] == 'dump'
        # set, but empty: HookVars in worker/uniter/runner/context of Juju
        assert context.env['JUJU_HOOK_NAME'] == ''
        assert ask(context, 'action-get', 'deep.er') == 1
        put(context, '-r', 'in:0', 'a=1')
        context.call(['action-set', 'x=y'])
        context.call(['action-fail', 'not today'])

    world.client.script = action
    run = world.model.action('client/0', 'dump', deep={'er': 1})
    assert (run.results, run.failure) == ({'x': 'y'}, 'not today')
    assert run.written == {('in:0', 'client/0'): {'a': '1'}}
    world.client.script = lambda c: put(c, '-r', 'in:0', 'a=2') or 1
    assert world.model.action('client/0', 'dump').written == {}
    assert world.model.unit('client/0').failed is None


# What Juju itself writes.

@pytest.mark.parametrize('profile', ['2.9', '3.6', '4.0'])
def test_addresses(profile):
    world = World(profile)
    names = ['ingress-address'] + ['private-address'] * (profile != '4.0')

    def addresses():
        settings = world.model.settings(world.relation, 'server/0')
        return settings.pop('egress-subnets'), settings

    assert addresses() == ('10.0.0.1/32', dict.fromkeys(names, '10.0.0.1'))
    world.model.set_address('server/0', '2001:db8::1')
    assert addresses()[0] == '10.0.0.1/32'
    runs = world.model.settle()
    assert [run.hook.kind for run in runs] == ['config-changed', 'changed']
    assert addresses() == ('2001:db8::1/128', dict.fromkeys(names, '2001:db8::1'))


def test_no_address_yet():
    world = World(related=False)
    world.model.set_address('server/0', None)
    world.relate()
    assert world.model.settings(world.relation, 'server/0') == {}
    world.model.set_address('server/0', '10.1.1.1')
    world.model.settle()
    assert world.client.hooks() == [('in-changed', 'server/0')]


@pytest.mark.parametrize('profile, kept', [('3.6', True), ('4.0', False)])
def test_what_a_charm_writes_to_an_address(profile, kept):
    world = World(profile)
    world.server_sets('ingress-address=1.2.3.4', 'a=1')
    settings = world.model.settings(world.relation, 'server/0')
    assert settings['a'] == '1'
    assert (settings['ingress-address'] == '1.2.3.4') == kept
    assert world.client_does(
        lambda c: status_of(c, 'leader-get')) == (0 if kept else 127)


# What can be lost.

@pytest.mark.parametrize('late', [True, False])
def test_a_failed_hook_is_retried(world, late):
    world.server.script = lambda c: put(c, '-r', 'out:0', 'a=1')
    world.model.fail_next('server/0', 'update-*', late=late)
    assert world.model.dispatch('server/0', 'update-status').status == 1
    assert len(world.server.contexts) == late
    assert 'a' not in world.model.settings(world.relation, 'server/0')
    assert world.model.resolve('server/0').status == 0
    assert world.model.settings(world.relation, 'server/0')['a'] == '1'


def test_settle_gives_up(world):
    world.client.script = lambda c: c.call(['juju-log', 'no way']) and 1
    world.server_sets('a=1')
    with pytest.raises(juju_standin.HookFailed,
                       match='in-relation-changed.*\nINFO: no'):
        world.model.settle()


def test_a_skipped_departed_never_runs():
    world = World(units=(2, 1))
    world.model.fail_next('client/0', '*-departed', late=False)
    world.model.remove_unit('server/1')
    while not world.model.unit('client/0').failed:
        world.model.step()
    world.model.resolve('client/0', retry=False)
    world.model.settle()
    assert world.client.hooks() == []
    assert world.client_does(
        lambda c: ask(c, 'relation-list', '-r', 'in:0')) == ['server/0']


def test_a_dying_relation_is_listed_until_broken(world):
    world.model.remove_relation(world.relation)
    assert world.model.relations
    assert [hook.kind for hook in world.model.pending('client/0')] == ['departed']
    world.model.settle()
    assert world.client.hooks() == [('in-departed', 'server/0'), ('in-broken', '')]


def test_what_the_model_refuses(world):
    with pytest.raises(ValueError, match='do not fit'):
        world.model.relate('server:out', 'client:out')
    with pytest.raises(ValueError, match='still related'):
        world.model.relate('server:out', 'client:in')
    with pytest.raises(ValueError, match='not due'):
        world.model.run('client/0', juju_standin.Hook('install', 'install'))
    with pytest.raises(ValueError, match='not in error'):
        world.model.resolve('client/0')
