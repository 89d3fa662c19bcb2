"""A unit with the layers, whose hook tools the stand-in answers.

Only the lowest level is replaced: the hook tools, and what hookenv takes from its
environment. RelationBase, the flags and the key/value store (in memory) are real.

A test is a sequence of events. Each event ends the running hook, changes the model
and starts the hook that reports the change; the next statements of the test run
inside that hook. Remote units have no agents: the test says what they do.
"""
import collections
import errno
import importlib
import itertools
import os
import subprocess
import sys
from pathlib import Path

from charmhelpers.core import hookenv, unitdata
from charms.reactive import RelationBase, endpoint_from_name, get_flags
from charms.reactive.relations import Conversation
from juju_standin import hookrun
from juju_standin.context import Context
from juju_standin.model import Model
from juju_standin.subprocess_patch import patched_popen
from juju_standin.state import Hook, LocalRelation

ROOT = Path(__file__).resolve().parents[2]
INTERFACES = ('zookeeper', 'flume-agent')

LOCAL = 'local/0'
ENDPOINT = 'zk'
# the key of the endpoint's record in the key/value store
RECORD_KEY = 'interface-layer.zk'

CONNECTED = frozenset({'connected', 'joined'})
AVAILABLE = frozenset({'available', 'ready'})
JOINING = frozenset({'joining'})
DEPARTING = frozenset({'departing'})
NOTHING = frozenset()
USABLE = CONNECTED | AVAILABLE

# The hooks that read everything.
FULL_READ_HOOKS = ['update-status', 'upgrade-charm']

# Remote units, for `deploy_settled`.
ONE_UNIT = [('zk:1', 'remote/0')]
TWO_UNITS = ONE_UNIT + [('zk:1', 'remote/1')]
TWO_RELATIONS = ONE_UNIT + [('zk:2', 'second/0')]
THREE_RELATIONS = TWO_RELATIONS + [('zk:3', 'third/0')]

FORCE_REMOVED = ('{} was removed by force and is ignored. No action is needed: Juju '
                 "stops listing it when this unit's agent restarts")


def layer(interface, module):
    return importlib.import_module('relations.{}.{}'.format(interface, module))


# The most bytes of an argument in Linux, with the NUL at its end.
MAX_ARG_STRLEN = 131072


def check_arguments(argv):
    """Raise what Popen raises for arguments that cannot be passed to a program."""
    words = [os.fsencode(word) for word in argv]
    if any(b'\0' in word for word in words):
        raise ValueError('embedded null byte')
    if max(map(len, words)) >= MAX_ARG_STRLEN:
        raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))


class Side:
    """One role of one interface: its class, and sample data of the remote side."""

    def __init__(self, interface, role, name):
        self.interface = interface
        self.role = role
        self.module = layer(interface, role)
        self.cls = getattr(self.module, name)
        self.id = name

    def remote_data(self, number):
        """The unit data of a remote unit, including Juju's own keys."""
        return {'ingress-address': '10.0.0.{}'.format(number)}


class Requires(Side):
    """A client.

    :param published: what each usable unit publishes, except its address
    """

    flags_without_details = CONNECTED

    def __init__(self, interface, name, listing, **published):
        super().__init__(interface, 'requires', name)
        self.listing = listing
        self.published = published

    def remote_data(self, number):
        return dict(super().remote_data(number), **self.published)

    def listed(self, endpoint):
        return getattr(endpoint, self.listing)()

    def hosts(self, endpoint):
        return [unit['host'] for unit in self.listed(endpoint)]


class Provides(Side):
    """A provider.

    :param variants: the arguments of different calls of its send method
    """

    # a provider is ready before it has sent anything
    flags_without_details = CONNECTED | {'ready'}

    def __init__(self, interface, name, send_method, *variants):
        super().__init__(interface, 'provides', name)
        self.send_method = send_method
        self._variants = variants

    def send(self, endpoint, variant=0):
        getattr(endpoint, self.send_method)(**self._variants[variant])

    def details(self, variant=0):
        """A variant's details, as the layer writes them in unit data."""
        return {key: str(value) for key, value in self._variants[variant].items()}


