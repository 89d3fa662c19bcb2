"""What an earlier or later layer of the same name left in the key/value store."""
import itertools

import pytest
from charmhelpers.core import unitdata
from charms.reactive import clear_flag
from charms.reactive import set_flag
from charms.reactive.relations import scopes

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import ENDPOINT
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import NOTHING
from .harness import Provides
from .harness import ZOOKEEPER_PROVIDES
from .harness import conversation
from .harness import assert_listed

EARLY = ('connected', 'available')
LATER = ('joined', 'ready')

vocabularies = pytest.mark.parametrize('flags', [EARLY, LATER], ids='-'.join)


def scope_of(side):
    return scopes.GLOBAL if isinstance(side, Provides) else scopes.UNIT


def deployed(juju, side, flags, units=(0, 1), rid='zk:1'):
    """A unit that an earlier layer served, with units that it had told of."""
    if ENDPOINT not in juju.metadata[side.role]:
        juju.declare(side)
    for number in units:
        unit = 'remote/{}'.format(number)
        juju.skip_joined(rid, unit, side.settings(number))
        conversation(juju, rid, unit, *flags, scope=scope_of(side))
    if isinstance(side, Provides):
        juju.write_own_data(rid, side.wire())


FIRST = {
    'upgrade-charm': lambda juju: juju.hook('upgrade-charm'),
    'update-status': lambda juju: juju.update_status(),
    'config-changed': lambda juju: juju.hook('config-changed'),
    'changed': lambda juju: juju.changed('zk:1', 'remote/0'),
    'application changed': lambda juju: juju.relation_hook('changed', 'zk:1'),
    'created': lambda juju: juju.relation_hook('created', 'zk:1'),
    'elsewhere': lambda juju: juju.created('web:4'),
}
first = pytest.mark.parametrize('hook', FIRST.values(), ids=list(FIRST))
# each after one of the two generations of charms
first_of_both = pytest.mark.parametrize('hook, flags', list(zip(
    FIRST.values(), itertools.cycle([EARLY, LATER]))), ids=list(FIRST))


@first_of_both
def test_nothing_that_was_served_is_lost_or_announced_again(juju, side, flags, hook):
    deployed(juju, side, flags)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 0, 1)
    assert juju.writes == []
    assert juju.warnings == []
    juju.end()
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


@first_of_both
def test_an_announcement_that_was_waiting_waits_on(juju, side, flags, hook):
    deployed(juju, side, flags + ('joining',))
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


@first_of_both
def test_a_notice_of_departure_that_got_stuck_can_be_dismissed(juju, side, flags, hook):
    deployed(juju, side, flags)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    gone(juju, side)
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    juju.endpoint().dismiss_departing()
    juju.end()
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.conversations() == []


def gone(juju, side):
    """An earlier layer's departing, whose conversation has been deleted."""
    kept = conversation(juju, 'zk:1', 'gone/0', 'departing')
    juju.relation_hook('departed', 'zk:1', 'gone/0', follow=False)
    kept.depart()
    juju.end()


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status'])
def test_a_stuck_notice_is_all_that_is_left_of_a_relation(juju, side, hook):
    juju.declare(side)
    juju.skip_created('zk:1')
    gone(juju, side)
    juju.remove_without_hook('zk:1')
    juju.hook(hook)
    assert juju.flags() == DEPARTING
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


@vocabularies
def test_a_flag_that_is_true_no_more_is_cleared(juju, side, flags):
    deployed(juju, side, flags + ('joining',), units=(0,))
    juju.end()
    juju.remove_without_hook('zk:1')
    juju.hook('upgrade-charm')
    assert juju.flags() == NOTHING
    juju.end()
    assert juju.conversations() == []


