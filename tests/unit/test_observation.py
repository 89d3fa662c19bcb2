"""What a hook saw, as a plain value; and when it is enough to begin a record with."""
import pytest

from .harness import layer

observation = layer('zookeeper', 'observation')
HOOK = observation.Hook('other', None, None, None)


def test_a_hook_that_asked_for_nothing_saw_nothing():
    seen = observation.empty_observation(HOOK)
    assert seen.hook == HOOK
    nothing = set(seen._fields) - {'hook', 'relations', 'leader'}
    assert seen.relations is seen.leader is None
    assert [getattr(seen, field) for field in nothing] == [{}] * len(nothing)
    assert seen.errors is not observation.empty_observation(HOOK).errors


@pytest.mark.parametrize('relations, errors, complete', [
    (set(), {}, True),
    ({'zk:1'}, {}, True),
    (None, {'': {'relations': 'away'}}, False),
    ({'zk:1'}, {'zk:1': {'members': 'away'}}, False),
    ({'zk:1'}, {'zk:1': {'own': 'away'}}, False),
    ({'zk:1'}, {'zk:1': {'applications': 'away'}}, False),
    ({'zk:1', 'zk:2'}, {'zk:1': {'far/0': 'away'}, 'zk:2': {'own': 'away'}}, False),
    ({'zk:1'}, {'zk:1': {'far/0': 'away'}}, True),
])
def test_a_look_is_complete_if_nothing_but_a_servers_settings_is_missing(
        relations, errors, complete):
    seen = observation.empty_observation(HOOK)._replace(
        relations=relations, errors=errors)
    assert observation.is_complete(seen) is complete
