"""Every way by which a charm comes by a relation object."""
import charms.reactive
import pytest
from charmhelpers.core import hookenv
from charms.reactive import RelationBase
from charms.reactive import bus
from charms.reactive import endpoint_from_flag
from charms.reactive import endpoint_from_name
from charms.reactive import relations
from charms.reactive import when
from charms.reactive import when_not

from .harness import AT_START
from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import JOINING
from .harness import REQUIRES
from .harness import SIDES
from .harness import ZOOKEEPER_PROVIDES
from .harness import ready

ALL = sorted(CONNECTED | AVAILABLE | JOINING | DEPARTING)

WAYS = {
    'endpoint_from_flag': endpoint_from_flag,
    'RelationBase.from_flag': RelationBase.from_flag,
    'RelationBase.from_state': RelationBase.from_state,
    'relation_from_state': relations.relation_from_state,
}


@pytest.mark.parametrize('way', WAYS.values(), ids=list(WAYS))
def test_each_flag_leads_to_an_object_that_knows_all(juju, requires, way):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.endpoint().dismiss_joining()
    juju.join('zk:1', 'remote/2', requires.settings(2))
    juju.departed('zk:1', 'remote/2')
    juju.join('zk:2', 'third/1', requires.settings(1))
    juju.update_status()
    for flag in ALL:
        endpoint = way('zk.' + flag)
        assert type(endpoint) is requires.cls
        assert endpoint.relation_name == 'zk'
        assert requires.hosts(endpoint) == ['10.0.0.0', '10.0.0.1']
    endpoint.dismiss_joining()
    endpoint.dismiss_departing()
    assert juju.flags() == CONNECTED | AVAILABLE


