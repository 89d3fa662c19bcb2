"""A built charm, run by processes."""
from __future__ import annotations

import contextlib
import json
import marshal
import os
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import warm
from .charmdir import CharmDirectory
from .context import Context

# A hook tool: tells the stand-in how it was called, and does what it is told.
# It is quick to start: it has few imports, and neither site nor environment. marshal
# is safe between two processes of the same interpreter.
CLIENT = '''\
#!{python} -IS
import marshal, posix, sys
from _socket import socket, AF_UNIX, SOCK_STREAM, SHUT_WR
name, args = sys.argv[0].rpartition('/')[2], sys.argv[1:]
from_stdin = '-' in args and '--file' in args or '--file=-' in args
stdin = sys.stdin.buffer.read() if from_stdin else b''
peer = socket(AF_UNIX, SOCK_STREAM)
peer.connect({path!r})
peer.sendall(marshal.dumps(([name] + args, stdin, posix.getcwd())))
peer.shutdown(SHUT_WR)
reply = b''
while True:
    part = peer.recv(65536)
    if not part:
        break
    reply += part
status, output, errors = marshal.loads(reply)
sys.stdout.buffer.write(output)
sys.stderr.buffer.write(errors)
sys.stdout.flush()
sys.stderr.flush()
posix._exit(status)
'''

# The framework's command for flags, on any host.
FRAMEWORK = '''\
import sys
from charmhelpers import osplatform
osplatform.get_platform = lambda: 'ubuntu'
from charmhelpers.cli import cmdline
from charms.reactive import bus, cli, flags
cmdline.run()
sys.exit(cmdline.exit_code)
'''


class BuiltCharm(CharmDirectory):
    """A built charm; each unit has a copy below `work_dir`.

    :param python: runs the hooks, and has the framework
    """

    def __init__(self, source_dir: str | Path, work_dir: str | Path,
                 python: str | Path = sys.executable):
        super().__init__(source_dir)
        self.python = str(python)
        self.work_dir = Path(work_dir).resolve()
        # not below work_dir: the path of a socket must be short
        self._bin = Path(tempfile.mkdtemp(prefix='standin-'))
        weakref.finalize(self, shutil.rmtree, self._bin, True)
        # and so must that of an interpreter that a script names
        interpreter = self._bin / 'python'
        interpreter.symlink_to(os.path.realpath(sys.executable))
        executable(self._bin / 'tool',
                   CLIENT.format(path=self._socket, python=interpreter))

    @property
    def _socket(self) -> str:
        return str(self._bin / 'socket')

    def run(self, context: Context) -> int:
        """Run `dispatch`, or the hook's file, if there is one, as Juju does.

        The action `juju-exec` runs its parameter `command`, as Juju's own does.
        """
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
        env = dict(context.env, CHARM_DIR=str(charm_dir),
                   JUJU_CHARM_DIR=str(charm_dir),
                   PATH='{}:{}'.format(self._tools(context), context.env['PATH']))
        # output goes to a file: a process that the hook leaves running would
        # keep a pipe open
        with tempfile.TemporaryFile() as output, self._listening(context):
            if kind == 'hooks' and warm.fits(command[0]):
                status = warm.run(self.python, command[0], charm_dir, env,
                                  output)
            else:
                status = subprocess.run(command, cwd=charm_dir, env=env,
                                        stdin=subprocess.DEVNULL, stdout=output,
                                        stderr=subprocess.STDOUT).returncode
            output.seek(0)
            text = output.read().decode(errors='replace')
        context.log += [('DEBUG', line) for line in text.splitlines()]
        return status

    def kv(self, unit_name: str) -> dict[str, Any]:
        """What a unit's key/value store holds."""
        file = self._charm_dir(unit_name) / '.unit-state.db'
        if not file.exists():
            return {}
        with contextlib.closing(sqlite3.connect(file)) as store:
            return {key: json.loads(value) for key, value
                    in store.execute('select key, data from kv')}

    def _charm_dir(self, unit_name: str) -> Path:
        return self.work_dir / (unit_name.replace('/', '-') + '-dir') / 'charm'

    def _unpack(self, context: Context) -> Path:
        """The unit's charm directory; an upgrade leaves what is the unit's own."""
        charm_dir, disk = self._charm_dir(context.unit.name), context.unit.disk
        before = disk.get('unpacked')
        if before == self.path:
            return charm_dir
        if before is None:
            shutil.rmtree(charm_dir, ignore_errors=True)
        else:
            for file in before.rglob('*'):
                if not file.is_dir():
                    (charm_dir / file.relative_to(before)).unlink(missing_ok=True)
            # a file of the same size, written in the same second, would be taken
            # for the one that it replaces
            for cache in list(charm_dir.rglob('__pycache__')):
                shutil.rmtree(cache)
        shutil.copytree(self.path, charm_dir, symlinks=True, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns('__pycache__'))
        disk['unpacked'] = self.path
        return charm_dir

    def _tools(self, context: Context) -> Path:
        """A directory of the hook tools of this release, and of what layer:basic
        installs: `python3` and `charms.reactive`.
        """
        directory = self._bin / context.model.profile.name
        if not directory.exists():
            directory.mkdir()
            python = shlex.quote(self.python)
            # a link to a virtual environment's interpreter would lose it
            executable(directory / 'python3',
                       '#!/bin/sh\nexec {} "$@"\n'.format(python))
            executable(directory / 'charms.reactive', '#!/bin/sh\nexec {} -c {} "$@"\n'
                       .format(python, shlex.quote(FRAMEWORK)))
            for name in context.tools:
                (directory / name).symlink_to(self._bin / 'tool')
        return directory

    @contextlib.contextmanager
    def _listening(self, context: Context) -> Iterator[None]:
        """Answer hook tools, in a thread, while the hook's process runs."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.bind(self._socket)
            server.listen()
            thread = threading.Thread(target=serve, args=(server, context))
            thread.start()
            try:
                yield
            finally:
                # a process that the hook left must find nobody
                server.shutdown(socket.SHUT_RDWR)
                thread.join()
                Path(self._socket).unlink()


def executable(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


def serve(server: socket.socket, context: Context) -> None:
    """Answer hook tools until the socket is shut down."""
    while True:
        try:
            peer, _ = server.accept()
        except OSError:
            return
        with peer:
            with peer.makefile('rb') as request:
                argv, stdin, cwd = marshal.loads(request.read())
            try:
                reply = context.call(argv, stdin, cwd)
            except Exception:   # or the hook would wait for ever
                reply = 1, b'', traceback.format_exc().encode()
            with contextlib.suppress(BrokenPipeError):
                peer.sendall(marshal.dumps(reply))
