"""A server built with Canonical's current libraries, and the example client."""
import pytest

from functional.ensemble import UNRELATED, WAITING
from functional.granting import CA, IN_SECRETS, Grant
from functional.world import CONNECTED, NOTHING, warnings

# The server's library needs Juju 3.6 or newer.
pytestmark = pytest.mark.parametrize('profile', ['3.6', '4.0'], indirect=True)


@pytest.fixture
def grant(world, in_process, tmp_path):
    return Grant(world, 'granting-server', in_process('zookeeper-client'), tmp_path)


def test_client_uses_what_a_server_with_canonical_libraries_grants(world, grant):
    model = world.model
    grant.relate()
    grant.run('kafka/0')
    model.lead('kafka/1')
    world.settle()
    assert model.unit('zk/0').status == ('active', 'kafka asked for /kafka with cdrwa')
    grant.uses()

    model.set_config('zk', password='second')
    world.settle()
    world.dispatch('update-status')
    grant.uses(password='second')
    model.set_config('zk', password='third', port=2182, tls=True)
    world.settle()
    grant.uses(password='third', port=2182, ca=CA)
    assert (grant.asked(), grant.restarts) == (IN_SECRETS, 3)

    model.remove_relation(grant.relation)
    world.settle()
    grant.waits(NOTHING, UNRELATED)
    assert model.secrets == {}

    model.set_config('zk', tls=False, below='/all')
    grant.relate()
    while not model.secrets:
        model.step()
    user, _ = model.secrets.values()
    model.revoke_secret(user, 'kafka')
    assert len(warnings(*model.settle())) == 2
    grant.waits(CONNECTED, WAITING)
    model.grant_secret(user, 'kafka', grant.relation)
    world.dispatch('update-status')
    grant.uses(password='third', port=2182, path='/all/kafka')
    assert (grant.asked(), grant.restarts) == (IN_SECRETS, 4)
