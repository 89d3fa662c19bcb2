"""A unit's view of Juju, which is that of an agent in the stand-in.

Replaced are only the leaves: processes, of which hook tools are the stand-in's, and
what hookenv takes from its environment. What lies above them is real: RelationBase,
the flags, and the key/value store (in memory).

A test is a timeline. Each event changes the model and starts the hook that tells
of it, which ends the hook before; what the test does next happens inside of it.
The units of the other side have no agents: they do what the test says.
"""
import collections
import importlib
import itertools
import os
import subprocess
import sys

from charmhelpers.core import hookenv
from charmhelpers.core import unitdata
from charms.reactive import RelationBase
from charms.reactive import endpoint_from_name
from charms.reactive import get_flags
from charms.reactive.relations import Conversation
from juju_standin import hookrun
from juju_standin.context import Context
from juju_standin.model import Model
from juju_standin.popen import answered_by
from juju_standin.state import Hook
from juju_standin.state import Known

LOCAL = 'local/0'
ENDPOINT = 'zk'

CONNECTED = frozenset({'connected', 'joined'})
AVAILABLE = frozenset({'available', 'ready'})
JOINING = frozenset({'joining'})
DEPARTING = frozenset({'departing'})
NOTHING = frozenset()


def layer(interface, module):
    return importlib.import_module('relations.{}.{}'.format(interface, module))


class Side:
    """One role of one interface: its class, and what makes it of use."""

    def __init__(self, interface, role, name):
        self.interface = interface
        self.role = role
        self.module = layer(interface, role)
        self.cls = getattr(self.module, name)
        self.id = name

    def settings(self, number):
        """What a remote unit of the other side publishes, Juju's part with it."""
        return {'ingress-address': '10.0.0.{}'.format(number)}


class Requires(Side):

    connected = CONNECTED

    def __init__(self, interface, name, listing, **wire):
        super().__init__(interface, 'requires', name)
        self.listing = listing
        self.wire = wire

    def settings(self, number):
        return dict(super().settings(number), **self.wire)

    def hosts(self, endpoint):
        return [found['host'] for found in getattr(endpoint, self.listing)()]


class Provides(Side):

    # it is ready before it has sent anything
    connected = CONNECTED | {'ready'}

    def __init__(self, interface, name, send, *details):
        super().__init__(interface, 'provides', name)
        self._send = send
        self._details = details

    def send(self, endpoint, variant=0):
        getattr(endpoint, self._send)(**self._details[variant])

    def wire(self, variant=0):
        """What there is to read when a variant has been sent."""
        return {key: str(value) for key, value in self._details[variant].items()}


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

# What is to run at the start of each hook, as importing all this registered it.
AT_START = list(hookenv._atstart)

# What the layers remember for the time of a hook.
TOUCHED = [layer(interface, 'juju').touched
           for interface in ('zookeeper', 'flume-agent')]


