"""Do the unit tests bite? Breaks the layers in each way cosmic-ray knows.

Prints the mutants that the unit tests let live, and exits with 1 if they kill less
than 95 %. Many that live behave as the code they were made of.
Arguments are modules to break, such as `interfaces/common/record.py`; all unless given.
"""
from __future__ import annotations

import difflib
import os
import shutil
import signal
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path

# The tests of a mutant run in a fork of a process that has imported all but the layers.
import hypothesis  # noqa: F401
import jsonschema  # noqa: F401
import pytest
from cosmic_ray import plugins
from cosmic_ray.commands.init import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec

sys.path[:0] = [str(Path(__file__).parent),
                str(Path(__file__).parents[1] / 'standin')]

import juju_standin  # noqa: E402,F401

ROOT = Path(__file__).resolve().parent.parent
LEAST = 0.95
SECONDS = 300
PARTS = ('interfaces', 'examples', 'standin', 'tests', 'setup.cfg', 'README.md',
         'CHANGELOG.md')
# Most mutants are killed at once: by the rooms that need no stand-in for Juju, or by
# the quickest of the other tests.
FIRST = ('granted', 'names', 'observation', 'reconcile', 'record', 'truth', 'values')
NEXT = ('juju', 'lists', 'own_databag', 'pair', 'reaching', 'sending', 'sinks')


def tests() -> list[list[str]]:
    """Files of tests; each list is collected if those before it have passed."""
    lists = [['tests/unit/test_{}.py'.format(name) for name in names]
             for names in (FIRST, NEXT)]
    rest = {str(path.relative_to(ROOT)) for path in ROOT.glob('tests/unit/test_*.py')}
    return [*lists, sorted(rest.difference(*lists))]


def modules() -> list[Path]:
    """The layers' modules, each once: what they share are links in both."""
    return sorted(path.relative_to(ROOT) for path in ROOT.glob('interfaces/*/*.py')
                  if not path.is_symlink())


def mutations(paths: list[Path]) -> list[MutationSpec]:
    with tempfile.TemporaryDirectory() as directory:
        with use_db(Path(directory) / 'session.sqlite') as session:
            init(paths, session, {})
            return [mutation for item in session.work_items
                    for mutation in item.mutations]


def copy_project() -> None:
    """Have this process work in a copy of the project, which it may break."""
    directory = Path(tempfile.mkdtemp(dir=os.environ['MUTANTS']))
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, directory / name, symlinks=True,
                            ignore=shutil.ignore_patterns('__pycache__', 'recordings'))
        else:
            shutil.copy(ROOT / name, directory)
    os.chdir(directory)


def survivor(mutation: MutationSpec) -> str:
    """What a mutant changes, if the unit tests let it live; else ''."""
    operator = plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    path = mutation.module_path
    with use_mutation(path, operator, mutation.occurrence) as (before, after):
        if run_tests():
            return ''
    return '\n'.join(difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(path), str(path), lineterm=''))


def run_tests() -> int:
    """Run the unit tests in a process of their own; 0 if they pass."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    signal.alarm(SECONDS)
    with open(os.devnull, 'w') as null:
        os.dup2(null.fileno(), sys.stdout.fileno())
        os.dup2(null.fileno(), sys.stderr.fileno())
    options = ['-x', '-q', '-p', 'no:cacheprovider']
    os._exit(int(any(pytest.main(options + files) for files in tests())))


def main() -> int:
    found = mutations([Path(name) for name in sys.argv[1:]] or modules())
    alive = []
    with tempfile.TemporaryDirectory() as directory:
        os.environ['MUTANTS'] = directory
        with get_context('fork').Pool(os.cpu_count(), copy_project) as pool:
            if any(pool.map(run_unbroken, range(1))):
                sys.exit('the unit tests fail without a mutant')
            for diff in pool.imap_unordered(survivor, found):
                if diff:
                    print(diff, flush=True)
                    alive.append(diff)
    killed = 1 - len(alive) / len(found)
    print('{} mutants, {} of them alive: {:.1%} killed, {:.0%} expected'.format(
        len(found), len(alive), killed, LEAST))
    return 0 if killed >= LEAST else 1


def run_unbroken(_: int) -> int:
    return run_tests()


if __name__ == '__main__':
    sys.exit(main())
