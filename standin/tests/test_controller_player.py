"""Replays of controllers' recordings infer the operators' commands from the hooks.

In these tests, the stand-in itself is recorded.
"""
import json

import pytest

from juju_standin import Model
from juju_standin.replay import Counts, Difference, play

RELEASES = {'3.6': '3.6.28-x', '4.0': '4.0.15-x'}


class QueryingCharm:
    """A charm that calls the relation tools in each hook. The scenario records them."""
    config = {'v': '0'}

    def __init__(self, scenario, **endpoints):
        self.scenario = scenario
        self.endpoints = [name for names in endpoints.values() for name in names]
        self.metadata = {role: {name: {'interface': 'x'} for name in names}
                         for role, names in endpoints.items()}

    def run(self, context):
        tools = []

        def call(*argv):
            status, *output = context.call(list(argv))
            tools.append([' '.join(argv), status, *(text.decode() for text in output)])
            return None if status or not output[0] else json.loads(output[0])

        leads = call('is-leader', '--format=json')
        config = call('config-get', '--format=json')
        for endpoint in self.endpoints:
            for relation_id in call('relation-ids', '--format=json', endpoint):
                self.read_and_write(call, relation_id, leads, config)
        status = self.scenario.failing.pop((context.unit.name, context.hook.name), 0)
        self.scenario.lines.append({
            'unit': context.unit.name, 'hook': context.hook.name, 'exit': status,
            'tools': tools, 'env': {
                key: value for key, value in context.env.items()
                if key.startswith(('JUJU_RELATION', 'JUJU_REMOTE', 'JUJU_DEPARTING'))}})
        return status

    def read_and_write(self, call, relation_id, leads, config):
        option = '-r', relation_id
        app = call('relation-list', '--format=json', *option, '--app')
        call('relation-get', '--format=json', *option, '--app', '-', app)
        for name in (call('relation-list', '--format=json', *option) or []) + [
                'p/0', 'p/1', 'c/0', 'c/9']:
            call('relation-get', '--format=json', *option, '-', name)
        call('relation-set', *option, 'v=' + config['v'])
        if leads:
            call('relation-set', *option, '--app', 'v=' + config['v'])


class Scenario:
    """A recorded model with two applications: the provider `p` and the requirer `c`."""

    def __init__(self, release, seed):
        self.model, self.lines, self.failing = Model(release, seed), [], {}
        self.release = release
        self.deploy('p', 2, provides=['srv'])
        self.deploy('c', 2, requires=['cli'])
        self.model.settle()
        self.relation = self.model.relate('p:srv', 'c:cli')
        self.run()
        self.start = len(self.lines)     # where `act` begins

    def deploy(self, name, units, **endpoints):
        self.model.deploy(name, QueryingCharm(self, **endpoints), units)

    def run(self):
        """Run all due hooks, and update-status in all units."""
        self.model.settle()
        for name in self.model.units:
            self.model.dispatch(name, 'update-status')
        self.model.settle()

    def write(self, path, start):
        """Write a recording of the lines from `start` on, and return its file."""
        file = path / RELEASES[self.release] / 'recording.jsonl'
        file.parent.mkdir(exist_ok=True)
        file.write_text('\n'.join(map(json.dumps, self.lines[start:])))
        return file


def charm_is_upgraded(scenario):
    scenario.model.upgrade('p', QueryingCharm(scenario, provides=['srv']))


def failed_hook_is_retried(scenario):
    scenario.failing['c/0', 'config-changed'] = 1
    scenario.model.set_config('c', v='1')


def failed_hook_is_skipped(scenario):
    scenario.failing['p/0', 'srv-relation-joined'] = 1
    scenario.model.add_unit('c')
    while not scenario.model.unit('p/0').failed:
        scenario.model.step()
    scenario.model.resolve('p/0', retry=False)


def leader_is_removed(scenario):
    scenario.model.remove_unit('p/0')
    scenario.run()
    scenario.model.set_config('p', v='1')