ZOOKEEPER_REQUIRES = Requires('zookeeper', 'ZookeeperRequires', 'zookeepers',
                              port='2181')
FLUME_REQUIRES = Requires('flume-agent', 'FlumeRequires', 'agents',
                          port='4141', protocol='avro')
ZOOKEEPER_PROVIDES = Provides(
    'zookeeper', 'ZookeeperProvides', 'send_port',
    {'port': 2181, 'rest_port': 9998, 'host': 'zk.example'}, {'port': '2182'})
FLUME_PROVIDES = Provides(
    'flume-agent', 'FlumeProvides', 'send_configuration',
    {'port': 4141, 'protocol': 'avro'}, {'port': '4142', 'protocol': 'thrift'})

REQUIRES = [ZOOKEEPER_REQUIRES, FLUME_REQUIRES]
PROVIDES = [ZOOKEEPER_PROVIDES, FLUME_PROVIDES]
SIDES = REQUIRES + PROVIDES

# What runs at the start of each hook; the imports above registered it.
AT_START = list(hookenv._atstart)

# What the layers remember during a hook.
DATABAGS_USED = [layer(interface, 'common.hooktools').used_databags
                 for interface in INTERFACES]


class Juju:
    """A model whose only unit with an agent is `local/0`, and that unit's charm.

    Each of the charm's hooks runs from one event to the next.
    """

    def __init__(self, monkeypatch, release):
        self.metadata = {'provides': {}, 'requires': {}}
        self.config = {}
        self.model = Model(release)
        self.model.deploy('local', self)
        self.unit = self.model.unit(LOCAL)
        self.unit.address = '10.9.9.9'
        self.writes = []        # (relation ID, data) of each relation-set
        self.app_writes = []    # the same of each relation-set --app
        self.context = None     # the running hook
        self._log = []
        self._status = 0
        # the hook has already begun when the stand-in executes it
        monkeypatch.setattr(hookrun, 'Context', lambda *_: self.context)
        monkeypatch.setattr(subprocess, 'Popen', self._start_process)
        monkeypatch.setattr(os, 'environ', dict(os.environ))
        monkeypatch.setattr(sys, 'argv', ['actions/dismiss'])
        monkeypatch.setattr(sys, 'path', list(sys.path))
        monkeypatch.setattr(hookenv, 'metadata', lambda: self.metadata)
        monkeypatch.setattr(hookenv, 'cache', {})
        monkeypatch.setattr(hookenv, '_atstart', [])
        monkeypatch.setattr(hookenv, '_atexit', [])
        monkeypatch.setattr(RelationBase, '_cache', {})
        # keeps charms.reactive from searching reactive/ for Endpoint classes
        monkeypatch.setitem(sys.modules, 'reactive', None)
        monkeypatch.setattr(unitdata, '_KV', unitdata.Storage(':memory:'))

    # The charm.

    def declare(self, side, name=ENDPOINT):
        """Give the charm an endpoint."""
        self.metadata[side.role][name] = {'interface': side.interface}

    def deploy(self, side, *names):
        """Give the charm endpoints, and run its install hook."""
        for name in names or [ENDPOINT]:
            self.declare(side, name)
        self.hook('install')

    def deploy_joined(self, side, data=None):
        """Deploy a side, and have `remote/0` join it."""
        self.deploy(side)
        self.join('zk:1', 'remote/0', data)

    def endpoint(self, name=ENDPOINT):
        return endpoint_from_name(name)

    def flags(self, name=ENDPOINT):
        """The flags of an endpoint, without its name."""
        return {flag[len(name) + 1:] for flag in get_flags()
                if flag.startswith(name + '.')}

    def conversations(self):
        """The stored keys of RelationBase's conversations, after the hook."""
        self.end()
        return sorted(unitdata.kv().getrange('reactive.conversations.'))

    @property
    def warnings(self):
        log = self._log + (self.context.log if self.context else [])
        return [message for level, message in log if level == hookenv.WARNING]

    @property
    def calls(self):
        """How often this hook has called each hook tool."""
        return collections.Counter(name for name, _ in self.context.calls
                                   if name != 'juju-log')

    def outdate_record(self, name=ENDPOINT):
        """Have an endpoint's record be one of another version."""
        self.end()
        key = 'interface-layer.' + name
        unitdata.kv().set(key, dict(unitdata.kv().get(key), version=1))
        unitdata.kv().flush()

    # Hooks.

    def hook(self, name, atstart=None):
        """Start a hook.

        :param atstart: a callback of the charm that runs before the layers do
        """
        self.end()
        if atstart:
            hookenv.atstart(atstart)
        self._begin(Hook(name, name))

    def relation_hook(self, kind, relation_id, unit='', run_layers=True):
        """Start a relation hook.

        :param unit: the hook's unit; without one, Juju leaves its variable empty
        :param run_layers: whether this version of the layers runs in the hook
        """
        self.end()
        self._begin(self._hook(kind, relation_id, unit), run_layers)

    def action(self):
        """Start an action that does not start the framework."""
        self._begin(Hook('dismiss', 'action'), run_layers=False)

    def end(self, flush=True):
        """Have the hook succeed.

        :param flush: whether the key/value store is written; actions may not do that
        """
        if self.context:
            hookenv._run_atexit()
            unitdata.kv().flush(flush)
            run = self._finish()
            assert run.status == 0, run.log[-1]

    def fail(self, late=False):
        """Have the hook fail; if late, after the key/value store is written."""
        unitdata.kv().flush(late)
        del hookenv._atexit[:]
        self._status = 1
        self._finish()

    def run(self, context):
        """Return the status of a hook that is over; the stand-in calls this."""
        return self._status

    def _begin(self, hook, run_layers=True):
        self.end()
        self.context = Context(self.model, self.unit, hook, {})
        for name in [name for name in os.environ if name.startswith('JUJU_')]:
            del os.environ[name]
        os.environ.update(self.context.env)
        # in Juju, each hook is a new process
        hookenv.cache.clear()
        RelationBase._cache.clear()
        for used in DATABAGS_USED:
            used.clear()
        if run_layers:
            hookenv._atstart.extend(AT_START)
            hookenv._run_atstart()

    def _finish(self):
        run = hookrun.execute(self.model, self.unit, self.context.hook)
        self._log += run.log
        self.context, self._status = None, 0
        return run

    def _hook(self, kind, relation_id, unit=''):
        local = self._local_relation(relation_id)
        forgotten = local.restarted and kind in ('created', 'broken')
        name = '{}-relation-{}'.format(relation_id.split(':')[0], kind)
        return Hook(name, kind, relation_id, unit,
                    '' if forgotten else local.relation.remote_app('local'),
                    unit if kind == 'departed' else '')

    def _start_process(self, argv, **options):
        check_arguments(argv)
        process = patched_popen(self.context)(argv, **options)
        if argv[0] == 'relation-set' and process.returncode == 0:
            words = [word for word in argv[3:] if word != '--app']
            writes = self.app_writes if '--app' in argv else self.writes
            writes.append((argv[2], dict(word.split('=', 1) for word in words)))
        return process

    # The model.

    def _local_relation(self, relation_id):
        """The agent's state of a relation; None if the agent does not know it."""
        return self.unit.local_relations.get(int(relation_id.split(':')[1]))

    def relation(self, relation_id):
        return self._local_relation(relation_id).relation

    def _app_databag(self, relation_id):
        relation = self.relation(relation_id)
        return relation.app_databags[relation.remote_app('local')]

    def listed_units(self, relation_id):
        """The remote units that the agent lists."""
        return sorted(self._local_relation(relation_id).members)

    def replace_data(self, relation_id, unit, data):
        """Replace a remote unit's data; no hook runs."""
        self.end()
        bag = self.relation(relation_id).unit_databags[unit]
        self.model.write(bag, {**dict.fromkeys(bag.data, ''), **data})

    def update_own_data(self, relation_id, data):
        """Change keys of this unit's data without the layer; '' deletes a key."""
        self.end()
        self.model.write(self.relation(relation_id).unit_databags[LOCAL], data)

    def replace_own_data(self, relation_id, data):
        """Replace this unit's data, without the layer, except Juju's own keys."""
        before = dict.fromkeys(self.own_data(relation_id), '')
        self.update_own_data(relation_id, {**before, **data})

    def update_own_app_data(self, relation_id, data):
        """Have another unit change keys of the local application's data."""
        self.end()
        self.model.write(self.relation(relation_id).app_databags['local'], data)

    def skip_created(self, relation_id, application='remote'):
        """Add a relation; its created hook is skipped."""
        self.end()
        name, _, number = relation_id.partition(':')
        used = [relation.endpoints for relation in self.model.relations.values()]
        for end in map('end-{}'.format, itertools.count()):
            ends = {application: end, 'local': name}
            if ends not in used:
                break
        relation = self.model.add_relation(ends, int(number))
        self.unit.local_relations[relation.number] = LocalRelation(relation)
        self.model.enter(relation, LOCAL, self.model.network(self.unit))

    def _enter_relation(self, relation_id, unit, data):
        """Have a remote unit enter a relation, which is added first if necessary."""
        if not self._local_relation(relation_id):
            self.skip_created(relation_id, unit.split('/')[0])
        relation = self.relation(relation_id)
        assert unit.split('/')[0] in relation.endpoints, 'unit of another application'
        self.model.enter(relation, unit, data or {})

    def skip_joined(self, relation_id, unit, data=None):
        """Have a remote unit join; its joined hook is skipped."""
        self.end()
        self._enter_relation(relation_id, unit, data)
        hookrun.commit(self.model, self.unit, self._hook('joined', relation_id, unit))

    def skip_departed(self, relation_id, unit):
        """Have a remote unit leave; its departed hook is skipped."""
        self.end()
        self.model.leave(self.relation(relation_id), unit)
        hookrun.commit(self.model, self.unit, self._hook('departed', relation_id, unit))

    def update_app_data(self, relation_id, data):
        """Change keys of the remote application's data; no hook runs."""
        self.end()
        self.model.write(self._app_databag(relation_id), data)

    def replace_app_data(self, relation_id, data):
        """Replace the remote application's data; no hook runs."""
        before = dict.fromkeys(self._app_databag(relation_id).data, '')
        self.update_app_data(relation_id, {**before, **data})

    def fail_tools(self, pattern, error='ERROR refused', status=1):
        """Have the hook-tool calls that match a pattern fail from now on."""
        self.model.fail_tools(LOCAL, pattern, error, status)

    def restore_tools(self):
        """End the hook, and undo `fail_tools`."""
        self.end()
        self.model.restore_tools(LOCAL)

    def lead(self, leads=True):
        """Make this unit, or another, the leader."""
        self.end()
        self.unit.app.leader = LOCAL if leads else 'local/1'

    def skip_changed(self, relation_id, unit, data):
        """Replace a remote unit's data; its changed hook is skipped."""
        self.relation_hook('changed', relation_id, unit, run_layers=False)
        self.replace_data(relation_id, unit, data)

    def force_remove_unit(self, relation_id, unit):
        """Remove a remote unit by force: Juju goes on listing it, and runs no hook."""
        self.end()
        self._local_relation(relation_id).unnoticed_removals.add(unit)
        self.model.leave(self.relation(relation_id), unit)

    def enter_unnoticed(self, relation_id, unit, data=None):
        """Have a remote unit enter a relation; Juju does not notice it."""
        self.end()
        self._enter_relation(relation_id, unit, data)

    def force_remove(self, relation_id):
        self.end()
        self.model.remove_relation(self.relation(relation_id), force=True)

    def restart_agent(self):
        self.end()
        self.model.restart_agent(LOCAL)

    def remove_without_hook(self, relation_id):
        """Remove a relation by force and restart the agent: no hook runs."""
        self.force_remove(relation_id)
        self.restart_agent()

    # Events.

    def created(self, relation_id, application='remote'):
        self.skip_created(relation_id, application)
        self.relation_hook('created', relation_id)

    def joined(self, relation_id, unit, data=None):
        self.end()
        self._enter_relation(relation_id, unit, data)
        self.relation_hook('joined', relation_id, unit)

    def changed(self, relation_id, unit, data=None):
        if data is not None:
            self.replace_data(relation_id, unit, data)
        self.relation_hook('changed', relation_id, unit)

    def application_changed(self, relation_id, data=None):
        if data is not None:
            self.replace_app_data(relation_id, data)
        self.relation_hook('changed', relation_id)

    def join(self, relation_id, unit, data=None):
        """Have a remote unit join: the joined hook, then its changed hook."""
        self.joined(relation_id, unit, data)
        self.changed(relation_id, unit)

    def departed(self, relation_id, unit):
        self.end()
        self.model.leave(self.relation(relation_id), unit)
        self.relation_hook('departed', relation_id, unit)

    def broken(self, relation_id):
        """End a relation that has no units."""
        self.end()
        self.model.remove_relation(self.relation(relation_id))
        self.relation_hook('broken', relation_id)

    def update_status(self):
        self.hook('update-status')

    # What remote units see after the hook.

    def own_data(self, relation_id):
        """This unit's data in a relation, without Juju's own keys."""
        self.end()
        own = self.relation(relation_id).unit_databags[LOCAL].data
        return {key: own[key] for key in own.keys() - self.model.network(self.unit)}

    def own_app_data(self, relation_id):
        """This unit's application's data in a relation."""
        self.end()
        return self.relation(relation_id).app_databags['local'].data


