"""How hook tools are run, and what their answers and errors are taken for."""
import json
import os
import sys

import pytest

from .harness import LOCAL
from .harness import ZOOKEEPER_REQUIRES
from .harness import layer
from .harness import ready

tools = layer('zookeeper', 'juju')


def python(program):
    return tools.run(sys.executable, '-c', program)


def test_a_tool_that_ends_well_has_its_output():
    assert python('print("\u00e9", end="")') == '\u00e9'


def test_what_a_tool_prints_need_not_be_text():
    assert python('import sys; sys.stdout.buffer.write(b"a\\xff")') == 'a\ufffd'


@pytest.mark.parametrize('status', [1, 2, 127])
def test_a_tool_that_fails_has_its_error(status):
    with pytest.raises(tools.ToolFailed) as error:
        python('import sys; sys.stderr.buffer.write(b" ERROR no \\xff\\n"); '
               'print("more"); sys.exit({})'.format(status))
    assert str(error.value) == 'ERROR no \ufffd'


def test_a_tool_that_is_not_there_fails():
    with pytest.raises(tools.ToolFailed, match='no-such-tool'):
        tools.run('no-such-tool')


def test_a_tool_reads_nothing():
    assert python('import sys; print(sys.stdin.read(), end="")') == ''


@pytest.mark.parametrize('error, denied', [
    ('ERROR permission denied', True),
    ('ERROR cannot read relation settings: permission denied', True),
    ('ERROR permission denied (unauthorized access)', True),
    ('ERROR relation not found', False), ('', False)])
def test_only_permission_denied_is_a_denial(error, denied):
    assert tools.ToolFailed(error).denied is denied


@pytest.mark.parametrize('kind, answer', [
    (dict, {}), (dict, {'port': '1'}), (list, []), (list, ['zk/0']), (str, 'zk')])
def test_an_answer_is_json_of_the_kind_that_was_asked_for(monkeypatch, kind, answer):
    asked = []
    monkeypatch.setattr(tools, 'run', lambda *command: (
        asked.append(command) or json.dumps(answer)))
    assert tools.ask(kind, 'relation-get', '-r', 'zk:1') == answer
    assert asked == [('relation-get', '--format=json', '-r', 'zk:1')]


@pytest.mark.parametrize('kind, output', [
    (dict, '[]'), (dict, 'null'), (dict, '"x"'), (list, '{}'), (str, 'null'),
    (bool, '1'), (dict, ''), (dict, 'not json'), (dict, '\u00e9\n'),
    (dict, '{"password": "s3cr')], ids=ascii)
def test_any_other_answer_is_a_failure_and_not_shown(monkeypatch, kind, output):
    monkeypatch.setattr(tools, 'run', lambda *command: output)
    with pytest.raises(tools.ToolFailed) as error:
        tools.ask(kind, 'relation-get')
    assert str(error.value) == 'relation-get answered no {} in JSON'.format(
        kind.__name__)


def test_own_settings_are_read_and_set_of_one_relation(monkeypatch):
    ran = []
    monkeypatch.setattr(tools, 'touched', {})
    monkeypatch.setattr(tools, 'run', lambda *command: ran.append(command) or '{}')
    monkeypatch.setenv('JUJU_UNIT_NAME', LOCAL)
    assert tools.own_settings('zk', 'remote', 'zk:1') == {}
    tools.set_own_settings('zk', 'second', 'zk:2', {'port': '1', 'host': ''})
    assert ran == [('relation-get', '--format=json', '-r', 'zk:1', '-', LOCAL),
                   ('relation-set', '-r', 'zk:2', 'host=', 'port=1')]
    assert tools.touched == {'zk': {'remote': 'zk:1', 'second': 'zk:2'}}


