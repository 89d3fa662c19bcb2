"""State that is lost: refused writes, a lost store, and an endpoint that moves."""
import pytest
from charmhelpers.core import unitdata
from charms.reactive import get_flags

from .harness import (LOCAL, ONE_UNIT, USABLE, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES,
                      deploy_and_send, deploy_settled)

HOOKS = {
    'config-changed': lambda juju: juju.hook('config-changed'),
    'leader-elected': lambda juju: juju.hook('leader-elected'),
    'update-status': lambda juju: juju.update_status(),
    'upgrade-charm': lambda juju: juju.hook('upgrade-charm'),
    'changed': lambda juju: juju.changed('zk:1', 'remote/0'),
    'joined of another relation': lambda juju: juju.joined('zk:2', 'second/0'),
    'departed of another relation': lambda juju: juju.departed('zk:3', 'third/0'),
    'created of another endpoint': lambda juju: juju.created('other:4'),
}

each_hook = pytest.mark.parametrize('hook', HOOKS.values(), ids=list(HOOKS))


# Refused writes.

@each_hook
def test_refused_write_is_tried_again_in_the_next_hook(juju, provides, hook):
    juju.declare(provides, 'other')
    deploy_settled(juju, provides, *ONE_UNIT, ('zk:3', 'third/0'))
    juju.model.fail_tools(LOCAL, 'relation-set -r zk:1 *')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:1') == provides.details(0)
    juju.model.restore_tools(LOCAL)
    hook(juju)
    assert juju.own_data('zk:1') == provides.details(1)
    assert juju.warnings == ['zk: relation-set in zk:1 failed (ERROR refused); a later '
                             'hook tries again']


def test_refused_write_is_logged_once_while_it_is_tried_again(juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    juju.model.fail_tools(LOCAL, 'relation-set*')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    for name in 'config-changed', 'update-status', 'leader-elected':
        juju.hook(name)
        assert juju.calls['relation-set'] == 1
    assert len(juju.warnings) == 1
    assert juju.flags() == USABLE


# A store that is lost.

def lose_store(juju):
    juju.end()
    unitdata.kv().unsetrange(prefix='')
    unitdata.kv().flush()


@pytest.mark.parametrize('hook', ['update-status', 'upgrade-charm', 'config-changed'])
def test_host_that_the_charm_wrote_by_itself_is_not_adopted(juju, hook):
    deploy_and_send(juju, ZOOKEEPER_PROVIDES)
    juju.endpoint().send_port(2181)
    juju.join('zk:1', 'remote/0')
    juju.write_own_data('zk:1', {'host': 'zk.example'})
    lose_store(juju)
    juju.hook(hook)
    juju.join('zk:2', 'second/0')
    assert juju.own_data('zk:2') == {'port': '2181'}
    juju.write_own_data('zk:1', {'host': 'new.example'})
    juju.update_status()
    assert juju.own_data('zk:1') == {'port': '2181', 'host': 'new.example'}
    juju.write_own_data('zk:1', {'host': ''})
    juju.update_status()
    assert juju.own_data('zk:1') == {'port': '2181'}


# An endpoint that moves.

def test_endpoint_that_moves_to_peers_loses_flags_and_record(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.metadata['peers'] = {'zk': juju.metadata[side.role].pop('zk')}
    juju.hook('upgrade-charm')
    assert [flag for flag in get_flags() if 'zk' in flag] == []
    assert unitdata.kv().getrange('interface-layer.') == {}


def test_client_that_becomes_a_server_loses_flags_that_only_clients_have(juju):
    deploy_settled(juju, ZOOKEEPER_REQUIRES, *ONE_UNIT)
    juju.changed('zk:1', 'remote/0', ZOOKEEPER_REQUIRES.remote_data(1))
    juju.end()
    assert 'endpoint.zk.changed' in get_flags()
    juju.metadata['provides']['zk'] = juju.metadata['requires'].pop('zk')
    juju.hook('upgrade-charm')
    juju.update_status()
    assert {flag for flag in get_flags() if flag.startswith('endpoint.')} == {
        'endpoint.zk.joined', 'endpoint.zk.available'}
