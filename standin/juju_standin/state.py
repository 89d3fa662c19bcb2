"""The data that a model consists of: plain objects, which can be pickled.

The objects are few and small, because the tests in tests/model copy a model millions of
times. Their behaviour is in other modules: `commands` has the methods for operators,
`model` those for tests, `agent` the unit agent, and `context` the running hook.
"""
from __future__ import annotations

import fnmatch
import hashlib
import re
from collections import ChainMap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    from .context import Context
else:
    Protocol = object       # not in Python 3.7


# the unit hooks that can run again, and those that need a cause
REPEATABLE_HOOKS = ('leader-elected', 'leader-settings-changed', 'config-changed',
                    'start', 'update-status', 'upgrade-charm', 'collect-metrics',
                    'meter-status-changed')
UNIT_HOOKS = (*REPEATABLE_HOOKS, 'install', 'secret-changed', 'stop', 'remove')
RELATION_HOOKS = ('created', 'joined', 'changed', 'departed', 'broken')
STORAGE_HOOKS = ('attached', 'detaching')


class Charm(Protocol):
    """Anything that can be deployed.

    Two more attributes are optional: `actions`, the names of the actions that can be
    run, and `option_types`, the type of each option in config.yaml.
    """
    metadata: dict[str, Any]        # content of metadata.yaml
    config: dict[str, Any]          # defaults from config.yaml

    def run(self, context: Context) -> int:
        """Run one hook or action, and return its exit status."""


def natural_order(name: str) -> list:
    """Sort key that puts `zk/2` before `zk/10`; Juju itself sorts names as text."""
    return [int(part) if part.isdigit() else part
            for part in re.split('([0-9]+)', name)]


def check_name(what: str, name: str, valid: Iterable[str], label: str) -> None:
    """Raise an error that lists the valid names if this is not one of them."""
    if name not in valid:
        raise ValueError('no {} {}; {}: {}'.format(
            what, name, label, ', '.join(sorted(valid, key=natural_order)) or 'none'))


def check_pattern(what: str, pattern: str, valid: Iterable[str], label: str) -> None:
    """Raise an error that lists the valid names if the pattern matches none."""
    if not fnmatch.filter(valid, pattern):
        check_name(what, pattern, valid, label)


def hook_names(metadata: dict[str, Any]) -> list[str]:
    """The hooks of all charms, and those of a charm's endpoints and storage."""
    names = list(UNIT_HOOKS)
    for section in 'provides', 'requires', 'peers':
        names += ['{}-relation-{}'.format(endpoint, kind)
                  for endpoint in metadata.get(section) or {}
                  for kind in RELATION_HOOKS]
    return names + ['{}-storage-{}'.format(storage, kind)
                    for storage in metadata.get('storage') or {}
                    for kind in STORAGE_HOOKS]


@dataclass(frozen=True)
class Hook:
    """One hook or action of a unit."""
    name: str                       # such as 'zookeeper-relation-joined'
    # 'joined', 'storage-attached', 'action', or the name of a unit hook
    kind: str
    relation_id: str | None = None  # as seen by this unit
    remote_unit: str = ''
    remote_app: str = ''
    departing_unit: str = ''
    # the version that the hook notifies of: of the remote unit's or application's data,
    # or the secret's revision
    version: int = field(default=0, compare=False)
    secret: str = ''                # the URI in secret-changed
    storage: str = ''               # the ID in storage-attached and storage-detaching

    def __str__(self) -> str:
        subject = (self.remote_unit or self.remote_app or self.relation_id
                   or self.secret or self.storage)
        return '{} ({})'.format(self.name, subject) if subject else self.name

    @property
    def number(self) -> int:
        return int(self.relation_id.rpartition(':')[2])


@dataclass(repr=False)
class HookRun:
    """The result of running a hook or action once."""
    unit: str
    hook: Hook
    attempt: int
    # 0 if Juju committed the hook; otherwise the log says why not
    status: int
    # hook-tool calls: (name, arguments)
    calls: list[tuple[str, list[str]]]
    # (level, message)
    log: list[tuple[str, str]]
    # {(relation ID, unit or application): {key: value, or None if deleted}}
    written: dict[tuple[str, str], dict[str, str | None]]
    # (action, service)
    services: list[tuple[str, str]]
    # an action's results and failure message
    results: dict[str, str]
    failure: str | None

    def __repr__(self) -> str:
        return '<HookRun {}: {}, status {}>'.format(self.unit, self.hook, self.status)


