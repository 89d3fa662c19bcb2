"""Runs the layers on each Python that is found: `tox -e pythons`.

The unit tests run in that Python, and with them the parts of the stand-in that answer
hook tools. For tests of built charms it runs the hooks, and this Python all else.
"""
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
PLACE = Path(sys.prefix) / 'pythons'

OLDEST = (3, 6)
NEEDED_BY_CI = {(3, 6), (3, 8), (3, 10), (3, 12), (3, 13)}

FOR_TESTS = ['setuptools<82', 'pytest', 'hypothesis', 'jsonschema', 'PyYAML',
             'dataclasses; python_version < "3.7"']
FRAMEWORKS = {
    'newest': ['charms.reactive', 'charmhelpers'],
    # Python 3.8 and 3.11 dropped what older ones of charmhelpers call
    'oldest': ['charms.reactive==1.1.2',
               'charmhelpers==0.9.1; python_version < "3.8"',
               'charmhelpers==0.20.9; python_version >= "3.8" and '
               'python_version < "3.11"',
               'charmhelpers==0.20.22; python_version >= "3.11"'],
}

BUILT = 'tests/functional/test_{}.py::test_a_{}_whose_hooks_are_processes[{}]'

# The oldest framework differs in flags, triggers and what it keeps. Its charmhelpers
# lacks what the example client calls.
UNIT = {
    'newest': ['tests/unit'],
    'oldest': ['tests/unit/test_{}.py'.format(name) for name in (
        'adopting', 'flags', 'juju', 'later_protocol', 'migrating', 'triggers',
        'whole')] + ['-k', 'not 2.9 and not 4.0'],
}
BUILT_CHARMS = {
    'newest': [BUILT.format('vocabularies', 'pair', 'later-3.6'),
               BUILT.format('granting', 'client', '3.6')],
    'oldest': [BUILT.format('vocabularies', 'pair', 'early-3.6')],
}


class Failed(Exception):
    """A command that failed; says what it printed."""


class Older(ast.NodeTransformer):
    """Does without what Python 3.6 does not know, and what changes nothing.

    Annotations become text, as the import from __future__ would have it.
    """

    def visit_ImportFrom(self, node):
        return None if node.module == '__future__' else node

    def visit_arguments(self, node):
        node.args[:0], node.posonlyargs = node.posonlyargs, []
        return self.generic_visit(node)

    def generic_visit(self, node):
        for field in 'annotation', 'returns':
            if getattr(node, field, None):
                setattr(node, field, ast.Constant(ast.unparse(getattr(node, field))))
        return super().generic_visit(node)


def translate(target):
    """Make a copy of the repository in which the unit tests run on Python 3.6."""
    shutil.rmtree(target, ignore_errors=True)
    standin = ROOT / 'standin'
    (target / 'tests').mkdir(parents=True)
    own = [TESTS, TESTS / 'unit', standin, TESTS / 'conftest.py']
    for path in [*ROOT.glob('[!.]*'), *TESTS.iterdir()]:
        if path not in own:
            (target / path.relative_to(ROOT)).symlink_to(path)
    for path in [TESTS / 'conftest.py', *TESTS.glob('unit/*.py'),
                 *standin.glob('juju_standin/**/*.py')]:
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(ast.unparse(Older().visit(ast.parse(path.read_text()))))
    return target


def pythons():
    """A Python of each version that is found: {(3, 6): path}."""
    found = {}
    pyenv = Path(os.environ.get('PYENV_ROOT') or Path.home() / '.pyenv')
    for directory in [*map(Path, os.get_exec_path()), *pyenv.glob('versions/*/bin')]:
        for path in directory.glob('python3.*'):
            version = re.fullmatch(r'python3\.(\d+)', path.name)
            if version and usable(path):
                found.setdefault((3, int(version.group(1))), path)
    return {version: found[version] for version in sorted(found) if version >= OLDEST}


def usable(python):
    """Whether it runs, which pyenv's shims may not, and what is needed is there."""
    return not subprocess.run([python, '-c', 'import ensurepip, sqlite3, ssl'],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode


def run(*command, cwd=ROOT):
    """Run a command: what it prints."""
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise Failed(done.stdout)
    return done.stdout


def environment(python, framework, place):
    """The Python of a virtual environment, which is made once."""
    inside, made = place / 'bin' / 'python', place / 'made-for'
    wanted = FOR_TESTS + FRAMEWORKS[framework]
    if not made.exists() or made.read_text() != str(wanted):
        run(python, '-m', 'venv', '--clear', place)
        run(inside, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check',
            *wanted)
        made.write_text(str(wanted))
    return inside


def versions(python):
    """Which versions of the framework a Python has."""
    listed = subprocess.run([python, '-m', 'pip', 'list', '--format=json'],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            check=True).stdout
    found = {package['name']: package['version'] for package in json.loads(listed)}
    return ', '.join('{} {}'.format(name, found[name])
                     for name in ('charms.reactive', 'charmhelpers'))


def trial(version, python, framework, copy):
    """Try a Python with a framework: whether that went well, and a line about it."""
    name = '{}.{}'.format(*version)
    title, began = '{} with the {} framework'.format(name, framework), time.time()
    try:
        inside = environment(python, framework, PLACE / '{}-{}'.format(name, framework))
        title = '{} with {}'.format(name, versions(inside))
        pytest = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider']
        said = [run(inside, *pytest, '-o', 'addopts=', *UNIT[framework], cwd=copy),
                run(sys.executable, *pytest, *BUILT_CHARMS[framework],
                    '--hooks-python={}'.format(inside))]
    except Failed as failed:
        return False, '{}: FAILED\n{}'.format(title, failed)
    return True, '{}: unit tests {}, built charms {}; {:.0f} s'.format(
        title, *(re.search(r'\d+ passed(, \d+ skipped)?', text).group()
                 for text in said), time.time() - began)


def main(*only):
    found = pythons()
    missing = NEEDED_BY_CI - found.keys()
    if missing and os.environ.get('CI'):
        return 'not found: ' + ', '.join('Python {}.{}'.format(*version)
                                         for version in sorted(missing))
    copy = translate(PLACE / 'copy')
    failures = 0
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        trials = [threads.submit(trial, version, python, framework, copy)
                  for version, python in found.items()
                  if not only or '{}.{}'.format(*version) in only
                  for framework in FRAMEWORKS
                  if framework == 'newest' or version in NEEDED_BY_CI]
        for each in trials:
            well, line = each.result()
            failures += not well
            print(line, flush=True)
    return failures and '{} of {} failed'.format(failures, len(trials))


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
