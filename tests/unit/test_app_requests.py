"""`request()`: what the leader of a client's application writes, and when."""
import pytest
from charmhelpers.core import unitdata

from .app_data_helpers import (GRANT, add_secrets, each_release, expected_request,
                               grant, needs_secrets, recorded_warnings, written_ids)
from .harness import (CONNECTED, DEPARTING, FULL_READ_HOOKS, JOINING, RECORD_KEY,
                      USABLE, ZOOKEEPER_REQUIRES, conversation)

pytestmark = each_release


def test_nothing_is_written_before_the_charm_calls_request(new_client):
    new_client.update_status()
    new_client.hook('leader-elected')
    new_client.endpoint().zookeepers()
    assert new_client.app_writes == []
    assert 'is-leader' not in new_client.calls


def test_leader_writes_the_request_once_in_one_call(client):
    expected = expected_request(client)
    for _ in range(2):
        client.changed('zk:1', 'server/0')
        client.endpoint().request('/kafka')
        client.update_status()
        client.endpoint().request('/kafka', 'awrdc')
    assert client.app_writes == [('zk:1', expected)]
    assert client.own_app_data('zk:1') == expected


@pytest.mark.parametrize('chroot, acl, ordered_acl', [
    ('/a/b', 'r', 'r'), ('/kafka', 'wrc', 'crw')])
def test_request_contains_chroot_and_ordered_acl(new_client, chroot, acl, ordered_acl):
    new_client.endpoint().request(chroot, acl)
    assert new_client.app_writes == [('zk:1', expected_request(
        new_client, **{'database': chroot, 'extra-user-roles': ordered_acl}))]


@pytest.mark.parametrize('arguments', [('',), ('/',), ('kafka',), ('/a', ''),
                                       ('/a', 'x'), ('/a', None)], ids=str)
def test_invalid_request_raises_and_keeps_the_previous_request(client, arguments):
    with pytest.raises(ValueError, match='^(chroot|acl) is .*, not '):
        client.endpoint().request(*arguments)
    client.join('zk:2', 'another/0')
    assert client.app_writes[-1] == ('zk:2', expected_request(client))


@pytest.mark.parametrize('hook', ['config-changed', 'leader-elected', 'update-status'])
def test_request_is_written_in_any_hook(new_client, hook):
    new_client.hook(hook)
    new_client.endpoint().request('/kafka')
    assert len(new_client.app_writes) == 1
    new_client.update_status()
    assert len(new_client.app_writes) == 1


def test_request_is_written_in_an_action_that_does_not_start_the_framework(new_client):
    new_client.action()
    new_client.endpoint().request('/kafka')
    assert len(new_client.app_writes) == 1


def test_request_is_not_written_to_a_dying_relation(new_client):
    new_client.departed('zk:1', 'server/0')
    new_client.broken('zk:1')
    new_client.endpoint().request('/kafka')
    assert new_client.app_writes == []
    assert new_client.flags() == DEPARTING


def test_request_is_written_to_relations_created_later(client):
    for number in 2, 3:
        client.join('zk:{}'.format(number), 'other{}/0'.format(number))
    assert written_ids(client) == ['zk:1', 'zk:2', 'zk:3']


def test_acl_letters_in_another_order_are_the_same_request(client):
    client.lead(False)
    client.join('zk:2', 'another/0')
    client.update_own_app_data('zk:2', {'database': '/kafka',
                                        'extra-user-roles': 'rwcda'})
    client.lead()
    client.update_status()
    client.update_status()
    assert len(client.app_writes) == 1
    assert client.warnings == []


def test_second_request_is_only_for_relations_created_later(client):
    client.changed('zk:1', 'server/0')
    for _ in range(3):
        client.hook('config-changed')
        client.endpoint().request('/hbase', 'r')
    client.join('zk:2', 'another/0')
    assert client.warnings == [
        'zk: server already has a request for /kafka (cdrwa). Remove the relation '
        'and add it again to send a different request']
    assert written_ids(client) == ['zk:1', 'zk:2']
    assert [data['database'] for _, data in client.app_writes] == ['/kafka', '/hbase']
    client.endpoint().request('/kafka')
    grant(client)
    assert len(client.warnings) == 2
    assert client.warnings[1].startswith(
        'zk: another already has a request for /hbase (r).')


