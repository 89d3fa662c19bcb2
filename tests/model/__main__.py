"""Explore every class under every release of Juju: `python -m model`.

This is an explicit-state model checker: it runs the real layers in every state that one
unit can reach within bounds, and checks invariants after each event. It prints the
number of states and transitions, and for each violation a history that leads to it with
the fewest faults (a counterexample). It exits with 1 if there is a violation.

The modules:

    bounds.py            all explorations and their bounds
    explore.py           the search
    events.py            the possible events; effects.py applies them to the model
    model_state.py       the initial model; state_key.py tells which states are equal
    hook_runner.py       runs the charm; layer_internals.py has the names it replaces
    hook_answers.py      Juju's answers; expected.py is what they tell the charm, and
                         goal_units.py which units goal-state corrects
    invariants.py        the checks
    app_data_servers.py, app_data_expected.py
                         events and checks for the application-data protocol
"""
from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import get_context

from juju_standin.profile import PROFILES
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .bounds import EXPLORATIONS, Bounds
from .explore import Result, explore

Job = tuple[str, Bounds]        # the class and the bounds of an exploration
EXPLANATION = '''\
Juju {}
same model: whether goal-state names the remote units
app data: servers that use the application-data protocol
skipped: transitions that are the same under another release of Juju
processes: hooks that really ran; the others had a remembered result'''


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--units', type=int, choices=(1, 2, 3), default=3,
                        help='the maximum number of remote units')
    parser.add_argument('--release', action='append', choices=PROFILES,
                        help='a release of Juju (default: all of them)')
    options = parser.parse_args()
    releases = options.release or list(PROFILES)
    console = Console(soft_wrap=True)
    results = _explore_all(console, options.units, releases)
    console.print(EXPLANATION.format(', '.join(releases)))
    console.print(_table(results))
    counterexamples = [result.counterexample for result in results.values()
                       if result.counterexample]
    for counterexample in counterexamples:
        console.print(counterexample, markup=False, highlight=False)
    return 1 if counterexamples else 0


def _table(results: dict[Job, Result]) -> Table:
    table = Table('class', 'remote units', 'same model', 'app data', 'faults', 'states',
                  'transitions', 'skipped', 'processes', 'CPU s', 'violations')
    for (name, bounds), result in results.items():
        table.add_row(
            name, ' '.join(bounds.units), 'yes' if bounds.same_model else 'no',
            ' '.join(bounds.app_data_servers), str(bounds.faults), str(result.states),
            str(result.transitions), str(result.skipped_transitions),
            str(result.processes), str(round(result.cpu_seconds)),
            '1' if result.counterexample else 'none')
    return table


def _explore_all(console: Console, units: int,
                 releases: list[str]) -> dict[Job, Result]:
    """Run the explorations with at most this many units, in two processes."""
    columns = (TextColumn('{task.description:<35}'), BarColumn(),
               TextColumn('{task.completed} of {task.total} known states explored'),
               TimeElapsedColumn())
    jobs = [(name, bounds) for bounds, names in EXPLORATIONS
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
                job, explored, found = queue.get()
                progress.update(tasks[job], completed=explored, total=found)
        return {job: future.result() for job, future in futures.items()}


if __name__ == '__main__':
    sys.exit(main())
