"""One unit's hooks, run by the real charms.reactive on the real layers, fast.

Unlike a charm's hooks they share one process and its imported modules, and hook
tools are answered by a function. All that a hook leaves behind is in the key/value
store, whose content is handed in and out.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from standin import anyhost  # noqa: F401  before charmhelpers.core.host

import charms.reactive
from charmhelpers.core import hookenv, unitdata
from charms.reactive import bus, endpoints, relations, trace

INTERFACES = Path(__file__).resolve().parents[2] / 'interfaces'

# The charm: it does in a hook what the runner was told it would.
CHARM = '''\
from charms.reactive import endpoint_from_name, when_not
plan = []
@when_not('never')
def follow_plan():
    while plan:
        name, *args = plan.pop(0)
        getattr(endpoint_from_name('ep'), name)(*args)
'''

# Under which charmhelpers caches what metadata.yaml says.
METADATA = json.dumps((hookenv.metadata._wrapped, (), {}), sort_keys=True,
                      default=str)

AT_START = [entry for entry in hookenv._atstart
            if entry[0] is not trace.install_tracer]
PREFIX = 'explored-'
DISCOVER = bus.discover

Store = tuple[tuple[str, str], ...]     # rows of the key/value store
Tools = Callable[[str, dict[str, Any]], Any]


def in_order(key: str, data: str) -> str:
    """A row's JSON, with what is in no order put in one: the keys of objects, the units
    that wait to be dismissed, and those of a relation with their entries."""
    value = json.loads(data)
    if key == 'interface-layer.ep':
        value['joining'].sort()
    elif key == 'interface-layer.ep.units':
        for texts in value.values():
            pairs = sorted(zip(texts[0].split(' '), texts[1].split('\n')))
            texts[:] = map(str.join, ' \n', zip(*pairs))
    return json.dumps(value, sort_keys=True)


class Exit(Exception):
    """A hook tool's exit status, if it is not 0."""


class Runner:
    """A unit of a charm with one endpoint, `ep`, of an interface and role."""

    def __init__(self, interface: str, role: str):
        self._directory = tempfile.TemporaryDirectory(prefix=PREFIX)
        self.charm_dir = Path(self._directory.name)
        package = self.charm_dir / 'hooks' / 'relations' / interface
        package.mkdir(parents=True)
        for module in (INTERFACES / interface).glob('*.py'):
            (package / module.name).symlink_to(module)
        (self.charm_dir / 'reactive').mkdir()
        (self.charm_dir / 'reactive' / 'explored.py').write_text(CHARM)
        self._role = 'relations.{}.{}'.format(interface, role)
        self._metadata = {'name': 'explored', role: {'ep': {'interface': interface}}}
        (self.charm_dir / 'metadata.yaml').write_text(json.dumps(self._metadata))
        self._store = unitdata.Storage(':memory:')
        self._at_start: list | None = None
        self.calls: list[tuple[str, dict]] = []
        self.log: list[str] = []
        self.tools: Tools = lambda name, options: None
        hookenv.subprocess = self
        unitdata._KV = self._store
        relations.RelationBase._cache.clear()
        endpoints.Endpoint._endpoints.clear()
        bus.Handler.clear()
        bus.discover = DISCOVER
        for name in list(sys.modules):
            if name.split('.')[0] in ('reactive', 'relations'):
                del sys.modules[name]
        sys.path[:] = [path for path in sys.path if PREFIX not in path]

    def run(self, store: Store, env: dict[str, str], tools: Tools,
            plan: list[tuple]) -> Store:
        """Run one hook; what is in the key/value store after it."""
        self._begin(store, env, tools)
        if self._at_start is None:
            # what modules register when they are imported, in a real hook anew
            hookenv._atstart[:] = AT_START
            DISCOVER()
            bus.discover = lambda: None
            # where charms.reactive looks for it first, in vain
            sys.modules['reactive.' + self._role] = sys.modules[self._role]
            self._at_start = list(hookenv._atstart)
        hookenv._atstart[:] = self._at_start
        hookenv._atexit[:] = []
        sys.modules['reactive.explored'].plan[:] = plan
        charms.reactive.main()
        return self._rows()

    def act(self, store: Store, env: dict[str, str], tools: Tools,
            plan: list[tuple]) -> Store:
        """Run an action that uses the object without charms.reactive.main."""
        self._begin(store, env, tools)
        for name, *args in plan:
            getattr(charms.reactive.endpoint_from_name('ep'), name)(*args)
        return self._rows()

    def _rows(self) -> Store:
        cursor = self._store.conn.execute(
            "select key, data from kv where key not like 'reactive.dispatch.%' "
            "and key != 'reactive.state_watch' order by key")
        return tuple((key, in_order(key, data)) for key, data in cursor)

    def _begin(self, store: Store, env: dict[str, str], tools: Tools) -> None:
        connection = self._store.conn
        connection.execute('delete from kv')
        connection.executemany('insert into kv values (?, ?)', store)
        os.environ.clear()
        os.environ.update(env, CHARM_DIR=str(self.charm_dir),
                          JUJU_UNIT_NAME='explored/0')
        hookenv.cache.clear()
        hookenv.cache[METADATA] = self._metadata    # saves reading it
        self.calls, self.log, self.tools = [], [], tools
        if self._at_start is not None:
            # what a process has read is gone with it
            sys.modules[self._role.rpartition('.')[0] + '.recorded']._read.clear()

    # What charmhelpers.core.hookenv finds for `subprocess`.

    CalledProcessError = subprocess.CalledProcessError

    def check_output(self, argv: list[str], **_: Any) -> Any:
        name, options, words = argv[0], {}, []
        rest = iter(argv[1:])
        for word in rest:
            if word == '-r':
                options['rid'] = next(rest)
            elif word != '--format=json':
                words.append(word)
        options['words'] = words
        if name == 'relation-set' and words == ['--help']:
            return ''   # without --file: writing YAML takes longer than the hook
        self.calls.append((name, options))
        try:
            return json.dumps(self.tools(name, options)).encode()
        except Exit as error:
            raise subprocess.CalledProcessError(error.args[0], argv)

    def check_call(self, argv: list[str], **_: Any) -> int:
        self.check_output(argv)
        return 0

    def call(self, argv: list[str], **_: Any) -> int:
        if argv[0] == 'juju-log':
            self.log.append(argv[-1])
        return 0
