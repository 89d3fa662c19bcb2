"""Stored records of which a part is missing or has another type.

They are rebuilt from Juju, in whichever hook runs first.
"""
import copy
import functools
import itertools
import operator

import pytest
from charmhelpers.core import unitdata
from charms.reactive import clear_flag, set_flag

from .app_data_helpers import add_secrets, expected_request
from .harness import (CONNECTED, DEPARTING, FLUME_REQUIRES, FULL_READ_HOOKS, JOINING,
                      PROVIDES, Provides, RECORD_KEY, REQUIRES, Requires, SIDES,
                      TWO_RELATIONS, USABLE, ZOOKEEPER_PROVIDES, assert_listed,
                      conversation, deploy_and_send, deploy_settled, layer)
from .upgrades import CONNECTED_AVAILABLE

# A client that uses the grant of an application whose units publish nothing.
GRANTED = Requires('zookeeper', 'ZookeeperRequires', 'zookeepers')
GRANTED.id = 'grant'

# The fields that a rebuilt record can keep, in this layout or another.
KEPT = ('details', 'keys', 'request', 'sink')

MISSING = 'missing'
OTHER_VALUES = [None, [], {}, 0, 'x']
OPTIONAL_DETAILS = [('details', 'rest_port'), ('details', 'host')]


@pytest.fixture(autouse=True)
def fast_digests(monkeypatch):
    monkeypatch.setattr(layer('zookeeper', 'app_data'), '_ROUNDS', 1)


@pytest.fixture(params=SIDES + [GRANTED], ids=lambda side: side.id)
def side(request):
    """Each of the four classes, and a client with a grant."""
    return request.param


def paths(value, path=()):
    """Yield the path of each part of a record, such as ('details', 'port').

    Fields that are not in KEPT contribute only the first part of each dict and list,
    because the checksum protects all parts alike.
    """
    keys = (list(value) if isinstance(value, dict) else
            range(len(value)) if isinstance(value, list) else ())
    if path and path[0] not in KEPT:
        keys = list(keys)[:1]
    for key in keys:
        yield path + (key,)
        yield from paths(value[key], path + (key,))


def part(record, path):
    return functools.reduce(operator.getitem, path, record)


def damages(record):
    """Yield each way to damage a record, as (path, MISSING or another value).

    Parts of KEPT fields get every value of another type. For other parts, the values
    take turns.
    """
    for number, path in enumerate(paths(record)):
        yield path, MISSING
        values = [value for value in OTHER_VALUES
                  if type(value) is not type(part(record, path))]
        if path[0] not in KEPT:
            values = [values[number % len(values)]]
        for value in values:
            yield path, value


def loses_request(path, value):
    """Whether the request is unreadable, or seems to be another role's."""
    return path[0] == 'request' or (
        path[0] in ('role', 'interface') and value is not MISSING)


def is_complete_without(path, value):
    """Whether the damaged details are a complete set: an optional value is missing."""
    return path in OPTIONAL_DETAILS and value in (MISSING, None)


def damaged_records(record, side, chosen):
    """Yield the records with a chosen damage that can be rebuilt completely."""
    for path, value in chosen:
        if not (is_complete_without(path, value)
                or side is GRANTED and loses_request(path, value)):
            print('damage:', path, value)
            yield damage(record, path, value)


def damage(record, path, value):
    """A copy of a record, without a part or with another value for it."""
    damaged = copy.deepcopy(record)
    owner = part(damaged, path[:-1])
    if value is MISSING:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return damaged


def settle(juju, side, notices):
    """Have an endpoint with two units; a third one has left.

    :param notices: whether the charm has not dismissed `joining` and `departing`
    :return: the stored record
    """
    deploy_and_send(juju, side)
    if side is GRANTED:
        juju.endpoint().request('/kafka')
    for number in range(3):
        juju.join('zk:1', 'remote/{}'.format(number), side.remote_data(number))
    if side is GRANTED:
        juju.application_changed('zk:1', add_secrets(juju)[0])
    juju.departed('zk:1', 'remote/2')
    if not notices:
        juju.endpoint().dismiss_joining()
        juju.endpoint().dismiss_departing()
    juju.hook('config-changed')
    juju.end()
    assert juju.flags() == flags(notices)
    assert_right(juju, side)
    return unitdata.kv().get(RECORD_KEY)