def unit_is_force_removed(scenario):
    scenario.model.remove_unit('c/1', force=True)
    scenario.run()
    for name in scenario.model.units:
        scenario.model.restart_agent(name)


def application_is_removed(scenario):
    scenario.model.remove_relation(scenario.relation)
    for name in ('p/0', 'p/1'):
        scenario.model.remove_unit(name)


def relation_is_replaced(scenario):
    scenario.model.remove_relation(scenario.relation)
    scenario.model.settle()
    scenario.model.relate('p:srv', 'c:cli')


def relation_is_force_removed(scenario):
    scenario.model.remove_relation(scenario.relation, force=True, noticed_by=['p/1'])
    scenario.run()
    scenario.model.restart_agent('c/0')


def relation_is_suspended_and_resumed(scenario):
    scenario.model.suspend(scenario.relation)
    scenario.run()
    scenario.model.resume(scenario.relation)


def agents_restart_during_removal(scenario):
    scenario.model.remove_relation(scenario.relation)
    scenario.model.step()
    for name in scenario.model.units:
        scenario.model.restart_agent(name)


def second_application_is_related_and_removed(scenario):
    scenario.deploy('d', 1, requires=['cli'])
    second = scenario.model.relate('p:srv', 'd:cli')
    scenario.run()
    scenario.model.set_config('p', v='1')
    scenario.model.settle()
    scenario.model.remove_relation(second)


def peer_is_removed(scenario):
    scenario.deploy('z', 2, peers=['ring'])
    scenario.run()
    scenario.model.remove_unit('z/0')


def remote_application_has_no_hooks(scenario):
    relation = scenario.model.add_relation({'c': 'cli', 'remote': 'end'})
    scenario.model.enter(relation, 'remote/0', {'a': '1'})
    scenario.model.settle()
    scenario.model.write(relation.unit_databags['remote/0'], {'a': '2'})
    scenario.model.settle()
    scenario.model.set_app_data(relation, 'remote', a='3')
    scenario.model.settle()
    scenario.model.leave(relation, 'remote/0')


def action_runs(scenario):
    scenario.model.action('p/0', 'backup')


SCENARIOS = [
    charm_is_upgraded, failed_hook_is_retried, failed_hook_is_skipped,
    leader_is_removed, unit_is_force_removed, application_is_removed,
    relation_is_replaced, relation_is_force_removed, relation_is_suspended_and_resumed,
    agents_restart_during_removal, second_application_is_related_and_removed,
    peer_is_removed, remote_application_has_no_hooks, action_runs]


@pytest.mark.parametrize('release', RELEASES)
@pytest.mark.parametrize('act', SCENARIOS, ids=lambda act: act.__name__)
def test_recording_is_replayed_completely(act, release, tmp_path):
    scenario = Scenario(release, seed=1)
    act(scenario)
    scenario.run()
    # the whole recording, then only the part that `act` caused
    for start in 0, scenario.start:
        counts = Counts()
        play(scenario.write(tmp_path, start), counts)
        assert counts.hooks == len(scenario.lines) - start


@pytest.mark.parametrize('hook', ['secret-changed', 'secret-rotate', 'stop',
                                  'data-storage-attached'])
def test_hook_that_is_not_due_raises_difference(hook, tmp_path):
    scenario = Scenario('4.0', seed=1)
    scenario.lines[-1]['hook'] = hook
    with pytest.raises(Difference, match=hook + ' is not due in c/1'):
        play(scenario.write(tmp_path, 0), Counts())


@pytest.mark.parametrize('act', SCENARIOS, ids=lambda act: act.__name__)
def test_altered_last_answer_raises_difference(act, tmp_path):
    scenario = Scenario('4.0', seed=1)
    act(scenario)
    scenario.run()
    (command, _, answer, _), *_ = scenario.lines[-1]['tools']
    assert command == 'is-leader --format=json'
    scenario.lines[-1]['tools'][0][2] = json.dumps(not json.loads(answer))
    with pytest.raises(Difference, match=':{}: is-leader'.format(
            len(scenario.lines) - scenario.start)):
        play(scenario.write(tmp_path, scenario.start), Counts())
