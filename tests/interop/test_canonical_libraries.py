"""The server granting-server, which uses Canonical's libraries, and a client."""
import pytest

from functional.ensemble import UNRELATED, WAITING
from functional.granting import CA, REQUEST_FOR_SECRETS, GrantingDeployment
from functional.juju import CONNECTED, NOTHING, warnings

# The server's library needs Juju 3.6 or newer.
pytestmark = pytest.mark.parametrize('release', ['3.6', '4.0'], indirect=True)


@pytest.fixture
def deployment(juju, in_process, tmp_path):
    return GrantingDeployment(
        juju, 'granting-server', in_process('zookeeper-client'), tmp_path)


def test_client_uses_what_a_server_with_canonical_libraries_grants(juju, deployment):
    model = juju.model
    deployment.relate()
    deployment.run('kafka/0')
    model.set_leader('kafka/1')
    juju.settle()
    assert model.unit('zk/0').status == ('active', 'kafka asked for /kafka with cdrwa')
    deployment.assert_uses()

    model.set_config('zk', password='second')
    juju.settle()
    juju.dispatch('update-status')
    deployment.assert_uses(password='second')
    model.set_config('zk', password='third', port=2182, tls=True)
    juju.settle()
    deployment.assert_uses(password='third', port=2182, ca=CA)
    assert (deployment.request_data(), deployment.restarts) == (REQUEST_FOR_SECRETS, 3)

    model.remove_relation(deployment.relation)
    juju.settle()
    deployment.assert_waits(NOTHING, UNRELATED)
    assert model.secrets == {}

    model.set_config('zk', tls=False, below='/all')
    deployment.relate()
    while not model.secrets:
        model.step()
    user, _ = model.secrets.values()
    model.revoke_secret(user, 'kafka')
    assert len(warnings(*model.settle())) == 2
    deployment.assert_waits(CONNECTED, WAITING)
    model.grant_secret(user, 'kafka', deployment.relation)
    juju.dispatch('update-status')
    deployment.assert_uses(password='third', port=2182, path='/all/kafka')
    assert (deployment.request_data(), deployment.restarts) == (REQUEST_FOR_SECRETS, 4)


def test_secrets_stay_when_one_of_two_server_units_leaves(juju, deployment):
    model = juju.model
    deployment.relate()
    model.add_unit('zk')
    juju.settle()
    granted = dict(model.secrets)
    assert granted
    # a departing leader leads until it has left
    model.set_leader('zk/0')
    model.remove_unit('zk/0')
    juju.settle()
    assert model.secrets == granted
    model.set_leader('zk/1')
    model.set_config('zk', password='second')
    juju.settle()
    deployment.assert_uses(password='second', server='zk/1')
    model.remove_relation(deployment.relation)
    juju.settle()
    assert model.secrets == {}
