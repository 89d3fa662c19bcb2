"""The figures of one run: as JSON, as a table, as a plot and in the README."""
from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from .measure import HOOKS, Row, ScaleOut

ROOT = Path(__file__).resolve().parents[2]
JSON, PLOT = ROOT / 'docs/bench.json', ROOT / 'docs/bench.svg'
README = ROOT / 'README.md'
BEGIN, END = '<!-- written by tox -e bench -->\n', '<!-- end -->\n'

COLUMNS = ('hook', 'calls', 'naive layer', 'CPU, {most:,} units over {least}',
           'CPU, {few} units over no relation')
SECTION = '''\
The hook-tool calls of the dearest of the four classes, over one relation to {least} to
{most:,} units; those of the cheapest class of a naive layer with {most:,} units; and
ratios of CPU time, of the dearest class again.

| {columns} |
| --- | ---: | ---: | ---: | ---: |
{rows}
* A call is a process. In `created`, two of a provider's tell the new relation.
* CPU time is that of charms.reactive's `main`, without these processes, in a charm
  that lists or sends in every hook: with {most:,} units {cpu} ms at most, with the
  naive layer {plain_cpu} ms at least. An endpoint that has no relation adds {idle} to
  a charm without the layer.
* While a relation grows to {grown} units, a layer makes {growth} calls in all,
  the naive one {plain_growth}. A unit takes {bytes} bytes in the key/value store,
  there {plain_bytes}.
* The [naive layer](tests/bench/naive) is written for this comparison in the style of
  the field: one conversation per unit, a `relation-get` per key, a `relation-set` in
  every call. With {most:,} units its hooks make at least {times} times as many calls.

![calls and CPU time of a hook, by the number of units](docs/bench.svg)

`tox -e bench` measures all of this in one run (this one with CPython {python} and
charms.reactive {reactive}), prints each class, hook, size and tool, writes them to
[docs/bench.json](docs/bench.json), and fails where a layer makes more calls than is
[said above](#what-to-rely-on).
'''


@dataclass
class Run:
    """All that was measured."""
    rows: list[Row]
    growth: list[ScaleOut]
    python: str = platform.python_version()
    reactive: str = version('charms.reactive')

    @classmethod
    def load(cls) -> Run:
        """The run that the repository holds."""
        kept = json.loads(JSON.read_text())
        return cls([Row(*row) for row in kept['rows']],
                   [ScaleOut(*row) for row in kept['growth']],
                   kept['python'], kept['charms.reactive'])

    def save(self) -> None:
        JSON.parent.mkdir(exist_ok=True)
        JSON.write_text('{{\n{},\n{},\n{},\n{}\n}}\n'.format(
            '"python": "{}"'.format(self.python),
            '"charms.reactive": "{}"'.format(self.reactive),
            _lines('rows', Row, self.rows), _lines('growth', ScaleOut, self.growth)))

    def at(self, layer: str, units: int, hook: str | None = None,
           relations: int = 1) -> Iterator[Row]:
        """The rows of one size."""
        return (row for row in self.rows
                if (row.layer, row.units, row.relations) == (layer, units, relations)
                and hook in (None, row.hook))


def _lines(name: str, form: type, rows: list) -> str:
    """Rows as JSON, one in a line."""
    return '"{0} are": {1},\n"{0}": [\n{2}\n]'.format(
        name, json.dumps(form._fields), ',\n'.join(map(json.dumps, rows)))


def table(run: Run) -> str:
    """Everything, for people."""
    form = '{:<18}{:<7}{:<15}{:>9}{:>6}{:>9}{:>7}{:>11}{:>8}{:>8}  {}'.format
    lines = [form('class', 'layer', 'hook', 'relations', 'units', 'CPU, ms', '/ bare',
                  '/ unrelated', '/ one', 'bytes', 'calls')]
    for row in run.rows:
        cpu = map('{:.2f}'.format, (row.cpu, row.cpu / row.bare, row.over_unrelated,
                                    row.over_one))
        calls = ', '.join('{} {}'.format(*call[::-1]) for call in row.calls.items())
        lines.append(form(*row[:5], *cpu, row.bytes, calls))
    lines += ['{0.cls} ({0.layer}) growing to {0.units} units: {0.calls} calls in '
              '{0.events} hooks'.format(grown) for grown in run.growth]
    return '\n'.join(lines)


def section(run: Run, few: int = 20, most: int = 1000) -> str:
    """The README's section."""
    layer, naive = list(run.at('layer', most)), list(run.at('naive', most))

    def calls(rows: Iterable[Row]) -> list[int]:
        return [sum(row.calls.values()) for row in rows]

    def span(numbers: Iterable[int]) -> str:
        numbers = list(numbers)
        return '{:,} to {:,}'.format(min(numbers), max(numbers))

    def growth(name: str) -> str:
        return span(grown.calls for grown in run.growth if grown.layer == name)

    def each(rows: Iterable[Row]) -> str:
        return span(row.bytes // row.units for row in rows)

    rows = ''
    for hook in HOOKS:
        rows += '| {} | {} | {:,} | {:.2f} | {:.2f} |\n'.format(
            hook, max(calls(row for row in run.rows if row.relations == 1
                            and (row.layer, row.hook) == ('layer', hook))),
            min(calls(run.at('naive', most, hook))),
            max(row.over_one for row in run.at('layer', most, hook)),
            max(row.over_unrelated for row in run.at('layer', few, hook)))
    sizes = {'least': 1, 'few': few, 'most': most}
    return SECTION.format(
        **sizes, columns=' | '.join(COLUMNS).format(**sizes), rows=rows,
        python=run.python.rpartition('.')[0], reactive=run.reactive,
        cpu=round(max(row.cpu for row in layer)),
        plain_cpu=round(min(row.cpu for row in naive)),
        idle='{:.0%}'.format(median(row.unrelated / row.bare for row in layer) - 1),
        times=min(calls(naive)) // max(calls(layer)), grown=run.growth[0].units,
        growth=growth('layer'), plain_growth=growth('naive'),
        bytes=each(layer), plain_bytes=each(naive))


def write_readme(run: Run) -> None:
    """Put the section where the README's last one is."""
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(before + BEGIN + section(run) + END + rest.partition(END)[2])


def plot(run: Run) -> None:
    """Calls and CPU of one hook over the number of units."""
    import matplotlib
    matplotlib.use('svg')
    matplotlib.rcParams.update({'svg.fonttype': 'none', 'svg.hashsalt': 'bench'})
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), layout='constrained')
    for layer, colour in (('naive', 'tab:gray'), ('layer', 'tab:blue')):
        for cls, style in (('ZookeeperRequires', '-'), ('ZookeeperProvides', '--')):
            rows = [row for row in run.rows if row.relations == 1 and
                    (row.cls, row.layer, row.hook) == (cls, layer, 'changed')]
            units = [row.units for row in rows]
            look = {'color': colour, 'linestyle': style, 'marker': '.'}
            axes[0].plot(units, [sum(row.calls.values()) for row in rows], **look,
                         label=cls if layer == 'layer' else 'naive, ' + cls[9:].lower())
            axes[1].plot(units, [row.cpu for row in rows], **look)
    for axis, title in zip(axes, ('hook-tool calls', 'ms of CPU time')):
        axis.set(title=title + ' of a changed hook', xlabel='remote units',
                 xscale='log', yscale='log')
        axis.grid(alpha=.3)
    axes[0].legend()
    PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(PLOT, metadata={'Date': None, 'Creator': None})
