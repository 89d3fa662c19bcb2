"""Tests the layers with each installed Python: `tox -e pythons`.

Each Python runs the unit tests. In the tests of built charms it runs only the hooks;
the Python of this script runs the tests themselves.
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
WORK_DIR = Path(sys.prefix) / 'pythons'

OLDEST = (3, 6)
REQUIRED_IN_CI = {(3, 6), (3, 8), (3, 10), (3, 12), (3, 13)}

TEST_PACKAGES = ['setuptools<82', 'pytest', 'hypothesis', 'jsonschema', 'PyYAML',
                 'dataclasses; python_version < "3.7"']
FRAMEWORKS = {
    'newest': ['charms.reactive', 'charmhelpers'],
    # older versions of charmhelpers use functions that Python 3.8 or 3.11 removed
    'oldest': ['charms.reactive==1.1.2',
               'charmhelpers==0.9.1; python_version < "3.8"',
               'charmhelpers==0.20.9; python_version >= "3.8" and '
               'python_version < "3.11"',
               'charmhelpers==0.20.22; python_version >= "3.11"'],
}

# With the oldest framework, only tests of what depends on it run: flags, triggers, the
# key/value store, hook tools and the check of its version. To save time, they run with
# only one release of Juju.
UNIT_TESTS = {
    'newest': ['tests/unit'],
    'oldest': [
        *('tests/unit/test_{}.py'.format(name) for name in (
            'app_credentials', 'app_grants', 'app_request_targets', 'app_requests',
            'flags', 'hook_tool_calls', 'hooktools', 'layer_copies', 'stored_records',
            'triggers', 'upgrade_data', 'upgrade_flags', 'upgrade_notices')),
        '-k', 'not 2.9 and not 4.0'],
}
PAIR_TEST = ('tests/functional/test_mixed_generations.py::'
             'test_client_uses_server_if_hooks_are_processes')
CLIENT_TEST = ('tests/functional/test_granting.py::'
               'test_client_uses_grant_if_hooks_are_processes')
# The oldest charmhelpers lacks functions that the charm of CLIENT_TEST calls.
BUILT_CHARM_TESTS = {
    'newest': [PAIR_TEST + '[second-generation-3.6]', CLIENT_TEST + '[3.6]'],
    'oldest': [PAIR_TEST + '[first-generation-3.6]'],
}


class CommandError(Exception):
    """A command failed. The text is its output."""


class Translator(ast.NodeTransformer):
    """Replaces syntax that Python 3.6 does not support.

    Annotations become strings, as with `from __future__ import annotations`, and
    positional-only parameters become ordinary ones.
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
    """Make a copy of the repository whose unit tests run on Python 3.6."""
    shutil.rmtree(target, ignore_errors=True)
    standin = ROOT / 'standin'
    (target / 'tests').mkdir(parents=True)
    translated = [TESTS, TESTS / 'unit', TESTS / 'conftest.py', standin,
                  standin / 'juju_standin']
    (target / 'standin').mkdir()
    for path in [*ROOT.glob('[!.]*'), *TESTS.iterdir(), *standin.iterdir()]:
        if path not in translated:
            (target / path.relative_to(ROOT)).symlink_to(path)
    for path in [TESTS / 'conftest.py', *TESTS.glob('unit/*.py'),
                 *standin.glob('juju_standin/**/*.py')]:
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(ast.unparse(Translator().visit(ast.parse(path.read_text()))))
    return target


def find_pythons():
    """The installed Pythons by version: {(3, 6): path}."""
    found = {}
    pyenv = Path(os.environ.get('PYENV_ROOT') or Path.home() / '.pyenv')
    for directory in [*map(Path, os.get_exec_path()), *pyenv.glob('versions/*/bin')]:
        for path in directory.glob('python3.*'):
            version = re.fullmatch(r'python3\.(\d+)', path.name)
            if version and usable(path):
                found.setdefault((3, int(version.group(1))), path)
    return {version: found[version] for version in sorted(found) if version >= OLDEST}


def usable(python):
    """Whether a Python runs (some shims of pyenv do not) and has these modules."""
    return not subprocess.run([python, '-c', 'import ensurepip, sqlite3, ssl'],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode


def run(*command, cwd=ROOT):
    """Run a command, and return its output."""
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise CommandError(done.stdout)
    return done.stdout


def make_environment(python, framework, directory):
    """Make a virtual environment if it does not exist, and return its Python."""
    env_python, packages_file = directory / 'bin' / 'python', directory / 'packages'
    packages = TEST_PACKAGES + FRAMEWORKS[framework]
    if not packages_file.exists() or packages_file.read_text() != str(packages):
        run(python, '-m', 'venv', '--clear', directory)
        run(env_python, '-m', 'pip', 'install', '--quiet',
            '--disable-pip-version-check', *packages)
        packages_file.write_text(str(packages))
    return env_python


def versions(python):
    """The framework's versions in an environment."""
    listed = subprocess.run([python, '-m', 'pip', 'list', '--format=json'],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            check=True).stdout
    found = {package['name']: package['version'] for package in json.loads(listed)}
    return ', '.join('{} {}'.format(name, found[name])
                     for name in ('charms.reactive', 'charmhelpers'))


def run_tests(version, python, framework, copy):
    """Run the tests with a Python and a framework; return success and a summary."""
    name = version_name(version)
    title, start = '{} with the {} framework'.format(name, framework), time.time()
    print(title + ': started', flush=True)
    try:
        env_python = make_environment(python, framework,
                                      WORK_DIR / '{}-{}'.format(name, framework))
        title = '{} with {}'.format(name, versions(env_python))
        pytest = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider']
        outputs = [
            run(env_python, *pytest, '-o', 'addopts=', *UNIT_TESTS[framework],
                cwd=copy),
            run(sys.executable, *pytest, *BUILT_CHARM_TESTS[framework],
                '--hooks-python={}'.format(env_python))]
    except CommandError as error:
        return False, '{}: FAILED\n{}'.format(title, error)
    return True, '{}: unit tests {}, built charms {}; {:.0f} s'.format(
        title, *(re.search(r'\d+ passed(, \d+ skipped)?', text).group()
                 for text in outputs), time.time() - start)


def version_name(version):
    return '{}.{}'.format(*version)


def main(*only):
    """Test with all Pythons that are found, or only with these versions.

    Return 0, or an error message.
    """
    found = find_pythons()
    names = list(map(version_name, found))
    required = [*only]
    if os.environ.get('CI'):
        required += map(version_name, sorted(REQUIRED_IN_CI))
    missing = [name for name in required if name not in names]
    if missing or not found:
        return 'not found: ' + ', '.join(
            map('Python {}'.format, missing or [version_name(OLDEST) + ' or newer']))
    copy = translate(WORK_DIR / 'copy')
    failures = 0
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        runs = [threads.submit(run_tests, version, python, framework, copy)
                for version, python in found.items()
                if not only or version_name(version) in only
                for framework in FRAMEWORKS
                if framework == 'newest' or version in REQUIRED_IN_CI]
        for future in runs:
            passed, summary = future.result()
            failures += not passed
            print(summary, flush=True)
    return failures and '{} of {} failed'.format(failures, len(runs))


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
