"""Runs hooks of one unit quickly, with the real charms.reactive and the real layers.

Unlike the hooks of a real charm, all hooks share one process and its imported modules.
The result of a hook depends only on the key/value store, the environment, the methods
that the charm's handlers call, and the answers of hook tools. Each combination
therefore runs only once, and the runner remembers its result.
"""
from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from juju_standin import accept_any_distribution  # noqa: F401  before charmhelpers

import charms.reactive
from charmhelpers.core import hookenv, unitdata
from charms.reactive import bus, endpoints, relations, trace

from .app_data_servers import SECRET_TEXTS, without_secret_texts
from .layer_internals import forget_used_databags, replace_standard_modules

INTERFACES = Path(__file__).resolve().parents[2] / 'interfaces'

# The charm. Its handler calls the methods in `calls`, and reports when it begins.
CHARM = '''\
from charms.reactive import clear_flag, endpoint_from_name, when_not
calls = []
def make_calls():
    handlers_begin()
    while calls:
        name, *args = calls.pop(0)
        if name == 'clear_flag':
            clear_flag(*args)
        else:
            getattr(endpoint_from_name('ep'), name)(*args)
@when_not('never')
def handler():
    make_calls()
'''

# The key of metadata.yaml in the cache of charmhelpers.
METADATA_CACHE_KEY = json.dumps((hookenv.metadata._wrapped, (), {}), sort_keys=True,
                                default=str)
AT_START = [entry for entry in hookenv._atstart if entry[0] is not trace.install_tracer]
# A query for Juju's version counts as a call of this hook tool.
VERSION_QUERY = ('juju-version',)
DIRECTORY_PREFIX = 'explored-'
DISCOVER, RELATION_FACTORY = bus.discover, relations.relation_factory

Store = tuple[tuple[str, str], ...]     # rows of the key/value store
Answer = tuple[int, bytes, bytes]       # a hook tool's status, output and error output
Call = tuple[tuple[str, ...], Answer]   # a hook tool's command line and answer
RunTool = Callable[..., Answer]


class ProcessInput(NamedTuple):
    """Everything that determines a process, except the answers of hook tools."""
    store: Store
    env: tuple[tuple[str, str], ...]
    # the methods that the charm's handlers call: (method, arguments)
    handler_calls: tuple[tuple, ...]
    # whether it is an action that does not call charms.reactive.main
    without_main: bool = False


@dataclass(frozen=True)
class ProcessResult:
    """The store and flags after a process, and what the endpoint's methods return."""
    store: Store
    flags_for_handlers: frozenset[str]      # the endpoint's, before the handlers ran
    flags: frozenset[str]                   # the endpoint's, at the end
    calls_before_handlers: int              # number of hook-tool calls
    values: dict[str, Any]
    error: str | None                       # the traceback of an exception


def method_values(endpoint: Any) -> dict[str, Any]:
    """The values that a client's methods return."""
    if hasattr(endpoint, 'zookeepers'):
        servers = endpoint.zookeepers()
        try:
            text, names = endpoint.connection_string('/x'), set()
        except ValueError:      # the applications' paths differ
            text, names = None, {server['application'] for server in servers}
        return {'zookeepers': servers, 'pairs': endpoint.get_zookeeper_units(),
                'text': text, 'texts': {name: endpoint.connection_string('/x', name)
                                        for name in names}}
    if not hasattr(endpoint, 'agents'):
        return {}
    try:
        sink = (endpoint.get_flume_ip(), endpoint.get_flume_port(),
                endpoint.get_flume_protocol())
    except LookupError:
        sink = None
    return {'agents': endpoint.agents(), 'sink': sink}


def _endpoint_flags() -> frozenset[str]:
    return frozenset(flag for flag in charms.reactive.get_flags()
                     if flag.startswith(('ep.', 'endpoint.ep.')))


