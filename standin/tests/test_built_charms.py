"""A charm built from layers whose hooks run as processes or in this process."""
import os
import subprocess
import sys

import pytest

import juju_standin
from charmhelpers.core import hookenv, unitdata
from charms.reactive import bus
from charm_layers import write_action, write_layer
from juju_standin import Model

REACTIVE = '''\
import os
from charmhelpers.core import hookenv, host, unitdata
from charms.reactive import hook, when, when_not

RUN = []


@hook('config-changed')
def configured():
    RUN.append(1)
    unitdata.kv().set('runs', len(RUN))
    unitdata.kv().set('version', VERSION)
    unitdata.kv().set('here', os.getcwd() == os.environ['CHARM_DIR'])
    hookenv.log('configured')
    unitdata.kv().set('juju', hookenv.juju_version())
    unitdata.kv().set('distribution', host.lsb_release()['DISTRIB_ID'])
    if hookenv.config('fail'):
        raise RuntimeError('as configured')


@when('zookeeper.ready')
def ready(zookeeper):
    hookenv.status_set('active', zookeeper.connection_string())


@when_not('zookeeper.ready')
def waiting():
    hookenv.status_set('waiting', 'for ZooKeeper')
'''
CONFIG = {'options': {'fail': {'type': 'boolean', 'default': False,
                               'description': 'Fail.'}}}
ACTION = '''\
#!/bin/sh
action-set "greeting=hello $(action-get name)" pwd=$(basename "$PWD")
'''


class Server:
    """A ZooKeeper server without a layer."""
    metadata = {'provides': {'client': {'interface': 'zookeeper'}}}
    config = {}

    def run(self, context):
        for relation_id in context.call(['relation-ids', 'client'])[1].decode().split():
            context.call(['relation-set', '-r', relation_id, 'port=2181'])
        return 0


def write_version(path, version):
    """Write a version of the charm's layer, and return its directory."""
    write_layer(path, 'throwaway', 'VERSION = {}\n{}'.format(version, REACTIVE),
                ['layer:basic', 'interface:zookeeper'], config=CONFIG,
                requires={'zookeeper': {'interface': 'zookeeper'}})
    write_action(path, 'greet', ACTION)
    return path


@pytest.fixture(scope='module')
def charm_dirs(tmp_path_factory):
    """The directories of two versions of the charm."""
    path = tmp_path_factory.mktemp('charms')
    return [juju_standin.build(write_version(path / str(version) / 'layer', version),
                               path / str(version) / 'built') for version in (1, 2)]


@pytest.fixture(params=['processes', 'in process'])
def charms(request, charm_dirs, tmp_path):
    if request.param == 'processes':
        return [juju_standin.BuiltCharm(path, tmp_path) for path in charm_dirs]
    return [juju_standin.InProcessCharm(path) for path in charm_dirs]


@pytest.fixture
def model(charms):
    """A model with one unit of the charm, and no hook due."""
    model = Model()
    model.deploy('kafka', charms[0])
    model.settle()
    return model


def test_hooks_update_status_and_key_value_store(charms, model):
    model.deploy('zk', Server())
    model.settle()
    unit = model.unit('kafka/0')
    assert unit.status == ('waiting', 'for ZooKeeper')
    relation = model.relate('kafka:zookeeper', 'zk:client')
    model.settle()
    assert unit.status == ('active', '10.0.0.2:2181')
    model.upgrade('kafka', charms[1])
    model.remove_relation(relation)
    runs = model.settle()
    assert ('INFO', 'configured') in [entry for run in runs for entry in run.log]
    assert unit.status == ('waiting', 'for ZooKeeper')
    kv = charms[1].kv('kafka/0')
    # `runs` is 1 because each hook imports the charm's modules again
    assert (kv['version'], kv['runs'], kv['here']) == (2, 1, True)
    assert (kv['juju'], kv['distribution']) == ('3.6.28', 'Ubuntu')
    assert 'reactive.states.zookeeper.departing' in kv
    model.remove_unit('kafka/0')
    assert model.settle()[-1].hook.name == 'remove'