@vocabularies
def test_available_is_cleared_of_a_unit_that_is_usable_no_more(juju, requires, flags):
    deployed(juju, requires, flags, units=(0,))
    juju.write_data('zk:1', 'remote/0', dict(requires.settings(0), port='x'))
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED
    assert len(juju.warnings) == 1
    juju.changed('zk:1', 'remote/0', requires.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


@vocabularies
def test_a_unit_that_comes_first_is_announced(juju, side, flags):
    deployed(juju, side, flags)
    juju.joined('zk:1', 'remote/2', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 0, 1, 2)
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


@vocabularies
def test_a_unit_that_comes_first_and_leaves_announces_no_other(juju, side, flags):
    deployed(juju, side, flags)
    juju.joined('zk:1', 'remote/2', side.settings(2))
    juju.departed('zk:1', 'remote/2')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_a_unit_of_a_relation_that_comes_first_is_announced(juju, side, flags):
    deployed(juju, side, flags)
    juju.joined('zk:2', 'third/0', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 0, 1, 2)
    juju.departed('zk:2', 'third/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_a_known_unit_that_joins_first_in_another_relation_is_announced(juju, requires,
                                                                        flags):
    deployed(juju, requires, flags)
    juju.joined('zk:2', 'remote/0', requires.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, requires, 2)


def test_what_was_published_in_the_older_relation_of_two_is_taken_over(juju, provides):
    """In the newer one nothing was. Own settings are read in one of them a hook."""
    deployed(juju, provides, EARLY)
    juju.joined('zk:2', 'remote/0')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.wire()


@pytest.mark.parametrize('flags', ['connected', 'joined'])
def test_a_unit_that_becomes_usable_first_is_announced(juju, requires, flags):
    deployed(juju, requires, (flags,), units=(0,))
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, requires, 0)


@vocabularies
def test_a_unit_that_becomes_usable_beside_another_is_announced(juju, requires, flags):
    deployed(juju, requires, flags, units=(0,))
    deployed(juju, requires, flags[:1], units=(1,))
    juju.changed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, requires, 0)


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status', 'config-changed'])
@vocabularies
def test_a_unit_that_became_usable_unheard_is_announced(juju, requires, flags, hook):
    """joined; then, before its changed, the upgrade finds what it published."""
    deployed(juju, requires, flags, units=(0,))
    deployed(juju, requires, flags[:1], units=(1,))
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_a_unit_is_told_of_in_whichever_relation(juju, requires, flags):
    deployed(juju, requires, flags, units=(0,), rid='zk:1')
    deployed(juju, requires, flags[:1], units=(0,), rid='zk:11')
    juju.changed('zk:11', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.departed('zk:11', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_both_vocabularies_at_once_are_taken_over(juju, requires, flags):
    deployed(juju, requires, EARLY + LATER)
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE


@pytest.mark.parametrize('told', [EARLY + LATER, ('connected', 'joined', 'ready'),
                                  ('connected', 'joined', 'available')], ids='-'.join)
def test_either_flag_of_available_tells_who_was_told_of(juju, requires, told):
    deployed(juju, requires, told, units=(0,))
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE


@vocabularies
def test_a_departed_that_comes_first_is_told(juju, side, flags):
    deployed(juju, side, flags)
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, side, 0)
    juju.endpoint().dismiss_departing()
    juju.end()
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


@vocabularies
def test_a_departed_of_the_last_that_comes_first_is_told(juju, side, flags):
    deployed(juju, side, flags, units=(0,))
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING
    juju.end()
    assert juju.conversations() == []


@vocabularies
def test_a_departed_of_the_last_that_had_been_announced(juju, side, flags):
    deployed(juju, side, flags + ('joining',), units=(0,))
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == DEPARTING


@vocabularies
def test_a_broken_that_comes_first_tells_of_nobody(juju, side, flags):
    deployed(juju, side, flags, units=(0,))
    juju.skip_departed('zk:1', 'remote/0')
    juju.broken('zk:1')
    assert juju.flags() == NOTHING


def test_a_broken_that_comes_first_may_be_of_a_relation_that_is_not_listed(juju, side):
    """Juju lists a dying relation in broken, but not if its agent was restarted."""
    juju.declare(side)
    juju.skip_created('zk:1')
    juju.model.remove_relation(juju.relation('zk:1'))
    juju.restart_agent()
    juju.broken('zk:1')
    assert juju.flags() == NOTHING
    assert ['relation-list', '--format=json', '-r', 'zk:1'] not in [
        [name, *words] for name, words in juju.context.calls]


def test_a_first_hook_names_its_own_relations_application_only(juju, side):
    juju.declare(side)
    juju.skip_created('zk:2', 'second')
    juju.created('zk:1', 'remote')
    relations = unitdata.kv().get('interface-layer.zk')['relations']
    assert {rid: relation['application'] for rid, relation in relations.items()} == {
        'zk:1': 'remote', 'zk:2': 'second'}


@vocabularies
def test_units_that_left_long_ago_are_forgotten(juju, side, flags):
    deployed(juju, side, flags, units=(0, 1, 2))
    juju.skip_departed('zk:1', 'remote/2')
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 0, 1)
    juju.end()
    assert juju.conversations() == []


