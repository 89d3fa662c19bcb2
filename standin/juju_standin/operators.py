"""What operators do to a model."""
from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from . import agent
from .profile import Profile
from .secrets import Secrets
from .state import Application, Charm, Relation, Unit


class Applications(Secrets):
    """The applications and units of a model."""

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

    def _ends(self, app_name: str, role: str) -> dict[str, str]:
        section = self.apps[app_name].charm.metadata.get(role) or {}
        return {name: end['interface'] for name, end in section.items()}

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
        """Have a unit lead its application from now on, whatever becomes of it."""
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


class Operators(Applications):
    """What is done to its relations besides."""

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
                if unit.name in begun and known.members:
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
