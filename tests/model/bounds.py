"""The bounds of each exploration, and the list of all explorations."""
from __future__ import annotations

from dataclasses import dataclass

from .model_state import FIRST, NOTHING, SECOND, UNIT_DATA


@dataclass(frozen=True)
class Bounds:
    """The bounds of an exploration.

    In some explorations, the charm dismisses all notices in each hook: see
    `always_dismisses`. Those with one unit of another model cover the other cases.
    """
    units: tuple[str, ...]      # the remote units
    faults: int                 # how many can be injected before all have healed
    # whether operators and remote units act freely before all faults have healed; if
    # not, each of their events counts as a fault
    free_while_faulty: bool = False
    # the maximum number of changes that no hook has reported yet
    max_unreported: int = 1
    # server applications that use the application-data protocol
    app_data_servers: tuple[str, ...] = ()
    # whether the charm makes its request at the start; if not, it makes one of two
    # requests at any time
    requests_from_start: bool = True
    # whether the applications are in the same model: then goal-state names their units,
    # and units can be removed by force, or join unnoticed. This multiplies the states
    same_model: bool = False
    # which of these servers' events are left out: none at level 0, more at 1 and 2; see
    # app_data_servers
    reduction: int = 0

    @property
    def distinct_events_only(self) -> bool:
        """Whether to leave out events that have the same effect as others.

        The explorations with one unit of another model include these events.
        """
        return (len(self.units) > 1 or self.same_model
                or bool(self.app_data_servers))

    @property
    def always_dismisses(self) -> bool:
        """Whether the charm dismisses all notices in each hook."""
        return self.distinct_events_only and self.faults > 0 or bool(
            self.app_data_servers)

    @property
    def unit_data(self) -> tuple[str, ...]:
        """The data that a unit can publish.

        With several units, no data is invalid: a unit with invalid data is as unusable
        as one without data, as the explorations with one unit show.
        """
        if self.app_data_servers:
            return NOTHING, FIRST
        return UNIT_DATA if len(self.units) == 1 else (NOTHING, FIRST, SECOND)

    @property
    def applications(self) -> list[str]:
        return sorted({unit.split('/')[0] for unit in self.units})


# The largest explorations use only one class of each role, because the two interfaces
# share most of their code.
ONE_CLASS_PER_ROLE = ('ZookeeperProvides', 'FlumeRequires')

# Explorations of servers that use the application-data protocol. If there are several
# remote units, they leave only with their relation.
APP_DATA_BOUNDS = (
    # one, beside a server that uses the unit-data protocol
    Bounds(('a/2', 'b/0'), faults=0, app_data_servers=('a',), reduction=2),
    # two
    Bounds(('a/2', 'b/0'), faults=0, app_data_servers=('a', 'b'), reduction=2),
    # one with each single fault
    Bounds(('a/2',), faults=1, app_data_servers=('a',), reduction=1),
    Bounds(('a/2',), faults=1, free_while_faulty=True, app_data_servers=('a',),
           reduction=2),
    # one with all its events; its unit can also publish a port
    Bounds(('a/2',), faults=0, app_data_servers=('a',)),
    # one, and a charm that makes its request at any time
    Bounds(('b/0',), faults=0, app_data_servers=('b',), requests_from_start=False,
           reduction=1))

# All explorations, the largest first: bounds, and the classes to explore.
EXPLORATIONS = (
    # three units and each single fault
    (Bounds(('a/2', 'a/10', 'b/0'), faults=1), ONE_CLASS_PER_ROLE),
    # two units and pairs of faults: the endpoint can have three relations
    (Bounds(('a/2', 'b/0'), faults=2), ONE_CLASS_PER_ROLE),
    # one unit and each single fault
    (Bounds(('a/2',), faults=1, free_while_faulty=True),
     (*ONE_CLASS_PER_ROLE, 'ZookeeperRequires')),
    # two units that goal-state names, and each single fault: one unit stays when the
    # other is removed by force
    (Bounds(('a/2', 'a/10'), faults=1, same_model=True), ONE_CLASS_PER_ROLE),
    # one unit that goal-state names, and each single fault
    (Bounds(('a/2',), faults=1, free_while_faulty=True, same_model=True),
     ('FlumeProvides', 'FlumeRequires')),
    # the same, and two unreported changes: the first created hook can list a
    # force-removed relation and its replacement
    (Bounds(('a/2',), faults=1, free_while_faulty=True, same_model=True,
            max_unreported=2), ('ZookeeperProvides',)),
    # three units in two relations without faults, with all notices: the other classes
    (Bounds(('a/2', 'a/10', 'b/0'), faults=0), ('FlumeProvides', 'ZookeeperRequires')),
    *((bounds, ('ZookeeperRequires',)) for bounds in APP_DATA_BOUNDS))
