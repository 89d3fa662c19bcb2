"""A model of which a whole controller was recorded."""
from __future__ import annotations

from .. import agent
from .answers import Counts
from .before import REMOTE, Before
from .player import Player
from .recording import Recording
from .removals import Removals


class Controller(Player):
    """What is done to such a model, and to its agents."""

    def __init__(self, recording: Recording, counts: Counts):
        super().__init__(recording, counts)
        self.before = Before(recording)
        self.removals = Removals(self)

    def add_unit(self, name: str) -> None:
        """Deploy one unit, of an application that may be new."""
        app, _, number = name.partition('/')
        if app not in self.model.apps:
            self.model.deploy(app, self.charm(), 0)
            self.model.apps[app].leader = app + '/none'
        self.model.apps[app].next_number = int(number)
        self.model.add_unit(app)
        if name in self.before.addresses:
            self.model.set_address(name, self.before.addresses[name])

    def relate(self, number: int) -> None:
        """Make a relation; one of the same endpoints must have been removed."""
        ends = self.before.ends[number]
        for other, relation in list(self.model.relations.items()):
            if relation.ends == ends and REMOTE not in ends.values() and (
                    not relation.dying):
                self.removals.relation(other)
        self.relations[number] = self.model.add_relation(ends, number)

    def delay(self, name: str, number: int) -> bool:
        """Have a unit not have taken part yet, unless it has run created."""
        unit = self.model.units.get(name)
        if not unit or number in unit.created or number not in unit.known:
            return False
        relation = unit.known[number].relation
        agent.forget(self.model, unit, relation)
        del relation.bags[name]
        unit.running = True     # it does not look
        return True

    def restart(self, name: str) -> None:
        """Restart an agent, before it took part in what it has yet to see created."""
        unit = self.model.unit(name)
        for number in list(unit.known):
            if not unit.failed and any(
                    self.recording.ahead(name, 'created', about=number)):
                self.delay(name, number)
        self.model.restart_agent(name)
