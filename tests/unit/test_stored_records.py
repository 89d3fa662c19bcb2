"""Stored records of another version, role or interface, or from before a downgrade."""
import pytest
from charmhelpers.core import unitdata
from charms.reactive import get_flags, set_flag

from .app_data_helpers import expected_request, grant, written_ids
from .harness import (DEPARTING, FLUME_PROVIDES, FLUME_REQUIRES, FULL_READ_HOOKS,
                      JOINING, ONE_UNIT, Provides, RECORD_KEY, SIDES, TWO_UNITS, USABLE,
                      ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES, assert_listed,
                      conversation, deploy_settled)
from .upgrades import CONNECTED_AVAILABLE, FIRST_HOOKS, each_first_hook


def stored_keys():
    return sorted(unitdata.kv().getrange('interface-layer.'))


# The record has another version.

def deploy_with_other_record(juju, side, version=2):
    """Deploy a side with two units; its record has another version and layout."""
    deploy_settled(juju, side, *TWO_UNITS)
    unitdata.kv().set(RECORD_KEY, {'version': version, 'else': []})
    unitdata.kv().flush()


REBUILT = ('zk: the stored record is damaged or of another version; rebuilding it from '
           'Juju')


@pytest.mark.parametrize('version', [0, 99, '2', None, '\0', '\ud800'], ids=ascii)
def test_record_of_any_other_version_is_rebuilt(juju, side, version):
    deploy_with_other_record(juju, side, version)
    juju.update_status()
    assert juju.warnings == [REBUILT]
    assert juju.flags() == USABLE


def test_record_of_another_version_is_rebuilt_in_an_action(juju, side):
    deploy_with_other_record(juju, side)
    juju.action()
    juju.endpoint().dismiss_departing()
    assert juju.flags() == USABLE
    assert juju.warnings == [REBUILT]


def test_rebuilding_forgets_unit_that_left(juju, side):
    deploy_with_other_record(juju, side)
    juju.skip_departed('zk:1', 'remote/1')
    juju.update_status()
    assert juju.flags() == USABLE
    assert_listed(juju, side, 0)


def test_rebuilding_in_joined_announces_its_unit(juju, side):
    deploy_with_other_record(juju, side)
    juju.joined('zk:1', 'remote/2', side.remote_data(2))
    assert juju.flags() == USABLE | JOINING
    juju.departed('zk:1', 'remote/2')
    assert juju.flags() == USABLE | DEPARTING


def test_new_record_has_the_current_version(juju, side):
    juju.deploy(side)
    assert unitdata.kv().get(RECORD_KEY)['version'] == 5


# The record of release 1.0.0.

KAFKA = {'database': '/kafka', 'extra-user-roles': 'cdrwa'}


def store_1_0_0(side, sources, relation_fields, **fields):
    """Store a record of release 1.0.0 with one relation, and set its notices' flags."""
    relation = {'application': 'remote', 'units': ['remote/0', 'remote/1'],
                'sources': sources, 'ghost': False, 'logged': {}}
    record = {'version': 2, 'role': side.role, 'interface': side.interface,
              'relations': {'zk:1': dict(relation, **relation_fields)}, 'joining': [],
              'departing': False, 'shown': [], 'logged': {}, 'last_used': {},
              'adopted': None}
    unitdata.kv().set(RECORD_KEY, dict(record, **fields))
    for notice in fields.get('shown', []):
        set_flag('zk.' + notice, {'relation': 'zk', 'conversations': []})
    unitdata.kv().flush()


def upgrade_from_1_0_0(juju, side, written='kept', **fields):
    """Have release 1.0.0 handle two units, and upgrade it.

    :param written: whether a provider's details have been written
    :param fields: other fields of its record
    """
    deploy_settled(juju, side, *TWO_UNITS)
    if isinstance(side, Provides):
        sources = {'remote/0': {}, 'remote/1': {}}
        relation_fields = {'published': written}
        of_role = {'details': side.details(), 'keys': sorted(side.details())}
    else:
        sources = {unit: dict(side.published, host='10.0.0.{}'.format(number))
                   for number, (_, unit) in enumerate(TWO_UNITS)}
        relation_fields = {}
        of_role = {'sink': ['remote/0', sources['remote/0']]}
        if side is ZOOKEEPER_REQUIRES:
            relation_fields = {'earlier': True}
            of_role = {'request': None, 'salt': '6f' * 16}
    store_1_0_0(side, sources, relation_fields, **dict(of_role, **fields))


@each_first_hook
def test_record_of_1_0_0_is_rebuilt_with_one_warning(juju, side, hook):
    upgrade_from_1_0_0(juju, side)
    hook(juju)
    for _ in range(2):
        assert juju.flags() == USABLE
        assert_listed(juju, side, 0, 1)
        juju.update_status()
    assert juju.warnings == [REBUILT]
    assert juju.writes == []


