"""Upgrading a unit whose record was written by version 1 of these layers."""
import json

import pytest
from charmhelpers.core import unitdata
from charms.reactive import set_flag

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import FLUME_PROVIDES
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import NOTHING
from .harness import Provides
from .harness import ZOOKEEPER_PROVIDES
from .harness import ZOOKEEPER_REQUIRES
from .harness import served
from .test_adopting import FIRST

# What it kept of a unit that publishes the settings of a side.
ENTRIES = {
    ZOOKEEPER_REQUIRES: '2181  10.0.0.{}',
    FLUME_REQUIRES: '4141 avro 10.0.0.{}',
    ZOOKEEPER_PROVIDES: '',
    FLUME_PROVIDES: '',
}
FIRST_HOOKS = pytest.mark.parametrize('hook', FIRST.values(), ids=list(FIRST))


def version_1(juju, side, relations, joining=(), departing=False, **more):
    """Have the record and the flags that version 1 had written.

    :param relations: {relation id: {unit: entry}}
    """
    units = {unit: entry for related in relations.values()
             for unit, entry in related.items()}
    record = {
        'version': 1, 'departing': departing, 'connected': sorted(relations),
        'joining': [list(pair) for pair in joining],
        'usable': any(not entry.startswith('[') for entry in units.values()), **more}
    available = record['usable']
    if side.role == 'provides':
        record = {'details': side.wire(), 'sent': sorted(relations), 'unconfirmed': [],
                  **record}
        available = bool(relations and record['details'])
    elif side is FLUME_REQUIRES:
        record = {'sink': None, **record}
    juju.declare(side)
    juju.action()
    unitdata.kv().set('interface-layer.quorum', record)
    if relations:
        unitdata.kv().set('interface-layer.quorum.units', {
            rid: [' '.join(related), '\n'.join(related.values())]
            for rid, related in relations.items()})
    for meaning, names in ((relations, CONNECTED), (available, AVAILABLE),
                           (joining, JOINING), (departing, DEPARTING)):
        for name in names if meaning else ():
            set_flag('quorum.' + name, {'relation': 'quorum', 'conversations': []})
    juju.end()


def related(juju, side, relations):
    """Juju's side of the units of a record."""
    for rid, units in relations.items():
        for unit in units:
            juju.add(rid, unit, side.settings(int(unit[-1])))
        if isinstance(side, Provides):
            juju.publish(rid, side.wire())


def entries(side, *units):
    return {unit: ENTRIES[side].format(unit[-1]) for unit in units}


def upgraded(juju, side, joining=(), **more):
    """A unit that version 1 served with two units, and maybe more, to be upgraded."""
    relations = {'quorum:1': entries(side, 'far/0', 'far/1')}
    version_1(juju, side, relations, joining, **more)
    related(juju, side, relations)


@FIRST_HOOKS
def test_nothing_is_announced_lost_or_sent_again(juju, side, hook):
    upgraded(juju, side)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, side, 0, 1)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, side, 0, 1)
    assert juju.published == []
    assert juju.warnings == []


def test_the_record_is_rewritten(juju, side):
    upgraded(juju, side)
    juju.hook('upgrade-charm')
    record = unitdata.kv().get('interface-layer.quorum')
    assert (record['version'], record['role'], record['interface']) == (
        2, side.role, side.interface)
    assert set(unitdata.kv().getrange('interface-layer.')) == {'interface-layer.quorum'}


def test_no_look_at_everything_is_needed(juju, side):
    upgraded(juju, side)
    juju.hook('config-changed')
    assert juju.calls == {}


@FIRST_HOOKS
def test_a_joining_that_was_waiting_waits_on(juju, side, hook):
    upgraded(juju, side, joining=[('quorum:1', 'far/1')])
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('quorum:1', 'far/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


@FIRST_HOOKS
def test_notices_that_were_waiting_can_be_dismissed(juju, side, hook):
    upgraded(juju, side, joining=[('quorum:1', 'far/0'), ('quorum:1', 'far/1')],
             departing=True)
    juju.metadata['requires']['web'] = {'interface': 'http'}
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_unit_that_comes_or_goes_first_is_announced(juju, side):
    upgraded(juju, side)
    juju.joined('quorum:1', 'far/2', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, side, 0, 1, 2)


def test_a_departed_that_comes_first_is_told(juju, side):
    upgraded(juju, side)
    juju.departed('quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    served(juju, side, 1)


def test_other_details_are_news(juju, requires):
    upgraded(juju, requires)
    juju.changed('quorum:1', 'far/0', requires.settings(7))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, requires, 7, 1)


def test_an_endpoint_without_relations_is_one(juju, side):
    version_1(juju, side, {})
    juju.hook('upgrade-charm')
    assert juju.flags() == NOTHING
    juju.joined('quorum:1', 'far/0', side.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_a_departure_alone_waits_on(juju, side):
    version_1(juju, side, {}, departing=True)
    juju.hook('config-changed')
    assert juju.flags() == DEPARTING
    juju.endpoint().dismiss_departing()
    assert juju.flags() == NOTHING


def test_units_of_several_relations_are_taken_over(juju, side):
    relations = {'quorum:10': entries(side, 'near/1'),
                 'quorum:9': entries(side, 'far/0')}
    version_1(juju, side, relations)
    related(juju, side, relations)
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, side, 0, 1)


def test_a_rest_port_is_taken_over(juju):
    relations = {'quorum:1': {'far/0': '2181 9998 zk.example'}}
    version_1(juju, ZOOKEEPER_REQUIRES, relations)
    juju.hook('config-changed')
    assert juju.endpoint().zookeepers() == [
        {'host': 'zk.example', 'port': '2181', 'rest_port': '9998'}]


FAULT = "port is 'x', not an integer from 1 to 65535"


@pytest.mark.parametrize('faults, last', [
    ([], None), ([FAULT], None), ([FAULT], 'good')])
def test_a_unit_that_was_not_usable_is_logged_no_more(juju, requires, faults, last):
    relations = {'quorum:1': {
        **entries(requires, 'far/0'),
        'far/1': json.dumps([faults, last and ENTRIES[requires].format(1)])}}
    version_1(juju, requires, relations)
    related(juju, requires, relations)
    port = 'x' if faults else ''
    juju.write('quorum:1', 'far/1', dict(requires.settings(1), port=port))
    juju.hook('upgrade-charm')
    juju.changed('quorum:1', 'far/1')
    assert juju.flags() == CONNECTED | AVAILABLE
    served(juju, requires, 0)
    assert juju.warnings == []
    juju.changed('quorum:1', 'far/1', requires.settings(1))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, requires, 0, 1)


