"""A unit's view of Juju, over plain dict databags.

Only the leaves of hookenv are replaced. What lies above them is real: RelationBase
and its conversations, the flags, and the key/value store (in memory).

A test is a timeline. Each event changes the model and starts the hook that tells
of it, which ends the hook before; what the test does next happens inside of it.
"""
import collections
import copy
import importlib
import sys
from subprocess import CalledProcessError

from charmhelpers.core import hookenv
from charmhelpers.core import unitdata
from charms.reactive import RelationBase
from charms.reactive import endpoint_from_name
from charms.reactive import get_flags
from charms.reactive.relations import Conversation

LOCAL = 'local/0'
ENDPOINT = 'quorum'

CONNECTED = frozenset({'connected', 'joined'})
AVAILABLE = frozenset({'available', 'ready'})
JOINING = frozenset({'joining'})
DEPARTING = frozenset({'departing'})
NOTHING = frozenset()

# What Juju itself writes in this unit's settings.
OWN_ADDRESS = {'ingress-address': '10.9.9.9', 'private-address': '10.9.9.9'}


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

    def __init__(self, interface, name, listing, **wire):
        super().__init__(interface, 'requires', name)
        self.listing = listing
        self.wire = wire

    def settings(self, number):
        return dict(super().settings(number), **self.wire)

    def hosts(self, endpoint):
        return [found['host'] for found in getattr(endpoint, self.listing)()]


class Provides(Side):

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


