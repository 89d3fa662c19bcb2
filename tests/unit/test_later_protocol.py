"""A later protocol called zookeeper puts its details in application data.

This layer does not speak it; a client that meets it says so, and goes on.
"""
from collections import Counter

import pytest

from .harness import FLUME_REQUIRES, ZOOKEEPER_REQUIRES

DETAILS = {'database': '/kafka', 'endpoints': 'a:2181,b:2181', 'username': 'me'}
WARNING = (
    'quorum: {} publishes database and endpoints as an application, which is a later '
    'protocol called zookeeper; this layer reads port, rest_port and host of its units')


@pytest.fixture
def told(juju, monkeypatch):
    """Plays the hook in which an application's own data changed."""
    def hook(rid, application, settings):
        juju.end()
        if settings is not None:
            juju.databags[rid][application] = settings
        monkeypatch.setenv('JUJU_REMOTE_APP', application)
        juju.relation_hook('changed', rid)
    return hook


@pytest.fixture
def client(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.join('quorum:1', 'later/0')
    return juju


@pytest.mark.parametrize('settings', [
    DETAILS, {'database': '/kafka'}, {'endpoints': 'a:1'}], ids=', '.join)
def test_a_client_stays_connected_and_names_it(client, told, settings):
    told('quorum:1', 'later', settings)
    assert client.flags() == {'connected', 'joined'}
    assert client.endpoint().zookeepers() == []
    assert client.warnings == [WARNING.format('later')]


def test_it_is_named_once_for_each_relation(client, told):
    for _ in range(3):
        told('quorum:1', 'later', DETAILS)
    client.changed('quorum:1', 'later/0')
    client.update_status()
    told('quorum:1', 'later', dict(DETAILS, endpoints='c:2181'))
    assert client.warnings == [WARNING.format('later')]
    client.join('quorum:2', 'other/0')
    told('quorum:2', 'other', DETAILS)
    told('quorum:1', 'later', DETAILS)
    assert client.warnings == [WARNING.format('later'), WARNING.format('other')]


def test_it_is_named_again_in_a_relation_made_again(client, told):
    told('quorum:1', 'later', DETAILS)
    client.departed('quorum:1', 'later/0')
    client.broken('quorum:1')
    client.end()
    client.join('quorum:1', 'later/0')
    told('quorum:1', 'later', DETAILS)
    assert client.warnings == [WARNING.format('later')] * 2


def test_it_is_named_once_even_before_it_has_units(client, told):
    """Two relations with units, and its own without; then a changed of another."""
    client.join('quorum:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    client.end()
    client.present('quorum:3')
    told('quorum:3', 'bare', DETAILS)
    client.changed('quorum:1', 'later/0')
    told('quorum:3', 'bare', DETAILS)
    assert client.warnings == [WARNING.format('bare')]


def test_others_are_served_beside_it(client, told):
    client.join('quorum:2', 'zk/0', ZOOKEEPER_REQUIRES.settings(7))
    told('quorum:1', 'later', DETAILS)
    assert client.flags() == {'connected', 'joined', 'available', 'ready', 'joining'}
    assert len(client.endpoint().zookeepers()) == 1


@pytest.mark.parametrize('settings', [{}, {'port': '2181'}, {'version': '3'}, None],
                         ids=str)
def test_other_application_data_is_nobodys_business(client, told, settings):
    told('quorum:1', 'later', settings)
    assert client.warnings == []
    assert client.flags() == {'connected', 'joined'}


def test_a_hook_without_the_applications_name_is_survived(client, monkeypatch):
    client.databags['quorum:1']['later'] = DETAILS
    for unknown in ('', None):
        if unknown is None:
            monkeypatch.delenv('JUJU_REMOTE_APP')
        else:
            monkeypatch.setenv('JUJU_REMOTE_APP', unknown)
        client.relation_hook('changed', 'quorum:1')
        assert client.calls == {'relation_ids': 1, 'related_units': 1}
    assert client.warnings == []


@pytest.mark.parametrize('kind, unit', [
    ('joined', 'later/0'), ('changed', 'later/0'), ('created', ''), ('broken', '')])
def test_it_is_looked_for_only_when_it_changed(client, monkeypatch, kind, unit):
    client.databags['quorum:1']['later'] = DETAILS
    monkeypatch.setenv('JUJU_REMOTE_APP', 'later')
    client.relation_hook(kind, 'quorum:1', unit)
    assert client.warnings == []


@pytest.mark.parametrize('relations, calls', [
    (1, {'relation_ids': 1, 'related_units': 1, 'relation_get': 1}),
    (2, {'related_units': 2, 'relation_get': 1}),
    (3, {'relation_ids': 1, 'related_units': 1, 'relation_get': 1})])
def test_it_takes_one_call(client, told, relations, calls):
    for number in range(2, relations + 1):
        client.join('quorum:{}'.format(number), 'zk{}/0'.format(number))
    told('quorum:1', 'later', {})
    assert client.calls == calls
    told('quorum:1', 'later', DETAILS)
    assert client.calls == calls
    told('quorum:1', 'later', DETAILS)
    assert client.calls == Counter(calls) - Counter(relation_get=1)


def test_flume_has_no_such_protocol(juju, told):
    juju.deploy(FLUME_REQUIRES)
    juju.join('quorum:1', 'later/0')
    told('quorum:1', 'later', DETAILS)
    assert juju.warnings == []
    assert juju.calls == {'relation_ids': 1, 'related_units': 1}
