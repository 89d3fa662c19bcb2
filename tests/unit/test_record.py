"""What a record says, as a plain value."""
import json

import pytest

from .harness import layer
from .test_reconcile import HERE
from .test_reconcile import THERE
from .test_reconcile import record
from .test_reconcile import relation

Record = layer('zookeeper', 'record').Record


def test_of_an_endpoint_that_nothing_is_known_of():
    blank = Record.blank('provides', 'flume-agent', details={}, keys=[])
    assert json.loads(json.dumps(blank)) == blank == {
        'version': 2, 'role': 'provides', 'interface': 'flume-agent', 'relations': {},
        'joining': [], 'departing': False, 'shown': [], 'logged': {}, 'turns': {},
        'adopted': None, 'details': {}, 'keys': []}
    assert blank.units() == set()
    assert blank.served() == []


def test_ghosts_are_not_live():
    some = record({'zk:9': relation({}), 'zk:10': relation({}), 'zk:2': relation({}),
                   'zk:11': relation({}, ghost=True)})
    assert some.ghosts() == {'zk:11'}
    assert [rid for rid, _ in some.live_relations()] == ['zk:10', 'zk:9', 'zk:2']
    assert some.applications() == {
        'zk:9': 'far', 'zk:10': 'far', 'zk:2': 'far', 'zk:11': 'far'}


def test_units_are_those_of_live_relations():
    some = record({'zk:1': relation({'far/0': HERE, 'far/1': None}),
                   'zk:2': relation({'near/0': {}}, 'near'),
                   'zk:3': relation({'gone/0': HERE}, 'gone', ghost=True)})
    assert some.units() == {'far/0', 'far/1', 'near/0'}
    assert some.details() == {'far/0': HERE, 'near/0': {}}


def test_details_of_a_unit_are_those_of_its_newest_relation_that_has_any():
    some = record({'zk:9': relation({'far/0': HERE, 'far/1': HERE}),
                   'zk:10': relation({'far/0': THERE, 'far/1': None})})
    assert some.details() == {'far/0': THERE, 'far/1': HERE}


def test_an_application_is_served_by_its_newest_relation_that_can_be_used():
    some = record({'zk:9': relation({'far/0': HERE, 'far/1': HERE}),
                   'zk:10': relation({'far/10': THERE, 'far/2': THERE, 'far/3': None}),
                   'zk:11': relation({'far/0': None}),
                   'zk:12': relation({'far/0': THERE}, ghost=True),
                   'zk:8': relation({'a-2/0': HERE}, 'a-2')})
    assert some.served() == [('a-2/0', HERE), ('far/2', THERE), ('far/10', THERE)]


def test_of_what_is_logged_it_says_where():
    some = record({'zk:1': relation({}, logged={'far/0': 'bad'})},
                  logged={'x': 'worse'})
    assert some.warnings() == {('zk:1', 'far/0', 'bad'), ('', 'x', 'worse')}


@pytest.mark.parametrize('notice, left', [
    ('joining', {'joining': [], 'departing': True, 'shown': ['departing']}),
    ('departing', {'joining': ['far/0'], 'departing': False, 'shown': ['joining']})])
def test_a_notice_is_dismissed_alone(notice, left):
    some = record({}, joining=['far/0'], departing=True, shown=['joining', 'departing'])
    some.dismiss(notice)
    assert {key: some[key] for key in left} == left


def test_an_adopted_notice_is_dismissed():
    some = record({}, adopted={'flags': ['connected', 'joining']})
    some.dismiss('departing')
    assert some['adopted'] == {'flags': ['connected', 'joining']}
    some.dismiss('joining')
    assert some['adopted'] == {'flags': ['connected']}


# In which relations the own settings are touched.

def touch(applications, *groups, turns=None, touched=None):
    some = record({}, turns=turns or {})
    return some.relations_to_touch(applications, groups, touched or {})


TWICE = {'zk:9': 'far', 'zk:10': 'far', 'zk:2': 'near'}


def test_one_is_touched_for_each_application():
    assert touch(TWICE, set(TWICE)) == {'far': 'zk:10', 'near': 'zk:2'}


def test_nothing_is_touched_where_no_group_has_one():
    assert touch(TWICE, {'zk:2'}, {'zk:7'}) == {'near': 'zk:2'}


def test_of_a_relation_without_a_name_nothing_is_touched():
    assert touch({'zk:1': None}, {'zk:1'}) == {}


def test_the_first_group_with_one_has_it():
    assert touch(TWICE, set(), {'zk:9'}, set(TWICE)) == {'far': 'zk:9', 'near': 'zk:2'}


def test_what_a_hook_has_touched_it_may_touch_again_and_no_other():
    assert touch(TWICE, set(TWICE), touched={'far': 'zk:9'})['far'] == 'zk:9'
    assert 'far' not in touch(TWICE, {'zk:10'}, touched={'far': 'zk:9'})


@pytest.mark.parametrize('last, turn', [
    ('zk:10', 'zk:9'), ('zk:9', 'zk:1'), ('zk:1', 'zk:10'), ('zk:7', 'zk:1')])
def test_relations_take_turns_from_newer_to_older(last, turn):
    thrice = dict.fromkeys(['zk:1', 'zk:9', 'zk:10'], 'far')
    assert touch(thrice, set(thrice), turns={'far': last}) == {'far': turn}


def test_turns_are_remembered_of_applications_that_have_several():
    some = record(
        {'zk:9': relation({}), 'zk:10': relation({}), 'zk:2': relation({}, 'near')},
        turns={'far': 'zk:10', 'gone': 'zk:1'})
    some.remember_turns({'far': 'zk:9', 'near': 'zk:2'})
    assert some['turns'] == {'far': 'zk:9'}
    some.remember_turns({})
    assert some['turns'] == {'far': 'zk:9'}
