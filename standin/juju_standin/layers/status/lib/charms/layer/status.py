"""Sets the unit's status once, at the end of a hook: the worst of those in the hook."""
from enum import Enum

from charmhelpers.core import hookenv


class WorkloadState(Enum):
    """The worst state comes first."""
    MAINTENANCE = 'maintenance'
    BLOCKED = 'blocked'
    WAITING = 'waiting'
    ACTIVE = 'active'


# {state: message} of this hook
_statuses = {}


def maintenance(message):
    status_set(WorkloadState.MAINTENANCE, message)


maint = maintenance


def blocked(message):
    status_set(WorkloadState.BLOCKED, message)


def waiting(message):
    status_set(WorkloadState.WAITING, message)


def active(message):
    status_set(WorkloadState.ACTIVE, message)


def status_set(workload_state, message):
    """Set the status; `maintenance` applies at once."""
    state = WorkloadState(workload_state)
    if state is WorkloadState.MAINTENANCE:
        hookenv.status_set(state.value, message)
        return
    if not _statuses:
        hookenv.atexit(_apply)
    _statuses[state] = message


def _apply():
    state = next(state for state in WorkloadState if state in _statuses)
    hookenv.status_set(state.value, _statuses[state])
