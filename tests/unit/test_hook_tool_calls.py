"""The exact hook-tool calls of each hook, in order.

Calls of juju-log do not count. tests/bench/test_call_counts.py tests how the number of
calls grows with the numbers of relations and units.
"""
import pytest

from .app_data_helpers import GRANT, add_secrets
from .harness import (FLUME_REQUIRES, FULL_READ_HOOKS, ZOOKEEPER_PROVIDES,
                      ZOOKEEPER_REQUIRES, deploy_and_send)

JSON = '--format=json'
RELATION_IDS = ['relation-ids', JSON, 'zk']
GOAL_STATE = ['goal-state', JSON]
IS_LEADER = ['is-leader', JSON]


def relation_list(relation_id, *options):
    return ['relation-list', JSON, '-r', relation_id, *options]


def relation_get(relation_id, source, *options):
    return ['relation-get', JSON, '-r', relation_id, *options, '-', source]


def own_data(relation_id):
    return relation_get(relation_id, 'local/0')


def secret_get(uri):
    return ['secret-get', JSON, '--refresh', uri]


def relation_set(relation_id, *arguments):
    return ['relation-set', '-r', relation_id, *arguments]


def calls(juju):
    """The command lines of this hook's hook-tool calls."""
    return [[name, *words] for name, words in juju.context.calls if name != 'juju-log']


def relate(juju, side, relations=2):
    """Relate two units of app1 in zk:1 and of app2 in zk:2, and confirm all writes."""
    deploy_and_send(juju, side)
    for relation in range(1, relations + 1):
        for unit in range(2):
            juju.skip_joined('zk:{}'.format(relation),
                             'app{}/{}'.format(relation, unit), side.remote_data(unit))
    juju.update_status()
    juju.hook('config-changed')
    juju.hook('config-changed')


@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_unit_hook_reads_its_unit(juju, requires, kind):
    relate(juju, requires)
    juju.relation_hook(kind, 'zk:1', 'app1/0')
    assert calls(juju) == [relation_list('zk:1'), relation_get('zk:1', 'app1/0')]


def test_application_changed_hook_of_client_of_zookeeper_reads_the_application(juju):
    relate(juju, ZOOKEEPER_REQUIRES)
    juju.relation_hook('changed', 'zk:1')
    assert calls(juju) == [relation_list('zk:1'), relation_get('zk:1', 'app1', '--app')]


def test_application_changed_hook_of_flume_agent_only_lists_the_units(juju):
    relate(juju, FLUME_REQUIRES)
    juju.relation_hook('changed', 'zk:1')
    assert calls(juju) == [relation_list('zk:1')]


def test_created_and_departed_hooks_list_the_units(juju, requires):
    relate(juju, requires)
    juju.relation_hook('created', 'zk:1')
    assert calls(juju) == [relation_list('zk:1')]
    juju.departed('zk:1', 'app1/0')
    assert calls(juju) == [relation_list('zk:1')]


@pytest.mark.parametrize('kind, unit', [
    ('created', ''), ('joined', 'app1/0'), ('changed', 'app1/0'), ('changed', ''),
    ('departed', 'app1/0')])
def test_relation_hook_of_provider_reads_own_data(juju, provides, kind, unit):
    relate(juju, provides)
    juju.relation_hook(kind, 'zk:1', unit)
    assert calls(juju) == [relation_list('zk:1'), own_data('zk:1')]


def test_created_hook_of_provider_writes_its_details(juju):
    deploy_and_send(juju, ZOOKEEPER_PROVIDES)
    juju.created('zk:9', 'new')
    assert calls(juju) == [
        RELATION_IDS, relation_list('zk:9'), own_data('zk:9'),
        relation_set('zk:9', 'host=zk.example', 'port=2181', 'rest_port=9998')]
    juju.joined('zk:9', 'new/0')
    assert calls(juju) == [relation_list('zk:9'), own_data('zk:9')]


def test_broken_hook_makes_no_calls(juju, side):
    relate(juju, side)
    juju.broken('zk:1')
    assert calls(juju) == []


def test_hook_reads_its_own_relation_of_an_application_related_twice(juju, requires):
    relate(juju, requires, relations=1)
    juju.join('zk:2', 'app1/0', requires.remote_data(5))
    juju.replace_data('zk:2', 'app1/0', requires.remote_data(6))
    juju.changed('zk:1', 'app1/0')
    assert calls(juju) == [relation_list('zk:1'), relation_get('zk:1', 'app1/0')]
    assert requires.hosts(juju.endpoint()) == ['10.0.0.5']


