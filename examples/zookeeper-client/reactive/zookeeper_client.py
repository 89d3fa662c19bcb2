"""Handlers of a service that needs ZooKeeper."""
import os

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms.reactive import data_changed
from charms.reactive import when
from charms.reactive import when_not


def write_config(servers):
    directory = hookenv.config('conf-dir')
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, 'client.cfg'), 'w') as config:
        config.write('zookeeper.connect={}\n'.format(servers))


@when('zookeeper.available')
def configure(zookeeper):
    servers = zookeeper.connection_string(hookenv.config('chroot'))
    if data_changed('servers', servers):
        write_config(servers)
        host.service_restart('zookeeper-client')
        hookenv.status_set('active', 'using {}'.format(servers))


@when_not('zookeeper.available')
def wait():
    if data_changed('servers', ''):
        host.service_stop('zookeeper-client')
        write_config('')
        hookenv.status_set('waiting', 'for ZooKeeper')


@when('zookeeper.joining')
def greet(zookeeper):
    hookenv.log('servers came or changed: now {}'.format(zookeeper.zookeepers()))
    zookeeper.dismiss_joining()


@when('zookeeper.departing')
def part(zookeeper):
    hookenv.log('servers left: now {}'.format(zookeeper.zookeepers()))
    zookeeper.dismiss_departing()
