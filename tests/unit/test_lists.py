"""Lists and connection strings of clients."""
import json

import pytest

from .harness import FLUME_REQUIRES, ZOOKEEPER_REQUIRES


def zookeepers(juju, *units):
    juju.deploy(ZOOKEEPER_REQUIRES)
    for number, settings in enumerate(units):
        juju.join('zk:1', 'zk/{}'.format(number), settings)
    return juju.endpoint()


def test_listed_zookeeper_has_host_port_and_rest_port(juju):
    endpoint = zookeepers(
        juju,
        {'host': 'zk.example', 'port': '2181', 'rest_port': '9998'},
        {'ingress-address': '10.0.0.2', 'port': '2182'})
    assert endpoint.zookeepers() == [
        {'host': 'zk.example', 'port': '2181', 'rest_port': '9998'},
        {'host': '10.0.0.2', 'port': '2182', 'rest_port': None}]
    assert endpoint.get_zookeeper_units() == [
        ('zk.example', '2181'), ('10.0.0.2', '2182')]
    assert endpoint.connection_string() == 'zk.example:2181,10.0.0.2:2182'


def test_listed_agent_has_name_host_port_and_protocol(juju):
    juju.deploy(FLUME_REQUIRES)
    juju.join('zk:1', 'sink/0', {
        'private-address': '10.0.0.1', 'port': '4141', 'protocol': 'avro'})
    juju.join('zk:1', 'sink/1', {
        'host': 'sink.example', 'port': '4142', 'protocol': 'thrift'})
    assert juju.endpoint().agents() == [
        {'name': 'sink-0', 'host': '10.0.0.1', 'port': '4141', 'protocol': 'avro'},
        {'name': 'sink-1', 'host': 'sink.example', 'port': '4142',
         'protocol': 'thrift'}]


def test_zookeepers_are_empty_if_no_unit_is_usable(juju):
    endpoint = zookeepers(juju, {'port': '2181'})
    assert endpoint.zookeepers() == []
    assert endpoint.get_zookeeper_units() == []
    assert endpoint.connection_string() == ''
    assert endpoint.connection_string('/kafka') == ''


def test_agents_are_empty_if_no_unit_is_usable(juju):
    juju.deploy(FLUME_REQUIRES)
    assert juju.endpoint().agents() == []
    juju.join('zk:1', 'sink/0', {'host': 'sink', 'port': '4141'})
    assert juju.endpoint().agents() == []


def test_list_can_be_dumped_as_json(juju, requires):
    juju.deploy_joined(requires, requires.remote_data(0))
    listed = requires.listed(juju.endpoint())
    assert json.loads(json.dumps(listed)) == listed
    assert {type(value) for value in listed[0].values()} <= {str, type(None)}
    assert len(listed) == 1


def test_changing_a_list_does_not_change_the_next_one(juju, requires):
    juju.deploy_joined(requires, requires.remote_data(0))
    listed = requires.listed(juju.endpoint())
    listed[0]['host'] = 'elsewhere'
    del listed[:]
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']


def test_units_are_in_natural_order_of_their_names(juju, requires):
    juju.deploy(requires)
    relations = {'zk': 'zk:1', 'b-2': 'zk:2', 'b-10': 'zk:3', 'b': 'zk:10'}
    units = ['zk/10', 'zk/2', 'b-2/0', 'b-10/0', 'zk/1', 'b/11']
    for number, unit in enumerate(units):
        juju.join(relations[unit.split('/')[0]], unit, requires.remote_data(number))
    ordered = ['b/11', 'b-2/0', 'b-10/0', 'zk/1', 'zk/2', 'zk/10']
    assert requires.hosts(juju.endpoint()) == [
        '10.0.0.{}'.format(units.index(unit)) for unit in ordered]


def test_order_of_units_does_not_depend_on_the_order_of_hooks(juju, requires):
    juju.deploy(requires)
    juju.join('zk:2', 'remote/2', requires.remote_data(2))
    juju.join('zk:1', 'third/10', requires.remote_data(10))
    juju.join('zk:2', 'remote/1', requires.remote_data(1))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.1', '10.0.0.2', '10.0.0.10']
    juju.departed('zk:2', 'remote/1')
    juju.join('zk:2', 'remote/1', requires.remote_data(1))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.1', '10.0.0.2', '10.0.0.10']


@pytest.mark.parametrize('older, newer', [('zk:9', 'zk:10'), ('zk:1', 'zk:2')])
@pytest.mark.parametrize('newer_first', [False, True])
def test_application_related_twice_is_listed_from_its_newest_relation(
        juju, requires, older, newer, newer_first):
    juju.deploy(requires)
    for relation_id in sorted((older, newer), reverse=newer_first):
        for unit in (0, 1):
            juju.join(relation_id, 'remote/{}'.format(unit), requires.remote_data(
                10 * (relation_id == newer) + unit))
    juju.join('zk:3', 'third/0', requires.remote_data(3))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.10', '10.0.0.11', '10.0.0.3']


