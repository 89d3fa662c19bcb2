"""Handlers of a Flume agent that sends its events to other agents."""
import os
import re

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms.reactive import data_changed
from charms.reactive import when
from charms.reactive import when_not

# Paths that need no quoting in configuration files.
PATH = re.compile('[A-Za-z0-9._/-]+\\Z')

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


def directory(option):
    """The absolute path of the directory in an option.

    :raises ValueError: if it is not a directory; the text is for the operator
    """
    path = hookenv.config(option)
    if not PATH.match(path or '') or os.path.isfile(path):
        raise ValueError('{} is {!r}, not a directory like /srv/data'.format(
            option, path))
    return os.path.abspath(path)


def port(option):
    """The port in an option.

    :raises ValueError: if it is not a port; the text is for the operator
    """
    value = hookenv.config(option)
    if not isinstance(value, int) or not 1 <= value <= 65535:
        raise ValueError('{} is {!r}, not an integer from 1 to 65535'.format(
            option, value))
    return value


def one_sink(sink):
    """The chosen sink, in the form of `agents()`."""
    return [{'name': 'sink',
             'host': sink.get_flume_ip(),
             'port': sink.get_flume_port(),
             'protocol': sink.get_flume_protocol()}]


def render(sinks):
    """The configuration of an agent that sends to the first working sink.

    :raises ValueError: if an option is invalid
    """
    names = ' '.join(sink['name'] for sink in sinks)
    text = CONFIG.format(names=names, port=port('port'),
                         data=directory('data-dir'))
    for sink in sinks:
        text += SINK.format(**sink)
    if len(sinks) > 1:
        text += GROUP.format(names=names)
        for number, sink in enumerate(sinks):
            text += PRIORITY.format(name=sink['name'],
                                    priority=len(sinks) - number)
    return text


def is_related(endpoint):
    """Whether the endpoint has a relation after this hook.

    relation-ids also lists relations that were removed by force. goal-state does not.
    """
    broken = hookenv.hook_name().endswith('-relation-broken')
    listed = any(relation_id != hookenv.relation_id() or not broken
                 for relation_id in hookenv.relation_ids(endpoint))
    return listed and endpoint in hookenv.goal_state()['relations']


def write_config(conf_dir, text):
    os.makedirs(conf_dir, exist_ok=True)
    with open(os.path.join(conf_dir, 'flume.conf'), 'w') as conf:
        conf.write(text)


@when('sink.available')
def configure(sink):
    if not sink.agents():   # after an upgrade in which hook tools failed
        return
    sinks = sink.agents() if hookenv.config('failover') else one_sink(sink)
    try:
        conf_dir, text = directory('conf-dir'), render(sinks)
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    if data_changed('flume', [conf_dir, text]):
        write_config(conf_dir, text)
        host.service_restart('flume')
    hookenv.status_set('active', 'sending to {}'.format(
        ', '.join(entry['host'] for entry in sinks)))


@when_not('sink.available')
def wait():
    if data_changed('flume', None):
        host.service_stop('flume')
    if is_related('sink'):
        hookenv.status_set('waiting', 'for a sink')
    else:
        hookenv.status_set('blocked', 'needs a relation to a sink')


@when('sink.joining')
def log_joining(sink):
    hookenv.log('sinks joined or changed: now {}'.format(sink.agents()))
    sink.dismiss_joining()


@when('sink.departing')
def log_departing(sink):
    hookenv.log('sinks left: now {}'.format(sink.agents()))
    sink.dismiss_departing()
