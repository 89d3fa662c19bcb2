"""The README's section: the price, which is promised, and what was measured.

It is the only place where the figures are kept; `read` finds them there.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .expected_calls import FULL_LOOK_HOOKS, LOOKS, price

README = Path(__file__).resolve().parents[2] / 'README.md'
BEGIN, END = '<!-- written by tox -e bench -->\n', '<!-- end -->\n'
UNITS = (1, 5, 20, 100)
ROUNDS = 21
HOOKS = ('changed', 'update-status', 'config-changed')
WHO = {'requires': 'client', 'provides': 'server'}
NAMES = {'this': 'this layer', 'naive': 'naive layer'}
# milliseconds that a call takes, as measured on agents of Juju 3.6 and 4.0
CALL = (4, 7)

SECTION = '''\
A layer costs calls of hook tools, such as `relation-get`, and some CPU time besides. A
call starts a process that asks the unit's agent. It takes {least} to {most} ms:
this was measured on Juju 3.6 and 4.0, where a whole hook of a small charm takes 200 to
300 ms. These layers promise how many calls a hook makes at most. R is the number of
the endpoint's relations, N the number of remote units in them:

| hook | client (requires) | server, sink (provides) |
| --- | --- | --- |
{price}

* Publishing comes on top, for a server or sink, and only where something is to be
  changed: one `relation-set` for each relation. Then the next hook of any other kind
  makes one `relation-get` for each of them, to see that Juju kept what was written.
* Without a record of the endpoint, any hook costs what `update-status` costs. There is
  none in the first hook, and after the key/value store was lost.
* A relation can have no units, and an application that no hook has named. It costs one
  call more, once: `relation-list --app`.
* A client of ZooKeeper that has called `request()` also reads the data of applications.
  A `changed` hook of an application costs one `secret-get` more for each secret that
  the application names. There are two. `update-status`, `upgrade-charm` and
  `secret-changed` cost the same and one `relation-get` more, for each relation whose
  application grants something, or has no unit that can be used. Until a relation is
  known to have been asked, each hook but `joined` and `broken` makes one
  `is-leader`. The leader's hook also makes one `relation-get`, and one
  `relation-set` to ask.
* `juju-log` is not counted. charms.reactive calls it for each flag that it sets or
  clears.

The next table is measured, with one relation to {units} units. It compares the
`zookeeper` layer with a [naive layer](tests/bench/naive). That one was written for
this table, as many interface layers are: it has a conversation for each unit, and
calls `relation-get` for each key. The charm lists the servers, or sends its port, in
every hook. The milliseconds are CPU time without the calls: how much more a hook takes
than without any layer, in the best of {rounds} runs. Most of it is Python, which
imports the layer's files in each hook. Measured again, they differ by about
a millisecond.

| hook | | {heads} |
| --- | --- |{lines}
{rows}

So with {many} servers, a client's `changed` hook spends {calls} calls and {cpu} ms of
CPU time: {ms} ms together. With the naive layer it spends {plain_ms} ms, most
of it in {plain_calls} calls.

`tox -e bench` measures this anew and writes this section. It fails where a layer makes
more calls than the first table says.
'''


class Figure(NamedTuple):
    """What a hook costs; `cpu` is in milliseconds, with one decimal."""
    calls: int
    cpu: float

    def __str__(self) -> str:
        return '{} calls, {:.1f} ms'.format(*self)

    def span(self) -> str:
        """Milliseconds of both."""
        return '{:,.0f} to {:,.0f}'.format(*(self.calls * ms + self.cpu for ms in CALL))


Row = tuple[str, str, str]      # role, hook, layer
Figures = dict[Row, list[Figure]]       # by number of units


def table() -> list[Row]:
    """The rows of the table of what was measured."""
    return [(role, hook, layer) for role in WHO for hook in HOOKS for layer in NAMES]


def section(figures: Figures) -> str:
    """The README's section."""
    rows = ['| {}, `{}` | {} | {} |'.format(
        WHO[role], hook, NAMES[layer], ' | '.join(map(str, figures[role, hook, layer])))
        for role, hook, layer in table()]
    many = UNITS[2]
    ours, plain = (figures['requires', 'changed', layer][UNITS.index(many)]
                   for layer in NAMES)
    return SECTION.format(
        least=CALL[0], most=CALL[1], price='\n'.join(_promises()),
        units='{}, {}, {} and {}'.format(*UNITS),
        rounds=ROUNDS, heads=' | '.join(map('N = {}'.format, UNITS)),
        lines=' ---: |' * len(UNITS), rows='\n'.join(rows), many=many,
        calls=ours.calls, cpu=ours.cpu, ms=ours.span(),
        plain_calls=plain.calls, plain_ms=plain.span())


def _promises() -> Iterator[str]:
    """The rows of the price table."""
    for hook in LOOKS['requires']:
        names = {'full': ', '.join(map('`{}`'.format, FULL_LOOK_HOOKS)),
                 'secret': '`secret-changed`', 'other': 'any other'}
        yield '| {} | {} | {} |'.format(
            names.get(hook, '`{}`'.format(hook)),
            *(_formula(role, hook) for role in WHO))


def _formula(role: str, hook: str) -> str:
    """The number of calls, like `1 + 2R + N`."""
    once, each_relation, each_unit = (
        price(role, hook, *numbers).total() for numbers in ((0, 0), (1, 0), (0, 1)))
    terms = {'R': each_relation - once, 'N': each_unit - once}
    return ' + '.join([str(once)] + [
        '{}{}'.format(count if count > 1 else '', name)
        for name, count in terms.items() if count])


def too_dear(figures: Figures) -> Iterator[str]:
    """A sentence for each hook of the layers with more calls than promised."""
    for role, hook, layer in table():
        for units, figure in zip(UNITS, figures[role, hook, layer]):
            most = price(role, hook, 1, units).total()
            if layer == 'this' and figure.calls > most:
                yield '{} of a {} with {} units makes {} calls, not {}'.format(
                    hook, WHO[role], units, figure.calls, most)


def read() -> tuple[str, Figures]:
    """The section that the README has, and the figures in it."""
    text = README.read_text().partition(BEGIN)[2].partition(END)[0]
    found = [Figure(int(calls), float(cpu))
             for calls, cpu in re.findall(r'\| (\d+) calls, ([\d.]+) ms', text)]
    columns = len(UNITS)
    return text, {row: found[number * columns:(number + 1) * columns]
                  for number, row in enumerate(table())}


def write(text: str) -> None:
    """Put the section into the README."""
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(before + BEGIN + text + END + rest.partition(END)[2])
