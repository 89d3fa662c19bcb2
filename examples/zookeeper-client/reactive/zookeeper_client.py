"""Handlers of a service that uses ZooKeeper."""
import json
import os
import re

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms.reactive import data_changed
from charms.reactive import is_flag_set
from charms.reactive import when
from charms.reactive import when_not

# Paths that need no quoting in configuration files.
PATH = re.compile('[A-Za-z0-9._/-]+\\Z')


def directory(option):
    """The absolute path of the directory in an option.

    :raises ValueError: if it is not a directory; the text is for the operator
    """
    path = hookenv.config(option)
    if not PATH.match(path or '') or os.path.isfile(path):
        raise ValueError('{} is {!r}, not a directory like /srv/data'.format(
            option, path))
    return os.path.abspath(path)


def is_related(endpoint):
    """Whether the endpoint has a relation after this hook.

    relation-ids also lists relations that were removed by force. goal-state does not.
    """
    broken = hookenv.hook_name().endswith('-relation-broken')
    listed = any(relation_id != hookenv.relation_id() or not broken
                 for relation_id in hookenv.relation_ids(endpoint))
    return listed and endpoint in hookenv.goal_state()['relations']


def write_config(conf_dir, servers, login=None, tls=None):
    os.makedirs(conf_dir, exist_ok=True)
    with open(os.path.join(conf_dir, 'client.cfg'), 'w') as config:
        os.fchmod(config.fileno(), 0o600)
        config.write('zookeeper.connect={}\n'.format(servers))
        if login:
            config.write('zookeeper.login={0.username}:{0.password}\n'.format(login))
        if tls:
            config.write('zookeeper.tls=true\n')
        if tls and tls.ca:
            config.write('zookeeper.ca={}\n'.format(json.dumps(tls.ca)))


@when('zookeeper.connected')
def request_access(zookeeper):
    zookeeper.request('/' + hookenv.application_name())


@when('zookeeper.available')
def configure(zookeeper):
    try:
        conf_dir = directory('conf-dir')
        servers = zookeeper.connection_string(hookenv.config('chroot'))
        login, tls = zookeeper.credentials(), zookeeper.tls()
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    if not servers:     # after an upgrade in which hook tools failed
        return
    if data_changed('client', [conf_dir, servers]) or is_flag_set('zookeeper.joining'):
        hookenv.log('servers came or changed: now {}'.format(zookeeper.zookeepers()))
        write_config(conf_dir, servers, login, tls)
        host.service_restart('zookeeper-client')
        zookeeper.dismiss_joining()
    hookenv.status_set('active', 'using {}'.format(servers))


@when_not('zookeeper.available')
def wait():
    try:
        conf_dir = directory('conf-dir')
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    if data_changed('client', [conf_dir, '']):
        host.service_stop('zookeeper-client')
        write_config(conf_dir, '')
    if is_related('zookeeper'):
        hookenv.status_set('waiting', 'for ZooKeeper')
    else:
        hookenv.status_set('blocked', 'needs a relation to ZooKeeper')


@when('zookeeper.departing')
def log_departing(zookeeper):
    hookenv.log('servers left: now {}'.format(zookeeper.zookeepers()))
    zookeeper.dismiss_departing()
