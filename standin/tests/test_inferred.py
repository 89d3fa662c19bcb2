"""What operators did is found in the hooks alone: recordings of the stand-in itself."""
import json

import pytest

from juju_standin import Model
from juju_standin.replay import Counts, Difference, play

RELEASES = {'3.6': '3.6.28-x', '4.0': '4.0.15-x'}


class Recorded:
    """A charm that asks what there is to ask, publishes, and is recorded."""
    config = {'v': '0'}

    def __init__(self, world, **ends):
        self.world, self.ends = world, [end for names in ends.values() for end in names]
        self.metadata = {role: {name: {'interface': 'x'} for name in names}
                         for role, names in ends.items()}

    def run(self, context):
        tools = []

        def call(*argv):
            status, *output = context.call(list(argv))
            tools.append([' '.join(argv), status, *(text.decode() for text in output)])
            return None if status or not output[0] else json.loads(output[0])

        leads = call('is-leader', '--format=json')
        config = call('config-get', '--format=json')
        for end in self.ends:
            for relation_id in call('relation-ids', '--format=json', end):
                self.talk(call, relation_id, leads, config)
        status = self.world.failing.pop((context.unit.name, context.hook.name), 0)
        self.world.lines.append({
            'unit': context.unit.name, 'hook': context.hook.name, 'exit': status,
            'tools': tools, 'env': {
                key: value for key, value in context.env.items()
                if key.startswith(('JUJU_RELATION', 'JUJU_REMOTE', 'JUJU_DEPARTING'))}})
        return status

    def talk(self, call, relation_id, leads, config):
        about = '-r', relation_id
        app = call('relation-list', '--format=json', *about, '--app')
        call('relation-get', '--format=json', *about, '--app', '-', app)
        for name in (call('relation-list', '--format=json', *about) or []) + [
                'p/0', 'p/1', 'c/0', 'c/9']:
            call('relation-get', '--format=json', *about, '-', name)
        call('relation-set', *about, 'v=' + config['v'])
        if leads:
            call('relation-set', *about, '--app', 'v=' + config['v'])


class World:
    """Two providers, `p`, and two requirers, `c`, that are related, and recorded."""

    def __init__(self, profile, seed):
        self.model, self.lines, self.failing = Model(profile, seed), [], {}
        self.profile = profile
        self.deploy('p', 2, provides=['srv'])
        self.deploy('c', 2, requires=['cli'])
        self.model.settle()
        self.relation = self.model.relate('p:srv', 'c:cli')
        self.run()
        self.start = len(self.lines)

    def deploy(self, name, units, **ends):
        self.model.deploy(name, Recorded(self, **ends), units)

    def run(self):
        self.model.settle()
        for name in self.model.units:
            self.model.dispatch(name, 'update-status')
        self.model.settle()

    def write(self, path, start):
        file = path / RELEASES[self.profile] / 'recording.jsonl'
        file.parent.mkdir(exist_ok=True)
        file.write_text('\n'.join(map(json.dumps, self.lines[start:])))
        return file


def upgraded(world):
    world.model.upgrade('p', Recorded(world, provides=['srv']))


def failed_and_retried(world):
    world.failing['c/0', 'config-changed'] = 1
    world.model.set_config('c', v='1')


def failed_and_skipped(world):
    world.failing['p/0', 'srv-relation-joined'] = 1
    world.model.add_unit('c')
    while not world.model.unit('p/0').failed:
        world.model.step()
    world.model.resolve('p/0', retry=False)


def leader_removed(world):
    world.model.remove_unit('p/0')
    world.run()
    world.model.set_config('p', v='1')


def unit_removed_by_force(world):
    world.model.remove_unit('c/1', force=True)
    world.run()
    for name in world.model.units:
        world.model.restart_agent(name)


def application_removed(world):
    world.model.remove_relation(world.relation)
    for name in ('p/0', 'p/1'):
        world.model.remove_unit(name)


def removed_and_made_again(world):
    world.model.remove_relation(world.relation)
    world.model.settle()
    world.model.relate('p:srv', 'c:cli')


def removed_by_force(world):
    world.model.remove_relation(world.relation, force=True, heard=['p/1'])
    world.run()
    world.model.restart_agent('c/0')


def suspended(world):
    world.model.suspend(world.relation)
    world.run()
    world.model.resume(world.relation)


def restarted_while_it_went(world):
    world.model.remove_relation(world.relation)
    world.model.step()
    for name in world.model.units:
        world.model.restart_agent(name)


def second_application(world):
    world.deploy('d', 1, requires=['cli'])
    second = world.model.relate('p:srv', 'd:cli')
    world.run()
    world.model.set_config('p', v='1')
    world.model.settle()
    world.model.remove_relation(second)


def peers(world):
    world.deploy('z', 2, peers=['ring'])
    world.run()
    world.model.remove_unit('z/0')


def another_model(world):
    relation = world.model.add_relation({'c': 'cli', 'far': 'end'})
    world.model.enter(relation, 'far/0', {'a': '1'})
    world.model.settle()
    world.model.write(relation.bags['far/0'], {'a': '2'})
    world.model.settle()
    world.model.set_app_data(relation, 'far', a='3')
    world.model.settle()
    world.model.leave(relation, 'far/0')


def action(world):
    world.model.action('p/0', 'backup')


STORIES = [upgraded, failed_and_retried, failed_and_skipped, leader_removed,
           unit_removed_by_force, application_removed, removed_and_made_again,
           removed_by_force, suspended, restarted_while_it_went, second_application,
           peers, another_model, action]


@pytest.mark.parametrize('profile', RELEASES)
@pytest.mark.parametrize('story', STORIES, ids=lambda story: story.__name__)
def test_a_story(story, profile, tmp_path):
    world = World(profile, seed=1)
    story(world)
    world.run()
    for start in (0, world.start):      # of all of it, and from its middle on
        counts = Counts()
        play(world.write(tmp_path, start), counts)
        assert counts.hooks == len(world.lines) - start


@pytest.mark.parametrize('story', STORIES, ids=lambda story: story.__name__)
def test_another_end_of_it(story, tmp_path):
    world = World('4.0', seed=1)
    story(world)
    world.run()
    (command, _, answer, _), *_ = world.lines[-1]['tools']
    assert command == 'is-leader --format=json'
    world.lines[-1]['tools'][0][2] = 'true' if json.loads(answer) is False else 'false'
    with pytest.raises(Difference, match=':{}: is-leader'.format(
            len(world.lines) - world.start)):
        play(world.write(tmp_path, world.start), Counts())
