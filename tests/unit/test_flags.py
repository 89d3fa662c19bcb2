"""The flags of an endpoint, in all four classes."""
import pytest

from .harness import (CONNECTED, DEPARTING, FLUME_PROVIDES, JOINING, NOTHING, PROVIDES,
                      Provides, SIDES, USABLE, ZOOKEEPER_REQUIRES, deploy_and_send,
                      deploy_settled, deploy_with_notice)


def test_endpoint_without_relations_has_no_flags(juju, side):
    deploy_and_send(juju, side)
    assert juju.flags() == NOTHING
    juju.update_status()
    assert juju.flags() == NOTHING


def test_usable_unit_sets_all_flags_but_departing_in_joined(juju, side):
    deploy_and_send(juju, side)
    juju.joined('zk:1', 'remote/0', side.remote_data(0))
    assert juju.flags() == USABLE | JOINING
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == USABLE | JOINING


def test_unit_becomes_usable_when_it_publishes_its_details_later(juju, requires):
    juju.deploy_joined(requires)
    juju.changed('zk:1', 'remote/0', requires.remote_data(0))
    assert juju.flags() == USABLE | JOINING


def test_each_new_unit_sets_joining(juju, side):
    deploy_settled(juju, side, ('zk:1', 'remote/0'))
    juju.joined('zk:1', 'remote/1', side.remote_data(1))
    assert juju.flags() == USABLE | JOINING
    juju.endpoint().dismiss_joining()
    juju.joined('zk:2', 'third/0', side.remote_data(2))
    assert juju.flags() == USABLE | JOINING


def test_joining_stays_until_it_is_dismissed(juju, side):
    deploy_with_notice(juju, side)
    juju.hook('config-changed')
    assert juju.flags() == USABLE | JOINING
    juju.changed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == USABLE | JOINING


def test_joining_is_cleared_when_the_announced_unit_leaves(juju, side):
    deploy_settled(juju, side, ('zk:1', 'remote/0'))
    juju.join('zk:1', 'remote/1', side.remote_data(1))
    assert juju.flags() == USABLE | JOINING
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == USABLE | DEPARTING


def test_flags_stay_when_one_application_of_two_leaves(juju, side):
    deploy_settled(juju, side, ('zk:1', 'remote/0'), ('zk:2', 'third/0'))
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == USABLE | DEPARTING
    juju.broken('zk:1')
    assert juju.flags() == USABLE | DEPARTING


def test_departing_stays_after_the_relation_has_ended(juju, side):
    deploy_with_notice(juju, side)
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING
    juju.broken('zk:1')
    assert juju.flags() == DEPARTING
    juju.update_status()
    assert juju.flags() == DEPARTING
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


def test_unit_that_returns_sets_joining_again(juju, side):
    deploy_settled(juju, side, ('zk:1', 'remote/0'))
    juju.departed('zk:1', 'remote/0')
    juju.endpoint().dismiss_departing()
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    assert juju.flags() == USABLE | JOINING


def test_relation_created_again_sets_joining_again(juju, side):
    deploy_settled(juju, side, ('zk:1', 'remote/0'))
    juju.departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    juju.created('zk:2')
    juju.join('zk:2', 'remote/0', side.remote_data(0))
    assert juju.flags() == USABLE | JOINING | DEPARTING


@pytest.mark.parametrize('suspended', [False, True])
def test_ended_relation_sets_no_flags_whether_juju_lists_it_or_not(juju, side,
                                                                   suspended):
    """In `broken`, Juju still lists the relation, unless it was suspended."""
    deploy_settled(juju, side, ('zk:1', 'remote/0'))
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


def test_failed_joined_sets_no_flags_but_its_retry_does(juju, side):
    deploy_and_send(juju, side)
    juju.joined('zk:1', 'remote/0', side.remote_data(0))
    juju.fail()
    assert juju.flags() == NOTHING
    juju.relation_hook('joined', 'zk:1', 'remote/0')
    assert juju.flags() == USABLE | JOINING


def test_dismissing_without_a_notice_changes_nothing(juju, side):
    deploy_and_send(juju, side)
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


