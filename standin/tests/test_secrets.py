"""Secrets: how units read them, and how their owners change them."""
import pytest

from two_apps import TwoApps, failure, query

DENIED = (1, 'ERROR permission denied')


@pytest.fixture
def apps():
    return TwoApps(units=(1, 2))


@pytest.fixture
def secret(apps):
    """A secret of the server that is granted to the client."""
    secret = apps.model.add_secret('server', username='me', password='one')
    apps.model.grant_secret(secret, 'client', apps.relation)
    return secret


def get(apps, secret, *options):
    return apps.in_client_hook(lambda context: query(
        context, 'secret-get', *options, secret.uri))


def in_server_hook(apps, *functions, unit='server/0'):
    """Call functions with the context of a successful hook, and return the results."""
    results = []
    apps.server.script = lambda context: results.extend(
        function(context) for function in functions if context.unit.name == unit)
    apps.model.dispatch(unit, 'update-status')
    apps.server.script = lambda context: None
    return results


def run(name, *words):
    """A function that runs a hook tool, and returns its output."""
    def call(context):
        status, output, errors = context.call([name, *words])
        assert not status, errors
        return output.decode().rstrip()
    return call


def add(apps, *words, unit='server/0'):
    """Add a secret in a hook of the server."""
    uri, = in_server_hook(apps, run('secret-add', *words), unit=unit)
    assert uri.startswith('secret:')
    return uri


def test_all_units_of_the_grantee_read_a_secret(apps, secret):
    found = []
    apps.client.script = lambda context: found.append(
        (context.unit.name, query(context, 'secret-get', secret.uri)))
    for unit in 'client/0', 'client/1':
        apps.model.dispatch(unit, 'update-status')
    content = {'username': 'me', 'password': 'one'}
    assert found == [('client/0', content), ('client/1', content)]


@pytest.mark.parametrize('uri', ['secret:{}', '{}'])
def test_secret_get_accepts_short_uris(apps, secret, uri):
    assert apps.in_client_hook(lambda context: query(
        context, 'secret-get', uri.format(secret.id)))['password'] == 'one'


def test_secret_get_fails_without_a_grant_or_uri(apps, secret):
    def get_failure():
        return apps.in_client_hook(lambda c: failure(c, 'secret-get', secret.uri))

    apps.model.revoke_secret(secret, 'client')
    assert get_failure() == DENIED
    apps.model.grant_secret(secret, 'client', apps.relation)
    assert get(apps, secret)
    apps.model.remove_relation(apps.relation)
    apps.model.settle()
    assert get_failure() == DENIED
    apps.model.remove_secret(secret)
    assert get_failure() == (1, 'ERROR secret "{}" not found'.format(secret.uri))
    assert apps.in_client_hook(lambda c: failure(c, 'secret-get'))[0] == 2


def test_owner_reads_a_secret_without_a_grant(apps):
    assert get(apps, apps.model.add_secret('client', key='value')) == {'key': 'value'}


def test_reader_keeps_its_revision_until_it_refreshes(apps, secret):
    assert get(apps, secret)['password'] == 'one'
    apps.model.revise_secret(secret, username='me', password='two')
    assert get(apps, secret)['password'] == 'one'
    assert get(apps, secret, '--peek')['password'] == 'two'
    assert get(apps, secret)['password'] == 'one'
    assert get(apps, secret, '--refresh')['password'] == 'two'
    assert get(apps, secret)['password'] == 'two'


def test_reader_of_an_older_revision_runs_secret_changed_once(apps, secret):
    get(apps, secret)
    apps.in_client_hook(lambda context: None)
    apps.clear_hooks()
    apps.model.revise_secret(secret, password='two')
    apps.model.revise_secret(secret, password='three')
    apps.model.settle()
    assert apps.client.hooks() == [('secret-changed', '')]
    context = apps.client.contexts[0]
    assert context.unit.name == 'client/0'
    assert context.env['JUJU_SECRET_ID'] == secret.uri
    assert context.env['JUJU_SECRET_LABEL'] == ''
    assert 'JUJU_RELATION' not in context.env


