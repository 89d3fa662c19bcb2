"""Explore every class under every release of Juju: `python -m exhaustive`.

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
from standin.profile import PROFILES

from .explore import ROLES, explore
from .worlds import FEWER


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--units', type=int, choices=FEWER, default=max(FEWER),
                        help='how many remote units there are at most')
    parser.add_argument('--profile', action='append', choices=PROFILES,
                        help='a release of Juju; all of them unless given')
    options = parser.parse_args()
    releases = options.profile or list(PROFILES)
    console = Console(soft_wrap=True)
    columns = (TextColumn('{task.description:<17}'), BarColumn(),
               TextColumn('{task.completed} of {task.total} states found so far'),
               TimeElapsedColumn())
    context = get_context('spawn')
    with context.Manager() as manager, \
            ProcessPoolExecutor(2, mp_context=context) as pool, \
            Progress(*columns, console=console) as progress:
        queue = manager.Queue()
        futures = {name: pool.submit(explore, name, options.units, releases, queue)
                   for name in ROLES}
        tasks = {name: progress.add_task(name, total=1) for name in ROLES}
        pending = set(futures.values())
        while pending:
            pending = wait(pending, timeout=0.5).not_done
            while not queue.empty():
                name, done, found = queue.get()
                progress.update(tasks[name], completed=done, total=found)
    results = {name: future.result() for name, future in futures.items()}
    table = Table('class', 'states', 'transitions', 'alike', 'violations')
    for name, (states, transitions, alike, violation) in results.items():
        table.add_row(name, str(states), str(transitions), str(alike),
                      '1' if violation else 'none')
    console.print('{} remote units, Juju {}; alike are moves to which another release '
                  'gives the same answers'.format(options.units, ', '.join(releases)))
    console.print(table)
    violations = [result[-1] for result in results.values() if result[-1]]
    for violation in violations:
        console.print(violation, markup=False, highlight=False)
    return 1 if violations else 0


if __name__ == '__main__':
    sys.exit(main())
