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
import sys
import tempfile
import traceback
import weakref
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import accumulate
from pathlib import Path
from typing import Any

from . import accept_any_distribution  # noqa: F401  before charms.reactive

import charms
import charms.reactive  # noqa: F401  whose globals are set below
import yaml
from charmhelpers import coordinator
from charmhelpers.core import hookenv, unitdata
from charms.reactive import bus, trace

from .build import LAYERS, CharmDirectory
from .context import Context
from .process_state import ProcessState

# The packages that contain a charm's handlers and interface layers.
PACKAGES = ('reactive', 'relations')
# The real layer:basic would install packages, also in charms that were built with it.
BASIC = LAYERS / 'basic' / 'lib' / 'charms' / 'layer' / 'basic.py'
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
        if name == 'charms.layer.basic':
            return spec_from_file_location(name, BASIC)
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
        file = self.path / 'dispatch'
        if not file.exists():
            action = context.hook.kind == 'action'
            file = self.path / ('actions' if action else 'hooks') / context.hook.name
        if not file.exists():
            return 0
        charm_dir = self._charm_dir(context)
        file = charm_dir / file.relative_to(self.path)
        if b'python' not in file.read_bytes().partition(b'\n')[0]:
            raise ValueError('{} is not a Python program: use a BuiltCharm to run '
                             'it'.format(file))
        with _new_process_state(context, charm_dir, file, store):
            try:
                runpy.run_path(str(file), run_name='__main__')
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
    with ProcessState() as state:
        state.set(bus.Handler, '_HANDLERS', {})
        state.set(bus.Handler, '_CONSUMED_FLAGS', set())
        state.set(coordinator.Singleton, '_instances', {})
        state.set(trace, '_tracer', trace.NullTracer())
        # each hook reads metadata.yaml, and the C loader is ten times faster
        state.set(yaml, 'SafeLoader', getattr(yaml, 'CSafeLoader', yaml.SafeLoader))
        state.set(sys, 'argv', [str(file)])
        state.set(sys, 'path', [str(file.parent), *_search_path(charm_dir)])
        state.set(charms, '__path__', [str(charm_dir / 'lib' / 'charms'),
                                       *charms.__path__])
        state.set(sys, 'meta_path', [context.unit.disk['modules']] + sys.meta_path)
        # compile modules once, although each hook imports them
        state.set(sys, 'dont_write_bytecode', False)
        state.begin_hook(context, charm_dir, store, AT_START, AT_EXIT)
        _hide_modules(state, charm_dir)
        # changes that the hook did not flush are lost, as in a process that ends
        state.callback(store.flush, False)
        yield


def _search_path(charm_dir: Path) -> list[str]:
    """The path to import from, without the handlers of the layer that is tested."""
    return [str(charm_dir / 'lib')] + [
        directory for directory in sys.path if not any(
            os.path.isdir(os.path.join(directory, name)) for name in PACKAGES)]


def _hide_modules(state: ProcessState, charm_dir: Path) -> None:
    """Make the hook import the charm's modules again; keep all other modules."""
    own = {*PACKAGES, *_modules(charm_dir / 'lib'),
           *('charms.' + name for name in _modules(charm_dir / 'lib' / 'charms'))}
    own -= {'charms', 'charms.reactive', 'charmhelpers'}
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules)
              # a module of `own`, or in a package of `own`
              if own.intersection(accumulate(name.split('.'), '{}.{}'.format))}
    before, attributes = set(sys.modules), dict(vars(charms))
    for name in own:
        vars(charms).pop(name.partition('charms.')[2], None)
    root = str(charm_dir)

    def restore() -> None:
        for name in set(sys.modules) - before:
            module = sys.modules[name]
            paths = [getattr(module, '__file__', None) or '',
                     *getattr(module, '__path__', ())]
            if any(path.startswith((root, str(BASIC))) for path in paths):
                del sys.modules[name]
        sys.modules.update(hidden)
        vars(charms).clear()
        vars(charms).update(attributes)
        for path in [path for path in sys.path_importer_cache
                     if path.startswith(root) or not os.path.isabs(path)]:
            del sys.path_importer_cache[path]

    state.callback(restore)


def _modules(directory: Path) -> set[str]:
    """The names of the modules and packages in a directory."""
    return {path.stem for path in directory.glob('*')}
