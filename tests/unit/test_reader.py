"""How a reader notes failed queries, and in which relation it reads its own databag."""
import pytest

from .harness import ZOOKEEPER_REQUIRES, layer
from .record_helpers import hooktools, record, relation

Reader = layer('zookeeper', 'common.reader').Reader
rotation = layer('zookeeper', 'common.rotation')


def reader():
    return Reader(ZOOKEEPER_REQUIRES.cls('zk'),
                  record({'zk:1': relation({}), 'zk:2': relation({})}),
                  hooktools.NO_RELATION_HOOK)


def fail(text):
    raise hooktools.HookToolError('relation-get', text)


def echo(value):
    return value


@pytest.mark.parametrize('relation_id, text', [
    ('zk:1', 'relation-get of units in zk:1 failed ({}); keeping the last known data'),
    ('', 'relation-get failed ({}); keeping the last known data')])
def test_failed_query_is_a_warning_until_it_succeeds(relation_id, text):
    read = reader()
    for message in 'away', 'still away':
        assert read.try_query(relation_id, 'units', fail, message) is None
        assert read.record.new_warnings(read.before) == [text.format(message)]
    assert read.record.new_warnings(read.record.copy()) == []
    owner = read.record.relations.get(relation_id, read.record)
    assert owner['warnings'] == {'unreadable': {'units': text.format('still away')}}
    read.try_query(relation_id, 'application', echo, 'remote')
    read.try_query('zk:2', 'units', echo, [])
    assert read.record.new_warnings(read.before) == [text.format('still away')]
    assert read.try_query(relation_id, 'units', echo, ['remote/0']) == ['remote/0']
    assert read.record == read.before


@pytest.mark.parametrize('failed, complete', [
    ([], True),
    ([('', 'relations')], False),
    ([('zk:1', 'the units')], False),
    ([('zk:2', 'the remote application')], False),
    ([('zk:1', "this unit's data")], False),
    ([('zk:1', 'remote/0'), ('zk:2', 'the units')], False),
    ([('zk:1', 'remote/0')], True),
    ([('zk:1', 'remote'), ('zk:1', 'secret-user'), ('', 'leader')], True),
], ids=str)
def test_full_read_is_complete_unless_essential_data_is_missing(failed, complete):
    read = reader()
    for relation_id, subject in failed:
        read.try_query(relation_id, subject, fail, 'away')
    assert read.is_complete() is complete


ALL = {'zk:9', 'zk:10', 'zk:2'}


# {relation ID: application}
RELATED = {'zk:9': 'remote', 'zk:10': 'remote', 'zk:2': 'second'}


def related_record(applications=RELATED, **fields):
    return record({relation_id: relation({}, applications[relation_id])
                   for relation_id in applications}, **fields)


@pytest.mark.parametrize('groups, used, chosen', [
    ([ALL], {}, {'remote': 'zk:10', 'second': 'zk:2'}),
    ([], {}, {}),
    ([{'zk:2'}, {'zk:7'}], {}, {'second': 'zk:2'}),
    ([set(), {'zk:9'}, ALL], {}, {'remote': 'zk:9', 'second': 'zk:2'}),
    ([ALL], {'remote': 'zk:9'}, {'remote': 'zk:9', 'second': 'zk:2'}),
    ([{'zk:10'}, {'zk:2'}], {'remote': 'zk:9'}, {'second': 'zk:2'}),
    ([{'zk:10'}, ALL], {'remote': 'zk:9'}, {'remote': 'zk:9', 'second': 'zk:2'}),
], ids=['all', 'no group', 'unknown relation', 'earlier group first', 'used before',
        'another was used before', 'used before in a later group'])
def test_hook_uses_one_relation_of_each_application_in_the_groups(groups, used, chosen):
    assert rotation.choose(related_record(), groups, used) == chosen


def test_hook_uses_no_relation_of_an_unknown_application():
    assert rotation.choose(related_record({'zk:1': None}), [{'zk:1'}], {}) == {}


@pytest.mark.parametrize('last, expected', [
    (None, 'zk:10'), ('zk:10', 'zk:9'), ('zk:9', 'zk:1'), ('zk:1', 'zk:10'),
    ('zk:7', 'zk:1')])
def test_relations_take_turns_from_newest_to_oldest(last, expected):
    applications = dict.fromkeys(['zk:1', 'zk:9', 'zk:10'], 'remote')
    some = related_record(applications, last_used={'remote': last})
    assert rotation.choose(some, [set(applications)], {}) == {'remote': expected}


@pytest.mark.parametrize('used, last_used', [
    ({'remote': 'zk:9', 'second': 'zk:2'}, {'remote': 'zk:9'}),
    ({}, {'remote': 'zk:10'})], ids=['databags used', 'no databag used'])
def test_turns_are_remembered_only_for_applications_with_several_relations(used,
                                                                           last_used):
    some = related_record(last_used={'remote': 'zk:10', 'gone': 'zk:1'})
    rotation.remember_used(some, used)
    assert some['last_used'] == last_used
