"""Handlers of a ZooKeeper server."""
import os
import re
import subprocess
import time

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charmhelpers.core import unitdata
from charms.reactive import data_changed
from charms.reactive import endpoint_from_name
from charms.reactive import hook
from charms.reactive import is_flag_set
from charms.reactive import set_flag
from charms.reactive import when
from charms.reactive import when_not

ZKCLI = '/usr/share/zookeeper/bin/zkCli.sh'

PORTS = ('port', 'quorum-port', 'election-port')
DIRECTORIES = ('conf-dir', 'data-dir')

# Paths that need no quoting in any configuration file.
PATH = re.compile('[A-Za-z0-9._/-]+\\Z')

CONFIG = '''\
tickTime=2000
initLimit=10
syncLimit=5
dataDir={data}
admin.enableServer=false
standaloneEnabled=false
reconfigEnabled=true
skipACL=yes
dynamicConfigFile={members}
'''


def unit_number(unit):
    return int(unit.split('/')[1])


def directory(option):
    """An option's path.

    :raises ValueError: where it is no directory's; the text is for the operator
    """
    path = hookenv.config(option)
    if not PATH.match(path or '') or os.path.isfile(path):
        raise ValueError('{} is {!r}, not a directory like /srv/data'.format(
            option, path))
    return os.path.abspath(path)


def port(option):
    """An option's port, of this unit.

    :raises ValueError: where it is none; the text is for the operator
    """
    value, number = hookenv.config(option), 0
    if hookenv.config('spread-ports'):
        number = unit_number(hookenv.local_unit())
    if not isinstance(value, int) or not 1 <= value <= 65535 - number:
        raise ValueError('{} is {!r}, not an integer from 1 to {}'.format(
            option, value, 65535 - number))
    return value + number


def options():
    """What the operator wants of this unit.

    :raises ValueError: where an option is a mistake
    """
    wanted = {option: port(option) for option in PORTS}
    if len(set(wanted.values())) < len(PORTS):
        raise ValueError('{} and {} are not {} different ports'.format(
            ', '.join(PORTS[:-1]), PORTS[-1], len(PORTS)))
    wanted.update((option, directory(option)) for option in DIRECTORIES)
    return wanted


def published(rid, wanted):
    """How this unit is to be known to its peers."""
    address = hookenv.ingress_address(rid, hookenv.local_unit())
    return {
        'client': '{}:{}'.format(address, wanted['port']),
        'server': 'server.{}={}:{}:{};{}'.format(
            unit_number(hookenv.local_unit()) + 1, address, wanted['quorum-port'],
            wanted['election-port'], wanted['port'])}


def members(rid, key):
    """What the other members of the ensemble have published."""
    values = [hookenv.relation_get(key, unit, rid)
              for unit in hookenv.related_units(rid)]
    return [value for value in values if value]


def reconfigure(servers, *change):
    """Have the ensemble change its members, as soon as it can.

    This is `reconfig` of ZooKeeper 3.5 and later: it needs no restarts, and no
    write that was acknowledged is lost.
    """
    command = [ZKCLI, '-server', ','.join(servers), 'reconfig'] + list(change)
    end = time.time() + 60
    while host.service_running('zookeeper') and subprocess.call(command):
        if time.time() > end:
            raise RuntimeError('no answer to {}'.format(' '.join(command)))
        time.sleep(1)


def write_config(wanted, servers):
    """Write how a server starts; later changes ZooKeeper writes there itself."""
    conf, data = wanted['conf-dir'], wanted['data-dir']
    os.makedirs(conf, exist_ok=True)
    os.makedirs(data, exist_ok=True)
    number = unit_number(hookenv.local_unit()) + 1
    static = os.path.join(conf, 'zoo.cfg')
    dynamic = static + '.dynamic'
    for path, text in [
            (os.path.join(data, 'myid'), '{}\n'.format(number)),
            (static, CONFIG.format(data=data, members=dynamic)),
            (dynamic, '\n'.join(servers) + '\n')]:
        with open(path, 'w') as file:
            file.write(text)
    owner = os.stat(data)
    for path in [conf, static, dynamic]:
        os.chown(path, owner.st_uid, owner.st_gid)


def bring_data(before, after):
    """Copy a server's data to another directory, while the server stands still."""
    data = os.path.join(before, 'version-2')
    if after != before and os.path.isdir(data):
        host.service_stop('zookeeper')
        os.makedirs(after, exist_ok=True)
        subprocess.check_call(['cp', '-a', data, after])


def start(rid, wanted, own):
    """Start the server, unless it runs in these directories."""
    kv = unitdata.kv()
    before = kv.get('directories')
    directories = [wanted['conf-dir'], wanted['data-dir']]
    if directories != before:
        bring_data((before or directories)[1], wanted['data-dir'])
        write_config(wanted, members(rid, 'server') + [own['server']])
        host.service_restart('zookeeper')
        kv.set('directories', directories)


def found(rid):
    """Whether this unit is the one to found the ensemble."""
    app = hookenv.application_name()
    if not hookenv.is_leader() or hookenv.relation_get('founder', rid=rid, app=app):
        return False
    hookenv.relation_set(rid, {'founder': hookenv.local_unit()}, app=True)
    return True


def join(rid, wanted):
    """Found the ensemble, or join it."""
    others = members(rid, 'client')
    if not others and not found(rid):
        hookenv.status_set('waiting', 'for the first server')
        return
    own = published(rid, wanted)
    start(rid, wanted, own)
    if others:
        reconfigure(others, '-add', own['server'])
    hookenv.relation_set(rid, own)
    set_flag('server.joined')
    hookenv.status_set('active', 'serving')


def keep_up(rid, wanted):
    """Follow the options; tell peers again what Juju dropped as a hook failed."""
    before = hookenv.relation_get(rid=rid, unit=hookenv.local_unit())
    own = published(rid, wanted)
    if own['server'] != before.get('server'):
        mine = [own['client'], before.get('client', own['client'])]
        reconfigure(mine + members(rid, 'client'), '-add', own['server'])
        hookenv.relation_set(rid, own)
    start(rid, wanted, own)
    hookenv.status_set('active', 'serving')


def follow(wanted):
    """Be one of the ensemble, as soon as Juju has made the relation of its units."""
    for rid in hookenv.relation_ids('ensemble'):
        if is_flag_set('server.joined'):
            keep_up(rid, wanted)
        else:
            join(rid, wanted)


@when_not('server.leaving')
def serve():
    """Serve as the options say; where one is a mistake, go on as before."""
    try:
        wanted = options()
        endpoint_from_name('zkclient').send_port(wanted['port'])
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    follow(wanted)


@hook('ensemble-relation-departed')
def remove_server(ensemble):
    """Remove a unit that leaves from the ensemble, as that unit itself does."""
    unit = hookenv.departing_unit()
    if unit == hookenv.local_unit():
        set_flag('server.leaving')
    if is_flag_set('server.joined') and data_changed('departing', unit):
        own = hookenv.relation_get('client', hookenv.local_unit())
        reconfigure([own] + members(hookenv.relation_id(), 'client'),
                    '-remove', str(unit_number(unit) + 1))


@hook('stop')
def stop():
    set_flag('server.leaving')
    host.service_stop('zookeeper')


@when('zkclient.joining')
def greet(clients):
    hookenv.log('a client came')
    clients.dismiss_joining()


@when('zkclient.departing')
def part(clients):
    hookenv.log('a client left')
    clients.dismiss_departing()
