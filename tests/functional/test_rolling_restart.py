"""The example rolling-restart, with a layer that replaces layer:coordinator."""
import re
import shutil
import subprocess
import sys

import pytest

from juju_standin import InProcessCharm
from juju_standin.model import HookFailed

from .conftest import TESTS, releases
from .ensemble import SERVER, UNRELATED
from .granting import GrantingDeployment
from .juju import USABLE, Publisher, assert_succeeded, services
from .layers import build_with_fixture_layers, proof, write_layer
from .pages import ENVIRONMENT, PLUGIN, ROOT, files

UNITS = LEADER, *FOLLOWERS = ['kafka/0', 'kafka/1', 'kafka/2']
CONFIG = {'conf-dir': 'conf'}
TURN = ('waiting', 'for its turn to restart')
RESTART = ('restart', 'kafka')

CHANGES = {
    'option is changed': lambda model: model.set_config('kafka', **{
        'session-timeout': 6000}),
    'server is added': lambda model: model.add_unit('zk'),
    'server has left': lambda model: model.remove_unit('zk/1'),
    'port is changed': lambda model: model.set_config('zk', port=2182)}


@pytest.fixture(scope='module')
def example(tmp_path_factory):
    return build_with_fixture_layers(TESTS.parent / 'examples' / 'rolling-restart',
                                     tmp_path_factory.mktemp('rolling-restart'))


@pytest.fixture
def deploy(juju, example, in_process):
    """Deploys units of the example, and two servers that they use."""
    def deploy(units):
        juju.model.deploy('zk', in_process('zookeeper-server'), units=2, config=SERVER)
        juju.model.deploy('kafka', InProcessCharm(example), units, CONFIG)
        juju.model.relate('kafka:zookeeper', 'zk:zkclient')
        juju.settle()
        assert_uses(juju, ['zk/0', 'zk/1'])
        return juju
    return deploy


@pytest.fixture
def kafka(deploy):
    """A model with three units of the example, with no hook due."""
    return deploy(len(UNITS))


@pytest.fixture
def one_unit(deploy):
    """A model with one unit of the example, with no hook due."""
    return deploy(1)


def config(servers, timeout=18000):
    return 'zookeeper.connect={}\nzookeeper.session.timeout.ms={}\n'.format(
        servers, timeout)


def assert_uses(juju, servers, port=2181, timeout=18000):
    """Assert that all units use these servers."""
    found = juju.servers(*servers, port=port) + '/kafka'
    for unit in filter(juju.model.units.get, UNITS):
        assert juju.file(unit, 'conf/zookeeper.properties') == config(found, timeout)
        assert juju.model.unit(unit).status == ('active', 'using ' + found)
        assert juju.flags(unit, 'zookeeper') == USABLE


def statuses(juju, units):
    return [juju.model.unit(unit).status for unit in units]


def wait_for_turn(juju):
    """Run the due hooks of all units except the leader's."""
    def next_unit():
        return next((name for name in juju.model.units
                     if name != LEADER and juju.model.pending(name)), None)
    while unit := next_unit():
        assert_succeeded(juju.model.run(unit, juju.model.pending(unit)[0]))
    assert statuses(juju, FOLLOWERS) == [TURN] * 2


@releases('3.6')
@pytest.mark.parametrize('change', [
    'option is changed', 'server has left',
    *(pytest.param('server is added', marks=pytest.mark.slow),
      pytest.param('port is changed', marks=pytest.mark.slow))])
def test_each_change_restarts_units_one_after_another(change, kafka):
    CHANGES[change](kafka.model)
    wait_for_turn(kafka)
    restarted = []
    while run := kafka.model.step():
        assert_succeeded(run)
        if RESTART in run.services:
            restarted.append(run.unit)
            waiting = [unit for unit in FOLLOWERS if unit not in restarted]
            assert statuses(kafka, waiting) == [TURN] * len(waiting)
    assert sorted(restarted) == UNITS
    servers = {'server is added': ['zk/0', 'zk/1', 'zk/2'],
               'server has left': ['zk/0']}.get(change, ['zk/0', 'zk/1'])
    assert_uses(kafka, servers, port=2182 if 'port' in change else 2181,
                timeout=6000 if 'option' in change else 18000)