def test_dismissed_joining_is_not_set_again_while_nothing_changes(juju, side):
    deploy_with_notice(juju, side)
    juju.endpoint().dismiss_joining()
    for kind in ('changed', 'joined', 'changed', 'created'):
        juju.relation_hook(kind, 'zk:1', '' if kind == 'created' else 'remote/0')
        assert juju.flags() == USABLE
    for hook in ('update-status', 'upgrade-charm', 'config-changed', 'start'):
        juju.hook(hook)
        assert juju.flags() == USABLE


def run_hook(juju, hook):
    if hook == 'action':
        juju.action()
    elif hook == 'created of another endpoint':
        juju.created('other:9')
    elif hook == 'broken':
        juju.broken('zk:2')
    elif hook == 'joined':
        juju.joined('zk:3', 'fourth/0')
    elif hook != 'departed':
        juju.hook(hook)


@pytest.mark.parametrize('hook', [
    'departed', 'broken', 'joined', 'update-status', 'upgrade-charm', 'config-changed',
    'stop', 'action', 'created of another endpoint'])
def test_notices_are_dismissed_in_any_hook(juju, side, hook):
    """Earlier layers did not find the conversation whose flag to clear."""
    juju.declare(side, 'other')
    deploy_with_notice(juju, side)
    juju.join('zk:2', 'third/0')
    juju.departed('zk:2', 'third/0')
    run_hook(juju, hook)
    assert juju.flags() == USABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    assert juju.flags() == USABLE | DEPARTING
    juju.endpoint().dismiss_departing()
    assert juju.flags() == USABLE
    juju.update_status()
    assert juju.flags() == USABLE


def test_joining_is_set_only_when_details_change(juju, requires):
    deploy_settled(juju, requires, ('zk:1', 'remote/0'))
    for change, notices in [
            ({'port': '2222'}, JOINING), ({'port': '02222'}, NOTHING),
            ({'port': '2222', 'more': 'x'}, NOTHING), ({}, JOINING),
            ({'ingress-address': '10.0.0.7'}, JOINING)]:
        juju.changed('zk:1', 'remote/0', dict(requires.remote_data(0), **change))
        assert juju.flags() == USABLE | notices, change
        juju.endpoint().dismiss_joining()


unusable_data = pytest.mark.parametrize('unusable', [{}, {'port': 'x'}],
                                        ids=['deleted', 'invalid'])


@unusable_data
def test_unit_that_becomes_usable_again_sets_joining_again(juju, requires, unusable):
    """A charm that stopped its service without a server has to start it again."""
    deploy_settled(juju, requires, ('zk:1', 'remote/0'))
    juju.changed('zk:1', 'remote/0', unusable)
    juju.changed('zk:1', 'remote/0', requires.remote_data(0))
    assert juju.flags() == USABLE | JOINING


@unusable_data
def test_joining_is_cleared_while_the_unit_is_unusable(juju, requires, unusable):
    juju.deploy_joined(requires, requires.remote_data(0))
    juju.changed('zk:1', 'remote/0', unusable)
    assert juju.flags() == CONNECTED
    juju.endpoint().dismiss_joining()
    juju.changed('zk:1', 'remote/0', requires.remote_data(0))
    assert juju.flags() == USABLE | JOINING


@unusable_data
def test_available_stays_until_all_units_are_unusable(juju, requires, unusable):
    deploy_settled(juju, requires, ('zk:1', 'remote/0'), ('zk:1', 'remote/1'))
    juju.changed('zk:1', 'remote/0', unusable)
    assert juju.flags() == USABLE
    assert requires.hosts(juju.endpoint()) == ['10.0.0.1']
    juju.changed('zk:1', 'remote/1', unusable)
    assert juju.flags() == CONNECTED
    assert requires.hosts(juju.endpoint()) == []


@pytest.mark.parametrize('kind', ['created', 'changed', 'broken'])
def test_hook_without_a_remote_unit_sets_no_flags(juju, side, kind):
    """Earlier layers made a conversation with the unit ''."""
    deploy_and_send(juju, side)
    if kind == 'broken':
        juju.created('zk:1')
        juju.broken('zk:1')
    else:
        juju.skip_created('zk:1')
        juju.relation_hook(kind, 'zk:1')
    assert juju.flags() == NOTHING
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == NOTHING


