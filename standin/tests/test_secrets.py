"""Secrets, as those who read them see them, and as their owners change them."""
import pytest

from recorder import World, ask, refusal


@pytest.fixture
def world():
    return World(units=(1, 2))


@pytest.fixture
def secret(world):
    secret = world.model.add_secret('server', username='me', password='one')
    world.model.grant_secret(secret, 'client', world.relation)
    return secret


def get(world, secret, *options):
    return world.client_does(lambda context: ask(
        context, 'secret-get', *options, secret.uri))


def test_it_is_read_by_every_unit_that_it_was_granted_to(world, secret):
    found = []
    world.client.script = lambda context: found.append(
        (context.unit.name, ask(context, 'secret-get', secret.uri)))
    for unit in 'client/0', 'client/1':
        world.model.dispatch(unit, 'update-status')
    content = {'username': 'me', 'password': 'one'}
    assert found == [('client/0', content), ('client/1', content)]


@pytest.mark.parametrize('form', ['secret:{}', '{}'])
def test_its_uri_has_other_forms(world, secret, form):
    assert world.client_does(lambda context: ask(
        context, 'secret-get', form.format(secret.id)))['password'] == 'one'


def test_it_is_refused_before_it_was_granted_and_when_that_ends(world, secret):
    def refused():
        return world.client_does(lambda c: refusal(c, 'secret-get', secret.uri))

    world.model.revoke_secret(secret, 'client')
    assert refused() == (1, 'ERROR permission denied')
    world.model.grant_secret(secret, 'client', world.relation)
    assert get(world, secret)
    world.model.remove_relation(world.relation)
    world.model.settle()
    assert refused() == (1, 'ERROR permission denied')
    world.model.remove_secret(secret)
    assert refused() == (1, 'ERROR secret "{}" not found'.format(secret.uri))


def test_its_owner_reads_it_without_a_grant(world):
    secret = world.model.add_secret('client', key='value')
    assert get(world, secret) == {'key': 'value'}


def test_without_a_uri_it_is_misused(world):
    assert world.client_does(lambda c: refusal(c, 'secret-get'))[0] == 2


def test_who_reads_it_stays_with_that_revision_until_it_is_refreshed(world, secret):
    assert get(world, secret)['password'] == 'one'
    world.model.revise_secret(secret, username='me', password='two')
    assert get(world, secret)['password'] == 'one'
    assert get(world, secret, '--peek')['password'] == 'two'
    assert get(world, secret)['password'] == 'one'
    assert get(world, secret, '--refresh')['password'] == 'two'
    assert get(world, secret)['password'] == 'two'


def test_a_new_revision_is_told_once_to_who_reads_an_older_one(world, secret):
    get(world, secret)
    world.client_does(lambda context: None)
    world.forget()
    world.model.revise_secret(secret, password='two')
    world.model.revise_secret(secret, password='three')
    world.model.settle()
    assert world.client.hooks() == [('secret-changed', '')]
    context = world.client.contexts[0]
    assert context.unit.name == 'client/0'
    assert context.env['JUJU_SECRET_ID'] == secret.uri
    assert context.env['JUJU_SECRET_LABEL'] == ''
    assert 'JUJU_RELATION' not in context.env


def test_who_only_peeked_or_has_the_newest_is_not_told(world, secret):
    get(world, secret, '--peek')
    world.model.revise_secret(secret, password='two')
    world.forget()
    world.model.settle()
    assert world.client.hooks() == []
    get(world, secret, '--refresh')
    world.model.revise_secret(secret, password='three')
    get(world, secret, '--refresh')
    world.forget()
    world.model.settle()
    assert world.client.hooks() == []


def test_a_failed_secret_changed_is_run_again(world, secret):
    get(world, secret)
    world.model.revise_secret(secret, password='two')
    world.model.fail_next('client/0', 'secret-changed')
    world.forget()
    runs = world.model.settle()
    assert [(run.hook.name, run.status) for run in runs] == [
        ('secret-changed', 1), ('secret-changed', 0)]


def test_a_secret_may_go_while_its_hook_has_failed(world, secret):
    get(world, secret)
    world.model.revise_secret(secret, password='two')
    world.model.fail_next('client/0', 'secret-changed')
    world.model.step()
    world.model.remove_secret(secret)
    assert [run.status for run in world.model.settle()] == [0]


def does(world, unit, *functions):
    """What functions of a context return in a hook of the server, which is kept."""
    found = []
    world.server.script = lambda c: found.extend(
        function(c) for function in functions if c.unit.name == unit)
    world.model.dispatch(unit, 'update-status')
    world.server.script = lambda c: None
    return found


def tool(name, *words):
    """What a hook tool prints."""
    def call(context):
        status, output, errors = context.call([name, *words])
        assert not status, errors
        return output.decode().rstrip()
    return call


def add(world, *words, unit='server/0'):
    uri, = does(world, unit, tool('secret-add', *words))
    assert uri.startswith('secret:')
    return uri