@releases('3.6')
def test_no_unit_restarts_while_the_hook_of_another_fails(kafka):
    CHANGES['option is changed'](kafka.model)
    wait_for_turn(kafka)
    kafka.model.fail_next(LEADER, late=True)
    assert kafka.model.step().status
    for unit in FOLLOWERS:
        kafka.run_due(unit)
    assert statuses(kafka, FOLLOWERS) == [TURN] * 2
    kafka.settle()
    assert_uses(kafka, ['zk/0', 'zk/1'], timeout=6000)


@releases('3.6', '2.9')
def test_all_units_stop_at_once_without_servers_and_restart_with_them(kafka):
    kafka.model.remove_unit('zk/0')
    kafka.model.remove_unit('zk/1')
    runs = kafka.settle()
    assert sorted(done for done in services(runs) if 'stop' in done and 'kafka' in done
                  ) == [(unit, 'stop', 'kafka') for unit in UNITS]
    assert statuses(kafka, UNITS) == [('waiting', 'for ZooKeeper')] * 3
    for unit in UNITS:
        assert kafka.file(unit, 'conf/zookeeper.properties') == ''
    kafka.model.add_unit('zk')
    kafka.settle()
    assert_uses(kafka, ['zk/2'])


@releases('3.6')
def test_unit_does_not_restart_without_a_change(one_unit):
    assert services(one_unit.dispatch('update-status')) == []
    assert one_unit.settle() == []


@releases('3.6')
def test_change_that_is_reverted_causes_no_restart(kafka):
    CHANGES['option is changed'](kafka.model)
    wait_for_turn(kafka)
    kafka.model.set_config('kafka', **{'session-timeout': 18000})
    assert services(kafka.settle()) == []
    assert_uses(kafka, ['zk/0', 'zk/1'])


@releases('3.6')
@pytest.mark.parametrize('option, value, message', [
    ('session-timeout', 0, "session-timeout is 0, not a number of milliseconds"),
    ('conf-dir', 'a b', "conf-dir is 'a b', not a directory like /srv/data")])
def test_unit_with_invalid_option_is_blocked_and_keeps_configuration(
        one_unit, option, value, message):
    one_unit.model.set_config('kafka', **{option: value})
    assert services(one_unit.settle()) == []
    assert one_unit.model.unit(LEADER).status == ('blocked', message)
    one_unit.model.set_config('kafka', **dict(CONFIG, **{'session-timeout': 18000}))
    one_unit.settle()
    assert_uses(one_unit, ['zk/0', 'zk/1'])


def test_test_on_handlers_page_passes_without_network(tmp_path):
    page = (ROOT / 'docs' / 'handlers.md').read_text()
    (variable, layers), = re.findall('export (.*)=(.*)\n.*pytest', page)
    name = 'tests/test_rolling_restart.py'
    project = shutil.copytree(ROOT / 'examples' / 'rolling-restart', tmp_path / 'kafka')
    (project / 'tests').mkdir()
    for file, text in (name, page), ('pytest.ini', (ROOT / 'TESTING.md').read_text()):
        (project / file).write_text(files(text)[file].replace('<clone>', str(ROOT)))
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', *PLUGIN, '-p', 'no:cacheprovider'],
        cwd=project, text=True, stdout=subprocess.PIPE, check=False,
        env={**ENVIRONMENT, variable: layers.replace('<clone>', str(ROOT))})
    assert '1 passed' in done.stdout, done.stdout


def test_charm_proof_accepts_example(example):
    assert proof(example) == []


