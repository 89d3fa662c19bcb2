"""Transitions that are hard to reach through hooks. test_flags.py covers the others."""
import pytest

from .harness import FORCE_REMOVED, layer
from .record_helpers import (OTHER_SERVER, SERVER, assert_is_json, hook, hooktools,
                             record, relation)

Migration = layer('zookeeper', 'common.migration').Migration


def test_warning_is_cleared_alone():
    some = relation({})
    for kind, subject in [('a', 'x'), ('a', 'y'), ('b', 'x')]:
        some.warn(kind, subject, 'text')
    some.clear_warning('a', 'x')
    assert some.list_warnings() == [('a', 'y', 'text'), ('b', 'x', 'text')]
    some.clear_warning('a', 'y')
    assert some['warnings'] == {'b': {'x': 'text'}}


def test_new_warnings_are_sorted_by_relation_kind_and_subject():
    before = record({'zk:1': relation({}, warnings={'unreadable': {'units': 'old'}})},
                    warnings={'unreadable': {'units': 'old'}})
    after = before.copy()
    after.relations['zk:1'].warn('unusable', 'remote/0', 'of the unit')
    after.warn('unreadable', 'relations', 'of the endpoint')
    after.clear_warning('unreadable', 'units')
    after.warn('unreadable', 'units', 'new')
    assert after.new_warnings(before) == ['of the endpoint', 'of the unit']


def test_changed_warning_is_new_only_if_it_is_about_a_source():
    before = record({'zk:1': relation({})})
    for kind in 'unreadable', 'unusable':
        before.relations['zk:1'].warn(kind, 'remote/0', 'old')
    after = before.copy()
    for kind in 'unreadable', 'unusable':
        after.relations['zk:1'].warn(kind, 'remote/0', kind)
    assert after.new_warnings(before) == ['unusable']
    assert [text for _, _, text in after.relations['zk:1'].list_warnings()] == [
        'unreadable', 'unusable']


def test_removed_source_loses_its_details_and_warning():
    some = relation({'remote/0': SERVER, 'remote': None})
    some.update_source('remote', None, ['path is x'])
    some.remove_source('remote')
    some.remove_source('remote')
    assert some == relation({'remote/0': SERVER})


def test_unit_that_left_loses_its_warnings():
    warnings = {kind: {'remote/0': 'text', 'remote/1': 'text', 'remote': 'text',
                       'units': 'text'} for kind in ('unreadable', 'unusable')}
    some = relation({'remote/0': None, 'remote/1': None}, warnings=warnings)
    some.set_units({'remote/1', 'remote/2'})
    kept = {'remote/1': 'text', 'remote': 'text', 'units': 'text'}
    assert some['warnings'] == {'unreadable': kept, 'unusable': kept}


def test_force_removed_relation_keeps_only_its_application_and_one_warning():
    some = relation({'remote/0': SERVER, 'remote': None}, write_state='written')
    some.warn('unreadable', 'units', 'text')
    some.mark_force_removed('zk:1')
    assert some == {
        'application': 'remote', 'units': [], 'sources': {}, 'force_removed': True,
        'warnings': {'force-removed': {'zk:1': FORCE_REMOVED.format('zk:1')}},
        'goal_units': [], 'stale_units': [], 'unlisted_units': [], 'found_units': []}


@pytest.mark.parametrize('kind', ['departed', 'created'])
def test_force_removed_relation_stays_without_units(kind):
    before = record({'zk:1': relation({}, force_removed=True)})
    after = before.copy()
    after.apply_hook(hook(kind, 'remote/0'))
    assert after == before


def test_known_application_stays_if_the_hook_names_none():
    after = record({'zk:1': relation({})})
    after.apply_hook(hook('created', application=None))
    assert after.relations['zk:1']['application'] == 'remote'


def test_changes_of_a_copy_leave_the_record_unchanged():
    relations = {'zk:1': relation({'remote/0': SERVER}), 'zk:2': relation({})}
    some = record(relations)
    copy = some.copy()
    copy.relations['zk:1']['sources']['remote/0']['port'] = '1'
    copy.relations['zk:2'].mark_force_removed('zk:2')
    copy.migration.start({'connected'}, None, True)
    copy['joining'].append('remote/0')
    assert some == record(relations)


def test_hooks_unit_counts_although_juju_does_not_list_it():
    after = record({'zk:1': relation({'remote/0': SERVER})})
    event = hook('joined', 'remote/1')
    after.apply_hook(event)
    after.relations['zk:1'].set_listed_units({'remote/0'})
    after.apply_hook(event)
    assert after.relations['zk:1']['units'] == ['remote/0', 'remote/1']


def test_flags_of_notices_are_noted_while_they_are_set():
    some = record()
    for flag, notice in ('a', 'joining'), ('b', 'departing'), ('c', 'joining'):
        some.note_shown(flag, notice, True)
    some.note_shown('a', 'joining', False)
    assert some['shown'] == {'b': 'departing', 'c': 'joining'}


