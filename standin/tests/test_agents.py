"""What a unit's agent runs, and what it forgets when it restarts.

Each fact was recorded, unless it says otherwise: file and line are of
`standin/tests/recordings/4.0.15-agent`.
"""
import pickle

import pytest

from juju_standin import Model
from recorder import Recorder, World, ask, put, refusal, status_of

RELEASES = ['2.9', '3.6', '4.0']
JOIN = [('in-joined', 'server/0'), ('in-changed', 'server/0')]
END = [('in-departed', 'server/0'), ('in-broken', '')]


@pytest.fixture
def world():
    return World()


def enter(world, *names, **settings):
    for name in names:
        world.model.enter(world.relation, name, settings)


def test_units_come_in_the_order_of_text(world):
    """01:28-46"""
    enter(world, 'server/2', 'server/10')
    assert [unit for name, unit in world.runs() if name == 'in-joined'] == [
        'server/10', 'server/2']


def test_a_relation_has_one_next_hook(world):
    enter(world, 'server/1', 'server/2')
    world.server_sets('a=1')
    world.model.set_app_data(world.relation, 'server', a='1')
    assert [str(hook) for hook in world.model.pending('client/0')] == [
        'in-relation-changed (server)']


def test_a_departed_comes_before_what_an_application_has_changed(world):
    """04:35-43; joined come before the changes of units."""
    enter(world, 'server/1')
    world.runs()
    world.server_sets('a=1')
    world.model.set_app_data(world.relation, 'server', a='1')
    world.model.leave(world.relation, 'server/1')
    enter(world, 'server/2')
    assert world.runs() == [
        ('in-departed', 'server/1'), ('in-changed', ''), ('in-joined', 'server/2'),
        ('in-changed', 'server/2'), ('in-changed', 'server/0')]


@pytest.mark.parametrize('profile, runs', [
    ('2.9', [JOIN[1]]), ('3.6', [JOIN[1]]), ('4.0', [])])
def test_changed_and_changed_back(profile, runs):
    """02:28-38; 3.6 runs a hook that shows nothing new."""
    world = World(profile)
    world.server_sets('a=1')
    world.server_sets('a=')
    assert world.runs() == runs


def test_left_and_came_back_unseen(world):
    """02:43-51"""
    enter(world, 'server/1')
    world.runs()
    world.model.leave(world.relation, 'server/1')
    enter(world, 'server/1', a='2')
    assert world.runs() == [('in-changed', 'server/1')]


def test_a_change_while_its_hook_runs_is_told_again(world):
    """02:55-64"""
    seen = []

    def script(context):
        if not seen:
            world.model.write(world.relation.bags['server/0'], {'a': '2'})
        seen.append(ask(context, 'relation-get', 'a'))

    world.server_sets('a=1')
    world.client.script = script
    assert world.runs() == [JOIN[1]] * 2
    assert seen == ['2', '2']


@pytest.mark.parametrize('hook, runs', [
    ('in-relation-joined', [('in-joined', 'server/1'), ('in-changed', 'server/1')]),
    ('in-relation-changed', [('in-changed', 'server/1')])])
def test_a_failed_hook_is_retried_although_its_unit_has_left(world, hook, runs):
    """07b:19-29, 07b:48-60"""
    enter(world, 'server/1', a='1')
    world.model.fail_next('client/0', hook)
    while not world.model.unit('client/0').failed:
        world.model.run('client/0', world.model.pending('client/0')[0])
    world.model.leave(world.relation, 'server/1')
    listed, read = [], []

    def script(context):
        listed.append(ask(context, 'relation-list'))
        read.append(ask(context, 'relation-get', 'a', 'server/1'))

    world.client.script = script
    assert world.runs() == runs + [('in-departed', 'server/1')]
    assert listed[0] == ['server/0', 'server/1']
    assert listed[-1] == ['server/0']
    assert set(read) == {'1'}