def test_upgrade_to_charm_with_other_work_dir_keeps_state(charm_dirs, tmp_path):
    earlier, later = [juju_standin.BuiltCharm(path, tmp_path / str(number))
                      for number, path in enumerate(charm_dirs)]
    model = Model()
    model.deploy('kafka', earlier)
    model.settle()
    flags = [key for key in earlier.kv('kafka/0') if 'zookeeper' in key]
    model.upgrade('kafka', later)
    model.settle()
    assert flags and set(flags) <= later.kv('kafka/0').keys()
    assert later.kv('kafka/0')['version'] == 2
    model.upgrade('kafka', juju_standin.BuiltCharm(charm_dirs[1], tmp_path / 'other'))
    model.settle()
    assert model.unit('kafka/0').charm.kv('kafka/0') == later.kv('kafka/0')


def test_upgrade_to_a_built_charm_of_another_class_raises_value_error(
        charm_dirs, tmp_path):
    charms = [juju_standin.BuiltCharm(charm_dirs[0], tmp_path),
              juju_standin.InProcessCharm(charm_dirs[1])]
    for charm, other in charms, charms[::-1]:
        model = Model()
        model.deploy('kafka', charm)
        with pytest.raises(ValueError, match='deployed as ' + type(charm).__name__):
            model.upgrade('kafka', other)


def test_failed_hook_is_logged_and_keeps_the_store(charms, model):
    before = charms[0].kv('kafka/0')
    model.set_config('kafka', fail=True)
    run = model.step()
    assert run.status == 1
    assert 'RuntimeError: as configured' in '\n'.join(text for _, text in run.log)
    assert charms[0].kv('kafka/0') == before
    model.set_config('kafka', fail=False)
    assert model.resolve('kafka/0').status == 0


def test_error_output_of_a_hook_tool_is_logged(model):
    model.fail_tools('kafka/0', 'relation-ids*', 'ERROR away')
    warnings = [text for level, text in model.dispatch('kafka/0', 'update-status').log
                if level == 'WARNING']
    assert warnings == ['zookeeper: relation-ids failed (ERROR away); keeping the last '
                        'known data']


def test_action_and_juju_exec_run_as_processes(charm_dirs, tmp_path):
    model = Model()
    model.deploy('kafka', juju_standin.BuiltCharm(charm_dirs[0], tmp_path))
    run = model.action('kafka/0', 'greet', name='world')
    assert run.results == {'greeting': 'hello world', 'pwd': 'charm'}
    run = model.action('kafka/0', 'juju-exec', command='juju-log $(basename "$PWD")'
                       '; relation-get -r x:1')
    assert run.log == [('INFO', 'charm'), ('DEBUG', (
        'ERROR invalid value "x:1" for option -r: relation not found'))]
    assert run.status == 2
    with pytest.raises(ValueError, match='juju-exec needs the parameter `command`'):
        model.action('kafka/0', 'juju-exec', comand='true')


def test_processes_find_charm_env_and_commands_that_change_nothing(
        charm_dirs, tmp_path):
    charm = juju_standin.BuiltCharm(charm_dirs[0], tmp_path)
    model = Model()
    model.deploy('kafka', charm)
    model.step()
    action = tmp_path / 'kafka-0-dir/charm/actions/greet'
    action.write_text('#!/usr/local/sbin/charm-env python3\n'
                      'import subprocess\n'
                      'from charms.layer import options\n'
                      'subprocess.check_call(["apt-get", "install", "x y"])\n'
                      'subprocess.check_call(["action-set", "greeting=hello"])\n')
    run = model.action('kafka/0', 'greet')
    assert run.log == [('DEBUG', 'not run: apt-get install x y')]
    assert (run.status, run.results) == (0, {'greeting': 'hello'})


def test_action_that_is_not_a_python_program_cannot_run_in_process(charm_dirs):
    model = Model()
    model.deploy('kafka', juju_standin.InProcessCharm(charm_dirs[0]))
    with pytest.raises(ValueError, match='greet is not a Python program: use a '
                                         'BuiltCharm'):
        model.action('kafka/0', 'greet')


