"""A remote application and its units in one relation, as a test plays them."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .commands import network
from .state import Relation, Secret

if TYPE_CHECKING:
    from .local_unit import LocalUnit


class RemoteApplication:
    """A remote application in a relation of a LocalUnit."""

    def __init__(self, unit: LocalUnit, name: str, relation: Relation):
        self.name, self.relation = name, relation
        self._unit, self._model = unit, unit.model
        self._app = next(app for app in relation.endpoints if app != name)
        # the charm's peer relations have the first numbers
        self._subnet = relation.number + 1 - sum(
            other.peers for other in self._model.relations.values())

    # What the remote units and the application do.

    def set_unit_data(self, unit: str, data: dict[str, str]) -> None:
        """Change a unit's data; '' or None deletes a key.

        The first call adds the unit to the relation. `zk/0` of the first relation has
        the address 10.0.1.1, `zk/1` has 10.0.1.2, and so on.
        """
        if not re.fullmatch(re.escape(self.name) + '/[0-9]+', unit):
            raise ValueError('{0} is not a unit of {1}; the units are {1}/0, '
                             '{1}/1, ...'.format(unit, self.name))
        self._unit.changes(self.relation, unit)
        if unit not in self.relation.units:
            address = '10.0.{}.{}'.format(self._subnet, int(unit.split('/')[1]) + 1)
            self._model.enter(self.relation, unit,
                              network(address, self._model.profile))
        self._model.write(self.relation.unit_databags[unit], _text(data))

    def set_app_data(self, data: dict[str, str]) -> None:
        """Change the application's data; '' or None deletes a key."""
        self._unit.changes(self.relation, self.name)
        self._model.write(self.relation.app_databags[self.name], _text(data))

    def add_secret(self, content: dict[str, str]) -> Secret:
        """Add a secret that the charm's application can read; its `uri` names it."""
        self._unit.require_no_hook()
        secret = self._model.add_secret(self.name, **_text(content))
        self._model.grant_secret(secret, self._app, self.relation)
        return secret

    def revise_secret(self, secret: Secret, content: dict[str, str]) -> None:
        """Add a revision to a secret."""
        self._unit.require_no_hook()
        self._model.revise_secret(secret, **_text(content))

    def revoke_secret(self, secret: Secret) -> None:
        """Take back the permission to read a secret."""
        self._unit.require_no_hook()
        self._model.revoke_secret(secret, self._app)

    # What the charm has written.

    @property
    def received_data(self) -> dict[str, str]:
        """The data that the charm's unit has written, without Juju's own keys."""
        unit, = (name for name in self.relation.unit_databags
                 if name.split('/')[0] == self._app)
        return {key: value
                for key, value in self.relation.unit_databags[unit].data.items()
                if key not in self._model.network(self._model.unit(unit))}

    @property
    def received_app_data(self) -> dict[str, str]:
        """The data that the charm's application has written."""
        return self.relation.app_databags[self._app].data


def _text(data: dict[str, str]) -> dict[str, str]:
    return {key: '' if value is None else str(value) for key, value in data.items()}
