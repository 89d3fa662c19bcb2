"""The layers make exactly the hook-tool calls in their own tables of reads.

The page about the cost of hooks agrees with these tables.
"""
from collections import Counter

import pytest
from juju_standin import Hook, hookrun

from . import report
from .expected_calls import expected_calls
from .unit import LOCAL, SIDES, MeasuredUnit, TimedCharm

HOOKS = {'created', 'joined', 'changed', 'departed', 'broken', 'update-status',
         'upgrade-charm', 'config-changed'}


@pytest.fixture(params=SIDES, ids=lambda side: ' '.join(side[:2]))
def side(request):
    return request.param


@pytest.fixture
def deploy(tmp_path, side):
    """Deploys a unit with relations to remote units."""
    def deploy(relations, units, layer='this'):
        charm = TimedCharm(tmp_path / layer, side, layer)
        return MeasuredUnit(charm, side, relations, units)
    return deploy


def calls(unit, hook):
    hookrun.execute(unit.model, unit.model.unit(LOCAL), Hook(hook, hook))
    return unit.costs[hook].calls


@pytest.mark.parametrize('relations, units', [(1, 1), (3, 7)])
def test_hooks_make_the_expected_calls(deploy, side, relations, units):
    costs = deploy(relations, units).run_hooks()
    to_write = {('provides', 'created'): 1}     # a new relation contains no data
    assert {hook: cost.calls for hook, cost in costs.items()} == {
        hook: expected_calls(side.role, hook, relations, units,
                             to_write.get((side.role, hook), 0))
        for hook in HOOKS}


def test_naive_layer_makes_more_calls_in_every_hook(deploy, side):
    costs = deploy(1, 5, 'naive').run_hooks()
    assert costs.keys() == HOOKS
    for hook, cost in costs.items():
        assert cost.calls.total() > expected_calls(side.role, hook, 1, 5).total()


def test_charm_without_a_layer_makes_no_calls(deploy, side):
    costs = deploy(1, 5, 'none').run_hooks()
    assert costs.keys() == HOOKS
    assert not any(cost.calls for cost in costs.values())


def test_first_hook_without_a_record_reads_everything(deploy, side):
    unit = deploy(3, 6)
    unit.model.unit(LOCAL).disk.pop('store')
    assert calls(unit, 'config-changed') == expected_calls(
        side.role, 'update-status', 3, 6) - Counter({'goal-state': 1})
    assert calls(unit, 'config-changed') == {}


def test_application_of_a_relation_without_units_is_queried_once(deploy, side):
    unit = deploy(2, 1)
    unit.model.unit(LOCAL).disk.pop('store')
    expected = expected_calls(side.role, 'update-status', 2, 1)
    assert calls(unit, 'update-status') == expected + Counter({'relation-list': 1})
    assert calls(unit, 'update-status') == expected


@pytest.mark.parametrize('side', [side for side in SIDES if side.role == 'provides'],
                         ids=lambda side: side.interface, indirect=True)
def test_changed_details_are_written_and_confirmed_once(deploy, side, tmp_path):
    unit = deploy(3, 6)
    changed = side._replace(use=side.use.replace('1)', '2)'))
    unit.model.upgrade('local', TimedCharm(tmp_path / 'changed', changed, 'this'))
    unit.model.settle()
    assert unit.costs['upgrade-charm'].calls == expected_calls(
        side.role, 'upgrade-charm', 3, 6, to_write=3)
    assert unit.costs['config-changed'].calls == expected_calls(
        side.role, 'config-changed', 3, 6, to_confirm=3)
    assert calls(unit, 'config-changed') == {}
    assert calls(unit, 'update-status') == expected_calls(
        side.role, 'update-status', 3, 6)


@pytest.fixture
def requesting(tmp_path):
    """A client with a request to two ZooKeeper servers that need one."""
    side = SIDES[0]._replace(flag='connected', use="request('/kafka')", data={})
    unit = MeasuredUnit(TimedCharm(tmp_path, side, 'this'), side, 2, 2)
    # confirms that the relations contain the request
    unit.model.dispatch(LOCAL, 'config-changed')
    return unit


def grant(unit, relation):
    """Grant the request in a relation, with two secrets."""
    server = relation.remote_app('local')
    secrets = [unit.model.add_secret(server, **content) for content in (
        {'username': 'me', 'password': 's3cret'}, {'tls': 'disabled'})]
    for secret in secrets:
        unit.model.grant_secret(secret, 'local', relation)
    unit.model.set_app_data(relation, server, endpoints='10.0.0.1:2181',
                            database='/kafka', **{'secret-user': secrets[0].uri,
                                                  'secret-tls': secrets[1].uri})
    unit.model.settle()


def test_granted_secrets_are_read_in_changed_and_full_reads(requesting):
    for relation in requesting.relations:
        grant(requesting, relation)
        assert requesting.costs['changed'].calls == expected_calls(
            'requires', 'changed', 2, 2, granting=1, secrets=2, new_secrets=2)
    for hook in ('update-status', 'upgrade-charm', 'secret-changed', 'config-changed'):
        assert calls(requesting, hook) == expected_calls(
            'requires', hook, 2, 2, granting=2, secrets=4)


def test_request_is_sent_once_in_each_relation(requesting):
    for hook, to_request in [('update-status', 2), ('secret-changed', 0),
                             ('config-changed', 0)]:
        assert calls(requesting, hook) == expected_calls(
            'requires', hook, 2, 2, granting=2, to_request=to_request)
    relation = requesting.relate('another')
    requesting.model.enter(relation, 'another/0', {})
    requesting.model.settle()

    def expected(hook):
        return expected_calls('requires', hook, 3, 3, to_request=1)

    assert requesting.costs['joined'].calls == expected('joined')
    assert requesting.costs['changed'].calls == (
        expected('changed') + Counter({'relation-set': 1}))
    assert calls(requesting, 'config-changed') == expected('config-changed')
    assert calls(requesting, 'config-changed') == {}


def test_page_contains_the_generated_section():
    text, figures = report.read_section()
    assert text == report.section(figures)


def test_figures_on_the_page_have_the_expected_calls():
    _, figures = report.read_section()
    assert list(report.wrong_counts(figures)) == []
    naive = {(role, hook, {'this': 'naive', 'naive': 'this'}[layer]): row
             for (role, hook, layer), row in figures.items()}
    assert list(report.wrong_counts(naive)) != []
