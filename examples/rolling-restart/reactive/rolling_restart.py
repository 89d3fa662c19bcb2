"""Handlers of a service whose units restart one after another."""
import json
import os
import re

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms import coordinator
from charms.reactive import data_changed
from charms.reactive import is_data_changed
from charms.reactive import is_flag_set
from charms.reactive import when
from charms.reactive import when_not

# Paths that need no quoting in configuration files.
PATH = re.compile('[A-Za-z0-9._/-]+\\Z')

CONFIG = '''\
zookeeper.connect={}
zookeeper.session.timeout.ms={}
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


def milliseconds(option):
    """The number of milliseconds in an option.

    :raises ValueError: if it is not one; the text is for the operator
    """
    value = hookenv.config(option)
    if not isinstance(value, int) or value < 1:
        raise ValueError('{} is {!r}, not a number of milliseconds'.format(
            option, value))
    return value


def is_related(endpoint):
    """Whether the endpoint has a relation after this hook.

    relation-ids also lists relations that were removed by force. goal-state does not.
    """
    broken = hookenv.hook_name().endswith('-relation-broken')
    listed = any(relation_id != hookenv.relation_id() or not broken
                 for relation_id in hookenv.relation_ids(endpoint))
    return listed and endpoint in hookenv.goal_state()['relations']


def write_config(conf_dir, text, login=None, tls=None):
    os.makedirs(conf_dir, exist_ok=True)
    with open(os.path.join(conf_dir, 'zookeeper.properties'), 'w') as config:
        os.fchmod(config.fileno(), 0o600)
        config.write(text)
        if login:
            config.write('zookeeper.login={0.username}:{0.password}\n'.format(login))
        if tls:
            config.write('zookeeper.tls=true\n')
        if tls and tls.ca:
            config.write('zookeeper.ca={}\n'.format(json.dumps(tls.ca)))


@when('zookeeper.connected')
def request_access(zookeeper):
    zookeeper.request('/kafka')


@when('zookeeper.available')
def configure(zookeeper):
    """Apply new settings when it is this unit's turn to restart."""
    try:
        conf_dir, timeout = directory('conf-dir'), milliseconds('session-timeout')
        login, tls = zookeeper.credentials(), zookeeper.tls()
        # a granted path is already part of the connection string
        servers = zookeeper.connection_string('' if login else '/kafka')
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    if not servers:     # after an upgrade in which hook tools failed
        return
    settings = [conf_dir, CONFIG.format(servers, timeout)]
    if is_data_changed('kafka', settings) or is_flag_set('zookeeper.joining'):
        if not coordinator.acquire('restart'):
            hookenv.status_set('waiting', 'for its turn to restart')
            return
        write_config(*settings, login=login, tls=tls)
        host.service_restart('kafka')
        data_changed('kafka', settings)
        zookeeper.dismiss_joining()
    hookenv.status_set('active', 'using {}'.format(servers))


@when_not('zookeeper.available')
def stop():
    """Stop without waiting for a turn: without a server, no unit can work."""
    try:
        conf_dir = directory('conf-dir')
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    if data_changed('kafka', [conf_dir, '']):
        host.service_stop('kafka')
        write_config(conf_dir, '')
    if is_related('zookeeper'):
        hookenv.status_set('waiting', 'for ZooKeeper')
    else:
        hookenv.status_set('blocked', 'needs a relation to ZooKeeper')


@when('zookeeper.departing')
def log_departing(zookeeper):
    hookenv.log('servers left: now {}'.format(zookeeper.zookeepers()))
    zookeeper.dismiss_departing()
