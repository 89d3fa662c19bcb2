"""Secrets, as those who read them see them."""
import pytest

from test_standin.recorder import World, ask, refusal


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


def test_juju_2_has_none():
    status, _, error = World('2.9').client_does(lambda context: context.call(
        ['secret-get', 'x']))
    assert (status, error) == (127, b'secret-get: command not found\n')
