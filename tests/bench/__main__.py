"""Measures what a hook costs, and writes the README's section."""
import sys
import tempfile
from pathlib import Path

from . import report
from .unit import LAYERS, SIDES, MeasuredUnit, Side, TimedCharm


def measure(side: Side, units: int) -> dict[tuple[str, str, str], report.Figure]:
    """What each hook costs with each layer, over one relation to remote units."""
    with tempfile.TemporaryDirectory() as directory:
        measured = {layer: MeasuredUnit(
            TimedCharm(Path(directory) / layer, side, layer), side, 1, units)
            for layer in LAYERS}
        # by turns, so that what slows down the machine meets all of them
        rounds = [{layer: unit.play() for layer, unit in measured.items()}
                  for _ in range(report.ROUNDS)]

    def milliseconds(layer: str, hook: str) -> float:
        # what disturbs a run only adds to it
        return 1000 * min(costs[layer][hook].seconds for costs in rounds)

    return {(role, hook, layer): report.Figure(
        rounds[-1][layer][hook].calls.total(),
        round(milliseconds(layer, hook) - milliseconds('none', hook), 1))
        for role, hook, layer in report.table() if role == side.role}


def main() -> int:
    figures: report.Figures = {row: [] for row in report.table()}
    for side in SIDES[:2]:      # those of the other interface make the same calls
        for units in report.UNITS:
            print('measuring', side.role, 'with', units, 'units', file=sys.stderr)
            for row, figure in measure(side, units).items():
                figures[row].append(figure)
    text = report.section(figures)
    print(text)
    report.write(text)
    dear = list(report.too_dear(figures))
    print('\n'.join(dear), file=sys.stderr)
    return int(bool(dear))


if __name__ == '__main__':
    sys.exit(main())
