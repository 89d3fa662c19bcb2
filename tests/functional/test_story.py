"""The story that is played on real controllers, in the stand-in."""
import inspect

import jubilant
import pytest

from integration.charms import EXAMPLES
from integration.operator import HooksFailed, Operator
from integration.stand_in import Juju
from integration.story import STORY, Step


@pytest.fixture(autouse=True)
def where_the_story_is_told(monkeypatch):
    monkeypatch.chdir(EXAMPLES.parent)


@pytest.mark.parametrize('profile', ['2.9', '3.6'])     # of 4.0 it is played below
def test_the_story(profile, in_process):
    operator = Operator(Juju(profile, in_process))
    for step in STORY:
        operator.play(step)
        says = operator.says()
        assert {unit: says[unit] for unit in step.says} == step.says


def test_chance_makes_no_difference_to_what_is_compared(in_process):
    seen = []
    for seed in None, 1:
        operator = Operator(Juju('4.0', in_process, seed))
        for step in STORY:
            operator.play(step)
            says = operator.says()
            assert {unit: says[unit] for unit in step.says} == step.says
        seen.append(operator.look())
    assert seen[0] == seen[1]


@pytest.fixture
def operator(in_process):
    """An operator of a server and its client."""
    operator = Operator(Juju('3.6', in_process))
    operator.play(Step('two units', [
        'deploy ./examples/build/zookeeper-server.charm zk',
        'deploy ./examples/build/zookeeper-client.charm kafka',
        'relate zk:zkclient kafka:zookeeper'], {}))
    return operator


def test_what_is_seen_of_units(operator):
    assert operator.says() == {'zk/0': 'serving', 'kafka/0': 'using zk/0:2181'}
    flags = ['available', 'connected', 'joined', 'ready']
    assert operator.look() == {
        'zk/0': {'databags': {'zkclient to kafka': {'port': '2181'}},
                 'flags': ['zkclient.' + flag for flag in flags], 'lists': []},
        'kafka/0': {'databags': {'zookeeper to zk': {}},
                    'flags': ['zookeeper.' + flag for flag in flags],
                    'lists': ['zookeeper.connect=zk/0:2181']}}


def test_who_has_left_still_has_its_name(operator):
    operator.look()
    operator.juju.model.remove_unit('zk/0')
    operator.juju.model.fail_next('kafka/0', '*-departed', late=False)
    with pytest.raises(HooksFailed, match='kafka/0.*zookeeper-relation-departed'):
        operator.play(Step('nothing', ['config zk port=2182'], {}))
    assert operator.look()['kafka/0']['lists'] == ['zookeeper.connect=zk/0:2181']


def test_the_stand_in_is_called_as_jubilant_is():
    for name in 'cli', 'exec', 'status', 'wait':
        ours, theirs = [inspect.signature(getattr(juju, name)).parameters
                        for juju in (Juju, jubilant.Juju)]
        assert ours.keys() <= theirs.keys()
        assert all(parameter.kind == theirs[key].kind
                   for key, parameter in ours.items())
