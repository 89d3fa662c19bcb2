"""The registry of hook tools, and helpers of their modules."""
from __future__ import annotations

import getopt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Options = dict[str, str]
    Words = list[str]


class ToolError(Exception):
    """A hook tool fails with this exit status and message."""


@dataclass(frozen=True)
class Tool:
    """A hook tool: its function, and its options as getopt expects them."""
    name: str
    function: Callable[..., Any]    # takes the context, the options and the words
    short: str
    long: tuple[str, ...]

    def help(self) -> str:
        """The output of --help, in which charms look for options."""
        lines = ['Usage: {} [options]'.format(self.name), '', 'Options:']
        lines += ['    --' + option.replace('=', ' (= "")') for option in self.long]
        return '\n'.join(lines) + '\n'


TOOLS: dict[str, Tool] = {}


def tool(name: str, short: str = '', *long: str) -> Callable:
    """Register a function as a hook tool.

    The function takes the context, the given options and the remaining words. It
    returns the output; None prints nothing if the tool has no --format.
    """
    def register(function: Callable) -> Callable:
        TOOLS[name] = Tool(name, function, short, long)
        return function
    return register


@lru_cache(4096)
def parse_call(tool: Tool, args: tuple[str, ...]) -> tuple[Options, Words]:
    """Parse options and words; cached because hooks repeat the same calls."""
    args = tuple(word for arg in args for word in _switch(tool, arg))
    try:
        pairs, words = getopt.gnu_getopt(args, tool.short, tool.long)
    except getopt.GetoptError as error:
        raise ToolError(2, str(error))
    options = {key.lstrip('-'): value for key, value in pairs}
    if 'r' in options:
        options['relation'] = options.pop('r')
    style = options.get('format', 'smart')
    if style not in ('json', 'smart', 'yaml'):
        raise ToolError(2, 'invalid value "{0}" for option --format: unknown format '
                           '"{0}"'.format(style))
    return options, list(words)


def _switch(tool: Tool, arg: str) -> list[str]:
    """Replace `--option=true` and `--option=false` if the option needs no value."""
    option, _, value = arg.partition('=')
    if option[2:] in tool.long and value.lower() in ('true', 'false'):
        return [option] if value.lower() == 'true' else []
    return [arg]


def parse_pairs(words: Words) -> dict[str, str]:
    """Parse `key=value` words."""
    for word in words:
        if '=' not in word[1:]:
            raise ToolError(2, 'expected "key=value", got "{}"'.format(word))
    return dict(word.split('=', 1) for word in words)
