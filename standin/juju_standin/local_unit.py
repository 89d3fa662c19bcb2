"""One unit of a charm, for tests of handlers.

Each `with` block of the test runs as one of the unit's hooks.

Only this unit has an agent. The test says what remote units and applications do.
"""
from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import accept_any_distribution  # noqa: F401  before charms.reactive

from charmhelpers.core import hookenv, unitdata

from . import hookrun
from .build import CharmDirectory
from .context import Context
from .model import Model
from .process_state import ProcessState
from .remote_application import RemoteApplication
from .state import (
    RELATION_HOOKS, Hook, HookRun, LocalRelation, Relation, Secret, check_name,
    hook_names)

# the hooks in which the interface layers read the data of all relations
FULL_READ_HOOKS = ('update-status', 'upgrade-charm')
RELATION_HOOK = re.compile('(.+)-relation-({})'.format('|'.join(RELATION_HOOKS)))
# {kind of hook: (arguments that it needs, arguments that it accepts)}
ARGUMENTS = {'created': ((), ('app',)), 'joined': (('unit',), ('app',)),
             'changed': ((), ('unit', 'app')), 'departed': (('unit',), ('app',)),
             'broken': ((), ('app',)), 'secret-changed': (('secret',), ())}
NO_HOOK = ('no hook is running: flags, and methods of an endpoint, can only be used in '
           "a block such as `with juju_unit.hook('update-status'):`")


