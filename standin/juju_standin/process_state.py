"""Gives a block the global state of a new process, and restores the previous state."""
from __future__ import annotations

import contextlib
import functools
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest import mock

from . import accept_any_distribution  # noqa: F401  before charms.reactive

from charmhelpers.core import hookenv, unitdata
from charms.reactive import endpoints, relations

from .command_directory import CommandDirectory
from .context import Context
from .subprocess_patch import patched_popen

# The processes of all hooks that run in this process find the same commands.
_command_directory = functools.lru_cache(maxsize=None)(CommandDirectory)


class ProcessState(contextlib.ExitStack):
    """Changes global state, and restores it at the end of a `with` block."""

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute."""
        self.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, value)

    def begin_hook(self, context: Context, charm_dir: Path, store: unitdata.Storage,
                   at_start: Iterable, at_exit: Iterable, **variables: str) -> None:
        """Set what a hook's process gets from Juju, and empty the frameworks' caches.

        :param store: the unit's key/value store
        :param at_start, at_exit: what charmhelpers calls at the start and the end
        :param variables: environment variables that replace the context's
        """
        self.set(subprocess, 'Popen', patched_popen(context))
        self.set(hookenv, 'cache', {})
        self.set(hookenv, '_cache_config', None)
        self.set(hookenv, '_atstart', list(at_start))
        self.set(hookenv, '_atexit', list(at_exit))
        self.set(unitdata, '_KV', store)
        self.set(relations.RelationBase, '_cache', {})
        self.set(relations.RelationFactory, '_factories', [])
        self.set(endpoints.Endpoint, '_endpoints', {})
        env = dict(context.env, CHARM_DIR=str(charm_dir), JUJU_CHARM_DIR=str(charm_dir),
                   **variables)
        env['PATH'] = _command_directory().search_path(context, env['PATH'])
        self.enter_context(mock.patch.dict(os.environ, env, clear=True))
        self.enter_context(_command_directory().answers(context))
        self.callback(os.chdir, os.getcwd())
        os.chdir(charm_dir)