def test_no_secret_changed_after_peek_or_for_the_newest_revision(apps, secret):
    get(apps, secret, '--peek')
    apps.model.revise_secret(secret, password='two')
    assert apps.model.settle() == []
    get(apps, secret, '--refresh')
    apps.model.revise_secret(secret, password='three')
    get(apps, secret, '--refresh')
    assert apps.model.settle() == []


@pytest.mark.parametrize('removed', [False, True])
def test_failed_secret_changed_is_retried(apps, secret, removed):
    get(apps, secret)
    apps.model.revise_secret(secret, password='two')
    apps.model.fail_next('client/0', 'secret-changed')
    runs = [apps.model.step()]
    if removed:
        apps.model.remove_secret(secret)
    assert [(run.hook.name, run.status) for run in runs + apps.model.settle()] == [
        ('secret-changed', 1), ('secret-changed', 0)]


def test_charm_adds_grants_revises_revokes_and_removes_a_secret(apps):
    uri = add(apps, '--label', 'one', 'password=first')
    secret = apps.model.find_secret(uri)
    assert (secret.owner, secret.label) == ('server', 'one')

    def read():
        return apps.in_client_hook(
            lambda c: c.call(['secret-get', '--refresh', '--format=json', uri])[:2])

    assert read()[0] == 1
    in_server_hook(apps, run('secret-grant', uri, '-r', '0'))
    assert read() == (0, b'{"password": "first"}\n')
    in_server_hook(apps, run('secret-set', uri, 'password=second'))
    assert read() == (0, b'{"password": "second"}\n')
    in_server_hook(apps, run('secret-revoke', uri, '--app', 'client'))
    assert read()[0] == 1
    in_server_hook(apps, run('secret-remove', uri))
    assert apps.model.secrets == {}


def test_secret_add_reads_a_value_from_a_file(apps, tmp_path):
    (tmp_path / 'password').write_text('two\nlines')
    uri = add(apps, 'password#file={}'.format(tmp_path / 'password'))
    assert apps.model.find_secret(uri).revisions == [{'password': 'two\nlines'}]


def test_secret_add_decodes_a_value_and_accepts_jujus_options(apps):
    uri = add(apps, 'password#base64=b25l', '--description=x', '--expire', '24h',
              '--rotate', 'monthly')
    assert apps.model.find_secret(uri).revisions == [{'password': 'one'}]
    info, = in_server_hook(apps, lambda c: query(c, 'secret-info-get', uri))
    assert info[apps.model.find_secret(uri).id]['rotation'] == 'monthly'


def test_removed_revision_is_unreadable_and_newer_one_stays(apps, secret):
    assert get(apps, secret)['password'] == 'one'
    apps.model.revise_secret(secret, password='two')
    in_server_hook(apps, run('secret-remove', secret.uri, '--revision', '1'))
    assert apps.in_client_hook(lambda c: failure(c, 'secret-get', secret.uri)) == (
        1, 'ERROR secret revision "{}/1" not found'.format(secret.id))
    assert get(apps, secret, '--refresh') == {'password': 'two'}
    assert in_server_hook(apps, lambda c: failure(
        c, 'secret-remove', secret.uri, '--revision', '1'))[0][0] == 1
    in_server_hook(apps, run('secret-remove', secret.uri, '--revision', '2'))
    assert apps.model.secrets == {}


def test_reader_uses_its_own_label(apps, secret):
    """The error is in recordings/4.0.15-controller-2/application-data."""
    assert apps.in_client_hook(lambda c: failure(c, 'secret-get', '--label=mine')) == (
        1, 'ERROR secret URI for consumer label "mine" not found')
    get(apps, secret, '--label=mine')
    assert apps.in_client_hook(lambda c: query(c, 'secret-get', '--label=mine'))[
        'password'] == 'one'
    apps.model.revise_secret(secret, password='two')
    apps.client.contexts.clear()
    apps.model.settle()
    assert [context.env['JUJU_SECRET_LABEL'] for context in apps.client.contexts
            if context.hook.secret] == ['mine']


def test_secret_info_get_lists_who_may_read(apps, secret):
    """recordings/4.0.15-controller-2/application-data"""
    info, = in_server_hook(apps, lambda c: query(c, 'secret-info-get', secret.uri))
    assert info[secret.id]['access'] == [{
        'target': 'application-client', 'scope': 'relation-client.in#server.out',
        'role': 'view'}]