def test_server_that_publishes_endpoints_without_a_request_receives_one(
        unrelated_client):
    unrelated_client.created('zk:1', 'server')
    unrelated_client.application_changed('zk:1', {'endpoints': '10.0.0.1:2181'})
    unrelated_client.join('zk:1', 'server/0')
    assert len(unrelated_client.app_writes) == 1


def test_units_other_than_the_leader_write_no_request(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    juju.hook('start')
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    juju.update_status()
    assert juju.app_writes == []
    assert juju.warnings == []


def test_new_leader_writes_a_pending_request(client):
    client.lead(False)
    client.join('zk:2', 'another/0')
    assert len(client.app_writes) == 1
    client.lead()
    client.hook('leader-elected')
    assert client.app_writes[1:] == [('zk:2', expected_request(client))]


def test_new_leader_does_not_repeat_the_request_of_the_previous_leader(client):
    client.lead(False)
    client.join('zk:2', 'another/0')
    client.update_own_app_data('zk:2', expected_request(client))
    client.lead()
    client.hook('leader-elected')
    client.hook('config-changed')
    assert client.calls == {}
    assert len(client.app_writes) == 1
    assert client.warnings == []


def test_new_leader_keeps_a_different_request_of_the_previous_leader(client):
    client.lead(False)
    client.join('zk:2', 'another/0')
    client.update_own_app_data('zk:2', {'database': '/before'})
    client.lead()
    client.update_status()
    client.update_status()
    assert len(client.app_writes) == 1
    assert client.warnings == [
        'zk: another already has a request for /before (cdrwa). Remove the relation '
        'and add it again to send a different request']


def test_unit_that_loses_leadership_after_its_request_uses_the_grant(client):
    client.lead(False)
    client.hook('config-changed')
    assert client.calls == {'is-leader': 1}
    grant(client)
    assert client.flags() == USABLE
    client.hook('config-changed')
    assert client.calls == {}
    client.lead()
    client.hook('leader-elected')
    assert client.calls == {}
    assert len(client.app_writes) == 1


@pytest.mark.parametrize('late', [False, True])
def test_request_of_a_failed_hook_is_written_again(client, late):
    assert len(client.app_writes) == 1
    client.fail(late)
    assert client.own_app_data('zk:1') == {}
    client.relation_hook('changed', 'zk:1', 'server/0')
    client.hook('config-changed')
    assert len(client.app_writes) == 2
    client.hook('config-changed')
    assert client.calls == {}
    assert client.own_app_data('zk:1') == expected_request(client)


def test_request_of_a_failed_action_is_written_again(new_client):
    new_client.action()
    new_client.endpoint().request('/kafka')
    new_client.fail(late=True)
    new_client.hook('config-changed')
    assert len(new_client.app_writes) == 2


def test_lost_request_of_an_atstart_callback_is_written_again(new_client):
    """Until the hook ends, Juju returns what the hook has written."""
    new_client.hook('update-status',
                    atstart=lambda: new_client.endpoint().request('/kafka'))
    new_client.fail(late=True)
    assert new_client.own_app_data('zk:1') == {}
    new_client.hook('config-changed')
    assert new_client.own_app_data('zk:1') == expected_request(new_client)


@pytest.mark.parametrize('hook', FULL_READ_HOOKS)
def test_confirmed_request_that_is_lost_is_written_again_in_a_full_read(client, hook):
    client.hook('config-changed')
    client.hook('config-changed')
    assert client.calls == {}
    client.end()
    client.model.write(client.relation('zk:1').app_databags['local'],
                       dict.fromkeys(client.own_app_data('zk:1'), ''))
    client.hook(hook)
    assert client.own_app_data('zk:1') == expected_request(client)


def test_full_read_does_not_look_for_a_request_that_was_granted(client):
    client.application_changed('zk:1', GRANT)
    client.update_status()
    assert client.calls['is-leader'] == 0


@pytest.mark.parametrize('pattern, warning', [
    ('relation-set*--app*',
     'zk: relation-set of the request in zk:1 failed (ERROR refused); a later hook '
     'tries again'),
    ('relation-get*--app - local',
     "zk: relation-get of this application's data in zk:1 failed (ERROR refused); "
     'keeping the last known data'),
    ('is-leader*',
     'zk: is-leader failed (ERROR refused); keeping the last known data')],
    ids=['relation-set', 'relation-get', 'is-leader'])
def test_failed_request_is_logged_once_and_retried(new_client, pattern, warning):
    new_client.fail_tools(pattern)
    new_client.endpoint().request('/kafka')
    new_client.hook('config-changed')
    new_client.update_status()
    assert new_client.app_writes == []
    assert new_client.warnings == [warning]
    new_client.restore_tools()
    new_client.hook('config-changed')
    new_client.hook('config-changed')
    assert len(new_client.app_writes) == 1
    assert recorded_warnings() == {}
    new_client.fail_tools(pattern)
    new_client.join('zk:2', 'another/0')
    assert len(new_client.warnings) == 2


def test_second_request_replaces_one_that_could_not_be_written(new_client):
    new_client.fail_tools('relation-set*--app*')
    new_client.endpoint().request('/kafka')
    new_client.endpoint().request('/hbase')
    new_client.restore_tools()
    new_client.hook('config-changed')
    assert [data['database'] for _, data in new_client.app_writes] == ['/hbase']
    assert len(new_client.warnings) == 1


def test_permission_denied_on_own_application_data_keeps_the_relation(new_client):
    """Permission denied on this unit's own data would mean a forced removal."""
    new_client.fail_tools('relation-get*--app - local', 'ERROR permission denied')
    new_client.endpoint().request('/kafka')
    new_client.hook('config-changed')
    assert new_client.flags() == CONNECTED


@pytest.mark.parametrize('lost', ['', RECORD_KEY],
                         ids=['all keys', 'the record'])
def test_request_restores_flags_after_stored_data_were_lost(client, lost):
    grant(client)
    client.end()
    unitdata.kv().unsetrange(prefix=lost)
    client.update_status()
    assert client.flags() == CONNECTED
    client.endpoint().request('/kafka')
    assert client.flags() == USABLE | JOINING
    assert client.warnings == []
    assert len(client.app_writes) == 1


def test_request_survives_a_downgrade_to_an_earlier_layer_and_back(client):
    client.lead(False)
    conversation(client, 'zk:1', 'server/0')
    client.hook('upgrade-charm')
    client.lead()
    client.join('zk:2', 'another/0')
    assert client.app_writes[-1] == ('zk:2', expected_request(client))


def test_request_waits_for_changed_if_joined_reads_everything(client):
    """The first hook after the store was lost, for example, is a full read."""
    client.outdate_record()
    client.app_writes.clear()
    client.joined('zk:2', 'second/0')
    assert client.app_writes == []
    client.changed('zk:2', 'second/0')
    assert written_ids(client) == ['zk:2']


@pytest.mark.parametrize('tool', ['relation-set*', 'secret-get*',
                                  'relation-get*--app - local'])
@needs_secrets
def test_failure_is_logged_once_although_its_error_changes(juju, tool):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.fail_tools(tool)
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    if tool == 'secret-get*':
        juju.application_changed('zk:1', add_secrets(juju)[0])
    for number in range(3):
        juju.restore_tools()
        juju.fail_tools(tool, 'ERROR {}'.format(number))
        juju.update_status()
    subjects = [warning.partition(' failed')[0] for warning in juju.warnings]
    assert len(subjects) == len(set(subjects)) > 0


def test_failed_request_does_not_prevent_others(new_client):
    new_client.join('zk:2', 'another/0')
    new_client.update_status()
    new_client.fail_tools('relation-set*zk:1*')
    new_client.endpoint().request('/kafka')
    assert written_ids(new_client) == ['zk:2']


def test_failed_read_of_a_request_stays_a_problem_while_another_relation_is_read(
        client):
    client.join('zk:2', 'server/0')
    client.fail_tools('relation-get*--app - local')
    for _ in range(3):
        client.hook('config-changed')
    relations = client.endpoint().describe()['relations'].values()
    assert [len(relation['problems']) for relation in relations] == [1, 1]