class Juju:

    def __init__(self, monkeypatch):
        self.metadata = {'provides': {}, 'requires': {}}
        self.databags = {}      # {relation id: {unit: {key: value}}}
        self.members = {}       # {relation id: [remote unit]}, in order of joining
        self.logged = []        # (level, message)
        self.calls = collections.Counter()      # of hook tools, in this hook
        self.published = []     # (relation id, settings) of each relation-set
        self._running = False
        self._hidden = self._dying = None
        self._forget()
        for leaf in ('relation_ids', 'related_units', 'relation_get',
                     'relation_set'):
            monkeypatch.setattr(hookenv, leaf, self._counted(leaf))
        monkeypatch.setattr(hookenv, 'metadata', lambda: self.metadata)
        monkeypatch.setattr(hookenv, 'charm_dir', lambda: '/no/charm')
        monkeypatch.setattr(hookenv, 'local_unit', lambda: LOCAL)
        monkeypatch.setattr(hookenv, 'hook_name', lambda: self._hook)
        monkeypatch.setattr(hookenv, 'relation_type', lambda: self._relation)
        monkeypatch.setattr(hookenv, 'relation_id', lambda: self._rid)
        monkeypatch.setattr(hookenv, 'remote_unit', lambda: self._unit)
        monkeypatch.setattr(hookenv, 'log', self._log)
        monkeypatch.setattr(hookenv, 'cache', {})
        monkeypatch.setattr(hookenv, '_atstart', [])
        monkeypatch.setattr(hookenv, '_atexit', [])
        monkeypatch.setattr(RelationBase, '_cache', {})
        monkeypatch.setattr(sys, 'path', list(sys.path))
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
        return [message for level, message in self.logged
                if level == hookenv.WARNING]

    # Hooks.

    def hook(self, name, relation=None, rid=None, unit=None, follow=True):
        self.end()
        self._forget()
        self._hook, self._relation = name, relation
        self._rid, self._unit = rid, unit
        self._running = True
        if follow:
            hookenv._atstart.extend(AT_START)
            hookenv._run_atstart()

    def relation_hook(self, kind, rid, unit='', follow=True):
        """A hook of a relation; without a unit, Juju sets its variable empty."""
        relation = rid.split(':')[0]
        self.hook('{}-relation-{}'.format(relation, kind), relation, rid, unit,
                  follow)

    def action(self):
        """An action whose charm leaves the start of the framework out."""
        self.hook('dismiss', follow=False)

    def end(self):
        """The hook succeeds."""
        if self._running:
            hookenv._run_atexit()
            unitdata.kv().flush()
            for rid in self._pending:
                settings = self._own(rid)
                self.databags[rid][LOCAL].clear()
                self.databags[rid][LOCAL].update(settings)
            self._stop()

    def fail(self, late=False):
        """The hook fails; late, when the key/value store has been written."""
        unitdata.kv().flush(late)
        del hookenv._atexit[:]
        self._stop()

    def _stop(self):
        self._running = False
        self._pending = {}
        if self._dying:
            self.lose(self._dying)
        self._hidden = self._dying = None

    def _forget(self):
        self._hook = 'none'
        self._relation = self._rid = self._unit = None
        self._pending = {}
        self.calls.clear()
        hookenv.cache.clear()
        for interface in ('zookeeper', 'flume-agent'):
            layer(interface, 'recorded')._read.clear()      # a hook is a process

    # Events.

    def present(self, rid):
        """A relation, of which nobody was told."""
        self.databags[rid] = {LOCAL: dict(OWN_ADDRESS)}
        self.members[rid] = []

    def add(self, rid, unit, settings=None):
        """A unit in a relation, of which nobody was told."""
        if rid not in self.databags:
            self.present(rid)
        self.databags[rid][unit] = {} if settings is None else settings
        self.members[rid].append(unit)

    def leave(self, rid, unit):
        """A unit leaves, and nobody is told."""
        self.members[rid].remove(unit)

    def lose(self, rid):
        """A relation ends, and nobody is told."""
        del self.databags[rid], self.members[rid]

    def created(self, rid):
        self.present(rid)
        self.relation_hook('created', rid)

    def joined(self, rid, unit, settings=None):
        self.add(rid, unit, settings)
        self.relation_hook('joined', rid, unit)

    def changed(self, rid, unit, settings=None):
        if settings is not None:
            self.databags[rid][unit] = settings
        self.relation_hook('changed', rid, unit)

    def join(self, rid, unit, settings=None):
        """Joined, and the changed that always follows."""
        self.joined(rid, unit, settings)
        self.changed(rid, unit)

    def departed(self, rid, unit):
        self.leave(rid, unit)
        self.relation_hook('departed', rid, unit)

    def broken(self, rid, listed=False):
        """A relation without units ends; until Juju 3.4, it is still listed."""
        self.end()
        self._dying = rid
        self._hidden = None if listed else rid
        self.relation_hook('broken', rid)

    def update_status(self):
        self.hook('update-status')

    # What the hook tools say.

    def _counted(self, leaf):
        answer = getattr(self, '_' + leaf)

        def counted(*args, **kwargs):
            self.calls[leaf] += 1
            return copy.deepcopy(answer(*args, **kwargs))
        return counted

    def _relation_ids(self, reltype):
        return [rid for rid in self.databags
                if rid.split(':')[0] == reltype and rid != self._hidden]

    def _related_units(self, relid):
        if relid not in self.members:
            raise CalledProcessError(2, ['relation-list', '-r', relid])
        return self.members[relid]

    def _relation_get(self, attribute=None, unit=None, rid=None, app=None):
        assert attribute is None, 'a process for each key'
        if rid not in self.databags:
            return None
        if unit == LOCAL:
            return self._own(rid)
        name = app or unit
        if name not in self.databags[rid]:
            raise CalledProcessError(1, ['relation-get', '-r', rid, '-', name])
        return self.databags[rid][name]

    def _relation_set(self, relation_id, relation_settings):
        if relation_id not in self.databags:
            raise CalledProcessError(2, ['relation-set', '-r', relation_id])
        self.published.append((relation_id, relation_settings))
        self._pending.setdefault(relation_id, {}).update(relation_settings)

    def _own(self, rid):
        settings = dict(self.databags[rid][LOCAL], **self._pending.get(rid, {}))
        return {key: value for key, value in settings.items() if value != ''}

    def _log(self, message, level=None):
        self.logged.append((level, message))

    # What others see of this unit, when the hook has ended.

    def told(self, rid):
        """What this unit has published in a relation, without Juju's part."""
        self.end()
        return {key: value for key, value in self.databags[rid][LOCAL].items()
                if key not in OWN_ADDRESS}


def earlier(juju, rid, unit, *flags, scope='unit'):
    """What an earlier layer, with conversations, keeps of a unit that came."""
    juju.relation_hook('changed', rid, unit, follow=False)
    conversation = Conversation.join(scope)
    for flag in flags:
        conversation.set_state('{relation_name}.' + flag)
    juju.end()
    return conversation
