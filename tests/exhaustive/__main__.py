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

# The release that is explored in full. Where releases differ, two units tell as much
# as three: in their addresses, and in what is listed while a relation breaks.
WHOLE = '3.6'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--units', type=int, choices=FEWER,
                        help='how many remote units there are at most; unless given, '
                             'three for the classes that read what units publish, '
                             'under one release, and two for the rest')
    parser.add_argument('--profile', action='append', choices=PROFILES,
                        help='a release of Juju; all of them unless given')
    options = parser.parse_args()
    jobs = [(name, profile, options.units or (
                3 if profile == WHOLE and name.endswith('Requires') else 2))
            for name in ROLES for profile in options.profile or PROFILES]
    # the largest ones first, so that no core is left with one at the end
    jobs.sort(key=lambda job: (job[2], job[0].endswith('Requires')), reverse=True)
    console = Console(soft_wrap=True)
    columns = (TextColumn('{task.description:<32}'), BarColumn(),
               TextColumn('{task.completed} of {task.total} states found so far'),
               TimeElapsedColumn())
    context = get_context('spawn')
    with context.Manager() as manager, \
            ProcessPoolExecutor(2, mp_context=context) as pool, \
            Progress(*columns, console=console) as progress:
        queue = manager.Queue()
        futures = {job: pool.submit(explore, *job, queue) for job in jobs}
        tasks = {job[:2]: progress.add_task('{} {}, {} units'.format(*job), total=1)
                 for job in jobs}
        pending = set(futures.values())
        while pending:
            pending = wait(pending, timeout=0.5).not_done
            while not queue.empty():
                name, profile, done, found = queue.get()
                progress.update(tasks[name, profile], completed=done, total=found)
    results = {job: future.result() for job, future in futures.items()}
    table = Table('class', 'Juju', 'units', 'states', 'transitions', 'violations')
    for job in sorted(results):
        states, transitions, violation = results[job]
        table.add_row(*map(str, job), str(states), str(transitions),
                      '1' if violation else 'none')
    console.print(table)
    for states, transitions, violation in results.values():
        if violation:
            console.print(violation, markup=False, highlight=False)
    return 1 if any(violation for _, _, violation in results.values()) else 0


if __name__ == '__main__':
    sys.exit(main())
