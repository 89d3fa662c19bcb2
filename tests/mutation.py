"""Mutation testing: do the unit tests notice when the layers' code is broken?

    python tests/mutation.py [MODULE ...]

Makes each change that cosmic-ray supports to the layers' modules, or only to the given
ones, such as `interfaces/common/record.py`, and runs the unit tests on each mutant.
`tests/mutation-survivors.txt` lists the mutants that no test can kill. The run prints

* the survivors that are not listed, ready to paste there, and
* the listed mutants that did not survive or do not exist.

It exits with 1 if the tests kill less than 95 % of the mutants.
"""
from __future__ import annotations

import difflib
import functools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

# The tests of a mutant run in a fork of this process. It imports what the tests need,
# except the layers, so that the forks start fast.
import hypothesis  # noqa: F401
import jsonschema  # noqa: F401
import pytest
from cosmic_ray import plugins
from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / 'standin')]

import juju_standin  # noqa: E402,F401

ROOT = Path(__file__).resolve().parent.parent
SURVIVORS = Path('tests/mutation-survivors.txt')
REQUIRED = 0.95
TIMEOUT = 200               # CPU seconds for the tests of one mutant
GROUP_SIZE = 10             # test files that one call of pytest runs
PROGRESS_STEP = 20          # mutants from one progress line to the next
IGNORED = ('.git', '.tox', '.venv', '.hypothesis', '.pytest_cache', '__pycache__',
           'build', 'recordings')


class Mutant(NamedTuple):
    """A change to a module. Lines have no numbers and no indentation."""
    module: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        return '\n'.join([self.module, *map('- {}'.format, self.before),
                          *map('+ {}'.format, self.after)])


def parse_survivors(text: str) -> set[Mutant]:
    """The mutants in the text of `mutation-survivors.txt`.

    :raises ValueError: if a mutant has no reason
    """
    mutants, reason = set(), ''
    for paragraph in text.split('\n\n'):
        lines = [line.strip() for line in paragraph.splitlines()
                 if line.strip() and not line.startswith('#')]
        if not lines:
            continue
        if lines[0].startswith('reason:'):
            reason = ' '.join(lines)[len('reason:'):]
        elif not reason:
            raise ValueError('{}: no reason for\n{}'.format(SURVIVORS, paragraph))
        else:
            mutants.add(Mutant(lines[0], *(
                tuple(line[1:].strip() for line in lines[1:] if line[0] == sign)
                for sign in '-+')))
    return mutants


def modules() -> list[Path]:
    """The layers' modules, without copies and links of the shared ones."""
    return sorted(path.relative_to(ROOT) for path in ROOT.glob('interfaces/*/*.py')
                  if not path.is_symlink())


def mutations(paths: list[Path]) -> list[MutationSpec]:
    with tempfile.TemporaryDirectory() as directory:
        with use_db(Path(directory) / 'session.sqlite') as session:
            init(paths, session, {})
            return [mutation for item in session.work_items
                    for mutation in item.mutations]


def enter_copy(directory: str) -> None:
    """Make the working directory of this process a copy of the project."""
    copy = Path(tempfile.mkdtemp(dir=directory)) / 'copy'
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*IGNORED))
    os.chdir(copy)


def module_and_copies(module: Path) -> list[Path]:
    """A module and, if it is shared, its copies in the layers."""
    if module.parent != Path('interfaces/common'):
        return [module]
    return [module, *Path('interfaces').glob('*/common/' + module.name)]


@contextmanager
def mutated(mutation: MutationSpec) -> Iterator[Mutant]:
    """Apply a mutation for the duration of a with block."""
    module = mutation.module_path
    operator = plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    before = module.read_text()
    after = mutate_code(before, operator, mutation.occurrence)
    try:
        write_code(module, after)
        diff = list(difflib.unified_diff(before.splitlines(), after.splitlines(),
                                         lineterm='', n=0))[2:]
        yield Mutant(str(module), *(
            tuple(line[1:].strip() for line in diff if line[0] == sign)
            for sign in '-+'))
    finally:
        write_code(module, before)


def write_code(module: Path, code: str) -> None:
    for file in module_and_copies(module):
        file.write_text(code)
    # Python would use old compiled code if the source was changed within the same
    # second and has the same size
    for cache in Path('interfaces').rglob('__pycache__'):
        shutil.rmtree(cache)


def test_mutant(groups: list[list[str]], mutation: MutationSpec) -> Mutant | None:
    """Run the tests on a mutant. Returns the mutant if it survives."""
    with mutated(mutation) as mutant:
        return mutant if tests_pass(groups) else None


def tests_pass(groups: Iterable[list[str]]) -> bool:
    """Run groups of test files, in a process of their own, until one fails."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    signal.setitimer(signal.ITIMER_PROF, TIMEOUT)
    with open(os.devnull, 'w') as null:
        os.dup2(null.fileno(), sys.stdout.fileno())
        os.dup2(null.fileno(), sys.stderr.fileno())
    options = ['-x', '-q', '-p', 'no:cacheprovider']
    os._exit(int(any(pytest.main(options + files) for files in groups)))


def seconds(file: str) -> float:
    """How long the tests in a file take without a mutation."""
    start = time.monotonic()
    if not tests_pass([[file]]):
        raise RuntimeError('{} fails without a mutation'.format(file))
    return time.monotonic() - start


def report(survivors: set[Mutant], listed: set[Mutant]) -> Iterator[str]:
    """Paragraphs about survivors that are not listed, and listed mutants that died."""
    if new := sorted(survivors - listed):
        yield ('Survivors that {} does not list. Write tests that kill them, or list '
               'them there with a reason:'.format(SURVIVORS))
        yield 'reason:'
        yield from map(str, new)
    if obsolete := sorted(listed - survivors):
        yield ('Remove these mutants from {}. The tests kill them, or the code has '
               'changed:'.format(SURVIVORS))
        yield from map(str, obsolete)


def main(*names: str) -> int:
    paths = [Path(name) for name in names] or modules()
    listed = {mutant for mutant in parse_survivors((ROOT / SURVIVORS).read_text())
              if not names or Path(mutant.module) in paths}
    found, survivors, start = mutations(paths), [], time.monotonic()
    files = [str(file.relative_to(ROOT)) for file in ROOT.glob('tests/unit/test_*.py')]
    with tempfile.TemporaryDirectory() as directory, get_context('fork').Pool(
            os.cpu_count(), enter_copy, [directory]) as pool:
        # the fastest tests first: they kill most mutants
        times = dict(zip(files, pool.map(seconds, files, chunksize=1)))
        files.sort(key=times.get)
        groups = [files[i:i + GROUP_SIZE] for i in range(0, len(files), GROUP_SIZE)]
        results = pool.imap_unordered(functools.partial(test_mutant, groups), found)
        for number, mutant in enumerate(results, 1):
            if mutant:
                survivors.append(mutant)
            if number % PROGRESS_STEP == 0:
                left = (time.monotonic() - start) / number * (len(found) - number)
                print('{} of {} mutants tested, {} survived; {:.1f} minutes left'
                      .format(number, len(found), len(survivors), left / 60),
                      flush=True)
    for paragraph in report(set(survivors), listed):
        print('\n' + paragraph)
    killed = 1 - len(survivors) / len(found)
    print('\n{} mutants, {} survived: {:.1%} killed, {:.0%} required'.format(
        len(found), len(survivors), killed, REQUIRED))
    return int(killed < REQUIRED)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
