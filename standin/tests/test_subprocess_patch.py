"""Hook tools that a charm in this process starts with functions of subprocess."""
import os
import socket
import subprocess
from subprocess import PIPE, STDOUT

import pytest

from juju_standin.process_state import ProcessState
from two_apps import TwoApps, query

SUCCEEDS, FAILS = ['relation-ids', 'in'], ['relation-list', '-r', 'in:9']
ERROR = 'ERROR invalid value "in:9" for option -r: relation not found\n'


@pytest.fixture
def run_in_hook(tmp_path):
    """Run a function in a hook of client/0; return the context and the result."""
    apps = TwoApps()

    def run(function):
        def script(context):
            with ProcessState() as state:
                state.begin_hook(context, tmp_path, None, (), ())
                return context, function()
        return apps.in_client_hook(script)
    return run


@pytest.mark.parametrize('function, result', [
    (lambda: subprocess.run(SUCCEEDS, stdout=PIPE, check=True).stdout, b'in:0\n'),
    (lambda: subprocess.run(FAILS, capture_output=True, text=True).stderr, ERROR),
    (lambda: subprocess.run(FAILS, stdout=PIPE, stderr=STDOUT).stdout,
     ERROR.encode()),
    (lambda: subprocess.run(FAILS, stderr=PIPE).returncode, 2),
    (lambda: subprocess.check_output(SUCCEEDS, universal_newlines=True), 'in:0\n'),
    (lambda: subprocess.check_call(SUCCEEDS), 0),
    (lambda: subprocess.call(FAILS), 2),
    (lambda: subprocess.Popen(FAILS, stdout=PIPE, stderr=PIPE).communicate(),
     (b'', ERROR.encode())),
    (lambda: subprocess.Popen(SUCCEEDS, stdout=PIPE).stdout.read(), b'in:0\n'),
    (lambda: subprocess.check_output(['echo', 'other']), b'other\n'),
    (lambda: subprocess.check_output('relation-ids in', shell=True), b'in:0\n'),
    (lambda: subprocess.check_output(['sh', '-c', 'relation-ids in']), b'in:0\n'),
    (lambda: os.popen('relation-ids in').read(), 'in:0\n'),
])
def test_functions_return_the_answer(run_in_hook, function, result):
    assert run_in_hook(function)[1] == result


def test_input_reaches_the_tool_and_unread_errors_the_log(run_in_hook):
    def function():
        subprocess.run(['relation-set', '-r', 'in:0', '--file', '-'], input=b'a: 1',
                       check=True)
        with subprocess.Popen(['relation-set', '-r', 'in:0', '--file', '-'],
                              stdin=PIPE) as process:
            process.stdin.write(b'b: 2')
        for key, end in [('c', lambda process: (process.stdin.close(), process.wait())),
                         ('d', lambda process: process.communicate())]:
            process = subprocess.Popen(['relation-set', '-r', 'in:0', '--file', '-'],
                                       stdin=PIPE, text=True)
            process.stdin.write(key + ': 3')
            end(process)
        with pytest.raises(subprocess.CalledProcessError) as error:
            subprocess.check_output(FAILS)
        return error.value.returncode

    context, status = run_in_hook(function)
    assert status == 2
    assert context.log == [('DEBUG', ERROR.strip())]
    data = query(context, 'relation-get', '-r', 'in:0', '-', 'client/0')
    assert [data[key] for key in 'abcd'] == ['1', '2', '3', '3']


def test_process_that_ends_before_its_request_does_not_stop_the_answers(run_in_hook):
    def function():
        path = os.path.dirname(os.environ['PATH'].partition(':')[0]) + '/socket'
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(path)
        return subprocess.run(['sh', '-c', 'relation-ids in'], stdout=PIPE,
                              timeout=60).stdout

    assert run_in_hook(function)[1] == b'in:0\n'


@pytest.mark.parametrize('command, options', [
    (['apt-get', 'install', 'no-such-package'], {}),
    (['sh', '-c', 'apt-get install no-such-package'], {}),
    ('apt-get install no-such-package', {'shell': True}),
    (['/usr/bin/apt-get', 'install', 'no-such-package'], {})])
def test_commands_that_would_change_the_machine_do_not_run(
        run_in_hook, command, options):
    context, status = run_in_hook(lambda: subprocess.call(command, **options))
    assert status == 0
    assert context.log == [('DEBUG', 'not run: apt-get install no-such-package')]


@pytest.mark.parametrize('options', [{}, {'stdin': PIPE}])
def test_systemctl_with_its_path_is_answered(run_in_hook, options):
    command = ['/no/such/path/systemctl', 'restart', 'kafka']
    context, status = run_in_hook(lambda: subprocess.Popen(command, **options).wait())
    assert status == 0
    assert context.services == [('restart', 'kafka')]
