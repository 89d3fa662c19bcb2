"""How a record changes with what a hook saw: plain values in, a plain value out."""
import copy
import json

import pytest

from .harness import layer

observation = layer('zookeeper', 'observation')
records = layer('zookeeper', 'record')
DENIED, Hook = observation.DENIED, observation.Hook

OTHER = Hook('other', None, None, None)
FULL = Hook('full', None, None, None)
HERE = {'host': '10.0.0.1', 'port': '2181'}
THERE = {'host': '10.0.0.2', 'port': '2181'}


def hook(kind, unit=None, rid='zk:1', application='far'):
    return Hook(kind, rid, unit, application)


def seen(hook, **fields):
    return observation.empty_observation(hook)._replace(**fields)


def parse(settings):
    """What is published as details is taken for them."""
    return settings.get('details'), settings.get('faults', [])


def parse_application(published, secrets, known):
    """The same, but for what is nobody's business."""
    if 'details' in published:
        return parse(published)


def publishing(details):
    return {'details': details}


def relation(details, application='far', **fields):
    """A relation with units of these details."""
    return dict(records.blank_relation(application), **{
        'units': sorted(details), 'sources': dict(details), **fields})


def record(relations, **fields):
    blank = records.Record.blank('requires', 'zookeeper')
    return records.Record(blank, relations=relations, **fields)


def reconcile(before, observed, unread_details=None):
    """The record after it; the one before stays as it was."""
    kept = copy.deepcopy(before)
    after = layer('zookeeper', 'reconcile').reconcile(
        before, observed, parse, parse_application, unread_details)
    assert before == kept
    assert json.loads(json.dumps(after)) == after
    return after


def units(after):
    """The details of each unit, or None."""
    return {rid: {unit: related['sources'].get(unit) for unit in related['units']}
            for rid, related in after['relations'].items()}


def twice(older, newer):
    """A unit that is in two relations, with these details."""
    return record({'zk:1': relation({'far/0': older}),
                   'zk:2': relation({'far/0': newer})})


ONE = {'zk:1': relation({'far/0': HERE})}
TWO = {'zk:1': relation({'far/0': HERE, 'far/1': THERE})}
BOTH = {'zk:1': relation({'far/0': HERE}), 'zk:2': relation({'near/0': THERE}, 'near')}


@pytest.mark.parametrize('relations', [{}, ONE, TWO, BOTH], ids=len)
def test_who_saw_nothing_knows_what_was_known(relations):
    before = record(relations, joining=['far/0'] if relations else [], departing=True)
    assert reconcile(before, seen(OTHER)) == before


# Relations.

def test_a_hooks_own_relation_is_there():
    after = reconcile(record({}), seen(hook('created')))
    assert after['relations'] == {'zk:1': relation({})}


def test_a_relation_that_is_not_listed_is_gone_with_its_units():
    after = reconcile(record(BOTH), seen(FULL, relations={'zk:2'}))
    assert units(after) == {'zk:2': {'near/0': THERE}}
    assert after['departing']


def test_relations_that_were_not_asked_for_stay():
    after = reconcile(record(BOTH), seen(FULL, errors={'': {'relations': 'away'}}))
    assert units(after) == units(record(BOTH))
    assert not after['departing']


def test_a_relation_that_is_broken_is_gone():
    after = reconcile(record(BOTH), seen(hook('broken')))
    assert units(after) == {'zk:2': {'near/0': THERE}}
    assert after['departing']


def test_a_relation_that_is_broken_and_was_never_known_is_none():
    assert reconcile(record({}), seen(hook('broken'))) == record({})


def test_a_relation_that_is_listed_is_there():
    after = reconcile(record({}), seen(FULL, relations={'zk:1', 'zk:2'},
                                       applications={'zk:1': 'far'}))
    assert after['relations'] == {'zk:1': relation({}), 'zk:2': relation({}, None)}


def test_an_application_that_is_known_stays_known():
    after = reconcile(record(ONE), seen(hook('changed', application=None)))
    assert after.applications() == {'zk:1': 'far'}


# Units.

def test_who_is_listed_is_there_and_nobody_else():
    after = reconcile(record(TWO), seen(hook('created'),
                                        members={'zk:1': {'far/1', 'far/2'}}))
    assert units(after) == {'zk:1': {'far/1': THERE, 'far/2': None}}
    assert after['departing']


@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_the_hooks_unit_is_there_though_it_is_not_listed(kind):
    for members in {}, {'zk:1': {'far/0'}}:
        after = reconcile(record(ONE), seen(hook(kind, 'far/1'), members=members))
        assert units(after) == {'zk:1': {'far/0': HERE, 'far/1': None}}


