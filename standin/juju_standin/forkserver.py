"""Runs hooks in processes forked from one that has already imported charms.reactive.

Imports take most of a small hook's time. Each hook still gets its own arguments,
environment, directory and output, and ends like a separate process.
"""
from __future__ import annotations

import atexit
import functools
import json
import socket
import subprocess
import threading
from pathlib import Path
from typing import IO

from . import accept_any_distribution

# The first line of hooks that can be forked.
SHEBANG = b'#!/usr/bin/env python3\n'

# The server forks for each request, and replies with the exit status. The child leaves
# the loop and runs the hook at the end of `__main__`, so that exit handlers run, too.
SERVER = '''\
import array, gc, json, os, runpy, socket, sys
# importing charms.reactive makes setuptools change sys.path: restore it
original_path = sys.path[:]
runpy.run_path(sys.argv[2])     # accept_any_distribution
import charms.reactive
sys.path[:] = original_path
if hasattr(gc, 'freeze'):   # since Python 3.7
    # otherwise each child would copy the memory of all objects when it ends
    gc.freeze()
peer = socket.socket(fileno=int(sys.argv[1]))
while True:
    request, received, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(4))
    if not request:
        sys.exit()
    output, = array.array('i', received[0][2])
    child = os.fork()
    if not child:
        break
    os.close(output)
    status = os.waitpid(child, 0)[1]
    peer.send(str(-os.WTERMSIG(status) or os.WEXITSTATUS(status)).encode())
peer.close()
path, directory, environment = json.loads(request)
os.dup2(output, 1)
os.dup2(output, 2)
os.close(output)
os.chdir(directory)
# a new process would find the charm's own modules of this package
charms.__path__ = [os.path.join(directory, 'lib', 'charms'), *charms.__path__]
os.environ.clear()
os.environ.update(environment)
sys.argv[:], sys.path[0] = [path], os.path.dirname(path)
runpy.run_path(path, run_name='__main__')
'''

ONE_AT_A_TIME = threading.Lock()


def can_run(path: Path) -> bool:
    """Whether `run` can run this file."""
    with open(path, 'rb') as file:
        return file.readline() == SHEBANG


def run(python: str, path: Path, directory: Path, env: dict[str, str],
        output: IO[bytes]) -> int:
    """Run a Python file in this environment, and return its exit status."""
    request = json.dumps([str(path), str(directory), env]).encode()
    with ONE_AT_A_TIME:
        peer = _server(python)
        socket.send_fds(peer, [request], [output.fileno()])
        status = peer.recv(64)
    if not status:
        raise RuntimeError('the server that forks hooks has ended')
    return int(status)


@functools.lru_cache(maxsize=None)
def _server(python: str) -> socket.socket:
    """Start this process's server, which ends when the returned socket is closed."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [python, '-c', SERVER, str(theirs.fileno()),
             accept_any_distribution.__file__],
            # Python itself only uses this variable of a hook's environment
            env={'LANG': 'C.UTF-8'}, pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL)

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
