"""Secrets that a server names but does not own, or that cannot be read."""
import re

import pytest
from charmhelpers.core import unitdata

from .app_data_helpers import (GRANT, GRANT_WITHOUT_CREDENTIALS, add_secrets,
                               needs_secrets, stored_text)
from .harness import CONNECTED, DEPARTING, JOINING, LOCAL, USABLE, ZOOKEEPER_REQUIRES

pytestmark = needs_secrets

UNKNOWN = 'the owner of its secret-user is unknown: '
NAMED_TWICE = UNKNOWN + 'second and server name it'
FORMS = ['secret:{}', 'secret://{}/{}', 'secret:{}/{}']


def problem(application, owner, key='secret-user'):
    return '{} is not usable: {} names a secret of {}'.format(application, key, owner)


@pytest.fixture
def both(client):
    """The client is also related to a second server, without a grant yet.

    `both.granted` is the first server's application data, `both.user` its secret.
    """
    client.granted, client.user = add_secrets(client)
    client.application_changed('zk:1', client.granted)
    client.join('zk:2', 'second/0')
    client.endpoint().dismiss_joining()
    return client


def with_secret(secret, uri=None):
    """A grant that names a user's secret."""
    return dict(GRANT_WITHOUT_CREDENTIALS, endpoints='second:2181',
                **{'secret-user': uri or secret.uri})


def reads_of(juju, secret):
    """The calls of this hook that read a secret."""
    return [words for name, words in juju.context.calls
            if name == 'secret-get' and secret.id in words[-1]]


def assert_refused(juju, uri=None):
    """Have the second server name the first one's secret, which must not be read."""
    juju.application_changed('zk:2', with_secret(juju.user, uri))
    assert juju.warnings == ['zk: ' + problem('second', 'server')]
    assert reads_of(juju, juju.user) == []
    assert juju.endpoint().connection_string() == '10.0.0.1:2181,10.0.0.2:2181/kafka'


@pytest.mark.parametrize('form', FORMS)
def test_secret_of_another_server_is_neither_read_nor_used(both, form):
    words = [both.user.id] if form.count('{}') == 1 else [
        both.user.uri.split('/')[2], both.user.id]
    assert_refused(both, form.format(*words))
    both.update_status()
    assert len(both.warnings) == 1
    assert both.flags() == USABLE


def test_tls_secret_of_another_server_is_not_used_either(both):
    both.application_changed('zk:2', dict(
        GRANT, **{'secret-tls': both.granted['secret-tls']}))
    assert both.warnings == ['zk: ' + problem('second', 'server', 'secret-tls')]


def test_secret_stays_with_the_first_server_in_full_reads(both):
    assert_refused(both)
    both.endpoint().dismiss_joining()
    for hook in 'upgrade-charm', 'secret-changed', 'update-status':
        both.hook(hook)
        assert [server['application'] for server in both.endpoint().zookeepers()
                if 'application' in server] == []
        assert both.endpoint().connection_string(application='server')
        assert both.endpoint().connection_string(application='second') == ''
    assert both.flags() == USABLE


def test_credentials_raise_if_a_server_names_a_secret_of_another(both):
    both.application_changed('zk:2', dict(GRANT, endpoints='second:2181'))
    both.endpoint().dismiss_joining()
    assert both.endpoint().credentials('second').username == 'relation-1'
    both.end()
    both.replace_app_data('zk:2', with_secret(both.user))
    both.hook('config-changed')
    for method in both.endpoint().credentials, both.endpoint().tls:
        with pytest.raises(ValueError) as error:
            method('second')
        assert str(error.value) == problem('second', 'server')
    assert reads_of(both, both.user) == []


def free_by_new_data(juju):
    juju.application_changed('zk:1', GRANT)


def free_by_removal(juju):
    juju.departed('zk:1', 'server/0')
    juju.broken('zk:1')
    juju.model.grant_secret(juju.user, 'local', juju.relation('zk:2'))


