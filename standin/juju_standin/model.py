"""A Juju model: runs the hooks of its units."""
from __future__ import annotations

import random
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from . import agent, hookrun
from .hooktools import TOOLS
from .profile import PROFILES, Profile
from .secrets import Secrets
from .state import (
    REPEATABLE_HOOKS, Application, Hook, HookRun, Relation, Secret, Unit, check_name,
    check_pattern, hook_names, natural_order)

# How often `settle` retries a failing hook, and how many hooks it runs at most.
MAX_RETRIES = 5
MAX_HOOKS = 20000


class HookFailed(Exception):
    """`Model.settle` stopped retrying a hook."""

    def __init__(self, run: HookRun):
        super().__init__('{} of {} failed {} times\n{}'.format(
            run.hook, run.unit, run.attempt,
            '\n'.join('{}: {}'.format(*entry) for entry in run.log)))
        self.run = run


class RequestedFailure(NamedTuple):
    """A failure that a test has requested: see `Model.fail_next`."""
    unit: str
    pattern: str
    late: bool


class Model(Secrets):
    """A Juju model.

    Without a seed, `step` runs the first due hook of the first unit that has one. With
    a seed, it chooses the unit and the hook at random.
    """

    def __init__(self, profile: str | Profile = '3.6', seed: int | None = None):
        if isinstance(profile, str):
            check_name('release of Juju', profile, PROFILES, 'releases')
            profile = PROFILES[profile]
        self.profile = profile
        self.apps: dict[str, Application] = {}
        self.units: dict[str, Unit] = {}
        self.relations: dict[int, Relation] = {}    # by number
        self.secrets: dict[str, Secret] = {}        # by ID
        self.next_relation, self._next_secret = 0, 1
        self._next_host = self._next_version = 1
        self.random = None if seed is None else random.Random(seed)
        # called after each hook
        self.observers: list[Callable[[HookRun], None]] = []
        # Called with the unit, action and service when a charm calls systemctl. It
        # returns whether the service is active. Without this function, none is.
        self.on_service: Callable[[Unit, str, str], bool | None] | None = None
        self._requested_failures: list[RequestedFailure] = []
        # {(application, resource): path}
        self.resources: dict[tuple[str, str], str] = {}
        # {unit: {storage ID, such as data/0: location}}
        self.storage: dict[str, dict[str, str]] = {}

    # Queries for tests.

    def members(self, unit_name: str, relation: Relation) -> list[str]:
        """The remote units whose joined hook this unit's agent has committed."""
        local = self.unit(unit_name).local_relations.get(relation.number)
        return sorted(local.members, key=natural_order) if local else []

    def pending(self, unit_name: str) -> list[Hook]:
        """The hooks that a unit's agent may run next, at most one for each relation.

        First, all agents check the model, and units enter their new relations. Agents
        do not notice relations that were added and removed since the last check.
        """
        self._check_model()
        return agent.due(self, self.unit(unit_name))

    def _check_model(self) -> None:
        for unit in self.units.values():
            agent.check_model(self, unit)

    # Running hooks.

    def run(self, unit_name: str, hook: Hook) -> HookRun:
        """Run one of the due hooks."""
        due = self.pending(unit_name)
        if hook not in due:
            raise ValueError('{} is not due in {}'.format(hook, unit_name))
        return hookrun.execute(self, self.unit(unit_name), due[due.index(hook)])

    def step(self) -> HookRun | None:
        """Run one hook of one unit; return None if none is due."""
        names = sorted(self.units, key=natural_order)
        if self.random:
            self.random.shuffle(names)
        self._check_model()
        for name in names:
            hooks = agent.due(self, self.unit(name))
            if hooks:
                hook = self.random.choice(hooks) if self.random else hooks[0]
                return hookrun.execute(self, self.unit(name), hook)
        return None

    def settle(self) -> list[HookRun]:
        """Run hooks until none is due; retry hooks that fail."""
        runs: list[HookRun] = []
        for run in iter(self.step, None):
            runs.append(run)
            if run.status and run.attempt > MAX_RETRIES:
                raise HookFailed(run)
            if len(runs) > MAX_HOOKS:
                raise RuntimeError('gave up after {} hooks; the last was {} in '
                                   '{}'.format(len(runs), run.hook, run.unit))
        return runs

    def dispatch(self, unit_name: str, name: str) -> HookRun:
        """Run a unit hook again that is not due, such as update-status."""
        unit = self.unit(unit_name)
        check_name('unit hook', name, REPEATABLE_HOOKS, 'unit hooks')
        if unit.failed or unit.dying or 'start' not in unit.committed_hooks:
            raise ValueError('{} cannot run {}: it is not started, in error, or '
                             'dying'.format(unit_name, name))
        return hookrun.execute(self, unit, Hook(name, name))

    def action(self, unit_name: str, name: str, /, **params: Any) -> HookRun:
        unit = self.unit(unit_name)
        actions = getattr(unit.charm, 'actions', None)
        if actions is not None:
            check_name('action', name, actions, 'actions')
        return hookrun.execute(self, unit, Hook(name, 'action'), params)

    def resolve(self, unit_name: str, retry: bool = True) -> HookRun | None:
        """Retry a failed hook, or skip it."""
        unit = self.unit(unit_name)
        if not unit.failed:
            raise ValueError('{} is not in error'.format(unit_name))
        if retry:
            return hookrun.execute(self, unit, unit.failed)
        hookrun.commit(self, unit, unit.failed)
        return None

    # Failures that tests request.

    def fail_next(self, unit_name: str, hook_name_pattern: str = '*',
                  late: bool = True) -> None:
        """Make the next matching hook fail.

        :param late: whether the charm runs first, and Juju then does not commit the
            hook; otherwise the charm does not run at all
        """
        unit = self.unit(unit_name)
        names = {*hook_names(unit.charm.metadata), *hook_names(unit.app.charm.metadata),
                 *getattr(unit.charm, 'actions', ())}
        check_pattern('hook', hook_name_pattern, names, 'hooks')
        self._requested_failures.append(
            RequestedFailure(unit.name, hook_name_pattern, late))

    def take_requested_failure(self, unit: Unit, hook: Hook) -> RequestedFailure | None:
        """Remove and return the failure that was requested for this hook, if any."""
        for failure in self._requested_failures:
            if failure.unit == unit.name and fnmatchcase(hook.name, failure.pattern):
                self._requested_failures.remove(failure)
                return failure
        return None

    def fail_tools(self, unit_name: str, pattern: str, error: str = 'ERROR refused',
                   status: int = 1) -> None:
        """Make a unit's hook tools fail, as if its controller were unreachable.

        :param pattern: matches command lines, such as 'relation-get*zk/0*' (fnmatch)
        """
        unit = self.unit(unit_name)
        name, star, _ = pattern.partition(' ')[0].partition('*')
        check_pattern('hook tool', name + star, TOOLS, 'hook tools')
        unit.failing_tools.append((pattern, error, status))

    def restore_tools(self, unit_name: str) -> None:
        """Undo `fail_tools`."""
        self.unit(unit_name).failing_tools.clear()