@pytest.mark.parametrize('way', WAYS.values(), ids=list(WAYS))
def test_each_flag_leads_to_an_object_that_sends(juju, provides, way):
    ready(juju, provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:1', 'remote/1')
    juju.departed('zk:1', 'remote/1')
    juju.hook('config-changed')
    for number, flag in enumerate(ALL):
        endpoint = way('zk.' + flag)
        assert type(endpoint) is provides.cls
        provides.send(endpoint, number % 2)
    endpoint.dismiss_joining()
    endpoint.dismiss_departing()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.own_data('zk:1') == provides.wire(1)


@pytest.mark.parametrize('way', [
    endpoint_from_name, relations.relation_from_name, RelationBase.from_name],
    ids=lambda way: way.__qualname__)
def test_the_name_leads_to_an_object_without_a_flag(juju, side, way):
    juju.deploy(side)
    endpoint = way('zk')
    assert type(endpoint) is side.cls
    assert endpoint.relation_name == 'zk'


def test_the_class_finds_its_endpoint_by_name(juju, side):
    juju.deploy(side)
    assert type(side.cls.from_name('zk')) is side.cls


def test_a_flag_that_is_not_set_leads_nowhere(juju, side):
    juju.deploy(side)
    for flag in ALL:
        assert endpoint_from_flag('zk.' + flag) is None


def test_a_flag_that_is_not_set_leads_nowhere_by_class(juju, side):
    juju.deploy(side)
    assert side.cls.from_flag('zk.joined') is None


@pytest.fixture
def handlers(monkeypatch):
    monkeypatch.setattr(bus.Handler, '_HANDLERS', {})
    monkeypatch.setattr(bus.Handler, '_CONSUMED_FLAGS', set())
    return bus.Handler


@pytest.mark.parametrize('hook', ['joined', 'update-status', 'elsewhere'])
def test_handlers_are_given_one_object_for_each_flag(juju, side, handlers, hook):
    juju.declare(side, 'other')
    ready(juju, side)
    given = []

    @when('zk.connected', 'zk.joined', 'zk.available', 'zk.ready',
          'zk.joining', 'zk.departing')
    def handle(*arguments):
        given.extend(arguments)
        arguments[-1].dismiss_departing()

    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.departed('zk:1', 'remote/0')
    juju.joined('zk:1', 'remote/0', side.settings(0))
    if hook == 'update-status':
        juju.update_status()
    elif hook == 'elsewhere':
        juju.created('other:3')
    bus.dispatch()
    assert [type(argument) for argument in given] == [side.cls] * 6
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_handler_waits_for_the_flag_to_be_cleared(juju, side, handlers):
    ready(juju, side)
    ran = []
    when_not('zk.connected')(lambda: ran.append('alone'))
    when('zk.departing')(lambda endpoint: (
        ran.append('left'), endpoint.dismiss_departing()))
    juju.join('zk:1', 'remote/0', side.settings(0))
    bus.dispatch()
    assert ran == []
    juju.departed('zk:1', 'remote/0')
    bus.dispatch()
    assert sorted(ran) == ['alone', 'left']
    juju.update_status()
    bus.dispatch()
    assert sorted(ran) == ['alone', 'alone', 'left']


def test_a_server_that_sends_because_of_ready_sends(juju, handlers):
    """As charms of the later generation do; they waited for ever."""
    juju.deploy(ZOOKEEPER_PROVIDES)
    when('zk.ready')(lambda zookeeper: zookeeper.send_connection(2181, 2181))
    juju.join('zk:1', 'remote/0')
    assert juju.flags() == ZOOKEEPER_PROVIDES.connected | JOINING
    bus.dispatch()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.own_data('zk:1') == {'port': '2181', 'rest_port': '2181'}


@pytest.mark.parametrize('side', SIDES, ids=lambda side: side.id)
def test_each_module_has_its_class_followed_at_the_start_of_a_hook(side):
    assert [entry for entry in AT_START if entry[0] == side.cls.follow] == [
        (side.cls.follow, (), {})]


def test_the_frameworks_own_run_of_a_hook_plays_all_of_it(juju, side, handlers,
                                                          monkeypatch):
    ready(juju, side)
    juju.end()
    monkeypatch.setenv('JUJU_HOOK_NAME', 'zk-relation-joined')
    seen = []
    when('zk.joining')(lambda endpoint: (
        seen.append(juju.flags()), endpoint.dismiss_joining()))
    juju.skip_joined('zk:1', 'remote/0', side.settings(0))
    juju.relation_hook('joined', 'zk:1', 'remote/0', follow=False)
    hookenv._atstart.extend(AT_START)
    charms.reactive.main()
    assert seen == [CONNECTED | AVAILABLE | JOINING]
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.fail()
    assert juju.flags() == CONNECTED | AVAILABLE


def test_the_frameworks_start_brings_the_flags_up_to_date(juju, side):
    ready(juju, side)
    juju.end()
    juju.skip_joined('zk:1', 'remote/0', side.settings(0))
    juju.relation_hook('joined', 'zk:1', 'remote/0', follow=False)
    assert juju.flags() == set()
    hookenv._atstart.extend(AT_START)
    hookenv._run_atstart()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert hookenv._atstart == []


def test_the_framework_finds_each_class_and_no_other(side):
    assert RelationBase._find_subclass(side.module) is side.cls
    assert relations._find_relation_factory(side.module) is side.cls
    assert side.cls.interface == side.interface
    assert side.cls.role == side.role


@pytest.mark.parametrize('requires', REQUIRES, ids=lambda side: side.id)
def test_an_action_that_comes_first_of_all_finds_what_there_is(juju, requires):
    juju.declare(requires)
    juju.skip_joined('zk:1', 'remote/0', requires.settings(0))
    juju.action()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_methods_agree_within_a_hook_and_with_the_next_action(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    one, two = juju.endpoint(), juju.endpoint()
    one.dismiss_joining()
    assert requires.hosts(two) == ['10.0.0.0']
    juju.action()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    assert juju.flags() == CONNECTED | AVAILABLE
