"""The commands that a hook's processes find first in PATH.

They are the hook tools, and commands that do nothing instead of changing the machine.
"""
from __future__ import annotations

import contextlib
import marshal
import os
import shutil
import socket
import sys
import tempfile
import threading
import traceback
import weakref
from collections.abc import Iterator
from pathlib import Path

from . import machine
from .context import Context

# The script of each hook tool: sends its arguments and input to the stand-in, then
# prints the reply. It starts fast because it imports little, and ignores site-packages
# and the environment. Both processes use the same interpreter, so marshal is safe.
HOOK_TOOL = '''\
#!{python} -IS
import marshal, posix, sys
from _socket import socket, AF_UNIX, SOCK_STREAM, SHUT_WR
name, args = sys.argv[0].rpartition('/')[2], sys.argv[1:]
reads_stdin = '-' in args and '--file' in args or '--file=-' in args
stdin = sys.stdin.buffer.read() if reads_stdin else b''
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


class CommandDirectory:
    """Directories with commands, one for each release, below `path`."""

    def __init__(self) -> None:
        # a temporary directory, because paths of sockets must be short
        self.path = Path(tempfile.mkdtemp(prefix='standin-'))
        weakref.finalize(self, shutil.rmtree, self.path, True)
        # paths of interpreters in scripts must be short, too
        interpreter = self.path / 'python'
        interpreter.symlink_to(os.path.realpath(sys.executable))
        self._socket = self.path / 'socket'
        self._common = self.path / 'common'
        self._common.mkdir()
        for name in machine.COMMANDS:
            self.add(name, machine.SCRIPT)
        _write_script(self.path / 'tool', HOOK_TOOL.format(path=str(self._socket),
                                                           python=interpreter))

    def add(self, name: str, script: str) -> Path:
        """Add a command for all releases."""
        return _write_script(self._common / name, script)

    def search_path(self, context: Context, path: str) -> str:
        """Put the commands of the context's release before those in `path`."""
        directory = self.path / context.model.profile.name
        if not directory.exists():
            directory.mkdir()
            for name in context.tools:
                (directory / name).symlink_to(self.path / 'tool')
        return '{}:{}:{}'.format(directory, self._common, path)

    @contextlib.contextmanager
    def answers(self, context: Context) -> Iterator[None]:
        """Answer hook-tool calls in a thread while the hook's processes run."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.bind(str(self._socket))
            server.listen()
            thread = threading.Thread(target=answer_calls, args=(server, context))
            thread.start()
            try:
                yield
            finally:
                # background processes of the hook get no more answers
                server.shutdown(socket.SHUT_RDWR)
                thread.join()
                self._socket.unlink()


def _write_script(path: Path, script: str) -> Path:
    path.write_text(script)
    path.chmod(0o755)
    return path


def answer_calls(server: socket.socket, context: Context) -> None:
    """Answer hook-tool calls until the socket is shut down."""
    while True:
        try:
            peer, _ = server.accept()
        except OSError:
            return
        with peer:
            try:
                with peer.makefile('rb') as request:
                    argv, stdin, cwd = marshal.loads(request.read())
                reply = context.call(argv, stdin, cwd)
            except Exception:   # without a reply, the hook would wait forever
                reply = 1, b'', traceback.format_exc().encode()
            with contextlib.suppress(ConnectionError):
                peer.sendall(marshal.dumps(reply))
