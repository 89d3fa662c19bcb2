"""The fixture granting-server, as its units come and go."""
import pytest

from functional.granting import GrantingDeployment


@pytest.mark.parametrize('profile', ['3.6', '4.0'], indirect=True)
def test_secrets_stay_when_one_of_two_server_units_leaves(juju, in_process, tmp_path):
    grant = GrantingDeployment(
        juju, 'granting-server', in_process('zookeeper-client'), tmp_path)
    model = juju.model
    grant.relate()
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
    model.remove_relation(grant.relation)
    juju.settle()
    assert model.secrets == {}