def test_the_hooks_unit_has_left_though_it_is_listed():
    for members in {}, {'zk:1': {'far/0', 'far/1'}}:
        after = reconcile(record(TWO), seen(hook('departed', 'far/0'), members=members))
        assert units(after) == {'zk:1': {'far/1': THERE}}
        assert after['departing']


def test_units_are_heard_of_in_the_order_of_their_names():
    after = reconcile(record({}), seen(hook('created'), members={
        'zk:1': {'far/2', 'far/10', 'far/1'}}))
    assert list(units(after)['zk:1']) == ['far/1', 'far/10', 'far/2']


def test_settings_of_units_that_are_not_there_are_nobodys():
    after = reconcile(record(ONE), seen(hook('departed', 'far/0'), settings={
        'zk:1': {'far/0': publishing(HERE)}}))
    assert units(after) == {'zk:1': {}}
    assert after['joining'] == []


# Details, and the news of them.

def heard(before, details, unit='far/0', kind='changed', rid='zk:1', **fields):
    return reconcile(before, seen(hook(kind, unit, rid), settings={
        rid: {unit: publishing(details)}}, **fields))


@pytest.mark.parametrize('before, details, news', [
    (None, HERE, True), (HERE, HERE, False), (HERE, THERE, True), (HERE, None, False),
    (None, None, False)])
def test_other_details_are_news(before, details, news):
    after = heard(record({'zk:1': relation({'far/0': before})}), details)
    assert units(after) == {'zk:1': {'far/0': details}}
    assert after['joining'] == (['far/0'] if news else [])


def test_news_wait_until_they_are_dismissed_and_go_with_the_details():
    before = record(TWO, joining=['far/0', 'far/1'])
    assert heard(before, HERE)['joining'] == ['far/0', 'far/1']
    assert heard(before, None)['joining'] == ['far/1']
    left = reconcile(before, seen(hook('departed', 'far/0')))
    assert left['joining'] == ['far/1']


def test_the_same_details_in_another_relation_are_no_news():
    after = heard(record(ONE), HERE, kind='joined', rid='zk:2')
    assert units(after) == {'zk:1': {'far/0': HERE}, 'zk:2': {'far/0': HERE}}
    assert after['joining'] == []


def test_other_details_in_a_newer_relation_are_news():
    assert heard(record(ONE), THERE, rid='zk:10')['joining'] == ['far/0']


def test_other_details_in_an_older_relation_are_none():
    newer = record({'zk:10': relation({'far/0': HERE})})
    assert heard(newer, THERE, rid='zk:9')['joining'] == []


def test_what_an_older_relation_had_is_news_when_the_newer_has_no_more():
    assert heard(twice(HERE, THERE), None, rid='zk:2')['joining'] == ['far/0']
    assert heard(twice(HERE, HERE), None, rid='zk:2')['joining'] == []


def test_a_unit_without_details_is_news_when_it_joins():
    clients = record({'zk:1': relation({'far/0': {}})})
    for kind, news in ('joined', ['far/1']), ('changed', ['far/1']), ('created', []):
        unit = 'far/1' if kind != 'created' else None
        assert reconcile(clients, seen(hook(kind, unit)), {})['joining'] == news


def test_a_client_that_joins_in_another_relation_is_news_once():
    clients = record({'zk:1': relation({'far/0': {}})})
    after = reconcile(clients, seen(hook('joined', 'far/0', 'zk:2')), {})
    assert after['joining'] == ['far/0']
    again = reconcile(records.Record(after, joining=[]),
                      seen(hook('joined', 'far/0', 'zk:2')), {})
    assert again['joining'] == []


# Departures.

def test_a_unit_that_was_not_known_has_not_left():
    assert not reconcile(record(ONE), seen(hook('departed', 'far/9')))['departing']


@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_a_unit_of_which_another_hook_tells_has_not_left(kind):
    assert not reconcile(record(ONE), seen(hook(kind, 'far/0')))['departing']


def test_a_unit_that_is_in_another_relation_has_not_left_unless_a_hook_tells_so():
    before = twice(HERE, HERE)
    assert not reconcile(before, seen(FULL, relations={'zk:2'}))['departing']
    assert not reconcile(before, seen(hook('broken')))['departing']
    assert reconcile(before, seen(hook('departed', 'far/0')))['departing']


