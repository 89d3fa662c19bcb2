"""How many hook tools the layers run in one hook: as juju.LOOKS says, and no other.

juju-log and what a charm runs itself are not counted.
"""
import pytest

from .harness import Provides
from .harness import ready


def related(juju, side, relations=1, units=1):
    """A quiet model: everyone was heard, and what was sent is confirmed."""
    ready(juju, side)
    for number in range(1, relations + 1):
        for unit in range(units):
            juju.skip_joined('zk:{}'.format(number), 'remote{}/{}'.format(number, unit),
                             side.settings(unit))
    juju.update_status()
    juju.hook('config-changed')
    juju.hook('config-changed')
    juju.writes.clear()


def own(side, calls):
    """Calls of a provider's, to read its own settings."""
    return calls if isinstance(side, Provides) else []


LIST = ['relation-list', '--format=json', '-r', 'zk:1']
OWN = ['relation-get', '--format=json', '-r', 'zk:1', '-', 'local/0']
OF_UNIT = ['relation-get', '--format=json', '-r', 'zk:1', '-', 'remote1/0']
OF_APPLICATION = [
    'relation-get', '--format=json', '-r', 'zk:1', '--app', '-', 'remote1']


def calls(juju):
    return [[name, *words] for name, words in juju.context.calls if name != 'juju-log']


sizes = pytest.mark.parametrize('relations, units', [(1, 1), (1, 20), (4, 2)])


@sizes
@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_a_units_hook_lists_its_relation_and_reads_one(juju, side, relations, units,
                                                       kind):
    related(juju, side, relations, units)
    juju.relation_hook(kind, 'zk:1', 'remote1/0')
    assert calls(juju) == [LIST, OWN if isinstance(side, Provides) else OF_UNIT]
    assert juju.writes == []


@sizes
def test_a_departed_lists_its_relation(juju, side, relations, units):
    related(juju, side, relations, units)
    juju.departed('zk:1', 'remote1/0')
    assert calls(juju) == [LIST] + own(side, [OWN])


@sizes
def test_a_created_lists_its_relation(juju, side, relations, units):
    related(juju, side, relations, units)
    juju.relation_hook('created', 'zk:1')
    assert calls(juju) == [LIST] + own(side, [OWN])


@sizes
def test_an_applications_changed_lists_its_relation_and_reads_it(juju, side, relations,
                                                                 units):
    related(juju, side, relations, units)
    juju.relation_hook('changed', 'zk:1')
    assert calls(juju) == [LIST, OWN if isinstance(side, Provides) else OF_APPLICATION]


def test_a_new_relation_costs_as_much_and_a_publication(juju, side):
    related(juju, side)
    juju.created('zk:9', 'new')
    assert juju.calls == {'relation-list': 1, **(
        {'relation-get': 1, 'relation-set': 1} if own(side, [OWN]) else {})}
    juju.joined('zk:9', 'new/0')
    assert juju.calls == {'relation-list': 1, 'relation-get': 1}


@sizes
def test_a_broken_is_free(juju, side, relations, units):
    related(juju, side, relations, units)
    juju.broken('zk:1')
    assert calls(juju) == []


@sizes
def test_any_other_hook_is_free(juju, side, relations, units):
    related(juju, side, relations, units)
    for hook in ('config-changed', 'start', 'stop', 'leader-elected', 'update'):
        juju.hook(hook)
        assert calls(juju) == []


@sizes
def test_a_hook_of_another_endpoint_is_free(juju, side, relations, units):
    related(juju, side, relations, units)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    juju.joined('web:9', 'remote/0')
    assert calls(juju) == []


@pytest.mark.parametrize('relations, units', [(0, 0), (1, 1), (1, 20), (4, 2)])
@pytest.mark.parametrize('hook', ['update-status', 'upgrade-charm'])
def test_a_look_at_everything_reads_each_relation_and_server(juju, side, hook,
                                                             relations, units):
    related(juju, side, relations, units)
    juju.hook(hook)
    assert juju.calls['relation-ids'] == 1
    assert juju.calls['relation-list'] == relations
    servers = 0 if isinstance(side, Provides) else relations * units
    assert juju.calls['relation-get'] == relations + servers
    assert sum(juju.calls.values()) == 1 + 2 * relations + servers
    assert juju.writes == []


def test_servers_are_read_in_the_order_of_their_names(juju, requires):
    """As text, which is the order in which Juju tells of them."""
    juju.declare(requires)
    for number in (2, 10, 1):
        juju.skip_joined('zk:1', 'remote/{}'.format(number), requires.settings(number))
    juju.hook('install')
    assert [call[-1] for call in calls(juju) if call[0] == 'relation-get'] == [
        'local/0', 'remote/1', 'remote/10', 'remote/2']


