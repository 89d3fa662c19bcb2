"""The bounds of each exploration, and the list of all explorations."""
from __future__ import annotations

from dataclasses import dataclass

from .model_state import CLASSES


@dataclass(frozen=True)
class Bounds:
    """The bounds of an exploration.

    With several units and faults, the charm dismisses all notices in each hook:
    explorations with one unit are enough for the other cases.
    """
    units: tuple[str, ...]      # the remote units
    faults: int                 # how many can be injected before all have healed
    # Whether operators and remote units act freely before all faults have healed. If
    # not, each event of theirs counts as a fault.
    free_while_faulty: bool = False
    max_unreported: int = 1     # changes that no hook has reported yet
    # Server applications that speak the application-data protocol; whether the charm
    # has made its request from the start (if not, it makes one of two at any time); and
    # how many of these servers' events to leave out, see app_data_servers.
    app_data_servers: tuple[str, ...] = ()
    requests_from_start: bool = True
    reduction: int = 0

    @property
    def distinct_events_only(self) -> bool:
        """Whether to leave out events that have the same effect as others.

        Explorations with one unit include them.
        """
        return len(self.units) > 1 or bool(self.app_data_servers)

    @property
    def always_dismisses(self) -> bool:
        """Whether the charm dismisses all notices in each hook."""
        return self.distinct_events_only and self.faults > 0 or bool(
            self.app_data_servers)

    @property
    def applications(self) -> list[str]:
        return sorted({unit.split('/')[0] for unit in self.units})


# The two interfaces share most of their code. So the largest explorations only use one
# class of each role.
ONE_CLASS_PER_ROLE = ('ZookeeperProvides', 'FlumeRequires')

# Servers that speak the application-data protocol. Their units only leave with their
# relation, if there are several.
APP_DATA_BOUNDS = (
    # one beside a server that speaks the unit-data protocol
    Bounds(('a/2', 'b/0'), faults=0, app_data_servers=('a',), reduction=2),
    # two
    Bounds(('a/2', 'b/0'), faults=0, app_data_servers=('a', 'b'), reduction=2),
    # one with each single fault
    Bounds(('a/2',), faults=1, app_data_servers=('a',), reduction=1),
    Bounds(('a/2',), faults=1, free_while_faulty=True, app_data_servers=('a',),
           reduction=2),
    # one with all its events, which include that its unit publishes a port
    Bounds(('a/2',), faults=0, app_data_servers=('a',)),
    # one and a charm that makes its requests late
    Bounds(('b/0',), faults=0, app_data_servers=('b',), requests_from_start=False,
           reduction=1))

# All explorations, the largest first: bounds, and the classes to explore.
EXPLORATIONS = (
    # three units and each single fault
    (Bounds(('a/2', 'a/10', 'b/0'), faults=1), ONE_CLASS_PER_ROLE),
    # two units and pairs of faults: the endpoint can have three relations
    (Bounds(('a/2', 'b/0'), faults=2), ONE_CLASS_PER_ROLE),
    # one unit and each single fault
    (Bounds(('a/2',), faults=1, free_while_faulty=True), tuple(CLASSES)),
    # three units in two relations without faults, with all notices
    (Bounds(('a/2', 'a/10', 'b/0'), faults=0), tuple(CLASSES)),
    *((bounds, ('ZookeeperRequires',)) for bounds in APP_DATA_BOUNDS))
