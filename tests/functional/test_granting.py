"""A server with the application-data protocol, in shell; tests/interop has another."""
import shutil

import pytest

from .conftest import TESTS, profiles
from .ensemble import SERVER, UNRELATED, WAITING
from .granting import CA, IN_SECRETS, REQUEST, Grant
from .layers import build_in_process
from .world import CONNECTED, NOTHING, warnings


@pytest.fixture
def grant(world, in_process, tmp_path):
    return Grant(world, 'plain-server', in_process('zookeeper-client'), tmp_path)


def test_client_follows_all_changes_of_grant(world, grant):
    model, without_secrets = world.model, world.model.profile.name == '2.9'
    grant.relate()
    world.settle()
    grant.uses()
    assert grant.asked() == (REQUEST if without_secrets else IN_SECRETS)
    model.set_config('zk', port=2182, ca=CA)
    world.settle()
    grant.uses(port=2182, ca=CA)
    model.set_config('zk', password='second')
    world.settle()
    # this client has no hook secret-changed
    grant.uses(port=2182, ca=CA, password='second' if without_secrets else 'first')
    world.dispatch('update-status')
    grant.uses(port=2182, ca=CA, password='second')
    assert grant.restarts == 3
    model.remove_relation(grant.relation)
    world.settle()
    grant.waits(NOTHING, UNRELATED)
    grant.relate()
    world.settle()
    grant.uses(port=2182, ca=CA, password='second')
    assert grant.restarts == 4


@profiles('3.6')
def test_client_whose_hooks_are_processes_works(world, as_processes, tmp_path):
    grant = Grant(world, 'plain-server', as_processes('zookeeper-client'), tmp_path)
    grant.relate()
    world.settle()
    grant.uses()
    world.model.set_config('zk', port=2182, ca=CA, password='second')
    world.settle()
    world.dispatch('update-status')
    grant.uses(port=2182, ca=CA, password='second')


def test_request_stays_when_leader_changes_before_grant(world, grant):
    grant.relate()
    grant.run('kafka/0')
    request = grant.asked()
    assert request['database'] == '/kafka'
    world.model.lead('kafka/1')
    world.settle()
    grant.uses()
    world.dispatch('update-status')
    assert grant.asked() == request


@profiles('3.6', '4.0')
def test_client_waits_until_secret_is_granted(world, grant):
    model = world.model
    grant.relate()
    while not model.secrets:
        model.step()
    secret, = model.secrets.values()
    model.revoke_secret(secret, 'kafka')
    assert set(warnings(*model.settle())) == {
        'zookeeper: secret-user of zk can not be read, what was known stays: ERROR '
        'permission denied'}
    grant.waits(CONNECTED, WAITING)
    model.grant_secret(secret, 'kafka', grant.relation)
    world.dispatch('update-status')
    grant.uses()


@profiles('3.6', '4.0')
def test_client_with_secret_changed_hook_uses_new_password_at_once(
        world, built, tmp_path):
    layer = shutil.copytree(TESTS.parent / 'examples' / 'zookeeper-client',
                            tmp_path / 'client')
    (layer / 'hooks').mkdir()
    shutil.copy(built('zookeeper-client') / 'hooks/update-status',
                layer / 'hooks/secret-changed')
    charm = build_in_process(layer, tmp_path / 'built')
    grant = Grant(world, 'plain-server', charm, tmp_path / 'zk')
    grant.relate()
    world.settle()
    world.model.set_config('zk', password='second')
    runs = [run for run in world.settle() if run.unit == 'kafka/0']
    assert [run.hook.kind for run in runs] == ['secret-changed']
    grant.uses(password='second')


def test_client_without_request_waits_with_one_warning(world, in_process, tmp_path):
    """A charm from before this protocol that was not changed."""
    grant = Grant(world, 'plain-server', in_process('later-client'), tmp_path)
    grant.relate()
    world.settle()
    assert grant.asked() == {}
    world.model.set_app_data(grant.relation, 'zk', endpoints='10.0.0.1:2181')
    warned = warnings(*world.model.settle())
    world.model.set_app_data(grant.relation, 'zk', endpoints='10.0.0.2:2181')
    world.settle()
    # one from each unit
    assert warned == [
        'zookeeper: zk speaks the later protocol called zookeeper: it has to be asked, '
        'by request(), and gives credentials()'] * 2
    assert world.flags('kafka/0', 'zookeeper') == CONNECTED


def test_client_of_both_protocols_is_blocked_while_paths_differ(
        world, in_process, tmp_path):
    grant = Grant(world, 'plain-server', in_process('zookeeper-client'), tmp_path)
    grant.relate()
    world.model.deploy('old', in_process('zookeeper-server'), config=SERVER)
    other = world.model.relate('old:zkclient', 'kafka:zookeeper')
    world.settle()
    differ = 'application is None, and the paths of old (/), zk (/kafka) differ'
    assert world.model.unit('kafka/0').status == ('blocked', differ)
    world.model.remove_relation(other)
    world.settle()
    grant.uses()
