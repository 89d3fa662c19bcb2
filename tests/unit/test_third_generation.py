"""Flags `endpoint.<name>.<state>` and methods of third-generation charms."""
import pytest
from charms.reactive import (bus, clear_flag, endpoint_from_flag, get_flags, set_flag,
                             when, when_not)

from .harness import (DEPARTING, JOINING, ONE_UNIT, Requires, USABLE,
                      ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES, deploy_settled)

JOINED_FLAG = 'endpoint.zk.joined'
AVAILABLE_FLAG = 'endpoint.zk.available'
CHANGED_FLAG = 'endpoint.zk.changed'


def flags():
    """The flags of the third generation."""
    return {flag for flag in get_flags() if flag.startswith('endpoint.')}


# Flags.

def test_client_has_joined_then_available_and_changed(juju, requires):
    juju.deploy(requires)
    assert flags() == set()
    juju.joined('zk:1', 'remote/0')
    assert flags() == {JOINED_FLAG}
    juju.changed('zk:1', 'remote/0', requires.remote_data(0))
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG, CHANGED_FLAG}
    juju.endpoint().dismiss_joining()
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}
    juju.changed('zk:1', 'remote/0', requires.remote_data(1))
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG, CHANGED_FLAG}
    juju.departed('zk:1', 'remote/0')
    assert flags() == set()


def test_provider_has_joined_and_available_before_it_has_sent_anything(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}
    assert juju.flags() == provides.flags_without_details | JOINING
    provides.send(juju.endpoint())
    juju.update_status()
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}
    juju.departed('zk:1', 'remote/0')
    assert flags() == set()


@pytest.mark.parametrize('flag', [CHANGED_FLAG, 'zk.joining'])
def test_clearing_either_flag_dismisses_joining(juju, requires, flag):
    deploy_settled(juju, requires, *ONE_UNIT)
    juju.changed('zk:1', 'remote/0', requires.remote_data(1))
    clear_flag(flag)
    juju.hook('config-changed')
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}
    assert juju.flags() == USABLE
    juju.update_status()
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}
    juju.changed('zk:1', 'remote/0', requires.remote_data(2))
    assert CHANGED_FLAG in flags() and 'joining' in juju.flags()


def test_clearing_one_flag_after_the_other_dismisses_joining_twice(juju, requires):
    deploy_settled(juju, requires, *ONE_UNIT)
    for number, flag in enumerate(['zk.joining', CHANGED_FLAG], 1):
        juju.changed('zk:1', 'remote/0', requires.remote_data(number))
        clear_flag(flag)
    juju.hook('config-changed')
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}
    assert juju.flags() == USABLE


def test_clearing_changed_leaves_departing(juju, requires):
    deploy_settled(juju, requires, ('zk:1', 'remote/0'), ('zk:1', 'remote/1'))
    juju.departed('zk:1', 'remote/1')
    juju.changed('zk:1', 'remote/0', requires.remote_data(7))
    clear_flag(CHANGED_FLAG)
    juju.update_status()
    assert juju.flags() == USABLE | DEPARTING


def test_changed_flag_set_by_the_charm_is_cleared(juju, requires):
    deploy_settled(juju, requires, *ONE_UNIT)
    juju.hook('config-changed')
    set_flag(CHANGED_FLAG)
    juju.hook('config-changed')
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}


# Upgrades: charms.reactive's Endpoint sets flags without values.

def run_third_generation_layer(juju, side, *states):
    """Have a unit join, and leave the flags that its layer has set."""
    juju.declare(side)
    juju.skip_joined('zk:1', 'remote/0', side.remote_data(0))
    juju.relation_hook('changed', 'zk:1', 'remote/0', run_layers=False)
    for state in states:
        set_flag('endpoint.zk.' + state)
    juju.end()


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status', 'config-changed'])
def test_upgrade_announces_no_unit_that_the_charm_knows(juju, requires, hook):
    run_third_generation_layer(juju, requires, 'joined', 'available')
    juju.hook(hook)
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG}
    assert juju.flags() == USABLE
    juju.changed('zk:1', 'remote/0', requires.remote_data(1))
    assert 'joining' in juju.flags()


def test_upgrade_announces_units_whose_change_the_charm_has_not_handled(juju, requires):
    run_third_generation_layer(juju, requires, 'joined', 'available', 'changed')
    juju.hook('upgrade-charm')
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG, CHANGED_FLAG}


