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

SECTION = '''\
Most of a layer's cost is hook-tool calls, such as `relation-get`. Each call
starts a process, which queries the unit's agent. A call takes {least} to {most} ms, and
a whole hook of a small charm takes 200 to 300 ms, measured with Juju 3.6 and 4.0.

## Hook-tool calls

A hook makes at most this many calls. R is the number of the endpoint's relations, and
N is the number of remote units in them:

| hook | client (requires) | server, sink (provides) |
| --- | --- | --- |
{expected}

`update-status` and `upgrade-charm` call `goal-state` once for all endpoints. These
calls are not in the table:

* A server or sink calls `relation-set` once for each relation in which its data
  changes. The next hook that is neither a full read nor a relation hook of this
  endpoint calls `relation-get` once for each of these relations, to confirm that Juju
  kept the data.
* If the endpoint has no record, the hook makes as many calls as `update-status`,
  without `goal-state`. This happens in the first hook, after an upgrade from an earlier
  layer, and after the key/value store was lost. The next hooks make as many calls too,
  until the layer has read everything. This takes several hooks if hook tools fail, and
  on a server or sink also if an application has several relations.
* If no relation is known yet, the `created` hook of a server or sink calls
  `relation-ids` once, and `relation-list --app` once for each other relation.
* If a server's or sink's `relation-set` failed, later relation hooks also call
  `relation-get` for that relation, at most once per application.
* If `goal-state` names a unit that `relation-list` has not listed in two runs of
  `update-status` or `upgrade-charm`, the second and each later run calls `relation-get`
  once for this unit, until its data can be read.
* If a relation has no units, and no hook has named its application, the layer calls
  `relation-list --app` once.
* A ZooKeeper client that has called `request()` also reads application data:
  * A `changed` hook for an application calls `secret-get` once for each of the
    application's secrets. There are up to two. If a secret is new, or is
    refused because another application named it first, the layer also calls
    `relation-ids` once for each client's endpoint, and `relation-get` once for each
    other application. For a new secret, it calls `secret-info-get` once.
  * `update-status`, `upgrade-charm` and `secret-changed` call `relation-get` once for
    each relation whose application uses the application-data protocol or has no usable
    unit. They also call `secret-get` once for each of these applications' secrets.
  * If it is uncertain whether a relation contains the request, each hook except
    `joined` and `broken` calls `is-leader` once. The leader also calls `relation-get`
    for one such relation of each application, to look for the request, and
    `relation-set` to send it. `update-status` and `upgrade-charm` do this as long as
    there is no grant.
  * The first call of `request()` reads application data immediately. Except in a
    `joined` hook, it also looks for the request, and sends it.
  * Each call of `credentials()` or `tls()` calls `relation-get` once, and `secret-get`
    once for each of the application's secrets. It calls no hook tool if no usable
    server has granted credentials.
* charms.reactive calls `juju-log` for each flag that it sets or clears.

## Measurements

The table compares the `zookeeper` layer with a [naive layer](../tests/bench/naive).
The naive layer was written for this comparison, in the style of many interface layers:
it has one conversation per unit, and calls `relation-get` for each key. The endpoint
has one relation with {units} units. In every hook, the charm lists the
servers, or sends its port. The milliseconds are the CPU time that the layer adds to a
hook, without the time of hook-tool calls. They are the best of {rounds} runs. Python
uses most of this time to import the layer's files. Repeated measurements differ by
about 1 ms.

| hook | | {heads} |
| --- | --- |{lines}
{measured}

With {many} servers, a client's `changed` hook makes {calls} calls and uses {cpu} ms of
CPU time: {ms} ms in total. With the naive layer, the total is {naive_ms} ms,
most of it for {naive_calls} calls.

`.venv/bin/tox -e bench` repeats the measurements and updates this page. It fails if a
layer makes a different number of calls from the one in the first table.
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
