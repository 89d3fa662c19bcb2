"""Explore every class under every release of Juju: `python -m model`.

Prints how many states and transitions there are, and the shortest history that leads
to each violation; exits with 1 if there is one.
"""
from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from juju_standin.profile import PROFILES

from .explore import explore
from .moves import WORLDS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--units', type=int, choices=(1, 2, 3), default=3,
                        help='how many remote units there are at most')
    parser.add_argument('--profile', action='append', choices=PROFILES,
                        help='a release of Juju; all of them unless given')
    options = parser.parse_args()
    releases = options.profile or list(PROFILES)
    console = Console(soft_wrap=True)
    results = _explore_all(console, options.units, releases)
    table = Table('class', 'remote units', 'asked', 'faults', 'states', 'transitions',
                  'alike', 'processes', 'violations')
    for (name, bounds), (*counts, violation) in results.items():
        table.add_row(name, ' '.join(bounds.units), ' '.join(bounds.later),
                      str(bounds.faults),
                      *map(str, counts), '1' if violation else 'none')
    console.print('Juju {}; alike are moves that another release makes the same, '
                  'processes are hooks that were run and not remembered'.format(
                      ', '.join(releases)))
    console.print(table)
    violations = [result[-1] for result in results.values() if result[-1]]
    for violation in violations:
        console.print(violation, markup=False, highlight=False)
    return 1 if violations else 0


def _explore_all(console: Console, units: int, releases: list[str]) -> dict:
    """What came of each class and world, by two processes."""
    columns = (TextColumn('{task.description:<35}'), BarColumn(),
               TextColumn('{task.completed} of {task.total} states found so far'),
               TimeElapsedColumn())
    jobs = [(name, bounds) for bounds, names in WORLDS
            if len(bounds.units) <= units for name in names]
    context = get_context('spawn')
    with context.Manager() as manager, \
            ProcessPoolExecutor(2, mp_context=context) as pool, \
            Progress(*columns, console=console) as progress:
        queue = manager.Queue()
        futures = {job: pool.submit(explore, *job, releases, queue) for job in jobs}
        tasks = {job: progress.add_task('{} {}'.format(job[0], ' '.join(job[1].units)),
                                        total=1) for job in jobs}
        pending = set(futures.values())
        while pending:
            pending = wait(pending, timeout=0.5).not_done
            while not queue.empty():
                job, done, found = queue.get()
                progress.update(tasks[job], completed=done, total=found)
        return {job: future.result() for job, future in futures.items()}


if __name__ == '__main__':
    sys.exit(main())
