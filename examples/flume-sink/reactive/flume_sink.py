"""Handlers of a Flume agent that others send their events to."""
import os

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms.reactive import hook
from charms.reactive import when

CONFIG = '''\
a1.sources = agents
a1.channels = files
a1.sinks = roll
a1.sources.agents.type = {protocol}
a1.sources.agents.bind = 0.0.0.0
a1.sources.agents.port = {port}
a1.sources.agents.channels = files
a1.channels.files.type = file
a1.channels.files.checkpointDir = {data}/checkpoint
a1.channels.files.dataDirs = {data}/channel
a1.sinks.roll.type = file_roll
a1.sinks.roll.sink.directory = {data}/events
a1.sinks.roll.sink.rollInterval = {interval}
a1.sinks.roll.channel = files
'''


def agents_port():
    port = hookenv.config('port')
    if hookenv.config('spread-ports'):
        port += int(hookenv.local_unit().split('/')[1])
    return port


@when('config.changed')
def configure():
    directory = hookenv.config('conf-dir')
    data = os.path.abspath(hookenv.config('data-dir'))
    os.makedirs(directory, exist_ok=True)
    os.makedirs(os.path.join(data, 'events'), exist_ok=True)
    with open(os.path.join(directory, 'flume.conf'), 'w') as conf:
        conf.write(CONFIG.format(data=data, port=agents_port(),
                                 protocol=hookenv.config('protocol'),
                                 interval=hookenv.config('roll-interval')))
    host.service_restart('flume')
    hookenv.status_set('active', 'taking events')


@hook('stop')
def stop():
    host.service_stop('flume')


@when('source.connected')
def tell_agents(agents):
    agents.send_configuration(agents_port(), hookenv.config('protocol'))
