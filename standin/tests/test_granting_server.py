"""The server of the application-data protocol, related to the example client."""
import json
from pathlib import Path

import pytest

from juju_standin import GrantingServer, InProcessCharm, Model, build_once
from repository import EXAMPLES

CA = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n'


@pytest.fixture(scope='module')
def client():
    return InProcessCharm(build_once(EXAMPLES / 'zookeeper-client'))


@pytest.mark.parametrize('release', ['2.9', '3.6', '4.0'])
def test_client_uses_the_grant_and_its_changes(client, release):
    model = Model(release)
    model.deploy('zk', GrantingServer(), 2)
    model.deploy('kafka', client, config={'conf-dir': 'conf'})
    relation = model.relate('kafka:zookeeper', 'zk:zookeeper')

    def lines():
        model.settle()
        model.dispatch('kafka/0', 'update-status')
        path = Path(model.unit('kafka/0').charm_dir) / 'conf/client.cfg'
        return path.read_text().splitlines()

    address = model.unit('zk/0').address
    assert lines() == ['zookeeper.connect={}:2181/kafka'.format(address),
                       'zookeeper.login=relation-0:first']
    assert len(model.secrets) == (release != '2.9')
    model.set_config('zk', port=2182, password='second', ca=CA)
    assert lines() == ['zookeeper.connect={}:2182/kafka'.format(address),
                       'zookeeper.login=relation-0:second',
                       'zookeeper.tls=true',
                       'zookeeper.ca={}'.format(json.dumps(CA))]
    model.remove_relation(relation)
    assert lines() == ['zookeeper.connect=']
