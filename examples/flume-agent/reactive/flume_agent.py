"""Handlers of a Flume agent that sends its events to others."""
import os

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms.reactive import data_changed
from charms.reactive import when
from charms.reactive import when_not

CONFIG = '''\
a1.sources = lines
a1.channels = files
a1.sources.lines.type = netcat
a1.sources.lines.bind = 127.0.0.1
a1.sources.lines.port = {port}
a1.sources.lines.channels = files
a1.channels.files.type = file
a1.channels.files.checkpointDir = {data}/checkpoint
a1.channels.files.dataDirs = {data}/channel
a1.sinks = {names}
'''

SINK = '''\
a1.sinks.{name}.type = {protocol}
a1.sinks.{name}.hostname = {host}
a1.sinks.{name}.port = {port}
a1.sinks.{name}.channel = files
'''

GROUP = '''\
a1.sinkgroups = all
a1.sinkgroups.all.sinks = {names}
a1.sinkgroups.all.processor.type = failover
'''

PRIORITY = 'a1.sinkgroups.all.processor.priority.{name} = {priority}\n'


def one_sink(sink):
    """Sinks, as one agent that sends to one other knows them."""
    return [{'name': 'sink',
             'host': sink.get_flume_ip(),
             'port': sink.get_flume_port(),
             'protocol': sink.get_flume_protocol()}]


def render(sinks):
    """Configuration of an agent that sends to the first sink that works."""
    names = ' '.join(sink['name'] for sink in sinks)
    text = CONFIG.format(names=names, port=hookenv.config('port'),
                         data=os.path.abspath(hookenv.config('data-dir')))
    for sink in sinks:
        text += SINK.format(**sink)
    if len(sinks) > 1:
        text += GROUP.format(names=names)
        for number, sink in enumerate(sinks):
            text += PRIORITY.format(name=sink['name'],
                                    priority=len(sinks) - number)
    return text


@when('sink.available')
def configure(sink):
    sinks = sink.agents() if hookenv.config('failover') else one_sink(sink)
    if data_changed('sinks', sinks):
        directory = hookenv.config('conf-dir')
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, 'flume.conf'), 'w') as conf:
            conf.write(render(sinks))
        host.service_restart('flume')
        hookenv.status_set('active', 'sending to {}'.format(
            ', '.join(sink['host'] for sink in sinks)))


@when_not('sink.available')
def wait():
    if data_changed('sinks', []):
        host.service_stop('flume')
        hookenv.status_set('waiting', 'for a sink')


@when('sink.joining')
def greet(sink):
    hookenv.log('sinks came or changed: now {}'.format(sink.agents()))
    sink.dismiss_joining()


@when('sink.departing')
def part(sink):
    hookenv.log('sinks left: now {}'.format(sink.agents()))
    sink.dismiss_departing()
