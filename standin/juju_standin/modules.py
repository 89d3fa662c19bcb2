"""The modules of a charm, where hooks run in this process."""
from __future__ import annotations

import functools
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from typing import Any

PACKAGES = ('reactive', 'relations')


class Modules:
    """Finds the modules of one unit's charm, for `sys.meta_path`.

    Each hook runs them anew; where they are and their code is looked up once, which
    else takes longer than running them.
    """

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(self, name: str, path: Any = None,
                  target: Any = None) -> ModuleSpec | None:
        """What `import` asks for."""
        if name.partition('.')[0] not in PACKAGES:
            return None
        if name not in self._specs:
            spec = self._specs[name] = PathFinder.find_spec(name, path, target)
            if spec and isinstance(spec.loader, SourceFileLoader):
                spec.loader.get_code = functools.lru_cache(maxsize=None)(
                    spec.loader.get_code)
        return self._specs[name]
