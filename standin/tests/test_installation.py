"""The package, installed with pip in an environment of its own."""
import os
import shutil
import subprocess
import sys

import pytest

from repository import INTERFACES, ROOT
from test_readme import example

pytestmark = pytest.mark.slow

IS_INSTALLED = '''
import sys, juju_standin


def test_package_is_installed():
    assert juju_standin.__file__.startswith(sys.prefix)
'''


@pytest.fixture(scope='module')
def python(tmp_path_factory):
    """The Python of an environment in which only the stand-in is installed."""
    directory = tmp_path_factory.mktemp('environment')
    run(sys.executable, '-m', 'venv', directory)
    python = directory / 'bin' / 'python'
    # a copy, because pip writes to the folder
    source = shutil.copytree(ROOT / 'standin', tmp_path_factory.mktemp('source') / 'x',
                             ignore=shutil.ignore_patterns('tests', 'build'))
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check',
        source)
    return python


def run(*command, **options):
    """Run a command that succeeds, without the variables of this test run."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(('PYTEST', 'PYTHON', 'COV'))}
    done = subprocess.run(command, env=env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_first_example_runs_with_the_installed_package(python, tmp_path):
    (tmp_path / 'test_charm.py').write_text(
        example('First example', clone=ROOT) + IS_INSTALLED)
    assert '2 passed' in run(python, '-m', 'pytest', '-q', cwd=tmp_path)


def test_tests_of_handlers_pass_with_the_installed_package(python, tmp_path):
    tests = shutil.copytree(ROOT / 'standin', tmp_path / 'standin',
                            ignore=shutil.ignore_patterns('juju_standin'))
    (tmp_path / 'interfaces').symlink_to(INTERFACES)
    output = run(python, '-m', 'pytest', '-q', 'tests/test_local_unit.py',
                 'tests/test_hooks.py', 'tests/test_hook_tools.py', cwd=tests)
    assert ' passed' in output