def test_a_charm_adds_one_grants_it_changes_it_and_removes_it(world):
    uri = add(world, '--label', 'one', 'password=first')
    secret = world.model.find_secret(uri)
    assert (secret.owner, secret.label) == ('server', 'one')

    def read():
        return world.client_does(
            lambda c: c.call(['secret-get', '--refresh', '--format=json', uri])[:2])

    assert read()[0] == 1
    does(world, 'server/0', tool('secret-grant', uri, '-r', '0'))
    assert read() == (0, b'{"password": "first"}\n')
    does(world, 'server/0', tool('secret-set', uri, 'password=second'))
    assert read() == (0, b'{"password": "second"}\n')
    does(world, 'server/0', tool('secret-revoke', uri, '--app', 'client'))
    assert read()[0] == 1
    does(world, 'server/0', tool('secret-remove', uri))
    assert world.model.secrets == {}


def test_a_value_may_be_in_a_file(world, tmp_path):
    (tmp_path / 'password').write_text('two\nlines')
    uri = add(world, 'password#file={}'.format(tmp_path / 'password'))
    assert world.model.find_secret(uri).revisions == [{'password': 'two\nlines'}]


def test_nothing_is_kept_of_a_hook_that_fails(world):
    uri = add(world, 'key=one')
    secret = world.model.find_secret(uri)
    world.server.script = lambda c: [tool(*words)(c) for words in (
        ('secret-add', 'key=other'), ('secret-set', uri, 'key=two'),
        ('secret-get', uri, '--refresh'), ('secret-grant', uri, '-r', '0'))] and 1
    world.model.dispatch('server/0', 'update-status')
    assert list(world.model.secrets.values()) == [secret]
    assert (secret.newest, secret.grants, secret.tracked) == (1, {}, {})


def test_all_that_a_hook_sets_is_one_revision(world):
    uri = add(world, 'key=one')
    uri = 'secret://x/' + uri.partition(':')[2]
    seen = does(world, 'server/0',
                tool('secret-set', uri, 'key=two'),
                tool('secret-set', uri, 'key=three'),
                tool('secret-get', uri, '--format=json'),
                tool('secret-get', uri, '--format=json', '--peek'),
                lambda c: ask(c, 'secret-info-get', uri))
    secret = world.model.find_secret(uri)
    assert seen[2:] == ['{"key": "one"}', '{"key": "three"}', {secret.id: {
        'revision': 1, 'label': '', 'owner': 'application'}}]
    assert secret.revisions == [{'key': 'one'}, {'key': 'three'}]


def test_what_it_says_already_is_no_revision(world):
    uri = add(world, 'key=one')
    does(world, 'server/0', tool('secret-set', uri, 'key=one'))
    assert world.model.find_secret(uri).newest == 1


def test_what_a_hook_has_added_it_can_read_change_and_remove(world):
    def script(context):
        uri = tool('secret-add', '--label=one', 'key=one')(context)
        tool('secret-set', uri, '--label=two', 'key=two')(context)
        assert ask(context, 'secret-get', '--label', 'two') == {'key': 'two'}
        assert ask(context, 'secret-ids') == [uri.partition(':')[2]]
        assert ask(context, 'secret-info-get', '--label=two')
        assert refusal(context, 'secret-info-get', '--label=one') == (
            1, 'ERROR secret "one" not found')
        assert 'already exists' in refusal(
            context, 'secret-add', '--label=two', 'key=x')[1]
        tool('secret-remove', uri)(context)
        assert ask(context, 'secret-ids') == []

    does(world, 'server/0', script)
    assert world.model.secrets == {}


def test_an_application_s_secret_is_its_leader_s(world):
    uri = add(world, '--label', 'one', 'key=one')
    world.model.add_unit('server')
    world.model.settle()
    found = does(
        world, 'server/1', tool('secret-ids'), tool('secret-get', uri, '--format=json'),
        lambda c: refusal(c, 'secret-set', uri, 'key=two'),
        lambda c: refusal(c, 'secret-add', 'key=two'))
    assert found == ['', '{"key": "one"}', (1, 'ERROR secret "{}" not found'.format(
        uri.partition(':')[2])), (1, 'ERROR this unit is not the leader')]
    own = add(world, '--owner=unit', 'key=own', unit='server/1')
    assert world.model.find_secret(own).owner == 'server/1'


def test_it_may_be_granted_to_one_unit(world):
    uri = add(world, 'key=one')
    does(world, 'server/0', tool('secret-grant', uri, '-r', '0', '--unit', 'client/1'))
    found = {}
    world.client.script = lambda c: found.update(
        {c.unit.name: c.call(['secret-get', uri])[0]})
    for unit in 'client/0', 'client/1':
        world.model.dispatch(unit, 'update-status')
    assert found == {'client/0': 1, 'client/1': 0}


def test_the_model_of_a_relation(world):
    assert world.client_does(lambda c: ask(c, 'relation-model-get', '-r', 'in:0')) == {
        'uuid': world.client_does(lambda c: c.env['JUJU_MODEL_UUID'])}


def test_juju_2_has_none():
    status, _, error = World('2.9').client_does(lambda context: context.call(
        ['secret-get', 'x']))
    assert (status, error) == (127, b'secret-get: command not found\n')
