"""The layers make the calls that their table says, and no other."""
from collections import Counter

import pytest

from .expected_calls import price
from .unit import LOCAL, SIDES, MeasuredUnit, TimedCharm

KINDS = {'created', 'joined', 'changed', 'departed', 'broken', 'update-status',
         'upgrade-charm', 'config-changed'}


@pytest.fixture(params=SIDES, ids=lambda side: ' '.join(side[:2]))
def side(request):
    return request.param


@pytest.fixture
def deploy(tmp_path, side):
    """Makes a unit that has relations to remote units."""
    def deploy(relations, units, layer='this'):
        charm = TimedCharm(tmp_path / layer, side, layer)
        return MeasuredUnit(charm, side, relations, units)
    return deploy


def calls(unit, hook):
    unit.model.dispatch(LOCAL, hook)
    return unit.costs[hook].calls


@pytest.mark.parametrize('relations, units', [(1, 1), (3, 7)])
def test_each_hook_makes_the_calls_of_the_table(deploy, side, relations, units):
    costs = deploy(relations, units).play()
    told = {('provides', 'created'): 1}     # a new relation is told
    assert {hook: cost.calls for hook, cost in costs.items()} == {
        hook: price(side.role, hook, relations, units, told.get((side.role, hook), 0))
        for hook in KINDS}


def test_the_naive_layer_makes_more_in_every_hook(deploy, side):
    costs = deploy(1, 5, 'naive').play()
    assert costs.keys() == KINDS
    for hook, cost in costs.items():
        assert cost.calls - price(side.role, hook, 1, 5)


def test_without_a_layer_no_call_is_made(deploy):
    costs = deploy(1, 5, 'none').play()
    assert costs.keys() == KINDS
    assert not any(cost.calls for cost in costs.values())


def test_without_a_record_any_hook_looks_at_everything(deploy, side):
    unit = deploy(3, 6)
    unit.model.unit(LOCAL).disk.pop('store')
    assert calls(unit, 'config-changed') == price(side.role, 'update-status', 3, 6)
    assert calls(unit, 'config-changed') == {}


def test_an_application_that_no_hook_has_named_is_asked_for(deploy, side):
    unit = deploy(2, 1)
    unit.model.unit(LOCAL).disk.pop('store')
    assert calls(unit, 'update-status') == (
        price(side.role, 'update-status', 2, 1) + Counter({'relation-list': 1}))
    assert calls(unit, 'update-status') == price(side.role, 'update-status', 2, 1)


@pytest.mark.parametrize('side', [side for side in SIDES if side.role == 'provides'],
                         ids=lambda side: side.interface, indirect=True)
def test_other_details_are_written_and_confirmed_once(deploy, side, tmp_path):
    unit = deploy(3, 6)
    other = side._replace(use=side.use.replace('1)', '2)'))
    unit.model.upgrade('local', TimedCharm(tmp_path / 'other', other, 'this'))
    unit.model.settle()
    assert unit.costs['upgrade-charm'].calls == price(
        side.role, 'upgrade-charm', 3, 6, to_tell=3)
    assert unit.costs['config-changed'].calls == price(
        side.role, 'config-changed', 3, 6, to_confirm=3)
    assert calls(unit, 'config-changed') == {}
    assert calls(unit, 'update-status') == price(side.role, 'update-status', 3, 6)


@pytest.fixture
def asking(tmp_path):
    """A client of two servers of the later protocol of ZooKeeper, which it asks."""
    side = SIDES[0]._replace(flag='connected', use="request('/kafka')", settings={})
    unit = MeasuredUnit(TimedCharm(tmp_path, side, 'this'), side, 2, 2)
    unit.model.dispatch(LOCAL, 'config-changed')    # it sees that it has asked
    return unit


def grant(unit, relation):
    """Have a server grant what it was asked for; its two secrets."""
    server = relation.other('local')
    secrets = [unit.model.add_secret(server, **content) for content in (
        {'username': 'me', 'password': 's3cret'}, {'tls': 'disabled'})]
    for secret in secrets:
        unit.model.grant_secret(secret, 'local', relation)
    unit.model.set_app_data(relation, server, endpoints='10.0.0.1:2181',
                            database='/kafka', **{'secret-user': secrets[0].uri,
                                                  'secret-tls': secrets[1].uri})
    unit.model.settle()
    return secrets


def test_an_application_that_grants_costs_its_secrets(asking):
    for relation in asking.relations:
        grant(asking, relation)
        assert asking.costs['changed'].calls == price('requires', 'changed', 2, 2,
                                                      secrets=2)
    for hook in ('update-status', 'upgrade-charm', 'secret-changed', 'config-changed'):
        assert calls(asking, hook) == price('requires', hook, 2, 2, granting=2,
                                            secrets=4)


def test_each_relation_is_asked_once(asking):
    for hook in ('update-status', 'secret-changed', 'config-changed'):
        assert calls(asking, hook) == price('requires', hook, 2, 2, granting=2)
    relation = asking.relate('another')
    asking.model.enter(relation, 'another/0', {})
    asking.model.settle()
    assert asking.costs['joined'].calls == price('requires', 'joined', 3, 3, to_ask=1)
    assert asking.costs['changed'].calls == price('requires', 'changed', 3, 3, to_ask=1
                                                  ) + Counter({'relation-set': 1})
    assert calls(asking, 'config-changed') == price('requires', 'config-changed', 3, 3,
                                                    to_ask=1)
    assert calls(asking, 'config-changed') == {}