def test_a_sink_is_kept(juju):
    upgraded(juju, FLUME_REQUIRES,
             sink=['quorum:1', 'far/1', ENTRIES[FLUME_REQUIRES].format(1)])
    juju.hook('upgrade-charm')
    assert juju.endpoint().get_flume_ip() == '10.0.0.1'


# Providers.

def test_what_was_sent_last_is_confirmed(juju, provides):
    upgraded(juju, provides, unconfirmed=['quorum:1'])
    juju.hook('config-changed')
    assert juju.calls == {'relation-get': 1}
    assert juju.published == []


def test_what_juju_dropped_is_sent_again(juju, provides):
    upgraded(juju, provides, unconfirmed=['quorum:1'])
    juju.publish('quorum:1', dict.fromkeys(provides.wire(), ''))
    juju.hook('config-changed')
    assert juju.told('quorum:1') == provides.wire()
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_relation_that_was_not_told_is_told(juju, provides):
    upgraded(juju, provides, sent=[])
    juju.publish('quorum:1', dict.fromkeys(provides.wire(), ''))
    juju.hook('config-changed')
    assert juju.told('quorum:1') == provides.wire()


def test_a_relation_that_was_told_before_it_had_units_is_told(juju, provides):
    version_1(juju, provides, {}, sent=['quorum:1'])
    juju.present('quorum:1')
    juju.publish('quorum:1', provides.wire())
    juju.joined('quorum:1', 'far/0')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.published == []


def test_a_charm_that_had_sent_nothing_sends_later(juju, provides):
    upgraded(juju, provides, details={}, sent=[])
    for key in provides.wire():
        juju.publish('quorum:1', {key: ''})
    juju.hook('upgrade-charm')
    assert juju.flags() == provides.connected
    assert juju.published == []
    provides.send(juju.endpoint())
    assert juju.told('quorum:1') == provides.wire()


def test_what_is_no_longer_sent_is_deleted(juju):
    upgraded(juju, ZOOKEEPER_PROVIDES)
    juju.hook('upgrade-charm')
    juju.endpoint().send_port(2181)
    assert juju.told('quorum:1') == {'port': '2181'}


# Records that fit no more: of version 1 nobody knows whose they are.

@pytest.mark.parametrize('before, after', [
    (ZOOKEEPER_PROVIDES, ZOOKEEPER_REQUIRES), (ZOOKEEPER_REQUIRES, ZOOKEEPER_PROVIDES),
    (FLUME_REQUIRES, ZOOKEEPER_REQUIRES), (ZOOKEEPER_REQUIRES, FLUME_REQUIRES),
    (ZOOKEEPER_PROVIDES, FLUME_PROVIDES), (FLUME_PROVIDES, FLUME_REQUIRES)],
    ids=lambda side: side.id)
def test_of_another_kind_of_endpoint_nothing_but_notices_is_kept(juju, before, after):
    version_1(juju, before, {}, departing=True)
    juju.metadata[before.role].clear()
    juju.declare(after)
    juju.hook('config-changed')
    assert juju.calls == {'relation-ids': 1}, 'it has no record'
    assert juju.flags() == DEPARTING
    assert juju.warnings == []
    juju.endpoint().dismiss_departing()
    juju.joined('quorum:2', 'far/0', after.settings(0))
    if isinstance(after, Provides):
        after.send(juju.endpoint())
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    served(juju, after, 0)


def test_nothing_is_left_of_an_endpoint_that_the_upgrade_drops(juju, side):
    upgraded(juju, side)
    juju.metadata[side.role].clear()
    juju.hook('upgrade-charm')
    assert list(unitdata.kv().getrange('interface-layer.')) == []
    assert juju.flags() == NOTHING