def test_what_conversations_kept_of_their_own_is_deleted(juju, side):
    juju.declare(side)
    juju.skip_joined('zk:1', 'remote/0', side.settings(0))
    kept = conversation(juju, 'zk:1', 'remote/0', 'connected', scope=scope_of(side))
    kept.set_local('previous', 'x')
    conversation(juju, 'zk:1', '', scope='unit')
    conversation(juju, 'zk:1', 'remote/0', scope=scopes.SERVICE)
    assert len(juju.conversations()) == 4
    juju.hook('upgrade-charm')
    assert juju.conversations() == []


@pytest.mark.parametrize('scope', [scopes.UNIT, scopes.GLOBAL, scopes.SERVICE])
def test_conversations_of_other_endpoints_are_left_alone(juju, side, scope):
    deployed(juju, side, EARLY)
    kept = {}
    for number, other in enumerate(
            ['zk-2', 'zk2', 'my-zk', 'z', 'other'], 3):
        rid = '{}:{}'.format(other, number)
        juju.skip_created(rid)
        kept[other] = conversation(juju, rid, 'remote/0', 'connected', scope=scope).key
    juju.hook('upgrade-charm')
    assert juju.conversations() == sorted(kept.values())
    for other, key in kept.items():
        assert juju.flags(other) == {'connected'}
        assert unitdata.kv().get('reactive.states.{}.connected'.format(other)) == {
            'relation': other, 'conversations': [key]}


def test_an_endpoint_with_its_own_conversations_twice_is_adopted_twice(juju, side):
    juju.declare(side, 'zk')
    juju.declare(side, 'zk-2')
    for rid in ('zk:1', 'zk-2:2'):
        juju.skip_joined(rid, 'remote/0', side.settings(0))
        conversation(juju, rid, 'remote/0', *EARLY, scope=scope_of(side))
        if isinstance(side, Provides):
            juju.write_own_data(rid, side.wire())
    juju.hook('upgrade-charm')
    assert juju.flags('zk') == CONNECTED | AVAILABLE
    assert juju.flags('zk-2') == CONNECTED | AVAILABLE
    assert juju.conversations() == []


@first_of_both
def test_flags_point_to_no_conversation_any_more(juju, side, flags, hook):
    deployed(juju, side, flags + ('joining', 'departing'))
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert unitdata.kv().getrange('reactive.states.zk.', strip=True) == {
        flag: {'relation': 'zk', 'conversations': []}
        for flag in CONNECTED | AVAILABLE | JOINING | DEPARTING}


# Providers: what they had published.

@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status', 'config-changed'])
def test_a_provider_that_had_sent_need_not_send_again(juju, provides, hook):
    deployed(juju, provides, EARLY)
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE
    provides.send(juju.endpoint())
    assert juju.writes == []
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:1').items() >= provides.wire(1).items()


def test_a_provider_that_had_sent_tells_those_who_come_later(juju, provides):
    deployed(juju, provides, EARLY)
    juju.hook('upgrade-charm')
    juju.joined('zk:2', 'third/0')
    assert juju.own_data('zk:2') == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert [rid for rid, _ in juju.writes] == ['zk:2']


