"""Measures everything; the command behind `tox -e bench`."""
import sys
import tempfile
from pathlib import Path

from . import bounds, charms, measure, report

ROUNDS = 21
# how many units one relation grows to
GROWN = 100


def main() -> int:
    rows, growth = [], []
    with tempfile.TemporaryDirectory() as directory:
        for name, built in charms.build_all(Path(directory)):
            print('measuring', name, file=sys.stderr)
            side = charms.SIDES[name]
            rows += measure.rows(name, side, built, measure.SIZES, ROUNDS)
            growth += [measure.scale_out(name, side, built[layer], layer, GROWN)
                       for layer in ('layer', 'naive')]
    run = report.Run(rows, growth)
    print(report.table(run))
    run.save()
    report.plot(run)
    report.write_readme(run)
    print('\n' + report.section(run))
    faults = list(bounds.broken(rows, growth))
    print('\n'.join(faults) or 'all bounds hold', file=sys.stderr)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