def test_before_there_is_a_record_a_departed_tells_of_whomever():
    adopting = record({}, adopted={'flags': [], 'announced': None, 'details': None})
    assert reconcile(adopting, seen(hook('departed', 'far/0')))['departing']
    assert not reconcile(adopting, seen(hook('broken')))['departing']


# Ghosts.

def test_whose_own_settings_are_denied_is_a_ghost():
    after = reconcile(record(BOTH), seen(FULL, own={'zk:1': DENIED, 'zk:2': {}},
                                         relations={'zk:1', 'zk:2'}))
    assert after.ghosts() == {'zk:1'}
    assert units(after) == {'zk:1': {}, 'zk:2': {'near/0': THERE}}
    assert after['departing']
    assert [sentence for _, _, sentence in after.warnings()] == [
        'zk:1 was removed by force; Juju goes on listing it until the agent of this '
        'unit is restarted']


def test_a_ghost_has_no_units_whatever_is_listed():
    ghost = record({'zk:1': relation({}, ghost=True)})
    for kind in 'joined', 'changed', 'departed', 'created':
        unit = None if kind == 'created' else 'far/0'
        after = reconcile(ghost, seen(hook(kind, unit), members={'zk:1': {'far/1'}}))
        assert units(after) == {'zk:1': {}}
        assert not after['departing']


def test_a_ghost_whose_own_settings_answer_is_none():
    ghost = record({'zk:1': relation({}, ghost=True, logged={'ghost': 'gone'})})
    after = reconcile(ghost, seen(FULL, relations={'zk:1'}, own={'zk:1': {}},
                                  members={'zk:1': {'far/0'}}))
    assert after.ghosts() == set()
    assert after.warnings() == set()
    assert units(after) == {'zk:1': {'far/0': None}}


# What is logged.

def logged(after):
    return {what: sentence for _, what, sentence in after.warnings()}


def test_what_is_wrong_with_a_unit_is_kept_until_it_is_right():
    bad = {'faults': ['port is x', 'host is y']}
    spoiled = reconcile(record(ONE), seen(hook('changed', 'far/0'),
                                          settings={'zk:1': {'far/0': bad}}))
    assert logged(spoiled) == {'far/0': 'far/0 is not usable: port is x; host is y'}
    assert logged(heard(spoiled, HERE)) == {}
    assert logged(reconcile(spoiled, seen(hook('departed', 'far/0')))) == {}


@pytest.mark.parametrize('what, answer', [
    ('members', {'members': {'zk:1': {'far/0'}}}),
    ('own', {'own': {'zk:1': {}}}),
    ('published', {'published': {'zk:1': {}}}),
    ('far/0', {'settings': {'zk:1': {'far/0': publishing(HERE)}}})])
def test_what_can_not_be_read_is_kept_until_it_can(what, answer):
    first = seen(hook('changed', 'far/0'), errors={'zk:1': {what: 'away'}})
    failed = reconcile(record(ONE), first)
    said = {'unread ' + what: '{} of zk:1 can not be read, what was known stays: '
                              'away'.format(what)}
    assert logged(failed) == said
    again = first._replace(errors={'zk:1': {what: 'another error'}})
    assert logged(reconcile(failed, again)) == said
    assert logged(reconcile(failed, seen(hook('changed', 'far/0'), **answer))) == {}


def test_relations_that_can_not_be_listed_are_the_endpoints():
    failed = reconcile(record({}), seen(FULL, errors={'': {'relations': 'away'}}))
    said = {'unread relations': 'relations of this endpoint can not be read, what was '
                                'known stays: away'}
    assert logged(failed) == said
    again = seen(FULL, errors={'': {'relations': 'another error'}})
    assert logged(reconcile(failed, again)) == said
    assert logged(reconcile(failed, seen(FULL, relations=set()))) == {}


# A thousand of them.

class Name(str):
    """Counts how often it is compared with another."""
    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Name.compared += 1
        return str.__eq__(self, other)

    def __deepcopy__(self, memo):
        return self


def compared(number):
    names = [Name('far/{}'.format(index)) for index in range(number)]
    before = record({'zk:1': relation({name: HERE for name in names})}, joining=names)
    Name.compared = 0
    after = layer('zookeeper', 'reconcile').reconcile(
        before, seen(hook('changed', 'far/0'), members={'zk:1': set(map(str, names))},
                     settings={'zk:1': {'far/0': publishing(THERE)}}),
        parse, parse_application, None)
    assert len(after['joining']) == number
    return Name.compared


def test_a_thousand_undismissed_notices_cost_what_one_costs_each():
    assert 0 < compared(1000) <= 1.5 * 10 * compared(100)
