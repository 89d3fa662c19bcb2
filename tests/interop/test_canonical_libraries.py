"""A server built with Canonical's current libraries, and the example client."""
import pytest

from functional.ensemble import UNRELATED, WAITING
from functional.granting import CA, IN_SECRETS, GrantingDeployment
from functional.juju import CONNECTED, NOTHING, warnings

# The server's library needs Juju 3.6 or newer.
pytestmark = pytest.mark.parametrize('profile', ['3.6', '4.0'], indirect=True)


@pytest.fixture
def grant(juju, in_process, tmp_path):
    return GrantingDeployment(
        juju, 'granting-server', in_process('zookeeper-client'), tmp_path)


def test_client_uses_what_a_server_with_canonical_libraries_grants(juju, grant):
    model = juju.model
    grant.relate()
    grant.run('kafka/0')
    model.set_leader('kafka/1')
    juju.settle()
    assert model.unit('zk/0').status == ('active', 'kafka asked for /kafka with cdrwa')
    grant.assert_uses()

    model.set_config('zk', password='second')
    juju.settle()
    juju.dispatch('update-status')
    grant.assert_uses(password='second')
    model.set_config('zk', password='third', port=2182, tls=True)
    juju.settle()
    grant.assert_uses(password='third', port=2182, ca=CA)
    assert (grant.request_data(), grant.restarts) == (IN_SECRETS, 3)

    model.remove_relation(grant.relation)
    juju.settle()
    grant.assert_waits(NOTHING, UNRELATED)
    assert model.secrets == {}

    model.set_config('zk', tls=False, below='/all')
    grant.relate()
    while not model.secrets:
        model.step()
    user, _ = model.secrets.values()
    model.revoke_secret(user, 'kafka')
    assert len(warnings(*model.settle())) == 2
    grant.assert_waits(CONNECTED, WAITING)
    model.grant_secret(user, 'kafka', grant.relation)
    juju.dispatch('update-status')
    grant.assert_uses(password='third', port=2182, path='/all/kafka')
    assert (grant.request_data(), grant.restarts) == (IN_SECRETS, 4)
