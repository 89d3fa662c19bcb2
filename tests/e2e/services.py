"""The services of all units as real processes on this machine."""
from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from juju_standin import Unit

# Seconds within which a process must end after a signal.
TIMEOUT = 20

# A function that returns the command of a unit's service.
Program = Callable[[Unit], list]


def wait_for(what: str, condition: Callable[[], object], seconds: float) -> object:
    """Wait until `condition` returns a true value, and return that value.

    :raises TimeoutError: if it takes more than the given number of seconds
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError('{} not within {} s'.format(what, seconds))
        time.sleep(0.1)
    return found


def free_ports(number: int) -> int:
    """The first of a number of consecutive free ports.

    They are below the range that operating systems use for outgoing connections.
    """
    for _ in range(100):
        first = random.randrange(10000, 30000 - number)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + number):
                stack.enter_context(socket.socket()).bind(('', port))
            return first
    raise OSError('no {} consecutive free ports'.format(number))


def listening(port: int) -> bool:
    """Whether a process accepts connections on a local port."""
    with contextlib.suppress(OSError):
        socket.create_connection(('127.0.0.1', port), timeout=1).close()
        return True
    return False


class Services:
    """Starts and ends the units' services. An instance can be `Model.on_service`.

    Each service runs in its own process group, and no other process is ended. The
    output of the services is in `logs`.
    """

    def __init__(self, logs: Path):
        self.programs: dict[str, Program] = {}      # by application or service
        self._logs = logs
        self._processes: dict[tuple[str, str], subprocess.Popen] = {}

    def __call__(self, unit: Unit, action: str, service: str) -> bool:
        key = unit.name, service
        if action == 'is-active':
            return self.active(*key)
        if action in ('stop', 'restart'):
            self.end(*key)
        if action in ('start', 'restart') and not self.active(*key):
            self.start(unit, service)
        return True

    def start(self, unit: Unit, service: str) -> None:
        """Start a unit's service, without waiting until it is ready."""
        program = self.programs.get(unit.app.name) or self.programs[service]
        with self._log(unit.name, service).open('a') as log:
            self._processes[unit.name, service] = subprocess.Popen(
                program(unit), cwd=unit.charm_dir, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def end(self, unit: str, service: str, first: int = signal.SIGTERM) -> None:
        """End a unit's service with a signal, then with SIGKILL if necessary."""
        process = self._processes.pop((unit, service), None)
        for number in first, signal.SIGKILL:
            # the system may reuse the ID of a process that has ended
            if process and process.poll() is None:
                os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(TIMEOUT)

    def end_all(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for key in list(self._processes):
            self.end(*key)

    def active(self, unit: str, service: str) -> bool:
        process = self._processes.get((unit, service))
        return bool(process) and process.poll() is None

    def _log(self, unit: str, service: str) -> Path:
        return self._logs / '{}-{}.log'.format(unit.replace('/', '-'), service)
