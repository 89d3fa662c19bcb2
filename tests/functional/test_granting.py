"""A server of shell scripts that grants a path, and the example client."""
import shutil

import pytest

from .conftest import TESTS, profiles
from .ensemble import SERVER, UNRELATED
from .granting import CA, IN_SECRETS, REQUEST, GrantingDeployment
from .juju import CONNECTED, NOTHING, warnings
from .layers import build_in_process


@pytest.fixture
def grant(juju, in_process, tmp_path):
    return GrantingDeployment(
        juju, 'plain-server', in_process('zookeeper-client'), tmp_path)


def test_client_follows_all_changes_of_grant(juju, grant):
    model, without_secrets = juju.model, juju.model.profile.name == '2.9'
    grant.relate()
    juju.settle()
    grant.assert_uses()
    assert grant.request_data() == (REQUEST if without_secrets else IN_SECRETS)
    model.set_config('zk', port=2182, ca=CA)
    juju.settle()
    grant.assert_uses(port=2182, ca=CA)
    model.set_config('zk', password='second')
    juju.settle()
    # this client has no secret-changed hook
    grant.assert_uses(port=2182, ca=CA,
                      password='second' if without_secrets else 'first')
    juju.dispatch('update-status')
    grant.assert_uses(port=2182, ca=CA, password='second')
    assert grant.restarts == 3
    model.remove_relation(grant.relation)
    juju.settle()
    grant.assert_waits(NOTHING, UNRELATED)
    grant.relate()
    juju.settle()
    grant.assert_uses(port=2182, ca=CA, password='second')
    assert grant.restarts == 4


@profiles('3.6')
def test_client_uses_tls_if_the_server_publishes_no_ca(juju, grant):
    grant.relate()
    juju.settle()
    juju.model.set_app_data(grant.relation, 'zk', tls='enabled')
    juju.settle()
    grant.assert_uses(tls=True)


@pytest.mark.slow
@profiles('3.6')
def test_client_whose_hooks_are_processes_works(juju, as_processes, tmp_path):
    grant = GrantingDeployment(
        juju, 'plain-server', as_processes('zookeeper-client'), tmp_path)
    grant.relate()
    juju.settle()
    grant.assert_uses()
    juju.model.set_config('zk', port=2182, ca=CA, password='second')
    juju.settle()
    juju.dispatch('update-status')
    grant.assert_uses(port=2182, ca=CA, password='second')


@profiles('4.0', '3.6')
def test_client_with_secret_changed_hook_uses_new_password_at_once(
        juju, built, tmp_path):
    layer = shutil.copytree(TESTS.parent / 'examples' / 'zookeeper-client',
                            tmp_path / 'client')
    (layer / 'hooks').mkdir()
    shutil.copy(built('zookeeper-client') / 'hooks/update-status',
                layer / 'hooks/secret-changed')
    charm = build_in_process(layer, tmp_path / 'built')
    grant = GrantingDeployment(juju, 'plain-server', charm, tmp_path / 'zk')
    grant.relate()
    juju.settle()
    juju.model.set_config('zk', password='second')
    runs = [run for run in juju.settle() if run.unit == 'kafka/0']
    assert [run.hook.kind for run in runs] == ['secret-changed']
    grant.assert_uses(password='second')


def test_client_without_request_waits_with_one_warning(juju, in_process, tmp_path):
    """The charm was written before the layer supported this protocol."""
    grant = GrantingDeployment(
        juju, 'plain-server', in_process('later-client'), tmp_path)
    grant.relate()
    juju.settle()
    assert grant.request_data() == {}
    juju.model.set_app_data(grant.relation, 'zk', endpoints='10.0.0.1:2181')
    warned = warnings(*juju.model.settle())
    juju.model.set_app_data(grant.relation, 'zk', endpoints='10.0.0.2:2181')
    juju.settle()
    # one from each unit
    assert warned == [
        'zookeeper: zk only accepts clients that request access. Upgrade this charm to '
        'a revision that does so (for its author: see request() and credentials())'] * 2
    assert juju.flags('kafka/0', 'zookeeper') == CONNECTED


def test_client_of_both_protocols_is_blocked_while_paths_differ(
        juju, in_process, tmp_path):
    grant = GrantingDeployment(
        juju, 'plain-server', in_process('zookeeper-client'), tmp_path)
    grant.relate()
    juju.model.deploy('old', in_process('zookeeper-server'), config=SERVER)
    other = juju.model.relate('old:zkclient', 'kafka:zookeeper')
    juju.settle()
    differ = 'the paths of old (/) and zk (/kafka) differ; the charm must name one'
    assert juju.model.unit('kafka/0').status == ('blocked', differ)
    juju.model.remove_relation(other)
    juju.settle()
    grant.assert_uses()
