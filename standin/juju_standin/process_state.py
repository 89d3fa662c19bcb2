"""Sets global state for a while, as a new process would have it."""
from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any


class ProcessState(contextlib.ExitStack):
    """Changes global state, and restores it at the end of a `with` block."""

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute."""
        self.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, value)

    def set_environment(self, env: dict[str, str]) -> None:
        before = dict(os.environ)

        def restore() -> None:
            os.environ.clear()
            os.environ.update(before)

        self.callback(restore)
        os.environ.clear()
        os.environ.update(env)

    def enter_directory(self, directory: Path) -> None:
        self.callback(os.chdir, os.getcwd())
        os.chdir(directory)
