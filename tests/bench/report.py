"""The page about the cost of hooks: the expected calls, and measured figures.

The page is the only place that keeps the figures. `read_section` reads them from it.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .expected_calls import FULL_READ_HOOKS, READS, expected_calls

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'hook-cost.md'
BEGIN, END = '<!-- written by tox -e bench -->\n', '<!-- end -->\n'
UNITS = (1, 5, 20, 100)
ROUNDS = 21
HOOKS = ('changed', 'update-status', 'config-changed')
SIDE_NAMES = {'requires': 'client', 'provides': 'server'}
LAYER_NAMES = {'this': 'this layer', 'naive': 'naive layer'}
# the least and most milliseconds of a call, measured on agents of Juju 3.6 and 4.0
CALL_MS = (4, 7)

SECTION = '''\
Most of a layer's cost is calls of hook tools, such as `relation-get`. Each call starts
a process, which queries the unit's agent. It takes {least} to {most} ms, measured on
Juju 3.6 and 4.0. A whole hook of a small charm takes 200 to 300 ms there.

## Hook-tool calls

A hook makes at most this many calls. R is the number of the endpoint's relations, and
N is the number of remote units in them:

| hook | client (requires) | server, sink (provides) |
| --- | --- | --- |
{expected}

These calls are not in the table:

* A server or sink calls `relation-set` once for each relation in which its data should
  change. The next hook in one of the last two rows calls `relation-get` once for each
  of these relations, to confirm that Juju kept the data.
* If the endpoint has no record, any hook makes as many calls as `update-status`. This
  is so in the first hook, and after the key/value store was lost.
* If a relation has no units, and no hook has named its application, the layer calls
  `relation-list --app` once.
* A ZooKeeper client that has called `request()` also reads the data of applications:
  * A `changed` hook for an application calls `secret-get` once for each of the
    application's secrets. There are up to two.
  * `update-status`, `upgrade-charm` and `secret-changed` do the same for each relation
    whose application grants something or has no usable unit, and call `relation-get`
    once for each of these relations.
  * While there are relations that may not contain the request yet, each hook except
    `joined` and `broken` calls `is-leader` once. On the leader, it also calls
    `relation-get` once for each of these relations to look for the request, and
    `relation-set` once to send it.
* charms.reactive calls `juju-log` for each flag that it sets or clears.

## Measurements

The table compares the `zookeeper` layer with a [naive layer](../tests/bench/naive).
The naive layer was written for this comparison, in the style of many interface layers:
it has one conversation per unit, and calls `relation-get` for each key. The endpoint
has one relation with {units} units. In every hook, the charm lists the
servers, or sends its port. The milliseconds are the additional CPU time compared with
a hook without any layer, without the time of the calls. They are the best of {rounds}
runs. Python uses most of this time to import the layer's files. Repeated measurements
differ by about 1 ms.

| hook | | {heads} |
| --- | --- |{lines}
{measured}

With {many} servers, a client's `changed` hook makes {calls} calls and uses {cpu} ms of
CPU time: {ms} ms in total. With the naive layer the total is {naive_ms} ms,
most of it for {naive_calls} calls.

`tox -e bench` repeats the measurements and updates this page. It fails if a layer makes
more calls than the first table allows.
'''


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
    """The rows of the measured table."""
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
    """The rows of the table of expected calls."""
    for hook in READS['requires']:
        names = {'full': ', '.join(map('`{}`'.format, FULL_READ_HOOKS)),
                 'secret': '`secret-changed`', 'other': 'any other'}
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


def excesses(figures: Figures) -> Iterator[str]:
    """A sentence for each measured hook of these layers with too many calls."""
    for role, hook, layer in rows():
        for units, figure in zip(UNITS, figures[role, hook, layer]):
            expected = expected_calls(role, hook, 1, units).total()
            if layer == 'this' and figure.calls > expected:
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
