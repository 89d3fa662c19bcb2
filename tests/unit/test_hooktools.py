"""How hook tools are run, and which hook is running."""
import json
import os
import sys

import pytest

from .harness import LOCAL, ZOOKEEPER_REQUIRES, deploy_and_send, layer

hooktools = layer('zookeeper', 'common.hooktools')
app_hooktools = layer('zookeeper', 'app_hooktools')


def run_python(program):
    return hooktools.run(sys.executable, '-c', program)


def test_run_returns_the_output():
    assert run_python('print("\u00e9", end="")') == '\u00e9'


def test_run_replaces_invalid_utf8_in_the_output():
    assert run_python('import sys; sys.stdout.buffer.write(b"a\\xff")') == 'a\ufffd'


@pytest.fixture
def standard_input():
    """This process has text as its standard input."""
    saved, (reader, writer) = os.dup(0), os.pipe()
    os.write(writer, b'text')
    os.dup2(reader, 0)
    for descriptor in reader, writer:
        os.close(descriptor)
    yield
    os.dup2(saved, 0)
    os.close(saved)


def test_run_gives_the_tool_no_input(standard_input):
    assert run_python('import sys; print(sys.stdin.read(), end="")') == ''


@pytest.mark.parametrize('status', [1, 2, 127])
def test_failed_tool_raises_what_it_wrote_to_stderr(status):
    with pytest.raises(hooktools.HookToolError) as error:
        run_python('import sys; sys.stderr.buffer.write(b" ERROR no \\xff\\n"); '
                   'print("more"); sys.exit({})'.format(status))
    assert str(error.value) == 'ERROR no'
    assert error.value.tool == sys.executable


def test_failed_tool_that_writes_nothing_raises_its_exit_status():
    with pytest.raises(hooktools.HookToolError, match='^exit status 3$'):
        run_python('import sys; sys.exit(3)')


def test_missing_tool_raises_its_name():
    with pytest.raises(hooktools.HookToolError, match='no-such-tool') as error:
        hooktools.run('no-such-tool', '-r')
    assert error.value.tool == 'no-such-tool'


@pytest.mark.parametrize('kind, value', [
    (dict, {}), (dict, {'port': '1'}), (list, []), (list, ['zk/0']), (str, 'zk'),
    (bool, False)])
def test_query_returns_json_of_the_expected_type(monkeypatch, kind, value):
    commands = []
    monkeypatch.setattr(hooktools, 'run', lambda *command: (
        commands.append(command) or json.dumps(value)))
    assert hooktools.query(kind, 'relation-get', '-r', 'zk:1') == value
    assert commands == [('relation-get', '--format=json', '-r', 'zk:1')]


@pytest.mark.parametrize('kind, output', [
    (dict, '[]'), (dict, 'null'), (dict, '"x"'), (list, '{}'), (str, 'null'),
    (bool, '1'), (dict, ''), (dict, 'not json'), (dict, '\u00e9\n'),
    (dict, '{"password": "s3cr')], ids=ascii)
def test_query_of_anything_else_raises_without_the_output(monkeypatch, kind, output):
    monkeypatch.setattr(hooktools, 'run', lambda *command: output)
    with pytest.raises(hooktools.HookToolError) as error:
        hooktools.query(kind, 'relation-get')
    assert str(error.value) == 'expected a JSON {}'.format(kind.__name__)
    assert error.value.tool == 'relation-get'


# Names that no argument of a program can contain, or that are too long for one.
INVALID_NAMES = ['remote\0', 'remote\ud800', 'r' * 5000, 'remote\n', 'r\u0661', '']


@pytest.mark.parametrize('read, invalid', [
    (lambda: hooktools.relation_ids('zk'), [
        ['zk:1', name + ':1'] for name in INVALID_NAMES] + [
        ['zk:' + number] for number in ('1' * 5000, '\u0661', '')]),
    (lambda: hooktools.relation_list('zk:1'), [
        ['remote/0', name + '/0'] for name in INVALID_NAMES] + [
        ['remote/' + number] for number in ('1' * 5000, '\u0661', '')]),
    (lambda: hooktools.application('zk:1'), INVALID_NAMES)],
    ids=['relation-ids', 'relation-list', 'relation-list --app'])
def test_tool_that_prints_an_invalid_name_fails(monkeypatch, read, invalid):
    for value in invalid:
        monkeypatch.setattr(hooktools, 'run', lambda *_: json.dumps(value))
        with pytest.raises(hooktools.HookToolError, match='^expected '):
            read()


