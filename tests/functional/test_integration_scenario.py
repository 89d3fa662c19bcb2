"""The scenario of the integration tests, in the stand-in instead of on controllers."""
import inspect

import jubilant
import pytest

from integration.charms import EXAMPLES
from integration.operator import HooksFailed, Operator
from integration.stand_in import Juju
from integration.scenario import SCENARIO, Step


@pytest.fixture(autouse=True)
def working_directory(monkeypatch):
    monkeypatch.chdir(EXAMPLES.parent)


def run_scenario(operator):
    """Run all steps, and assert that units have the expected status messages."""
    for step in SCENARIO:
        operator.run(step)
        messages = operator.messages()
        assert {unit: messages[unit] for unit in step.messages} == step.messages


@pytest.mark.slow
@pytest.mark.parametrize('release', ['2.9', '3.6'])     # the next test uses 4.0
def test_scenario_gives_expected_status_messages(release, in_process):
    run_scenario(Operator(Juju(release, in_process)))


@pytest.mark.slow
def test_scenario_gives_same_state_in_default_and_in_random_order(in_process):
    states = []
    for seed in None, 1:
        operator = Operator(Juju('4.0', in_process, seed))
        run_scenario(operator)
        states.append(operator.state())
    assert states[0] == states[1]


@pytest.fixture
def operator(in_process):
    """An operator of a server and its client."""
    operator = Operator(Juju('3.6', in_process))
    operator.run(Step('two units', [
        'deploy ./examples/build/zookeeper-server.charm zk',
        'deploy ./examples/build/zookeeper-client.charm kafka',
        'relate zk:zkclient kafka:zookeeper'], {}))
    return operator


def test_state_contains_databags_flags_and_lists(operator):
    assert operator.messages() == {'zk/0': 'serving', 'kafka/0': 'using zk/0:2181'}
    flags = ['available', 'connected', 'joined', 'ready']
    assert operator.state() == {
        'zk/0': {'databags': {'zkclient to kafka': {'port': '2181'}},
                 'flags': ['zkclient.' + flag for flag in flags], 'lists': []},
        'kafka/0': {'databags': {'zookeeper to zk': {}},
                    'flags': ['zookeeper.' + flag for flag in flags],
                    'lists': ['zookeeper.connect=zk/0:2181']}}


def test_requests_are_application_data_of_clients(operator):
    assert operator.requests('zk') == []
    relation, = [relation for relation in operator.juju.model.relations.values()
                 if not relation.peers]
    operator.juju.model.set_app_data(relation, 'kafka', database='/kafka')
    assert operator.requests('zk') == [{'database': '/kafka'}]
    assert operator.requests('kafka') == []


def test_state_shows_name_of_unit_that_has_left(operator):
    operator.state()
    operator.juju.model.remove_unit('zk/0')
    operator.juju.model.fail_next('kafka/0', '*-departed', late=False)
    with pytest.raises(HooksFailed, match='kafka/0.*zookeeper-relation-departed'):
        operator.run(Step('nothing', ['config zk port=2182'], {}))
    assert operator.state()['kafka/0']['lists'] == ['zookeeper.connect=zk/0:2181']


def test_stand_in_has_the_signatures_of_jubilant():
    for name in 'cli', 'exec', 'status', 'wait':
        ours, theirs = [inspect.signature(getattr(juju, name)).parameters
                        for juju in (Juju, jubilant.Juju)]
        assert ours.keys() <= theirs.keys()
        assert all(parameter.kind == theirs[key].kind
                   for key, parameter in ours.items())
