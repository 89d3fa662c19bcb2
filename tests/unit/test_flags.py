"""The six flags of an endpoint, for all four classes alike."""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import FLUME_PROVIDES
from .harness import JOINING
from .harness import NOTHING
from .harness import Provides
from .harness import ZOOKEEPER_REQUIRES
from .harness import ready


def test_an_unrelated_endpoint_has_no_flags(juju, side):
    ready(juju, side)
    assert juju.flags() == NOTHING
    juju.update_status()
    assert juju.flags() == NOTHING


def test_a_unit_that_comes_of_use_sets_all_but_departing(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_unit_is_heard_in_its_joined_already(juju, side):
    ready(juju, side)
    juju.joined('zk:1', 'remote/0', side.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_server_that_says_nothing_is_connected_only(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', {'ingress-address': '10.0.0.1'})
    assert juju.flags() == CONNECTED


def test_a_client_is_connected_before_anything_was_sent(juju, provides):
    juju.deploy(provides)
    juju.join('zk:1', 'remote/0')
    assert juju.flags() == provides.connected | JOINING


def test_a_late_word_makes_a_unit_usable(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0')
    juju.changed('zk:1', 'remote/0', requires.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_dismissing_joining_clears_joining_alone(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_dismissing_departing_clears_departing_alone(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    juju.endpoint().dismiss_departing()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_dismissing_what_is_not_there_is_harmless(juju, side):
    ready(juju, side)
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


def test_a_dismissed_notice_stays_away_while_nothing_changes(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    for event in ('changed', 'joined', 'changed', 'created'):
        juju.relation_hook(event, 'zk:1', '' if event == 'created' else 'remote/0')
        assert juju.flags() == CONNECTED | AVAILABLE
    for event in ('update-status', 'upgrade-charm', 'config-changed', 'start'):
        juju.hook(event)
        assert juju.flags() == CONNECTED | AVAILABLE


def test_a_notice_stays_until_it_is_dismissed(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.changed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_each_unit_that_comes_is_announced(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.joined('zk:1', 'remote/1', side.settings(1))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.endpoint().dismiss_joining()
    juju.joined('zk:2', 'third/0', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_unit_that_leaves_takes_its_joining_with_it(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.join('zk:1', 'remote/1', side.settings(1))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_a_unit_that_leaves_leaves_the_joining_of_others(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING


def test_one_application_of_two_leaves(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:2', 'third/0', side.settings(1))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    juju.broken('zk:1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_the_last_unit_leaving_leaves_departing_alone(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING
    juju.broken('zk:1')
    assert juju.flags() == DEPARTING
    juju.update_status()
    assert juju.flags() == DEPARTING
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


def test_a_unit_that_returns_is_announced_again(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_departing()
    juju.join('zk:1', 'remote/0', side.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_relation_made_anew_is_announced_again(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    juju.created('zk:2')
    juju.join('zk:2', 'remote/0', side.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING


def played(juju, hook):
    """The places from which a charm dismisses."""
    if hook == 'action':
        juju.action()
    elif hook == 'relation of another endpoint':
        juju.created('other:9')
    elif hook == 'broken':
        juju.broken('zk:1')
    elif hook == 'joined':
        juju.joined('zk:2', 'third/0', {})
    elif hook != 'departed':
        juju.hook(hook)


@pytest.mark.parametrize('hook', [
    'departed', 'broken', 'update-status', 'upgrade-charm', 'config-changed',
    'stop', 'joined', 'relation of another endpoint', 'action'])
def test_departing_is_dismissed_in_every_hook(juju, side, hook):
    juju.declare(side, 'other')
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    played(juju, hook)
    assert 'departing' in juju.flags()
    juju.endpoint().dismiss_departing()
    assert not juju.flags() & DEPARTING
    juju.update_status()
    assert not juju.flags() & DEPARTING


@pytest.mark.parametrize('hook', [
    'update-status', 'upgrade-charm', 'config-changed', 'joined',
    'relation of another endpoint', 'action'])
def test_joining_is_dismissed_in_every_hook(juju, side, hook):
    juju.declare(side, 'other')
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    played(juju, hook)
    assert juju.flags() >= CONNECTED | JOINING
    juju.endpoint().dismiss_joining()
    assert not juju.flags() & JOINING
    assert juju.flags() >= CONNECTED | AVAILABLE
    juju.update_status()
    assert not juju.flags() & JOINING


def test_other_details_are_news_and_the_same_are_not(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', dict(requires.settings(0), port='2222'))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', dict(requires.settings(0), port='02222'))
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.changed('zk:1', 'remote/0', requires.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_moved_address_is_news(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', requires.settings(7))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_what_the_layer_does_not_read_is_no_news(juju, requires):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', dict(requires.settings(0), more='x'))
    assert juju.flags() == CONNECTED | AVAILABLE


@pytest.mark.parametrize('between', [{}, {'port': 'x'}], ids=['withdrawn', 'spoiled'])
def test_details_that_come_back_are_news(juju, requires, between):
    """A charm that starts its service on joining stopped it without a server."""
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', between)
    assert juju.flags() == CONNECTED
    juju.changed('zk:1', 'remote/0', requires.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


@pytest.mark.parametrize('between', [{}, {'port': 'x'}], ids=['withdrawn', 'spoiled'])
def test_joining_goes_with_the_details_and_returns_undismissed(juju, requires,
                                                               between):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.changed('zk:1', 'remote/0', between)
    assert juju.flags() == CONNECTED
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', requires.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


@pytest.mark.parametrize('bad', [{}, {'port': 'x'}], ids=['withdrawn', 'spoiled'])
def test_one_unit_of_two_becoming_unusable_is_one_unit(juju, requires, bad):
    juju.deploy(requires)
    juju.join('zk:1', 'remote/0', requires.settings(0))
    juju.join('zk:1', 'remote/1', requires.settings(1))
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', bad)
    assert juju.flags() == CONNECTED | AVAILABLE
    assert requires.hosts(juju.endpoint()) == ['10.0.0.1']
    juju.changed('zk:1', 'remote/1', bad)
    assert juju.flags() == CONNECTED
    assert requires.hosts(juju.endpoint()) == []


@pytest.mark.parametrize('kind', ['created', 'broken', 'changed'])
def test_a_hook_without_a_remote_unit_leaves_nothing_behind(juju, side, kind):
    ready(juju, side)
    juju.end()
    if kind == 'broken':
        juju.created('zk:1')
        juju.broken('zk:1')
    else:
        juju.skip_created('zk:1')
        juju.relation_hook(kind, 'zk:1')
    assert juju.flags() == NOTHING
    juju.end()
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == NOTHING


@pytest.mark.parametrize('kind', ['created', 'changed'])
def test_a_hook_without_a_remote_unit_changes_nothing(juju, side, kind):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.relation_hook(kind, 'zk:1')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.end()
    assert juju.conversations() == []


@pytest.mark.parametrize('suspended', [False, True])
def test_a_dying_relation_is_gone_whether_it_is_listed_or_not(juju, side, suspended):
    """One that is suspended is not."""
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.endpoint().dismiss_joining()
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_departing()
    juju.end()
    if suspended:
        juju.model.suspend(juju.relation('zk:1'))
        juju.relation_hook('broken', 'zk:1')
    else:
        juju.broken('zk:1')
    assert juju.flags() == NOTHING
    juju.update_status()
    assert juju.flags() == NOTHING


def test_nothing_is_kept_of_conversations(juju, side):
    ready(juju, side)
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:2', 'third/0', side.settings(1))
    juju.departed('zk:1', 'remote/0')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.end()
    assert juju.conversations() == []
    assert juju.endpoint().conversations() == []


@pytest.mark.parametrize('name', [
    'zookeeper', 'zk', 'zk-client', 'zk_client', 'zk-2', 'zk2', 'z', 'relation',
    'my-relation-joined', 'a_b-c_1', 'flume-agent', 'departed'])
@pytest.mark.parametrize('side', [ZOOKEEPER_REQUIRES, FLUME_PROVIDES],
                         ids=lambda side: side.id)
def test_flags_are_of_the_endpoints_own_name(juju, side, name):
    ready(juju, side, name)
    rid = name + ':3'
    juju.join(rid, 'remote/0', side.settings(0))
    assert juju.flags(name) == CONNECTED | AVAILABLE | JOINING
    juju.endpoint(name).dismiss_joining()
    juju.departed(rid, 'remote/0')
    juju.end()
    assert juju.flags(name) == DEPARTING
    assert juju.conversations() == []


@pytest.mark.parametrize('names', [
    ('zk', 'zk-2'), ('zk_1', 'zk-1'), ('zk', 'zk1'), ('a', 'b')],
    ids='-and-'.join)
def test_several_endpoints_of_one_interface_do_not_mix(juju, side, names):
    one, two = names
    juju.deploy(side, one, two)
    if isinstance(side, Provides):
        side.send(juju.endpoint(one))
    juju.join(one + ':1', 'remote/0', side.settings(0))
    assert juju.flags(one) == CONNECTED | AVAILABLE | JOINING
    assert juju.flags(two) == NOTHING
    juju.joined(two + ':2', 'remote/0', {})
    assert juju.flags(two) >= CONNECTED
    assert 'available' not in juju.flags(two)
    juju.endpoint(two).dismiss_joining()
    assert juju.flags(one) == CONNECTED | AVAILABLE | JOINING
    juju.departed(one + ':1', 'remote/0')
    assert juju.flags(one) == DEPARTING
    assert juju.flags(two) == side.connected
    juju.endpoint(two).dismiss_departing()
    assert juju.flags(one) == DEPARTING


def test_only_endpoints_of_the_classs_own_role_and_interface_are_followed(juju, side):
    juju.metadata['peers'] = {'peer': {'interface': side.interface}}
    juju.metadata[side.role]['web'] = {'interface': 'http'}
    ready(juju, side)
    juju.joined('web:1', 'remote/0', side.settings(0))
    juju.end()
    juju.relation_hook('joined', 'web:1', 'remote/0')
    assert juju.flags('web') == NOTHING
    assert juju.flags() == NOTHING
    juju.hook('update-status')
    assert juju.calls == {'relation-ids': 1}


def test_a_failed_hook_is_forgotten_and_its_retry_counts(juju, side):
    ready(juju, side)
    juju.joined('zk:1', 'remote/0', side.settings(0))
    juju.fail()
    assert juju.flags() == NOTHING
    juju.relation_hook('joined', 'zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