@pytest.mark.parametrize('free', [free_by_new_data, free_by_removal])
def test_secret_is_free_when_its_first_server_no_longer_names_it(both, free):
    assert_refused(both)
    free(both)
    both.application_changed('zk:2')
    assert both.endpoint().connection_string(application='second') == (
        'second:2181/kafka')
    assert both.endpoint().credentials('second').password == 's3cret'


def test_secret_of_a_server_that_cannot_be_read_stays_with_it(both):
    both.fail_tools('relation-get*--app*server')
    both.update_status()
    assert not both.endpoint().connection_string(application='second')
    both.application_changed('zk:2', with_secret(both.user))
    assert problem('second', 'server') in both.warnings[-1]
    assert reads_of(both, both.user) == []


# A server knows another server's secret before this unit has read either.

@pytest.fixture(params=[('zk:1', 'zk:2'), ('zk:2', 'zk:1')], ids=' '.join)
def contested(client, request):
    """A client of two servers that name the secret of one; no hook has run yet.

    `contested.owner_relation` and `contested.other_relation` are their relation IDs.
    """
    client.join('zk:2', 'second/0')
    client.owner_relation, client.other_relation = request.param
    client.granted, client.user = add_secrets(client, client.owner_relation)
    client.replace_app_data(client.owner_relation, client.granted)
    client.replace_app_data(client.other_relation, with_secret(client.user))
    return client


def assert_no_server_is_usable(juju):
    assert juju.flags() == CONNECTED
    assert all(NAMED_TWICE in text for text in juju.warnings) and juju.warnings
    assert juju.endpoint().connection_string() == ''


@pytest.mark.parametrize('hooks', [
    lambda juju: juju.application_changed(juju.other_relation),
    lambda juju: juju.application_changed(juju.owner_relation),
    lambda juju: juju.update_status()], ids=['other', 'owner', 'update-status'])
def test_secret_is_used_for_no_server_if_two_name_it_when_it_is_first_read(
        contested, hooks):
    hooks(contested)
    assert reads_of(contested, contested.user) == []
    for relation_id in (contested.owner_relation, contested.other_relation,
                        contested.owner_relation):
        contested.application_changed(relation_id)
        assert reads_of(contested, contested.user) == []
    assert_no_server_is_usable(contested)
    contested.application_changed(contested.other_relation, {})
    contested.application_changed(contested.owner_relation)
    assert contested.endpoint().credentials().password == 's3cret'
    contested.application_changed(contested.other_relation, with_secret(contested.user))
    assert reads_of(contested, contested.user) == []
    assert contested.endpoint().credentials().password == 's3cret'


def test_new_secret_is_not_used_while_another_server_cannot_be_read(contested):
    contested.fail_tools('relation-get * {} --app*'.format(contested.owner_relation))
    for hook in lambda: contested.application_changed(contested.other_relation), (
            contested.update_status):
        hook()
        assert reads_of(contested, contested.user) == []
    assert contested.flags() == CONNECTED


def test_credentials_raise_if_a_server_names_a_new_secret_of_another(contested):
    contested.application_changed(contested.other_relation, GRANT)
    application = contested.relation(contested.other_relation).remote_app('local')
    assert contested.endpoint().credentials(application).password == 's3cret'
    contested.end()
    contested.replace_app_data(contested.other_relation, with_secret(contested.user))
    contested.hook('config-changed')
    with pytest.raises(ValueError, match=NAMED_TWICE):
        contested.endpoint().credentials(application)
    assert reads_of(contested, contested.user) == []


