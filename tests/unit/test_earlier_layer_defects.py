"""What charms of this field have got wrong; each test tells how it came about."""
import pytest
from charms.reactive import RelationBase
from charms.reactive import bus
from charms.reactive import endpoint_from_flag
from charms.reactive import endpoint_from_name

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import NOTHING
from .harness import PROVIDES
from .harness import SIDES
from .harness import ZOOKEEPER_REQUIRES
from .harness import layer
from .harness import ready


def test_departing_can_be_dismissed_after_its_unit_is_gone(juju, side):
    """departed; update-status, whose handler dismisses: it has no conversation."""
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.departed('zk:1', 'remote/0')
    juju.update_status()
    endpoint_from_flag('zk.departing').dismiss_departing()
    assert juju.flags() == NOTHING


def test_departing_is_not_dismissed_for_nothing_in_another_relations_hook(juju, side):
    """departed; joined of another endpoint, whose handler dismisses: it cleared
    the flag of the wrong conversation, and the charm restarted in every hook."""
    juju.declare(side, 'other')
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.departed('zk:1', 'remote/0')
    juju.joined('other:2', 'second/0', side.settings(1))
    endpoint_from_flag('zk.departing').dismiss_departing()
    assert juju.flags() == NOTHING
    assert juju.flags('other') >= CONNECTED | JOINING


def test_the_last_unit_leaving_ends_connected(juju, side):
    """two joined, both departed: a global conversation never loses a unit."""
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == DEPARTING


def test_one_of_several_leaving_is_not_the_end(juju, side):
    """two joined, one departed: the one global conversation's flags were cleared."""
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_an_application_related_later_is_told(juju, provides):
    """sent to one; another joined, and the charm sends when it is not available."""
    ready(juju, provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:2', 'third/0')
    assert juju.flags() >= AVAILABLE
    assert juju.own_data('zk:2') == provides.wire()


def test_a_changed_is_no_sign_that_anything_was_said(juju, requires):
    """joined, changed: it comes whether the server has published or not."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', {'private-address': '10.0.0.1'})
    assert juju.flags() == CONNECTED


def test_a_changed_is_no_sign_that_anything_was_sent(juju, provides):
    """joined, changed: it comes whether this server has published or not."""
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    assert juju.flags() == provides.connected | JOINING


def test_sending_works_where_there_is_no_conversation(juju, provides):
    """joined; update-status, whose handler sends: no current conversation."""
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.update_status()
    provides.send(endpoint_from_flag('zk.connected'))
    assert juju.own_data('zk:1') == provides.wire()


def test_an_empty_remote_unit_is_no_unit(juju, side):
    """created: its remote unit is set but empty, and joined a conversation."""
    juju.deploy(side)
    juju.created('zk:1')
    endpoint_from_name('zk')
    juju.end()
    assert juju.flags() == NOTHING
    assert juju.conversations() == []


def test_an_object_that_came_with_joining_knows_all_units(juju, requires):
    """one joined and dismissed, another joined: the object knew the second only."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.endpoint().dismiss_joining()
    juju.join('zk:1', 'remote/1', requires.settings(1))
    endpoint = endpoint_from_flag('zk.joining')
    assert requires.hosts(endpoint) == ['10.0.0.0', '10.0.0.1']


def test_withdrawn_details_are_not_served(juju, requires):
    """joined, changed, changed to nothing: available stayed for ever."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.changed('zk:1', 'remote/0', {'private-address': '10.0.0.0'})
    assert juju.flags() == CONNECTED
    assert requires.hosts(juju.endpoint()) == []


def test_an_address_is_found_where_juju_writes_no_private_address(juju, requires):
    """joined in Juju 4: there is an ingress-address and no private-address."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(
        requires.wire, **{'ingress-address': '10.0.0.1',
                          'egress-subnets': '10.0.0.1/32'}))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.1']


def test_the_tenth_unit_does_not_reorder_the_list(juju, requires):
    """nine joined, a tenth: sorted as text it came second, and clients restarted."""
    juju.deploy(requires)
    for number in range(11):
        juju.join('zk:1', 'remote/{}'.format(number), requires.settings(number))
    assert requires.hosts(juju.endpoint()) == [
        '10.0.0.{}'.format(number) for number in range(11)]


def test_the_sink_is_one_and_the_same_in_all_methods(juju):
    """two sinks joined: address of one, port of the other, as sets had them."""
    juju.deploy(FLUME_REQUIRES)
    for number in (1, 0):
        juju.join('zk:1', 'sink/{}'.format(number), {
            'host': 'sink-{}'.format(number), 'port': '404{}'.format(number),
            'protocol': 'avro'})
    juju.update_status()
    endpoint = juju.endpoint()
    assert (endpoint.get_flume_ip(), endpoint.get_flume_port()) == ('sink-1', '4041')


def test_a_value_adds_no_line_to_a_configuration_file(juju):
    """changed to a port with a newline in it: what follows was configuration."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0', {'host': 'zk', 'port': '2181\nevil=1'})
    juju.join('zk:1', 'zk/1', {'host': 'zk\nevil=1', 'port': '2181'})
    juju.join('zk:1', 'zk/2', {'host': 'good', 'port': '2181'})
    assert juju.endpoint().connection_string() == 'good:2181'


@pytest.mark.parametrize('side', SIDES, ids=lambda side: side.id)
def test_the_framework_takes_the_class_and_not_its_base(side):
    """import: the alphabetically first subclass in a role's module is taken."""
    assert RelationBase._find_subclass(side.module) is side.cls
    assert issubclass(side.cls, RelationBase)


def test_the_layers_register_no_handlers():
    """import: shared code with a hook decorator runs once for each file it is in."""
    names = [handler.id() for handler in bus.Handler.get_handlers()]
    assert [name for name in names if 'relations' in name or 'interfaces' in name] == []
    assert all('RecordedRelation' in [cls.__name__ for cls in side.cls.__mro__]
               for side in SIDES)


@pytest.mark.parametrize('module', ['values', 'record', 'relation', 'requiring'])
def test_a_charm_with_both_layers_has_shared_code_twice_without_harm(module):
    """import: each layer's copy is a module of its own."""
    assert layer('zookeeper', module) is not layer('flume-agent', module)


def test_a_charm_with_all_four_endpoints_keeps_them_apart(juju):
    for number, side in enumerate(SIDES):
        juju.declare(side, 'end-{}'.format(number))
    juju.hook('install')
    for number, side in enumerate(SIDES):
        juju.join('end-{}:{}'.format(number, number), 'remote/0', side.settings(0))
    usable = CONNECTED | AVAILABLE | JOINING
    waiting = PROVIDES[0].connected | JOINING
    assert [juju.flags('end-{}'.format(number)) for number in range(4)] == [
        usable, usable, waiting, waiting]
    for number, side in enumerate(PROVIDES, 2):
        side.send(juju.endpoint('end-{}'.format(number)))
    assert [juju.flags('end-{}'.format(number)) for number in range(4)] == [usable] * 4