class Juju:
    """A model in which the unit `local/0` is the only one with an agent.

    It is that unit's charm too, whose hooks run from one event to the next.
    """

    def __init__(self, monkeypatch, release):
        self.metadata = {'provides': {}, 'requires': {}}
        self.config = {}
        self.model = Model(release)
        self.model.deploy('local', self)
        self.unit = self.model.unit(LOCAL)
        self.unit.address = '10.9.9.9'
        self.writes = []     # (relation id, settings) of each relation-set
        self.app_writes = []         # the same of each for its application
        self.context = None     # the running hook
        self._log = []
        self._status = 0
        # a hook has begun before the stand-in is asked to run it
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
        # layers are not looked for in reactive/, where Endpoints may be
        monkeypatch.setitem(sys.modules, 'reactive', None)
        monkeypatch.setattr(unitdata, '_KV', unitdata.Storage(':memory:'))

    # The charm.

    def declare(self, side, name=ENDPOINT):
        """Give the charm an endpoint."""
        self.metadata[side.role][name] = {'interface': side.interface}

    def deploy(self, side, *names):
        """Give the charm endpoints, and play its first hook."""
        for name in names or [ENDPOINT]:
            self.declare(side, name)
        self.hook('install')

    def endpoint(self, name=ENDPOINT):
        return endpoint_from_name(name)

    def flags(self, name=ENDPOINT):
        """The flags of an endpoint, without its name."""
        return {flag[len(name) + 1:] for flag in get_flags()
                if flag.startswith(name + '.')}

    def conversations(self):
        """What RelationBase has left in the key/value store."""
        return sorted(unitdata.kv().getrange('reactive.conversations.'))

    @property
    def warnings(self):
        log = self._log + (self.context.log if self.context else [])
        return [message for level, message in log if level == hookenv.WARNING]

    @property
    def calls(self):
        """Of hook tools in this hook, how many."""
        return collections.Counter(name for name, _ in self.context.calls
                                   if name != 'juju-log')

    # Hooks.

    def hook(self, name):
        self._begin(Hook(name, name))

    def relation_hook(self, kind, rid, unit='', follow=True):
        """A hook of a relation; without a unit, Juju sets its variable empty."""
        self.end()
        self._begin(self._hook(kind, rid, unit), follow)

    def action(self):
        """An action whose charm leaves the start of the framework out."""
        self._begin(Hook('dismiss', 'action'), follow=False)

    def end(self, flush=True):
        """The hook succeeds; an action of a charm may not flush its store."""
        if self.context:
            hookenv._run_atexit()
            unitdata.kv().flush(flush)
            run = self._finish()
            assert run.status == 0, run.log[-1]

    def fail(self, late=False):
        """The hook fails; late, when the key/value store has been written."""
        unitdata.kv().flush(late)
        del hookenv._atexit[:]
        self._status = 1
        self._finish()

    def run(self, context):
        """What the stand-in calls to have the hook run, when it is over."""
        return self._status

    def _begin(self, hook, follow=True):
        self.end()
        self.context = Context(self.model, self.unit, hook, {})
        for name in [name for name in os.environ if name.startswith('JUJU_')]:
            del os.environ[name]
        os.environ.update(self.context.env)
        # a hook is a process
        hookenv.cache.clear()
        RelationBase._cache.clear()
        for touched in TOUCHED:
            touched.clear()
        if follow:
            hookenv._atstart.extend(AT_START)
            hookenv._run_atstart()

    def _finish(self):
        run = hookrun.execute(self.model, self.unit, self.context.hook)
        self._log += run.log
        self.context, self._status = None, 0
        return run

    def _hook(self, kind, rid, unit=''):
        known = self._known(rid)
        forgotten = known.restarted and kind in ('created', 'broken')
        return Hook('{}-relation-{}'.format(rid.split(':')[0], kind), kind, rid, unit,
                    '' if forgotten else known.relation.other('local'),
                    unit if kind == 'departed' else '')

    def _start_process(self, argv, **options):
        process = answered_by(self.context)(argv, **options)
        if argv[0] == 'relation-set' and process.returncode == 0:
            words = [word for word in argv[3:] if word != '--app']
            published = self.app_writes if '--app' in argv else self.writes
            published.append((argv[2], dict(word.split('=', 1) for word in words)))
        return process

    # The model.

    def _known(self, rid):
        """What the agent knows of a relation, if it knows it."""
        return self.unit.known.get(int(rid.split(':')[1]))

    def relation(self, rid):
        return self._known(rid).relation

    def listed_units(self, rid):
        """The units that Juju lists."""
        return sorted(self._known(rid).members)

    def write_data(self, rid, unit, settings):
        """A unit publishes these settings, and nobody is told."""
        bag = self.relation(rid).bags[unit]
        self.model.write(bag, {**dict.fromkeys(bag.data, ''), **settings})

    def write_own_data(self, rid, settings):
        """This unit's own settings change, past the layer; '' deletes a key."""
        self.end()
        self.model.write(self.relation(rid).bags[LOCAL], settings)

    def skip_created(self, rid, application='remote'):
        """A relation, of which nobody was told."""
        name, _, number = rid.partition(':')
        for end in map('end-{}'.format, itertools.count()):
            ends = {application: end, 'local': name}
            if not any(other.ends == ends for other in self.model.relations.values()):
                break
        relation = self.model.add_relation(ends, int(number))
        self.unit.known[relation.number] = Known(relation)
        self.model.enter(relation, LOCAL, self.model.network(self.unit))

    def _enter(self, rid, unit, settings):
        """A unit enters a relation, which there may have to be first."""
        if not self._known(rid):
            self.skip_created(rid, unit.split('/')[0])
        relation = self.relation(rid)
        assert unit.split('/')[0] in relation.ends, 'it is of another application'
        self.model.enter(relation, unit, settings or {})

    def skip_joined(self, rid, unit, settings=None):
        """A unit in a relation, whose joined was skipped."""
        self._enter(rid, unit, settings)
        hookrun.commit(self.model, self.unit, self._hook('joined', rid, unit))

    def skip_departed(self, rid, unit):
        """A unit leaves, and its departed is skipped."""
        self.model.leave(self.relation(rid), unit)
        hookrun.commit(self.model, self.unit, self._hook('departed', rid, unit))

    def write_app_data(self, rid, settings):
        """The remote application publishes these settings, and nobody is told."""
        relation = self.relation(rid)
        bag = relation.app_bags[relation.other('local')]
        self.model.write(bag, {**dict.fromkeys(bag.data, ''), **settings})

    def lead(self, leads=True):
        """This unit leads its application from now on, or another does."""
        self.end()
        self.model.lead(LOCAL if leads else 'local/1')

    def skip_changed(self, rid, unit, settings):
        """A unit publishes these settings, and its changed is skipped."""
        self.relation_hook('changed', rid, unit, follow=False)
        self.write_data(rid, unit, settings)
        self.end()

    def force_remove(self, rid):
        """A relation is removed by force."""
        self.end()
        self.model.remove_relation(self.relation(rid), force=True)

    def restart_agent(self):
        """The agent of this unit restarts."""
        self.end()
        self.model.restart_agent(LOCAL)

    def remove_without_hook(self, rid):
        """A relation is removed by force, and the agent restarts."""
        self.force_remove(rid)
        self.restart_agent()

    # Events.

    def created(self, rid, application='remote'):
        self.end()
        self.skip_created(rid, application)
        self.relation_hook('created', rid)

    def joined(self, rid, unit, settings=None):
        self.end()
        self._enter(rid, unit, settings)
        self.relation_hook('joined', rid, unit)

    def changed(self, rid, unit, settings=None):
        self.end()
        if settings is not None:
            self.write_data(rid, unit, settings)
        self.relation_hook('changed', rid, unit)

    def application_changed(self, rid, settings=None):
        self.end()
        if settings is not None:
            self.write_app_data(rid, settings)
        self.relation_hook('changed', rid)

    def join(self, rid, unit, settings=None):
        """Joined, and the changed that always follows."""
        self.joined(rid, unit, settings)
        self.changed(rid, unit)

    def departed(self, rid, unit):
        self.end()
        self.model.leave(self.relation(rid), unit)
        self.relation_hook('departed', rid, unit)

    def broken(self, rid):
        """A relation without units ends."""
        self.end()
        self.model.remove_relation(self.relation(rid))
        self.relation_hook('broken', rid)

    def update_status(self):
        self.hook('update-status')

    # What others see of this unit, when the hook has ended.

    def own_data(self, rid):
        """What this unit has published in a relation, without Juju's part."""
        self.end()
        own = self.relation(rid).bags[LOCAL].data
        return {key: own[key] for key in own.keys() - self.model.network(self.unit)}

    def own_app_data(self, rid):
        """The same of what its application has published."""
        self.end()
        return self.relation(rid).app_bags['local'].data


def conversation(juju, rid, unit, *flags, scope='unit'):
    """What an earlier layer, with conversations, keeps of a unit that came."""
    juju.relation_hook('changed', rid, unit, follow=False)
    conversation = Conversation.join(scope)
    for flag in flags:
        conversation.set_state('{relation_name}.' + flag)
    juju.end()
    return conversation


def ready(juju, side, name=ENDPOINT):
    """Deployed, and having sent its details if it is to send any."""
    juju.deploy(side, name)
    if isinstance(side, Provides):
        side.send(juju.endpoint(name))


def settled(juju, side, *units):
    """Units that came and were dismissed, each given as (relation id, unit)."""
    ready(juju, side)
    for number, (rid, unit) in enumerate(units):
        juju.join(rid, unit, side.settings(number))
    juju.endpoint().dismiss_joining()
    juju.hook('config-changed')
    juju.end()
    juju.writes.clear()


def assert_listed(juju, side, *numbers):
    """Hold the list of a side that has one against the units' numbers."""
    if isinstance(side, Requires):
        assert side.hosts(juju.endpoint()) == [
            '10.0.0.{}'.format(number) for number in numbers]
        assert len(numbers) > 0 or not juju.flags() & AVAILABLE
