"""A later protocol called zookeeper puts its details in application data.

This layer does not speak it; a client that meets it says so, and goes on.
"""
import pytest

from .harness import CONNECTED
from .harness import FLUME_REQUIRES
from .harness import LOCAL
from .harness import ZOOKEEPER_PROVIDES
from .harness import ZOOKEEPER_REQUIRES

DETAILS = {'database': '/kafka', 'endpoints': 'a:2181,b:2181', 'username': 'me'}


def warning(application):
    return ('quorum: {} publishes database and endpoints as an application, which is '
            'a later protocol called zookeeper; this layer reads port, rest_port and '
            'host of its units'.format(application))


def told(juju, rid, settings):
    """The hook in which the remote application's own data changed."""
    juju.end()
    relation = juju.relation(rid)
    bag = relation.app_bags[relation.other('local')]
    juju.model.write(bag, {**dict.fromkeys(bag.data, ''), **settings})
    juju.relation_hook('changed', rid)


@pytest.fixture
def client(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('quorum:1', 'later/0')
    return juju


@pytest.mark.parametrize('settings', [
    DETAILS, {'database': '/kafka'}, {'endpoints': 'a:1'}], ids=', '.join)
def test_a_client_stays_connected_and_names_it(client, settings):
    told(client, 'quorum:1', settings)
    assert client.flags() == CONNECTED
    assert client.endpoint().zookeepers() == []
    assert client.warnings == [warning('later')]


def test_it_is_named_once_for_each_relation(client):
    for _ in range(3):
        told(client, 'quorum:1', DETAILS)
    client.changed('quorum:1', 'later/0')
    client.update_status()
    told(client, 'quorum:1', dict(DETAILS, endpoints='c:2181'))
    assert client.warnings == [warning('later')]
    client.join('quorum:2', 'other/0')
    told(client, 'quorum:2', DETAILS)
    told(client, 'quorum:1', DETAILS)
    assert client.warnings == [warning('later'), warning('other')]


def test_it_is_named_again_in_a_relation_made_again(client):
    told(client, 'quorum:1', DETAILS)
    client.departed('quorum:1', 'later/0')
    client.broken('quorum:1')
    client.join('quorum:2', 'later/0')
    told(client, 'quorum:2', DETAILS)
    assert client.warnings == [warning('later')] * 2


def test_it_is_named_once_even_before_it_has_units(client):
    client.created('quorum:2', 'bare')
    told(client, 'quorum:2', DETAILS)
    client.changed('quorum:1', 'later/0')
    told(client, 'quorum:2', DETAILS)
    assert client.warnings == [warning('bare')]


def test_others_are_served_beside_it(client):
    client.join('quorum:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    told(client, 'quorum:1', DETAILS)
    assert len(client.endpoint().zookeepers()) == 1


@pytest.mark.parametrize('settings', [{}, {'port': '2181'}, {'version': '3'}], ids=str)
def test_other_application_data_is_nobodys_business(client, settings):
    told(client, 'quorum:1', settings)
    assert client.warnings == []
    assert client.flags() == CONNECTED


def test_a_hook_without_the_applications_name_is_survived(client, monkeypatch):
    told(client, 'quorum:1', DETAILS)
    monkeypatch.delenv('JUJU_REMOTE_APP')
    client.endpoint()._follow()
    assert client.flags() == CONNECTED


@pytest.mark.parametrize('kind, unit', [
    ('joined', 'later/0'), ('changed', 'later/0'), ('created', '')])
def test_it_is_looked_for_only_when_it_changed(client, kind, unit):
    told(client, 'quorum:1', DETAILS)
    client.relation_hook(kind, 'quorum:1', unit)
    assert not any('--app' in words for _, words in client.context.calls)


def test_it_takes_one_call_in_each_changed_of_it(client):
    for _ in range(2):
        told(client, 'quorum:1', DETAILS)
        assert client.calls == {'relation-list': 1, 'relation-get': 1}


def test_application_data_that_can_not_be_read_are_logged_once(client):
    client.end()
    client.model.fail_tools(LOCAL, 'relation-get*--app*')
    told(client, 'quorum:1', DETAILS)
    told(client, 'quorum:1', {})
    unread = 'quorum: published of quorum:1 can not be read, what was known stays: {}'
    assert client.warnings == [unread.format('ERROR refused')]
    client.end()
    client.model.mend_tools(LOCAL)
    told(client, 'quorum:1', DETAILS)
    assert client.warnings[1:] == [warning('later')]


@pytest.mark.parametrize('side', [FLUME_REQUIRES, ZOOKEEPER_PROVIDES],
                         ids=lambda side: side.id)
def test_nobody_else_has_such_a_protocol(juju, side):
    juju.deploy(side)
    juju.join('quorum:1', 'later/0')
    told(juju, 'quorum:1', DETAILS)
    assert juju.warnings == []
    assert juju.flags() >= CONNECTED