@each_first_hook
def test_notices_of_1_0_0_stay_set_until_they_are_dismissed(juju, side, hook):
    upgrade_from_1_0_0(juju, side, joining=['remote/1'], departing=True,
                       shown=['joining', 'departing'])
    hook(juju)
    juju.update_status()
    assert juju.flags() == USABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    assert juju.flags() == USABLE | DEPARTING
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert juju.flags() == USABLE


def test_details_that_1_0_0_sent_are_written_in_later_relations(juju, provides):
    upgrade_from_1_0_0(juju, provides)
    juju.created('zk:2', 'second')
    assert juju.own_data('zk:2') == provides.details()
    assert [relation_id for relation_id, _ in juju.writes] == ['zk:2']


def test_details_that_1_0_0_sent_are_replaced_completely(juju, provides):
    upgrade_from_1_0_0(juju, provides)
    juju.hook('upgrade-charm')
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:1') == provides.details(1), (
        'the layer published the host, so it deletes it')


def test_details_that_1_0_0_had_not_written_yet_are_written(juju, provides):
    upgrade_from_1_0_0(juju, provides, written='due', details=provides.details(1))
    juju.hook('upgrade-charm')
    assert juju.own_data('zk:1') == provides.details(1)


def test_request_and_grant_of_1_0_0_stay(juju):
    juju.deploy(ZOOKEEPER_REQUIRES)
    juju.endpoint().request('/kafka')
    for unit in 'remote/0', 'remote/1':
        juju.join('zk:1', unit)
    grant(juju)
    juju.end()
    details = {'endpoints': [['10.0.0.1', '2181'], ['10.0.0.2', '2181']],
               'path': '/kafka', 'digest': '0' * 64}
    store_1_0_0(ZOOKEEPER_REQUIRES,
                {'remote/0': None, 'remote/1': None, 'remote': details},
                {'asked': KAFKA, 'confirmed': True}, request=KAFKA, salt='6f' * 16)
    juju.hook('upgrade-charm')
    for _ in range(2):
        assert juju.flags() == USABLE
        assert juju.endpoint().connection_string() == (
            '10.0.0.1:2181,10.0.0.2:2181/kafka')
        assert juju.endpoint().credentials().username == 'relation-1'
        juju.update_status()
    assert juju.warnings == [REBUILT]
    juju.join('zk:2', 'second/0')
    assert juju.own_app_data('zk:2') == expected_request(juju)
    assert written_ids(juju) == ['zk:1', 'zk:2']


# A new revision of the charm changes an endpoint, or drops it.

def revise(juju, side=None):
    """Have a new revision of the charm declare another endpoint `zk`, or none."""
    juju.end()
    for role in ('requires', 'provides'):
        juju.metadata[role].clear()
    if side:
        juju.declare(side)


def each_change(sides):
    return pytest.mark.parametrize('before, after', [
        (before, after) for before in sides for after in sides if before is not after],
        ids=lambda side: side.id)


@each_change(SIDES)
@pytest.mark.parametrize('hook', ['upgrade-charm', 'config-changed'])
def test_changed_endpoint_keeps_only_departing(juju, before, after, hook):
    """The stored record lacks fields of the new role or interface."""
    deploy_settled(juju, before, *ONE_UNIT)
    juju.departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    revise(juju, after)
    juju.hook(hook)
    assert juju.flags() == DEPARTING, 'it was not dismissed'
    juju.endpoint().dismiss_departing()
    if isinstance(after, Provides):
        after.send(juju.endpoint())
    juju.join('zk:2', 'remote/0', after.remote_data(0))
    assert juju.flags() == USABLE | JOINING
    assert_listed(juju, after, 0)


@each_change([ZOOKEEPER_REQUIRES, FLUME_REQUIRES])
def test_client_with_another_interface_reads_units_again(juju, before, after):
    deploy_settled(juju, before, *ONE_UNIT)
    juju.replace_data('zk:1', 'remote/0', after.remote_data(0))
    juju.restart_agent()
    revise(juju, after)
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    assert_listed(juju, after, 0)


@each_change([ZOOKEEPER_PROVIDES, FLUME_PROVIDES])
def test_provider_with_another_interface_writes_nothing_old(juju, before, after):
    deploy_settled(juju, before, *ONE_UNIT)
    revise(juju, after)
    juju.hook('upgrade-charm')
    assert juju.own_data('zk:1') == before.details()
    juju.hook('config-changed')
    after.send(juju.endpoint())
    assert juju.own_data('zk:1').items() >= after.details().items()
    assert juju.flags() == USABLE


@pytest.mark.parametrize('endpoints', [{}, {'zk': {'interface': 'http'}}],
                         ids=['dropped', 'interface of another layer'])