@pytest.mark.parametrize('readable', [True, False])
def test_rebuilt_record_keeps_the_owner_of_a_secret(contested, readable):
    contested.replace_app_data(contested.other_relation, {})
    contested.application_changed(contested.owner_relation)
    contested.application_changed(contested.other_relation, with_secret(contested.user))
    contested.outdate_record()
    if not readable:
        contested.fail_tools(
            'relation-get * {} --app*'.format(contested.owner_relation))
    contested.hook('config-changed')
    for relation_id, usable in (
            (contested.owner_relation, readable), (contested.other_relation, False)):
        application = contested.relation(relation_id).remote_app('local')
        assert bool(contested.endpoint().connection_string(
            application=application)) is usable


def relate_second_endpoint(juju):
    """Relate `second` through another endpoint, and name the first server's secret."""
    juju.metadata['requires']['backup'] = {'interface': 'zookeeper'}
    juju.hook('upgrade-charm')
    juju.endpoint('backup').request('/kafka')
    juju.join('backup:2', 'second/0')
    juju.replace_app_data('backup:2', with_secret(juju.user))


@pytest.mark.parametrize('is_read', [True, False], ids=['read', 'not read yet'])
def test_secret_of_a_server_of_another_endpoint_is_not_used(client, is_read):
    granted, client.user = add_secrets(client)
    if is_read:
        client.application_changed('zk:1', granted)
    relate_second_endpoint(client)
    client.replace_app_data('zk:1', granted)
    for hook in lambda: client.application_changed('backup:2'), client.update_status:
        hook()
        assert 'available' not in client.flags('backup')
        assert bool(client.endpoint().connection_string()) is is_read


@pytest.fixture(params=[('zk', 'backup'), ('backup', 'zk')], ids=' '.join)
def two_endpoints(juju, request):
    """A client with two endpoints, whose servers name the same secret.

    The server of `two_endpoints.owner_endpoint` has named it first, then that of
    `two_endpoints.other_endpoint`.
    """
    juju.owner_endpoint, juju.other_endpoint = request.param
    juju.deploy(ZOOKEEPER_REQUIRES, 'zk', 'backup')
    for name in 'zk', 'backup':
        juju.endpoint(name).request('/kafka')
    juju.join(juju.owner_endpoint + ':1', 'server/0')
    juju.join(juju.other_endpoint + ':2', 'second/0')
    granted, juju.user = add_secrets(juju, juju.owner_endpoint + ':1')
    juju.application_changed(juju.owner_endpoint + ':1', granted)
    juju.application_changed(juju.other_endpoint + ':2', with_secret(juju.user))
    assert_only_owner_is_usable(juju)
    juju.end()
    return juju


def assert_only_owner_is_usable(juju):
    assert juju.endpoint(juju.owner_endpoint).credentials().password == 's3cret'
    assert juju.endpoint(juju.other_endpoint).connection_string() == ''


@pytest.mark.parametrize('rebuilt', [['zk'], ['backup'], ['zk', 'backup']],
                         ids=' '.join)
def test_rebuilt_records_of_all_endpoints_keep_the_owner_of_a_secret(two_endpoints,
                                                                     rebuilt):
    for name in rebuilt:
        two_endpoints.outdate_record(name)
    two_endpoints.hook('upgrade-charm')
    assert_only_owner_is_usable(two_endpoints)


@pytest.mark.parametrize('tool', ['relation-ids', 'relation-list', 'relation-get'])
def test_rebuilt_records_keep_the_owner_of_a_secret_that_cannot_be_read(
        two_endpoints, tool):
    for name in 'zk', 'backup':
        two_endpoints.outdate_record(name)
    two_endpoints.fail_tools('{}*{}*'.format(tool, two_endpoints.owner_endpoint))
    two_endpoints.hook('upgrade-charm')
    other = two_endpoints.endpoint(two_endpoints.other_endpoint)
    assert other.connection_string() == ''
    two_endpoints.restore_tools()
    two_endpoints.update_status()
    assert_only_owner_is_usable(two_endpoints)