@pytest.mark.parametrize('kind', ['created', 'changed'])
def test_hook_without_a_remote_unit_changes_no_flags(juju, side, kind):
    deploy_settled(juju, side, ('zk:1', 'remote/0'))
    juju.relation_hook(kind, 'zk:1')
    assert juju.flags() == USABLE
    assert juju.conversations() == []


def test_no_conversations_are_stored(juju, side):
    deploy_with_notice(juju, side)
    juju.join('zk:2', 'third/0', side.remote_data(1))
    juju.departed('zk:1', 'remote/0')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    assert juju.conversations() == []
    assert juju.endpoint().conversations() == []


@pytest.mark.parametrize('name', [
    'zookeeper', 'zk', 'zk-client', 'zk_client', 'zk-2', 'zk2', 'z', 'relation',
    'my-relation-joined', 'a_b-c_1', 'flume-agent', 'departed'])
@pytest.mark.parametrize('side', [ZOOKEEPER_REQUIRES, FLUME_PROVIDES],
                         ids=lambda side: side.id)
def test_flags_have_the_name_of_the_endpoint(juju, side, name):
    deploy_and_send(juju, side, name)
    relation_id = name + ':3'
    juju.join(relation_id, 'remote/0', side.remote_data(0))
    assert juju.flags(name) == USABLE | JOINING
    juju.endpoint(name).dismiss_joining()
    juju.departed(relation_id, 'remote/0')
    juju.end()
    assert juju.flags(name) == DEPARTING
    assert juju.conversations() == []


@pytest.mark.parametrize('names', [
    ('zk', 'zk-2'), ('zk_1', 'zk-1'), ('zk', 'zk1'), ('a', 'b')],
    ids='-and-'.join)
def test_two_endpoints_of_one_interface_have_separate_flags(juju, side, names):
    first, second = names
    juju.deploy(side, first, second)
    if isinstance(side, Provides):
        side.send(juju.endpoint(first))
    juju.join(first + ':1', 'remote/0', side.remote_data(0))
    assert juju.flags(first) == USABLE | JOINING
    assert juju.flags(second) == NOTHING
    juju.joined(second + ':2', 'remote/0', {})
    assert juju.flags(second) >= CONNECTED
    assert 'available' not in juju.flags(second)
    juju.endpoint(second).dismiss_joining()
    assert juju.flags(first) == USABLE | JOINING
    juju.departed(first + ':1', 'remote/0')
    assert juju.flags(first) == DEPARTING
    assert juju.flags(second) == side.flags_without_details
    juju.endpoint(second).dismiss_departing()
    assert juju.flags(first) == DEPARTING


def test_endpoints_of_another_role_or_interface_have_no_flags(juju, side):
    juju.metadata['peers'] = {'peer': {'interface': side.interface}}
    juju.metadata[side.role]['web'] = {'interface': 'http'}
    deploy_and_send(juju, side)
    juju.joined('web:1', 'remote/0', side.remote_data(0))
    juju.end()
    juju.relation_hook('joined', 'web:1', 'remote/0')
    assert juju.flags('web') == NOTHING
    assert juju.flags() == NOTHING
    juju.hook('update-status')
    assert juju.calls == {'relation-ids': 1}


def test_four_endpoints_of_a_charm_with_both_layers_have_separate_flags(juju):
    for number, side in enumerate(SIDES):
        juju.declare(side, 'end-{}'.format(number))
    juju.hook('install')
    for number, side in enumerate(SIDES):
        juju.join('end-{}:{}'.format(number, number), 'remote/0', side.remote_data(0))
    usable = USABLE | JOINING
    waiting = PROVIDES[0].flags_without_details | JOINING
    assert [juju.flags('end-{}'.format(number)) for number in range(4)] == [
        usable, usable, waiting, waiting]
    for number, side in enumerate(PROVIDES, 2):
        side.send(juju.endpoint('end-{}'.format(number)))
    assert [juju.flags('end-{}'.format(number)) for number in range(4)] == [usable] * 4
