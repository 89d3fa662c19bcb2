"""A built charm whose hooks run in this process, with the real charms.reactive.

This is many times faster than a process for each hook. Each hook gets the global state
of a new process; the previous state is restored afterwards.
"""
from __future__ import annotations

import contextlib
import functools
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import traceback
import weakref
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any

from . import accept_any_distribution  # noqa: F401  before charmhelpers.core.host

import charms.reactive
import yaml
from charmhelpers.core import hookenv, host, unitdata
from charms.reactive import bus, endpoints, relations, trace

from .build import CharmDirectory
from .context import Context
from .subprocess_patch import patched_popen

# The packages that contain a charm's own modules.
PACKAGES = ('reactive', 'relations')
# A directory in memory: each hook writes its unit's configuration, and disks are slow.
MEMORY = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None


def _framework_callbacks(callbacks: list) -> list:
    """The callbacks that charms.reactive registers when it is imported.

    Juju starts a new process for each hook, which registers them again.
    """
    return [entry for entry in callbacks
            if getattr(entry[0], '__module__', '').startswith('charms.reactive')]


AT_START = _framework_callbacks(hookenv._atstart)
AT_EXIT = _framework_callbacks(hookenv._atexit)


class ModuleFinder:
    """Finds the modules of one unit's charm, for `sys.meta_path`.

    Each hook runs the modules again. Their locations and compiled code are cached,
    because finding and compiling would take longer than running them.
    """

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(self, name: str, path: Any = None,
                  target: Any = None) -> ModuleSpec | None:
        """Called by `import`."""
        if name.partition('.')[0] not in PACKAGES:
            return None
        if name not in self._specs:
            spec = self._specs[name] = PathFinder.find_spec(name, path, target)
            if spec and isinstance(spec.loader, SourceFileLoader):
                spec.loader.get_code = functools.lru_cache(maxsize=None)(
                    spec.loader.get_code)
        return self._specs[name]


class InProcessCharm(CharmDirectory):
    """A built charm whose hooks run in this process.

    Hooks for which the charm has no file do not run.
    """

    def __init__(self, path: str | Path):
        super().__init__(path)
        self._stores: dict[str, unitdata.Storage] = {}

    def run(self, context: Context) -> int:
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
        with _new_process_state(context, charm_dir, file, store):
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
        """The content of a unit's key/value store."""
        store = self._stores.get(unit_name)
        return store.getrange('') if store else {}

    def _charm_dir(self, context: Context) -> Path:
        """A unit's charm directory: links to the charm, and files that hooks write."""
        unit = context.unit
        if unit.charm_dir is None:
            unit.charm_dir = tempfile.mkdtemp(prefix='standin-', dir=MEMORY)
            weakref.finalize(unit, shutil.rmtree, unit.charm_dir, True)
        charm_dir = Path(unit.charm_dir)
        if unit.disk.get('unpacked') is not self:
            unit.disk.update(unpacked=self, modules=ModuleFinder())
            for entry in charm_dir.iterdir():
                if entry.is_symlink():
                    entry.unlink()
            for entry in self.path.iterdir():
                (charm_dir / entry.name).symlink_to(entry)
        return charm_dir


@contextlib.contextmanager
def _new_process_state(context: Context, charm_dir: Path, file: Path,
                       store: unitdata.Storage) -> Iterator[None]:
    """Set the global state that a new process would have; restore it afterwards."""
    with contextlib.ExitStack() as stack:
        def patch(owner: Any, name: str, value: Any) -> None:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)

        patch(subprocess, 'Popen', patched_popen(context))
        patch(host, 'init_is_systemd', lambda service_name=None: True)
        patch(hookenv, 'cache', {})
        patch(hookenv, '_cache_config', None)
        patch(hookenv, '_atstart', list(AT_START))
        patch(hookenv, '_atexit', list(AT_EXIT))
        patch(unitdata, '_KV', store)
        patch(bus.Handler, '_HANDLERS', {})
        patch(bus.Handler, '_CONSUMED_FLAGS', set())
        patch(relations.RelationBase, '_cache', {})
        patch(relations.RelationFactory, '_factories', [])
        patch(endpoints.Endpoint, '_endpoints', {})
        patch(trace, '_tracer', trace.NullTracer())
        # each hook reads metadata.yaml, and the C loader is ten times faster
        patch(yaml, 'SafeLoader', getattr(yaml, 'CSafeLoader', yaml.SafeLoader))
        patch(sys, 'argv', [str(file)])
        patch(sys, 'path', [str(charm_dir / 'lib')] + sys.path)
        patch(sys, 'meta_path', [context.unit.disk['modules']] + sys.meta_path)
        # compile modules once, although each hook imports them
        patch(sys, 'dont_write_bytecode', False)
        _patch_environment(stack, dict(context.env, CHARM_DIR=str(charm_dir),
                                       JUJU_CHARM_DIR=str(charm_dir)))
        stack.callback(os.chdir, os.getcwd())
        os.chdir(charm_dir)
        _hide_modules(stack, charm_dir)
        # changes that the hook did not flush are lost, as in a process that ends
        stack.callback(store.flush, False)
        yield


def _patch_environment(stack: contextlib.ExitStack, env: dict[str, str]) -> None:
    before = dict(os.environ)

    def restore() -> None:
        os.environ.clear()
        os.environ.update(before)

    stack.callback(restore)
    os.environ.clear()
    os.environ.update(env)


def _hide_modules(stack: contextlib.ExitStack, charm_dir: Path) -> None:
    """Make the hook import the charm's modules again; keep all other modules."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules)
              if name.split('.')[0] in PACKAGES}
    before = set(sys.modules)
    root = str(charm_dir)

    def restore() -> None:
        for name in set(sys.modules) - before:
            module = sys.modules[name]
            paths = [getattr(module, '__file__', None) or '',
                     *getattr(module, '__path__', ())]
            if any(path.startswith(root) for path in paths):
                del sys.modules[name]
        sys.modules.update(hidden)
        for path in [path for path in sys.path_importer_cache if path.startswith(root)]:
            del sys.path_importer_cache[path]

    stack.callback(restore)
