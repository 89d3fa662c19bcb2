"""All ways in which a charm gets an endpoint's object, and errors of its methods."""
import charms.reactive
import pytest
from charmhelpers.core import hookenv
from charms.reactive import (RelationBase, bus, endpoint_from_flag, endpoint_from_name,
                             relations, when, when_not)

from .harness import (AT_START, DEPARTING, JOINING, ONE_UNIT, TWO_RELATIONS,
                      USABLE, ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES, deploy_and_send,
                      deploy_settled, deploy_with_notice)

FLAGS = sorted(USABLE | JOINING | DEPARTING)

BY_FLAG = {
    'endpoint_from_flag': endpoint_from_flag,
    'RelationBase.from_flag': RelationBase.from_flag,
    'RelationBase.from_state': RelationBase.from_state,
    'relation_from_state': relations.relation_from_state,
}
by_flag = pytest.mark.parametrize('get', BY_FLAG.values(), ids=list(BY_FLAG))


@by_flag
def test_endpoint_from_each_flag_lists_all_units(juju, requires, get):
    juju.deploy_joined(requires, requires.remote_data(0))
    juju.endpoint().dismiss_joining()
    juju.join('zk:1', 'remote/2', requires.remote_data(2))
    juju.departed('zk:1', 'remote/2')
    juju.join('zk:2', 'third/1', requires.remote_data(1))
    juju.update_status()
    for flag in FLAGS:
        endpoint = get('zk.' + flag)
        assert type(endpoint) is requires.cls
        assert endpoint.relation_name == 'zk'
        assert requires.hosts(endpoint) == ['10.0.0.0', '10.0.0.1']
    endpoint.dismiss_joining()
    endpoint.dismiss_departing()
    assert juju.flags() == USABLE


@by_flag
def test_endpoint_from_each_flag_sends_details(juju, provides, get):
    deploy_with_notice(juju, provides)
    juju.join('zk:1', 'remote/1')
    juju.departed('zk:1', 'remote/1')
    juju.hook('config-changed')
    for number, flag in enumerate(FLAGS):
        endpoint = get('zk.' + flag)
        assert type(endpoint) is provides.cls
        provides.send(endpoint, number % 2)
    endpoint.dismiss_joining()
    endpoint.dismiss_departing()
    assert juju.flags() == USABLE
    assert juju.own_data('zk:1') == provides.details(1)


def test_endpoint_from_name_needs_no_flag(juju, side):
    juju.deploy(side)
    for get in (endpoint_from_name, relations.relation_from_name,
                RelationBase.from_name, side.cls.from_name):
        endpoint = get('zk')
        assert type(endpoint) is side.cls
        assert endpoint.relation_name == 'zk'


def test_endpoint_from_flag_is_none_if_the_flag_is_not_set(juju, side):
    juju.deploy(side)
    for flag in FLAGS:
        assert endpoint_from_flag('zk.' + flag) is None
    assert side.cls.from_flag('zk.joined') is None


@pytest.mark.parametrize('hook', [
    'joined', 'update-status', 'created of another endpoint'])
def test_handler_receives_one_endpoint_for_each_flag(juju, side, handlers, hook):
    juju.declare(side, 'other')
    deploy_and_send(juju, side)
    received = []

    @when('zk.connected', 'zk.joined', 'zk.available', 'zk.ready',
          'zk.joining', 'zk.departing')
    def handle(*endpoints):
        received.extend(endpoints)
        endpoints[-1].dismiss_departing()

    juju.join('zk:1', 'remote/0', side.remote_data(0))
    juju.departed('zk:1', 'remote/0')
    juju.joined('zk:1', 'remote/0', side.remote_data(0))
    if hook == 'update-status':
        juju.update_status()
    elif hook == 'created of another endpoint':
        juju.created('other:3')
    bus.dispatch()
    assert [type(endpoint) for endpoint in received] == [side.cls] * 6
    assert juju.flags() == USABLE | JOINING


def test_handler_does_not_run_again_after_it_dismissed_its_notice(juju, side, handlers):
    deploy_and_send(juju, side)
    ran = []
    when_not('zk.connected')(lambda: ran.append('alone'))
    when('zk.departing')(lambda endpoint: (
        ran.append('left'), endpoint.dismiss_departing()))
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    bus.dispatch()
    assert ran == []
    juju.departed('zk:1', 'remote/0')
    bus.dispatch()
    assert sorted(ran) == ['alone', 'left']
    juju.update_status()
    bus.dispatch()
    assert sorted(ran) == ['alone', 'alone', 'left']


