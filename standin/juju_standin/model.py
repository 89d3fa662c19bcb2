"""The model: the hooks that its units run."""
from __future__ import annotations

import random
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from . import agent, hookrun
from .operators import Operators
from .profile import PROFILES, Profile
from .state import Hook, HookRun, Relation, Unit, natural

# How often `settle` retries a hook that fails, and how many hooks it runs.
RETRIES = 5
PATIENCE = 20000


class HookFailed(Exception):
    """A hook that `Model.settle` gave up on."""

    def __init__(self, run: HookRun):
        super().__init__('{} of {} failed {} times\n{}'.format(
            run.hook, run.unit, run.attempt,
            '\n'.join('{}: {}'.format(*entry) for entry in run.log)))
        self.run = run


class Model(Operators):
    """A Juju model.

    Without a seed the first unit that is due a hook runs the first one due; with one,
    both are chosen at random.
    """

    def __init__(self, profile: str | Profile = '3.6',
                 seed: int | random.Random | None = None):
        super().__init__(PROFILES[profile] if isinstance(profile, str) else profile)
        self.random = (seed if seed is None or isinstance(seed, random.Random)
                       else random.Random(seed))
        self.observers: list[Callable[[HookRun], None]] = []
        # told what a charm does to a service, while its hook runs; of is-active
        # it says the answer, which without it is no
        self.on_service: Callable[[Unit, str, str], bool | None] | None = None
        self._failures: list[tuple[str, str, bool]] = []

    # What the tests ask.

    def unit(self, unit_name: str) -> Unit:
        return self.units[unit_name]

    def members(self, unit_name: str, relation: Relation) -> list[str]:
        """The units whose joined this unit's agent has committed."""
        known = self.unit(unit_name).known.get(relation.number)
        return sorted(known.members, key=natural) if known else []

    def pending(self, unit_name: str) -> list[Hook]:
        """The hooks that a unit's agent may run next: for each relation one at most.

        This is when agents look at the model: what came and went before is unseen.
        """
        self._look()
        return agent.due(self, self.unit(unit_name))

    def _look(self) -> None:
        for unit in self.units.values():
            agent.look(self, unit)

    # Running hooks.

    def run(self, unit_name: str, hook: Hook) -> HookRun:
        """Run one of the pending hooks."""
        due = self.pending(unit_name)
        if hook not in due:
            raise ValueError('{} is not due {}'.format(unit_name, hook))
        return hookrun.execute(self, self.unit(unit_name), due[due.index(hook)])

    def step(self) -> HookRun | None:
        """Run one hook of one unit; None when none is due."""
        names = sorted(self.units, key=natural)
        if self.random:
            self.random.shuffle(names)
        self._look()
        for name in names:
            hooks = agent.due(self, self.unit(name))
            if hooks:
                return self.run(name, self.random.choice(hooks) if self.random
                                else hooks[0])
        return None

    def settle(self) -> list[HookRun]:
        """Run hooks, failed ones again, until none is due."""
        runs: list[HookRun] = []
        for run in iter(self.step, None):
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
        return hookrun.execute(self, unit, Hook(name, name))

    def action(self, unit_name: str, name: str, /, **params: Any) -> HookRun:
        """Run an action."""
        return hookrun.execute(self, self.unit(unit_name), Hook(name, 'action'), params)

    def resolve(self, unit_name: str, retry: bool = True) -> HookRun | None:
        """Run a failed hook again, or take it as having run."""
        unit = self.unit(unit_name)
        if not unit.failed:
            raise ValueError('{} is not in error'.format(unit_name))
        if retry:
            return hookrun.execute(self, unit, unit.failed)
        hookrun.commit(self, unit, unit.failed)
        return None

    def fail_next(self, unit_name: str, hook_name_pattern: str = '*',
                  late: bool = True) -> None:
        """Have the next matching hook fail: before it does anything, or late,
        when its process has ended well and Juju has kept nothing of it yet."""
        self._failures.append((unit_name, hook_name_pattern, late))

    def asked_failure(self, unit: Unit, hook: Hook) -> tuple[str, str, bool] | None:
        """The failure that was asked for this hook; once."""
        for failure in self._failures:
            if failure[0] == unit.name and fnmatchcase(hook.name, failure[1]):
                self._failures.remove(failure)
                return failure
        return None

    def fail_tools(self, unit_name: str, pattern: str, error: str = 'ERROR refused',
                   status: int = 1) -> None:
        """Have hook tools of a unit fail, as when its controller is away.

        :param pattern: of command lines, such as 'relation-get*zk/0*' (fnmatch)
        """
        self.unit(unit_name).broken_tools.append((pattern, error, status))

    def mend_tools(self, unit_name: str) -> None:
        """End what `fail_tools` began."""
        self.unit(unit_name).broken_tools.clear()
