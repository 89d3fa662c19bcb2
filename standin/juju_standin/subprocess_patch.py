"""A replacement for `subprocess.Popen` for charms that run in this process.

All functions of `subprocess` use Popen. The replacement answers hook-tool calls from
the running hook's context, does not run commands that would change the machine, and
starts all other programs as usual.
"""
from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from typing import Any

from . import machine
from .context import Context

Popen = subprocess.Popen


class HookTool:
    """A hook-tool call that looks like a process; runs when its input is complete."""

    def __init__(self, context: Context, argv: list[str], *, stdin: Any = None,
                 stdout: Any = None, stderr: Any = None, cwd: Any = None,
                 text: bool | None = None, universal_newlines: bool | None = None,
                 encoding: str | None = None, errors: str | None = None, **_: Any):
        self.args, self.pid, self.returncode = argv, 0, None
        self.stdin = io.BytesIO() if stdin == subprocess.PIPE else None
        self.stdout = self.stderr = None
        self._context, self._cwd = context, str(cwd or '.')
        self._stdout, self._stderr = stdout, stderr
        self._encoding = encoding or 'utf-8' if (
            text or universal_newlines or encoding or errors) else None
        if self.stdin is None:
            self._run(b'' if stdin in (None, subprocess.DEVNULL) else stdin.read())

    def _run(self, stdin: bytes) -> None:
        self.returncode, output, errors = self._context.call(
            self.args, stdin, self._cwd)
        if self._stderr == subprocess.STDOUT:
            output, errors = output + errors, b''
        self.stdout = self._redirect(output, self._stdout)
        self.stderr = self._redirect(errors, self._stderr)

    def _redirect(self, data: bytes, target: Any) -> io.IOBase | None:
        """Return a pipe to read the data from, or write them to a file or the log."""
        if target == subprocess.PIPE:
            return (io.StringIO(data.decode(self._encoding)) if self._encoding
                    else io.BytesIO(data))
        if target is None:
            self._context.log += [('DEBUG', line)
                                  for line in data.decode().splitlines()]
        elif hasattr(target, 'write'):
            getattr(target, 'buffer', target).write(data)
        return None

    def communicate(self, input: Any = None, timeout: Any = None) -> tuple:
        if self.returncode is None:
            self._run(input.encode() if isinstance(input, str) else input or b'')
        return tuple(pipe and pipe.read() for pipe in (self.stdout, self.stderr))

    def wait(self, timeout: Any = None) -> int:
        if self.returncode is None:
            self._run(self.stdin.getvalue())
        return self.returncode

    poll = wait

    def kill(self) -> None:
        """Do nothing: the call has already ended."""

    def __enter__(self) -> HookTool:
        return self

    def __exit__(self, *_: Any) -> None:
        self.wait()


def patched_popen(context: Context) -> Callable[..., Any]:
    """Return a Popen that answers hook-tool calls from this context."""
    tools = context.tools

    def start(argv: Any, *args: Any, **options: Any) -> Any:
        words = [argv] if isinstance(argv, str) else list(argv)
        if words[0] in tools and not options.get('shell'):
            return HookTool(context, words, **options)
        if words[0] in machine.COMMANDS and not options.get('shell'):
            context.log.append(('DEBUG', machine.log_message(words)))
            return Popen(['true'], *args, **options)
        return Popen(argv, *args, **options)
    return start
