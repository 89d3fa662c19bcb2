"""How many processes the layers themselves start in one hook."""
from collections import Counter

import pytest
from charmhelpers.core import unitdata

from .harness import Provides
from .test_flags import ready

ASKED = {'relation_ids': 1}


def related(juju, side, relations=1, units=1):
    """A quiet model: everyone was heard, and what was sent is confirmed."""
    ready(juju, side)
    for number in range(1, relations + 1):
        for unit in range(units):
            juju.add('quorum:{}'.format(number), 'far{}/{}'.format(number, unit),
                     side.settings(unit))
    juju.update_status()
    juju.hook('config-changed')
    juju.hook('config-changed')
    juju.published.clear()


def cost(side, ids, lists):
    """Of a hook that tells of one unit."""
    calls = {'relation_ids': ids, 'related_units': lists,
             'relation_get': 0 if isinstance(side, Provides) else 1}
    return {leaf: count for leaf, count in calls.items() if count}


units = pytest.mark.parametrize('units', [1, 50])


@units
@pytest.mark.parametrize('relations, ids, lists', [(1, 1, 1), (3, 1, 1), (5, 1, 1)])
@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_a_units_hook_asks_for_relations_units_and_settings(
        juju, side, units, relations, ids, lists, kind):
    related(juju, side, relations, units)
    juju.relation_hook(kind, 'quorum:1', 'far1/0')
    assert juju.calls == cost(side, ids, lists)
    assert juju.calls.total() <= 3
    assert juju.published == []


@units
@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_of_two_relations_both_are_listed_instead(juju, requires, units, kind):
    related(juju, requires, 2, units)
    juju.relation_hook(kind, 'quorum:1', 'far1/0')
    assert juju.calls == {'related_units': 2, 'relation_get': 1}


def test_a_second_relation_costs_as_much_when_it_is_new(juju, requires):
    related(juju, requires)
    juju.joined('quorum:2', 'further/0', requires.settings(2))
    assert juju.calls == {'related_units': 2, 'relation_get': 1}


@units
@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_who_need_not_read_lists_two_relations(juju, provides, units, kind):
    related(juju, provides, 2, units)
    juju.relation_hook(kind, 'quorum:1', 'far1/0')
    assert juju.calls == {'relation_ids': 1, 'related_units': 2}


@units
@pytest.mark.parametrize('relations, lists', [(1, 1), (2, 2), (3, 1), (5, 1)])
def test_a_departed_reads_nothing(juju, side, units, relations, lists):
    related(juju, side, relations, units)
    juju.departed('quorum:1', 'far1/0')
    assert juju.calls == {'relation_ids': 1, 'related_units': lists}


@units
@pytest.mark.parametrize('relations, lists', [(0, 1), (1, 2), (2, 1), (4, 1)])
def test_a_created_reads_nothing(juju, side, units, relations, lists):
    related(juju, side, relations, units)
    juju.created('quorum:9')
    juju.end()
    juju.published.clear()
    juju.hook('config-changed')
    juju.relation_hook('created', 'quorum:9')
    assert juju.calls == {'relation_ids': 1, 'related_units': lists}


@units
@pytest.mark.parametrize('relations, lists', [(1, 1), (2, 2), (3, 1)])
def test_an_applications_own_data_leaves_a_call_to_read_it(juju, side, units, relations,
                                                           lists):
    related(juju, side, relations, units)
    juju.relation_hook('changed', 'quorum:1')
    asks = side.role == 'provides' or relations != 2
    assert juju.calls == Counter(relation_ids=int(asks), related_units=lists)


@units
@pytest.mark.parametrize('relations, calls', [
    (0, ASKED), (1, {'relation_ids': 1, 'related_units': 1}),
    (2, {'relation_ids': 1, 'related_units': 2}), (3, ASKED), (4, ASKED)])
def test_a_broken_reads_nothing(juju, side, units, relations, calls):
    related(juju, side, relations, units)
    juju.join('quorum:9', 'last/0', side.settings(9))
    juju.departed('quorum:9', 'last/0')
    juju.hook('config-changed')
    juju.broken('quorum:9')
    assert juju.calls == calls


@units
@pytest.mark.parametrize('hook', [
    'config-changed', 'start', 'stop', 'leader-elected', 'upgrade', 'update'])
def test_any_other_hook_is_free(juju, side, units, hook):
    related(juju, side, 3, units)
    juju.hook(hook)
    assert juju.calls == {}


@units
def test_a_hook_of_another_relation_is_free(juju, side, units):
    related(juju, side, 2, units)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    juju.joined('web:1', 'far/0')
    assert juju.calls == {}


@units
@pytest.mark.parametrize('relations', [0, 1, 2, 5])
@pytest.mark.parametrize('hook', ['update-status', 'upgrade-charm'])
def test_healing_costs_one_and_one_per_relation(juju, side, hook, units, relations):
    related(juju, side, relations, units)
    juju.hook(hook)
    assert juju.calls == dict(
        ASKED, **({'related_units': relations} if relations else {}))
    assert juju.published == []


@units
def test_methods_are_free(juju, requires, units):
    related(juju, requires, 2, units)
    endpoint = juju.endpoint()
    assert len(requires.hosts(endpoint)) == 2 * units
    endpoint.dismiss_joining()
    endpoint.dismiss_departing()
    assert juju.calls == {}


