"""A replacement for `subprocess.Popen` for charms that run in this process.

All functions of `subprocess` use Popen. The replacement starts no processes for most
hook-tool calls, and for commands that would change the machine. It starts all other
programs as usual; these find such commands in PATH.
"""
from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from typing import Any

from . import machine
from .context import Context

Popen = subprocess.Popen


class HookTool:
    """A hook-tool call that looks like a process which has ended."""
    pid = 0

    def __init__(self, context: Context, argv: list[str], *, stdin: Any = None,
                 stdout: Any = None, stderr: Any = None, cwd: Any = None,
                 text: bool | None = None, universal_newlines: bool | None = None,
                 encoding: str | None = None, errors: str | None = None, **_: Any):
        self.args, self.stdin, self._log = argv, None, context.log
        self._encoding = encoding or 'utf-8' if (
            text or universal_newlines or encoding or errors) else None
        self.returncode, output, error_output = context.call(
            argv, b'' if stdin in (None, subprocess.DEVNULL) else stdin.read(),
            str(cwd or '.'))
        if stderr == subprocess.STDOUT:
            output, error_output = output + error_output, b''
        self.stdout = self._redirect(output, stdout)
        self.stderr = self._redirect(error_output, stderr)

    def _redirect(self, data: bytes, target: Any) -> io.IOBase | None:
        """Return a pipe to read the data from, or write them to a file or the log."""
        if target == subprocess.PIPE:
            return (io.StringIO(data.decode(self._encoding)) if self._encoding
                    else io.BytesIO(data))
        if target is None:
            self._log += [('DEBUG', line) for line in data.decode().splitlines()]
        elif hasattr(target, 'write'):
            getattr(target, 'buffer', target).write(data)
        return None

    def communicate(self, input: Any = None, timeout: Any = None) -> tuple:
        return tuple(pipe and pipe.read() for pipe in (self.stdout, self.stderr))

    def wait(self, timeout: Any = None) -> int:
        return self.returncode

    poll = wait

    def __enter__(self) -> HookTool:
        return self

    def kill(self, *_: Any) -> None:
        """Do nothing: the call has already ended."""

    __exit__ = kill


def patched_popen(context: Context) -> Callable[..., Any]:
    """Return a Popen that answers hook-tool calls from this context."""
    tools = context.tools

    def start(argv: Any, *args: Any, **options: Any) -> Any:
        words = [argv] if isinstance(argv, str) else [os.fspath(word) for word in argv]
        if options.get('shell'):
            return Popen(argv, *args, **options)
        name = os.path.basename(words[0])
        if name == 'systemctl':
            words[0] = name     # otherwise a path would name the machine's program
        # a real process reads its input whenever the charm writes it
        if words[0] in tools and options.get('stdin') != subprocess.PIPE:
            return HookTool(context, words, **options)
        if name in machine.COMMANDS:
            message = 'not run: ' + ' '.join([name, *words[1:]])
            context.log.append(('DEBUG', message))
            return Popen(['true'], *args, **options)
        return Popen(words, *args, **options)
    return start