def test_a_provider_that_had_not_sent_is_not_available(juju, provides):
    deployed(juju, provides, EARLY)
    juju.write_own_data('zk:1', dict.fromkeys(provides.wire(), ''))
    juju.hook('upgrade-charm')
    assert juju.flags() == provides.connected
    assert juju.writes == []
    provides.send(juju.endpoint())
    assert juju.flags() == CONNECTED | AVAILABLE


def test_an_application_that_was_never_told_is_told(juju, provides):
    deployed(juju, provides, EARLY)
    juju.skip_joined('zk:2', 'third/0')
    conversation(juju, 'zk:2', 'third/0', *EARLY, scope='global')
    juju.hook('upgrade-charm')
    assert [rid for rid, _ in juju.writes] == ['zk:2']
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.own_data('zk:2') == provides.wire()


@pytest.mark.parametrize('older, newer', [
    ('zk:1', 'zk:2'), ('zk:9', 'zk:10'), ('zk:2', 'zk:11')])
def test_of_two_tellings_the_newer_relations_is_right(juju, provides, older, newer):
    juju.declare(provides)
    for rid in (newer, older):
        unit = 'remote{}/0'.format(rid[-1])
        juju.skip_joined(rid, unit)
        juju.write_own_data(rid, provides.wire(rid == older))
        conversation(juju, rid, unit, *EARLY, scope='global')
    juju.hook('upgrade-charm')
    assert [rid for rid, _ in juju.writes] == [older]
    assert juju.own_data(older) == juju.own_data(newer) == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE


def test_of_an_application_related_twice_the_newer_relation_is_right(juju, provides):
    """Own settings are touched in one of them a hook."""
    deployed(juju, provides, EARLY, rid='zk:1')
    deployed(juju, provides, EARLY, rid='zk:2')
    juju.write_own_data('zk:1', provides.wire(1))
    juju.hook('upgrade-charm')
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE


@pytest.mark.parametrize('ghost', ['zk:1', 'zk:2'])
def test_a_ghost_is_no_obstacle(juju, side, ghost):
    juju.declare(side)
    for number, unit in (1, 'remote/0'), (2, 'second/0'):
        rid = 'zk:{}'.format(number)
        juju.skip_joined(rid, unit, side.settings(number))
        conversation(juju, rid, unit, *EARLY, scope=scope_of(side))
        if isinstance(side, Provides):
            juju.write_own_data(rid, side.wire())
    juju.force_remove(ghost)
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 2 if ghost == 'zk:1' else 1)
    assert juju.writes == []


def test_relations_that_were_told_the_same_are_not_told_again(juju, provides):
    juju.declare(provides)
    for rid, unit in ('zk:1', 'remote/0'), ('zk:2', 'third/0'):
        juju.skip_joined(rid, unit)
        juju.write_own_data(rid, provides.wire())
        conversation(juju, rid, unit, *EARLY, scope='global')
    juju.hook('upgrade-charm')
    assert juju.writes == []
    assert juju.flags() == CONNECTED | AVAILABLE


def test_an_older_telling_serves_where_the_newest_relation_has_none(juju, provides):
    juju.declare(provides)
    for number in (1, 2):
        juju.skip_joined('zk:{}'.format(number), 'remote{}/0'.format(number))
    juju.write_own_data('zk:1', provides.wire())
    juju.write_own_data('zk:2', {'port': 'spoiled'})
    juju.hook('upgrade-charm')
    assert juju.own_data('zk:2') == provides.wire()
    assert [rid for rid, _ in juju.writes] == ['zk:2']


def test_a_server_that_published_a_port_only_goes_on(juju):
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.write_own_data('zk:1', dict.fromkeys(ZOOKEEPER_PROVIDES.wire(), ''))
    juju.write_own_data('zk:1', {'port': '2181'})
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.endpoint().send_port(2181)
    assert juju.writes == []


def test_a_host_that_was_published_before_the_record_stays(juju):
    """It may be the charm's own, which wrote it past the layer."""
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.hook('upgrade-charm')
    juju.endpoint().send_port(2182)
    assert juju.own_data('zk:1') == {'port': '2182', 'host': 'zk.example'}
    juju.hook('config-changed')
    juju.endpoint().send_port(2182, host='given')
    juju.endpoint().send_port(2182)
    assert juju.own_data('zk:1') == {'port': '2182'}, 'from then on it is the layers'


