"""The commands of operators: methods in place of the `juju` command."""
from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from . import agent
from .build import CharmDirectory
from .databags import Databags
from .profile import Profile
from .state import Application, Charm, Relation, Unit, check_name

# the types of the values of each type of option in config.yaml
OPTION_TYPES = {'string': [str], 'secret': [str], 'int': [int], 'float': [int, float],
                'boolean': [bool]}


class Commands(Databags):
    """The applications, units and relations of a model, as operators change them."""

    # Applications.

    def deploy(self, name: str, charm: Charm, units: int = 1,
               config: dict[str, Any] | None = None) -> Application:
        """Deploy an application, and add its peer relations."""
        if name in self.apps:
            raise ValueError('the application {} is already deployed'.format(name))
        if charm.metadata.get('subordinate'):
            raise ValueError('{} is a subordinate charm, which the stand-in does not '
                             'simulate'.format(name))
        _check_options(charm, config or {})
        self.apps[name] = Application(name, charm, dict(config or {}))
        for endpoint in self._interfaces(name, 'peers'):
            self.add_relation({name: endpoint})
        for _ in range(units):
            self.add_unit(name)
        return self.apps[name]

    def set_config(self, app_name: str, /, **values: Any) -> None:
        """Change an application's configuration."""
        app = self._app(app_name)
        _check_options(app.charm, values)
        app.config.update(values)

    def upgrade(self, app_name: str, charm: Charm) -> None:
        app = self._app(app_name)
        # each class of built charms keeps a unit's state in another place
        classes = {type(each) for each in (app.charm, charm)
                   if isinstance(each, CharmDirectory)}
        if len(classes) > 1:
            raise ValueError('{} is deployed as {}: upgrade it to another one'.format(
                app_name, type(app.charm).__name__))
        app.charm = charm
        # Juju drops the values that the new charm does not accept
        app.settings = {name: value for name, value in app.settings.items()
                        if name in charm.config and _is_valid(charm, name, value)}

    def leader(self, app_name: str) -> str | None:
        """The leader: the unit set by `set_leader`, or the oldest unit.

        Units that are not dying come first.
        """
        app = self._app(app_name)
        if app.leader:
            return app.leader
        units = self._units_of(app_name)
        return next((unit.name for unit in units if not unit.dying),
                    units[0].name if units else None)

    def set_leader(self, unit_name: str) -> None:
        """Make a unit its application's leader, until it is removed."""
        self.unit(unit_name).app.leader = unit_name

    def _app(self, name: str) -> Application:
        check_name('application', name, self.apps, 'deployed')
        return self.apps[name]

    def _interfaces(self, app_name: str, role: str) -> dict[str, str]:
        """The interface of each endpoint in this section of metadata.yaml."""
        section = self._app(app_name).charm.metadata.get(role) or {}
        return {name: endpoint['interface'] for name, endpoint in section.items()}

    def _units_of(self, *app_names: str) -> list[Unit]:
        return [unit for unit in self.units.values() if unit.app.name in app_names]

    # Units.

    def unit(self, name: str) -> Unit:
        check_name('unit', name, self.units, 'units')
        return self.units[name]

    def _check_units(self, names: Iterable[str]) -> set[str]:
        """Return the names if all are the model's units."""
        if isinstance(names, str):
            raise ValueError('{0!r} is a string; pass a list: [{0!r}]'.format(names))
        return {self.unit(name).name for name in names}

    def add_unit(self, app_name: str) -> Unit:
        """Add one unit with an address of its own."""
        app = self._app(app_name)
        unit = Unit('{}/{}'.format(app_name, app.next_number), app, app.charm,
                    '10.0.{}.{}'.format(*divmod(self._next_host, 250)))
        app.next_number += 1
        self._next_host += 1
        self.units[unit.name] = unit
        return unit

    def set_address(self, unit_name: str, address: str | None) -> None:
        """Change a unit's address; None if it has no address yet."""
        self.unit(unit_name).address = address

    def remove_unit(self, unit_name: str, force: bool = False,
                    noticed_by: Iterable[str] = ()) -> None:
        """Remove a unit.

        With force, the unit runs no more hooks, and the agents of most other units
        notice only when they restart.

        :param noticed_by: units of the same model whose agents notice a forced removal
            at once
        """
        unit, noticed_by = self.unit(unit_name), self._check_units(noticed_by)
        unit.dying = True
        if not force and ('install' in unit.committed_hooks or unit.failed):
            return
        if force:
            for local in unit.local_relations.values():
                agent.hide_removal(self, unit_name, local.relation, noticed_by)
        self.delete_unit(unit)

    def delete_unit(self, unit: Unit) -> None:
        """Delete a unit at once: it leaves all its relations."""
        for local in list(unit.local_relations.values()):
            agent.forget(self, unit, local.relation)
        self.units.pop(unit.name, None)
        if unit.app.leader == unit.name:
            unit.app.leader = None

    def restart_agent(self, unit_name: str) -> None:
        """Restart a unit's agent; a running hook is killed and counts as failed."""
        agent.restart(self.unit(unit_name))

    def network(self, unit: Unit) -> dict[str, str]:
        """The addresses that Juju writes to a unit's data."""
        return network(unit.address, self.profile)

    # Relations.

    def relate(self, one: str, two: str, offered_by: str = '',
               unwatched_by: Iterable[str] = ()) -> Relation:
        """Relate two endpoints, each given as `application:endpoint`.

        :param offered_by: the application that offers its endpoint, if the applications
            are in different models. Then `goal-state` names no remote units, and agents
            notice only when they restart that a remote unit was removed.
        :param unwatched_by: units whose agents run only created, and do not notice the
            remote units until they restart. In Juju, this sometimes happens if a
            relation of the same endpoints has just been removed.
        """
        unwatched_by = self._check_units(unwatched_by)
        sides = sorted(
            (self._endpoint(one), self._endpoint(two)),
            key=lambda side: side[1] in self._interfaces(side[0], 'provides'))
        (requirer, required), (provider, provided) = sides
        interface = self._interfaces(provider, 'provides').get(provided)
        if provider == requirer or interface is None or (
                interface != self._interfaces(requirer, 'requires').get(required)):
            raise ValueError('{} and {} cannot be related: they need the same '
                             'interface, one in requires and one in provides'.format(
                                 one, two))
        endpoints = {requirer: required, provider: provided}
        if offered_by:
            check_name('application', offered_by, endpoints, 'related')
        if any(relation.endpoints == endpoints for relation in self.relations.values()):
            raise ValueError('{} and {} are still related'.format(one, two))
        relation = self.add_relation(endpoints, offered_by=offered_by)
        relation.unwatched_by.update(unwatched_by)
        return relation

    def _endpoint(self, text: str) -> tuple[str, str]:
        """Split `application:endpoint`."""
        app_name, _, endpoint = text.partition(':')
        names = {**self._interfaces(app_name, 'provides'),
                 **self._interfaces(app_name, 'requires')}
        check_name('endpoint', text, [app_name + ':' + name for name in names],
                   'endpoints')
        return app_name, endpoint

    def remove_relation(self, relation: Relation, force: bool = False,
                        noticed_by: Iterable[str] = (),
                        started_by: Iterable[str] = ()) -> None:
        """Remove a relation.

        With force, it is removed at once. Most agents notice only when they restart. In
        Juju it is random which agents notice earlier; here the caller chooses them.

        :param noticed_by: units whose agents notice a forced removal at once: they run
            the departed and broken hooks
        :param started_by: units whose agents had started a hook in the relation: the
            first departed, or, if no remote unit had joined, the one that was due. They
            run only that hook.
        """
        noticed_by = self._check_units(noticed_by)
        for name in self._check_units(started_by):
            unit = self.units[name]
            local = unit.local_relations.get(relation.number)
            if force and local:
                local.started_hook = agent.started_hook(unit, local)
        for unit in self._units_of(*relation.endpoints):
            local = unit.local_relations.get(relation.number)
            if force and local and unit.name not in noticed_by:
                local.force_removed = True
                relation.units.discard(unit.name)
        relation.dying = True
        if force:
            # units that have no agent here leave at once
            relation.units &= noticed_by
        if not relation.units:
            self.relations.pop(relation.number, None)

    def suspend(self, relation: Relation) -> None:
        """Suspend a relation: its units leave it, but it stays in the model."""
        relation.suspended = True

    def resume(self, relation: Relation) -> None:
        relation.suspended = False


def network(address: str | None, profile: Profile) -> dict[str, str]:
    """What Juju writes to the data of a unit with this address."""
    if address is None:
        return {}
    addresses = {'ingress-address': address,
                 'egress-subnets': str(ipaddress.ip_network(address))}
    if profile.private_address:
        addresses['private-address'] = address
    return addresses


def _check_options(charm: Charm, values: dict[str, Any]) -> None:
    for name, value in values.items():
        check_name('option', name, charm.config, 'options')
        if not _is_valid(charm, name, value):
            raise ValueError('the option {} has the type {}: {!r} is not a valid '
                             'value'.format(name, charm.option_types[name], value))


def _is_valid(charm: Charm, name: str, value: Any) -> bool:
    """Whether an option's value has its type; None for an option without a value."""
    kind = getattr(charm, 'option_types', {}).get(name)
    return not kind or value is None or type(value) in OPTION_TYPES[kind]