def test_handler_of_ready_sends_details(juju, handlers):
    """Second-generation charms send their details when `ready` is set."""
    juju.deploy(ZOOKEEPER_PROVIDES)
    when('zk.ready')(lambda zookeeper: zookeeper.send_connection(2181, 2181))
    juju.join('zk:1', 'remote/0')
    assert juju.flags() == ZOOKEEPER_PROVIDES.flags_without_details | JOINING
    bus.dispatch()
    assert juju.flags() == USABLE | JOINING
    assert juju.own_data('zk:1') == {'port': '2181', 'rest_port': '2181'}


def test_each_module_registers_its_class_for_the_start_of_a_hook(side):
    assert [entry for entry in AT_START if entry[0] == side.cls.update_all] == [
        (side.cls.update_all, (), {})]


def test_main_of_charms_reactive_updates_flags_and_runs_handlers(
        juju, side, handlers, monkeypatch):
    deploy_and_send(juju, side)
    juju.end()
    monkeypatch.setenv('JUJU_HOOK_NAME', 'zk-relation-joined')
    seen = []
    when('zk.joining')(lambda endpoint: (
        seen.append(juju.flags()), endpoint.dismiss_joining()))
    juju.skip_joined('zk:1', 'remote/0', side.remote_data(0))
    juju.relation_hook('joined', 'zk:1', 'remote/0', run_layers=False)
    hookenv._atstart.extend(AT_START)
    charms.reactive.main()
    assert seen == [USABLE | JOINING]
    assert juju.flags() == USABLE
    juju.fail()
    assert juju.flags() == USABLE


def test_framework_finds_the_class_and_not_its_base(side):
    """RelationBase takes the alphabetically first subclass in the module."""
    assert RelationBase._find_subclass(side.module) is side.cls
    assert relations._find_relation_factory(side.module) is side.cls
    assert side.cls.interface == side.interface
    assert side.cls.role == side.role


def test_layers_register_no_handlers():
    """A hook decorator in shared code would register its handler once per copy."""
    names = [handler.id() for handler in bus.Handler.get_handlers()]
    assert [name for name in names if 'relations' in name or 'interfaces' in name] == []


def test_each_class_is_a_recorded_endpoint(side):
    assert 'RecordedEndpoint' in [cls.__name__ for cls in side.cls.__mro__]


def test_action_that_runs_before_any_hook_reads_everything(juju, requires):
    juju.declare(requires)
    juju.skip_joined('zk:1', 'remote/0', requires.remote_data(0))
    juju.action()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    assert juju.flags() == USABLE | JOINING


def test_endpoints_agree_in_one_hook_and_in_the_next_action(juju, requires):
    juju.deploy_joined(requires, requires.remote_data(0))
    first, second = juju.endpoint(), juju.endpoint()
    first.dismiss_joining()
    assert requires.hosts(second) == ['10.0.0.0']
    juju.action()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    assert juju.flags() == USABLE


# Calls that raise an error or return nothing.

@pytest.mark.parametrize('call', [
    lambda endpoint: endpoint.connection_string(application='typo'),
    lambda endpoint: endpoint.credentials('typo'),
    lambda endpoint: endpoint.tls('typo')],
    ids=['connection_string', 'credentials', 'tls'])
@pytest.mark.parametrize('units, allowed', [
    ([], 'related'), (ONE_UNIT, 'remote'),
    (TWO_RELATIONS, 'remote or second')], ids=['none', 'one', 'two'])
def test_methods_raise_value_error_for_an_unrelated_application(juju, call, units,
                                                                allowed):
    deploy_settled(juju, ZOOKEEPER_REQUIRES, *units)
    with pytest.raises(ValueError) as error:
        call(juju.endpoint())
    assert str(error.value) == "application is 'typo', not " + allowed


def test_methods_return_nothing_for_an_application_without_usable_server(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.created('zk:1', 'remote')
    endpoint = juju.endpoint()
    assert endpoint.connection_string(application='remote') == ''
    assert endpoint.credentials('remote') is endpoint.tls('remote') is None


@pytest.mark.parametrize('call', [
    lambda endpoint: endpoint.conversation(),
    lambda endpoint: endpoint.get_remote('port'),
    lambda endpoint: endpoint.set_remote(port=1),
    lambda endpoint: endpoint.set_state('{relation_name}.connected')],
    ids=['conversation', 'get_remote', 'set_remote', 'set_state'])
def test_methods_of_conversations_name_the_method_to_use(juju, side, call):
    deploy_settled(juju, side, *ONE_UNIT)
    with pytest.raises(NotImplementedError) as error:
        call(juju.endpoint())
    method = {'ZookeeperRequires': 'zookeepers', 'ZookeeperProvides': 'send_port',
              'FlumeRequires': 'agents', 'FlumeProvides': 'send_configuration'}[side.id]
    assert str(error.value) == '{} keeps no conversations; use {}() instead'.format(
        side.id, method)
