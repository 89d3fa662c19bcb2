"""One unit's hooks, run by the real charms.reactive on the real layers, fast.

Unlike a charm's hooks they share one process and its imported modules. What a hook
does follows from the key/value store, its environment, what the charm's handlers call
and what hook tools answer; so it is run once for each of these, and remembered.
"""
from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from juju_standin import anyhost  # noqa: F401  before charmhelpers.core.host

import charms.reactive
from charmhelpers.core import hookenv, unitdata
from charms.reactive import bus, endpoints, relations, trace

from .later import SHOWS, hidden

INTERFACES = Path(__file__).resolve().parents[2] / 'interfaces'

# The charm: it does in a hook what the runner was told it would.
CHARM = '''\
from charms.reactive import clear_flag, endpoint_from_name, get_flags, when_not
plan = []
def follow():
    begin(get_flags())
    while plan:
        name, *args = plan.pop(0)
        if name == 'clear_flag':
            clear_flag(*args)
        else:
            getattr(endpoint_from_name('ep'), name)(*args)
@when_not('never')
def follow_plan():
    follow()
'''

# Under which charmhelpers caches what metadata.yaml says.
METADATA = json.dumps((hookenv.metadata._wrapped, (), {}), sort_keys=True,
                      default=str)

AT_START = [entry for entry in hookenv._atstart
            if entry[0] is not trace.install_tracer]
VERSION = ('juju-version',)     # asked like a hook tool
PREFIX = 'explored-'
DISCOVER, FACTORY = bus.discover, relations.relation_factory

Store = tuple[tuple[str, str], ...]     # rows of the key/value store
Answer = tuple[int, bytes, bytes]       # of a hook tool: status, output, error output
Call = tuple[tuple[str, ...], Answer]   # a hook tool's command line, and its answer
Ask = Callable[..., Answer]


class Process(NamedTuple):
    """All that one process of the charm is given, but hook tools."""
    store: Store
    env: tuple[tuple[str, str], ...]
    # what the charm's handlers call: (method, arguments)
    plan: tuple[tuple, ...]
    # an action that uses the object without charms.reactive.main
    bare: bool = False


@dataclass(frozen=True)
class Outcome:
    """What it leaves behind, and what it would serve then."""
    store: Store
    # of the endpoint: as the charm's handlers found them, and in the end
    found: frozenset[str]
    flags: frozenset[str]
    before: int             # how many hook tools were called before the handlers
    lists: dict[str, Any]
    error: str | None       # the traceback that it ended with


def said(relation: Any) -> dict[str, Any]:
    """What the methods that serve something answer."""
    if hasattr(relation, 'zookeepers'):
        servers = relation.zookeepers()
        try:
            text, names = relation.connection_string('/x'), set()
        except ValueError:      # their paths differ
            text, names = None, {server['application'] for server in servers}
        return {'zookeepers': servers, 'pairs': relation.get_zookeeper_units(),
                'text': text, 'texts': {name: relation.connection_string('/x', name)
                                        for name in names}}
    if not hasattr(relation, 'agents'):
        return {}
    try:
        sink = (relation.get_flume_ip(), relation.get_flume_port(),
                relation.get_flume_protocol())
    except LookupError:
        sink = None
    return {'agents': relation.agents(), 'sink': sink}


def _ours(flags: list[str]) -> frozenset[str]:
    return frozenset(flag for flag in flags if flag.startswith('ep.'))