def test_a_failed_departed_is_retried_although_its_unit_is_back(world):
    """08:34-47"""
    world.model.fail_next('client/0', '*-departed')
    world.model.leave(world.relation, 'server/0')
    world.model.run('client/0', world.model.pending('client/0')[0])
    enter(world, 'server/0', a='2')
    assert world.runs() == END[:1] + JOIN


def test_a_skipped_joined_is_followed_by_changed(world):
    """07b:34-44"""
    enter(world, 'server/1')
    world.model.fail_next('client/0', '*-joined')
    world.model.run('client/0', world.model.pending('client/0')[0])
    world.model.leave(world.relation, 'server/1')
    world.model.resolve('client/0', retry=False)
    assert world.runs() == [('in-changed', 'server/1'), ('in-departed', 'server/1')]


def test_a_unit_that_skips_broken_leaves_all_the_same(world):
    """08:54-63"""
    world.model.fail_next('client/0', '*-broken')
    world.model.remove_relation(world.relation)
    while not world.model.unit('client/0').failed:
        world.model.run('client/0', world.model.pending('client/0')[0])
    assert 'client/0' in world.relation.scope
    world.model.resolve('client/0', retry=False)
    assert 'client/0' not in world.relation.scope
    assert world.client_does(lambda c: ask(c, 'relation-ids', 'in')) == []


# Relations that come and go.

def test_a_relation_that_was_added_and_removed_unseen():
    world = World(related=False)
    world.model.settle()
    world.model.remove_relation(world.model.relate('client:in', 'server:out'))
    assert world.runs() == []


def test_broken_comes_without_created():
    world = World(related=False)
    world.model.settle()
    relation = world.model.relate('client:in', 'server:out')
    world.model.pending('client/0')
    world.model.remove_relation(relation)
    assert world.runs() == [('in-broken', '')]


def test_a_relation_that_is_removed_while_created_or_joined_runs():
    for kind, runs in [('created', END[1:]), ('joined', JOIN[1:] + END)]:
        world = World(related=False)
        world.model.settle()
        relation = world.model.relate('client:in', 'server:out')

        def script(context):
            if context.hook.kind == kind:
                world.model.remove_relation(relation)

        world.client.script = script
        assert world.runs()[-len(runs):] == runs


@pytest.mark.parametrize('profile', RELEASES)
def test_a_dying_relation_is_listed_in_broken(profile):
    """05:39, in 3.6 too"""
    world, found = World(profile), []
    world.model.remove_relation(world.relation)
    world.client.script = lambda c: found.append(ask(c, 'relation-ids', 'in'))
    assert world.runs() == END
    assert found == [['in:0']] * 2
    assert world.client_does(lambda c: ask(c, 'relation-ids', 'in')) == []


@pytest.mark.parametrize('profile, created', [
    ('3.6', []), ('4.0', [('in-created', '')])])
def test_suspended_and_resumed(profile, created):
    """13:17-35"""
    world, found = World(profile), []
    world.model.suspend(world.relation)
    world.client.script = lambda c: found.append(ask(c, 'relation-ids', 'in'))
    assert world.runs() == END
    assert found == [['in:0'], []]
    assert world.client_does(
        lambda c: status_of(c, 'relation-list', '-r', 'in:0')) == 2
    world.runs('server/0')
    world.model.resume(world.relation)
    world.client.script = lambda c: None
    assert world.runs() == created + JOIN
    assert 'in:0' in {c.hook.relation_id for c in world.client.contexts[-2:]}


def test_what_a_hook_does_not_see():
    """01:20: relations that are added while a hook runs."""
    world = World(related=False)
    world.model.settle()

    def script(context):
        world.model.relate('client:in', 'server:out')
        return status_of(context, 'relation-list', '-r', 'in:0') == 0

    world.client.script = script
    assert world.model.dispatch('client/0', 'update-status').status == 0
    assert [hook.kind for hook in world.model.pending('client/0')] == ['created']