def test_secret_stays_with_a_server_that_cannot_be_read_while_its_record_is_rebuilt(
        two_endpoints):
    named = with_secret(two_endpoints.user)
    two_endpoints.application_changed(two_endpoints.other_endpoint + ':2', {})
    two_endpoints.outdate_record(two_endpoints.owner_endpoint)
    two_endpoints.fail_tools(
        'relation-get * {}:1 --app*'.format(two_endpoints.owner_endpoint))
    two_endpoints.hook('upgrade-charm')
    two_endpoints.application_changed(two_endpoints.other_endpoint + ':2', named)
    two_endpoints.restore_tools()
    two_endpoints.update_status()
    assert_only_owner_is_usable(two_endpoints)


def test_secret_is_used_for_no_server_if_two_endpoints_have_lost_all_state(
        two_endpoints):
    unitdata.kv().unsetrange(prefix='interface-layer')
    two_endpoints.hook('config-changed')
    for name in 'zk', 'backup':
        two_endpoints.endpoint(name).request('/kafka')
    for _ in range(2):
        two_endpoints.update_status()
        assert two_endpoints.endpoint('zk').connection_string() == ''
        assert two_endpoints.endpoint('backup').connection_string() == ''
    two_endpoints.application_changed(two_endpoints.other_endpoint + ':2', {})
    two_endpoints.application_changed(two_endpoints.owner_endpoint + ':1')
    assert_only_owner_is_usable(two_endpoints)


@pytest.mark.parametrize('tool', ['relation-get*--app*second', 'secret-info-get*'])
def test_new_secret_is_used_once_a_failed_tool_works_again(client, tool):
    granted, client.user = add_secrets(client)
    relate_second_endpoint(client)
    client.endpoint('backup').request(None)
    client.replace_app_data('backup:2', {})
    client.fail_tools(tool)
    client.application_changed('zk:1', granted)
    assert client.flags() == CONNECTED
    client.restore_tools()
    client.update_status()
    assert client.flags() == USABLE | JOINING


@pytest.mark.parametrize('tool, reason', [
    ('relation-ids*', 'the related applications could not be listed'),
    ('relation-get*--app*second', 'the data of second could not be read'),
    ('secret-info-get*', 'secret-info-get failed (ERROR refused)')])
def test_failed_tool_keeps_a_server_usable_that_names_a_new_secret(both, tool, reason):
    new = both.model.add_secret('server', username='relation-1', password='new')
    both.model.grant_secret(new, 'local', both.relation('zk:1'))
    both.fail_tools(tool)
    both.application_changed('zk:1', dict(both.granted, **{'secret-user': new.uri}))
    assert both.flags() == USABLE
    assert both.endpoint().zookeepers()
    assert ('zk: keeping the last known data of server: ' + UNKNOWN + reason
            ) in both.warnings
    with pytest.raises(ValueError, match=re.escape(UNKNOWN + reason)):
        both.endpoint().credentials('server')
    both.restore_tools()
    both.update_status()
    assert both.flags() == USABLE | JOINING
    assert both.endpoint().credentials('server').password == 'new'


def test_secret_gets_another_owner_when_its_owner_uses_only_unit_data(both):
    both.broken('zk:1')
    both.join('zk:3', 'server/0', ZOOKEEPER_REQUIRES.remote_data(0))
    user = both.granted['secret-user']
    both.model.grant_secret(both.model.find_secret(user), 'local',
                            both.relation('zk:2'))
    both.application_changed('zk:2', with_secret(both.user))
    assert both.endpoint().credentials('second').username


def test_warning_about_a_secret_follows_its_cause(both):
    new = both.model.add_secret('server', username='relation-1', password='new')
    both.fail_tools('relation-get*--app*second')
    both.application_changed('zk:1', dict(both.granted, **{'secret-user': new.uri}))
    both.restore_tools()
    both.update_status()
    assert both.endpoint().describe()['relations']['zk:1']['problems'] == [
        both.warnings[-1].partition(': ')[2]] == [
        'keeping the last known data of server: secret-get of its secret-user failed '
        '(ERROR permission denied)']


