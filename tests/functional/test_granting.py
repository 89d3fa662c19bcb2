"""Servers that have to be asked, written by hand; see tests/counterpart too."""
import shutil

import pytest

from juju_standin import InProcessCharm, build

from .conftest import TESTS
from .ensemble import UNRELATED, WAITING
from .granting import ASKED, CA, IN_SECRETS, Grant
from .world import CONNECTED, NOTHING, warnings


@pytest.fixture
def grant(world, in_process, tmp_path):
    return Grant(world, 'plain-server', in_process('zookeeper-client'), tmp_path)


def test_the_life_of_their_clients(world, grant):
    model, old = world.model, world.model.profile.name == '2.9'
    grant.relate()
    world.settle()
    grant.uses()
    assert grant.asked() == (ASKED if old else IN_SECRETS)
    model.set_config('zk', port=2182, ca=CA)
    world.settle()
    grant.uses(port=2182, ca=CA)
    model.set_config('zk', password='second')
    world.settle()
    grant.uses(port=2182, ca=CA, password='second' if old else 'first')
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


@pytest.mark.parametrize('profile', ['3.6'], indirect=True)
def test_a_client_whose_hooks_are_processes(world, by_processes, tmp_path):
    grant = Grant(world, 'plain-server', by_processes('zookeeper-client'), tmp_path)
    grant.relate()
    world.settle()
    grant.uses()
    world.model.set_config('zk', port=2182, ca=CA, password='second')
    world.settle()
    world.dispatch('update-status')
    grant.uses(port=2182, ca=CA, password='second')


def test_leadership_moves_between_asking_and_granting(world, grant):
    grant.relate()
    grant.run('kafka/0')
    asked = grant.asked()
    assert asked['database'] == '/kafka'
    world.model.lead('kafka/1')
    world.settle()
    grant.uses()
    world.dispatch('update-status')
    assert grant.asked() == asked


@pytest.mark.parametrize('profile', ['3.6', '4.0'], indirect=True)
def test_a_secret_that_is_not_granted_yet(world, grant):
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


@pytest.mark.parametrize('profile', ['3.6', '4.0'], indirect=True)
def test_a_client_with_the_hook_secret_changed_is_told_at_once(world, built, tmp_path):
    layer = shutil.copytree(TESTS.parent / 'examples' / 'zookeeper-client',
                            tmp_path / 'client')
    (layer / 'hooks').mkdir()
    shutil.copy(built('zookeeper-client') / 'hooks/update-status',
                layer / 'hooks/secret-changed')
    charm = InProcessCharm(build(layer, tmp_path / 'built'))
    grant = Grant(world, 'plain-server', charm, tmp_path / 'zk')
    grant.relate()
    world.settle()
    world.model.set_config('zk', password='second')
    runs = [run for run in world.settle() if run.unit == 'kafka/0']
    assert [run.hook.kind for run in runs] == ['secret-changed']
    grant.uses(password='second')


def test_a_client_that_does_not_ask_waits(world, in_process, tmp_path):
    """As a charm does that knows nothing of it, and has not been changed."""
    grant = Grant(world, 'plain-server', in_process('later-client'), tmp_path)
    grant.relate()
    world.settle()
    assert grant.asked() == {}
    world.model.set_app_data(grant.relation, 'zk', endpoints='10.0.0.1:2181')
    said = warnings(*world.model.settle())
    world.model.set_app_data(grant.relation, 'zk', endpoints='10.0.0.2:2181')
    world.settle()
    assert said == ['zookeeper: zk speaks the later protocol called zookeeper: it has '
                    'to be asked, by request(), and gives credentials()'] * 2
    assert world.flags('kafka/0', 'zookeeper') == CONNECTED


def test_one_client_of_both_kinds_of_servers(world, in_process, tmp_path):
    grant = Grant(world, 'plain-server', in_process('zookeeper-client'), tmp_path)
    grant.relate()
    world.model.deploy('old', in_process('zookeeper-server'),
                       config={'conf-dir': 'conf', 'data-dir': 'data'})
    other = world.model.relate('old:zkclient', 'kafka:zookeeper')
    world.settle()
    differ = 'application is None, and the paths of old (/), zk (/kafka) differ'
    assert world.model.unit('kafka/0').status == ('blocked', differ)
    world.model.remove_relation(other)
    world.settle()
    grant.uses()
