"""What a model is made of: plain data, which can be pickled.

A model that is asked on a million times is copied as often, so these are few and
small. What is done with them is elsewhere: by operators and tests in `model`, by a
unit's agent in `agent`, by a running hook in `context`.
"""
from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    from .context import Context
else:
    Protocol = object       # not in Python 3.7


class Charm(Protocol):
    """Anything that can be deployed."""
    metadata: dict[str, Any]        # metadata.yaml
    config: dict[str, Any]          # config.yaml's defaults

    def run(self, context: Context) -> int:
        """Run one hook or action; its exit status."""


def natural(name: str) -> list:
    """A sort key by which `zk/2` comes before `zk/10`; Juju's is the text."""
    return [int(part) if part.isdigit() else part
            for part in re.split('([0-9]+)', name)]


@dataclass(frozen=True)
class Hook:
    """One hook, or action, of a unit."""
    name: str                       # 'zookeeper-relation-joined'
    kind: str                       # 'joined'; else 'action', or the name
    relation_id: str | None = None  # as this unit knows the relation
    remote_unit: str = ''
    remote_app: str = ''
    departing_unit: str = ''
    # what the hook tells of: of the remote unit's settings, or the application's, or
    # the secret's revision
    version: int = field(default=0, compare=False)
    # URI of the secret that it tells of
    secret: str = ''

    def __str__(self) -> str:
        about = self.remote_unit or self.remote_app or self.relation_id or self.secret
        return '{} ({})'.format(self.name, about) if about else self.name

    @property
    def number(self) -> int:
        """Of the relation."""
        return int(self.relation_id.rpartition(':')[2])


@dataclass
class HookRun:
    """What came of one run of a hook or action."""
    unit: str
    hook: Hook
    attempt: int
    # 0 if Juju kept what the hook did; why it did not is in the log
    status: int
    # of the hook tools: (name, arguments)
    calls: list[tuple[str, list[str]]]
    # (level, message)
    log: list[tuple[str, str]]
    # {(relation id, unit or application): {key: value, or None if deleted}}
    written: dict[tuple[str, str], dict[str, str | None]]
    # (action, service)
    services: list[tuple[str, str]]
    # of an action
    results: dict[str, str]
    failure: str | None


@dataclass
class Bag:
    """A unit's or an application's settings in one relation.

    The data are replaced, never changed: who has read them may keep them.
    """
    data: dict[str, str] = field(default_factory=dict)
    version: int = 0


def fingerprint(data: dict[str, str]) -> int:
    """A version that is the same whenever the settings are; 0 if there are none."""
    text = repr(sorted(data.items())).encode()
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, 'big') if data else 0


@dataclass(eq=False)
class Relation:
    """A relation of two applications, or of one application's units: of peers."""
    number: int
    ends: dict[str, str]                # endpoint by application, the requirer first
    bags: dict[str, Bag] = field(default_factory=dict)      # of units
    app_bags: dict[str, Bag] = field(default_factory=dict)
    scope: set[str] = field(default_factory=set)    # units that take part
    dying: bool = False
    suspended: bool = False

    def id(self, app: str) -> str:
        """What the units of one side call it."""
        return '{}:{}'.format(self.ends[app], self.number)

    def other(self, app: str) -> str:
        """The application at the other end; among peers, the same one."""
        return next((name for name in self.ends if name != app), app)

    @property
    def peers(self) -> bool:
        return len(self.ends) == 1


@dataclass(eq=False)
class Secret:
    """A secret."""
    uri: str
    owner: str                          # an application, or a unit
    revisions: list[dict[str, str]]     # what it says, the newest last
    label: str = ''                     # its owner's
    # who else may read it, with the number of the relation that this goes with
    grants: dict[str, int] = field(default_factory=dict)
    # the revision that a unit reads, by unit; those that read none are not told of any
    tracked: dict[str, int] = field(default_factory=dict)
    # the revision that a unit was told of last
    told: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.uri.rpartition('/')[2]

    @property
    def newest(self) -> int:
        return len(self.revisions)


@dataclass
class Known:
    """What a unit's agent knows of one relation."""
    relation: Relation
    members: dict[str, int] = field(default_factory=dict)   # version last seen
    app_version: int = 0
    changed_pending: str = ''       # joined, and changed must follow
    # settings of members as they were read, until the next joined or changed
    cache: dict[str, dict[str, str]] = field(default_factory=dict)
    # it is gone, and the agent has not noticed
    ghost: bool = False
    # a departed that the agent had begun with when the relation went
    begun: Hook | None = None
    # units of which it has not noticed that they are gone
    missed: set[str] = field(default_factory=set)
    # Since the agent started the relation was there, and maybe was dying already.
    # Of such a relation the agent has forgotten the other application's name, and
    # whether it is of peers.
    restarted: bool = False
    was_dying: bool = False


@dataclass(eq=False)
class Application:
    """An application; its units are in `Model.units`."""
    name: str
    charm: Charm
    config: dict[str, Any]
    leader_settings: dict[str, str] = field(default_factory=dict)
    leader: str | None = None       # if it is not left to Juju
    next_number: int = 0


@dataclass(eq=False)
class Unit:
    """A unit, its agent and its machine."""
    name: str
    app: Application
    charm: Charm                    # the code that the agent has unpacked
    address: str | None
    status: tuple[str, str] = ('unknown', '')
    version: str = ''
    ports: set[str] = field(default_factory=set)
    charm_dir: str | None = None
    disk: dict[str, Any] = field(default_factory=dict)      # the charm's own
    dying: bool = False
    # hook tools that fail: (pattern, error output, exit status)
    broken_tools: list[tuple[str, str, int]] = field(default_factory=list)
    # what the agent has committed
    done: set[str] = field(default_factory=set)
    config_seen: Any = None
    known: dict[int, Known] = field(default_factory=dict)
    created: set[int] = field(default_factory=set)      # relations, by their number
    failed: Hook | None = None
    attempts: int = 0
    running: bool = False           # a hook or an action