class NoHook:
    """Replaces the key/value store and the factory of endpoints between hooks."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(NO_HOOK)


class TestedCharm(CharmDirectory):
    """The charm of a LocalUnit.

    The test has already run the hook; `run` only passes its context to the model.
    """
    context: Context

    def run(self, context: Context) -> int:
        vars(context).update(vars(self.context))
        return 0


class LocalUnit:
    """A unit of the charm whose layer or built charm is in `source_dir`.

    :param charm_dir: an empty directory, which becomes the unit's charm directory
    """

    def __init__(self, source_dir: str | Path, charm_dir: str | Path):
        self._charm = TestedCharm(source_dir)
        self._charm_dir = Path(charm_dir).resolve()
        for entry in self._charm.path.iterdir():
            if not entry.name.startswith('.'):
                (self._charm_dir / entry.name).symlink_to(entry)
        self._name = self._charm.metadata['name']
        # the test says what a subordinate unit sees of its principal
        self._charm.metadata.pop('subordinate', None)
        self.model = Model()
        self.model.deploy(self._name, self._charm)
        self._unit = self.model.unit(self._name + '/0')
        self._store = unitdata.Storage(':memory:')
        self._hook_is_running = False
        # what the test has changed, and no hook has reported: (relation number, unit or
        # application)
        self._unreported: set[tuple[int, str]] = set()
        # the hooks that have run
        self.runs: list[HookRun] = []
        self.model.observers.append(self.runs.append)
        self._import_interface_layers()

    # Changes of the model, between hooks.

    def relate(self, endpoint: str, app_name: str) -> RemoteApplication:
        """Relate an endpoint of the charm to another application."""
        self.require_no_hook()
        check_name('endpoint', endpoint, self._interfaces(), 'endpoints')
        if app_name == self._name or self._interfaces()[endpoint][1] == 'peers':
            raise ValueError('{} cannot be related to {}: use a Model to test '
                             'peers'.format(endpoint, app_name))
        if self._missing_layer(endpoint):
            raise ValueError(self._missing_layer(endpoint))
        relation = self.model.add_relation({app_name: endpoint, self._name: endpoint})
        self._unit.local_relations[relation.number] = LocalRelation(relation)
        self.model.enter(relation, self._unit.name, self.model.network(self._unit))
        return RemoteApplication(self, app_name, relation)

    def set_config(self, **options: Any) -> None:
        self.require_no_hook()
        self.model.set_config(self._name, **options)

    def set_leader(self, leads: bool) -> None:
        """Make this unit or another one the leader. At first, this unit leads."""
        self.require_no_hook()
        # the other unit has no agent
        self._unit.app.leader = '{}/{}'.format(self._name, int(not leads))

    def require_no_hook(self) -> None:
        """Refuse a change that the running hook might not see."""
        if self._hook_is_running:
            raise RuntimeError('a hook is running: change the model after its block')

    def changes(self, relation: Relation, owner: str) -> None:
        """Note that the test changes data, which the next hook has to report."""
        self.require_no_hook()
        self._unreported.add((relation.number, owner))

    # Hooks.

    @contextlib.contextmanager
    def hook(self, name: str, unit: str = '', app: str = '',
             secret: Secret | None = None) -> Iterator[None]:
        """Run the block as a hook, after the interface layers have updated their flags.

        :param unit: the remote unit of a joined, changed or departed hook
        :param app: the application of a relation's other hooks; only necessary if the
            endpoint has several relations
        :param secret: the secret of a secret-changed hook
        """
        hook = self._find_hook(name, unit, app, secret)
        with self._running(hook, {}):
            hookenv._run_atstart()
            yield

    @contextlib.contextmanager
    def action(self, name: str, **params: Any) -> Iterator[None]:
        """Run the block as an action."""
        check_name('action', name, self._charm.actions, 'actions')
        with self._running(Hook(name, 'action'), params):
            yield

    @property
    def status(self) -> tuple[str, str]:
        return self._unit.status

    def _find_hook(self, name: str, unit: str, app: str, secret: Secret | None) -> Hook:
        # the unit has no storage
        names = hook_names(dict(self._charm.metadata, storage=None))
        check_name('hook', name, names, 'hooks')
        match = RELATION_HOOK.fullmatch(name)
        _check_arguments(name, match.group(2) if match else name,
                         unit=unit, app=app, secret=secret)
        if match:
            return self._relation_hook(*match.groups(), unit, app)
        return Hook(name, name, secret=secret.uri if secret else '',
                    version=secret.newest if secret else 0)

    def _relation_hook(self, endpoint: str, kind: str, unit: str, app: str) -> Hook:
        relation = self._find_relation(endpoint, unit.split('/')[0] or app)
        remote_app = relation.remote_app(self._name)
        remote_units = relation.units - {self._unit.name}
        if unit and unit not in remote_units:
            raise ValueError('{} is not in the relation: call set_unit_data() '
                             'first'.format(unit))
        if kind == 'broken' and remote_units:
            raise ValueError('run departed hooks first: ' + ', '.join(remote_units))
        bag = relation.databags(unit or remote_app)[unit or remote_app]
        return Hook('{}-relation-{}'.format(endpoint, kind), kind,
                    relation.id(self._name), unit, remote_app,
                    unit if kind == 'departed' else '', bag.version)

    def _find_relation(self, endpoint: str, app: str) -> Relation:
        found = [relation for relation in self.model.relations.values()
                 if relation.endpoints.get(self._name) == endpoint
                 and app in ('', relation.remote_app(self._name))]
        if len(found) != 1:
            raise ValueError('{} relations of {}{}'.format(
                len(found), endpoint, app and ' with ' + app))
        return found[0]

    @contextlib.contextmanager
    def _running(self, hook: Hook, params: dict[str, Any]) -> Iterator[None]:
        self.require_no_hook()
        unreported = set(self._unreported)
        self._check_changes_are_reported(hook)
        self._set_leaving(hook, True)
        context = self._charm.context = Context(self.model, self._unit, hook, params)
        with self._hook_state(context):
            self._hook_is_running = True
            try:
                yield
                hookenv._run_atexit()
                self._store.flush()
            except BaseException:
                self._set_leaving(hook, False)
                self._unreported = unreported
                raise
            finally:
                self._hook_is_running = False
                self._store.flush(False)    # a hook that failed changes nothing
        run = hookrun.execute(self.model, self._unit, hook, params)
        if run.status:
            raise RuntimeError('Juju does not commit {}: {}'.format(hook, run.log[-1]))

    def _set_leaving(self, hook: Hook, leaving: bool) -> None:
        """Let the unit or relation leave that the hook is about, or undo that."""
        if hook.kind == 'departed':
            units = self.model.relations[hook.number].units
            (units.discard if leaving else units.add)(hook.remote_unit)
        elif hook.kind == 'broken':
            self.model.relations[hook.number].dying = leaving

    def _check_changes_are_reported(self, hook: Hook) -> None:
        """Refuse a hook in which the interface layers would not see the changes."""
        reported = set()
        if hook.kind in ('joined', 'changed', 'departed'):
            reported = {(hook.number, hook.remote_unit or hook.remote_app)}
        if hook.name in FULL_READ_HOOKS:
            self._unreported.clear()
            self._list_all_units()
        elif self._unreported and not self._unreported & reported:
            names = sorted(name for _, name in self._unreported)
            raise ValueError('the charm does not know the changed data of {}: first '
                             'run the joined or changed hook, or update-status'.format(
                                 ', '.join(names)))
        self._unreported -= reported
        for local in self._unit.local_relations.values():
            local.cache = {}

    def _list_all_units(self) -> None:
        """Let relation-list name all units, as if their joined hooks had run."""
        for local in self._unit.local_relations.values():
            for name in local.relation.units - {self._unit.name}:
                local.members.setdefault(
                    name, local.relation.unit_databags[name].version)

    @contextlib.contextmanager
    def _hook_state(self, context: Context) -> Iterator[None]:
        """Set the global state that the hook's process would have."""
        registered = hookenv._atstart
        with ProcessState() as state:
            state.begin_hook(context, self._charm_dir, self._store, registered,
                             hookenv._atexit,
                             PATH=os.environ.get('PATH', context.env['PATH']))
            # modules that the block imports register what runs in later hooks
            state.callback(lambda: registered.extend([
                entry for entry in hookenv._atstart if entry not in registered]))
            yield

    def _interfaces(self) -> dict[str, tuple[str, str]]:
        """The interface and role of each endpoint."""
        return {name: (endpoint['interface'], role)
                for role in ('provides', 'requires', 'peers')
                for name, endpoint in (self._charm.metadata.get(role) or {}).items()}

    def _import_interface_layers(self) -> None:
        """Import the layers, which register what runs at the start of each hook."""
        for endpoint, (interface, _) in self._interfaces().items():
            missing = self._missing_layer(endpoint)
            # an endpoint needs no layer: the charm's own hooks can handle it
            if missing and 'interface:' + interface in self._charm.includes:
                raise ValueError(missing)

    def _missing_layer(self, endpoint: str) -> str:
        """Import an endpoint's layer; return an error message if there is none."""
        interface, role = self._interfaces()[endpoint]
        module = 'relations.{}.{}'.format(interface, role)
        try:
            importlib.import_module(module)
            return ''
        except ModuleNotFoundError as error:
            if error.name not in ('relations.' + interface, module):
                raise   # the layer imports a missing module
        return 'interface layer {0} not found: no {0}/{1}.py in {2}'.format(
            interface, role, ' or '.join(sys.modules['relations'].__path__))


def _check_arguments(hook_name: str, kind: str, **arguments: Any) -> None:
    needed, accepted = ARGUMENTS.get(kind, ((), ()))
    for name, value in arguments.items():
        if name in needed and not value:
            raise ValueError('{} needs the argument `{}`'.format(hook_name, name))
        if value and name not in needed + accepted:
            raise ValueError('{} has no argument `{}`'.format(hook_name, name))