@pytest.mark.parametrize('hook', FULL_READ_HOOKS)
def test_dropped_endpoint_loses_its_record_and_flags(juju, side, hook, endpoints):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.join('zk:1', 'remote/1', side.remote_data(1))
    juju.departed('zk:1', 'remote/1')
    set_flag('zk.configured')
    set_flag('zk-2.available')
    juju.remove_without_hook('zk:1')
    revise(juju)
    juju.metadata['requires'].update(endpoints)
    juju.hook(hook)
    assert stored_keys() == []
    assert juju.flags() == {'configured'}
    assert juju.flags('zk-2') == {'available'}


def test_dropped_endpoint_loses_its_conversations(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    conversation(juju, 'zk:1', 'remote/0', 'connected')
    revise(juju)
    juju.hook('upgrade-charm')
    assert stored_keys() == juju.conversations() == []


def test_dropped_endpoint_keeps_its_record_until_a_full_read(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.declare(side, 'other')
    juju.hook('upgrade-charm')
    assert stored_keys() == ['interface-layer.other', RECORD_KEY]
    del juju.metadata[side.role]['other']
    juju.hook('config-changed')
    assert stored_keys() == ['interface-layer.other', RECORD_KEY]
    juju.hook('upgrade-charm')
    assert stored_keys() == [RECORD_KEY]
    assert juju.flags() == USABLE


def test_endpoint_that_moves_to_peers_loses_flags_and_record(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    juju.metadata['peers'] = {'zk': juju.metadata[side.role].pop('zk')}
    juju.hook('upgrade-charm')
    assert [flag for flag in get_flags() if 'zk' in flag] == []
    assert stored_keys() == []


def test_client_that_becomes_a_server_loses_flags_that_only_clients_have(juju):
    deploy_settled(juju, ZOOKEEPER_REQUIRES, *ONE_UNIT)
    juju.changed('zk:1', 'remote/0', ZOOKEEPER_REQUIRES.remote_data(1))
    juju.end()
    assert 'endpoint.zk.changed' in get_flags()
    revise(juju, ZOOKEEPER_PROVIDES)
    juju.hook('upgrade-charm')
    juju.update_status()
    assert {flag for flag in get_flags() if flag.startswith('endpoint.')} == {
        'endpoint.zk.joined', 'endpoint.zk.available'}


# The charm is downgraded to an earlier layer, and upgraded again.

@pytest.mark.parametrize('hook', [
    pytest.param(hook, id=name) for name, hook in FIRST_HOOKS.items()
    if name != 'changed'])
def test_units_that_changed_under_an_earlier_layer_are_found(juju, requires, hook):
    """A server left and another came; the flags point to the latter's conversation."""
    deploy_settled(juju, requires, *ONE_UNIT)
    juju.skip_departed('zk:1', 'remote/0')
    juju.skip_joined('zk:1', 'remote/1', requires.remote_data(1))
    conversation(juju, 'zk:1', 'remote/1', *CONNECTED_AVAILABLE)
    hook(juju)
    assert juju.flags() == USABLE
    assert_listed(juju, requires, 1)
    assert juju.conversations() == []


def test_unit_data_that_changed_under_an_earlier_layer_are_read(juju, requires):
    deploy_settled(juju, requires, *ONE_UNIT)
    conversation(juju, 'zk:1', 'remote/0', *CONNECTED_AVAILABLE)
    juju.skip_changed('zk:1', 'remote/0', requires.remote_data(7))
    juju.hook('config-changed')
    assert juju.flags() == USABLE
    assert_listed(juju, requires, 7)


def test_details_that_an_earlier_layer_sent_are_kept(juju, provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    conversation(juju, 'zk:1', 'remote/0', *CONNECTED_AVAILABLE, scope='global')
    juju.replace_own_data('zk:1', provides.details(1))
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE
    assert juju.own_data('zk:1') == provides.details(1)
    assert juju.writes == []


def test_details_stay_recorded_if_the_last_client_leaves_an_earlier_layer(juju,
                                                                          provides):
    deploy_settled(juju, provides, *ONE_UNIT)
    conversation(juju, 'zk:1', 'remote/0', *CONNECTED_AVAILABLE, scope='global')
    juju.skip_departed('zk:1', 'remote/0')
    juju.model.remove_relation(juju.relation('zk:1'))
    juju.relation_hook('broken', 'zk:1', run_layers=False)
    juju.hook('upgrade-charm')
    juju.created('zk:2')
    assert juju.own_data('zk:2') == provides.details()


def test_notices_that_an_earlier_layer_set_can_be_dismissed(juju, side):
    deploy_settled(juju, side, *ONE_UNIT)
    conversation(juju, 'zk:1', 'remote/0', *CONNECTED_AVAILABLE, 'joining', 'departing')
    juju.hook('upgrade-charm')
    assert juju.flags() == USABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert juju.flags() == USABLE
