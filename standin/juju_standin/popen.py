"""`subprocess.Popen` for a charm that runs in this process.

All that starts a process by `subprocess` comes by it, so hook tools are answered by the
running hook, whichever module of the charm calls them, and other programs are run.
"""
from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from typing import Any

from .context import Context

Popen = subprocess.Popen


class HookTool:
    """A hook tool that is called like a process; it ends when its input does."""

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
        self.stdout = self._give(output, self._stdout)
        self.stderr = self._give(errors, self._stderr)

    def _give(self, data: bytes, to: Any) -> io.IOBase | None:
        """Hand data to whom they are for: a pipe's reader, a file or the log."""
        if to == subprocess.PIPE:
            return (io.StringIO(data.decode(self._encoding)) if self._encoding
                    else io.BytesIO(data))
        if to is None:
            self._context.log += [('DEBUG', line)
                                  for line in data.decode().splitlines()]
        elif hasattr(to, 'write'):
            getattr(to, 'buffer', to).write(data)
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
        """It has ended."""

    def __enter__(self) -> HookTool:
        return self

    def __exit__(self, *_: Any) -> None:
        self.wait()


def answered_by(context: Context) -> Callable[..., Any]:
    """A Popen whose hook tools are a context's."""
    tools = context.tools

    def start(argv: Any, *args: Any, **options: Any) -> Any:
        words = [argv] if isinstance(argv, str) else list(argv)
        if words[0] in tools and not options.get('shell'):
            return HookTool(context, words, **options)
        return Popen(argv, *args, **options)
    return start