def conversation(juju, relation_id, unit, *flags, scope='unit'):
    """Store what an earlier layer, with conversations, stores for a unit's hook."""
    juju.relation_hook('changed', relation_id, unit, run_layers=False)
    joined = Conversation.join(scope)
    for flag in flags:
        joined.set_state('{relation_name}.' + flag)
    juju.end()
    return joined


def deploy_and_send(juju, side, name=ENDPOINT):
    """Deploy a side; a provider sends its details."""
    juju.deploy(side, name)
    if isinstance(side, Provides):
        side.send(juju.endpoint(name))


def deploy_with_notice(juju, side):
    """Have `remote/0` join a side; its notice is not dismissed."""
    deploy_and_send(juju, side)
    juju.join('zk:1', 'remote/0', side.remote_data(0))


def deploy_settled(juju, side, *units):
    """Have units join a side, and dismiss their notice.

    :param units: (relation ID, unit) of each; the first has `side.remote_data(0)`
    """
    deploy_and_send(juju, side)
    for number, (relation_id, unit) in enumerate(units):
        juju.join(relation_id, unit, side.remote_data(number))
    juju.endpoint().dismiss_joining()
    juju.hook('config-changed')
    juju.end()
    juju.writes.clear()


def assert_listed(juju, side, *numbers):
    """Assert that exactly the units with these addresses are usable.

    For a provider, assert only how many units are related: it lists no addresses.
    """
    if isinstance(side, Provides):
        relations = juju.endpoint().describe()['relations'].values()
        assert len({unit for relation in relations for unit, state
                    in relation['sources'].items() if state == {}}) == len(numbers)
    else:
        assert side.hosts(juju.endpoint()) == [
            '10.0.0.{}'.format(number) for number in numbers]
        assert len(numbers) > 0 or not juju.flags() & AVAILABLE