def test_of_an_application_related_twice_the_own_settings_are_read_once(juju, side):
    related(juju, side)
    juju.skip_joined('zk:2', 'remote1/0', side.settings(0))
    for _ in range(2):
        juju.update_status()
        assert sum('local/0' in call for call in calls(juju)) == 1


def test_of_a_relation_without_units_the_application_is_asked_once(juju, side):
    ready(juju, side)
    juju.end()
    juju.skip_created('zk:1')
    juju.update_status()
    assert juju.calls['relation-list'] == 2
    assert LIST + ['--app'] in calls(juju)
    juju.update_status()
    assert juju.calls['relation-list'] == 1


def test_of_a_relation_whose_created_named_it_the_application_is_not_asked(juju, side):
    ready(juju, side)
    juju.created('zk:1')
    assert juju.calls['relation-list'] == 1
    juju.update_status()
    assert juju.calls['relation-list'] == 1


@sizes
def test_methods_are_free(juju, requires, relations, units):
    related(juju, requires, relations, units)
    endpoint = juju.endpoint()
    assert len(requires.hosts(endpoint)) == relations * units
    endpoint.dismiss_joining()
    endpoint.dismiss_departing()
    assert calls(juju) == []


@sizes
def test_sending_the_same_in_every_hook_is_free(juju, provides, relations, units):
    related(juju, provides, relations, units)
    provides.send(juju.endpoint())
    provides.send(juju.endpoint())
    assert calls(juju) == []


@sizes
def test_sending_other_details_costs_one_per_relation(juju, provides, relations, units):
    related(juju, provides, relations, units)
    provides.send(juju.endpoint(), 1)
    assert juju.calls == {'relation-set': relations}


@sizes
def test_what_was_published_is_confirmed_once(juju, provides, relations, units):
    related(juju, provides, relations, units)
    provides.send(juju.endpoint(), 1)
    juju.hook('config-changed')
    assert juju.calls == {'relation-get': relations}
    juju.hook('config-changed')
    assert juju.calls == {}


@sizes
def test_a_relations_hook_confirms_its_own(juju, provides, relations, units):
    related(juju, provides, relations, units)
    provides.send(juju.endpoint(), 1)
    juju.relation_hook('changed', 'zk:1', 'remote1/0')
    assert calls(juju) == [LIST, OWN]
    juju.hook('config-changed')
    assert juju.calls['relation-get'] == relations - 1


def test_the_first_hook_looks_at_everything(juju, requires):
    juju.declare(requires)
    for number in range(7):
        juju.skip_joined('zk:1', 'remote/{}'.format(number), requires.settings(number))
    juju.changed('zk:1', 'remote/3')
    assert juju.calls == {'relation-ids': 1, 'relation-list': 1, 'relation-get': 8}


def test_a_fresh_charm_asks_once(juju, side):
    juju.declare(side)
    juju.hook('install')
    assert juju.calls == {'relation-ids': 1}
    juju.hook('start')
    assert juju.calls == {}


def test_endpoints_pay_for_themselves(juju, requires):
    juju.deploy(requires, 'one', 'two')
    juju.join('one:1', 'remote/0', requires.settings(0))
    juju.join('two:2', 'remote/1', requires.settings(1))
    assert juju.calls == {'relation-list': 1, 'relation-get': 1}
    juju.update_status()
    assert juju.calls == {'relation-ids': 2, 'relation-list': 2, 'relation-get': 4}


def test_a_model_that_is_quiet_is_quiet_in_every_hook(juju, provides):
    related(juju, provides, 3, 3)
    for hook in ('update-status', 'config-changed', 'upgrade-charm', 'start'):
        juju.hook(hook)
        provides.send(juju.endpoint())
    juju.changed('zk:2', 'remote2/1')
    provides.send(juju.endpoint())
    assert juju.writes == []


def test_a_unit_in_two_relations_is_heard_in_the_hooks_own(juju, requires):
    related(juju, requires)
    juju.join('zk:2', 'remote1/0', requires.settings(5))
    juju.end()
    juju.write_data('zk:2', 'remote1/0', requires.settings(6))
    juju.changed('zk:1', 'remote1/0')
    assert juju.calls['relation-get'] == 1
    assert requires.hosts(juju.endpoint()) == ['10.0.0.5']


def test_a_ghost_costs_nothing_in_hooks_of_another_relation(juju, side):
    related(juju, side, relations=2)
    juju.force_remove('zk:2')
    juju.update_status()
    juju.departed('zk:1', 'remote1/0')
    assert calls(juju) == [LIST] + own(side, [OWN])