@units
def test_sending_the_same_in_every_hook_is_free(juju, provides, units):
    related(juju, provides, 2, units)
    provides.send(juju.endpoint())
    provides.send(juju.endpoint())
    assert juju.calls == {}


@units
def test_sending_other_details_costs_one_and_one_per_relation(juju, provides, units):
    related(juju, provides, 4, units)
    provides.send(juju.endpoint(), 1)
    assert juju.calls == {'relation_ids': 1, 'relation_set': 4}


@pytest.mark.parametrize('relations', [1, 2, 3])
def test_what_was_published_is_confirmed_once(juju, provides, relations):
    related(juju, provides, relations)
    provides.send(juju.endpoint(), 1)
    juju.hook('config-changed')
    assert juju.calls == {'relation_get': 1}
    juju.hook('config-changed')
    assert juju.calls == {}


def test_a_relation_hook_that_confirms_stays_at_three(juju, provides):
    related(juju, provides)
    provides.send(juju.endpoint(), 1)
    juju.relation_hook('changed', 'quorum:1', 'far1/0')
    assert juju.calls == {'relation_ids': 1, 'related_units': 1, 'relation_get': 1}


@pytest.mark.parametrize('relations', [1, 2, 3, 5])
@pytest.mark.parametrize('kind', ['joined', 'changed', 'departed'])
def test_no_relation_hook_asks_more_than_three(juju, provides, relations, kind):
    """The one after the hook that published confirms that on top."""
    related(juju, provides, relations, 2)
    provides.send(juju.endpoint(), 1)
    juju.end()
    if kind == 'departed':
        juju.leave('quorum:1', 'far1/0')
    juju.relation_hook(kind, 'quorum:1', 'far1/0')
    assert juju.published[relations:] == []
    assert juju.calls.pop('relation_get') == 1
    assert juju.calls.total() <= 3


def test_units_of_whom_nobody_told_are_read_once_each(juju, requires):
    related(juju, requires)
    juju.end()
    for number in range(7):
        juju.add('quorum:1', 'late/{}'.format(number), requires.settings(number))
    juju.update_status()
    assert juju.calls == {'relation_ids': 1, 'related_units': 1, 'relation_get': 7}
    juju.update_status()
    assert juju.calls == {'relation_ids': 1, 'related_units': 1}


def test_the_first_hook_reads_each_unit_once(juju, requires):
    juju.declare(requires)
    for number in range(7):
        juju.add('quorum:1', 'far/{}'.format(number), requires.settings(number))
    juju.changed('quorum:1', 'far/3')
    assert juju.calls == {'relation_ids': 1, 'related_units': 1, 'relation_get': 7}


def test_a_fresh_charm_asks_once(juju, side):
    juju.declare(side)
    juju.hook('install')
    assert juju.calls == ASKED
    juju.hook('start')
    assert juju.calls == {}


@pytest.mark.parametrize('kind', ['changed', 'departed'])
def test_units_are_read_once_in_a_hook(juju, requires, kind, monkeypatch):
    related(juju, requires, units=2)
    kv = unitdata.kv()
    read = Counter()
    monkeypatch.setattr(kv, 'get', lambda key, *default, get=kv.get: (
        read.update([key]) or get(key, *default)))
    getattr(juju, kind)('quorum:1', 'far1/1')
    for _ in range(3):
        requires.hosts(juju.endpoint())
    juju.endpoint().dismiss_departing()
    requires.hosts(juju.endpoint())
    assert read['interface-layer.quorum.units'] == 1


def test_units_are_not_read_where_nothing_is_told_of_them(juju, side, monkeypatch):
    related(juju, side, units=2)
    kv = unitdata.kv()
    read = []
    monkeypatch.setattr(kv, 'get', lambda key, *default, get=kv.get: (
        read.append(key) or get(key, *default)))
    juju.hook('config-changed')
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    assert read and 'interface-layer.quorum.units' not in read


def test_endpoints_pay_for_themselves(juju, requires):
    juju.deploy(requires, 'one', 'two')
    juju.join('one:1', 'far/0', requires.settings(0))
    juju.join('two:2', 'far/1', requires.settings(1))
    assert juju.calls == {'relation_ids': 1, 'related_units': 1, 'relation_get': 1}
    juju.update_status()
    assert juju.calls == {'relation_ids': 2, 'related_units': 2}


def test_a_model_that_is_quiet_is_quiet_in_every_hook(juju, provides):
    related(juju, provides, 3, 3)
    for hook in ('update-status', 'config-changed', 'upgrade-charm', 'start'):
        juju.hook(hook)
        provides.send(juju.endpoint())
    juju.changed('quorum:2', 'far2/1')
    provides.send(juju.endpoint())
    assert juju.published == []


def test_a_unit_in_two_relations_is_heard_in_the_hooks_own(juju, requires):
    related(juju, requires)
    juju.join('quorum:2', 'far1/0', requires.settings(5))
    juju.databags['quorum:2']['far1/0'] = requires.settings(6)
    juju.changed('quorum:1', 'far1/0')
    assert juju.calls['relation_get'] == 1
    assert requires.hosts(juju.endpoint()).count('10.0.0.6') == 0