def test_invalid_names_in_goal_state_are_left_out(juju, answers):
    juju.deploy(ZOOKEEPER_REQUIRES)
    valid = {'remote': '', 'remote/0': 'active'}
    invalid = (INVALID_NAMES + [name + '/0' for name in INVALID_NAMES]
               + ['remote/' + '1' * 5000])
    statuses = {name: {'status': status} for name, status in list(valid.items()) + [
        (name, 'active') for name in invalid]}
    output = json.dumps({'relations': {'zk': statuses}})
    answers['goal-state*'] = 0, output.encode(), b''
    assert hooktools.goal_state('zk') == valid


@pytest.mark.parametrize('argument', ['a\0', 'a\ud800'])
def test_tool_with_an_argument_that_cannot_be_passed_fails(argument):
    with pytest.raises(hooktools.HookToolError):
        hooktools.run(sys.executable, argument)


@pytest.mark.parametrize('use, written', [
    (lambda: hooktools.own_data('zk', 'remote', 'zk:1'), False),
    (lambda: hooktools.set_data('zk', 'remote', 'zk:1', {'port': '1'}), True),
    (lambda: app_hooktools.own_app_data('zk', 'remote', 'zk:1'), False)],
    ids=['own_data', 'set_data', 'own_app_data'])
def test_own_databag_counts_as_used_although_the_tool_fails(monkeypatch, use, written):
    def fail(*command):
        raise hooktools.HookToolError(command[0], 'ERROR refused')

    monkeypatch.setattr(hooktools, 'used_databags', {})
    monkeypatch.setattr(hooktools, 'run', fail)
    monkeypatch.setenv('JUJU_UNIT_NAME', LOCAL)
    with pytest.raises(hooktools.HookToolError, match='^ERROR refused$'):
        use()
    assert hooktools.relations_used('zk') == {'remote': 'zk:1'}
    assert hooktools.has_written('zk', 'remote') is written
    assert hooktools.has_written('zk', 'another') is False


@pytest.mark.parametrize('version, expected', [
    ('2.9.51', False), ('3.0', True), ('3.6.28', True), ('4.0.15', True),
    ('10.0', True), ('', False), ('x', False), (None, False)])
def test_juju_has_secrets_since_version_3(monkeypatch, version, expected):
    monkeypatch.setenv('JUJU_VERSION', version or '')
    if version is None:
        monkeypatch.delenv('JUJU_VERSION')
    assert app_hooktools.has_secrets() is expected


@pytest.mark.parametrize('kind, unit', [
    ('joined', 'remote/0'), ('changed', 'remote/0'), ('departed', 'remote/0'),
    ('created', None), ('changed', None), ('broken', None)])
def test_relation_hook_has_its_unit_and_application(juju, kind, unit):
    deploy_and_send(juju, ZOOKEEPER_REQUIRES)
    juju.skip_joined('zk:1', 'remote/0')
    juju.relation_hook(kind, 'zk:1', unit or '')
    name = 'zk-relation-' + kind
    assert hooktools.current_hook('zk') == (name, kind, 'zk:1', unit, 'remote')
    assert hooktools.current_hook('other') == (name, 'other', None, None, None)


def test_hook_has_no_application_if_juju_has_forgotten_it(juju):
    deploy_and_send(juju, ZOOKEEPER_REQUIRES)
    juju.created('zk:1')
    juju.restart_agent()
    juju.relation_hook('created', 'zk:1')
    assert os.environ['JUJU_REMOTE_APP'] == ''
    assert hooktools.current_hook('zk') == (
        'zk-relation-created', 'created', 'zk:1', None, None)


@pytest.mark.parametrize('name', ['update-status', 'zk-relation-joined', ''])
def test_hook_outside_a_relation_is_not_a_relation_hook(juju, name):
    deploy_and_send(juju, ZOOKEEPER_REQUIRES)
    if name:
        juju.hook(name)
    else:
        juju.action()
    assert hooktools.current_hook('zk') == (name, 'other', None, None, None)


@pytest.mark.parametrize('name', [
    'juju-run', 'update-status', 'zookeeper-relation-joined', 'zk-relation'])
def test_juju_exec_in_a_relation_hook_is_not_a_relation_hook(juju, monkeypatch, name):
    """It has the relation's variables, but a name of its own."""
    deploy_and_send(juju, ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'remote/0')
    monkeypatch.setenv('JUJU_HOOK_NAME', name)
    assert hooktools.current_hook('zk') == (name, 'other', None, None, None)
