"""Defects of earlier layers and of charms that used them: one test for each.

Each docstring tells the hooks in which it happened, and what went wrong.
"""
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
from .harness import settled


def test_departing_is_dismissed_in_update_status(juju, side):
    """departed, update-status: no conversation whose flag could be cleared."""
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.departed('zk:1', 'remote/0')
    juju.update_status()
    endpoint_from_flag('zk.departing').dismiss_departing()
    assert juju.flags() == NOTHING
    juju.update_status()
    assert juju.flags() == NOTHING


def test_departing_is_dismissed_in_a_hook_of_another_endpoint(juju, side):
    """departed, joined of another endpoint: the layer cleared the flag of the wrong
    conversation, and the charm restarted its service in every hook."""
    juju.declare(side, 'other')
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.departed('zk:1', 'remote/0')
    juju.joined('other:2', 'second/0', side.settings(1))
    endpoint_from_flag('zk.departing').dismiss_departing()
    assert juju.flags() == NOTHING
    assert juju.flags('other') >= CONNECTED | JOINING
    juju.update_status()
    assert juju.flags() == NOTHING


def test_connected_is_cleared_when_the_last_unit_leaves(juju, side):
    """2 x joined, 2 x departed: a global conversation never lost a unit."""
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/0')
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == DEPARTING


def test_flags_stay_when_one_unit_of_two_leaves(juju, side):
    """2 x joined, departed: the flags of the only, global conversation were cleared."""
    settled(juju, side, ('zk:1', 'remote/0'), ('zk:1', 'remote/1'))
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_application_related_later_receives_the_details(juju, provides):
    """joined, sending, joined of another application: charms send details only while
    `available` is not set."""
    ready(juju, provides)
    juju.join('zk:1', 'remote/0')
    juju.join('zk:2', 'third/0')
    assert juju.flags() >= AVAILABLE
    assert juju.own_data('zk:2') == provides.wire()


def test_client_is_not_available_after_changed_without_details(juju, requires):
    """joined, changed: Juju runs `changed` even if the server published nothing."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', {'private-address': '10.0.0.1'})
    assert juju.flags() == CONNECTED


def test_provider_is_not_available_before_it_sent_details(juju, provides):
    """joined, changed: Juju runs `changed` even if this unit published nothing."""
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    assert juju.flags() == provides.connected | JOINING


def test_provider_sends_details_in_update_status(juju, provides):
    """joined, update-status: no current conversation."""
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    juju.update_status()
    provides.send(endpoint_from_flag('zk.connected'))
    assert juju.own_data('zk:1') == provides.wire()


def test_created_hook_adds_no_unit_without_a_name(juju, side):
    """created: Juju sets the name of the remote unit to '', and the layer made a
    conversation with it."""
    juju.deploy(side)
    juju.created('zk:1')
    endpoint_from_name('zk')
    juju.end()
    assert juju.flags() == NOTHING
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == NOTHING


def test_endpoint_from_joining_flag_lists_all_units(juju, requires):
    """joined, dismissing, joined of another unit: the list had only the new unit."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.endpoint().dismiss_joining()
    juju.join('zk:1', 'remote/1', requires.settings(1))
    endpoint = endpoint_from_flag('zk.joining')
    assert requires.hosts(endpoint) == ['10.0.0.0', '10.0.0.1']


def test_client_is_not_available_after_details_were_deleted(juju, requires):
    """joined, changed, changed without details: `available` stayed for ever."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.changed('zk:1', 'remote/0', {'private-address': '10.0.0.0'})
    assert juju.flags() == CONNECTED
    assert requires.hosts(juju.endpoint()) == []


def test_ingress_address_is_used_without_a_private_address(juju, requires):
    """joined in Juju 4: it no longer publishes `private-address`."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', dict(
        requires.wire, **{'ingress-address': '10.0.0.1',
                          'egress-subnets': '10.0.0.1/32'}))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.1']


def test_tenth_unit_is_listed_after_the_ninth(juju, requires):
    """11 x joined: in text order remote/10 came third, and clients restarted."""
    juju.deploy(requires)
    for number in range(11):
        juju.join('zk:1', 'remote/{}'.format(number), requires.settings(number))
    assert requires.hosts(juju.endpoint()) == [
        '10.0.0.{}'.format(number) for number in range(11)]


def test_ip_and_port_belong_to_the_same_sink(juju):
    """2 x joined: each method took any sink from a set, not always the same one."""
    juju.deploy(FLUME_REQUIRES)
    for number in (1, 0):
        juju.join('zk:1', 'sink/{}'.format(number), {
            'host': 'sink-{}'.format(number), 'port': '404{}'.format(number),
            'protocol': 'avro'})
    juju.update_status()
    endpoint = juju.endpoint()
    assert (endpoint.get_flume_ip(), endpoint.get_flume_port()) == ('sink-1', '4041')


def test_value_with_a_newline_is_not_used(juju):
    """changed with a newline in a value: the next line became configuration."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0', {'host': 'zk', 'port': '2181\nevil=1'})
    juju.join('zk:1', 'zk/1', {'host': 'zk\nevil=1', 'port': '2181'})
    juju.join('zk:1', 'zk/2', {'host': 'good', 'port': '2181'})
    assert juju.endpoint().connection_string() == 'good:2181'


def test_framework_finds_the_class_and_not_its_base(side):
    """import: RelationBase takes the alphabetically first subclass in the module."""
    assert RelationBase._find_subclass(side.module) is side.cls
    assert issubclass(side.cls, RelationBase)


def test_layers_register_no_handlers():
    """import: a hook decorator in shared code registers its handler once per copy."""
    names = [handler.id() for handler in bus.Handler.get_handlers()]
    assert [name for name in names if 'relations' in name or 'interfaces' in name] == []
    assert all('RecordedRelation' in [cls.__name__ for cls in side.cls.__mro__]
               for side in SIDES)


@pytest.mark.parametrize('module', ['values', 'record', 'relation', 'requiring'])
def test_layers_have_separate_copies_of_shared_modules(module):
    """import: a charm with both layers shares no state between them."""
    assert layer('zookeeper', module) is not layer('flume-agent', module)


def test_four_endpoints_of_a_charm_with_both_layers_have_separate_flags(juju):
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
