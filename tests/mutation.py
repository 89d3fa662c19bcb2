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

import ast
import difflib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
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
from coverage import CoverageData

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / 'standin')]

import juju_standin  # noqa: E402,F401

ROOT = Path(__file__).resolve().parent.parent
SURVIVORS = Path('tests/mutation-survivors.txt')
REQUIRED = 0.95
# A call of pytest may take TIMEOUT + SLOWDOWN × its files' normal CPU seconds.
TIMEOUT = 20
SLOWDOWN = 5
GROUP_SIZES = (1, 3, 10)    # test files that each call of pytest runs; the last repeats
MEASURE = ['--cov', '--cov-report=', '--cov-fail-under=0']
KILLERS = 4                 # tests that run first, because they killed similar mutants
PROGRESS_STEP = 20          # mutants from one progress line to the next
IGNORED = ('.git', '.tox', '.venv', '.hypothesis', '.pytest_cache', '__pycache__',
           'build', 'recordings')

# {module: the tests that killed its last mutants in this process}
killers: dict[Path, list[str]] = defaultdict(list)


class TestFile(NamedTuple):
    """The CPU seconds of a file's tests, and the lines of the layers that they run."""
    name: str
    seconds: float
    lines: set[tuple[Path, int]]


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
    """The layers' modules; the copies of the shared modules are not included."""
    return sorted(path.relative_to(ROOT) for path in ROOT.glob('interfaces/*/*.py'))


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
        for compiled in file.parent.glob('__pycache__/{}.*'.format(module.stem)):
            compiled.unlink()


def in_order(files: list[TestFile],
             mutation: MutationSpec) -> list[tuple[str, float]]:
    """The names and CPU seconds of test files, in the order in which to run them.

    The files that run the mutated statement are the first, since most others cannot
    kill the mutant. Fast ones run before slow ones.
    """
    lines = {(mutation.module_path, line) for line in statement(mutation)}
    return [(file.name, file.seconds) for file in sorted(
        files, key=lambda file: (not file.lines & lines, file.seconds))]


def run_tests(work: tuple[MutationSpec, list[tuple[str, float]]]) -> Mutant | None:
    """Run the tests on a mutant, and return it if it survives.

    :param work: the mutation, and the files of tests in order
    """
    mutation, files = work
    first = killers[mutation.module_path]
    with mutated(mutation) as mutant:
        failed = failed_test(calls(first[:KILLERS], files))
    if failed is None:
        return mutant
    if '::' in failed:
        first[:] = [failed, *(name for name in first if name != failed)]
    return None


def statement(mutation: MutationSpec) -> range:
    """The lines of the innermost statement that a mutation changes."""
    line = mutation.start_pos[0]
    tree = ast.parse(mutation.module_path.read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)
             and node.lineno <= line <= node.end_lineno]
    if not found:
        return range(line, line + 1)
    innermost = max(found, key=lambda node: node.lineno)
    return range(innermost.lineno, innermost.end_lineno + 1)


def calls(first: list[str], files: list[tuple[str, float]],
          ) -> Iterator[tuple[list[str], float]]:
    """The tests that each call of pytest runs, and its limit in CPU seconds."""
    if first:
        yield first, TIMEOUT
    sizes = iter(GROUP_SIZES)
    while files:
        size = next(sizes, GROUP_SIZES[-1])
        group, files = files[:size], files[size:]
        yield ([name for name, _ in group],
               TIMEOUT + SLOWDOWN * sum(seconds for _, seconds in group))


class FailureReporter:
    """A plugin that writes the name of a failed test, without its parameters."""

    def __init__(self, file: int):
        self.file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self.file, report.nodeid.partition('[')[0].encode() + b'\n')


def failed_test(calls: Iterable[tuple[list[str], float]]) -> str | None:
    """Call pytest, in a process of its own, until a test fails.

    :param calls: the arguments of each call, and its limit in CPU seconds; 0: no limit
    :return: the failed test; '' if pytest itself failed; None if all tests pass
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        with open(reader) as pipe:
            name = pipe.readline().rstrip()
        return name if os.waitpid(child, 0)[1] else None
    with open(os.devnull, 'w') as null:
        os.dup2(null.fileno(), sys.stdout.fileno())
        os.dup2(null.fileno(), sys.stderr.fileno())
    for arguments, limit in calls:
        signal.setitimer(signal.ITIMER_PROF, limit)
        if pytest.main(['-x', '-q', '-p', 'no:cacheprovider', *arguments],
                       plugins=[FailureReporter(writer)]):
            os._exit(1)
    os._exit(0)


def measure(name: str) -> TestFile:
    """Run a file's tests without a mutation."""
    start = children_seconds()
    if failed_test([([*MEASURE, name], 0)]) is not None:
        raise RuntimeError('{} fails without a mutation'.format(name))
    data = CoverageData()
    data.read()
    lines = {(original(Path(path).relative_to(Path.cwd())), line)
             for path in data.measured_files() for line in data.lines(path)}
    return TestFile(name, children_seconds() - start, lines)


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def original(module: Path) -> Path:
    """The module of which this one is a copy, or itself."""
    shared = module.parent.name == 'common'
    return Path('interfaces/common', module.name) if shared else module


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


def main(*names: str) -> int | str:
    """Test the mutants of all modules, or of these.

    Return 0, 1 if too few mutants are killed, or an error message.
    """
    paths = [Path(name) for name in names] or modules()
    listed = {mutant for mutant in parse_survivors((ROOT / SURVIVORS).read_text())
              if not names or Path(mutant.module) in paths}
    found, survivors, start = mutations(paths), [], time.monotonic()
    if not found:
        return 'no mutants of ' + ', '.join(map(str, paths))
    # a test that kills a mutant often kills the next one
    found.sort(key=lambda mutation: (mutation.module_path, mutation.start_pos))
    names_of_files = [str(file.relative_to(ROOT))
                      for file in ROOT.glob('tests/unit/test_*.py')]
    with tempfile.TemporaryDirectory() as directory, get_context('fork').Pool(
            os.cpu_count(), enter_copy, [directory]) as pool:
        files = pool.map(measure, names_of_files, chunksize=1)
        results = pool.imap_unordered(run_tests, [
            (mutation, in_order(files, mutation)) for mutation in found])
        for number, mutant in enumerate(results, 1):
            if mutant:
                survivors.append(mutant)
                if mutant not in listed:
                    print('\nSurvived:\n{}\n'.format(mutant), flush=True)
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
