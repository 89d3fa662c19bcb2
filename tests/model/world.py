"""One unit in the stand-in's model, and remote units that have no agents.

A state is the model with the unit's key/value store and what its charm was told. It is
kept pickled; and told from others by a text, in which nothing matters but what could
make a difference to what happens next.
"""
from __future__ import annotations

import functools
import pickle
import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from juju_standin.model import Model
from juju_standin.profile import PROFILES, Profile
from juju_standin.state import Bag, Hook, Known, Relation, Unit, fingerprint

from . import later
from .runner import VERSION, Answer, Call, Outcome, Process, Runner, Store

UNIT = 'explored/0'
OTHER = 0       # the number of the relation with another endpoint
ROLES = {'ZookeeperProvides': ('zookeeper', 'provides'),
         'ZookeeperRequires': ('zookeeper', 'requires'),
         'FlumeProvides': ('flume-agent', 'provides'),
         'FlumeRequires': ('flume-agent', 'requires')}

# The remote applications, each related by one relation at a time, and their units.
REMOTE = {'a': ('a/2', 'a/10'), 'b': ('b/0',), 'c': ('c/0',)}
# What a remote unit publishes. Details are data that the layers only compare.
SILENT, FIRST, SECOND, SPOILED = 'silent', 'first', 'second', 'spoiled'
BAGS = (SILENT, FIRST, SECOND, SPOILED)

# The port that stands for each of the details that a unit can publish, and for those
# that the explored unit does, or that somebody writes into its databag.
_UNITS = [unit for units in REMOTE.values() for unit in units]
PORTS = {unit: {SILENT: '', FIRST: '51{}1'.format(i), SECOND: '51{}2'.format(i),
                SPOILED: '2181\nclean=up'} for i, unit in enumerate(_UNITS)}
OWN_PORTS = {FIRST: '5201', SECOND: '5202', 'foreign': '5203'}
ADDRESSES = {unit: '10.0.0.{}'.format(i) for i, unit in enumerate(_UNITS, 10)}
PORT = re.compile(r'\b(?:51\d|520)[12]\b')     # see later.py too
RELATION_ID = re.compile(r'\bep:\d+')

# In what the releases of Juju differ. Nobody here writes a reserved key, or uses a tool
# that one of them lacks before asking which one this is.
DIFFERENCES = {field.name for field in fields(Profile)
               if field.name not in ('name', 'version', 'reserved', 'missing_tools')
               and len({getattr(profile, field.name)
                        for profile in PROFILES.values()}) > 1}


class Release:
    """A release of Juju, that notes what it was asked in which they differ."""

    def __init__(self, profile: Profile):
        self._profile = profile
        self.asked: set[str] = set()
        for field in fields(Profile):
            if field.name not in DIFFERENCES:
                setattr(self, field.name, getattr(profile, field.name))

    def __getattr__(self, name: str) -> Any:
        if name in DIFFERENCES:
            self.asked.add(name)
        return getattr(self._profile, name)


class Ran(NamedTuple):
    """One run of the charm."""
    hook: Hook
    outcome: Outcome
    calls: list[Call]
    seen: Any


# A model is pickled without its charms.
CHARMS: dict[str, Charm] = {}


def _charm(name: str) -> Charm:
    return CHARMS[name]


class Charm:
    """The explored unit's charm, or that of the applications without agents."""

    config: dict[str, Any] = {}

    def __init__(self, name: str, metadata: dict[str, Any],
                 runner: Runner | None = None):
        self.name, self.metadata, self.runner = name, metadata, runner
        self.provides = 'ep' in metadata['provides']
        self.interface = {**metadata['provides'],
                          **metadata['requires']}['ep']['interface']
        CHARMS[name] = self
        self.store: Store = ()
        self.plan: tuple = ()
        # is told how the charm asks, what it asked, and in which hook
        self.witness: Any = lambda *_: None
        self.ran: Ran | None = None

    def __reduce__(self) -> tuple:
        return _charm, (self.name,)

    def run(self, context: Any) -> int:
        """Run a hook, or what an action calls without charms.reactive.main."""
        env = tuple(sorted((name, value) for name, value in context.env.items()
                           if name in ENVIRONMENT))
        process = Process(self.store, env, self.plan, context.hook.kind == 'action')

        def ask(*command: str) -> Answer:
            if command == VERSION:
                context.model.profile.asked.add('secrets')
                return 0, b'3' if later.has_secrets(context.model) else b'2', b''
            return context.call(list(command))

        outcome, calls = self.runner.run(process, ask)
        self.store = outcome.store
        calls = [call for call in calls if call[0] != VERSION]
        seen = self.witness(ask, calls, outcome.before, context.hook)
        self.ran = Ran(context.hook, outcome, calls, seen)
        return int(outcome.error is not None)


# What the charm sees of its environment.
ENVIRONMENT = frozenset({
    'JUJU_UNIT_NAME', 'JUJU_HOOK_NAME', 'JUJU_ACTION_NAME', 'JUJU_RELATION',
    'JUJU_RELATION_ID', 'JUJU_REMOTE_UNIT', 'JUJU_REMOTE_APP', 'JUJU_DEPARTING_UNIT'})


def network(unit: str, profile: Any) -> dict[str, str]:
    """What Juju writes in a remote unit's settings."""
    settings = {'ingress-address': ADDRESSES[unit],
                'egress-subnets': ADDRESSES[unit] + '/32'}
    if profile.private_address:
        settings['private-address'] = ADDRESSES[unit]
    return settings


