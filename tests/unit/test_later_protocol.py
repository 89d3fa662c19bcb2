"""A client of servers that speak the later protocol called zookeeper.

Each sentence that its author is told of `request()` and of what follows from it.
"""
import json
import logging

import pytest
from charmhelpers.core import unitdata

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import LOCAL
from .harness import NOTHING
from .harness import ZOOKEEPER_PROVIDES
from .harness import ZOOKEEPER_REQUIRES
from .harness import Juju
from .harness import conversation
from .harness import settled

GRANT = {'endpoints': '10.0.0.1:2181,10.0.0.2:2181', 'database': '/kafka',
         'tls': 'disabled', 'uris': '10.0.0.1:2181,10.0.0.2:2181/kafka'}
PLAIN = dict(GRANT, username='relation-1', password='s3cret')
WANTED = '["username", "password", "tls-ca", "uris"]'
REQUEST = {'database': '/kafka', 'extra-user-roles': 'cdrwa',
           'requested-secrets': WANTED}
USABLE = CONNECTED | AVAILABLE
PEM = '-----BEGIN CERTIFICATE-----\nMIIB+w==\n-----END CERTIFICATE-----\n'


@pytest.fixture(params=['2.9', '3.6', '4.0'])
def juju(monkeypatch, request):
    return Juju(monkeypatch, request.param)


with_secrets = pytest.mark.parametrize('juju', ['3.6', '4.0'], indirect=True)


@pytest.fixture
def client(juju):
    """Related to a server of the later protocol, and having asked."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    return juju


@pytest.fixture
def unasking(juju):
    """The same, and it has not."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    return juju


def secretly(juju, rid='zk:1', number=1, **tls):
    """What is granted as secrets, and the secrets."""
    relation = juju.relation(rid)
    user = juju.model.add_secret('server', username='relation-{}'.format(number),
                                 password='s3cret', uris='x')
    about = juju.model.add_secret('server', **(tls or {'tls': 'disabled'}))
    for secret in user, about:
        juju.model.grant_secret(secret, 'local', relation)
    grant = {key: value for key, value in GRANT.items() if key != 'tls'}
    return dict(grant, **{'secret-user': user.uri, 'secret-tls': about.uri}), user


def granted(juju, rid='zk:1', **settings):
    """Granted, as the release of Juju has it, and greeted; the secret, if any."""
    secret = None
    if juju.model.profile.name == '2.9':
        juju.application_changed(rid, dict(PLAIN, **settings))
    else:
        grant, secret = secretly(juju, rid)
        juju.application_changed(rid, dict(grant, **settings))
    juju.endpoint().dismiss_joining()
    return secret


def tools(juju):
    return dict(juju.calls)


def logged(juju):
    """What is wrong, as the record says."""
    record = unitdata.kv().get('interface-layer.zk')
    return dict(record['logged'], **record['relations']['zk:1']['logged'])


def in_store(juju):
    return json.dumps(unitdata.kv().getrange(''))


# Asking.

def test_without_a_request_nothing_is_asked(unasking):
    unasking.update_status()
    unasking.hook('leader-elected')
    unasking.endpoint().zookeepers()
    assert unasking.app_writes == []
    assert 'is-leader' not in unasking.calls


def request(juju):
    return juju.app_writes, juju.own_app_data('zk:1')


def wanted(juju, **request):
    found = dict(REQUEST, **request)
    if juju.model.profile.name == '2.9':
        del found['requested-secrets']
    return found


def test_the_leader_writes_it_once_and_in_one_go(client):
    expected = wanted(client)
    for _ in range(2):
        client.changed('zk:1', 'server/0')
        client.endpoint().request('/kafka')
        client.update_status()
        client.endpoint().request('/kafka', 'awrdc')
    assert request(client) == ([('zk:1', expected)], expected)


@pytest.mark.parametrize('chroot, acl, path, letters', [
    ('/a/b', 'r', '/a/b', 'r'), ('/kafka', 'wrc', '/kafka', 'crw')])
def test_it_has_the_path_and_the_letters(unasking, chroot, acl, path, letters):
    unasking.endpoint().request(chroot, acl)
    assert unasking.app_writes == [('zk:1', wanted(
        unasking, **{'database': path, 'extra-user-roles': letters}))]


@pytest.mark.parametrize('arguments', [('',), (None,), ('/',), ('kafka',), ('/a', ''),
                                       ('/a', 'x'), ('/a', None)], ids=str)
def test_a_request_that_can_not_be_made_changes_nothing(client, arguments):
    with pytest.raises(ValueError, match='^(chroot|acl) is .*, not '):
        client.endpoint().request(*arguments)
    client.join('zk:2', 'another/0')
    assert client.app_writes[-1] == ('zk:2', wanted(client))


@pytest.mark.parametrize('hook', ['config-changed', 'leader-elected', 'update-status'])
def test_it_can_be_said_in_any_hook(unasking, hook):
    unasking.hook(hook)
    unasking.endpoint().request('/kafka')
    assert len(unasking.app_writes) == 1
    unasking.update_status()
    assert len(unasking.app_writes) == 1


def test_it_can_be_said_in_an_action_that_leaves_the_framework_out(unasking):
    unasking.action()
    unasking.endpoint().request('/kafka')
    assert len(unasking.app_writes) == 1