def test_repr_of_a_run_is_short(model):
    assert repr(model.dispatch('kafka/0', 'update-status')) == (
        '<HookRun kafka/0: update-status, status 0>')


def test_misspelt_action_raises_value_error_with_valid_names(charm_dirs, tmp_path):
    model = Model()
    for app, charm, actions in [
            ('kafka', juju_standin.InProcessCharm(charm_dirs[0]), 'greet'),
            ('other', juju_standin.BuiltCharm(charm_dirs[0], tmp_path),
             'greet, juju-exec')]:
        model.deploy(app, charm)
        with pytest.raises(ValueError) as error:
            model.action(app + '/0', 'gret')
        assert str(error.value) == 'no action gret; actions: ' + actions


def test_processes_get_only_jujus_environment(charm_dirs, tmp_path):
    charm = juju_standin.BuiltCharm(charm_dirs[0], tmp_path)
    model = Model('4.0')
    model.deploy('kafka', charm)
    model.step()
    stop = tmp_path / 'kafka-0-dir/charm/hooks/stop'
    stop.write_text('#!/bin/sh\nleader-get >/dev/null 2>&1 || juju-log none\n'
                    'printf "a: 1\\n" | relation-set -r x:1 --file - || exec env\n')
    model.remove_unit('kafka/0')
    run = model.step()
    assert [name for name, _ in run.calls] == ['juju-log', 'relation-set']
    names = {text.split('=')[0] for level, text in run.log if '=' in text}
    assert names - {'PWD', 'SHLVL', '_', 'OLDPWD'} == {
        'CHARM_DIR', 'JUJU_CHARM_DIR', 'JUJU_CONTEXT_ID', 'JUJU_DISPATCH_PATH',
        'JUJU_HOOK_NAME', 'JUJU_MODEL_NAME', 'JUJU_MODEL_UUID', 'JUJU_UNIT_NAME',
        'JUJU_VERSION', 'LANG', 'PATH'}


def test_in_process_hooks_restore_global_state(charm_dirs):
    def state():
        return (dict(os.environ), os.getcwd(), list(sys.path), list(sys.argv),
                list(hookenv._atstart), list(hookenv._atexit), subprocess.Popen,
                dict(hookenv.cache), hookenv._cache_config, unitdata._KV,
                dict(bus.Handler._HANDLERS),
                [name for name in sys.modules
                 if name.startswith(('relations', 'reactive'))])

    before = state()
    model = Model()
    model.deploy('kafka', juju_standin.InProcessCharm(charm_dirs[0]), 2)
    model.deploy('zk', Server())
    model.relate('kafka:zookeeper', 'zk:client')
    model.settle()
    assert model.unit('kafka/1').status == ('active', '10.0.0.3:2181')
    assert state() == before


@pytest.mark.parametrize('in_process, script', [
    (False, '#!/bin/sh\njuju-log --log-level WARNING -- "$JUJU_DISPATCH_PATH"'),
    (True, '#!/usr/bin/env python3\nimport os\nfrom charmhelpers.core import hookenv\n'
           'hookenv.log(os.environ["JUJU_DISPATCH_PATH"], "WARNING")')])
def test_dispatch_runs_instead_of_hook_files(tmp_path, in_process, script):
    charm = tmp_path / 'charm'
    (charm / 'hooks').mkdir(parents=True)
    (charm / 'metadata.yaml').write_text('name: throwaway')
    (charm / 'actions.yaml').write_text('greet: {}')
    for name, text in [('dispatch', script), ('hooks/start', '#!/bin/sh\nexit 1')]:
        (charm / name).write_text(text)
        (charm / name).chmod(0o755)
    model = Model()
    model.deploy('one', juju_standin.InProcessCharm(charm) if in_process
                 else juju_standin.BuiltCharm(charm, tmp_path / 'units'))
    log = [entry for run in model.settle() for entry in run.log]
    assert ('WARNING', 'hooks/start') in log
    assert model.action('one/0', 'greet').log == [('WARNING', 'actions/greet')]