def test_newer_relation_is_listed_once_it_has_a_usable_unit(juju, requires):
    juju.deploy(requires)
    for unit in (0, 1):
        juju.join('zk:1', 'remote/{}'.format(unit), requires.remote_data(unit))
    juju.join('zk:2', 'remote/0')
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.1']
    juju.changed('zk:2', 'remote/0', requires.remote_data(0))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    juju.departed('zk:2', 'remote/0')
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.1']


def test_agent_name_is_its_unit_name_with_a_dash(juju):
    juju.deploy(FLUME_REQUIRES)
    juju.join('zk:1', 'my-sink/0', FLUME_REQUIRES.remote_data(1))
    juju.join('zk:2', 'my-sink/0', FLUME_REQUIRES.remote_data(2))
    juju.join('zk:2', 'my-sink/10', FLUME_REQUIRES.remote_data(10))
    assert [(agent['name'], agent['host']) for agent in juju.endpoint().agents()] == [
        ('my-sink-0', '10.0.0.2'), ('my-sink-10', '10.0.0.10')]


def test_agents_with_equal_numbers_are_named_by_application(juju):
    juju.deploy(FLUME_REQUIRES)
    juju.join('zk:1', 'a/0', FLUME_REQUIRES.remote_data(1))
    juju.join('zk:2', 'b/0', FLUME_REQUIRES.remote_data(2))
    assert [agent['name'] for agent in juju.endpoint().agents()] == ['a-0', 'b-0']


def test_zookeepers_name_their_applications_if_there_are_several(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    for number, name in enumerate('abc', 1):
        juju.join('zk:{}'.format(number), name + '/0',
                  ZOOKEEPER_REQUIRES.remote_data(number))
    assert [server['application'] for server in juju.endpoint().zookeepers()] == [
        'a', 'b', 'c']


@pytest.mark.parametrize('host, expected', [
    ('fd00::1', '[fd00::1]:2181'), ('::1', '[::1]:2181'),
    ('10.0.0.1', '10.0.0.1:2181'), ('zk.example', 'zk.example:2181')])
def test_connection_string_has_ipv6_in_brackets(juju, host, expected):
    endpoint = zookeepers(juju, {'host': host, 'port': '2181'})
    assert endpoint.connection_string() == expected
    assert endpoint.connection_string('/a') == expected + '/a'
    assert endpoint.zookeepers()[0]['host'] == host
    assert endpoint.get_zookeeper_units() == [(host, '2181')]


@pytest.mark.parametrize('chroot', [
    '', '/kafka', '/a/b', '/a/b/c', '/a-b_c.d', '/...', '/.a', '/..a', '/a.', '/a..',
    '/zookeeper/1'])
def test_connection_string_ends_with_the_chroot(juju, chroot):
    endpoint = zookeepers(juju, {'host': 'a', 'port': '1'},
                          {'host': 'b', 'port': '2'})
    assert endpoint.connection_string(chroot) == 'a:1,b:2' + chroot
    assert endpoint.connection_string(chroot=chroot) == 'a:1,b:2' + chroot


@pytest.mark.parametrize('chroot', ['/', None])
def test_connection_string_has_no_chroot_for_the_root(juju, chroot):
    endpoint = zookeepers(juju, {'host': 'a', 'port': '1'})
    assert endpoint.connection_string(chroot) == 'a:1'


@pytest.mark.parametrize('chroot, shown', [
    ('kafka', "'kafka'"), ('//', "'//'"), ('/a/', "'/a/'"),
    ('/a//b', "'/a//b'"), ('/.', "'/.'"), ('/..', "'/..'"), ('/a/.', "'/a/.'"),
    ('/a/../b', "'/a/../b'"), ('/a b', "'/a b'"), ('/a\n', r"'/a\n'"),
    ('/a,b:1', "'/a,b:1'"), ('/\x00', r"'/\x00'"), ('/\x1f', r"'/\x1f'"),
    ('/\x7f', r"'/\x7f'"), ('/\x9f', r"'/\x9f'"), ('/\u2028', r"'/\u2028'"),
    ('/\ud800', r"'/\ud800'"), ('/\uf8ff', r"'/\uf8ff'"),
    ('/\ufff0', r"'/\ufff0'"), ('/\U0001f600', r"'/\U0001f600'"),
    (' /a', "' /a'"), ('a/b', "'a/b'"), (1, '1'), (['/a'], "['/a']"),
    ('/' + 'a ' * 40, "'/" + 'a ' * 29 + '... (83 characters)'),
], ids=ascii)
@pytest.mark.parametrize('units', [[], [{'host': 'zk', 'port': '1'}]],
                         ids=['unrelated', 'related'])
def test_invalid_chroot_raises(juju, units, chroot, shown):
    endpoint = zookeepers(juju, *units)
    with pytest.raises(ValueError) as error:
        endpoint.connection_string(chroot)
    assert str(error.value) == (
        'chroot is {}, not a path like /kafka or /a/b'.format(shown))