def test_it_can_be_said_while_its_relation_dies(unasking):
    unasking.departed('zk:1', 'server/0')
    unasking.broken('zk:1')
    unasking.endpoint().request('/kafka')
    assert unasking.app_writes == []
    assert unasking.flags() == DEPARTING


def test_who_does_not_lead_writes_nothing(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    juju.hook('start')
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    juju.update_status()
    assert juju.app_writes == []
    assert juju.warnings == []


def test_who_leads_later_asks_what_was_requested_before(client, juju):
    client.lead(False)
    client.join('zk:2', 'another/0')
    assert len(client.app_writes) == 1
    client.lead()
    client.hook('leader-elected')
    assert client.app_writes[1:] == [('zk:2', wanted(client))]


def test_who_leads_later_finds_what_another_has_asked(client):
    client.lead(False)
    client.join('zk:2', 'another/0')
    bag = client.relation('zk:2').app_bags['local']
    client.model.write(bag, wanted(client))
    client.lead()
    client.hook('leader-elected')
    client.hook('config-changed')
    assert tools(client) == {}
    assert len(client.app_writes) == 1
    assert client.warnings == []


def test_leadership_lost_between_asking_and_granting(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    juju.lead(False)
    juju.hook('config-changed')
    assert tools(juju) == {'is-leader': 1}
    granted(juju)
    assert juju.flags() == USABLE
    juju.hook('config-changed')
    assert tools(juju) == {}
    juju.lead()
    juju.hook('leader-elected')
    assert tools(juju) == {}
    assert len(juju.app_writes) == 1


def test_it_is_kept_for_relations_made_later(client):
    for number in 2, 3:
        client.join('zk:{}'.format(number), 'other{}/0'.format(number))
    assert [rid for rid, _ in client.app_writes] == ['zk:1', 'zk:2', 'zk:3']


def test_the_same_letters_in_another_order_are_no_other_request(client):
    client.lead(False)
    client.join('zk:2', 'another/0')
    client.model.write(client.relation('zk:2').app_bags['local'],
                       {'database': '/kafka', 'extra-user-roles': 'rwcda'})
    client.lead()
    client.update_status()
    client.update_status()
    assert len(client.app_writes) == 1
    assert client.warnings == []


def test_a_charm_that_asks_is_not_told_to_after_its_store_was_lost(client):
    granted(client)
    client.end()
    unitdata.kv().unsetrange()
    client.update_status()
    client.endpoint().request('/kafka')
    assert client.flags() == USABLE | JOINING
    assert client.warnings == []


def test_another_request_is_logged_once_and_is_for_relations_made_later(client):
    client.changed('zk:1', 'server/0')
    for _ in range(3):
        client.hook('config-changed')
        client.endpoint().request('/hbase', 'r')
    client.join('zk:2', 'another/0')
    assert client.warnings == [
        'zk: server was asked for /kafka with cdrwa, and can not be asked for '
        'anything else; what request() says now is for relations made later']
    assert [(rid, settings['database']) for rid, settings in client.app_writes] == [
        ('zk:1', '/kafka'), ('zk:2', '/hbase')]
    client.endpoint().request('/kafka')
    granted(client)
    assert len(client.warnings) == 2
    assert client.warnings[1].startswith('zk: another was asked for /hbase with r,')


def test_what_another_leader_asked_stays(client):
    client.lead(False)
    client.join('zk:2', 'another/0')
    client.model.write(client.relation('zk:2').app_bags['local'],
                       {'database': '/before'})
    client.lead()
    client.update_status()
    client.update_status()
    assert len(client.app_writes) == 1
    assert client.warnings == [
        'zk: another was asked for /before with cdrwa, and can not be asked for '
        'anything else; what request() says now is for relations made later']


def test_who_publishes_something_unusable_unasked_is_asked(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.created('zk:1', 'server')
    juju.application_changed('zk:1', {'endpoints': '10.0.0.1:2181'})
    juju.join('zk:1', 'server/0')
    assert len(juju.app_writes) == 1


# Of whom nothing is asked.

@pytest.mark.parametrize('settings', [
    {'port': '2181'}, {'port': 'bad'}, {'port': '2181', 'rest_port': 'bad'}], ids=str)
def test_a_server_whose_unit_publishes_a_port_is_not_asked(juju, settings):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'zk/0', dict(ZOOKEEPER_REQUIRES.settings(0), **settings))
    juju.update_status()
    assert juju.app_writes == []
    assert 'is-leader' not in juju.calls


@pytest.mark.parametrize('early', [True, False])
def test_a_unit_has_the_time_of_one_hook_to_publish_a_port(juju, early):
    """The first changed of a server of the earlier protocol was without a unit, and
    several layers take that for a client's."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    if early:
        juju.endpoint().request('/kafka')
    juju.joined('zk:1', 'zk/0')
    juju.endpoint().request('/kafka')
    juju.changed('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.settings(0))
    assert juju.app_writes == []
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_server_one_of_whose_units_publishes_a_port_is_not_asked(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    juju.hook('start')
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'zk/0')
    juju.join('zk:1', 'zk/1', ZOOKEEPER_REQUIRES.settings(1))
    juju.lead()
    juju.changed('zk:1', 'zk/0')
    juju.update_status()
    assert juju.app_writes == []


def test_a_server_whose_unit_has_published_a_port_is_not_asked(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.settings(0))
    juju.changed('zk:1', 'zk/0', {})
    juju.update_status()
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'zk/1')
    juju.update_status()
    assert juju.app_writes == juju.warnings == []
    assert tools(juju) == {'relation-ids': 1, 'relation-list': 1, 'relation-get': 4}
    juju.write_app_data('zk:1', PLAIN)
    juju.update_status()
    assert juju.flags() == USABLE | JOINING


def test_nothing_is_asked_before_a_unit_was_looked_at(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.created('zk:1', 'zk')
    juju.update_status()
    assert juju.app_writes == []
    juju.end()
    juju.skip_joined('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.settings(0))
    juju.joined('zk:1', 'zk/1')     # zk/0 is listed, and was not heard
    assert juju.app_writes == []
    juju.update_status()
    assert juju.app_writes == []
    assert len(juju.endpoint().zookeepers()) == 1


def test_nothing_is_asked_while_the_unit_can_not_be_read(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.end()
    juju.model.fail_tools(LOCAL, 'relation-get*server/0')
    juju.join('zk:1', 'server/0')
    assert juju.app_writes == []
    juju.end()
    juju.model.mend_tools(LOCAL)
    juju.update_status()
    assert len(juju.app_writes) == 1


def test_nothing_is_asked_where_nobody_is_left(unasking):
    unasking.departed('zk:1', 'server/0')
    unasking.endpoint().request('/kafka')
    unasking.update_status()
    assert unasking.app_writes == []


def test_a_server_that_was_not_ready_when_it_was_asked_is_served(client):
    client.changed('zk:1', 'server/0', ZOOKEEPER_REQUIRES.settings(3))
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().connection_string() == '10.0.0.3:2181'
    client.update_status()
    assert 'is-leader' not in client.calls


def test_who_publishes_in_both_ways_is_served_by_its_units(client):
    client.application_changed('zk:1', PLAIN)
    client.changed('zk:1', 'server/0', ZOOKEEPER_REQUIRES.settings(3))
    assert client.endpoint().connection_string() == '10.0.0.3:2181'
    assert client.endpoint().credentials() is None


# What goes wrong while asking.

@pytest.mark.parametrize('late', [False, True])
def test_what_a_failed_hook_wrote_is_written_again(juju, late):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'server/0')
    assert len(juju.app_writes) == 1
    juju.fail(late)
    assert juju.own_app_data('zk:1') == {}
    juju.relation_hook('changed', 'zk:1', 'server/0')
    juju.hook('config-changed')
    assert len(juju.app_writes) == 2
    juju.hook('config-changed')
    assert tools(juju) == {}
    assert juju.own_app_data('zk:1') == wanted(juju)


def test_what_a_failed_action_wrote_is_written_again(unasking):
    unasking.action()
    unasking.endpoint().request('/kafka')
    unasking.fail(late=True)
    unasking.hook('config-changed')
    assert len(unasking.app_writes) == 2


@pytest.mark.parametrize('pattern', [
    'relation-set*--app*', 'relation-get*--app - local', 'is-leader*'])
def test_what_can_not_be_asked_is_logged_once_and_tried_again(unasking, pattern):
    unasking.model.fail_tools(LOCAL, pattern)
    unasking.endpoint().request('/kafka')
    unasking.hook('config-changed')
    unasking.update_status()
    assert unasking.app_writes == []
    sentence, = unasking.warnings
    assert sentence == {
        'relation-set*--app*': 'zk: zk:1 does not take what is asked for: '
                               'ERROR refused',
        'relation-get*--app - local': 'zk: asked of zk:1 can not be read, what '
                                      'was known stays: ERROR refused',
        'is-leader*': 'zk: leader of this endpoint can not be read, what was known '
                      'stays: ERROR refused'}[pattern]
    unasking.model.mend_tools(LOCAL)
    unasking.hook('config-changed')
    unasking.hook('config-changed')
    assert len(unasking.app_writes) == 1
    assert logged(unasking) == {}
    unasking.end()
    unasking.model.fail_tools(LOCAL, pattern)
    unasking.join('zk:2', 'another/0')
    assert len(unasking.warnings) == 2


def test_another_request_is_for_a_relation_that_did_not_take_the_first(unasking):
    unasking.model.fail_tools(LOCAL, 'relation-set*--app*')
    unasking.endpoint().request('/kafka')
    unasking.endpoint().request('/hbase')
    unasking.end()
    unasking.model.mend_tools(LOCAL)
    unasking.hook('config-changed')
    assert [settings['database'] for _, settings in unasking.app_writes] == ['/hbase']
    assert len(unasking.warnings) == 1


def test_being_denied_its_applications_settings_makes_no_ghost(unasking):
    unasking.model.fail_tools(LOCAL, 'relation-get*--app - local',
                              'ERROR permission denied')
    unasking.endpoint().request('/kafka')
    unasking.hook('config-changed')
    assert unasking.flags() == CONNECTED


# Ghosts.

def test_a_ghost_is_not_asked_and_not_served(client):
    granted(client)
    client.join('zk:2', 'another/0')
    client.force_remove('zk:1')
    client.update_status()
    assert client.flags() == CONNECTED | DEPARTING
    assert client.endpoint().connection_string() == ''
    assert client.endpoint().credentials() is None
    client.update_status()
    client.hook('config-changed')
    assert [rid for rid, _ in client.app_writes] == ['zk:1', 'zk:2']


def test_a_ghost_that_was_never_asked_fails_no_hook(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    juju.force_remove('zk:1')
    juju.hook('start')
    juju.endpoint().request('/kafka')
    juju.update_status()
    juju.hook('config-changed')
    juju.end()
    assert juju.app_writes == []
    assert juju.flags() == DEPARTING


def test_a_ghost_and_its_successor_are_asked_one_in_each_hook(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'server/0')
    juju.force_remove('zk:1')
    juju.join('zk:2', 'server/0')
    juju.endpoint().request('/kafka')
    for hook in ('config-changed', 'update-status', 'start', 'update-status', 'stop'):
        juju.hook(hook)     # it can be committed, or this fails
    assert juju.own_app_data('zk:2') == wanted(juju)
    juju.hook('config-changed')
    assert tools(juju) == {}


def test_a_silent_ghost_of_a_server_that_publishes_a_port_is_not_asked(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'zk/0')
    juju.force_remove('zk:1')
    juju.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    juju.endpoint().request('/kafka')
    juju.update_status()
    juju.hook('config-changed')
    assert juju.app_writes == []
    assert juju.own_app_data('zk:2') == {}


def test_of_an_application_related_twice_the_hooks_own_relation_is_asked(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    for number in 1, 2, 3:
        juju.join('zk:{}'.format(number), 'server/0')
    juju.endpoint().request('/kafka')
    juju.lead()
    juju.changed('zk:2', 'server/0')
    assert [rid for rid, _ in juju.app_writes] == ['zk:2']
    for _ in range(4):
        juju.hook('config-changed')
    assert sorted(rid for rid, _ in juju.app_writes) == ['zk:1', 'zk:2', 'zk:3']


def test_a_successor_is_asked_anew_and_takes_over(client):
    granted(client)
    client.force_remove('zk:1')
    client.join('zk:2', 'server/0')
    assert client.own_app_data('zk:2') == wanted(client)
    granted(client, 'zk:2', endpoints='10.0.0.9:2181', database='/kafka')
    client.update_status()
    client.update_status()
    assert client.endpoint().connection_string() == '10.0.0.9:2181/kafka'
    assert client.endpoint().credentials().password == 's3cret'
    client.restart_agent()
    client.update_status()
    assert client.flags() - DEPARTING == USABLE
    assert client.endpoint().connection_string() == '10.0.0.9:2181/kafka'


# What is granted.

def test_it_is_available_once_endpoints_and_credentials_can_be_read(client):
    assert client.flags() == CONNECTED
    client.application_changed('zk:1', GRANT)
    assert client.flags() == CONNECTED
    client.application_changed('zk:1', PLAIN)
    assert client.flags() == USABLE | JOINING
    client.endpoint().dismiss_joining()
    client.application_changed('zk:1')
    client.update_status()
    assert client.flags() == USABLE


def test_a_unit_that_comes_when_all_is_granted_hears_of_it_when_it_joins(juju):
    """Juju tells of the application before it tells of its units."""
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.created('zk:1', 'server')
    juju.application_changed('zk:1', PLAIN)
    assert juju.flags() == NOTHING
    assert juju.endpoint().connection_string() == ''
    juju.joined('zk:1', 'server/0')
    assert juju.flags() == USABLE | JOINING
    assert juju.app_writes == []


def test_a_unit_whose_charm_asks_when_it_is_connected_hears_of_it_at_once(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.lead(False)
    juju.created('zk:1', 'server')
    juju.application_changed('zk:1', PLAIN)
    juju.joined('zk:1', 'server/0')
    juju.endpoint().request('/kafka')
    assert juju.flags() == USABLE | JOINING
    assert juju.warnings == []


@pytest.mark.parametrize('change, news', [
    ({'endpoints': '10.0.0.2:2181, 10.0.0.1:2181'}, False),
    ({'endpoints': '10.0.0.1:2181'}, True), ({'database': '/other'}, True),
    ({'resource': '/other'}, True), ({'resource': 'kafka'}, False),
    ({'uris': 'x', 'data': '{}', 'version': '1'}, False), ({'tls': 'enabled'}, True)],
    ids=str)
def test_joining_is_set_again_when_it_changes(client, change, news):
    granted(client)
    relation = client.relation('zk:1')
    client.end()
    client.model.write(relation.app_bags['server'], change)
    client.application_changed('zk:1')
    assert client.flags() == (USABLE | JOINING if news else USABLE)


@pytest.mark.parametrize('change', [
    {'password': 'an0ther'}, {'username': 'relation-2'}])
def test_joining_is_set_again_when_plain_credentials_change(client, change):
    client.application_changed('zk:1', PLAIN)
    client.endpoint().dismiss_joining()
    client.application_changed('zk:1', dict(PLAIN, **change))
    assert client.flags() == USABLE | JOINING


def test_lists_hold_its_servers(client):
    granted(client)
    endpoint = client.endpoint()
    assert endpoint.zookeepers() == [
        {'host': '10.0.0.1', 'port': '2181', 'rest_port': None},
        {'host': '10.0.0.2', 'port': '2181', 'rest_port': None}]
    assert endpoint.get_zookeeper_units() == [
        ('10.0.0.1', '2181'), ('10.0.0.2', '2181')]


@pytest.mark.parametrize('chroot, string', [
    ('', '/kafka'), ('/', '/kafka'), (None, '/kafka'), ('/a/b', '/kafka/a/b')])
def test_the_granted_path_is_the_root(client, chroot, string):
    granted(client)
    string = '10.0.0.1:2181,10.0.0.2:2181' + string
    assert client.endpoint().connection_string(chroot) == string
    assert client.endpoint().connection_string(chroot, application='server') == string
    assert client.endpoint().connection_string(chroot, application='nobody') == ''


def test_addresses_are_in_brackets_and_the_root_may_be_zookeepers_own(client):
    granted(client, endpoints='[fd00::1]:2182', database='/')
    assert client.endpoint().connection_string() == '[fd00::1]:2182'
    assert client.endpoint().connection_string('/a') == '[fd00::1]:2182/a'


def test_it_is_no_more_available_when_the_last_unit_leaves(client):
    granted(client)
    client.join('zk:1', 'server/1')
    client.departed('zk:1', 'server/0')
    assert client.flags() == USABLE | DEPARTING
    client.endpoint().dismiss_departing()
    client.departed('zk:1', 'server/1')
    assert client.flags() == DEPARTING
    assert client.endpoint().zookeepers() == []
    assert client.endpoint().credentials() is None
    client.joined('zk:1', 'server/2')
    assert client.flags() == USABLE | DEPARTING | JOINING


def test_what_is_granted_goes_with_the_relation(client):
    granted(client)
    client.departed('zk:1', 'server/0')
    client.broken('zk:1')
    assert client.flags() == DEPARTING


@pytest.mark.parametrize('settings', [{}, {'data': '{}'}, {'database': '/kafka'}],
                         ids=str)
def test_what_is_withdrawn_is_not_served(client, settings):
    granted(client)
    client.application_changed('zk:1', settings)
    assert client.flags() == CONNECTED
    client.application_changed('zk:1', PLAIN)
    assert client.flags() == USABLE | JOINING


def test_a_change_that_was_not_heard_is_seen_in_update_status(client):
    granted(client)
    client.end()
    client.model.write(client.relation('zk:1').app_bags['server'],
                       {'endpoints': '10.0.0.7:2181'})
    client.update_status()
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().connection_string() == '10.0.0.7:2181/kafka'


def test_a_grant_that_was_not_heard_is_seen_in_update_status(client):
    client.end()
    client.write_app_data('zk:1', PLAIN)
    client.update_status()
    assert client.flags() == USABLE | JOINING


def test_a_grant_that_was_not_heard_is_seen_before_a_unit_joins(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.created('zk:1', 'server')
    juju.end()
    juju.write_app_data('zk:1', PLAIN)
    juju.update_status()
    juju.joined('zk:1', 'server/0')
    assert juju.flags() == USABLE | JOINING


def test_an_application_whose_name_can_not_be_read_is_not_read(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.end()
    juju.skip_created('zk:1', 'server')
    juju.model.fail_tools(LOCAL, 'relation-list*--app*')
    juju.update_status()
    assert 'relation-get' not in tools(juju)
    assert juju.flags() == NOTHING


# Without a request.

UNASKED = ('zk: server speaks the later protocol called zookeeper: it has to be '
           'asked, by request(), and gives credentials()')


def test_without_a_request_it_stays_connected(unasking):
    for settings in PLAIN, dict(PLAIN, endpoints='10.0.0.9:2181'):
        unasking.application_changed('zk:1', settings)
        unasking.changed('zk:1', 'server/0')
        unasking.update_status()
    assert unasking.flags() == CONNECTED
    assert unasking.endpoint().zookeepers() == []
    assert unasking.endpoint().credentials() is None
    assert unasking.warnings == [UNASKED]
    assert 's3cret' not in in_store(unasking)


@pytest.mark.parametrize('settings', [
    {'database': '/kafka'}, {'endpoints': 'a:1'}, {'secret-user': 'secret:x'}], ids=str)
def test_any_of_its_keys_names_it(unasking, settings):
    unasking.application_changed('zk:1', settings)
    assert tools(unasking) == {'relation-list': 1, 'relation-get': 1}
    assert unasking.warnings == [UNASKED]


@pytest.mark.parametrize('settings', [{}, {'port': '2181'}, {'version': '3'}], ids=str)
def test_other_application_data_is_nobodys_business(unasking, settings):
    unasking.application_changed('zk:1', settings)
    assert unasking.warnings == []
    assert tools(unasking) == {'relation-list': 1, 'relation-get': 1}
    assert unasking.flags() == CONNECTED


def test_the_charm_may_ask_as_soon_as_it_is_connected(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.created('zk:1', 'server')
    juju.application_changed('zk:1', PLAIN)
    juju.joined('zk:1', 'server/0')
    assert juju.warnings == []
    juju.changed('zk:1', 'server/0')
    assert juju.warnings == [UNASKED]


def test_a_server_that_says_nothing_may_wait_to_be_asked(unasking):
    for _ in range(2):
        unasking.update_status()
    assert unasking.warnings == [
        'zk: no unit of server has published a port; if it speaks the later '
        'protocol called zookeeper, it has to be asked, by request(), and gives '
        'credentials()']
    unasking.application_changed('zk:1', PLAIN)
    assert len(unasking.warnings) == 1


def test_a_successor_that_says_nothing_yet_is_of_an_earlier_server(juju):
    settled(juju, ZOOKEEPER_REQUIRES, ('zk:1', 'zk/0'))
    juju.force_remove('zk:1')
    juju.join('zk:2', 'zk/0')
    juju.update_status()
    assert juju.warnings == []


def test_a_request_made_late_is_heard_at_once(unasking):
    unasking.application_changed('zk:1', PLAIN)
    unasking.hook('config-changed')
    unasking.endpoint().request('/kafka')
    assert unasking.flags() == USABLE | JOINING
    assert unasking.warnings == [UNASKED]
    assert logged(unasking) == {}
    assert unasking.app_writes == []     # who granted it was asked


@pytest.mark.parametrize('side', [FLUME_REQUIRES, ZOOKEEPER_PROVIDES],
                         ids=lambda side: side.id)
def test_nobody_else_has_such_a_protocol(juju, side):
    juju.deploy(side)
    juju.join('zk:1', 'server/0')
    juju.application_changed('zk:1', PLAIN)
    juju.update_status()
    assert juju.warnings == []
    assert juju.flags() >= CONNECTED
    assert 'available' not in juju.flags()


def test_a_hook_without_the_applications_name_is_survived(client, monkeypatch):
    granted(client)
    monkeypatch.delenv('JUJU_REMOTE_APP')
    client.endpoint()._follow()
    assert client.flags() == USABLE


# Credentials.

def test_credentials_are_none_of_an_earlier_server(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    assert juju.endpoint().credentials() is juju.endpoint().tls() is None
    juju.endpoint().request('/kafka')
    juju.join('zk:1', 'zk/0', ZOOKEEPER_REQUIRES.settings(0))
    assert juju.endpoint().credentials() is juju.endpoint().tls() is None
    assert juju.endpoint().credentials('zk') is None


def test_credentials_are_read_when_they_are_asked_for(client):
    secret = granted(client)
    credentials = client.endpoint().credentials()
    assert (credentials.username, credentials.password) == ('relation-1', 's3cret')
    client.end()
    if secret:
        client.model.revise_secret(secret, username='me', password='an0ther')
    else:
        client.write_app_data('zk:1', dict(
            PLAIN, username='me', password='an0ther'))
    client.action()
    credentials = client.endpoint().credentials(application='server')
    assert (credentials.username, credentials.password) == ('me', 'an0ther')
    assert 'an0ther' not in '{0} {0!r} {1}'.format(credentials, [credentials])


@with_secrets
def test_a_rotated_password_is_seen(client):
    secret = granted(client)
    hooks = ['secret-changed', 'update-status', 'secret-changed']
    for number, hook in enumerate(hooks):
        client.end()
        password = 'an0ther{}'.format(number)
        client.model.revise_secret(secret, username='relation-1', password=password)
        client.hook('config-changed')
        assert client.flags() == USABLE
        client.hook(hook)
        assert client.flags() == USABLE | JOINING
        assert client.endpoint().credentials().password == password
        client.endpoint().dismiss_joining()
        assert password not in in_store(client)


def test_neither_the_store_nor_the_log_has_them(client, caplog):
    with caplog.at_level(logging.DEBUG):
        secret = granted(client)
        client.endpoint().credentials()
        client.update_status()
        for bad in {'endpoints': 's3cret'}, {'database': 's3 cret'}:
            client.end()
            client.model.write(client.relation('zk:1').app_bags['server'], bad)
            client.application_changed('zk:1')
    client.end()
    assert 's3cret' not in in_store(client) + caplog.text + str(client._log)
    assert 'relation-1' not in in_store(client)
    assert len(client.warnings) == 2
    assert (secret is None) == (client.model.profile.name == '2.9')


@with_secrets
@pytest.mark.parametrize('pattern', ['relation-get*--app*', 'secret-get*'])
def test_credentials_that_can_not_be_read_now(client, pattern):
    granted(client)
    client.model.fail_tools(LOCAL, pattern)
    for method in client.endpoint().credentials, client.endpoint().tls:
        with pytest.raises(ValueError, match='^what server grants can not be read: '
                                             'ERROR refused$'):
            method()
    assert client.flags() == USABLE


@pytest.mark.parametrize('change, error', [
    ({'database': '//'}, 'server is not usable: database is not a path like /kafka or '
                         '/a/b'),
    ({'endpoints': ''}, 'server is not usable: endpoints is missing')])
def test_credentials_that_were_spoiled_since(client, change, error):
    granted(client)
    client.end()
    client.model.write(client.relation('zk:1').app_bags['server'], change)
    client.hook('config-changed')
    with pytest.raises(ValueError) as raised:
        client.endpoint().credentials()
    assert str(raised.value) == error


@pytest.mark.parametrize('tls, ca', [
    ({'tls': 'enabled'}, None), ({'tls': 'enabled', 'tls-ca': PEM}, PEM)], ids=str)
def test_tls(client, tls, ca):
    granted(client)
    assert client.endpoint().tls() is None
    if client.model.profile.name == '2.9':
        settings = dict(PLAIN, **tls)
    else:
        settings, _ = secretly(client, **tls)
    client.application_changed('zk:1', dict(settings, endpoints='zk:2182'))
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().tls().ca == ca
    assert client.endpoint().tls('server').ca == ca
    assert client.endpoint().connection_string() == 'zk:2182/kafka'
    assert PEM.split('\n')[1] not in in_store(client)


# Several applications.

def twice(juju, path='/hbase'):
    """Granted by two applications."""
    juju.application_changed('zk:1', PLAIN)
    juju.join('zk:2', 'another/0')
    juju.application_changed('zk:2', dict(
        PLAIN, endpoints='10.0.1.1:2181', database=path, username='relation-2'))
    return juju.endpoint()


def test_each_server_names_its_application_where_there_are_several(client):
    endpoint = twice(client)
    assert [(server['application'], server['host']) for server in endpoint.zookeepers()
            ] == [('another', '10.0.1.1'), ('server', '10.0.0.1'),
                  ('server', '10.0.0.2')]
    assert endpoint.get_zookeeper_units()[0] == ('10.0.1.1', '2181')


def test_where_granted_paths_differ_one_is_to_be_named(client):
    endpoint = twice(client)
    with pytest.raises(ValueError) as raised:
        endpoint.connection_string('/a')
    assert str(raised.value) == ('application is None, and the paths of another '
                                 '(/hbase), server (/kafka) differ')
    assert endpoint.connection_string('/a', application='another') == (
        '10.0.1.1:2181/hbase/a')
    assert endpoint.connection_string(application='server') == (
        '10.0.0.1:2181,10.0.0.2:2181/kafka')


def test_where_granted_paths_are_the_same_all_are_served(client):
    assert twice(client, '/kafka').connection_string() == (
        '10.0.1.1:2181,10.0.0.1:2181,10.0.0.2:2181/kafka')


def test_credentials_of_several_are_those_of_the_one_that_is_named(client):
    endpoint = twice(client)
    for method in endpoint.credentials, endpoint.tls:
        with pytest.raises(ValueError) as raised:
            method()
        assert str(raised.value) == 'application is None, not one of another, server'
    assert endpoint.credentials('another').username == 'relation-2'
    assert endpoint.credentials('server').username == 'relation-1'
    assert endpoint.credentials('nobody') is endpoint.tls('server') is None


def test_both_protocols_on_two_relations_of_an_endpoint(client):
    granted(client)
    client.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    client.update_status()
    endpoint = client.endpoint()
    assert client.flags() == USABLE | JOINING
    assert [server['application'] for server in endpoint.zookeepers()] == [
        'server', 'server', 'zk']
    with pytest.raises(ValueError, match=r'server \(/kafka\), zk \(/\) differ'):
        endpoint.connection_string()
    assert endpoint.connection_string('/a', 'zk') == '10.0.0.7:2181/a'
    with pytest.raises(ValueError, match='not one of server, zk'):
        endpoint.credentials()
    assert endpoint.credentials('zk') is None
    assert endpoint.credentials('server').username == 'relation-1'
    assert [rid for rid, _ in client.app_writes] == ['zk:1']
    client.departed('zk:1', 'server/0')
    assert endpoint.connection_string('/a') == '10.0.0.7:2181/a'
    assert endpoint.zookeepers() == [
        {'host': '10.0.0.7', 'port': '2181', 'rest_port': None}]


# What is unusable.

@pytest.mark.parametrize('key, value, fault', [
    ('endpoints', '10.0.0.1', 'not a list like 10.0.0.1:2181,10.0.0.2:2181'),
    ('endpoints', 'a:1\nport=1', 'not a list like 10.0.0.1:2181,10.0.0.2:2181'),
    ('endpoints', 'x' * 1000000, 'not a list like 10.0.0.1:2181,10.0.0.2:2181'),
    ('database', '//', 'not a path like /kafka or /a/b'),
    ('resource', 'a b', 'not a path like /kafka or /a/b'),
    ('password', 'an0ther\n', 'not ASCII without spaces, quotes and backslashes'),
    ('username', 'me:an0ther', 'not ASCII without spaces, quotes, backslashes and '
                               'colons'),
    ('secret-user', 'an0ther', 'not the URI of a secret'),
    ('username', '', 'missing'), ('password', '', 'missing'),
    ('database', '', 'missing')], ids='{!s:.12}'.format)
def test_what_is_unusable_is_not_served_and_is_named_once(client, key, value, fault):
    client.application_changed('zk:1', dict(PLAIN, **{key: value}))
    assert client.flags() == CONNECTED
    client.update_status()
    assert client.endpoint().zookeepers() == []
    assert client.endpoint().credentials() is None
    assert client.warnings == [
        'zk: server is not usable: {} is {}'.format(key, fault)]
    assert 'an0ther' not in in_store(client)
    client.application_changed('zk:1', PLAIN)
    assert client.flags() == USABLE | JOINING
    client.application_changed('zk:1', dict(PLAIN, **{key: value}))
    assert client.flags() == CONNECTED
    assert len(client.warnings) == 2


@with_secrets
def test_a_secret_that_is_not_granted_yet(client):
    settings, secret = secretly(client)
    client.model.revoke_secret(secret, 'local')
    client.application_changed('zk:1', settings)
    client.update_status()
    assert client.flags() == CONNECTED
    assert client.endpoint().credentials() is None
    assert client.warnings == [
        'zk: secret-user of server can not be read, what was known stays: '
        'ERROR permission denied']
    client.end()
    client.model.grant_secret(secret, 'local', client.relation('zk:1'))
    client.update_status()
    assert client.flags() == USABLE | JOINING
    client.end()
    client.model.revoke_secret(secret, 'local')
    client.update_status()
    assert client.flags() == USABLE | JOINING
    assert len(client.warnings) == 2


@with_secrets
def test_what_an_unread_secret_said_stays_and_its_servers_do_not(client):
    granted(client)
    client.end()
    client.model.fail_tools(LOCAL, 'secret-get*')
    client.update_status()
    assert client.flags() == USABLE
    client.end()
    client.model.write(client.relation('zk:1').app_bags['server'],
                       {'endpoints': '10.0.0.7:2181'})
    client.application_changed('zk:1')
    assert client.flags() == USABLE | JOINING
    assert client.endpoint().connection_string() == '10.0.0.7:2181/kafka'
    client.endpoint().dismiss_joining()
    client.end()
    client.model.mend_tools(LOCAL)
    client.update_status()
    assert client.flags() == USABLE
    assert len(client.warnings) == 2    # one for each secret


def test_a_secret_that_is_named_no_more_is_no_more_unread(client):
    client.end()
    client.model.fail_tools(LOCAL, 'secret-get*')
    named = dict(PLAIN, **{'secret-user': 'secret:abc'})
    for settings in named, PLAIN, named:
        client.application_changed('zk:1', settings)
    assert len(client.warnings) == 2


def test_application_data_that_can_not_be_read_is_no_news(client):
    granted(client)
    client.end()
    client.model.fail_tools(LOCAL, 'relation-get*--app*')
    client.application_changed('zk:1', {})
    client.update_status()
    assert client.flags() == USABLE
    assert client.warnings == ['zk: published of zk:1 can not be read, what '
                               'was known stays: ERROR refused']
    client.end()
    client.model.mend_tools(LOCAL)
    client.update_status()
    assert client.flags() == CONNECTED


# The price.

def test_a_changed_of_the_application_takes_a_call_more_for_each_secret(client):
    secret = granted(client)
    client.application_changed('zk:1')
    assert tools(client) == dict({'relation-list': 1, 'relation-get': 1},
                                 **({'secret-get': 2} if secret else {}))


@pytest.mark.parametrize('kind', ['joined', 'changed'])
def test_a_hook_of_its_unit_takes_what_it_takes_elsewhere(client, kind):
    granted(client)
    client.relation_hook(kind, 'zk:1', 'server/0')
    assert tools(client) == {'relation-list': 1, 'relation-get': 1}


def test_update_status_reads_each_such_application(client):
    secret = granted(client)
    client.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    client.join('zk:2', 'zk/1', ZOOKEEPER_REQUIRES.settings(8))
    client.update_status()
    found = tools(client)
    assert found.pop('secret-get', 0) == (2 if secret else 0)
    # ids; lists and own settings of two; three units; one application
    assert found == {'relation-ids': 1, 'relation-list': 2, 'relation-get': 2 + 3 + 1}


def test_a_secrets_hook_reads_each_such_application(client):
    secret = granted(client)
    client.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    client.hook('secret-changed')
    assert tools(client) == dict({'relation-get': 1},
                                 **({'secret-get': 2} if secret else {}))


def test_a_secrets_hook_is_free_for_others(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    juju.join('zk:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    juju.hook('secret-changed')
    assert tools(juju) == {}


def test_asking_takes_three_calls_and_two_to_confirm_it(client):
    client.hook('config-changed')
    client.joined('zk:2', 'another/0')
    assert tools(client) == {'relation-list': 1, 'relation-get': 1}
    client.changed('zk:2', 'another/0')
    assert tools(client) == {'relation-list': 1, 'relation-get': 2, 'is-leader': 1,
                             'relation-set': 1}
    client.hook('config-changed')
    assert tools(client) == {'is-leader': 1, 'relation-get': 1}
    client.hook('config-changed')
    assert tools(client) == {}


def test_who_does_not_lead_asks_who_leads_until_it_is_granted(client):
    client.hook('config-changed')
    client.lead(False)
    client.join('zk:2', 'another/0')
    for _ in range(2):
        client.hook('config-changed')
        assert tools(client) == {'is-leader': 1}
    client.application_changed('zk:2', PLAIN)
    client.hook('config-changed')
    assert tools(client) == {}


def test_lists_and_notices_are_free(client):
    granted(client)
    client.hook('config-changed')
    endpoint = client.endpoint()
    endpoint.connection_string()
    endpoint.zookeepers()
    endpoint.dismiss_joining()
    endpoint.request('/kafka')
    assert tools(client) == {}


# Upgrades.

def test_a_request_outlives_an_earlier_layer_that_was_here_since(client):
    client.lead(False)
    conversation(client, 'zk:1', 'server/0')
    client.hook('upgrade-charm')
    client.lead()
    client.join('zk:2', 'another/0')
    assert client.app_writes[-1] == ('zk:2', wanted(client))


def test_a_lost_store_is_made_up_for_by_the_charm(client):
    granted(client)
    client.end()
    unitdata.kv().unset('interface-layer.zk')
    client.update_status()
    assert client.flags() == CONNECTED
    client.endpoint().request('/kafka')
    assert client.flags() == USABLE | JOINING
    assert len(client.app_writes) == 1
