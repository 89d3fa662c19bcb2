"""The page about the cost of hooks: the expected calls, and measured figures.

The page is the only place that keeps the figures. `read_section` reads them from it.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .expected_calls import FULL_READ_HOOKS, KINDS, expected_calls

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'hook-cost.md'
BEGIN, END = '<!-- written by tox -e bench -->\n', '<!-- end -->\n'
UNITS = (1, 5, 20, 100)
ROUNDS = 21
HOOKS = ('changed', 'update-status', 'config-changed')
SIDE_NAMES = {'requires': 'client', 'provides': 'server'}
LAYER_NAMES = {'this': 'this layer', 'naive': 'naive layer'}
# the least and most milliseconds of a call, measured on agents of Juju 3.6 and 4.0
CALL_MS = (4, 7)

# the generated section, with names of figures in braces
SECTION = Path(__file__).with_name('section.txt').read_text()


class Figure(NamedTuple):
    """The cost of a hook. `cpu` is in milliseconds with one decimal."""
    calls: int
    cpu: float

    def __str__(self) -> str:
        return '{} calls, {:.1f} ms'.format(*self)

    def total(self) -> str:
        """The range of the milliseconds of calls and CPU time together."""
        return '{:,.0f} to {:,.0f}'.format(
            *(self.calls * ms + self.cpu for ms in CALL_MS))


Row = tuple[str, str, str]      # role, hook, layer
Figures = dict[Row, list[Figure]]       # by number of units


def rows() -> list[Row]:
    return [(role, hook, layer)
            for role in SIDE_NAMES for hook in HOOKS for layer in LAYER_NAMES]


def section(figures: Figures) -> str:
    """The generated section of the page."""
    measured = ['| {}, `{}` | {} | {} |'.format(
        SIDE_NAMES[role], hook, LAYER_NAMES[layer],
        ' | '.join(map(str, figures[role, hook, layer])))
        for role, hook, layer in rows()]
    many = UNITS[2]
    this, naive = (figures['requires', 'changed', layer][UNITS.index(many)]
                   for layer in LAYER_NAMES)
    return SECTION.format(
        least=CALL_MS[0], most=CALL_MS[1], expected='\n'.join(_expected_rows()),
        units='{}, {}, {} or {}'.format(*UNITS),
        rounds=ROUNDS, heads=' | '.join(map('N = {}'.format, UNITS)),
        lines=' ---: |' * len(UNITS), measured='\n'.join(measured), many=many,
        calls=this.calls, cpu=this.cpu, ms=this.total(),
        naive_calls=naive.calls, naive_ms=naive.total())


def _expected_rows() -> Iterator[str]:
    for hook in KINDS:
        names = {'full': ', '.join(map('`{}`'.format, FULL_READ_HOOKS)),
                 'other': 'any other'}
        yield '| {} | {} | {} |'.format(
            names.get(hook, '`{}`'.format(hook)),
            *(_formula(role, hook) for role in SIDE_NAMES))


def _formula(role: str, hook: str) -> str:
    """The number of calls, such as `1 + 2R + N`."""
    once, per_relation, per_unit = (
        expected_calls(role, hook, *numbers).total()
        for numbers in ((0, 0), (1, 0), (0, 1)))
    terms = {'R': per_relation - once, 'N': per_unit - once}
    return ' + '.join([str(once)] + [
        '{}{}'.format(count if count > 1 else '', name)
        for name, count in terms.items() if count])


def wrong_counts(figures: Figures) -> Iterator[str]:
    """A message for each measured hook that makes another number of calls."""
    for role, hook, layer in rows():
        for units, figure in zip(UNITS, figures[role, hook, layer]):
            expected = expected_calls(role, hook, 1, units).total()
            if layer == 'this' and figure.calls != expected:
                yield '{} of a {} with {} units makes {} calls, expected {}'.format(
                    hook, SIDE_NAMES[role], units, figure.calls, expected)


def read_section() -> tuple[str, Figures]:
    """The generated section of the page, and the figures in it."""
    text = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    found = [Figure(int(calls), float(cpu))
             for calls, cpu in re.findall(r'\| (\d+) calls, ([\d.]+) ms', text)]
    columns = len(UNITS)
    return text, {row: found[number * columns:(number + 1) * columns]
                  for number, row in enumerate(rows())}


def write_section(text: str) -> None:
    """Replace the generated section of the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + text + END + rest.partition(END)[2])