def flags(notices):
    return USABLE | JOINING | DEPARTING if notices else USABLE


def store(juju, record, notices):
    """Replace the stored record, and set or clear the flags of the notices."""
    juju.end()
    unitdata.kv().set(RECORD_KEY, record)
    for flag in 'zk.joining', 'zk.departing':
        if notices:
            set_flag(flag, {'relation': 'zk', 'conversations': []})
        else:
            clear_flag(flag)


def assert_right(juju, side):
    """Assert that the lists and the endpoint's own data are right."""
    if side is GRANTED:
        assert juju.endpoint().connection_string() == (
            '10.0.0.1:2181,10.0.0.2:2181/kafka')
        assert juju.own_app_data('zk:1') == expected_request(juju)
    elif isinstance(side, Requires):
        assert_listed(juju, side, 0, 1)
    else:
        assert juju.own_data('zk:1') == side.details()


def _dismiss_in_action(juju):
    juju.action()
    juju.endpoint().dismiss_joining()


def _update_status(juju):
    juju.update_status()


# The first hook, and whether the charm has not dismissed the notices.
HOOKS = {
    'update-status': (_update_status, False),
    'config-changed': (lambda juju: juju.hook('config-changed'), False),
    'changed': (lambda juju: juju.changed('zk:1', 'remote/0'), True),
    'joined': (lambda juju: juju.relation_hook('joined', 'zk:1', 'remote/0'), True),
    'action': (_dismiss_in_action, True),
}


@pytest.mark.parametrize('hook', HOOKS)
def test_damaged_record_is_rebuilt(juju, side, hook):
    run_hook, notices = HOOKS[hook]
    record = settle(juju, side, notices)
    expected = flags(notices) - (JOINING if hook == 'action' else set())
    chosen = list(damages(record))
    if hook != 'update-status':     # the other hooks take turns
        others = [name for name in HOOKS if name != 'update-status']
        chosen = chosen[others.index(hook)::len(others)]
    for damaged in damaged_records(record, side, chosen):
        store(juju, damaged, notices)
        for run in run_hook, _update_status:
            run(juju)
            assert juju.flags() == expected
            assert_right(juju, side)


@pytest.mark.parametrize('notice, left', [('joining', DEPARTING),
                                          ('departing', JOINING)])
def test_notices_can_be_dismissed_after_rebuilding(juju, side, notice, left):
    record = settle(juju, side, True)
    for path in [('joining',), ('departing',), ('shown',)]:
        store(juju, damage(record, path, MISSING), True)
        juju.update_status()
        getattr(juju.endpoint(), 'dismiss_' + notice)()
        assert juju.flags() == USABLE | left
        juju.update_status()
        assert juju.flags() == USABLE | left


@pytest.mark.parametrize('side', PROVIDES + [GRANTED], ids=lambda side: side.id)
def test_later_relation_gets_what_was_sent_before_the_damage(juju, side):
    record = settle(juju, side, False)
    for number, damaged in enumerate(
            damaged_records(record, side, damages(record)), start=2):
        store(juju, damaged, False)
        juju.update_status()
        relation_id = 'zk:{}'.format(number)
        juju.join(relation_id, 'second/0')
        if side is GRANTED:
            assert juju.own_app_data(relation_id) == expected_request(juju)
        else:
            assert juju.own_data(relation_id) == side.details()
        juju.remove_without_hook(relation_id)


def damage_record(juju):
    record = unitdata.kv().get(RECORD_KEY)
    unitdata.kv().set(RECORD_KEY, damage(record, ['joining'], 'x'))


def run_earlier_layer_again(juju):
    conversation(juju, 'zk:1', 'remote/0', *CONNECTED_AVAILABLE, scope='global')


@pytest.mark.parametrize('outdate', [damage_record, run_earlier_layer_again])
@pytest.mark.parametrize('hook', ['config-changed', 'upgrade-charm'])
@pytest.mark.parametrize('tool', ['relation-get * zk:2 *', 'relation-list*zk:2*',
                                  'relation-get*', 'relation-ids*'])
def test_failed_read_while_a_record_is_rebuilt_deletes_no_details(
        juju, provides, tool, hook, outdate):
    deploy_settled(juju, provides, *TWO_RELATIONS)
    outdate(juju)
    juju.fail_tools(tool)
    juju.hook(hook)
    juju.restore_tools()
    juju.update_status()
    assert juju.writes == []
    assert juju.flags() == USABLE


