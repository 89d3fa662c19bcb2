"""The model: what operators do to it, and the hooks that its units run."""
from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from . import agent, hookrun
from .profile import PROFILES, Profile
from .state import (Application, Bag, Charm, Hook, HookRun, Relation, Unit,
                    fingerprint, natural)

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


class Databags:
    """The relations of a model, and who has published what in them."""

    def __init__(self, profile: Profile):
        self.profile = profile
        self.relations: dict[int, Relation] = {}
        self._next_version = 1
        self.next_relation = 0

    def add_relation(self, ends: dict[str, str], number: int | None = None) -> Relation:
        """Relate applications.

        :param ends: the endpoint of each, the requirer first
        :param number: of the relation, if it is not to be the next
        """
        number = self.next_relation if number is None else number
        self.next_relation = number + 1
        relation = self.relations[number] = Relation(number, ends)
        relation.app_bags = {app: Bag() for app in ends}
        return relation

    def enter(self, relation: Relation, unit_name: str,
              settings: dict[str, str]) -> None:
        """Have a unit take part in a relation.

        Agents do it for the units of the model; others come by this way.
        """
        relation.bags[unit_name] = Bag()
        relation.scope.add(unit_name)
        self.write(relation.bags[unit_name], settings)

    def leave(self, relation: Relation, unit_name: str) -> None:
        """Have a unit leave a relation; what it published stays readable."""
        relation.scope.discard(unit_name)
        if relation.dying and not relation.scope:
            self.relations.pop(relation.number, None)

    def write(self, bag: Bag, settings: dict[str, str]) -> dict[str, str | None]:
        """Change settings, '' deletes a key; what has changed, None if deleted."""
        changed = {key: value or None for key, value in settings.items()
                   if value != bag.data.get(key, '')}
        if changed:
            bag.data = {key: value for key, value in {**bag.data, **changed}.items()
                        if value is not None}
            bag.version = (fingerprint(bag.data) if self.profile.by_content
                           else self._next_version)
            self._next_version += 1
        return changed

    def set_app_data(self, relation: Relation, app_name: str, /,
                     **data: str) -> None:
        """Change an application's own data in a relation; '' deletes a key."""
        self.write(relation.app_bags[app_name], data)

    def settings(self, relation: Relation, unit_name: str) -> dict[str, str]:
        """A unit's settings, as committed; {} before it takes part."""
        return dict(relation.bags[unit_name].data
                    if unit_name in relation.bags else {})