def test_new_secret_is_used_although_a_relation_was_removed_by_force(client):
    client.application_changed('zk:1', add_secrets(client)[0])
    client.force_remove('zk:1')
    client.update_status()
    client.join('zk:3', 'server/0')
    client.join('zk:2', 'second/0')
    granted, _ = add_secrets(client, 'zk:2')
    client.application_changed('zk:2', granted)
    assert client.endpoint().credentials('second').username


def test_secret_is_used_once_the_other_application_that_named_it_has_stopped(client):
    granted, client.user = add_secrets(client)
    relate_second_endpoint(client)
    client.endpoint('backup').request(None)
    client.application_changed('zk:1', granted)
    assert client.flags() == CONNECTED
    client.replace_app_data('backup:2', {})
    client.update_status()
    assert client.flags() == USABLE | JOINING


def test_secret_is_free_after_an_endpoint_without_a_request_has_stopped_naming_it(
        two_endpoints):
    two_endpoints.endpoint(two_endpoints.owner_endpoint).request(None)
    two_endpoints.application_changed(two_endpoints.owner_endpoint + ':1', {})
    two_endpoints.model.grant_secret(
        two_endpoints.user, 'local',
        two_endpoints.relation(two_endpoints.other_endpoint + ':2'))
    two_endpoints.update_status()
    other = two_endpoints.endpoint(two_endpoints.other_endpoint)
    assert other.credentials().password == 's3cret'


def test_new_secret_is_not_used_if_a_relation_without_hooks_names_it_too(client):
    client.join('zk:2', 'second/0')
    client.skip_created('zk:3', 'third')
    client.skip_joined('zk:3', 'third/0')
    granted, client.user = add_secrets(client, 'zk:3')
    client.replace_app_data('zk:3', granted)
    client.application_changed('zk:2', with_secret(client.user))
    assert reads_of(client, client.user) == []


def test_new_secret_of_a_relation_that_is_not_listed_fails_no_hook(client, answers):
    granted, client.user = add_secrets(client)
    client.replace_app_data('zk:1', granted)
    answers['relation-ids*'] = 0, b'[]', b''
    client.hook('secret-changed')
    assert reads_of(client, client.user) == []
    assert client.flags() == DEPARTING


def test_credentials_raise_if_a_relation_with_a_new_secret_is_not_listed(
        client, answers):
    client.application_changed('zk:1', add_secrets(client)[0])
    client.replace_app_data('zk:1', add_secrets(client)[0])
    client.hook('config-changed')
    answers['relation-ids*'] = 0, b'[]', b''
    for method in client.endpoint().credentials, client.endpoint().tls:
        with pytest.raises(ValueError, match='^the grant of server cannot be read: '
                                             r'relation-ids failed \(zk:1 is not'):
            method()


def test_new_secret_is_used_although_another_endpoints_relation_has_ended(client):
    granted, client.user = add_secrets(client)
    relate_second_endpoint(client)
    client.replace_app_data('backup:2', {})
    client.remove_without_hook('backup:2')
    client.application_changed('zk:1', granted)
    assert client.flags() == USABLE | JOINING


def test_secret_stays_with_its_server_while_juju_denies_access_to_the_relation(both):
    assert_refused(both)
    both.end()
    both.fail_tools('relation-get * zk:1 - ' + LOCAL, 'ERROR permission denied')
    both.update_status()
    assert reads_of(both, both.user) == []
    both.restore_tools()
    for _ in range(3):
        both.update_status()
        assert both.endpoint().connection_string(application='second') == ''
    assert both.endpoint().credentials('server').password == 's3cret'


def test_secret_is_used_while_its_server_cannot_be_read_in_another_relation(client):
    granted, _ = add_secrets(client)
    client.fail_tools('relation-get * zk:2*--app*')
    client.join('zk:2', 'server/0')
    client.application_changed('zk:1', granted)
    assert client.endpoint().credentials().password == 's3cret'


