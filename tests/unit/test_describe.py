"""What a charm and an operator learn about an endpoint."""
import json
import runpy

import pytest
from charmhelpers.core import unitdata

from .app_data_helpers import GRANT, add_secrets
from .harness import (FLUME_REQUIRES, FORCE_REMOVED, JOINING, ONE_UNIT, RECORD_KEY,
                      TWO_RELATIONS, TWO_UNITS, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES,
                      deploy_settled, layer)

SCRIPT = layer('zookeeper', 'common.describe').__file__


def source(juju, name):
    return juju.endpoint().describe()['relations']['zk:1']['sources'][name]


def test_endpoint_without_a_record_is_empty_and_calls_no_hook_tool(juju, side):
    juju.declare(side)
    juju.action()
    assert juju.endpoint().describe() == {}
    assert not juju.calls


def test_description_calls_no_hook_tool(juju, side):
    deploy_settled(juju, side, *TWO_RELATIONS)
    juju.hook('config-changed')
    juju.hook('config-changed')
    description = juju.endpoint().describe()
    assert set(description['relations']) == {'zk:1', 'zk:2'}
    assert not juju.calls
    assert json.loads(json.dumps(description)) == description


def test_usable_source_has_its_details(juju):
    deploy_settled(juju, ZOOKEEPER_REQUIRES, *ONE_UNIT)
    assert source(juju, 'remote/0') == {'host': '10.0.0.0', 'port': '2181'}


@pytest.mark.parametrize('data, reason', [
    ({}, 'has published nothing'),
    ({'port': 'x'}, "remote/0 is not usable: port is 'x', not an integer from 1 to "
                    '65535; protocol is missing')])
def test_unusable_source_has_a_reason(juju, data, reason):
    juju.deploy(FLUME_REQUIRES)
    juju.join('zk:1', 'remote/0', dict(FLUME_REQUIRES.remote_data(0), protocol='', **(
        data or {'port': ''})))
    assert source(juju, 'remote/0') == reason


def test_unread_source_has_a_reason_and_the_relation_a_problem(juju, requires):
    juju.deploy(requires)
    juju.fail_tools('relation-get*', 'ERROR refused')
    juju.join('zk:1', 'remote/0')
    assert source(juju, 'remote/0') == 'has not been read'
    relation = juju.endpoint().describe()['relations']['zk:1']
    assert relation['problems'] == [
        'relation-get of remote/0 in zk:1 failed (ERROR refused); keeping the last '
        'known data']


def test_notices_and_details_are_described(juju):
    deploy_settled(juju, ZOOKEEPER_PROVIDES, *ONE_UNIT)
    juju.joined('zk:1', 'remote/1')
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() > JOINING
    description = juju.endpoint().describe()
    assert description['joining'] == ['remote/1']
    assert description['departing'] is True
    assert description['details'] == ZOOKEEPER_PROVIDES.details()
    assert description['relations']['zk:1']['write_state'] == 'confirmed'


@pytest.mark.parametrize('data, reason', [
    ({'database': '/kafka'}, 'has not granted access'),
    (dict(GRANT, username=''), 'server is not usable: username is missing')])
def test_application_without_a_usable_grant_has_a_reason(client, data, reason):
    client.application_changed('zk:1', data)
    assert source(client, 'server') == reason
    assert source(client, 'server/0') == 'see server'


@pytest.mark.parametrize('tool', ['secret-get*', 'relation-get*--app*'])
def test_application_whose_grant_cannot_be_read_has_a_reason(client, tool):
    client.application_changed('zk:1', {'database': '/kafka'})
    client.fail_tools(tool, 'ERROR refused')
    client.application_changed('zk:1', add_secrets(client)[0])
    assert source(client, 'server') == 'is not used, see the problems'


def test_grant_that_is_not_used_has_a_reason(client):
    client.application_changed('zk:1', GRANT)
    client.changed('zk:1', 'server/0', ZOOKEEPER_REQUIRES.remote_data(0))
    assert source(client, 'server') == 'is not used, because its units are usable'
    client.endpoint().request(None)
    client.changed('zk:1', 'server/0', {})
    assert source(client, 'server') == (
        'is not used, because the charm requests no access')
    client.departed('zk:1', 'server/0')
    assert source(client, 'server') == 'has no units in the relation'


def test_units_that_juju_is_wrong_about_have_reasons(juju, side):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.update_status()
    juju.force_remove_unit('zk:1', 'remote/0')
    juju.enter_unnoticed('zk:1', 'remote/2')
    juju.update_status()
    assert source(juju, 'remote/0') == 'has left, although relation-list lists it'
    assert source(juju, 'remote/2') == 'is not listed by relation-list'
    juju.update_status()
    assert source(juju, 'remote/2') != 'is not listed by relation-list'


def test_dismissed_notices_are_described_as_empty(juju, side):
    deploy_settled(juju, side, *TWO_UNITS)
    juju.departed('zk:1', 'remote/1')
    for dismissed in False, True:
        description = juju.endpoint().describe()
        assert description['departing'] is (not dismissed)
        assert description['joining'] == []
        juju.endpoint().dismiss_departing()


def test_sent_request_is_described_if_it_differs(client):
    client.endpoint().request('/another')
    description = client.endpoint().describe()
    relation = description['relations']['zk:1']
    assert description['request']['database'] == '/another'
    assert relation['request']['database'] == '/kafka'
    assert 'already has a request for /kafka' in relation.pop('problems')[0]
    client.endpoint().request('/kafka')
    assert client.endpoint().describe()['relations']['zk:1'] == dict(
        relation, problems=[])


@pytest.mark.parametrize('end', [
    lambda client: client.endpoint().request('/kafka'),
    lambda client: client.changed('zk:1', 'server/0', {'port': '2181'}),
    lambda client: client.departed('zk:1', 'server/0')],
    ids=['request', 'port', 'no units'])