@pytest.mark.parametrize('settings, published', [
    ({'host': 'moved'}, []), ({'host': ''}, [('zk:1', {'host': 'zk.example'})])],
    ids=['changed', 'lost'])
def test_such_a_host_is_put_back_where_there_is_none(juju, settings, published):
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.hook('upgrade-charm')
    juju.write_own_data('zk:1', settings)
    juju.update_status()
    assert juju.writes == published


def test_a_port_that_was_the_text_of_a_float_is_published_as_an_integer(juju):
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.write_own_data('zk:1', {'port': '2181.0'})
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.writes == [('zk:1', {'port': '2181'})]


# Sinks.

def test_a_sink_is_taken_at_once(juju):
    deployed(juju, FLUME_REQUIRES, EARLY)
    juju.hook('upgrade-charm')
    assert juju.endpoint().get_flume_ip() == '10.0.0.0'


# A later version's record.

def outdated(juju, side, version=3):
    """Everyone came and was dismissed; then a later version took over."""
    juju.declare(side)
    juju.hook('install')
    if isinstance(side, Provides):
        side.send(juju.endpoint())
    juju.join('zk:1', 'remote/0', side.settings(0))
    juju.join('zk:1', 'remote/1', side.settings(1))
    juju.endpoint().dismiss_joining()
    juju.hook('config-changed')
    unitdata.kv().set('interface-layer.zk', {'version': version, 'else': []})
    juju.end()
    juju.writes.clear()


REBUILT = ['zk: what version 3 of the interface layer recorded is rebuilt from '
           'Juju']


@first
def test_a_later_versions_record_is_rebuilt_with_a_warning(juju, side, hook):
    outdated(juju, side)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert juju.warnings == REBUILT
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 0, 1)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.warnings == REBUILT
    assert juju.writes == []


@pytest.mark.parametrize('version', [0, 3, 99, '2', None], ids=repr)
def test_only_this_version_is_taken_as_it_is(juju, side, version):
    outdated(juju, side, version)
    juju.update_status()
    assert juju.warnings == ['zk: what version {} of the interface layer recorded '
                             'is rebuilt from Juju'.format(version)]
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_later_versions_record_is_rebuilt_in_an_action_with_one_warning(juju, side):
    outdated(juju, side)
    juju.action()
    juju.endpoint().dismiss_departing()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.warnings == REBUILT


def test_a_later_versions_notices_wait_on(juju, side):
    outdated(juju, side)
    juju.action()
    for notice in ('joining', 'departing'):
        set_flag('zk.' + notice, {'relation': 'zk', 'conversations': []})
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING


def test_a_later_versions_units_that_left_are_forgotten(juju, side):
    outdated(juju, side)
    juju.skip_departed('zk:1', 'remote/1')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 0)


def test_a_unit_that_comes_first_after_a_later_version_is_announced(juju, side):
    outdated(juju, side)
    juju.joined('zk:1', 'remote/2', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('zk:1', 'remote/2')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_a_record_is_of_this_version(juju, side):
    juju.deploy(side)
    assert unitdata.kv().get('interface-layer.zk')['version'] == 2


def test_a_fresh_unit_is_not_taken_for_an_old_one(juju, side):
    juju.declare(side)
    juju.skip_joined('zk:1', 'remote/0', side.settings(0))
    juju.hook('install')
    assert juju.flags() >= CONNECTED | JOINING
    assert not juju.flags() & DEPARTING


def test_flags_of_others_do_not_count(juju, side):
    juju.declare(side)
    juju.action()
    for flag in ('connected', 'departing', 'zk', 'zk-2.departing',
                 'my.zk.departing', 'zk.other'):
        set_flag(flag)
    juju.skip_joined('zk:1', 'remote/0', side.settings(0))
    juju.hook('upgrade-charm')
    assert juju.flags() - {'other'} >= CONNECTED | JOINING
    assert not juju.flags() & DEPARTING
    clear_flag('zk.other')