def test_failed_hook_changes_no_secret(apps):
    uri = add(apps, 'key=one')
    secret = apps.model.find_secret(uri)
    apps.server.script = lambda c: [run(*words)(c) for words in (
        ('secret-add', 'key=other'), ('secret-set', uri, 'key=two'),
        ('secret-get', uri, '--refresh'), ('secret-grant', uri, '-r', '0'))] and 1
    apps.model.dispatch('server/0', 'update-status')
    assert list(apps.model.secrets.values()) == [secret]
    assert (secret.newest, secret.grants, secret.tracked) == (1, {}, {})


def test_changes_in_one_hook_make_one_revision(apps):
    uri = add(apps, 'key=one')
    uri = 'secret://x/' + uri.partition(':')[2]
    results = in_server_hook(
        apps,
        run('secret-set', uri, 'key=two'),
        run('secret-set', uri, 'key=three'),
        run('secret-get', uri, '--format=json'),
        run('secret-get', uri, '--format=json', '--peek'),
        lambda c: query(c, 'secret-info-get', uri))
    secret = apps.model.find_secret(uri)
    assert results[2:] == ['{"key": "one"}', '{"key": "three"}', {secret.id: {
        'revision': 1, 'label': '', 'owner': 'application', 'rotation': 'never'}}]
    assert secret.revisions == [{'key': 'one'}, {'key': 'three'}]


def test_unchanged_content_makes_no_revision(apps):
    uri = add(apps, 'key=one')
    in_server_hook(apps, run('secret-set', uri, 'key=one'))
    assert apps.model.find_secret(uri).newest == 1


def test_hook_reads_changes_and_removes_the_secret_that_it_added(apps):
    def script(context):
        uri = run('secret-add', '--label=one', 'key=one')(context)
        run('secret-set', uri, '--label=two', 'key=two')(context)
        assert query(context, 'secret-get', '--label', 'two') == {'key': 'two'}
        assert query(context, 'secret-ids') == [uri.partition(':')[2]]
        assert query(context, 'secret-info-get', '--label=two')
        assert failure(context, 'secret-info-get', '--label=one') == (
            1, 'ERROR secret "one" not found')
        assert 'already exists' in failure(
            context, 'secret-add', '--label=two', 'key=x')[1]
        run('secret-remove', uri)(context)
        assert query(context, 'secret-ids') == []

    in_server_hook(apps, script)
    assert apps.model.secrets == {}


def test_only_the_leader_changes_secrets_of_the_application(apps):
    uri = add(apps, '--label', 'one', 'key=one')
    apps.model.add_unit('server')
    apps.model.settle()
    assert in_server_hook(
        apps, run('secret-ids'), run('secret-get', uri, '--format=json'),
        lambda c: failure(c, 'secret-set', uri, 'key=two'),
        lambda c: failure(c, 'secret-add', 'key=two'), unit='server/1'
    ) == ['', '{"key": "one"}', (1, 'ERROR secret "{}" not found'.format(
        uri.partition(':')[2])), (1, 'ERROR this unit is not the leader')]
    uri = add(apps, '--owner=unit', 'key=own', unit='server/1')
    assert apps.model.find_secret(uri).owner == 'server/1'


def test_secret_granted_to_one_unit_is_refused_to_others(apps):
    uri = add(apps, 'key=one')
    in_server_hook(apps, run('secret-grant', uri, '-r', '0', '--unit', 'client/1'))
    statuses = {}
    apps.client.script = lambda c: statuses.update(
        {c.unit.name: c.call(['secret-get', uri])[0]})
    for unit in 'client/0', 'client/1':
        apps.model.dispatch(unit, 'update-status')
    assert statuses == {'client/0': 1, 'client/1': 0}


def test_relation_model_get_prints_the_models_uuid(apps):
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-model-get', '-r', 'in:0')) == {
        'uuid': apps.in_client_hook(lambda c: c.env['JUJU_MODEL_UUID'])}


def test_juju_2_has_no_secrets():
    status, _, error = TwoApps('2.9').in_client_hook(lambda context: context.call(
        ['secret-get', 'x']))
    assert (status, error) == (127, b'secret-get: command not found\n')
