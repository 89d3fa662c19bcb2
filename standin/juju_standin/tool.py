"""The table of hook tools."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class ToolError(Exception):
    """What a hook tool fails with: exit status and message."""


@dataclass(frozen=True)
class Tool:
    """A hook tool: what it does, and its options as getopt takes them."""
    name: str
    function: Callable[..., Any]    # of a context, options and words
    short: str
    long: tuple[str, ...]

    def help(self) -> str:
        """What --help says, as far as charms look at it."""
        lines = ['Usage: {} [options]'.format(self.name), '', 'Options:']
        lines += ['    --' + option.replace('=', ' (= "")') for option in self.long]
        return '\n'.join(lines) + '\n'


TOOLS: dict[str, Tool] = {}


def tool(name: str, short: str = '', *long: str) -> Callable:
    """Put a function into the table.

    It takes a context, the options that were given and the other words, and returns
    what is printed; None prints nothing where the tool has no --format.
    """
    def register(function: Callable) -> Callable:
        TOOLS[name] = Tool(name, function, short, long)
        return function
    return register


def pairs(words: list[str]) -> dict[str, str]:
    """`key=value` words."""
    for word in words:
        if '=' not in word[1:]:
            raise ToolError(2, 'expected "key=value", got "{}"'.format(word))
    return dict(word.split('=', 1) for word in words)
