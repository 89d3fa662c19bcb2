"""The model, and the agent of each unit.

Which hooks a unit is due is found as Juju finds it: the model is compared with
what the unit's agent has committed. Nothing is queued, so changes coalesce, and
a unit that came and went unseen leaves no trace.
"""
from __future__ import annotations

import ipaddress
import random
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import Any, Callable, Protocol

from .profile import PROFILES, Profile
from .tools import Context

# How often `settle` retries a hook that fails, and how many hooks it runs.
RETRIES = 5
PATIENCE = 20000


class Charm(Protocol):
    """Anything that can be deployed."""
    metadata: dict[str, Any]        # metadata.yaml
    config: dict[str, Any]          # config.yaml's defaults

    def run(self, context: Context) -> int:
        """Run one hook or action; its exit status."""


class HookFailed(Exception):
    """A hook that `Model.settle` gave up on."""

    def __init__(self, run: HookRun):
        super().__init__('{} of {} failed {} times\n{}'.format(
            run.hook, run.unit, run.attempt,
            '\n'.join('{}: {}'.format(*entry) for entry in run.log)))
        self.run = run


def natural(name: str) -> list:
    """A sort key by which `zk/2` comes before `zk/10`."""
    return [int(part) if part.isdigit() else part
            for part in re.split('([0-9]+)', name)]


@dataclass(frozen=True)
class Hook:
    """One hook, or action, of a unit."""
    name: str                       # 'zookeeper-relation-joined'
    kind: str                       # 'joined'; else 'action', or the name
    relation_id: str | None = None  # as this unit knows the relation
    remote_unit: str = ''
    remote_app: str = ''
    departing_unit: str = ''
    # what the hook tells of: of the remote unit's settings, or the application's
    version: int = field(default=0, compare=False)

    def __str__(self) -> str:
        about = self.remote_unit or self.remote_app or self.relation_id
        return '{} ({})'.format(self.name, about) if about else self.name


@dataclass
class HookRun:
    """What came of one run of a hook or action."""
    unit: str
    hook: Hook
    attempt: int
    status: int
    # of the hook tools: (name, arguments)
    calls: list[tuple[str, list[str]]]
    # (level, message)
    log: list[tuple[str, str]]
    # {(relation id, unit or application): {key: value, or None if deleted}}
    written: dict[tuple[str, str], dict[str, str | None]]
    # (action, service)
    services: list[tuple[str, str]]
    # of an action
    results: dict[str, str]
    failure: str | None


@dataclass
class Bag:
    """A unit's or an application's settings in one relation."""
    data: dict[str, str] = field(default_factory=dict)
    version: int = 0


@dataclass(eq=False)
class Relation:
    """A relation of two applications, or of one application's units: of peers."""
    number: int
    ends: dict[str, str]                # endpoint by application
    bags: dict[str, Bag] = field(default_factory=dict)      # of units
    app_bags: dict[str, Bag] = field(default_factory=dict)
    scope: set[str] = field(default_factory=set)    # units that take part
    dying: bool = False

    def id(self, app: str) -> str:
        """What the units of one side call it."""
        return '{}:{}'.format(self.ends[app], self.number)

    def other(self, app: str) -> str:
        """The application at the other end; among peers, the same one."""
        return next((name for name in self.ends if name != app), app)


@dataclass
class Known:
    """What a unit's agent has committed of one relation."""
    relation: Relation
    address: str | None = None      # as it was published
    created: bool = False
    members: dict[str, int] = field(default_factory=dict)   # version last seen
    app_version: int = 0
    changed_pending: str = ''       # joined, and changed must follow
    # settings of members as they were read, until the next joined or changed
    cache: dict[str, dict[str, str]] = field(default_factory=dict)
    app_cache: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(eq=False)
class Application:
    """An application; its units are in `Model.units`."""
    name: str
    charm: Charm
    config: dict[str, Any]
    leader_settings: dict[str, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)


