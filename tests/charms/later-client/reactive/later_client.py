"""Flags joined and ready; it restarts when what it knows has changed."""
import json

from charmhelpers.core import host
from charms.reactive import RelationBase
from charms.reactive import clear_flag
from charms.reactive import data_changed
from charms.reactive import endpoint_from_flag
from charms.reactive import set_flag
from charms.reactive import when
from charms.reactive import when_any
from charms.reactive import when_not_all


@when('zookeeper.ready', 'sink.ready')
def configure(zookeeper, sink):
    servers = zookeeper.zookeepers()
    sinks = sink.agents()
    if any([data_changed('servers', servers), data_changed('sinks', sinks)]):
        with open('known.json', 'w') as known:
            json.dump({'servers': servers, 'sinks': sinks}, known)
        host.service_restart('service')
        set_flag('service.started')


@when_any('zookeeper.ready', 'sink.ready')
def whichever_way_it_was_come_by():
    for flag in ('zookeeper.ready', 'sink.ready'):
        relation = RelationBase.from_state(flag)
        again = endpoint_from_flag(flag)
        for method in ('zookeepers', 'agents'):
            if hasattr(relation, method):
                assert getattr(relation, method)() == getattr(again, method)()


@when('service.started')
@when_not_all('zookeeper.ready', 'sink.ready')
def stop():
    host.service_stop('service')
    clear_flag('service.started')
    data_changed('servers', None)