def test_upgrade_clears_flags_that_only_endpoint_sets(juju, side):
    run_third_generation_layer(juju, side, 'joined', 'available', 'departed',
                               'changed.port', 'changed.ingress-address')
    juju.hook('upgrade-charm', lambda: set_flag('endpoint.zk2.changed.port'))
    assert flags() == {JOINED_FLAG, AVAILABLE_FLAG, 'endpoint.zk2.changed.port'}


# Objects and handlers.

@pytest.mark.parametrize('flag', [JOINED_FLAG, AVAILABLE_FLAG])
def test_endpoint_from_flag_returns_the_object(juju, side, flag):
    juju.deploy(side)
    assert endpoint_from_flag(flag) is None
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    endpoint = endpoint_from_flag(flag)
    assert type(endpoint) is side.cls
    assert endpoint.relation_name == 'zk'
    if isinstance(side, Requires):
        assert type(endpoint_from_flag(CHANGED_FLAG)) is side.cls
        assert side.hosts(endpoint) == ['10.0.0.0']


def test_handlers_without_arguments_of_a_client_run(juju, handlers):
    juju.deploy(ZOOKEEPER_REQUIRES)
    seen = []

    @when(AVAILABLE_FLAG, CHANGED_FLAG)
    def configure():
        seen.append(endpoint_from_flag(AVAILABLE_FLAG).list_unit_data())
        clear_flag(CHANGED_FLAG)

    @when_not(AVAILABLE_FLAG)
    def stop():
        seen.append('stop')

    juju.join('zk:1', 'remote/0', ZOOKEEPER_REQUIRES.remote_data(0))
    bus.dispatch()
    juju.update_status()
    bus.dispatch()
    juju.changed('zk:1', 'remote/0', {'host': '"zk"', 'port': '"2182"'})
    bus.dispatch()
    juju.departed('zk:1', 'remote/0')
    bus.dispatch()
    assert seen == [[{'host': '10.0.0.0', 'port': '2181'}],
                    [{'host': 'zk', 'port': '2182'}], 'stop']


def test_handler_without_arguments_of_a_server_configures_it(juju, handlers):
    juju.deploy(ZOOKEEPER_PROVIDES)

    @when(AVAILABLE_FLAG)
    def send():
        endpoint_from_flag(AVAILABLE_FLAG).configure('10.0.0.9', 2181)

    juju.join('zk:1', 'remote/0')
    bus.dispatch()
    juju.join('zk:2', 'second/0')
    bus.dispatch()
    for relation_id in 'zk:1', 'zk:2':
        assert juju.own_data(relation_id) == {'host': '10.0.0.9', 'port': '2181'}
    assert len(juju.writes) == 2


def test_handler_with_an_argument_receives_the_object(juju, side, handlers):
    juju.deploy(side)
    received = []
    when(JOINED_FLAG, AVAILABLE_FLAG)(lambda *endpoints: received.extend(endpoints))
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    bus.dispatch()
    assert [type(endpoint) for endpoint in received] == [side.cls] * 2


# Methods.

def test_list_unit_data_lists_all_usable_servers_in_order(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    assert juju.endpoint().list_unit_data() == []
    juju.join('zk:1', 'b/10', dict(ZOOKEEPER_REQUIRES.remote_data(3), rest_port='9998'))
    juju.join('zk:1', 'b/9', ZOOKEEPER_REQUIRES.remote_data(2))
    juju.join('zk:1', 'b/11')
    juju.join('zk:2', 'a/0', ZOOKEEPER_REQUIRES.remote_data(1))
    assert juju.endpoint().list_unit_data() == [
        {'host': '10.0.0.{}'.format(number), 'port': '2181'} for number in (1, 2, 3)]


@pytest.mark.parametrize('host, port, sent', [
    ('zk.example', '2181', {'host': 'zk.example', 'port': '2181'}),
    ('fd00::1', 2181, {'host': 'fd00::1', 'port': '2181'}),
    (None, 2181, {'port': '2181'}), ('', 2181, {'port': '2181'})], ids=str)
def test_configure_sends_host_and_port(juju, host, port, sent):
    juju.deploy(ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    juju.endpoint().configure(host=host, port=port)
    assert juju.own_data('zk:1') == sent


@pytest.mark.parametrize('host, port, message', [
    ('a b', 2181, "^host is 'a b', not "), ('zk', None, '^port is None, not '),
    (2181, 'zk', "^port is 'zk', not ")])
def test_configure_with_invalid_values_sends_nothing(juju, host, port, message):
    juju.deploy(ZOOKEEPER_PROVIDES)
    juju.join('zk:1', 'remote/0')
    with pytest.raises(ValueError, match=message):
        juju.endpoint().configure(host, port)
    assert juju.own_data('zk:1') == {}