def test_secret_stays_with_a_server_that_cannot_be_read_in_another_relation(both):
    both.fail_tools('relation-get * zk:3*--app*')
    both.join('zk:3', 'server/0')
    both.application_changed('zk:2', with_secret(both.user))
    assert both.warnings[-1] == 'zk: ' + problem('second', 'server')
    assert both.endpoint().credentials('server').password == 's3cret'


def test_new_secret_is_not_used_while_an_application_is_unknown(client):
    client.skip_created('zk:2', 'second')
    granted, client.user = add_secrets(client, 'zk:2')
    client.replace_app_data('zk:2', granted)
    client.fail_tools('relation-list*zk:2 --app*')
    client.update_status()
    client.application_changed('zk:1', with_secret(client.user))
    assert reads_of(client, client.user) == []
    assert client.flags() == CONNECTED


def test_credentials_note_the_owner_of_a_new_secret(both):
    new = both.model.add_secret('server', username='relation-1', password='new')
    both.model.grant_secret(new, 'local', both.relation('zk:1'))
    both.replace_app_data('zk:1', dict(both.granted, **{'secret-user': new.uri}))
    both.hook('config-changed')
    assert both.endpoint().credentials('server').password == 'new'
    both.application_changed('zk:2', with_secret(new))
    assert reads_of(both, new) == []
    assert both.endpoint().credentials('server').password == 'new'


@pytest.mark.parametrize('data', [None, GRANT], ids=['known secrets', 'no secrets'])
def test_other_applications_are_only_read_if_a_secret_is_new(both, data):
    both.application_changed('zk:1', data)
    assert [words for name, words in both.context.calls if words[-1] == 'second'] == []


def test_secret_of_the_local_application_is_not_used_by_a_former_leader(client):
    secret = client.model.add_secret('local', username='admin', password='0wn')
    client.application_changed('zk:1', with_secret(secret))
    client.lead(False)
    for _ in range(2):
        client.update_status()
        assert client.flags() == CONNECTED


def test_owner_that_only_credentials_have_noted_keeps_its_secret(client):
    client.join('zk:2', 'second/0')
    client.application_changed('zk:1', GRANT)
    granted, user = add_secrets(client)
    client.replace_app_data('zk:1', granted)
    client.hook('config-changed')
    assert client.endpoint().credentials('server').password == 's3cret'
    client.application_changed('zk:2', with_secret(user))
    assert reads_of(client, user) == []
    client.application_changed('zk:1')
    assert client.endpoint().credentials('server').password == 's3cret'
    assert client.endpoint().connection_string(application='second') == ''


@pytest.mark.parametrize('row', ['', '[' * 100000, '[]', '1', '{"x": []}', '{"x": {}}'],
                         ids=['empty', 'deep', '[]', '1', 'list', 'dict'])
def test_damaged_owners_fail_no_hook(client, row):
    granted, user = add_secrets(client)
    client.application_changed('zk:1', granted)
    client.end()
    unitdata.kv().cursor.execute(
        "update kv set data = ? where key = 'interface-layer-zookeeper.secret-owners'",
        [row.replace('x', user.id)])
    assert unitdata.kv().cursor.rowcount == 1
    client.update_status()
    assert client.endpoint().credentials().password == 's3cret'


@pytest.mark.parametrize('error', ['ERROR refused', 'ERROR host not found'])
def test_secret_of_the_local_application_is_not_used_after_an_error(client, error):
    secret = client.model.add_secret('local', username='admin', password='0wn')
    client.fail_tools('secret-info-get*', error)
    for _ in range(2):
        client.application_changed('zk:1', with_secret(secret))
        assert client.flags() == CONNECTED
        client.restore_tools()
    assert client.warnings[-1] == 'zk: ' + problem('server', 'this application')


