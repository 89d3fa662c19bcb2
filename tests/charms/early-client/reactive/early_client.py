"""Flags connected, available, joining and departing; it restarts on notices."""
import json

from charmhelpers.core import host
from charms.reactive import remove_state
from charms.reactive import set_state
from charms.reactive import when
from charms.reactive import when_not


def write(zookeeper, sink):
    with open('known.json', 'w') as known:
        json.dump({'servers': zookeeper.get_zookeeper_units(),
                   'sink': [sink.get_flume_ip(), sink.get_flume_port(),
                            sink.get_flume_protocol()]}, known)


@when('zookeeper.available', 'sink.available')
@when_not('service.started')
def start(zookeeper, sink):
    write(zookeeper, sink)
    host.service_start('service')
    set_state('service.started')


@when('service.started', 'zookeeper.available', 'sink.available',
      'zookeeper.joining')
def servers_came(zookeeper, sink, joining):
    write(zookeeper, sink)
    host.service_restart('service')
    joining.dismiss_joining()


@when('service.started', 'zookeeper.available', 'sink.available',
      'zookeeper.departing')
def servers_left(zookeeper, sink, departing):
    write(zookeeper, sink)
    host.service_restart('service')
    departing.dismiss_departing()


@when('service.started', 'zookeeper.available', 'sink.available', 'sink.joining')
def sinks_came(zookeeper, sink, joining):
    write(zookeeper, sink)
    host.service_restart('service')
    joining.dismiss_joining()


@when('service.started', 'zookeeper.available', 'sink.available', 'sink.departing')
def sinks_left(zookeeper, sink, departing):
    write(zookeeper, sink)
    host.service_restart('service')
    departing.dismiss_departing()


@when('service.started')
@when_not('zookeeper.available')
def servers_lost():
    host.service_stop('service')
    remove_state('service.started')


@when('service.started')
@when_not('sink.available')
def sinks_lost():
    host.service_stop('service')
    remove_state('service.started')
