"""Relations that are gone while an agent still knows them, and units that are.

Lines of recordings are of `recordings/4.0.15-charms/ghosts.jsonl`, unless a file
is named.
"""
import pytest

from recorder import World, ask, put, refusal, status_of

DENIED = 'permission denied'
GONE = {'2.9': DENIED, '3.6': DENIED,
        '4.0': 'getting regular relation by key: relation not found'}


def ghost(profile='4.0', read=True):
    """A client that has a ghost, of which it may have read the settings before."""
    world = World(profile, units=(1, 2))
    world.server_sets('a=1')
    world.model.settle()
    world.forget()
    if read:
        world.client_does(
            lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/0'))
    world.model.remove_relation(world.relation, force=True)
    return world


def made_again(world):
    """The relation that was made in a ghost's place."""
    world.relation = world.model.relate('server:out', 'client:in')
    world.model.settle()
    world.forget()
    return world


@pytest.mark.parametrize('profile', GONE)
def test_a_ghost_is_listed_with_its_members_and_nobody_is_told(profile):
    """26; agents 06:34"""
    world = ghost(profile)
    assert world.model.settle() == []
    assert not world.model.relations
    assert world.client_does(
        lambda c: ask(c, 'relation-ids', 'in'),
        lambda c: ask(c, 'relation-list', '-r', 'in:0'),
        lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/0')) == [
        ['in:0'], ['server/0'], '1']


@pytest.mark.parametrize('profile', GONE)
def test_what_a_ghost_refuses(profile):
    """4.0.15-controller/s13:1-2; agents 06d:28"""
    world = ghost(profile, read=False)
    get = ('relation-get', '-r', 'in:0', '-')
    own = DENIED + (' (unauthorized access)' if profile == '4.0' else '')
    assert world.client_does(
        lambda c: refusal(c, *get, 'server/0'),
        lambda c: refusal(c, *get, 'client/0'),
        lambda c: refusal(c, *get, 'server', '--app'),
        lambda c: refusal(c, *get, 'client', '--app'),
        lambda c: refusal(c, 'relation-set', '-r', 'in:0', 'a=1'),
    ) == [(1, 'ERROR ' + text) for text in (
        GONE[profile], DENIED, GONE[profile], own,
        'cannot read relation settings: ' + DENIED)]


def test_a_restart_ends_a_ghost_without_a_hook():
    """31; agents 06:55"""
    world = ghost()
    world.model.restart_agent('client/0')
    assert world.model.settle() == []
    assert world.client_does(
        lambda c: ask(c, 'relation-ids', 'in'),
        lambda c: status_of(c, 'relation-list', '-r', 'in:0')) == [[], 2]


def test_some_units_hear_of_it_and_some_have_begun():
    """4.0.15-controller/s13:3-4: one departed, and no more."""
    world = World(units=(2, 3))
    # of a unit without an agent nobody asks what it hears
    world.model.enter(world.relation, 'server/9', {})
    world.model.remove_relation(world.relation, force=True,
                                heard=['client/0'], begun=['client/1'])
    found = []
    world.client.script = lambda c: found.append(
        c.call(['relation-get', '-r', 'in:0', '-', c.unit.name])[0])
    # to those that do not it is gone at once
    world.model.dispatch('client/2', 'update-status')
    assert found.pop() == 1
    assert refusal(world.client.contexts[-1], 'relation-get', '-r', 'in:0', '-',
                   'client/2') == (1, 'ERROR permission denied')
    assert world.runs('client/0') == [
        ('in-departed', 'server/0'), ('in-departed', 'server/1'), ('in-broken', '')]
    assert world.runs('client/1') == [('in-departed', 'server/0')]
    assert world.runs('client/2') == []
    assert found == [0, 0, 0, 1]
    assert world.model.members('client/1', world.relation) == ['server/1']
    assert not world.model.relations


# Made again before the restart.

def test_a_ghost_and_its_successor_are_both_listed():
    """47-51"""
    world = made_again(ghost())
    assert world.client_does(
        lambda c: ask(c, 'relation-ids', 'in'),
        lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/0'),
        lambda c: ask(c, 'relation-get', '-r', 'in:1', 'a', 'server/0')) == [
        ['in:0', 'in:1'], '1', None]
    world.model.remove_unit('server/0', force=True, heard=world.model.units)
    world.model.settle()
    assert world.client_does(
        lambda c: ask(c, 'relation-list', '-r', 'in:0'),
        lambda c: ask(c, 'relation-list', '-r', 'in:1')) == [['server/0'], []]


def test_a_ghost_answers_for_its_successor():
    world = made_again(ghost())
    world.client_does(lambda c: put(c, '-r', 'in:1', 'b=1'))
    assert world.client_does(
        lambda c: ask(c, 'relation-get', '-r', 'in:0', 'b', 'client/0')) == '1'
    world.client_does(lambda c: put(c, '-r', 'in:0', 'b=2'))
    assert world.model.settings(world.relation, 'client/0')['b'] == '2'


def test_a_hook_that_touched_both_is_never_kept():
    """68-76"""
    world = made_again(ghost())
    world.client.script = lambda c: [
        put(c, '-r', rid, 'b=1')
        for rid in ask(c, 'relation-ids', 'in')] and None
    world.model.enter(world.relation, 'server/1', {})
    for attempt in 1, 2:
        run = world.model.run('client/0', world.model.pending('client/0')[0])
        assert (run.hook.kind, run.attempt, run.status) == ('joined', attempt, 1)
        assert run.log[-1] == ('ERROR', 'cannot apply changes: relations: expected 2 '
                               'relations but found 1')
        assert 'b' not in world.model.settings(world.relation, 'client/0')
    world.model.restart_agent('client/0')
    assert world.runs() == [('in-joined', 'server/1'), ('in-changed', 'server/1')]
    assert world.model.settings(world.relation, 'client/0')['b'] == '1'


def test_reading_both_counts_as_touching_but_others_settings_do_not():
    """Of its application's settings only those count that it sets: read in its source.
    """
    world = made_again(ghost())
    for name, status in [('client/0', 1), ('server/0', 0), ('client', 0)]:
        app = ['--app'] if '/' not in name else []
        world.client.script = lambda c: [
            c.call(['relation-get', '-r', rid, *app, '-', name])
            for rid in ('in:0', 'in:1')] and None
        assert world.model.dispatch('client/0', 'update-status').status == status
        if status:
            world.model.resolve('client/0', retry=False)


def test_config_changed_is_kept_all_the_same():
    """59-63"""
    world = made_again(ghost())
    world.client.script = lambda c: [put(c, '-r', rid, 'b=1')
                                     for rid in ('in:0', 'in:1')] and None
    assert world.model.dispatch('client/0', 'config-changed').status == 0
    assert world.model.settings(world.relation, 'client/0')['b'] == '1'


def test_a_unit_that_is_not_in_the_successor_yet():
    world = ghost()
    world.model.relate('server:out', 'client:in')
    assert world.client_does(
        lambda c: refusal(c, 'relation-get', '-r', 'in:0', '-', 'client/0')) == (
        1, 'ERROR relation unit not found')


# While a hook runs.

@pytest.mark.parametrize('hook', ['update-status', 'config-changed'])
@pytest.mark.parametrize('touch, status', [(put, 1), (None, 0)])
def test_a_relation_that_vanishes_while_a_hook_runs(touch, status, hook):
    """agents 06b:28: the hook ends well, and fails if it had touched it."""
    world = World('4.0', units=(1, 1))

    def script(context):
        if touch:
            touch(context, '-r', 'in:0', 'a=1')
        world.model.remove_relation(world.relation, force=True)

    world.client.script = script
    run = world.model.dispatch('client/0', hook)
    assert run.status == status
    assert run.log == [('ERROR', 'cannot apply changes: relations: expected 1 '
                        'relations but found 0')] * status


def test_a_failed_hook_is_run_again_after_its_relation_has_gone():
    """agents 06d:28-31"""
    world = World(units=(2, 1))
    world.model.fail_next('client/0', '*-departed')
    world.model.remove_relation(world.relation)
    world.model.run('client/0', world.model.pending('client/0')[0])
    world.model.remove_relation(world.relation, force=True)
    assert world.runs() == [('in-departed', 'server/0')]
    assert world.client_does(
        lambda c: ask(c, 'relation-list', '-r', 'in:0')) == ['server/1']


# Units.

def test_a_unit_removed_by_force_is_listed_and_read_until_the_agent_restarts():
    """82-84"""
    world = World(units=(2, 1))
    world.server_sets('a=1', unit='server/1')
    world.model.settle()
    world.forget()
    world.model.remove_unit('server/1', force=True)
    world.model.settle()
    assert world.server.hooks() == world.client.hooks() == []
    assert world.client_does(
        lambda c: ask(c, 'relation-list', '-r', 'in:0'),
        lambda c: ask(c, 'relation-get', '-r', 'in:0', 'a', 'server/1')) == [
        ['server/0', 'server/1'], '1']
    world.model.restart_agent('client/0')
    assert world.runs() == [('in-departed', 'server/1')]


def test_those_who_hear_of_it_lose_it_at_once():
    world = World(units=(2, 2))
    world.model.remove_unit('server/1', force=True, heard=['client/1'])
    assert world.runs('client/0') == []
    assert world.runs('client/1') == [('in-departed', 'server/1')]
