"""Forked hooks behave like hooks in new processes."""
import subprocess
import sys

import pytest

from juju_standin import forkserver

PRINT_STATE = '''\
#!/usr/bin/env python3
import atexit, os, sys
print(sys.argv, sys.path, sys.flags, os.getcwd(), sorted(os.environ.items()))
print(__name__, __file__, sys.modules['__main__'].__dict__ is globals())
print(sorted(os.listdir('/proc/self/fd')), repr(sys.stdin.read()))
os.system('echo $NAME; /bin/echo "$$ $PPID" >/dev/null')
print(__import__('signal').getsignal(2))
atexit.register(print, 'at its end')
'''


@pytest.fixture
def run_both(tmp_path):
    """Run a script as a new process, then forked; return two (output, status)."""
    env = {'LANG': 'C.UTF-8', 'PATH': '/usr/bin:/bin', 'NAME': 'value'}
    path = tmp_path / 'hooks' / 'start'
    path.parent.mkdir()

    def start(output):
        return subprocess.run([sys.executable, path], cwd=tmp_path, env=env,
                              stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT).returncode

    def fork(output):
        assert forkserver.can_run(path)
        return forkserver.run(sys.executable, path, tmp_path, env, output)

    def run(script):
        path.write_text(script)
        for function in start, fork:
            with open(tmp_path / 'output', 'w+b') as output:
                status = function(output)
                output.seek(0)
                yield output.read().decode(), status
    return run


def test_forked_hook_has_the_state_of_a_new_process(run_both):
    started, forked = run_both(PRINT_STATE)
    assert forked == started
    assert forked[0].endswith('at its end\n')


@pytest.mark.parametrize('end, status', [
    ('sys.exit(3)', 3), ('sys.exit("why")', 1), ('sys.exit()', 0),
    ('os._exit(4)', 4), ('os.kill(os.getpid(), 9)', -9)])
def test_forked_hook_ends_like_a_process(run_both, end, status):
    started, forked = run_both('#!/usr/bin/env python3\nimport os, sys\n' + end)
    assert forked == started
    assert forked[1] == status


def test_exception_ends_the_hook_and_leaves_no_state(run_both):
    _, (output, status) = run_both('#!/usr/bin/env python3\nimport builtins\n'
                                   'builtins.left = 1\nraise RuntimeError("why")')
    assert output.endswith('RuntimeError: why\n') and status == 1
    assert [status for _, status in run_both('#!/usr/bin/env python3\nleft')] == [1, 1]


def test_other_scripts_cannot_be_forked(tmp_path):
    (tmp_path / 'hook').write_text('#!/bin/sh\n')
    assert not forkserver.can_run(tmp_path / 'hook')