@dataclass
class Databag:
    """The databag of a unit or application in one relation.

    `data` is replaced, never changed, so readers can keep a reference.
    """
    data: dict[str, str] = field(default_factory=dict)
    version: int = 0


def fingerprint(data: dict[str, str]) -> int:
    """A version that depends only on the data; 0 if there are none."""
    text = repr(sorted(data.items())).encode()
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, 'big') if data else 0


@dataclass(eq=False)
class Relation:
    """A relation of two applications, or of one application's peers."""
    number: int
    endpoints: dict[str, str]       # each application's endpoint, the requirer's first
    unit_databags: dict[str, Databag] = field(default_factory=dict)
    app_databags: dict[str, Databag] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)    # units that are in the relation
    dying: bool = False
    suspended: bool = False
    # the application that offers its endpoint to an application of another model; '' if
    # both are in the same model
    offered_by: str = ''
    # units whose agents do not notice the units and data in the relation
    unwatched_by: set[str] = field(default_factory=set)

    def id(self, app: str) -> str:
        """The relation ID that an application's units see."""
        return '{}:{}'.format(self.endpoints[app], self.number)

    def remote_app(self, app: str) -> str:
        """The remote application; among peers it is the same one."""
        return next((name for name in self.endpoints if name != app), app)

    def databags(self, owner: str) -> dict[str, Databag]:
        """All units' databags if the owner is a unit, or all applications'."""
        return self.unit_databags if '/' in owner else self.app_databags

    @property
    def peers(self) -> bool:
        return len(self.endpoints) == 1


@dataclass(eq=False)
class Secret:
    uri: str
    owner: str                          # an application or unit
    # contents, the newest last; None for a removed revision
    revisions: list[dict[str, str] | None]
    label: str = ''                     # the owner's label
    rotation: str = 'never'
    unit_labels: dict[str, str] = field(default_factory=dict)
    # {unit or application that may read the secret: the relation's number}
    grants: dict[str, int] = field(default_factory=dict)
    # {unit: revision that it reads}; only these units are notified of new ones
    tracked: dict[str, int] = field(default_factory=dict)
    # {unit: last revision that it was notified of}
    notified: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.uri.rpartition('/')[2]

    @property
    def newest(self) -> int:
        return len(self.revisions)


@dataclass
class LocalRelation:
    """A unit agent's local state of one relation."""
    relation: Relation
    # the units whose joined hook is committed: {unit: last version of its data that
    # the agent notified of}
    members: dict[str, int] = field(default_factory=dict)
    # the last version of the application's data that the agent notified of
    app_version: int = 0
    # the unit whose joined hook has run, and whose changed hook must follow
    changed_due: str = ''
    # {member: data}, from a read of the data until the member's next hook
    cache: dict[str, dict[str, str]] = field(default_factory=dict)
    # the relation was force-removed, and the agent has not noticed
    force_removed: bool = False
    # the hook that the agent had started when the relation was force-removed
    started_hook: Hook | None = None
    # removed units whose removal the agent has not noticed
    unnoticed_removals: set[str] = field(default_factory=set)
    # The agent has restarted since the unit entered the relation; dying_at_restart says
    # whether the relation was dying then. A restarted agent has forgotten the name of
    # the remote application, and whether this is a peer relation.
    restarted: bool = False
    dying_at_restart: bool = False


@dataclass(eq=False)
class Application:
    """An application; its units are in `Model.units`."""
    name: str
    charm: Charm
    settings: dict[str, Any]        # the values of options that have been set
    leader_settings: dict[str, str] = field(default_factory=dict)
    leader: str | None = None       # chosen by the test; None leaves it to the model
    next_number: int = 0

    @property
    def config(self) -> ChainMap[str, Any]:
        """The values of all options; changes are settings."""
        return ChainMap(self.settings, self.charm.config)


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
    disk: dict[str, Any] = field(default_factory=dict)  # for the use of charm objects
    dying: bool = False
    # hook tools that fail: (pattern, error output, exit status)
    failing_tools: list[tuple[str, str, int]] = field(default_factory=list)
    # unit hooks that the agent has committed and that are not due again
    committed_hooks: set[str] = field(default_factory=set)
    config_seen: Any = None
    # storage whose storage-attached hook is committed: {ID: location}
    attached: dict[str, str] = field(default_factory=dict)
    # {the relation's number: local state}
    local_relations: dict[int, LocalRelation] = field(default_factory=dict)
    # numbers of the relations in which created is committed
    created: set[int] = field(default_factory=set)
    failed: Hook | None = None
    attempts: int = 0
    running: bool = False           # a hook or action
    paused: bool = False            # the agent does not check the model