def test_a_unit_in_error_enters_no_relation():
    """Read in its source."""
    world = World(related=False)
    world.model.settle()
    world.model.fail_next('client/0', 'update-status')
    world.model.dispatch('client/0', 'update-status')
    relation = world.model.relate('client:in', 'server:out')
    assert world.runs('server/0') == [('out-created', '')]
    assert relation.scope == {'server/0'}
    world.model.resolve('client/0')
    assert world.runs()[0] == ('in-created', '')


# Units that go.

def test_others_lose_a_unit_once_it_has_left():
    """11:42-52: until its broken it takes part."""
    world = World(units=(2, 1))
    world.model.remove_unit('server/1')
    assert world.runs() == []
    world.model.run('server/1', world.model.pending('server/1')[0])
    assert world.runs() == []
    world.model.run('server/1', world.model.pending('server/1')[0])
    assert world.runs() == [('in-departed', 'server/1')]
    assert [hook.kind for hook in world.model.pending('server/1')] == ['stop']


def test_a_dying_unit_leads_where_its_whole_application_dies():
    """Read in its source: another is only elected among those that stay."""
    world = World(units=(1, 2))
    world.model.remove_unit('client/0')
    assert world.model.leader('client') == 'client/1'
    world.model.remove_unit('client/1')
    assert world.model.leader('client') == 'client/0'


def test_a_unit_that_leads_again_is_elected_again():
    """Read in its source."""
    world = World(units=(1, 2))
    for unit, runs in [('client/1', ['leader-elected']), ('client/0', [
            'leader-elected'])]:
        world.model.lead(unit)
        assert [name for name, _ in world.runs(unit)] == runs
        assert world.runs('client/0') == world.runs('client/1') == []


def peers():
    charm = Recorder(peers=['ring'], provides=['out'])
    model = Model('4.0')
    model.deploy('zk', charm, 3)
    model.settle()
    charm.contexts.clear()
    return model, charm


def test_peers_depart_last_and_are_not_broken():
    """11:54-56; stop and remove still list them."""
    model, charm = peers()
    model.deploy('client', Recorder(requires=['in']))
    model.relate('client:in', 'zk:out')
    model.settle()
    charm.contexts.clear()
    model.remove_unit('zk/1')
    listed = {}
    charm.script = lambda c: listed.update({c.hook.name: ask(
        c, 'relation-ids', 'ring')})
    while 'zk/1' in model.units:
        model.run('zk/1', model.pending('zk/1')[0])
    assert charm.hooks() == [
        ('out-departed', 'client/0'), ('out-broken', ''), ('ring-departed', 'zk/0'),
        ('ring-departed', 'zk/2'), ('stop', ''), ('remove', '')]
    assert listed['stop'] == listed['remove'] == ['ring:0']
    model.settle()
    assert charm.hooks('zk/0') == [('ring-departed', 'zk/1')]
    departing = {c.env.get('JUJU_DEPARTING_UNIT') for c in charm.contexts}
    assert departing - {None} == {'zk/1'}
    assert model.relations


def test_peers_are_broken_after_a_restart():
    """20:35-38"""
    model, charm = peers()
    model.restart_agent('zk/1')
    model.remove_unit('zk/1')
    while 'zk/1' in model.units:
        model.run('zk/1', model.pending('zk/1')[0])
    assert [name for name, _ in charm.hooks()] == [
        'ring-departed', 'ring-departed', 'ring-broken', 'stop', 'remove']
    assert charm.contexts[2].env['JUJU_REMOTE_APP'] == ''


# Restarts.

