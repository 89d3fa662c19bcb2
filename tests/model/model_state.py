"""The model that is explored: one unit, and remote units that have no agents.

This module has the initial model, the charm of the explored unit, and a store of models
that loads them with any release of Juju.
"""
from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from juju_standin.commands import network
from juju_standin.model import Model
from juju_standin.profile import PROFILES, Profile
from juju_standin.state import Hook

from .app_data_servers import (EXPLORED, FIRST, INVALID, NOTHING, SECOND,
                               has_secrets)
from .hook_runner import (VERSION_QUERY, Answer, Call, HookRunner, ProcessInput,
                          ProcessResult, Store)

UNIT = 'explored/0'
OTHER = 0       # the number of the relation of another endpoint, `other`
# The classes of the layers: (interface, role).
CLASSES = {'ZookeeperProvides': ('zookeeper', 'provides'),
           'ZookeeperRequires': ('zookeeper', 'requires'),
           'FlumeProvides': ('flume-agent', 'provides'),
           'FlumeRequires': ('flume-agent', 'requires')}

# The remote applications and their units. Each application has one relation at a time.
REMOTE_UNITS = {'a': ('a/2', 'a/10'), 'b': ('b/0',), 'c': ('c/0',)}
# The unit data that a remote unit can publish. The first and second differ; the layers
# only compare them.
UNIT_DATA = (NOTHING, FIRST, SECOND, INVALID)

# A port stands for all details: PORTS are published by remote units. OWN_PORTS are sent
# by the explored unit's charm, or written to its databag by an operator ('foreign').
_UNITS = [unit for units in REMOTE_UNITS.values() for unit in units]
PORTS = {unit: {NOTHING: '', FIRST: '51{}1'.format(i), SECOND: '51{}2'.format(i),
                INVALID: '2181\nclean=up'} for i, unit in enumerate(_UNITS)}
OWN_PORTS = {FIRST: '5201', SECOND: '5202', 'foreign': '5203'}
ADDRESSES = {unit: '10.0.0.{}'.format(i) for i, unit in enumerate(_UNITS, 10)}

# The properties in which the releases of Juju differ, without those that make no
# difference here: remote units write no reserved keys, the layers call hook tools that
# a release lacks only after a query for the version, they do not use the variables, and
# goal-state names no units of another model, whatever it calls their application.
NOT_COUNTED = ('name', 'version', 'reserved_keys', 'missing_tools', 'variables',
               'offer_name')
DIFFERENCES = {field.name for field in fields(Profile) if field.name not in NOT_COUNTED
               and len({getattr(profile, field.name)
                        for profile in PROFILES.values()}) > 1}
# The environment variables that the charm uses.
ENVIRONMENT = frozenset({
    'JUJU_UNIT_NAME', 'JUJU_HOOK_NAME', 'JUJU_ACTION_NAME', 'JUJU_RELATION',
    'JUJU_RELATION_ID', 'JUJU_REMOTE_UNIT', 'JUJU_REMOTE_APP', 'JUJU_DEPARTING_UNIT'})


class Release:
    """A release of Juju that records which of its DIFFERENCES were queried."""

    def __init__(self, profile: Profile):
        self._profile = profile
        self.queried: set[str] = set()
        for field in fields(Profile):
            if field.name not in DIFFERENCES:
                setattr(self, field.name, getattr(profile, field.name))

    def __getattr__(self, name: str) -> Any:
        if name in DIFFERENCES:
            self.queried.add(name)
        return getattr(self._profile, name)


class ModelStore:
    """Stores models as bytes without their release; loads them with any release."""

    def __init__(self, names: Sequence[str]):
        self._releases = {name: Release(PROFILES[name]) for name in names}

    def dump(self, model: Model) -> bytes:
        release, model.profile = model.profile, None
        data = pickle.dumps(model, pickle.HIGHEST_PROTOCOL)
        model.profile = release
        return data

    def load(self, data: bytes, name: str) -> Model:
        model = pickle.loads(data)
        model.profile = self._releases[name]
        model.profile.queried.clear()
        return model


class CharmRun(NamedTuple):
    """One run of the charm."""
    hook: Hook
    result: ProcessResult
    calls: list[Call]
    answers: Any        # hook_answers.Answers


class Charm:
    """The explored unit's charm."""

    config: dict[str, Any] = {}
    current: Charm      # the newest instance; a stored model only refers to it

    def __init__(self, runner: HookRunner):
        self.runner, self.metadata = runner, runner.metadata
        self.provides = 'ep' in self.metadata['provides']
        self.interface = {**self.metadata['provides'],
                          **self.metadata['requires']}['ep']['interface']
        Charm.current = self
        self.store: Store = ()
        self.handler_calls: tuple = ()
        # Collects the answers that matter for the invariants. The arguments are a
        # function that runs hook tools, the charm's calls, how many of them preceded
        # the handlers, and the hook.
        self.read_answers: Any = lambda *_: None
        self.last_run: CharmRun | None = None

    def __reduce__(self) -> tuple:
        return _current_charm, ()

    def run(self, context: Any) -> int:
        """Run a hook, or an action that does not call charms.reactive.main."""
        env = tuple(sorted((name, value) for name, value in context.env.items()
                           if name in ENVIRONMENT))
        given = ProcessInput(self.store, env, self.handler_calls,
                             context.hook.kind == 'action')

        def run_tool(*command: str) -> Answer:
            if command == VERSION_QUERY:
                context.model.profile.queried.add('secrets')
                return 0, b'3' if has_secrets(context.model) else b'2', b''
            return context.call(list(command))

        result, calls = self.runner.run(given, run_tool)
        self.store = result.store
        calls = [call for call in calls if call[0] != VERSION_QUERY]
        answers = self.read_answers(run_tool, calls, result.calls_before_handlers,
                                    context.hook)
        self.last_run = CharmRun(context.hook, result, calls, answers)
        return int(result.error is not None)


def _current_charm() -> Charm:
    return Charm.current


def network_data(unit: str, profile: Any) -> dict[str, str]:
    """The data that Juju writes in a remote unit's databag."""
    return network(ADDRESSES[unit], profile)


def initial_model(charm: Charm) -> Model:
    """The model before the first relation of the explored endpoint."""
    model = Model()
    model.deploy(EXPLORED, charm, units=1)
    # for hooks of another endpoint
    other = model.add_relation({EXPLORED: 'other', 'other': 'other'}, OTHER)
    model.enter(other, 'other/0', {})
    model.settle()
    # without an address: each release would write it in its own way
    model.units[UNIT].address = model.units[UNIT].config_seen = None
    model.dispatch(UNIT, 'config-changed')
    return model