def test_missing_request_is_no_longer_a_problem(new_client, end):
    new_client.update_status()
    relation = new_client.endpoint().describe()['relations']['zk:1']
    assert 'no unit of server has published a port' in relation['problems'][0]
    end(new_client)
    assert new_client.endpoint().describe()['relations']['zk:1']['problems'] == []


def problems(client):
    description = client.endpoint().describe()
    return description['problems'] + description['relations']['zk:1']['problems']


def end_by_grant(client):
    client.restore_tools()
    client.application_changed('zk:1', GRANT)


def end_by_new_data(client):
    client.application_changed('zk:1', {})


def end_by_port(client):
    client.restore_tools()
    client.changed('zk:1', 'server/0', ZOOKEEPER_REQUIRES.remote_data(0))
    client.update_status()


def end_by_no_request(client):
    client.endpoint().request(None)


@pytest.mark.parametrize('pattern, end', [
    ('relation-set*--app*', end_by_grant), ('is-leader*', end_by_grant),
    ('relation-set*--app*', end_by_port), ('relation-set*--app*', end_by_no_request),
    ('relation-get*--app - local', end_by_grant), ('secret-get*', end_by_new_data),
    ('relation-get*--app - server', end_by_port),
    ('relation-get*--app - server', end_by_no_request),
    ('secret-get*', end_by_no_request)])
def test_problem_of_a_failed_tool_ends_with_its_cause(juju, pattern, end):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.fail_tools(pattern, 'ERROR refused')
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    juju.application_changed('zk:1', add_secrets(juju)[0]
                             if pattern == 'secret-get*' else {})
    assert pattern.split('*')[0] in problems(juju)[0]
    juju.hook('config-changed')
    juju.lead(False)
    end(juju)
    assert pattern.split('*')[0] not in ' '.join(problems(juju))


def test_description_of_force_removed_relation_lists_no_sources(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.force_remove('zk:1')
    juju.update_status()
    relation = juju.endpoint().describe()['relations']['zk:1']
    assert relation['force_removed'] is True
    assert relation['sources'] == {}


def test_request_and_grant_are_described_without_secrets(client):
    data, _ = add_secrets(client)
    client.application_changed('zk:1', data)
    description = client.endpoint().describe()
    assert description['request'] == {'database': '/kafka',
                                      'extra-user-roles': 'cdrwa'}
    assert source(client, 'server') == {
        'path': '/kafka', 'endpoints': [{'host': '10.0.0.1', 'port': '2181'},
                                        {'host': '10.0.0.2', 'port': '2181'}]}
    record = unitdata.kv().get(RECORD_KEY)
    for secret in ('s3cret', record['salt'],
                   record['relations']['zk:1']['sources']['server']['digest']):
        assert secret not in json.dumps(description)


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    """Returns what the script prints about the stored records.

    A function can change the copy of the store that the script reads.
    """
    def printed(change=lambda store: None):
        monkeypatch.chdir(tmp_path)
        store = unitdata.Storage('.unit-state.db')
        for key, value in unitdata.kv().getrange('').items():
            store.set(key, value)
        change(store)
        store.flush()
        store.close()
        runpy.run_path(SCRIPT, run_name='__main__')
        return capsys.readouterr().out
    return printed


def test_script_prints_a_row_for_each_source(client, printed):
    client.application_changed('zk:1', GRANT)
    client.join('zk:2', 'second/0', {'port': 'x', 'host': 'zk'})
    client.fail_tools('relation-get * second/0', 'ERROR refused')
    client.joined('zk:3', 'third/0')
    client.force_remove('zk:3')
    client.created('zk:4', 'fourth')
    client.update_status()
    client.end()
    lines = printed().splitlines()
    assert lines[0].startswith('zk: {"departing": true, "joining": ["server"]')
    assert [line.split(None, 2) for line in lines[1:]] == [
        ['zk:1', 'server', "endpoints=[{'host': '10.0.0.1', 'port': '2181'}, "
                           "{'host': '10.0.0.2', 'port': '2181'}] path=/kafka"],
        ['zk:1', 'server/0', 'see server'],
        ['zk:2', 'second/0', "second/0 is not usable: port is 'x', not an integer from "
                             '1 to 65535'],
        ('relation-get of second/0 in zk:2 failed (ERROR refused); keeping the last '
         'known data').split(None, 2),
        ['zk:3', 'third', 'no units'],
        FORCE_REMOVED.format('zk:3').split(None, 2),
        ['zk:4', 'fourth', 'no units']]
    assert 's3cret' not in ''.join(lines)


@pytest.mark.parametrize('record', ['null', '[]', '{"version": 1}', '{"relations": 1}',
                                    '{', '""', '[' * 100000], ids=range(7))
def test_script_names_a_record_that_it_cannot_read(juju, printed, record):
    unitdata.kv().set(RECORD_KEY, None)
    output = printed(lambda store: store.cursor.execute(
        'update kv set data = ? where key = ?', (record, RECORD_KEY)))
    assert output == 'zk: damaged or of another version\n'


def test_script_without_a_store_says_where_to_run_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="Run this in the charm's directory"):
        runpy.run_path(SCRIPT, run_name='__main__')
    assert list(tmp_path.iterdir()) == []


def test_missing_request_is_a_problem_after_a_unit_has_joined_a_known_application(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.created('zk:1', 'server')
    juju.application_changed('zk:1', GRANT)
    assert juju.warnings == []
    juju.joined('zk:1', 'server/0')
    assert juju.warnings == []
    juju.hook('config-changed')
    assert 'only accepts clients that request access' in juju.warnings[0]