@dataclass(eq=False)
class Unit:
    """A unit, its agent and its machine."""
    name: str
    app: Application
    charm: Charm                    # the code that the agent has unpacked
    address: str | None
    status: tuple[str, str] = ('unknown', '')
    version: str = ''
    ports: set[str] = field(default_factory=set)
    charm_dir: str | None = None
    disk: dict[str, Any] = field(default_factory=dict)      # the charm's own
    dying: bool = False
    # what the agent has committed
    done: set[str] = field(default_factory=set)
    config_seen: Any = None
    known: dict[int, Known] = field(default_factory=dict)
    failed: Hook | None = None
    attempts: int = 0


class Model:
    """A Juju model.

    Without a seed the first unit that is due a hook runs the first one due, in
    the order of Juju's resolver; with one, both are chosen at random.
    """

    def __init__(self, profile: str | Profile = '3.6',
                 seed: int | random.Random | None = None):
        self.profile = PROFILES[profile] if isinstance(profile, str) else profile
        self.random = (seed if seed is None or isinstance(seed, random.Random)
                       else random.Random(seed))
        self.apps: dict[str, Application] = {}
        self.units: dict[str, Unit] = {}
        self.relations: dict[int, Relation] = {}
        self.observers: list[Callable[[HookRun], None]] = []
        # told what a charm does to a service, while its hook runs; of is-active
        # it says the answer, which without it is no
        self.on_service: Callable[[Unit, str, str], bool | None] | None = None
        self._failures: list[tuple[str, str, bool]] = []
        self._versions = count(1)
        self._relation_numbers = count()
        self._hosts = count(1)

    # What an operator does.

    def deploy(self, name: str, charm: Charm, units: int = 1,
               config: dict[str, Any] | None = None) -> Application:
        """Deploy an application, related to itself where it has peers."""
        self.apps[name] = Application(name, charm, {**charm.config,
                                                    **(config or {})})
        for end in self._ends(name, 'peers'):
            self._add_relation({name: end})
        for _ in range(units):
            self.add_unit(name)
        return self.apps[name]

    def add_unit(self, app_name: str) -> Unit:
        """Add one unit, with an address of its own."""
        app = self.apps[app_name]
        host = next(self._hosts)
        unit = Unit('{}/{}'.format(app_name, next(app.numbers)), app, app.charm,
                    '10.0.{}.{}'.format(*divmod(host, 250)))
        self.units[unit.name] = unit
        return unit

    def set_address(self, unit_name: str, address: str | None) -> None:
        """Move a unit; None is a machine that has no address yet."""
        self.unit(unit_name).address = address

    def set_config(self, app_name: str, /, **values: Any) -> None:
        """Change an application's configuration."""
        self.apps[app_name].config.update(values)

    def upgrade(self, app_name: str, charm: Charm) -> None:
        """Give an application's units other code."""
        self.apps[app_name].charm = charm

    def relate(self, one: str, two: str) -> Relation:
        """Relate two endpoints, each as `application:endpoint`."""
        (app, end), (other_app, other_end) = sorted(
            (one.split(':'), two.split(':')),
            key=lambda side: side[1] not in self._ends(side[0], 'provides'))
        interface = self._ends(app, 'provides').get(end)
        if app == other_app or interface is None or (
                interface != self._ends(other_app, 'requires').get(other_end)):
            raise ValueError('{} and {} do not fit'.format(one, two))
        ends = {app: end, other_app: other_end}
        if any(relation.ends == ends for relation in self.relations.values()):
            raise ValueError('{} and {} are still related'.format(one, two))
        relation = self._add_relation(ends)
        for unit in self.units.values():
            self._enter_scope(unit)
        return relation

    def remove_relation(self, relation: Relation, force: bool = False) -> None:
        """Remove a relation; with force it is gone without another hook."""
        relation.dying = True
        if force:
            for unit in self._units_of(*relation.ends):
                self._forget(unit, relation)
        self._sweep()

    def remove_unit(self, unit_name: str, force: bool = False) -> None:
        """Remove a unit; with force it runs no other hook."""
        unit = self.unit(unit_name)
        unit.dying = True
        if force or 'install' not in unit.done and not unit.failed:
            self._remove(unit)
        self._sweep()

    def set_app_data(self, relation: Relation, app_name: str, /,
                     **data: str) -> None:
        """Change an application's own data in a relation; '' deletes a key."""
        self._write(relation.app_bags[app_name], data)

    # What the tests ask.

    def unit(self, unit_name: str) -> Unit:
        return self.units[unit_name]

    def settings(self, relation: Relation, unit_name: str) -> dict[str, str]:
        """A unit's settings, as committed; {} before it takes part."""
        return dict(relation.bags[unit_name].data
                    if unit_name in relation.bags else {})

    def members(self, unit_name: str, relation: Relation) -> list[str]:
        """The units whose joined this unit's agent has committed."""
        known = self.unit(unit_name).known.get(relation.number)
        return sorted(known.members, key=natural) if known else []

    def leader(self, app_name: str) -> str | None:
        """The oldest unit that is not going away."""
        return next((unit.name for unit in self._units_of(app_name)
                     if not unit.dying), None)

    # Running hooks.

    def pending(self, unit_name: str) -> list[Hook]:
        """The hooks that a unit's agent may run next, in its resolver's order."""
        unit = self.unit(unit_name)
        if unit.failed:
            return [unit.failed]
        if 'install' not in unit.done:
            return [Hook('install', 'install')]
        related = [hook for number in sorted(unit.known)
                   for hook in self._relation_hooks(unit, unit.known[number])]
        if unit.dying:
            if unit.known:
                return related
            kind = 'remove' if 'stop' in unit.done else 'stop'
            return [Hook(kind, kind)]
        if unit.charm is not unit.app.charm:
            return [Hook('upgrade-charm', 'upgrade-charm')]
        due = []
        if (self.leader(unit.app.name) == unit.name
                and 'leader-elected' not in unit.done):
            due.append('leader-elected')
        if unit.config_seen != self._config(unit):
            due.append('config-changed')
        if 'start' not in unit.done:
            created = [hook for hook in related if hook.kind == 'created']
            return created + [Hook(kind, kind) for kind in (due or ['start'])[:1]]
        return [Hook(kind, kind) for kind in due] + related

    def run(self, unit_name: str, hook: Hook) -> HookRun:
        """Run one of the pending hooks."""
        if hook not in self.pending(unit_name):
            raise ValueError('{} is not due {}'.format(unit_name, hook))
        return self._execute(self.unit(unit_name), hook)

    def step(self) -> HookRun | None:
        """Run one hook of one unit; None when none is due."""
        names = sorted(self.units, key=natural)
        if self.random:
            self.random.shuffle(names)
        for name in names:
            hooks = self.pending(name)
            if hooks:
                return self.run(name, self.random.choice(hooks) if self.random
                                else hooks[0])
        return None

    def settle(self) -> list[HookRun]:
        """Run hooks, failed ones again, until none is due."""
        runs: list[HookRun] = []
        while run := self.step():
            runs.append(run)
            if run.status and run.attempt > RETRIES:
                raise HookFailed(run)
            if len(runs) > PATIENCE:
                raise RuntimeError('{} hooks, the last {} of {}: no end'.format(
                    len(runs), run.hook, run.unit))
        return runs

    def dispatch(self, unit_name: str, name: str) -> HookRun:
        """Run a unit hook that nothing has to prompt, like update-status."""
        unit = self.unit(unit_name)
        if unit.failed or unit.dying or 'start' not in unit.done:
            raise ValueError('{} runs no {} now'.format(unit_name, name))
        return self._execute(unit, Hook(name, name))

    def action(self, unit_name: str, name: str, /, **params: Any) -> HookRun:
        """Run an action."""
        return self._execute(self.unit(unit_name), Hook(name, 'action'), params)

    def resolve(self, unit_name: str, retry: bool = True) -> HookRun | None:
        """Run a failed hook again, or take it as having run."""
        unit = self.unit(unit_name)
        if not unit.failed:
            raise ValueError('{} is not in error'.format(unit_name))
        if retry:
            return self._execute(unit, unit.failed)
        self._commit(unit, unit.failed)
        return None

    def fail_next(self, unit_name: str, hook_name_pattern: str = '*',
                  late: bool = True) -> None:
        """Have the next matching hook fail: before it does anything, or late,
        when its process has ended well and Juju has kept nothing of it yet."""
        self._failures.append((unit_name, hook_name_pattern, late))

    # Inside.

    def _add_relation(self, ends: dict[str, str]) -> Relation:
        relation = Relation(next(self._relation_numbers), ends)
        relation.app_bags = {app: Bag() for app in ends}
        self.relations[relation.number] = relation
        return relation

    def _ends(self, app_name: str, role: str) -> dict[str, str]:
        section = self.apps[app_name].charm.metadata.get(role) or {}
        return {name: end['interface'] for name, end in section.items()}

    def _units_of(self, *app_names: str) -> list[Unit]:
        return [unit for unit in self.units.values()
                if unit.app.name in app_names]

    @staticmethod
    def _config(unit: Unit) -> Any:
        # a moved address fires config-changed as well
        return dict(unit.app.config), unit.address

    def _relation_hooks(self, unit: Unit, known: Known) -> list[Hook]:
        relation = known.relation
        remote_app = relation.other(unit.app.name)
        going = relation.dying or unit.dying

        def hook(kind: str, remote_unit: str = '', version: int = 0) -> Hook:
            return Hook(
                '{}-relation-{}'.format(relation.ends[unit.app.name], kind), kind,
                relation.id(unit.app.name), remote_unit,
                # Juju may leave it out here, so nobody may need it
                '' if kind == 'broken' else remote_app,
                '' if kind != 'departed' else
                unit.name if unit.dying else remote_unit, version)

        if not known.created:
            return [] if going else [hook('created')]
        if known.changed_pending:
            name = known.changed_pending
            return [hook('changed', name, relation.bags[name].version)]
        present = {} if going else {
            name: relation.bags[name].version for name in relation.scope
            if name.split('/')[0] == remote_app and name != unit.name}
        departed = [hook('departed', name)
                    for name in sorted(known.members, key=natural)
                    if name not in present]
        if going:
            return departed or [hook('broken')]
        app_version = relation.app_bags[remote_app].version
        # a leader is not told what its own application has set
        own = self.leader(remote_app) == unit.name
        changed = ([hook('changed', version=app_version)]
                   if app_version != known.app_version and not own else [])
        here = sorted(present.items(), key=lambda item: natural(item[0]))
        return changed + departed + [
            hook('joined', name, version) for name, version in here
            if name not in known.members] + [
            hook('changed', name, version) for name, version in here
            if known.members.get(name, version) != version]

    def _execute(self, unit: Unit, hook: Hook,
                 params: dict[str, Any] | None = None) -> HookRun:
        attempt = 1 if hook.kind == 'action' else unit.attempts + 1
        if hook.kind in ('install', 'upgrade-charm'):
            unit.charm = unit.app.charm
        context = Context(self, unit, hook, params or {})
        failure = next((entry for entry in self._failures
                        if entry[0] == unit.name
                        and fnmatchcase(hook.name, entry[1])), None)
        if failure:
            self._failures.remove(failure)
            context.log.append(('ERROR', 'failure asked for by the test'))
        status = 0
        if not failure or failure[2]:
            status = unit.charm.run(context)
        status = status or bool(failure)
        written = {} if status else self._flush(context)
        run = HookRun(unit.name, hook, attempt, int(status), context.calls,
                      context.log, written, context.services, context.results,
                      context.failure)
        if hook.kind == 'action':
            pass        # it is never retried, and leaves its unit as it was
        elif status:
            unit.failed, unit.attempts = hook, attempt
        else:
            self._commit(unit, hook)
            if hook.kind == 'config-changed':
                self._publish_address(unit)
        for observer in self.observers:
            observer(run)
        return run

    def _flush(self, context: Context) -> dict:
        """Keep what a hook that succeeded has set."""
        unit, written = context.unit, {}
        unit.ports = context.ports
        for (number, owner), settings in context.buffered.items():
            if number not in self.relations:
                continue
            relation = self.relations[number]
            bags = relation.bags if owner == unit.name else relation.app_bags
            changed = self._write(bags[owner], {
                key: value for key, value in settings.items()
                if key not in self.profile.reserved})
            if changed:
                written[relation.id(unit.app.name), owner] = changed
        return written

    def _write(self, bag: Bag, settings: dict[str, str]) -> dict:
        changed = {key: value or None for key, value in settings.items()
                   if value != bag.data.get(key, '')}
        if changed:
            bag.data = {key: value for key, value in {**bag.data, **changed}.items()
                        if value is not None}
            bag.version = next(self._versions)
        return changed

    def _commit(self, unit: Unit, hook: Hook) -> None:
        """Take a hook as having run, whether it has or was skipped."""
        unit.failed, unit.attempts = None, 0
        if hook.relation_id:
            self._commit_relation(unit, hook)
        else:
            unit.done.add(hook.kind)
        if hook.kind == 'config-changed':
            unit.config_seen = self._config(unit)
        elif hook.kind == 'upgrade-charm':
            unit.config_seen = None     # config-changed follows
        elif hook.kind == 'install':
            self._enter_scope(unit)
        elif hook.kind == 'remove':
            self._remove(unit)
        self._sweep()

    def _commit_relation(self, unit: Unit, hook: Hook) -> None:
        known = unit.known[int(hook.relation_id.split(':')[1])]
        if hook.kind == 'created':
            known.created = True
        elif hook.kind == 'joined':
            known.members[hook.remote_unit] = hook.version
            known.changed_pending = hook.remote_unit
        elif hook.kind == 'changed' and hook.remote_unit:
            known.members[hook.remote_unit] = hook.version
            known.changed_pending = ''
        elif hook.kind == 'changed':
            known.app_version = hook.version
        elif hook.kind == 'departed':
            del known.members[hook.remote_unit]
        elif hook.kind == 'broken':
            self._forget(unit, known.relation)

    def _enter_scope(self, unit: Unit) -> None:
        """Have a unit take part in relations that are new to its agent."""
        if unit.dying or 'install' not in unit.done:
            return
        for relation in self.relations.values():
            if unit.app.name not in relation.ends or relation.dying \
                    or relation.number in unit.known:
                continue
            unit.known[relation.number] = Known(relation)
            relation.bags[unit.name] = Bag()
            relation.scope.add(unit.name)
            self._publish_address(unit)

    def _publish_address(self, unit: Unit) -> None:
        """Write a unit's address where its relations do not have it."""
        for known in unit.known.values():
            if unit.address in (None, known.address):
                continue
            known.address = unit.address
            network = ipaddress.ip_network(unit.address)
            settings = {'ingress-address': unit.address,
                        'egress-subnets': str(network)}
            if self.profile.private_address:
                settings['private-address'] = unit.address
            self._write(known.relation.bags[unit.name], settings)

    def _forget(self, unit: Unit, relation: Relation) -> None:
        """Have a unit's agent know nothing of a relation any more."""
        relation.scope.discard(unit.name)
        if unit.known.pop(relation.number, None) and unit.failed \
                and unit.failed.relation_id == relation.id(unit.app.name):
            unit.failed, unit.attempts = None, 0

    def _remove(self, unit: Unit) -> None:
        for known in list(unit.known.values()):
            self._forget(unit, known.relation)
        del self.units[unit.name]

    def _sweep(self) -> None:
        """What follows from things going away."""
        if not any(thing.dying for things in (self.relations, self.units)
                   for thing in things.values()):
            return
        for relation in list(self.relations.values()):
            for unit in self._units_of(*relation.ends):
                known = unit.known.get(relation.number)
                if not known or not (relation.dying or unit.dying):
                    continue
                if unit.dying:
                    # to the others it is gone from the moment that it has to go
                    relation.scope.discard(unit.name)
                if not known.created and not (
                        unit.failed and unit.failed.relation_id
                        == relation.id(unit.app.name)):
                    self._forget(unit, relation)
            if relation.dying and not any(relation.number in unit.known
                                          for unit in self.units.values()):
                del self.relations[relation.number]