def test_a_restart_brings_no_hook_and_finds_what_has_changed(world):
    """09:39-52, 10:44-52"""
    read = [lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/0')]
    assert world.client_does(*read) is None
    world.server_sets('a=1')
    enter(world, 'server/1')
    assert world.client_does(*read) is None
    world.model.restart_agent('client/0')
    assert world.client_does(*read) == '1'
    assert world.runs() == [('in-joined', 'server/1'), ('in-changed', 'server/1'),
                            ('in-changed', 'server/0')]


def test_a_relation_that_died_over_a_restart(world):
    """05b:31-34"""
    world.model.fail_next('client/0', '*-departed')
    world.model.remove_relation(world.relation)
    world.model.run('client/0', world.model.pending('client/0')[0])
    world.model.restart_agent('client/0')
    found = []

    def script(context):
        found.append((ask(context, 'relation-ids', 'in'),
                      context.env['JUJU_REMOTE_APP'],
                      context.call(['relation-get', '--format=json'])[::2]))

    world.client.script = script
    assert world.runs() == END
    assert found == [
        (['in:0'], 'server', (0, b'')),
        ([], '', (2, b'ERROR no unit or application specified\n'))]


def test_a_relation_that_was_entered_before_a_restart_is_not_created():
    """Read in its source."""
    world = World(related=False)
    world.model.settle()
    world.model.relate('client:in', 'server:out')
    world.model.pending('client/0')
    world.model.restart_agent('client/0')
    assert world.runs() == JOIN


def test_a_restart_kills_the_hook_that_runs(world):
    """09:20-29"""
    world.server_sets('a=1')
    world.client.script = lambda c: (put(c, 'b=1'),
                                     world.model.restart_agent('client/0')) and 0
    run = world.model.run('client/0', world.model.pending('client/0')[0])
    assert (run.status, run.log) == (1, [('ERROR', 'its agent ended before it did')])
    assert 'b' not in world.model.settings(world.relation, 'client/0')
    world.client.script = lambda c: None
    assert world.runs() == [JOIN[1]]


def test_a_failed_hook_of_a_relation_that_is_forgotten_counts_as_run(world):
    """Read in its source. 06b:33: until then the unit stays in error."""
    world.model.fail_next('client/0', '*-departed')
    world.model.remove_relation(world.relation)
    world.model.run('client/0', world.model.pending('client/0')[0])
    world.model.remove_relation(world.relation, force=True)
    world.model.restart_agent('client/0')
    assert world.model.unit('client/0').failed
    world.forget()
    assert world.model.resolve('client/0').status == 0
    assert world.client.contexts == []
    assert world.model.unit('client/0').failed is None


# What hook tools answer.

def test_relation_get_without_a_unit_is_of_the_application():
    """01:24, 03:19, 05:39"""
    world, found = World(related=False), {}
    world.model.settle()
    relation = world.model.relate('client:in', 'server:out')
    world.model.set_app_data(relation, 'server', a='1')
    world.client.script = lambda c: found.setdefault(
        c.hook.kind + c.hook.remote_unit, c.call(['relation-get', 'a'])[:2]) and 0
    world.runs()
    world.model.remove_relation(relation)
    world.runs()
    assert found == {
        'created': (0, b'1\n'), 'changed': (0, b'1\n'), 'broken': (0, b'1\n'),
        **dict.fromkeys(['joinedserver/0', 'changedserver/0', 'departedserver/0'],
                        (0, b''))}


@pytest.mark.parametrize('profile, readable', [
    ('2.9', False), ('3.6', False), ('4.0', True)])
def test_who_reads_what_its_own_application_has_set(profile, readable):
    """03:9"""
    world = World(profile, units=(1, 2))
    world.model.set_app_data(world.relation, 'client', a='1')
    get = ['relation-get', '-r', 'in:0', '--app', 'a', 'client']
    world.client.script = lambda c: found.append(c.call(get))
    found = []
    world.model.dispatch('client/0', 'update-status')
    world.model.dispatch('client/1', 'update-status')
    assert found[0] == (0, b'1\n', b'')
    assert found[1] == ((0, b'1\n', b'') if readable else
                        (1, b'', b'ERROR permission denied\n'))


def test_application_data_are_never_kept_across_hooks(world):
    """04:35, 10:32"""
    read = [lambda c: ask(c, 'relation-get', '-r', 'in:0', '--app', 'a', 'server')]
    assert world.client_does(*read) is None
    world.model.set_app_data(world.relation, 'server', a='1')
    assert world.client_does(*read) == '1'


def test_what_is_read_twice_in_a_hook_is_the_same(world):
    """Read in its source."""
    enter(world, 'server/1', a='1')
    asked = [['--app', 'a', 'server'], ['a', 'server/1'], ['a', 'server/0']]

    def read(context):
        return [ask(context, 'relation-get', '-r', 'in:0', *words) for words in asked]

    def change(context):
        world.model.set_app_data(world.relation, 'server', a='2')
        for name in 'server/0', 'server/1':
            world.model.write(world.relation.bags[name], {'a': '2'})

    assert world.client_does(read, change, read)[::2] == [[None, '1', None]] * 2


def test_relation_ids_are_in_the_order_of_text(world):
    for number in 9, 10:
        world.model.add_relation({'client': 'in', str(number): 'out'}, number)
    world.runs()
    assert world.client_does(lambda c: ask(c, 'relation-ids', 'in')) == [
        'in:0', 'in:10', 'in:9']


@pytest.mark.parametrize('profile', RELEASES)
def test_texts_of_refusals(profile):
    """01:24, 19:9"""
    world = World(profile, units=(1, 2))
    texts = ('permission denied', 'permission denied',
             'cannot read settings for unit "server/7" in relation "client:in '
             'server:out": unit "server/7": settings not found')
    if profile == '4.0':
        texts = ('application not found in relation', 'relation unit not found',
                 'relation unit not found')
    get = ('relation-get', '-r', 'in:0')
    world.client.script = lambda c: found.extend([
        refusal(c, *get, '--app', '-', 'other'), refusal(c, *get, '-', 'other/0'),
        refusal(c, *get, '-', 'server/7'), refusal(c, *get, '-', 'server'),
        refusal(c, 'relation-get'), refusal(c, *get), refusal(c, 'relation-ids'),
        refusal(c, 'relation-set', '-r', 'in:9', 'a=1'),
        refusal(c, 'relation-set', '-r', 'in:0', '--app', 'a=1')])
    found = []
    world.model.dispatch('client/1', 'update-status')
    assert found == [(status, 'ERROR ' + text) for status, text in [
        *[(1, text) for text in texts],
        (2, 'expected unit name, got application name "server"'),
        (2, 'no relation id specified'), (2, 'no unit or application specified'),
        (2, 'no endpoint name specified'),
        (2, 'invalid value "in:9" for option -r: relation not found'),
        (1, 'cannot write relation settings')]]


def test_tools_that_fail(world):
    world.model.fail_tools('client/0', 'relation-get*server/0*', 'ERROR away', 2)
    asked = ['relation-get', '-r', 'in:0', '-', 'server/0']
    assert world.client_does(lambda c: refusal(c, *asked),
                             lambda c: ask(c, 'relation-ids', 'in')) == [
        (2, 'ERROR away'), ['in:0']]
    world.model.mend_tools('client/0')
    assert world.client_does(lambda c: status_of(c, *asked)) == 0


# What Juju writes.

@pytest.mark.parametrize('profile', ['2.9', '3.6'])
def test_config_changed_rewrites_addresses_that_the_hook_did_not_touch(profile):
    """3.6.28-agent/14:19-33"""
    world = World(profile)
    world.server_sets('ingress-address=1.2.3.4')
    get = ['relation-get', '-r', 'out:0', '-', 'server/0']
    for touched, address in [(True, '1.2.3.4'), (False, '10.0.0.1')]:
        world.server.script = lambda c: touched and c.call(get)[0]
        world.model.dispatch('server/0', 'config-changed')
        assert world.model.settings(
            world.relation, 'server/0')['ingress-address'] == address


def test_a_model_is_plain_data():
    world = World(units=(2, 2))
    world.model.remove_relation(world.relation, force=True)
    for app in world.model.apps.values():
        app.charm = None
    for unit in world.model.units.values():
        unit.charm = None
    copy = pickle.loads(pickle.dumps(world.model))
    assert copy.pending('client/0') == world.model.pending('client/0') == []
    assert copy.unit('client/0').known[0].ghost