class Operators(Databags):
    """What operators do to a model."""

    def __init__(self, profile: Profile):
        super().__init__(profile)
        self.apps: dict[str, Application] = {}
        self.units: dict[str, Unit] = {}
        self._next_host = 1

    def deploy(self, name: str, charm: Charm, units: int = 1,
               config: dict[str, Any] | None = None) -> Application:
        """Deploy an application, related to itself where it has peers."""
        self.apps[name] = Application(name, charm, {**charm.config,
                                                    **(config or {})})
        for end in self._ends(name, 'peers'):
            self.add_relation({name: end})
        for _ in range(units):
            self.add_unit(name)
        return self.apps[name]

    def add_unit(self, app_name: str) -> Unit:
        """Add one unit, with an address of its own."""
        app = self.apps[app_name]
        unit = Unit('{}/{}'.format(app_name, app.next_number), app, app.charm,
                    '10.0.{}.{}'.format(*divmod(self._next_host, 250)))
        app.next_number += 1
        self._next_host += 1
        self.units[unit.name] = unit
        return unit

    def set_address(self, unit_name: str, address: str | None) -> None:
        """Move a unit; None is a machine that has no address yet."""
        self.units[unit_name].address = address

    def set_config(self, app_name: str, /, **values: Any) -> None:
        """Change an application's configuration."""
        self.apps[app_name].config.update(values)

    def upgrade(self, app_name: str, charm: Charm) -> None:
        """Give an application's units other code."""
        self.apps[app_name].charm = charm

    def relate(self, one: str, two: str) -> Relation:
        """Relate two endpoints, each as `application:endpoint`."""
        sides = sorted((one.split(':'), two.split(':')),
                       key=lambda side: side[1] in self._ends(side[0], 'provides'))
        (user, user_end), (app, end) = sides
        interface = self._ends(app, 'provides').get(end)
        if app == user or interface is None or (
                interface != self._ends(user, 'requires').get(user_end)):
            raise ValueError('{} and {} do not fit'.format(one, two))
        ends = {user: user_end, app: end}
        if any(relation.ends == ends for relation in self.relations.values()):
            raise ValueError('{} and {} are still related'.format(one, two))
        return self.add_relation(ends)

    def _ends(self, app_name: str, role: str) -> dict[str, str]:
        section = self.apps[app_name].charm.metadata.get(role) or {}
        return {name: end['interface'] for name, end in section.items()}

    def remove_relation(self, relation: Relation, force: bool = False,
                        heard: Iterable[str] = (), begun: Iterable[str] = ()) -> None:
        """Remove a relation; with force, what its units notice is up to chance.

        Most notice nothing until their agent restarts: to them it becomes a ghost.

        :param heard: units that run their departed and broken hooks all the same
        :param begun: units that have begun with their next departed hook, and run it
        """
        relation.dying = True
        for unit in self._units_of(*relation.ends):
            known = unit.known.get(relation.number)
            if force and known and unit.name not in heard:
                if unit.name in begun:
                    known.begun = agent.departed(unit, known)
                known.ghost = True
                relation.scope.discard(unit.name)
        if force:
            # nobody asks what became of the units of which no agent runs here
            relation.scope &= set(heard)
        if not relation.scope:
            self.relations.pop(relation.number, None)

    def suspend(self, relation: Relation) -> None:
        """Suspend a relation: its units leave it, and it stays."""
        relation.suspended = True

    def resume(self, relation: Relation) -> None:
        """Take up a suspended relation again."""
        relation.suspended = False

    def remove_unit(self, unit_name: str, force: bool = False,
                    heard: Iterable[str] = ()) -> None:
        """Remove a unit; with force it runs no other hook.

        Then most others notice only when their agent restarts.

        :param heard: units that notice at once
        """
        unit = self.units[unit_name]
        unit.dying = True
        if not force and ('install' in unit.done or unit.failed):
            return
        for other in self.units.values():
            for number in unit.known.keys() & other.known.keys():
                if force and other.name not in (unit_name, *heard):
                    other.known[number].missed.add(unit_name)
        self.take_away(unit)

    def restart_agent(self, unit_name: str) -> None:
        """Restart a unit's agent; a hook that it is running counts as failed."""
        agent.restart(self.units[unit_name])

    def leader(self, app_name: str) -> str | None:
        """Who was told to lead; else the oldest unit that is not going away, or if all
        are, the oldest."""
        if app_name in self.apps and self.apps[app_name].leader:
            return self.apps[app_name].leader
        units = self._units_of(app_name)
        return next((unit.name for unit in units if not unit.dying),
                    units[0].name if units else None)

    def lead(self, unit_name: str) -> None:
        """Have a unit lead its application, whoever Juju would choose."""
        self.apps[unit_name.split('/')[0]].leader = unit_name

    def _units_of(self, *app_names: str) -> list[Unit]:
        return [unit for unit in self.units.values()
                if unit.app.name in app_names]

    def take_away(self, unit: Unit) -> None:
        """Have a unit be gone: it leaves what relations it is still in."""
        for known in list(unit.known.values()):
            agent.forget(self, unit, known.relation)
        self.units.pop(unit.name, None)

    def network(self, unit: Unit) -> dict[str, str]:
        """What Juju writes in a unit's settings."""
        if unit.address is None:
            return {}
        settings = {'ingress-address': unit.address,
                    'egress-subnets': str(ipaddress.ip_network(unit.address))}
        if self.profile.private_address:
            settings['private-address'] = unit.address
        return settings


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
        for unit in self.units.values():
            agent.look(self, unit)
        return agent.due(self, self.unit(unit_name))

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