class HookRunner:
    """A unit of a charm with one endpoint, `ep`, that uses a layer."""

    def __init__(self, interface: str, role: str):
        self._directory = tempfile.TemporaryDirectory(prefix=DIRECTORY_PREFIX)
        self.charm_dir = Path(self._directory.name)
        package = self.charm_dir / 'hooks' / 'relations' / interface
        package.mkdir(parents=True)
        shutil.copytree(INTERFACES / interface, package, dirs_exist_ok=True)
        (self.charm_dir / 'reactive').mkdir()
        (self.charm_dir / 'reactive' / 'explored.py').write_text(CHARM)
        self._package = 'relations.{}'.format(interface)
        self._endpoint_module = '{}.{}'.format(self._package, role)
        self.metadata = {'name': 'explored', 'provides': {}, 'requires': {}}
        self.metadata['requires']['other'] = {'interface': 'other'}
        self.metadata[role]['ep'] = {'interface': interface}
        (self.charm_dir / 'metadata.yaml').write_text(json.dumps(self.metadata))
        self._storage = MemoryStorage()
        self._at_start: list | None = None
        self._modules = FakeModules()
        # A tree of dicts: the input leads to the first command, each answer to the next
        # command, and the last answer to the result.
        self._results: dict = {}
        self.processes = 0
        self._forget_other_charms()

    def _forget_other_charms(self) -> None:
        """Remove what another runner's charm has registered."""
        unitdata._KV = self._storage
        hookenv.subprocess = self._modules
        relations.RelationBase._cache.clear()
        endpoints.Endpoint._endpoints.clear()
        bus.Handler.clear()
        bus.discover = DISCOVER
        for name in list(sys.modules):
            if name.split('.')[0] in ('reactive', 'relations'):
                del sys.modules[name]
        sys.path[:] = [path for path in sys.path if DIRECTORY_PREFIX not in path]

    def run(self, given: ProcessInput,
            run_tool: RunTool) -> tuple[ProcessResult, list[Call]]:
        """Run a process, or find its result; return its hook-tool calls, too."""
        calls: list[Call] = []
        step = self._results.get(given)
        while isinstance(step, tuple):
            command, steps = step
            answer = run_tool(*command)
            calls.append((command, answer))
            step = steps.get(answer)
        return step or self._run_and_remember(given, run_tool, calls), calls

    def _run_and_remember(self, given: ProcessInput, run_tool: RunTool,
                          calls: list[Call]) -> ProcessResult:
        """Run a process.

        :param calls: its first calls, which have their answers; the others are appended
        """
        answered = iter(list(calls))

        def answer(*command: str) -> Answer:
            before = next(answered, None)
            if before is None:
                calls.append((command, run_tool(*command)))
                return calls[-1][1]
            assert before[0] == command, (before, command)
            return before[1]

        result = self._run(given, answer)
        steps, key = self._results, given
        for command, given_answer in calls:
            steps, key = steps.setdefault(key, (command, {}))[1], given_answer
        steps[key] = result
        return result

    def _handlers_begin(self) -> None:
        self._flags_for_handlers = _endpoint_flags()
        self._calls_before_handlers = self._modules.call_count

    def _run(self, given: ProcessInput, run_tool: RunTool) -> ProcessResult:
        self.processes += 1
        self._modules.call_count = self._calls_before_handlers = 0
        self._flags_for_handlers: frozenset[str] = frozenset()
        self._begin(given, run_tool)
        error = None
        try:
            if given.without_main:
                sys.modules['reactive.explored'].make_calls()
            else:
                charms.reactive.main()
        except Exception:
            error = traceback.format_exc()
        self._modules.run_tool = None   # the methods below must not call any hook tool
        flags = _endpoint_flags()
        return ProcessResult(
            self._rows(), self._flags_for_handlers, flags, self._calls_before_handlers,
            {} if error else self._method_values(flags), error)

    def _method_values(self, flags: frozenset[str]) -> dict[str, Any]:
        for flag in flags:
            module = type(charms.reactive.endpoint_from_flag(flag)).__module__
            assert module == self._endpoint_module, (
                'the object for {} comes from {}'.format(flag, module))
        return method_values(charms.reactive.endpoint_from_name('ep'))

    def _rows(self) -> Store:
        return tuple((key, json.dumps(json.loads(data), sort_keys=True))
                     for key, data in sorted(self._storage.rows.items())
                     if not key.startswith('reactive.dispatch.')
                     and key != 'reactive.state_watch')

    def _begin(self, given: ProcessInput, run_tool: RunTool) -> None:
        self._storage.rows = dict(given.store)
        os.environ.clear()
        os.environ.update(given.env, CHARM_DIR=str(self.charm_dir))
        hookenv.cache.clear()
        hookenv.cache[METADATA_CACHE_KEY] = self.metadata   # saves reading the file
        if self._at_start is None:
            self._import()
        else:
            forget_used_databags(self._package)
        hookenv._atstart[:] = self._at_start
        hookenv._atexit[:] = []
        sys.modules['reactive.explored'].calls[:] = given.handler_calls
        self._modules.run_tool = run_tool

    def _import(self) -> None:
        """Import the charm, and keep what its modules register for each hook."""
        hookenv._atstart[:] = AT_START
        DISCOVER()
        bus.discover = lambda: None
        # an endpoint always has the same class
        relations.relation_factory = endpoints.relation_factory = functools.cache(
            RELATION_FACTORY)
        replace_standard_modules(self._package, self._modules)
        sys.modules['reactive.explored'].handlers_begin = self._handlers_begin
        self._at_start = list(hookenv._atstart)


class FakeModules:
    """Replaces `subprocess`, `os`, `hashlib` and `uuid` in the layers and hookenv."""
    PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL
    CalledProcessError = subprocess.CalledProcessError

    def __init__(self) -> None:
        self.run_tool: RunTool | None = None
        self.call_count = 0     # of hook tools
        self.environ = SimpleNamespace(get=self._variable)

    def Popen(self, command: list[str], **_: Any) -> EndedProcess:
        self.call_count += 1
        return EndedProcess(*self.run_tool(*command))

    def call(self, command: list[str], **_: Any) -> int:
        assert command[0] == 'juju-log', command
        assert not any(text in ' '.join(command) for text in SECRET_TEXTS), command
        return 0

    def _variable(self, name: str, default: str | None = None) -> str | None:
        """An environment variable.

        Reading JUJU_VERSION counts as a hook-tool call: results of hooks that do not
        read it are valid for all versions.
        """
        if name != 'JUJU_VERSION':
            return os.environ.get(name, default)
        return self.run_tool(*VERSION_QUERY)[1].decode()

    def uuid4(self) -> UUID:
        """Return the same salt each time; otherwise, no two stores would be equal."""
        return UUID(int=0)

    def pbkdf2_hmac(self, name: str, text: bytes, salt: bytes, rounds: int) -> Digest:
        return Digest(text)


class Digest(bytes):
    """A digest that takes no time.

    It contains the number that stands for a password, so that state keys can treat
    different passwords as equal.
    """

    def hex(self) -> str:
        return without_secret_texts(self.decode())


class MemoryStorage(unitdata.Storage):
    """A key/value store in memory; values are JSON, as in sqlite."""

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
        """Do nothing: there is no file."""


class EndedProcess:
    """A hook tool that has ended, like subprocess.Popen."""

    def __init__(self, status: int, output: bytes, errors: bytes):
        self.returncode, self._printed = status, (output, errors)
        self.stdout, self.stderr = map(BytesIO, self._printed)

    def communicate(self) -> tuple[bytes, bytes]:
        return self._printed
