"""Processes forked from a Python that has imported what each hook imports.

Importing takes most of a small hook's time. What a hook is given is its own:
arguments, environment, directory and output; and it ends as a process does.
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

# The first line of hooks that may be forked.
SHEBANG = b'#!/usr/bin/env python3\n'

# Forks for each request, and answers with the exit status. The fork goes on below
# the loop, where `__main__` ends, so that all runs that runs at a process's end.
SERVER = '''\
import array, gc, json, os, runpy, socket, sys
# setuptools adds to it where charms.reactive is imported
places = sys.path[:]
from charmhelpers import osplatform
# it refuses all but Ubuntu and CentOS; a hook has to see to that itself
refusing, osplatform.get_platform = osplatform.get_platform, lambda: 'ubuntu'
import charmhelpers.core.host, charms.reactive
osplatform.get_platform, sys.path[:] = refusing, places
if hasattr(gc, 'freeze'):   # since Python 3.7
    # what is collected as a fork ends would first be copied
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
os.environ.clear()
os.environ.update(environment)
sys.argv[:], sys.path[0] = [path], os.path.dirname(path)
runpy.run_path(path, run_name='__main__')
'''

ONE_AT_A_TIME = threading.Lock()


def fits(path: Path) -> bool:
    """Whether a file may be run by `run`."""
    with open(path, 'rb') as file:
        return file.readline() == SHEBANG


def run(python: str, path: Path, directory: Path, env: dict[str, str],
        output: IO[bytes]) -> int:
    """Run a file of Python with this environment; its exit status."""
    request = json.dumps([str(path), str(directory), env]).encode()
    with ONE_AT_A_TIME:
        peer = _server(python)
        socket.send_fds(peer, [request], [output.fileno()])
        status = peer.recv(64)
    if not status:
        raise RuntimeError('the Python that hooks are forked from has ended')
    return int(status)


@functools.lru_cache(maxsize=None)
def _server(python: str) -> socket.socket:
    """Talks to this process's server, which ends when this is closed."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [python, '-c', SERVER, str(theirs.fileno())],
            # all that Python itself would find in a hook's environment
            env={'LANG': 'C.UTF-8'}, pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL)

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
