"""Checks the requests of random histories after each hook."""
from __future__ import annotations

from juju_standin.model import Model
from juju_standin.state import HookRun, Relation

from .app_data_servers import has_secrets, request_data
from .random_servers import CLIENT, UNIT_DATA_KEYS


class RequestChecker:
    """Checks the requests that a client's leaders send.

    It notes them, and what the client's units have read.
    """

    def __init__(self, model: Model):
        self.model = model
        self.paths: set[str] = set()        # paths that the charm may request
        self._sent: dict[Relation, dict[str, str]] = {}
        # (unit, relation) in which the unit has read a key of the unit-data protocol
        self._read_unit_data: set[tuple[str, Relation]] = set()
        # relations in which a unit has published such a key
        self._with_unit_data: set[Relation] = set()

    def forget(self, unit: str) -> None:
        """Forget what a unit has read: it has lost its store.

        Nothing else shows that a unit has withdrawn its port, or that it has left. So a
        server with units that now publish nothing may get a request.
        """
        self._read_unit_data = {key for key in self._read_unit_data if key[0] != unit}

    def check(self, run: HookRun) -> None:
        """Check the requests after a unit's hook."""
        unit = self.model.units.get(run.unit)
        for local in unit.local_relations.values() if unit else ():
            if any(UNIT_DATA_KEYS & data.keys() for data in local.cache.values()):
                self._read_unit_data.add((unit.name, local.relation))
        for relation in self.model.relations.values():
            if any(UNIT_DATA_KEYS & bag.data.keys()
                   for bag in relation.unit_databags.values()):
                self._with_unit_data.add(relation)
            request = relation.app_databags[CLIENT].data
            before = self._sent.get(relation)
            if before:
                assert request == before, 'a request has changed'
            elif request:
                self._sent[relation] = request
                self._check_new(run, relation, request)

    def _check_new(self, run: HookRun, relation: Relation,
                   request: dict[str, str]) -> None:
        path = request.get('database')
        assert request == request_data(path, has_secrets(self.model))
        assert path in self.paths
        assert run.hook.kind != 'joined', 'the unit had no time to publish a port'
        local = self.model.unit(run.unit).local_relations
        app = relation.remote_app(CLIENT)
        read = [other for unit, other in self._read_unit_data
                if unit == run.unit and other.remote_app(CLIENT) == app
                and other.number in local and not local[other.number].force_removed]
        assert not read, '{} got a request: {} published unit data'.format(app, read)

    def is_due(self, relation: Relation) -> bool:
        """Whether a request must be in a relation after a full read of the leader."""
        return relation not in self._with_unit_data