@pytest.mark.parametrize('owner', ['local', LOCAL])
def test_secret_of_the_local_application_is_never_used(client, owner):
    secret = client.model.add_secret(owner, username='admin', password='0wn')
    for _ in range(2):
        client.application_changed('zk:1', with_secret(secret))
        client.update_status()
        client.endpoint().dismiss_joining()
    assert client.flags() == CONNECTED
    assert client.warnings == ['zk: ' + problem('server', 'this application')]
    assert client.endpoint().credentials() is None
    client.application_changed('zk:1', GRANT)
    assert client.flags() == USABLE | JOINING
    assert '0wn' not in stored_text()


def test_credentials_raise_if_a_server_names_a_secret_of_the_local_application(client):
    secret = client.model.add_secret('local', username='admin', password='0wn')
    client.application_changed('zk:1', with_secret(secret))
    client.application_changed('zk:1', GRANT)
    client.end()
    client.replace_app_data('zk:1', with_secret(secret))
    client.hook('config-changed')
    with pytest.raises(ValueError) as error:
        client.endpoint().credentials()
    assert str(error.value) == problem('server', 'this application')


# A secret that cannot be read.

def granted_without_secret(client, key, tls):
    """A grant that lacks access to one secret, with `tls` in plain text."""
    granted, _ = add_secrets(client)
    client.model.revoke_secret(client.model.find_secret(granted[key]), 'local')
    return dict(granted, tls=tls)


def granted_without_tls_secret(client, tls):
    return granted_without_secret(client, 'secret-tls', tls)


@pytest.mark.parametrize('tls', ['disabled', 'false'])
def test_unreadable_tls_secret_does_not_block_a_server_without_tls(client, tls):
    client.application_changed('zk:1', granted_without_tls_secret(client, tls))
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().connection_string() == (
        '10.0.0.1:2181,10.0.0.2:2181/kafka')
    assert client.endpoint().credentials().password == 's3cret'
    assert client.endpoint().tls() is None


def test_server_is_not_usable_until_its_tls_secret_can_be_read_if_tls_is_on(client):
    granted = granted_without_tls_secret(client, 'enabled')
    client.application_changed('zk:1', granted)
    assert client.flags() == CONNECTED
    client.end()
    client.model.grant_secret(client.model.find_secret(granted['secret-tls']), 'local',
                              client.relation('zk:1'))
    client.update_status()
    assert client.flags() == USABLE | JOINING


def test_server_with_tls_keeps_its_details_while_a_new_tls_secret_cannot_be_read(
        client):
    client.application_changed('zk:1', dict(add_secrets(client)[0], tls='enabled'))
    client.endpoint().dismiss_joining()
    client.application_changed('zk:1', granted_without_tls_secret(client, 'enabled'))
    assert client.flags() == USABLE
    for method in client.endpoint().credentials, client.endpoint().tls:
        with pytest.raises(ValueError, match='^server is not usable: secret-get of its '
                                             'secret-tls failed'):
            method()


def test_credentials_raise_if_their_secret_cannot_be_read_although_tls_is_off(client):
    client.application_changed('zk:1', add_secrets(client)[0])
    client.application_changed('zk:1', granted_without_secret(
        client, 'secret-user', 'disabled'))
    assert client.flags() == USABLE | JOINING
    for method in client.endpoint().credentials, client.endpoint().tls:
        with pytest.raises(ValueError, match='^server is not usable: secret-get of its '
                                             'secret-user failed'):
            method()


def test_contested_tls_secret_does_not_block_a_server_without_tls(both):
    contested = both.model.add_secret('server', tls='enabled')
    named = {'tls': 'disabled', 'secret-tls': contested.uri}
    both.replace_app_data('zk:2', dict(GRANT, **named))
    both.application_changed('zk:1', dict(both.granted, endpoints='new:2181', **named))
    assert both.endpoint().connection_string(application='server') == 'new:2181/kafka'
    assert both.endpoint().credentials('server').password == 's3cret'