def first(charm: Charm) -> Model:
    """The model before anything is related to the endpoint."""
    model = Model()
    model.deploy('explored', charm, units=1)
    # in which the explored unit runs hooks of another endpoint
    other = model.add_relation({'explored': 'other', 'other': 'other'}, OTHER)
    model.enter(other, 'other/0', {})
    model.settle()
    # or each release would write it in its own way, which makes no difference
    model.units[UNIT].address = model.units[UNIT].config_seen = None
    model.dispatch(UNIT, 'config-changed')
    return model


class Releases:
    """Pickles models without their release, which is given anew."""

    def __init__(self, names: Sequence[str]):
        self._releases = {name: Release(PROFILES[name]) for name in names}

    def freeze(self, model: Model) -> bytes:
        release, model.profile = model.profile, None
        frozen = pickle.dumps(model, pickle.HIGHEST_PROTOCOL)
        model.profile = release
        return frozen

    def thaw(self, frozen: bytes, name: str) -> Model:
        model = pickle.loads(frozen)
        model.profile = self._releases[name]
        model.profile.asked.clear()
        return model


# What is the same in two states, as text.

# What the settings of a remote unit were in any version that an agent may remember, if
# versions say it.
_VERSIONS = {
    fingerprint({**network(unit, profile), **({'port': port} if port else {}),
                 **extra}): port
    for unit, ports in PORTS.items() for port in ports.values()
    for profile in PROFILES.values() for extra in ({}, {'protocol': 'avro'})}


def text(model: Model, charm: Charm, told: str) -> str:
    """All that could make a difference to what comes, with names given in order.

    Which relation is the second and not the third matters as little as which of two
    details came first.
    """
    unit = model.units[UNIT]
    parts = [_relation(relation, unit) for _, relation
             in sorted(model.relations.items()) if relation.number != OTHER]
    parts += later.text(model, unit)
    parts += [_known(known, number in unit.created)
              for number, known in sorted(unit.known.items()) if number != OTHER]
    parts.append(told)
    if unit.failed:
        parts.append(_failed(model, unit, unit.failed))
    return _renamed('\n'.join(parts), charm.store)


def _failed(model: Model, unit: Unit, hook: Hook) -> str:
    version = ''
    if hook.relation_id and hook.number in unit.known:
        bags = unit.known[hook.number].relation.bags
        version = _version(bags.get(hook.remote_unit), hook.version)
    return str((hook.name, hook.relation_id, hook.remote_unit, version)) + (
        later.failed(model, unit, hook))


def _relation(relation: Relation, unit: Unit) -> str:
    # of who left only what the agent may still have to tell of
    listed = {UNIT, *relation.scope}
    if relation.number in unit.known:
        listed |= unit.known[relation.number].members.keys()
    if unit.failed and unit.failed.relation_id == relation.id('explored'):
        listed.add(unit.failed.remote_unit)
    bags = [(name, _settings(relation.bags[name].data), name in relation.scope)
            for name in sorted(listed & relation.bags.keys())]
    return str((relation.id('explored'), bags, relation.dying, relation.suspended,
                *later.data(relation)))


def _known(known: Known, created: bool) -> str:
    relation = known.relation
    members = [(name, _version(relation.bags.get(name), known.members[name]))
               for name in sorted(known.members)]
    cache = [(name, _settings(known.cache[name])) for name in sorted(known.cache)]
    return str((relation.id('explored'), created, members, cache,
                known.changed_pending, known.ghost, known.begun and
                known.begun.remote_unit, sorted(known.missed), known.restarted,
                known.was_dying)) + later.heard(known)


def _settings(settings: dict[str, str]) -> list[tuple[str, str]]:
    """Without what only says by which release they were written."""
    return sorted((key, value) for key, value in settings.items()
                  if key in ('port', 'protocol', 'host'))


def _version(bag: Bag | None, version: int) -> str:
    if bag and bag.version == version:
        return 'now'
    return _VERSIONS.get(version, 'before')


def _renamed(text: str, store: Store) -> str:
    rids = sorted(set(RELATION_ID.findall(text)), key=lambda rid: int(rid[3:]))
    details: dict[str, str] = {}
    for port in PORT.findall(text):
        details.setdefault(port[:-1], port)
    names = tuple(rids), tuple(details.values())
    return _with_names(text, names) + _store(store, names)


def _with_names(text: str, names: tuple[tuple[str, ...], ...]) -> str:
    rids, details = names
    for i, rid in enumerate(rids):
        if rid != 'ep:{}'.format(i):
            # never to one that is still to be renamed: they are in order
            text = re.sub(r'\b{}\b'.format(rid), 'ep:{}'.format(i), text)
    for port in details:
        if port[-1] == '2':
            one = port[:-1] + '1'
            text = one.join(part.replace(one, port) for part in text.split(port))
    return text


@functools.cache
def _store(store: Store, names: tuple[tuple[str, ...], ...]) -> str:
    text = '\n'.join(map(' '.join, store))
    if '"request": null' in text:
        text = _OF_ASKING.sub('', text)
    return _with_names(text, names)


# It makes no difference to a client that asks for nothing, but in what it logs.
_OF_ASKING = re.compile(r'"earlier": true, |"unasked": "[^"]*"(, )?')
