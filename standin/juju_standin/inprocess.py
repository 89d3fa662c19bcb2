"""A charm run in this process, by the real charms.reactive.

It is many times faster than processes. What one process would keep from one
hook to the next, and a new one would not, is put away around each hook.
"""
from __future__ import annotations

import contextlib
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import traceback
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import anyhost  # noqa: F401  before charmhelpers.core.host

import charms.reactive
import yaml
from charmhelpers.core import hookenv, host, unitdata
from charms.reactive import bus, endpoints, relations, trace

from .charmdir import CharmDirectory
from .context import Context
from .modules import PACKAGES, Modules
from .popen import answered_by


def _own(callbacks: list) -> list:
    """What charms.reactive itself has registered: the modules are imported once,
    and Juju starts a new process for each hook."""
    return [entry for entry in callbacks
            if getattr(entry[0], '__module__', '').startswith('charms.reactive')]


# Each hook writes its unit's configuration anew; a disk would be waited for.
MEMORY = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None

AT_START, AT_EXIT = _own(hookenv._atstart), _own(hookenv._atexit)


class InProcessCharm(CharmDirectory):
    """A built charm, run in this process.

    A hook that it has no file for is not run.
    """

    def __init__(self, path: str | Path):
        super().__init__(path)
        self._stores: dict[str, unitdata.Storage] = {}

    def run(self, context: Context) -> int:
        """Run one hook or action."""
        disk = context.unit.disk
        if 'store' not in disk:
            disk['store'] = unitdata.Storage(':memory:')
        self._stores[context.unit.name] = store = disk['store']
        action = context.hook.kind == 'action'
        file = self.path / ('actions' if action else 'hooks') / context.hook.name
        if not file.exists():
            return 0
        charm_dir = self._charm_dir(context)
        file = charm_dir / file.relative_to(self.path)
        with _like_new(context, charm_dir, file, store):
            try:
                if action:
                    runpy.run_path(str(file), run_name='__main__')
                else:
                    charms.reactive.main()
                return 0
            except SystemExit as error:
                return (error.code if isinstance(error.code, int)
                        else int(error.code is not None))
            except Exception:
                context.log.append(('DEBUG', traceback.format_exc()))
                return 1

    def kv(self, unit_name: str) -> dict[str, Any]:
        """What a unit's key/value store holds."""
        store = self._stores.get(unit_name)
        return store.getrange('') if store else {}

    def _charm_dir(self, context: Context) -> Path:
        """A unit's own directory: of links, and of what the unit wrote there."""
        unit = context.unit
        if unit.charm_dir is None:
            unit.charm_dir = tempfile.mkdtemp(prefix='standin-', dir=MEMORY)
            weakref.finalize(unit, shutil.rmtree, unit.charm_dir, True)
        charm_dir = Path(unit.charm_dir)
        if unit.disk.get('unpacked') is not self:
            unit.disk.update(unpacked=self, modules=Modules())
            for entry in charm_dir.iterdir():
                if entry.is_symlink():
                    entry.unlink()
            for entry in self.path.iterdir():
                (charm_dir / entry.name).symlink_to(entry)
        return charm_dir


@contextlib.contextmanager
def _like_new(context: Context, charm_dir: Path, file: Path,
              store: unitdata.Storage) -> Iterator[None]:
    """What a new process would start with; afterwards all is as it was."""
    with contextlib.ExitStack() as stack:
        def put(owner: Any, name: str, value: Any) -> None:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)

        put(subprocess, 'Popen', answered_by(context))
        put(host, 'init_is_systemd', lambda service_name=None: True)
        put(hookenv, 'cache', {})
        put(hookenv, '_cache_config', None)
        put(hookenv, '_atstart', list(AT_START))
        put(hookenv, '_atexit', list(AT_EXIT))
        put(unitdata, '_KV', store)
        put(bus.Handler, '_HANDLERS', {})
        put(bus.Handler, '_CONSUMED_FLAGS', set())
        put(relations.RelationBase, '_cache', {})
        put(relations.RelationFactory, '_factories', [])
        put(endpoints.Endpoint, '_endpoints', {})
        put(trace, '_tracer', trace.NullTracer())
        # each hook reads metadata.yaml, and the loader in C takes a tenth of the time
        put(yaml, 'SafeLoader', getattr(yaml, 'CSafeLoader', yaml.SafeLoader))
        put(sys, 'argv', [str(file)])
        put(sys, 'path', [str(charm_dir / 'lib')] + sys.path)
        put(sys, 'meta_path', [context.unit.disk['modules']] + sys.meta_path)
        # the charm's modules are imported for each hook, compiled once
        put(sys, 'dont_write_bytecode', False)
        _put_environment(stack, dict(context.env, CHARM_DIR=str(charm_dir),
                                     JUJU_CHARM_DIR=str(charm_dir)))
        stack.callback(os.chdir, os.getcwd())
        os.chdir(charm_dir)
        _put_modules(stack, charm_dir)
        # what was not flushed dies with the process
        stack.callback(store.flush, False)
        yield


def _put_environment(stack: contextlib.ExitStack, env: dict[str, str]) -> None:
    before = dict(os.environ)

    def restore() -> None:
        os.environ.clear()
        os.environ.update(before)

    stack.callback(restore)
    os.environ.clear()
    os.environ.update(env)


def _put_modules(stack: contextlib.ExitStack, charm_dir: Path) -> None:
    """Import the charm's modules anew; other modules may stay."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules)
              if name.split('.')[0] in PACKAGES}
    before = set(sys.modules)
    root = str(charm_dir)

    def restore() -> None:
        for name in set(sys.modules) - before:
            module = sys.modules[name]
            places = [getattr(module, '__file__', None) or '',
                      *getattr(module, '__path__', ())]
            if any(place.startswith(root) for place in places):
                del sys.modules[name]
        sys.modules.update(hidden)
        for place in [place for place in sys.path_importer_cache
                      if place.startswith(root)]:
            del sys.path_importer_cache[place]

    stack.callback(restore)