def test_host_that_the_charm_wrote_itself_is_not_adopted_from_a_damaged_record(juju):
    juju.deploy_joined(ZOOKEEPER_PROVIDES)
    juju.endpoint().send_port(2181)
    juju.update_own_data('zk:1', {'host': 'zk.example'})
    damage_record(juju)
    juju.update_status()
    juju.join('zk:2', 'second/0')
    assert juju.own_data('zk:2') == {'port': '2181'}


@pytest.mark.parametrize('path, value', [
    (('details', 'rest_port'), MISSING), (('details', 'port'), 5)], ids=str)
def test_published_details_are_preferred_to_damaged_ones(juju, path, value):
    record = settle(juju, ZOOKEEPER_PROVIDES, False)
    store(juju, damage(record, path, value), False)
    juju.update_status()
    assert_right(juju, ZOOKEEPER_PROVIDES)


# the classes take turns, because they share the code that loads a record
@pytest.mark.parametrize('side, hook, value', [
    (side, hook, value) for side, (hook, value) in zip(
        itertools.cycle(SIDES),
        itertools.product(HOOKS, [None, 5, 'x', [], {}, True]))],
    ids=lambda value: getattr(value, 'id', str(value)))
def test_stored_value_that_is_not_a_record_is_replaced(juju, side, hook, value):
    run_hook, notices = HOOKS[hook]
    settle(juju, side, notices)
    store(juju, value, notices)
    for run in run_hook, _update_status:
        run(juju)
        assert juju.flags() == flags(notices) - (JOINING if hook == 'action' else set())
        assert_right(juju, side)
    if isinstance(side, Provides):
        juju.created('zk:2', 'second')
        assert juju.own_data('zk:2') == side.details()


def test_client_whose_request_is_lost_is_usable_when_it_requests_again(juju):
    record = settle(juju, GRANTED, True)
    lost = [damage(record, path, value) for path, value in damages(record)
            if loses_request(path, value)]
    for record in [None, 5, 'x', [], {}] + lost:
        store(juju, record, True)
        juju.update_status()
        assert juju.flags() == CONNECTED | DEPARTING, 'nothing is usable'
        juju.hook('config-changed')
        juju.endpoint().request('/kafka')
        assert juju.flags() == flags(True)
        assert_right(juju, GRANTED)
    assert len(lost) == 3 * 5 + 2, 'request and its two values, role, interface'
    assert len(juju.app_writes) == 1, 'Juju has kept the request'


@pytest.mark.parametrize('hook', FULL_READ_HOOKS)
@pytest.mark.parametrize('row', ['', '{', '[' * 100000], ids=['empty', '{', 'deep'])
def test_stored_text_that_is_not_json_is_replaced(juju, side, hook, row):
    settle(juju, side, notices=False)
    unitdata.kv().cursor.execute(
        'update kv set data = ? where key = ?', (row, RECORD_KEY))
    juju.hook(hook)
    if side is GRANTED:
        juju.endpoint().request('/kafka')
    assert juju.flags() - JOINING == USABLE
    assert_right(juju, side)


@pytest.mark.parametrize('unit', ['\u00b2', '\u0663', 'remote/' + '1' * 5000, '', 7],
                         ids=['superscript', 'Arabic', 'huge', 'empty', 'number'])
def test_sink_of_a_damaged_record_without_a_valid_unit_is_chosen_again(juju, unit):
    record = settle(juju, FLUME_REQUIRES, notices=False)
    store(juju, damage(record, ('sink', 'unit'), unit), notices=False)
    juju.hook('config-changed')
    assert juju.endpoint().get_flume_ip() == '10.0.0.0'


@pytest.mark.parametrize('value', [None, 'yes', 1, [], {}, {'relation': 'zk'}],
                         ids=repr)
def test_flag_of_the_charm_with_any_value_fails_no_hook(juju, side, value):
    juju.declare(side)
    juju.action()
    set_flag('zk.available', value)
    juju.hook('config-changed')
    juju.join('zk:1', 'remote/0', side.remote_data(0))
    assert ('available' in juju.flags()) is (side in REQUIRES)
