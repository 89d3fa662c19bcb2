"""A built charm whose hooks run as processes."""
from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import accept_any_distribution, forkserver
from .build import LAYERS, CharmDirectory
from .command_directory import CommandDirectory
from .context import Context

# The first line of Python programs that need layer:basic's environment.
CHARM_ENV = b'#!/usr/local/sbin/charm-env python3\n'

# Runs a Python program on any Linux distribution, with the module beside this one.
RUN_PROGRAM = '''\
import os, runpy, sys
try:
    import accept_any_distribution
except ImportError:
    pass    # a program that does not use charmhelpers
del sys.argv[0]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name='__main__')
'''

# The `charms.reactive` command.
REACTIVE_COMMAND = '''\
import accept_any_distribution, sys
from charmhelpers.cli import cmdline
from charms.reactive import bus, cli, flags
cmdline.run()
sys.exit(cmdline.exit_code)
'''


class BuiltCharm(CharmDirectory):
    """A built charm; each new unit gets a copy of it below `work_dir`.

    :param python: the interpreter for hooks, which has charms.reactive installed
    """

    def __init__(self, source_dir: str | Path, work_dir: str | Path,
                 python: str | Path = sys.executable):
        super().__init__(source_dir)
        self.actions.add('juju-exec')
        self.python = str(python)
        self.work_dir = Path(work_dir).resolve()
        self._charm_dirs: dict[str, Path] = {}
        self._commands = CommandDirectory()
        programs, interpreter = self._commands.path, shlex.quote(self.python)
        (programs / 'run_program.py').write_text(RUN_PROGRAM)
        (programs / 'charms_reactive.py').write_text(REACTIVE_COMMAND)
        shutil.copy(accept_any_distribution.__file__, programs)
        # scripts, because a link to an interpreter ignores its virtual environment
        self._commands.add('python3', (
            '#!/bin/sh\ncase "$1" in\n-*|"") exec {0} "$@" ;;\n'
            '*) exec {0} {1}/run_program.py "$@" ;;\nesac\n').format(
                interpreter, programs))
        self._commands.add('charms.reactive',
                           '#!/bin/sh\nexec {} {}/charms_reactive.py "$@"\n'.format(
                               interpreter, programs))
        # charm-env is in actions' first lines; it finds the charm's modules
        self._charm_env = self._commands.add(
            'charm-env', '#!/bin/sh\nPYTHONPATH=$CHARM_DIR/lib exec env "$@"\n')
        bash_library = Path(self.python).parent / 'charms.reactive.sh'
        if bash_library.exists():
            self._commands.add(bash_library.name, bash_library.read_text())

    def run(self, context: Context) -> int:
        """Run `dispatch` or the hook's file, if it exists, as Juju does.

        The action `juju-exec` runs its parameter `command`, as `juju exec` does.
        """
        if context.hook.name == 'juju-exec' and 'command' not in context.params:
            raise ValueError('juju-exec needs the parameter `command`')
        charm_dir = self._unpack(context)
        context.unit.charm_dir = str(charm_dir)
        kind = 'actions' if context.hook.kind == 'action' else 'hooks'
        command = [charm_dir / 'dispatch']
        if not command[0].exists():
            command = [charm_dir / kind / context.hook.name]
        if kind == 'actions' and context.hook.name == 'juju-exec':
            command = ['/bin/bash', '-c', context.params['command']]
        elif not command[0].exists():
            return 0
        elif command[0].read_bytes().startswith(CHARM_ENV):
            # layer:basic installs charm-env where only root can write
            command = [self._charm_env, 'python3', command[0]]
        env = dict(context.env, CHARM_DIR=str(charm_dir), JUJU_CHARM_DIR=str(charm_dir),
                   PATH=self._commands.search_path(context, context.env['PATH']))
        # a file, because a background process of the hook would keep a pipe open
        with tempfile.TemporaryFile() as output, self._commands.answers(context):
            if kind == 'hooks' and forkserver.can_run(command[0]):
                status = forkserver.run(self.python, command[0], charm_dir, env, output)
            else:
                status = subprocess.run(command, cwd=charm_dir, env=env,
                                        stdin=subprocess.DEVNULL, stdout=output,
                                        stderr=subprocess.STDOUT).returncode
            output.seek(0)
            text = output.read().decode(errors='replace')
        context.log += [('DEBUG', line) for line in text.splitlines()]
        return status

    def kv(self, unit_name: str) -> dict[str, Any]:
        """The content of a unit's key/value store."""
        if unit_name not in self._charm_dirs:
            return {}
        file = self._charm_dirs[unit_name] / '.unit-state.db'
        if not file.exists():
            return {}
        with contextlib.closing(sqlite3.connect(file)) as store:
            return {key: json.loads(value) for key, value
                    in store.execute('select key, data from kv')}

    def _unpack(self, context: Context) -> Path:
        """Copy the charm to the unit; an upgrade keeps files that the unit created."""
        unit, disk = context.unit, context.unit.disk
        charm_dir = Path(unit.charm_dir or self.work_dir / (
            unit.name.replace('/', '-') + '-dir') / 'charm')
        self._charm_dirs[unit.name] = charm_dir
        previous = disk.get('unpacked')
        if previous == self.path:
            return charm_dir
        if previous is None:
            shutil.rmtree(charm_dir, ignore_errors=True)
        else:
            for file in previous.rglob('*'):
                if not file.is_dir():
                    (charm_dir / file.relative_to(previous)).unlink(missing_ok=True)
            # Python would use the cached code of a replaced file if the new file has
            # the same size and time (in seconds)
            for cache in list(charm_dir.rglob('__pycache__')):
                shutil.rmtree(cache)
        shutil.copytree(self.path, charm_dir, symlinks=True, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns('__pycache__'))
        basic = Path('lib/charms/layer/basic.py')
        if (charm_dir / basic).exists():
            # the real layer:basic would install packages
            shutil.copy(LAYERS / 'basic' / basic, charm_dir / basic)
        disk['unpacked'] = self.path
        return charm_dir
