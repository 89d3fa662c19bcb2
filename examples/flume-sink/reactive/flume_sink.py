"""Handlers of a Flume agent that receives events from other agents."""
import os
import re

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms.reactive import data_changed
from charms.reactive import endpoint_from_name
from charms.reactive import hook
from charms.reactive import when

# Paths that need no quoting in configuration files.
PATH = re.compile('[A-Za-z0-9._/-]+\\Z')

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
    """This unit's port for an option.

    :raises ValueError: if it is not a port; the text is for the operator
    """
    value, number = hookenv.config(option), 0
    if hookenv.config('spread-ports'):
        number = int(hookenv.local_unit().split('/')[1])
    if not isinstance(value, int) or not 1 <= value <= 65535 - number:
        raise ValueError('{} is {!r}, not an integer from 1 to {}'.format(
            option, value, 65535 - number))
    return value + number


def seconds(option):
    """The number of seconds in an option.

    :raises ValueError: if it is not a number of seconds; the text is for the operator
    """
    value = hookenv.config(option)
    if not isinstance(value, int) or value < 0:
        raise ValueError('{} is {!r}, not 0 or a number of seconds'.format(
            option, value))
    return value


def render():
    """The configuration of an agent that writes events to files.

    :raises ValueError: if an option is invalid
    """
    return CONFIG.format(port=port('port'),
                         protocol=hookenv.config('protocol') or 'avro',
                         data=directory('data-dir'),
                         interval=seconds('roll-interval'))


def write_config(conf_dir, text):
    os.makedirs(conf_dir, exist_ok=True)
    os.makedirs(os.path.join(directory('data-dir'), 'events'), exist_ok=True)
    with open(os.path.join(conf_dir, 'flume.conf'), 'w') as conf:
        conf.write(text)


@when('config.changed')
def apply_options():
    """Apply the options; if one is invalid, keep the previous configuration."""
    try:
        conf_dir, text = directory('conf-dir'), render()
        endpoint_from_name('source').send_configuration(
            port('port'), hookenv.config('protocol'))
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    if data_changed('flume', [conf_dir, text]):
        write_config(conf_dir, text)
        host.service_restart('flume')
    hookenv.status_set('active', 'receiving events')


@hook('stop')
def stop():
    host.service_stop('flume')


@when('source.joining')
def log_joining(agents):
    hookenv.log('an agent joined')
    agents.dismiss_joining()


@when('source.departing')
def log_departing(agents):
    hookenv.log('an agent left')
    agents.dismiss_departing()