def test_hook_makes_no_calls_for_another_force_removed_relation(juju, side):
    relate(juju, side)
    juju.force_remove('zk:2')
    juju.update_status()
    juju.departed('zk:1', 'app1/0')
    assert {call[3] for call in calls(juju)} == {'zk:1'}


def test_hook_of_another_endpoint_makes_no_calls(juju, side):
    relate(juju, side)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    juju.joined('web:9', 'remote/0')
    assert calls(juju) == []


def test_hook_reads_only_its_own_endpoint(juju, requires):
    juju.deploy(requires, 'one', 'two')
    juju.join('one:1', 'remote/0', requires.remote_data(0))
    juju.join('two:2', 'remote/1', requires.remote_data(1))
    assert calls(juju) == [relation_list('two:2'), relation_get('two:2', 'remote/1')]


@pytest.mark.parametrize('hook', ['config-changed', 'start', 'stop', 'leader-elected',
                                  'update'])
def test_hook_without_a_relation_makes_no_calls(juju, side, hook):
    relate(juju, side)
    juju.hook(hook)
    assert calls(juju) == []


@pytest.mark.parametrize('relation_ids', [[], ['zk:1'], ['zk:1', 'zk:2']], ids=len)
@pytest.mark.parametrize('hook', FULL_READ_HOOKS)
def test_full_read_reads_own_data_and_in_a_client_all_unit_data(juju, side, hook,
                                                                relation_ids):
    relate(juju, side, len(relation_ids))
    juju.hook(hook)
    units = [relation_get(relation_id, 'app{}/{}'.format(relation_id[-1], number))
             for relation_id in relation_ids for number in range(2)
             if side.role == 'requires']
    goal_state = [GOAL_STATE] if relation_ids else []
    assert calls(juju) == [RELATION_IDS, *map(relation_list, relation_ids), *goal_state,
                           *map(own_data, relation_ids), *units]


def test_first_hook_reads_everything_with_units_in_text_order(juju, requires):
    """Juju runs the hooks of units in this order, too."""
    juju.declare(requires)
    for number in (2, 10, 1):
        juju.skip_joined('zk:1', 'remote/{}'.format(number),
                         requires.remote_data(number))
    juju.hook('config-changed')
    assert calls(juju) == [
        RELATION_IDS, relation_list('zk:1'), own_data('zk:1'),
        *(relation_get('zk:1', unit) for unit in ('remote/1', 'remote/10', 'remote/2'))]
    juju.hook('start')
    assert calls(juju) == []


def test_full_read_reads_own_data_once_for_an_application_related_twice(juju, side):
    relate(juju, side, relations=1)
    juju.skip_joined('zk:2', 'app1/0', side.remote_data(0))
    for _ in range(2):
        juju.update_status()
        assert sum('local/0' in call for call in calls(juju)) == 1


def test_full_read_finds_the_application_of_a_relation_without_units(juju, side):
    juju.deploy(side)
    juju.skip_created('zk:1')
    juju.update_status()
    assert calls(juju) == [RELATION_IDS, relation_list('zk:1'),
                           relation_list('zk:1', '--app'), GOAL_STATE,
                           own_data('zk:1')]
    juju.update_status()
    assert calls(juju) == [RELATION_IDS, relation_list('zk:1'), GOAL_STATE,
                           own_data('zk:1')]


def test_full_read_does_not_look_up_an_application_that_a_hook_named(juju, side):
    deploy_and_send(juju, side)
    juju.created('zk:1')
    juju.update_status()
    assert calls(juju) == [RELATION_IDS, relation_list('zk:1'), GOAL_STATE,
                           own_data('zk:1')]


def test_lists_and_dismissals_make_no_calls(juju, requires):
    relate(juju, requires)
    endpoint = juju.endpoint()
    assert len(requires.hosts(endpoint)) == 4
    endpoint.dismiss_joining()
    endpoint.dismiss_departing()
    assert calls(juju) == []


def test_sending_the_same_details_again_makes_no_calls(juju, provides):
    relate(juju, provides)
    provides.send(juju.endpoint())
    provides.send(juju.endpoint())
    assert calls(juju) == []


def test_sending_new_details_writes_them_once_in_each_relation(juju):
    relate(juju, ZOOKEEPER_PROVIDES)
    ZOOKEEPER_PROVIDES.send(juju.endpoint(), 1)
    assert calls(juju) == [relation_set(relation_id, 'host=', 'port=2182', 'rest_port=')
                           for relation_id in ('zk:1', 'zk:2')]
    juju.hook('config-changed')
    assert calls(juju) == [own_data('zk:1'), own_data('zk:2')]
    juju.hook('config-changed')
    assert calls(juju) == []


