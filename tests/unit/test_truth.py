"""Which flags follow from a record."""
import pytest

from .harness import layer
from .test_reconcile import HERE
from .test_reconcile import record
from .test_reconcile import relation

flags = layer('zookeeper', 'flags')
NONE = {'connected': False, 'available': False, 'joining': False, 'departing': False}


@pytest.mark.parametrize('relations, available, fields, said', [
    ({}, False, {}, {}),
    ({'zk:1': relation({})}, False, {}, {}),
    ({'zk:1': relation({'far/0': None})}, False, {}, {'connected': True}),
    ({'zk:1': relation({'far/0': HERE})}, True, {}, {'connected': True,
                                                     'available': True}),
    ({'zk:1': relation({'far/0': HERE}, ghost=True)}, False, {}, {}),
    ({}, False, {'joining': ['far/0']}, {'joining': True}),
    ({}, False, {'departing': True}, {'departing': True}),
    ({}, False, {'adopted': {'flags': []}}, {}),
    ({}, False, {'adopted': {'flags': ['connected', 'available', 'joining']}},
     {'connected': True, 'available': True, 'joining': True}),
])
def test_flags_say_what_a_record_says(relations, available, fields, said):
    assert flags.truth(record(relations, **fields), available) == {**NONE, **said}


@pytest.mark.parametrize('role, meanings', [
    ('requires', {'connected': ['connected', 'joined'],
                  'available': ['available', 'ready']}),
    ('provides', {'connected': ['connected', 'joined', 'ready'],
                  'available': ['available']})])
def test_there_are_two_words_for_the_same(role, meanings):
    meanings = {**meanings, 'joining': ['joining'], 'departing': ['departing']}
    assert sorted(flags.of('zk-1', role)) == sorted(
        ('zk-1.' + name, meaning) for meaning, names in meanings.items()
        for name in names)
