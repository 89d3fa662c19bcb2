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
from .harness import earlier
from .harness import served

EARLY = ('connected', 'available')
LATER = ('joined', 'ready')

vocabularies = pytest.mark.parametrize('flags', [EARLY, LATER], ids='-'.join)


def scope_of(side):
    return scopes.GLOBAL if isinstance(side, Provides) else scopes.UNIT


def deployed(juju, side, flags, units=(0, 1), rid='quorum:1'):
    """A unit that an earlier layer served, with units that it had told of."""
    if ENDPOINT not in juju.metadata[side.role]:
        juju.declare(side)
    for number in units:
        unit = 'far/{}'.format(number)
        juju.add(rid, unit, side.settings(number))
        earlier(juju, rid, unit, *flags, scope=scope_of(side))
    if isinstance(side, Provides):
        juju.publish(rid, side.wire())


FIRST = {
    'upgrade-charm': lambda juju: juju.hook('upgrade-charm'),
    'update-status': lambda juju: juju.update_status(),
    'config-changed': lambda juju: juju.hook('config-changed'),
    'changed': lambda juju: juju.changed('quorum:1', 'far/0'),
    'application changed': lambda juju: juju.relation_hook('changed', 'quorum:1'),
    'created': lambda juju: juju.relation_hook('created', 'quorum:1'),
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
    served(juju, side, 0, 1)
    assert juju.published == []
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
    conversation = earlier(juju, 'quorum:1', 'gone/0', 'departing')
    juju.relation_hook('departed', 'quorum:1', 'gone/0', follow=False)
    conversation.depart()
    juju.end()


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status'])
def test_a_stuck_notice_is_all_that_is_left_of_a_relation(juju, side, hook):
    juju.declare(side)
    juju.present('quorum:1')
    gone(juju, side)
    juju.lose('quorum:1')
    juju.hook(hook)
    assert juju.flags() == DEPARTING
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


@vocabularies
def test_a_flag_that_is_true_no_more_is_cleared(juju, side, flags):
    deployed(juju, side, flags + ('joining',), units=(0,))
    juju.end()
    juju.lose('quorum:1')
    juju.hook('upgrade-charm')
    assert juju.flags() == NOTHING
    juju.end()
    assert juju.conversations() == []


@vocabularies
def test_available_is_cleared_of_a_unit_that_is_usable_no_more(juju, requires, flags):
    deployed(juju, requires, flags, units=(0,))
    juju.write('quorum:1', 'far/0', dict(requires.settings(0), port='x'))
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED
    assert len(juju.warnings) == 1
    juju.changed('quorum:1', 'far/0', requires.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


@vocabularies
def test_a_unit_that_comes_first_is_announced(juju, side, flags):
    deployed(juju, side, flags)
    juju.joined('quorum:1', 'far/2', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, side, 0, 1, 2)
    juju.endpoint().dismiss_joining()
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


@vocabularies
def test_a_unit_that_comes_first_and_leaves_announces_no_other(juju, side, flags):
    deployed(juju, side, flags)
    juju.joined('quorum:1', 'far/2', side.settings(2))
    juju.departed('quorum:1', 'far/2')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_a_unit_of_a_relation_that_comes_first_is_announced(juju, side, flags):
    deployed(juju, side, flags)
    juju.joined('quorum:2', 'further/0', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, side, 0, 1, 2)
    juju.departed('quorum:2', 'further/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_a_known_unit_that_joins_first_in_another_relation_is_announced(juju, requires,
                                                                        flags):
    deployed(juju, requires, flags)
    juju.joined('quorum:2', 'far/0', requires.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, requires, 2)


def test_what_was_published_in_the_older_relation_of_two_is_taken_over(juju, provides):
    """In the newer one nothing was. Own settings are read in one of them a hook."""
    deployed(juju, provides, EARLY)
    juju.joined('quorum:2', 'far/0')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.told('quorum:1') == juju.told('quorum:2') == provides.wire()


@pytest.mark.parametrize('flags', ['connected', 'joined'])
def test_a_unit_that_becomes_usable_first_is_announced(juju, requires, flags):
    deployed(juju, requires, (flags,), units=(0,))
    juju.changed('quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, requires, 0)


@vocabularies
def test_a_unit_that_becomes_usable_beside_another_is_announced(juju, requires, flags):
    deployed(juju, requires, flags, units=(0,))
    deployed(juju, requires, flags[:1], units=(1,))
    juju.changed('quorum:1', 'far/1')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('quorum:1', 'far/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    served(juju, requires, 0)


@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status', 'config-changed'])
@vocabularies
def test_a_unit_that_became_usable_unheard_is_announced(juju, requires, flags, hook):
    """joined; then, before its changed, the upgrade finds what it published."""
    deployed(juju, requires, flags, units=(0,))
    deployed(juju, requires, flags[:1], units=(1,))
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('quorum:1', 'far/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_a_unit_is_told_of_in_whichever_relation(juju, requires, flags):
    deployed(juju, requires, flags, units=(0,), rid='quorum:1')
    deployed(juju, requires, flags[:1], units=(0,), rid='quorum:11')
    juju.changed('quorum:11', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.departed('quorum:11', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@vocabularies
def test_both_vocabularies_at_once_are_taken_over(juju, requires, flags):
    deployed(juju, requires, EARLY + LATER)
    juju.changed('quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE


@pytest.mark.parametrize('told', [EARLY + LATER, ('connected', 'joined', 'ready'),
                                  ('connected', 'joined', 'available')], ids='-'.join)
def test_either_flag_of_available_tells_who_was_told_of(juju, requires, told):
    deployed(juju, requires, told, units=(0,))
    juju.changed('quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE


@vocabularies
def test_a_departed_that_comes_first_is_told(juju, side, flags):
    deployed(juju, side, flags)
    juju.departed('quorum:1', 'far/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    served(juju, side, 0)
    juju.endpoint().dismiss_departing()
    juju.end()
    assert juju.conversations() == []
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


@vocabularies
def test_a_departed_of_the_last_that_comes_first_is_told(juju, side, flags):
    deployed(juju, side, flags, units=(0,))
    juju.departed('quorum:1', 'far/0')
    assert juju.flags() == DEPARTING
    juju.end()
    assert juju.conversations() == []


@vocabularies
def test_a_departed_of_the_last_that_had_been_announced(juju, side, flags):
    deployed(juju, side, flags + ('joining',), units=(0,))
    juju.departed('quorum:1', 'far/0')
    assert juju.flags() == DEPARTING


@vocabularies
def test_a_broken_that_comes_first_tells_of_nobody(juju, side, flags):
    deployed(juju, side, flags, units=(0,))
    juju.leave('quorum:1', 'far/0')
    juju.broken('quorum:1')
    assert juju.flags() == NOTHING


def test_a_broken_that_comes_first_may_be_of_a_relation_that_is_not_listed(juju, side):
    """Juju lists a dying relation in broken, but not if its agent was restarted."""
    juju.declare(side)
    juju.present('quorum:1')
    juju.model.remove_relation(juju.relation('quorum:1'))
    juju.restart()
    juju.broken('quorum:1')
    assert juju.flags() == NOTHING
    assert ['relation-list', '--format=json', '-r', 'quorum:1'] not in [
        [name, *words] for name, words in juju.context.calls]


def test_a_first_hook_names_its_own_relations_application_only(juju, side):
    juju.declare(side)
    juju.present('quorum:2', 'near')
    juju.created('quorum:1', 'far')
    relations = unitdata.kv().get('interface-layer.quorum')['relations']
    assert {rid: relation['application'] for rid, relation in relations.items()} == {
        'quorum:1': 'far', 'quorum:2': 'near'}


@vocabularies
def test_units_that_left_long_ago_are_forgotten(juju, side, flags):
    deployed(juju, side, flags, units=(0, 1, 2))
    juju.leave('quorum:1', 'far/2')
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, side, 0, 1)
    juju.end()
    assert juju.conversations() == []


def test_what_conversations_kept_of_their_own_is_deleted(juju, side):
    juju.declare(side)
    juju.add('quorum:1', 'far/0', side.settings(0))
    conversation = earlier(juju, 'quorum:1', 'far/0', 'connected',
                           scope=scope_of(side))
    conversation.set_local('previous', 'x')
    earlier(juju, 'quorum:1', '', scope='unit')
    earlier(juju, 'quorum:1', 'far/0', scope=scopes.SERVICE)
    assert len(juju.conversations()) == 4
    juju.hook('upgrade-charm')
    assert juju.conversations() == []


@pytest.mark.parametrize('scope', [scopes.UNIT, scopes.GLOBAL, scopes.SERVICE])
def test_conversations_of_other_endpoints_are_left_alone(juju, side, scope):
    deployed(juju, side, EARLY)
    kept = {}
    for number, other in enumerate(
            ['quorum-2', 'quorum2', 'my-quorum', 'quoru', 'q', 'other'], 3):
        rid = '{}:{}'.format(other, number)
        juju.present(rid)
        kept[other] = earlier(juju, rid, 'far/0', 'connected', scope=scope).key
    juju.hook('upgrade-charm')
    assert juju.conversations() == sorted(kept.values())
    for other, conversation in kept.items():
        assert juju.flags(other) == {'connected'}
        assert unitdata.kv().get('reactive.states.{}.connected'.format(other)) == {
            'relation': other, 'conversations': [conversation]}


def test_an_endpoint_with_its_own_conversations_twice_is_adopted_twice(juju, side):
    juju.declare(side, 'quorum')
    juju.declare(side, 'quorum-2')
    for rid in ('quorum:1', 'quorum-2:2'):
        juju.add(rid, 'far/0', side.settings(0))
        earlier(juju, rid, 'far/0', *EARLY, scope=scope_of(side))
        if isinstance(side, Provides):
            juju.publish(rid, side.wire())
    juju.hook('upgrade-charm')
    assert juju.flags('quorum') == CONNECTED | AVAILABLE
    assert juju.flags('quorum-2') == CONNECTED | AVAILABLE
    assert juju.conversations() == []


@first_of_both
def test_flags_point_to_no_conversation_any_more(juju, side, flags, hook):
    deployed(juju, side, flags + ('joining', 'departing'))
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert unitdata.kv().getrange('reactive.states.quorum.', strip=True) == {
        flag: {'relation': 'quorum', 'conversations': []}
        for flag in CONNECTED | AVAILABLE | JOINING | DEPARTING}


# Providers: what they had published.

@pytest.mark.parametrize('hook', ['upgrade-charm', 'update-status', 'config-changed'])
def test_a_provider_that_had_sent_need_not_send_again(juju, provides, hook):
    deployed(juju, provides, EARLY)
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE
    provides.send(juju.endpoint())
    assert juju.published == []
    provides.send(juju.endpoint(), 1)
    assert juju.told('quorum:1').items() >= provides.wire(1).items()


def test_a_provider_that_had_sent_tells_those_who_come_later(juju, provides):
    deployed(juju, provides, EARLY)
    juju.hook('upgrade-charm')
    juju.joined('quorum:2', 'further/0')
    assert juju.told('quorum:2') == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert [rid for rid, _ in juju.published] == ['quorum:2']


def test_a_provider_that_had_not_sent_is_not_available(juju, provides):
    deployed(juju, provides, EARLY)
    juju.publish('quorum:1', dict.fromkeys(provides.wire(), ''))
    juju.hook('upgrade-charm')
    assert juju.flags() == provides.connected
    assert juju.published == []
    provides.send(juju.endpoint())
    assert juju.flags() == CONNECTED | AVAILABLE


def test_an_application_that_was_never_told_is_told(juju, provides):
    deployed(juju, provides, EARLY)
    juju.add('quorum:2', 'further/0')
    earlier(juju, 'quorum:2', 'further/0', *EARLY, scope='global')
    juju.hook('upgrade-charm')
    assert [rid for rid, _ in juju.published] == ['quorum:2']
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.told('quorum:2') == provides.wire()


@pytest.mark.parametrize('older, newer', [
    ('quorum:1', 'quorum:2'), ('quorum:9', 'quorum:10'), ('quorum:2', 'quorum:11')])
def test_of_two_tellings_the_newer_relations_is_right(juju, provides, older, newer):
    juju.declare(provides)
    for rid in (newer, older):
        unit = 'far{}/0'.format(rid[-1])
        juju.add(rid, unit)
        juju.publish(rid, provides.wire(rid == older))
        earlier(juju, rid, unit, *EARLY, scope='global')
    juju.hook('upgrade-charm')
    assert [rid for rid, _ in juju.published] == [older]
    assert juju.told(older) == juju.told(newer) == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE


def test_of_an_application_related_twice_the_newer_relation_is_right(juju, provides):
    """Own settings are touched in one of them a hook."""
    deployed(juju, provides, EARLY, rid='quorum:1')
    deployed(juju, provides, EARLY, rid='quorum:2')
    juju.publish('quorum:1', provides.wire(1))
    juju.hook('upgrade-charm')
    juju.hook('config-changed')
    assert juju.told('quorum:1') == juju.told('quorum:2') == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE


@pytest.mark.parametrize('ghost', ['quorum:1', 'quorum:2'])
def test_a_ghost_is_no_obstacle(juju, side, ghost):
    juju.declare(side)
    for number, unit in (1, 'far/0'), (2, 'near/0'):
        rid = 'quorum:{}'.format(number)
        juju.add(rid, unit, side.settings(number))
        earlier(juju, rid, unit, *EARLY, scope=scope_of(side))
        if isinstance(side, Provides):
            juju.publish(rid, side.wire())
    juju.ghost(ghost)
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, side, 2 if ghost == 'quorum:1' else 1)
    assert juju.published == []


def test_relations_that_were_told_the_same_are_not_told_again(juju, provides):
    juju.declare(provides)
    for rid, unit in ('quorum:1', 'far/0'), ('quorum:2', 'further/0'):
        juju.add(rid, unit)
        juju.publish(rid, provides.wire())
        earlier(juju, rid, unit, *EARLY, scope='global')
    juju.hook('upgrade-charm')
    assert juju.published == []
    assert juju.flags() == CONNECTED | AVAILABLE


def test_an_older_telling_serves_where_the_newest_relation_has_none(juju, provides):
    juju.declare(provides)
    for number in (1, 2):
        juju.add('quorum:{}'.format(number), 'far{}/0'.format(number))
    juju.publish('quorum:1', provides.wire())
    juju.publish('quorum:2', {'port': 'spoiled'})
    juju.hook('upgrade-charm')
    assert juju.told('quorum:2') == provides.wire()
    assert [rid for rid, _ in juju.published] == ['quorum:2']


def test_a_server_that_published_a_port_only_goes_on(juju):
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.publish('quorum:1', dict.fromkeys(ZOOKEEPER_PROVIDES.wire(), ''))
    juju.publish('quorum:1', {'port': '2181'})
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.endpoint().send_port(2181)
    assert juju.published == []


def test_a_host_that_was_published_before_the_record_stays(juju):
    """It may be the charm's own, which wrote it past the layer."""
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.hook('upgrade-charm')
    juju.endpoint().send_port(2182)
    assert juju.told('quorum:1') == {'port': '2182', 'host': 'zk.example'}
    juju.hook('config-changed')
    juju.endpoint().send_port(2182, host='given')
    juju.endpoint().send_port(2182)
    assert juju.told('quorum:1') == {'port': '2182'}, 'from then on it is the layers'


@pytest.mark.parametrize('settings, published', [
    ({'host': 'moved'}, []), ({'host': ''}, [('quorum:1', {'host': 'zk.example'})])],
    ids=['changed', 'lost'])
def test_such_a_host_is_put_back_where_there_is_none(juju, settings, published):
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.hook('upgrade-charm')
    juju.publish('quorum:1', settings)
    juju.update_status()
    assert juju.published == published


def test_a_port_that_was_the_text_of_a_float_is_published_as_an_integer(juju):
    deployed(juju, ZOOKEEPER_PROVIDES, EARLY)
    juju.publish('quorum:1', {'port': '2181.0'})
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.published == [('quorum:1', {'port': '2181'})]


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
    juju.join('quorum:1', 'far/0', side.settings(0))
    juju.join('quorum:1', 'far/1', side.settings(1))
    juju.endpoint().dismiss_joining()
    juju.hook('config-changed')
    unitdata.kv().set('interface-layer.quorum', {'version': version, 'else': []})
    juju.end()
    juju.published.clear()


REBUILT = ['quorum: what version 3 of the interface layer recorded is rebuilt from '
           'Juju']


@first
def test_a_later_versions_record_is_rebuilt_with_a_warning(juju, side, hook):
    outdated(juju, side)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert juju.warnings == REBUILT
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, side, 0, 1)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.warnings == REBUILT
    assert juju.published == []


@pytest.mark.parametrize('version', [0, 3, 99, '2', None], ids=repr)
def test_only_this_version_is_taken_as_it_is(juju, side, version):
    outdated(juju, side, version)
    juju.update_status()
    assert juju.warnings == ['quorum: what version {} of the interface layer recorded '
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
        set_flag('quorum.' + notice, {'relation': 'quorum', 'conversations': []})
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING


def test_a_later_versions_units_that_left_are_forgotten(juju, side):
    outdated(juju, side)
    juju.leave('quorum:1', 'far/1')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, side, 0)


def test_a_unit_that_comes_first_after_a_later_version_is_announced(juju, side):
    outdated(juju, side)
    juju.joined('quorum:1', 'far/2', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('quorum:1', 'far/2')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_a_record_is_of_this_version(juju, side):
    juju.deploy(side)
    assert unitdata.kv().get('interface-layer.quorum')['version'] == 2


def test_a_fresh_unit_is_not_taken_for_an_old_one(juju, side):
    juju.declare(side)
    juju.add('quorum:1', 'far/0', side.settings(0))
    juju.hook('install')
    assert juju.flags() >= CONNECTED | JOINING
    assert not juju.flags() & DEPARTING


def test_flags_of_others_do_not_count(juju, side):
    juju.declare(side)
    juju.action()
    for flag in ('connected', 'departing', 'quorum', 'quorum-2.departing',
                 'my.quorum.departing', 'quorum.other'):
        set_flag(flag)
    juju.add('quorum:1', 'far/0', side.settings(0))
    juju.hook('upgrade-charm')
    assert juju.flags() - {'other'} >= CONNECTED | JOINING
    assert not juju.flags() & DEPARTING
    clear_flag('quorum.other')
