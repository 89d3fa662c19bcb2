"""Whatever a charm starts a hook tool by, in this process the hook answers."""
import subprocess
from subprocess import PIPE, STDOUT

import pytest

from juju_standin.popen import answered_by
from recorder import World, ask

IDS, REFUSED = ['relation-ids', 'in'], ['relation-list', '-r', 'in:9']
ERROR = 'ERROR invalid value "in:9" for option -r: relation not found\n'


@pytest.fixture
def hook(monkeypatch):
    """Run a function as the client does in a hook; its context and result."""
    world = World()

    def run(function):
        def script(context):
            monkeypatch.setattr(subprocess, 'Popen', answered_by(context))
            try:
                return context, function()
            finally:
                monkeypatch.undo()
        return world.client_does(script)
    return run


@pytest.mark.parametrize('function, result', [
    (lambda: subprocess.run(IDS, stdout=PIPE, check=True).stdout, b'in:0\n'),
    (lambda: subprocess.run(REFUSED, capture_output=True, text=True).stderr, ERROR),
    (lambda: subprocess.run(REFUSED, stdout=PIPE, stderr=STDOUT).stdout,
     ERROR.encode()),
    (lambda: subprocess.run(REFUSED, stderr=PIPE).returncode, 2),
    (lambda: subprocess.check_output(IDS, universal_newlines=True), 'in:0\n'),
    (lambda: subprocess.check_call(IDS), 0),
    (lambda: subprocess.call(REFUSED), 2),
    (lambda: subprocess.Popen(REFUSED, stdout=PIPE, stderr=PIPE).communicate(),
     (b'', ERROR.encode())),
    (lambda: subprocess.Popen(IDS, stdout=PIPE).stdout.read(), b'in:0\n'),
    (lambda: subprocess.check_output(['echo', 'other']), b'other\n'),
])
def test_ways_to_start(hook, function, result):
    assert hook(function)[1] == result


def test_input_and_what_nobody_reads(hook):
    def function():
        subprocess.run(['relation-set', '-r', 'in:0', '--file', '-'], input=b'a: 1',
                       check=True)
        with subprocess.Popen(['relation-set', '-r', 'in:0', '--file', '-'],
                              stdin=PIPE) as process:
            process.stdin.write(b'b: 2')
        with pytest.raises(subprocess.CalledProcessError) as error:
            subprocess.check_output(REFUSED)
        return error.value.returncode

    context, status = hook(function)
    assert status == 2
    assert context.log == [('DEBUG', ERROR.strip())]
    settings = ask(context, 'relation-get', '-r', 'in:0', '-', 'client/0')
    assert (settings['a'], settings['b']) == ('1', '2')