def test_relation_hook_confirms_new_details_in_its_relation(juju, provides):
    relate(juju, provides)
    provides.send(juju.endpoint(), 1)
    juju.relation_hook('changed', 'zk:1', 'app1/0')
    assert calls(juju) == [relation_list('zk:1'), own_data('zk:1')]
    juju.hook('config-changed')
    assert calls(juju) == [own_data('zk:2')]


REQUEST = ['database=/kafka', 'extra-user-roles=cdrwa',
           'requested-secrets=["username", "password", "tls-ca", "uris"]']


@pytest.fixture
def reads_of_grant(client):
    """The server grants the request, with secrets: the calls that read the grant."""
    granted, _ = add_secrets(client)
    client.application_changed('zk:1', granted)
    return [relation_get('zk:1', 'server', '--app'), secret_get(granted['secret-tls']),
            secret_get(granted['secret-user'])]


def relate_unit_data_server(juju):
    juju.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.remote_data(7))
    juju.join('zk:2', 'zk/1', ZOOKEEPER_REQUIRES.remote_data(8))


def test_application_changed_hook_reads_grant_and_secrets(client, reads_of_grant):
    client.application_changed('zk:1')
    assert calls(client) == [relation_list('zk:1'), *reads_of_grant]


def test_application_changed_hook_of_force_removed_relation_reads_nothing(client):
    client.force_remove('zk:1')
    client.update_status()
    client.relation_hook('changed', 'zk:1')
    assert calls(client) == []


@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_unit_hook_does_not_read_the_grant(client, reads_of_grant, kind):
    client.relation_hook(kind, 'zk:1', 'server/0')
    assert calls(client) == [relation_list('zk:1'), relation_get('zk:1', 'server/0')]


def test_full_read_reads_the_grant(client, reads_of_grant):
    relate_unit_data_server(client)
    client.update_status()
    assert calls(client) == [
        RELATION_IDS, relation_list('zk:1'), relation_list('zk:2'), GOAL_STATE,
        own_data('zk:1'), own_data('zk:2'), relation_get('zk:1', 'server/0'),
        relation_get('zk:2', 'zk/0'), relation_get('zk:2', 'zk/1'), *reads_of_grant]


def test_secret_changed_hook_reads_the_grant(client, reads_of_grant):
    relate_unit_data_server(client)
    client.hook('secret-changed')
    assert calls(client) == reads_of_grant


def test_secret_changed_hook_reads_no_unit_data_servers(unrelated_client):
    relate_unit_data_server(unrelated_client)
    unrelated_client.hook('secret-changed')
    assert calls(unrelated_client) == []


def test_methods_make_no_calls_after_the_grant(client, reads_of_grant):
    client.hook('config-changed')
    endpoint = client.endpoint()
    endpoint.connection_string()
    endpoint.zookeepers()
    endpoint.dismiss_joining()
    endpoint.request('/kafka')
    assert calls(client) == []


def test_leader_writes_and_confirms_its_request_once(client):
    client.hook('config-changed')
    client.joined('zk:2', 'another/0')
    assert calls(client) == [relation_list('zk:2'), relation_get('zk:2', 'another/0')]
    client.changed('zk:2', 'another/0')
    own_app_data = relation_get('zk:2', 'local', '--app')
    assert calls(client) == [relation_list('zk:2'), relation_get('zk:2', 'another/0'),
                             IS_LEADER, own_app_data,
                             relation_set('zk:2', '--app', *REQUEST)]
    client.hook('config-changed')
    assert calls(client) == [IS_LEADER, own_app_data]
    client.hook('config-changed')
    assert calls(client) == []


@pytest.mark.parametrize('hook', ['created', 'departed', 'secret-changed',
                                  'update-status'])
def test_leader_confirms_its_request_in_hooks_other_than_changed(juju, hook):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    juju.join('zk:1', 'server/1')
    juju.endpoint().request('/kafka')
    if hook == 'created':
        juju.relation_hook('created', 'zk:1')
    elif hook == 'departed':
        juju.departed('zk:1', 'server/1')
    else:
        juju.hook(hook)
    assert calls(juju)[-2:] == [IS_LEADER, relation_get('zk:1', 'local', '--app')]


def test_non_leader_calls_is_leader_until_the_grant(client):
    client.hook('config-changed')
    client.lead(False)
    client.join('zk:2', 'another/0')
    for _ in range(2):
        client.hook('config-changed')
        assert calls(client) == [IS_LEADER]
    client.application_changed('zk:2', GRANT)
    client.hook('config-changed')
    assert calls(client) == []