def test_an_applications_own_settings_are_read_and_set_of_one_relation(monkeypatch):
    ran = []
    monkeypatch.setattr(tools, 'touched', {})
    monkeypatch.setattr(tools, 'run', lambda *command: ran.append(command) or '{}')
    monkeypatch.setenv('JUJU_UNIT_NAME', LOCAL)
    assert tools.asked_settings('zk', 'remote', 'zk:1') == {}
    tools.set_own_settings('zk', 'second', 'zk:2', {'database': '/a'}, '--app')
    assert ran == [('relation-get', '--format=json', '-r', 'zk:1', '--app', '-',
                    'local'),
                   ('relation-set', '-r', 'zk:2', '--app', 'database=/a')]
    assert tools.touched == {'zk': {'remote': 'zk:1', 'second': 'zk:2'}}


@pytest.mark.parametrize('version, there', [
    ('2.9.51', False), ('3.0', True), ('3.6.28', True), ('4.0.15', True),
    ('10.0', True), ('', False), ('x', False), (None, False)])
def test_secrets_are_there_since_juju_3(monkeypatch, version, there):
    if version is None:
        monkeypatch.delenv('JUJU_VERSION', raising=False)
    else:
        monkeypatch.setenv('JUJU_VERSION', version)
    assert tools.has_secrets() is there


# Which hook it is.

@pytest.mark.parametrize('kind', ['joined', 'changed', 'departed'])
def test_a_hook_of_a_unit(juju, kind):
    ready(juju, ZOOKEEPER_REQUIRES)
    juju.skip_joined('zk:1', 'remote/0')
    juju.relation_hook(kind, 'zk:1', 'remote/0')
    assert tools.current_hook('zk') == (kind, 'zk:1', 'remote/0', 'remote')
    assert tools.current_hook('other') == ('other', None, None, None)


@pytest.mark.parametrize('kind', ['created', 'changed', 'broken'])
def test_a_hook_without_a_unit(juju, kind):
    ready(juju, ZOOKEEPER_REQUIRES)
    juju.skip_created('zk:1')
    juju.relation_hook(kind, 'zk:1')
    assert tools.current_hook('zk') == (kind, 'zk:1', None, 'remote')


def test_a_hook_in_which_juju_has_forgotten_the_application(juju):
    ready(juju, ZOOKEEPER_REQUIRES)
    juju.created('zk:1')
    juju.restart_agent()
    juju.relation_hook('created', 'zk:1')
    assert os.environ['JUJU_REMOTE_APP'] == ''
    assert tools.current_hook('zk') == ('created', 'zk:1', None, None)


@pytest.mark.parametrize('name, kind', [
    ('update-status', 'full'), ('upgrade-charm', 'full'), ('config-changed', 'other'),
    ('secret-changed', 'secret'), ('secret-remove', 'other'),
    ('zk-relation-joined', 'other'), ('start', 'other')])
def test_a_hook_of_no_relation(juju, name, kind):
    ready(juju, ZOOKEEPER_REQUIRES)
    juju.hook(name)
    assert tools.current_hook('zk') == (kind, None, None, None)


def test_an_action_is_no_hook(juju):
    ready(juju, ZOOKEEPER_REQUIRES)
    juju.action()
    assert tools.current_hook('zk') == ('other', None, None, None)


def test_what_runs_within_a_hook_under_another_name_is_another(juju, monkeypatch):
    """juju exec, or a debug-hooks session, has a relation's variables maybe."""
    ready(juju, ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'remote/0')
    monkeypatch.setenv('JUJU_HOOK_NAME', 'juju-run')
    assert tools.current_hook('zk') == ('other', None, None, None)


def test_a_full_look_within_a_hook_is_no_hook_of_the_relation(juju, monkeypatch):
    """juju exec names the hook, and has a relation's variables if it is given one."""
    ready(juju, ZOOKEEPER_REQUIRES)
    juju.join('zk:1', 'remote/0')
    monkeypatch.setenv('JUJU_HOOK_NAME', 'update-status')
    assert tools.current_hook('zk') == ('full', None, None, None)
    # an endpoint may come before `update-status` in the alphabet
    monkeypatch.setenv('JUJU_HOOK_NAME', 'zookeeper-relation-joined')
    assert tools.current_hook('zk') == ('other', None, None, None)
