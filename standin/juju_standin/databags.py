"""The relations of a model and their databags."""
from __future__ import annotations

from .state import Databag, Relation, check_name, fingerprint


class Databags:
    """The relations of a model, and the data of their units and applications.

    This class, Commands and Secrets are parts of Model, which has their attributes.
    """

    def add_relation(self, endpoints: dict[str, str], number: int | None = None,
                     offered_by: str = '') -> Relation:
        """Relate applications.

        :param endpoints: the endpoint of each application, the requirer first
        :param number: the relation's number; by default the next one
        :param offered_by: see `Commands.relate`
        """
        number = self.next_relation if number is None else number
        self.next_relation = number + 1
        relation = self.relations[number] = Relation(number, endpoints,
                                                     offered_by=offered_by)
        relation.app_databags = {app: Databag() for app in endpoints}
        return relation

    def enter(self, relation: Relation, unit_name: str, data: dict[str, str]) -> None:
        """Add a unit to a relation.

        Agents call this for the model's own units. Tests call it for units that have no
        agent here, such as those of another model.
        """
        check_related(relation, unit_name)
        relation.unit_databags[unit_name] = Databag()
        relation.units.add(unit_name)
        self.write(relation.unit_databags[unit_name], data)

    def leave(self, relation: Relation, unit_name: str) -> None:
        """Remove a unit from a relation; its data stay readable."""
        check_related(relation, unit_name)
        relation.units.discard(unit_name)
        if relation.dying and not relation.units:
            self.relations.pop(relation.number, None)

    def write(self, bag: Databag, data: dict[str, str]) -> dict[str, str | None]:
        """Change a databag; '' deletes a key.

        Return the changed keys with their new values, None for a deleted key.
        """
        changed = {key: value or None for key, value in data.items()
                   if value != bag.data.get(key, '')}
        if changed:
            bag.data = {key: value for key, value in {**bag.data, **changed}.items()
                        if value is not None}
            bag.version = (fingerprint(bag.data) if self.profile.version_by_content
                           else self._next_version)
            self._next_version += 1
        return changed

    def set_app_data(self, relation: Relation, app_name: str, /, **data: str) -> None:
        """Change an application's data in a relation; '' deletes a key."""
        check_name('application', app_name, relation.endpoints, 'related')
        self.write(relation.app_databags[app_name], data)

    def unit_data(self, relation: Relation, unit_name: str) -> dict[str, str]:
        """A unit's committed data; {} before the unit enters the relation."""
        check_related(relation, unit_name)
        return dict(relation.unit_databags[unit_name].data
                    if unit_name in relation.unit_databags else {})


def check_related(relation: Relation, name: str) -> None:
    """Raise an error unless this application or unit is one of the relation's."""
    check_name('application', name.split('/')[0], relation.endpoints, 'related')
