"""A server of shell scripts that grants a path, and the example client."""
import shutil

import pytest

from .conftest import TESTS, releases
from .ensemble import SERVER, UNRELATED
from .granting import CA, REQUEST, REQUEST_FOR_SECRETS, GrantingDeployment
from .juju import CONNECTED, NOTHING, warnings
from .layers import build_in_process


@pytest.fixture
def deployment(juju, in_process, tmp_path):
    return GrantingDeployment(
        juju, 'plain-server', in_process('zookeeper-client'), tmp_path)


def test_client_follows_all_changes_of_grant(juju, deployment):
    model, without_secrets = juju.model, juju.model.profile.name == '2.9'
    deployment.relate()
    juju.settle()
    deployment.assert_uses()
    assert deployment.request_data() == (
        REQUEST if without_secrets else REQUEST_FOR_SECRETS)
    model.set_config('zk', port=2182, ca=CA)
    juju.settle()
    deployment.assert_uses(port=2182, ca=CA)
    model.set_config('zk', password='second')
    juju.settle()
    # this client has no secret-changed hook
    deployment.assert_uses(port=2182, ca=CA,
                           password='second' if without_secrets else 'first')
    juju.dispatch('update-status')
    deployment.assert_uses(port=2182, ca=CA, password='second')
    assert deployment.restarts == 3
    model.remove_relation(deployment.relation)
    juju.settle()
    deployment.assert_waits(NOTHING, UNRELATED)
    deployment.relate()
    juju.settle()
    deployment.assert_uses(port=2182, ca=CA, password='second')
    assert deployment.restarts == 4


@releases('3.6')
def test_client_uses_tls_if_the_server_publishes_no_ca(juju, deployment):
    deployment.relate()
    juju.settle()
    juju.model.set_app_data(deployment.relation, 'zk', tls='enabled')
    juju.settle()
    deployment.assert_uses(tls=True)


@pytest.mark.slow
@releases('3.6')
def test_client_uses_grant_if_hooks_are_processes(juju, as_processes, tmp_path):
    deployment = GrantingDeployment(
        juju, 'plain-server', as_processes('zookeeper-client'), tmp_path)
    deployment.relate()
    juju.settle()
    deployment.assert_uses()
    juju.model.set_config('zk', port=2182, ca=CA, password='second')
    juju.settle()
    juju.dispatch('update-status')
    deployment.assert_uses(port=2182, ca=CA, password='second')


@releases('4.0', '3.6')
def test_client_with_secret_changed_hook_uses_new_password_at_once(
        juju, built, tmp_path):
    layer = shutil.copytree(TESTS.parent / 'examples' / 'zookeeper-client',
                            tmp_path / 'client')
    (layer / 'hooks').mkdir()
    shutil.copy(built('zookeeper-client') / 'hooks/update-status',
                layer / 'hooks/secret-changed')
    charm = build_in_process(layer, tmp_path / 'built')
    deployment = GrantingDeployment(juju, 'plain-server', charm, tmp_path / 'zk')
    deployment.relate()
    juju.settle()
    juju.model.set_config('zk', password='second')
    runs = [run for run in juju.settle() if run.unit == 'kafka/0']
    assert [run.hook.kind for run in runs] == ['secret-changed']
    deployment.assert_uses(password='second')


def test_client_without_request_waits_with_one_warning(juju, in_process, tmp_path):
    """The charm was written before the layer supported this protocol."""
    deployment = GrantingDeployment(
        juju, 'plain-server', in_process('second-generation-client'), tmp_path)
    deployment.relate()
    juju.settle()
    assert deployment.request_data() == {}
    juju.model.set_app_data(deployment.relation, 'zk', endpoints='10.0.0.1:2181')
    warned = warnings(*juju.model.settle())
    juju.model.set_app_data(deployment.relation, 'zk', endpoints='10.0.0.2:2181')
    juju.settle()
    # one from each unit
    assert warned == [
        'zookeeper: zk only accepts clients that request access. Upgrade this charm to '
        'a revision that does so (for its author: see request() and credentials())'] * 2
    assert juju.flags('kafka/0', 'zookeeper') == CONNECTED


def test_client_of_both_protocols_is_blocked_while_paths_differ(
        juju, in_process, tmp_path):
    deployment = GrantingDeployment(
        juju, 'plain-server', in_process('zookeeper-client'), tmp_path)
    deployment.relate()
    juju.model.deploy('old', in_process('zookeeper-server'), config=SERVER)
    other = juju.model.relate('old:zkclient', 'kafka:zookeeper')
    juju.settle()
    differ = ('the paths of old (/) and zk (/kafka) differ; the charm must name one '
              'application')
    assert juju.model.unit('kafka/0').status == ('blocked', differ)
    juju.model.remove_relation(other)
    juju.settle()
    deployment.assert_uses()
