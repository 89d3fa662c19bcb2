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

# Paths that need no quoting in configuration files.
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
        number = unit_number(hookenv.local_unit())
    if not isinstance(value, int) or not 1 <= value <= 65535 - number:
        raise ValueError('{} is {!r}, not an integer from 1 to {}'.format(
            option, value, 65535 - number))
    return value + number


def options():
    """This unit's ports and directories, by option.

    :raises ValueError: if an option is invalid
    """
    wanted = {option: port(option) for option in PORTS}
    if len(set(wanted.values())) < len(PORTS):
        raise ValueError('{} and {} are not {} different ports'.format(
            ', '.join(PORTS[:-1]), PORTS[-1], len(PORTS)))
    wanted.update((option, directory(option)) for option in DIRECTORIES)
    return wanted


def member_data(relation_id, wanted):
    """This unit's data for its peers."""
    address = hookenv.ingress_address(relation_id, hookenv.local_unit())
    return {
        'client': '{}:{}'.format(address, wanted['port']),
        'server': 'server.{}={}:{}:{};{}'.format(
            unit_number(hookenv.local_unit()) + 1, address, wanted['quorum-port'],
            wanted['election-port'], wanted['port'])}


def existing_units():
    """The application's units, including those that have not started yet.

    A unit that was removed by force is not one of them, although Juju still lists it in
    the peer relation.
    """
    return set(hookenv.goal_state()['units'])


def all_units_leave():
    """Whether all units of the application are being removed."""
    return all(unit['status'] == 'dying'
               for unit in hookenv.goal_state()['units'].values())


def other_members(relation_id, key):
    """The values of a key in the data of the ensemble's other members."""
    values = [hookenv.relation_get(key, unit, relation_id)
              for unit in existing_units() & set(hookenv.related_units(relation_id))]
    return sorted(value for value in values if value)


def reconfigure(servers, *change):
    """Change the members of the ensemble. If this fails, retry for a minute.

    ZooKeeper 3.5 and newer do this with `reconfig`, without restarts and without
    losing acknowledged writes.
    """
    command = [ZKCLI, '-server', ','.join(servers), 'reconfig'] + list(change)
    end = time.time() + 60
    while host.service_running('zookeeper') and subprocess.call(command):
        if time.time() > end:
            raise RuntimeError('no answer to {}'.format(' '.join(command)))
        time.sleep(1)


def write_config(wanted, servers):
    """Write the server's configuration. Later, ZooKeeper itself updates the members."""
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


def copy_data(before, after):
    """Stop the server, and copy its data to another directory."""
    data = os.path.join(before, 'version-2')
    if after != before and os.path.isdir(data):
        host.service_stop('zookeeper')
        os.makedirs(after, exist_ok=True)
        subprocess.check_call(['cp', '-a', data, after])


def start_if_needed(relation_id, wanted, own):
    """Start the server, unless it already uses these directories."""
    kv = unitdata.kv()
    before = kv.get('directories')
    directories = [wanted['conf-dir'], wanted['data-dir']]
    if directories != before:
        copy_data((before or directories)[1], wanted['data-dir'])
        write_config(wanted, other_members(relation_id, 'server') + [own['server']])
        host.service_restart('zookeeper')
        kv.set('directories', directories)


def may_found(relation_id):
    """Whether this unit may found the ensemble: it leads, and no member exists.

    A new leader may not have seen the members yet. If the founder has left, this unit
    therefore waits until it has seen all units.
    """
    founder = hookenv.relation_get('founder', rid=relation_id,
                                   app=hookenv.application_name())
    if not hookenv.is_leader() or founder in existing_units():
        return False
    seen = set(hookenv.related_units(relation_id)) | {hookenv.local_unit()}
    return not founder or existing_units() <= seen


def publish(relation_id, own):
    """Publish this member to its peers, and the founder to those that join later."""
    hookenv.relation_set(relation_id, own)
    if hookenv.is_leader():
        hookenv.relation_set(relation_id, {'founder': hookenv.local_unit()}, app=True)


def join(relation_id, wanted):
    """Found the ensemble, or join it."""
    others = other_members(relation_id, 'client')
    if not others and not may_found(relation_id):
        hookenv.status_set('waiting', 'for the first server')
        return
    own = member_data(relation_id, wanted)
    start_if_needed(relation_id, wanted, own)
    if others:
        reconfigure(others, '-add', own['server'])
    publish(relation_id, own)
    set_flag('server.joined')
    hookenv.status_set('active', 'serving')


def remove_member(relation_id, unit):
    """Remove a unit's server from the ensemble, once."""
    if data_changed('removed.' + unit, True):
        own = hookenv.relation_get('client', hookenv.local_unit(), relation_id)
        reconfigure([own] + other_members(relation_id, 'client'),
                    '-remove', str(unit_number(unit) + 1))


def update_member(relation_id, wanted):
    """Apply the options, and remove members that were removed by force.

    If a failed hook lost this unit's data, write it again.
    """
    before = hookenv.relation_get(rid=relation_id, unit=hookenv.local_unit())
    own = member_data(relation_id, wanted)
    if own['server'] != before.get('server'):
        addresses = [own['client'], before.get('client', own['client'])]
        reconfigure(addresses + other_members(relation_id, 'client'),
                    '-add', own['server'])
        publish(relation_id, own)
    for unit in set(hookenv.related_units(relation_id)) - existing_units():
        remove_member(relation_id, unit)
    start_if_needed(relation_id, wanted, own)
    hookenv.status_set('active', 'serving')


def join_or_update(wanted):
    """Join the ensemble, or update this member, if the peer relation exists."""
    for relation_id in hookenv.relation_ids('ensemble'):
        if is_flag_set('server.joined'):
            update_member(relation_id, wanted)
        else:
            join(relation_id, wanted)


@when_not('server.leaving')
def apply_options():
    """Apply the options; if one is invalid, keep the previous configuration."""
    try:
        wanted = options()
    except ValueError as error:
        hookenv.status_set('blocked', str(error))
        return
    join_or_update(wanted)
    if is_flag_set('server.joined'):
        endpoint_from_name('zkclient').send_port(wanted['port'])


@hook('ensemble-relation-departed')
def remove_server(ensemble):
    """Remove a departing unit from the ensemble. The departing unit also does this.

    ZooKeeper refuses to remove its last member.
    """
    unit = hookenv.departing_unit()
    if unit == hookenv.local_unit():
        set_flag('server.leaving')
    if is_flag_set('server.joined') and not all_units_leave():
        remove_member(hookenv.relation_id(), unit)


@hook('stop')
def stop():
    set_flag('server.leaving')
    host.service_stop('zookeeper')


@when('zkclient.joining')
def log_joining(clients):
    hookenv.log('a client joined')
    clients.dismiss_joining()


@when('zkclient.departing')
def log_departing(clients):
    hookenv.log('a client left')
    clients.dismiss_departing()