class Runner:
    """A unit of a charm with one endpoint, `ep`, of an interface and role."""

    def __init__(self, interface: str, role: str):
        self._directory = tempfile.TemporaryDirectory(prefix=PREFIX)
        self.charm_dir = Path(self._directory.name)
        package = self.charm_dir / 'hooks' / 'relations' / interface
        package.mkdir(parents=True)
        for module in (INTERFACES / interface).glob('*.py'):
            (package / module.name).symlink_to(module.resolve())
        (self.charm_dir / 'reactive').mkdir()
        (self.charm_dir / 'reactive' / 'explored.py').write_text(CHARM)
        self._package = 'relations.{}.'.format(interface)
        self._role = self._package + role
        self.metadata = {
            'name': 'explored', 'provides': {}, 'requires': {}}
        self.metadata['requires']['other'] = {'interface': 'other'}
        self.metadata[role]['ep'] = {'interface': interface}
        (self.charm_dir / 'metadata.yaml').write_text(json.dumps(self.metadata))
        self._store = Rows()
        self._at_start: list | None = None
        self._ask: Ask | None = None
        self._known: dict = {}
        self.processes = 0
        self._forget_others()

    def _forget_others(self) -> None:
        """Have charms.reactive know of no charm but this one."""
        unitdata._KV = self._store
        hookenv.subprocess = self
        relations.RelationBase._cache.clear()
        endpoints.Endpoint._endpoints.clear()
        bus.Handler.clear()
        bus.discover = DISCOVER
        for name in list(sys.modules):
            if name.split('.')[0] in ('reactive', 'relations'):
                del sys.modules[name]
        sys.path[:] = [path for path in sys.path if PREFIX not in path]

    def run(self, process: Process, ask: Ask) -> tuple[Outcome, list[Call]]:
        """Run a process, or remember what came of it; and its calls of hook tools."""
        calls: list[Call] = []
        step = self._known.get(process)
        while isinstance(step, tuple):
            command, steps = step
            answer = ask(*command)
            calls.append((command, answer))
            step = steps.get(answer)
        return step or self._really(process, ask, calls), calls

    def _really(self, process: Process, ask: Ask, calls: list[Call]) -> Outcome:
        """Run a process whose first calls have been answered; remember it."""
        answered = iter(list(calls))

        def answer(*command: str) -> Answer:
            before = next(answered, None)
            if before is None:
                calls.append((command, ask(*command)))
                return calls[-1][1]
            assert before[0] == command, (before, command)
            return before[1]

        outcome = self._run(process, answer)
        steps, key = self._known, process
        for command, given in calls:
            steps, key = steps.setdefault(key, (command, {}))[1], given
        steps[key] = outcome
        return outcome

    def _handlers_begin(self, flags: list[str]) -> None:
        self._found, self._before = _ours(flags), self._called

    def _run(self, process: Process, ask: Ask) -> Outcome:
        self.processes += 1
        self._called = self._before = 0
        self._found: frozenset[str] = frozenset()
        self._begin(process, ask)
        error = None
        try:
            if process.bare:
                sys.modules['reactive.explored'].follow()
            else:
                charms.reactive.main()
        except Exception:
            error = traceback.format_exc()
        self._ask = None    # what is served needs no hook tool
        flags = _ours(charms.reactive.get_flags())
        return Outcome(self._rows(), self._found, flags, self._before,
                       {} if error else self._lists(flags), error)

    def _lists(self, flags: frozenset[str]) -> dict[str, Any]:
        for flag in flags:
            name = type(charms.reactive.endpoint_from_flag(flag)).__module__
            assert name == self._role, 'the object of {} is of {}'.format(flag, name)
        return said(charms.reactive.endpoint_from_name('ep'))

    def _rows(self) -> Store:
        return tuple((key, json.dumps(json.loads(data), sort_keys=True))
                     for key, data in sorted(self._store.rows.items())
                     if not key.startswith('reactive.dispatch.')
                     and key != 'reactive.state_watch')

    def _begin(self, process: Process, ask: Ask) -> None:
        self._store.rows = dict(process.store)
        os.environ.clear()
        os.environ.update(process.env, CHARM_DIR=str(self.charm_dir))
        hookenv.cache.clear()
        hookenv.cache[METADATA] = self.metadata     # saves reading it
        if self._at_start is None:
            self._import()
        else:
            sys.modules[self._package + 'juju'].touched.clear()
        hookenv._atstart[:] = self._at_start
        hookenv._atexit[:] = []
        sys.modules['reactive.explored'].plan[:] = process.plan
        self._ask = ask

    def _import(self) -> None:
        """Import the charm; what its modules register is registered anew in a hook."""
        hookenv._atstart[:] = AT_START
        DISCOVER()
        bus.discover = lambda: None
        # which class is an endpoint's stays the same
        relations.relation_factory = endpoints.relation_factory = functools.cache(
            FACTORY)
        sys.modules[self._package + 'juju'].subprocess = self
        if self._package + 'asking' in sys.modules:
            sys.modules[self._package + 'asking'].os = self
            sys.modules[self._package + 'granted'].hashlib = self
        sys.modules[self._package + 'juju'].os = self
        sys.modules['reactive.explored'].begin = self._handlers_begin
        self._at_start = list(hookenv._atstart)

    # What the layers and charmhelpers.core.hookenv find for `subprocess`,
    # `os` and `hashlib`.

    PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL
    CalledProcessError = subprocess.CalledProcessError

    def Popen(self, command: list[str], **_: Any) -> Popen:
        self._called += 1
        return Popen(*self._ask(*command))

    @property
    def environ(self) -> Runner:
        return self

    def get(self, name: str, default: str | None = None) -> str | None:
        """A variable; Juju's version is asked for, as only then it may matter."""
        if name != 'JUJU_VERSION':
            return os.environ.get(name, default)
        return self._ask(*VERSION)[1].decode()

    def urandom(self, size: int) -> bytes:
        """The same salt in each store, or no two of them were alike."""
        return bytes(size)

    def pbkdf2_hmac(self, name: str, text: bytes, salt: bytes, rounds: int) -> Digest:
        return Digest(text)

    def call(self, command: list[str], **_: Any) -> int:
        assert command[0] == 'juju-log', command
        assert not any(text in ' '.join(command) for text in SHOWS), command
        return 0


class Digest(bytes):
    """What takes no time, and in which the detail that stands for a password is seen:
    so what differs in that alone is known for the same."""

    def hex(self) -> str:
        return hidden(self.decode())


class Rows(unitdata.Storage):
    """A key/value store without a file; text, as sqlite would keep it."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    def get(self, key: str, default: Any = None, record: bool = False) -> Any:
        return json.loads(self.rows[key]) if key in self.rows else default

    def getrange(self, key_prefix: str, strip: bool = False) -> dict[str, Any]:
        start = len(key_prefix) if strip else 0
        return {key[start:]: json.loads(self.rows[key]) for key in self.rows
                if key.startswith(key_prefix)}

    def set(self, key: str, value: Any) -> Any:
        self.rows[key] = json.dumps(value)
        return value

    def unset(self, key: str) -> None:
        self.rows.pop(key, None)

    def unsetrange(self, keys: list[str] | None = None, prefix: str = '') -> None:
        for key in self.getrange(prefix) if keys is None else keys:
            self.unset(key if keys is None else prefix + key)

    def flush(self, save: bool = True) -> None:
        """What is there is there."""


class Popen:
    """A hook tool that has ended."""

    def __init__(self, status: int, output: bytes, errors: bytes):
        self.returncode, self._printed = status, (output, errors)
        self.stdout, self.stderr = map(BytesIO, self._printed)

    def communicate(self) -> tuple[bytes, bytes]:
        return self._printed
