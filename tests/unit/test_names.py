"""What the names of units and relations say."""
import pytest

from .harness import layer

names = layer('zookeeper', 'names')


@pytest.mark.parametrize('first, second', [
    ('zk/2', 'zk/10'), ('zk/9', 'zk/10'), ('zk/0', 'zk/1'), ('a/5', 'b/1'),
    ('zk-2/0', 'zk-10/0'), ('', 'zk/0'), ('zk2a10/0', 'zk10a2/0')])
def test_names_have_a_natural_order(first, second):
    assert names.natural_order(first) < names.natural_order(second)


@pytest.mark.parametrize('unit, application', [
    ('zk/0', 'zk'), ('my-zk-2/10', 'my-zk-2'), ('remote-0f3a/1', 'remote-0f3a')])
def test_a_unit_is_of_an_application(unit, application):
    assert names.application_of(unit) == application


def test_units_have_their_place_by_application_first():
    """By the whole name `zk-2/0` came before `zk/10`: a dash sorts before a slash."""
    units = ['b/11', 'zk/1', 'zk/2', 'zk/10', 'zk-2/0', 'zk-2/3', 'zk-10/0']
    assert sorted(reversed(units), key=names.unit_order) == units


@pytest.mark.parametrize('rid, number', [
    ('zk:0', 0), ('zk:9', 9), ('zk:10', 10), ('a-2_b:34', 34)])
def test_relations_are_numbered(rid, number):
    assert names.relation_number(rid) == number
