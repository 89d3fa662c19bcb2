"""Hooks that are forked, and such as are started."""
import subprocess
import sys

import pytest

from juju_standin import forkserver as warm

SAYS = '''\
#!/usr/bin/env python3
import atexit, os, sys
print(sys.argv, sys.path, sys.flags, os.getcwd(), sorted(os.environ.items()))
print(__name__, __file__, sys.modules['__main__'].__dict__ is globals())
print(sorted(os.listdir('/proc/self/fd')), repr(sys.stdin.read()))
os.system('echo $NAME; /bin/echo "$$ $PPID" >/dev/null')
from charmhelpers import osplatform
print(osplatform.get_platform.__module__, __import__('signal').getsignal(2))
atexit.register(print, 'at its end')
'''


@pytest.fixture
def hook(tmp_path):
    """Runs a script in both ways: what it said, and its status."""
    env = {'LANG': 'C.UTF-8', 'PATH': '/usr/bin:/bin', 'NAME': 'value'}
    path = tmp_path / 'hooks' / 'start'
    path.parent.mkdir()

    def started(output):
        return subprocess.run([sys.executable, path], cwd=tmp_path, env=env,
                              stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT).returncode

    def forked(output):
        assert warm.can_run(path)
        return warm.run(sys.executable, path, tmp_path, env, output)

    def run(script):
        path.write_text(script)
        for way in started, forked:
            with open(tmp_path / 'output', 'w+b') as output:
                status = way(output)
                output.seek(0)
                yield output.read().decode(), status
    return run


def test_a_fork_is_given_and_does_what_a_process_is_and_does(hook):
    started, forked = hook(SAYS)
    assert forked == started
    assert forked[0].endswith('at its end\n')


@pytest.mark.parametrize('end, status', [
    ('sys.exit(3)', 3), ('sys.exit("why")', 1), ('sys.exit()', 0),
    ('os._exit(4)', 4), ('os.kill(os.getpid(), 9)', -9)])
def test_it_ends_as_a_process_does(hook, end, status):
    started, forked = hook('#!/usr/bin/env python3\nimport os, sys\n' + end)
    assert forked == started
    assert forked[1] == status


def test_an_error_ends_it_and_nothing_is_left_for_the_next(hook):
    (_, _), (said, status) = hook('#!/usr/bin/env python3\nimport builtins\n'
                                  'builtins.left = 1\nraise RuntimeError("why")')
    assert said.endswith('RuntimeError: why\n') and status == 1
    assert [status for _, status in hook('#!/usr/bin/env python3\nleft')] == [1, 1]


def test_other_files_are_not_forked(tmp_path):
    (tmp_path / 'hook').write_text('#!/bin/sh\n')
    assert not warm.can_run(tmp_path / 'hook')
