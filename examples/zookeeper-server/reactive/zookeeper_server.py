"""Handlers of a ZooKeeper server."""
import os
import subprocess
import time

from charmhelpers.core import hookenv
from charmhelpers.core import host
from charms.reactive import data_changed
from charms.reactive import hook
from charms.reactive import set_flag
from charms.reactive import when
from charms.reactive import when_not

ZKCLI = '/usr/share/zookeeper/bin/zkCli.sh'

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


def spread(port):
    if hookenv.config('spread-ports'):
        port += unit_number(hookenv.local_unit())
    return port


def client_port():
    return spread(hookenv.config('port'))


def published(rid):
    """How this unit is to be known to its peers."""
    address = hookenv.ingress_address(rid, hookenv.local_unit())
    return {
        'client': '{}:{}'.format(address, client_port()),
        'server': 'server.{}={}:{}:{};{}'.format(
            unit_number(hookenv.local_unit()) + 1, address,
            spread(hookenv.config('quorum-port')),
            spread(hookenv.config('election-port')), client_port())}


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


def write_config(servers):
    """Write how a server starts; later changes ZooKeeper writes there itself."""
    directory = os.path.abspath(hookenv.config('conf-dir'))
    data = os.path.abspath(hookenv.config('data-dir'))
    os.makedirs(directory, exist_ok=True)
    os.makedirs(data, exist_ok=True)
    number = unit_number(hookenv.local_unit()) + 1
    dynamic = os.path.join(directory, 'zoo.cfg.dynamic')
    for path, text in [
            (os.path.join(data, 'myid'), '{}\n'.format(number)),
            (os.path.join(directory, 'zoo.cfg'),
             CONFIG.format(data=data, members=dynamic)),
            (dynamic, '\n'.join(servers) + '\n')]:
        with open(path, 'w') as file:
            file.write(text)
    owner = os.stat(data)
    for path in [directory, os.path.join(directory, 'zoo.cfg'), dynamic]:
        os.chown(path, owner.st_uid, owner.st_gid)


def found(rid):
    """Whether this unit is the one to found the ensemble."""
    app = hookenv.application_name()
    if not hookenv.is_leader() or hookenv.relation_get('founder', rid=rid, app=app):
        return False
    hookenv.relation_set(rid, {'founder': hookenv.local_unit()}, app=True)
    return True


@when_not('server.joined', 'server.leaving')
def join():
    """Found the ensemble, or join it."""
    for rid in hookenv.relation_ids('ensemble'):
        others = members(rid, 'server')
        if not others and not found(rid):
            hookenv.status_set('waiting', 'for the first server')
            return
        own = published(rid)
        write_config(others + [own['server']])
        host.service_restart('zookeeper')
        if others:
            reconfigure(members(rid, 'client'), '-add', own['server'])
        hookenv.relation_set(rid, own)
        set_flag('server.joined')
        hookenv.status_set('active', 'serving')


@when('server.joined')
@when_not('server.leaving')
def tell_peers():
    """Tell them of other ports, or once more of what Juju dropped as a hook failed."""
    for rid in hookenv.relation_ids('ensemble'):
        before = hookenv.relation_get(rid=rid, unit=hookenv.local_unit())
        own = published(rid)
        if own['server'] != before.get('server'):
            reconfigure([before.get('client', own['client'])] + members(rid, 'client'),
                        '-add', own['server'])
            hookenv.relation_set(rid, own)


@hook('ensemble-relation-departed')
def part():
    """Remove a unit that leaves from the ensemble, as that unit itself does."""
    unit = hookenv.departing_unit()
    if unit == hookenv.local_unit():
        set_flag('server.leaving')
    if data_changed('departing', unit):
        own = hookenv.relation_get('client', hookenv.local_unit())
        reconfigure([own] + members(hookenv.relation_id(), 'client'),
                    '-remove', str(unit_number(unit) + 1))


@hook('stop')
def stop():
    host.service_stop('zookeeper')


@when('zkclient.connected')
def tell_clients(clients):
    clients.send_port(client_port())