def announced(before, event, read=()):
    """The record after a hook.

    :param read: (relation ID, source, details) of each source that the hook reads
    """
    after = before.copy()
    after.apply_hook(event)
    for relation_id, source, details in read:
        after.relations[relation_id].update_source(source, details, [])
    after.announce(before, event)
    assert_is_json(after)
    return after


def test_notice_names_units_in_order_and_once():
    before = record({'zk:1': relation(dict.fromkeys(['remote/0', 'remote/1'], SERVER))},
                    joining=['remote/1'])
    read = [('zk:1', unit, OTHER_SERVER) for unit in ('remote/1', 'remote/0')]
    after = announced(before, hooktools.NO_RELATION_HOOK, read)
    assert after['joining'] == ['remote/0', 'remote/1']


@pytest.mark.parametrize('known_in, relation_id, details, joining', [
    ('zk:1', 'zk:2', SERVER, []), ('zk:1', 'zk:10', OTHER_SERVER, ['remote/0']),
    ('zk:9', 'zk:10', OTHER_SERVER, ['remote/0']), ('zk:10', 'zk:9', OTHER_SERVER, [])])
def test_unit_in_a_second_relation_is_announced_if_the_newest_details_differ(
        known_in, relation_id, details, joining):
    before = record({known_in: relation({'remote/0': SERVER})})
    after = announced(before, hook('joined', 'remote/0', relation_id),
                      [(relation_id, 'remote/0', details)])
    assert after['joining'] == joining


@pytest.mark.parametrize('older, joining', [(SERVER, ['remote/0']), (OTHER_SERVER, [])])
def test_unit_is_announced_if_only_its_older_details_are_left(older, joining):
    before = record({'zk:1': relation({'remote/0': older}),
                     'zk:2': relation({'remote/0': OTHER_SERVER})})
    after = announced(before, hook('changed', 'remote/0', 'zk:2'),
                      [('zk:2', 'remote/0', None)])
    assert after['joining'] == joining


def test_client_that_joins_a_second_relation_is_announced_once():
    before = record({'zk:1': relation({'remote/0': {}})}, 'provides')
    event = hook('joined', 'remote/0', 'zk:2')
    after = announced(before, event)
    assert after['joining'] == ['remote/0']
    after.dismiss('joining')
    assert announced(after, event)['joining'] == []


class Name(str):
    """Counts how often it is compared with another."""
    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Name.compared += 1
        return str.__eq__(self, other)

    def __deepcopy__(self, memo):
        return self


def comparisons(number):
    """How many comparisons a hook needs with a number of undismissed units."""
    names = [Name('remote/{}'.format(index)) for index in range(number)]
    before = record({'zk:1': relation(dict.fromkeys(names, SERVER))}, joining=names)
    after = before.copy()
    Name.compared = 0
    after.apply_hook(hook('changed', 'remote/0'))
    after.relations['zk:1'].set_listed_units(list(map(str, names)))
    after.relations['zk:1'].update_source('remote/0', OTHER_SERVER, [])
    after.announce(before, hook('changed', 'remote/0'))
    assert len(after['joining']) == number
    return Name.compared


def test_cost_of_undismissed_notices_grows_linearly():
    assert 0 < comparisons(1000) <= 1.5 * 10 * comparisons(100)


RELATIONS = {'zk:1': relation({'remote/0': SERVER, 'remote/1': SERVER}),
             'zk:2': relation({'second/0': SERVER}, 'second')}


@pytest.mark.parametrize('announced, units', [
    (None, {'remote/0', 'second/0'}), ({}, set()),
    ({'zk:1': ['remote/0']}, {'remote/0'}),
    ({'zk:1': ['remote/0', 'remote/7'], 'zk:2': ['second/0']},
     {'remote/0', 'remote/7', 'second/0'}),
    ({'zk:3': ['remote/0'], 'zk:2': ['second/0']}, {'second/0'}),
], ids=['all', 'none', 'one', 'two relations', 'relation is gone'])
def test_charm_knows_announced_units_except_those_that_changed_since(announced, units):
    migration = Migration()
    migration.start({'connected'}, announced, True)
    migration.note_changed(['remote/1'])
    assert_is_json(migration)
    assert migration.announced_units(RELATIONS) == units


@pytest.mark.parametrize('conditions', [(), ('available',), ('connected', 'joining')])
def test_charm_knows_no_units_if_not_connected_or_still_joining(conditions):
    migration = Migration()
    migration.start(conditions, None, True)
    assert migration.announced_units(RELATIONS) == set()


def test_unit_that_joins_with_other_details_during_a_migration_has_changed():
    before = record({'zk:1': relation({'remote/0': SERVER})})
    before.migration.start({'connected'}, None, True)
    after = record({'zk:1': relation({'remote/0': OTHER_SERVER})})
    after.migration.start({'connected'}, None, True)
    after.announce(before, hook('joined', 'remote/0'))
    assert after.migration['changed'] == ['remote/0']
