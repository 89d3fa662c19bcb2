"""Measures the cost of hooks, and writes it to `report.PAGE`."""
import sys
import tempfile
from pathlib import Path

from . import report
from .unit import LAYERS, SIDES, MeasuredUnit, Side, TimedCharm


def measure(side: Side, units: int) -> dict[report.Row, report.Figure]:
    """The cost of each hook with each layer, for one relation with remote units."""
    with tempfile.TemporaryDirectory() as directory:
        measured = {layer: MeasuredUnit(
            TimedCharm(Path(directory) / layer, side, layer), side, 1, units)
            for layer in LAYERS}
        # The layers take turns, so that a slow phase of the machine affects them all.
        rounds = [{layer: unit.run_hooks() for layer, unit in measured.items()}
                  for _ in range(report.ROUNDS)]

    def milliseconds(layer: str, hook: str) -> float:
        # the minimum, because disturbances only add time
        return 1000 * min(costs[layer][hook].seconds for costs in rounds)

    return {(role, hook, layer): report.Figure(
        rounds[-1][layer][hook].calls.total(),
        round(milliseconds(layer, hook) - milliseconds('none', hook), 1))
        for role, hook, layer in report.rows() if role == side.role}


def main() -> int:
    figures: report.Figures = {row: [] for row in report.rows()}
    for side in SIDES[:2]:      # the other interface's sides make the same calls
        for units in report.UNITS:
            print('measuring', side.role, 'with', units, 'units', file=sys.stderr)
            for row, figure in measure(side, units).items():
                figures[row].append(figure)
    text = report.section(figures)
    print(text)
    report.write_section(text)
    wrong = list(report.wrong_counts(figures))
    print('\n'.join(wrong), file=sys.stderr)
    return int(bool(wrong))


if __name__ == '__main__':
    sys.exit(main())