@releases('3.6')
def test_unrelated_unit_is_blocked(juju, example):
    juju.model.deploy('kafka', InProcessCharm(example), config=CONFIG)
    juju.settle()
    assert juju.model.unit(LEADER).status == UNRELATED


@releases('3.6')
def test_unit_is_blocked_after_forced_removal_of_its_relation(one_unit):
    relation = next(relation for relation in one_unit.model.relations.values()
                    if set(relation.endpoints) == {'kafka', 'zk'})
    one_unit.model.remove_relation(relation, force=True)
    one_unit.update_status()
    assert one_unit.model.unit(LEADER).status == UNRELATED


@releases('3.6')
def test_action_shows_servers(one_unit):
    run = one_unit.model.action(LEADER, 'servers')
    assert_succeeded(run)
    assert run.results == {'servers': one_unit.servers('zk/0', 'zk/1') + '/kafka'}


@releases('3.6')
def test_units_use_granted_path_and_new_password(juju, example, tmp_path):
    deployment = GrantingDeployment(
        juju, 'plain-server', InProcessCharm(example), tmp_path)
    deployment.relate()
    juju.settle()
    for password in 'first', 'second':
        juju.model.set_config('zk', password=password)
        juju.settle()
        juju.dispatch('update-status')
        juju.settle()
        for unit in 'kafka/0', 'kafka/1':
            assert juju.file(unit, 'conf/zookeeper.properties') == config(
                juju.servers('zk/0') + '/kafka'
            ) + 'zookeeper.login=relation-{}:{}\n'.format(
                deployment.relation.number, password)
    run = juju.model.action('kafka/0', 'servers')
    assert run.results == {'servers': juju.servers('zk/0') + '/kafka'}
    juju.model.fail_tools('kafka/0', 'relation-get*')
    run = juju.model.action('kafka/0', 'servers')
    assert run.failure == ('the grant of zk cannot be read: relation-get failed '
                           '(ERROR refused)')


@releases('3.6')
def test_unit_with_lost_record_keeps_its_configuration_if_tools_fail(one_unit):
    one_unit.model.unit(LEADER).disk['store'].unset('interface-layer.zookeeper')
    one_unit.model.fail_tools(LEADER, 'relation-list*zookeeper:*')
    run = one_unit.model.dispatch(LEADER, 'update-status')
    assert (run.status, run.services) == (0, [])
    assert_uses(one_unit, ['zk/0', 'zk/1'])


GRANTED = '''\
from charmhelpers.core import hookenv
from charms import coordinator
from charms.reactive import when


@when('zookeeper.joining')
def request_turn(zookeeper):
    coordinator.acquire('restart')


@when('zookeeper.joining', 'coordinator.granted.restart')
def restart(*objects):
    hookenv.status_set('active', ' '.join(type(one).__name__ for one in objects))
'''


@releases('3.6')
def test_handler_for_granted_flag_also_receives_object_of_coordinator(juju, tmp_path):
    layer = write_layer(tmp_path / 'one', 'one', GRANTED, ['zookeeper'],
                        requires={'zookeeper': 'zookeeper'})
    includes = layer / 'layer.yaml'
    includes.write_text(includes.read_text() + '- layer:coordinator\n')
    charm = build_with_fixture_layers(layer, tmp_path / 'built')
    juju.model.deploy('one', InProcessCharm(charm))
    juju.model.deploy('remote', Publisher('zookeeper', port='2181'))
    juju.model.relate('one:zookeeper', 'remote:end')
    juju.settle()
    assert juju.model.unit('one/0').status == (
        'active', 'ZookeeperRequires CoordinatorPeers')


@releases('4.0')
def test_coordinator_fails_in_juju_4_which_has_no_leader_settings(juju, example):
    juju.model.deploy('kafka', InProcessCharm(example), config=CONFIG)
    with pytest.raises(HookFailed, match='leader_get'):
        juju.settle()
