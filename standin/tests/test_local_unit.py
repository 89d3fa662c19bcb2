"""The fixture for tests of handlers."""
import subprocess
import sys

import pytest
from charmhelpers.core import hookenv
from charms.reactive import endpoint_from_name, is_flag_set, set_flag

from juju_standin import LocalUnit
from juju_standin.local_unit import NO_HOOK
from juju_standin.pytest_plugin import refuse_use_between_hooks
from repository import INTERFACES, ROOT

METADATA = '''\
name: kafka
subordinate: true
requires:
  zookeeper: {interface: zookeeper}
  sink: {interface: flume-agent}
  other: {interface: unknown}
storage: {data: {type: filesystem}}
peers: {ring: {interface: ring}}
provides:
  zkclient: {interface: zookeeper}
'''
CONFIG = 'options: {port: {type: int, default: 9092}}\n'


@pytest.fixture
def unit(tmp_path, monkeypatch):
    refuse_use_between_hooks(monkeypatch)
    relations = type(sys)('relations')
    relations.__path__ = [str(INTERFACES)]
    monkeypatch.setitem(sys.modules, 'relations', relations)
    (tmp_path / 'layer').mkdir()
    (tmp_path / 'layer/metadata.yaml').write_text(METADATA)
    (tmp_path / 'layer/config.yaml').write_text(CONFIG)
    (tmp_path / 'layer/actions.yaml').write_text('{show: {}, dismiss: {}}')
    (tmp_path / 'unit').mkdir()
    return LocalUnit(tmp_path / 'layer', tmp_path / 'unit')


@pytest.fixture
def zookeeper(unit):
    relation = unit.relate('zookeeper', 'zk')
    relation.set_unit_data('zk/0', {'port': 2181})
    return relation


def servers():
    return endpoint_from_name('zookeeper').connection_string()


def test_servers_are_listed_in_any_hook(unit, zookeeper):
    with unit.hook('update-status'):
        assert servers() == '10.0.1.1:2181'
        assert is_flag_set('zookeeper.available')


def test_remote_unit_has_the_data_that_juju_writes(unit, zookeeper):
    with unit.hook('update-status'):
        assert hookenv.relation_get(unit='zk/0', rid='zookeeper:1') == {
            'ingress-address': '10.0.1.1', 'private-address': '10.0.1.1',
            'egress-subnets': '10.0.1.1/32', 'port': '2181'}


@pytest.mark.parametrize('hook, options', [
    ('update-status', {}), ('zookeeper-relation-changed', {'unit': 'zk/0'})])
def test_next_hook_sees_changed_data(unit, zookeeper, hook, options):
    with unit.hook('update-status'):
        assert servers() == '10.0.1.1:2181'
    zookeeper.set_unit_data('zk/0', {'port': 2182, 'ingress-address': '10.9.9.9'})
    with unit.hook(hook, **options):
        assert servers() == '10.9.9.9:2182'


def test_hook_in_which_the_charm_would_see_old_data_is_refused(unit, zookeeper):
    def refused(name, **options):
        with pytest.raises(ValueError, match='does not know the changed data of '
                           'zk, zk/0'):
            with unit.hook(name, **options):
                pass

    with unit.hook('update-status'):
        pass
    with unit.hook('config-changed'):
        pass
    zookeeper.set_unit_data('zk/0', {'port': 2182})
    zookeeper.set_app_data({'key': 'value'})
    for name in 'config-changed', 'zookeeper-relation-created':
        refused(name)
    with pytest.raises(ValueError, match='zk, zk/0'):
        with unit.action('show'):
            pass
    with unit.hook('zookeeper-relation-changed'):
        pass
    with unit.hook('zookeeper-relation-changed', unit='zk/0'):
        assert servers() == '10.0.1.1:2182'
    with unit.hook('config-changed'):
        assert servers() == '10.0.1.1:2182'


def test_data_cannot_change_in_a_hook(unit, zookeeper):
    with unit.hook('update-status'):
        for change in (lambda: zookeeper.set_unit_data('zk/0', {'port': '2182'}),
                       lambda: zookeeper.set_app_data({'endpoints': 'x'}),
                       lambda: zookeeper.add_secret({'username': 'x'}),
                       lambda: unit.relate('sink', 'hdfs'),
                       lambda: unit.set_config(port=1),
                       lambda: unit.set_leader(False)):
            with pytest.raises(RuntimeError, match='a hook is running'):
                change()
        with pytest.raises(RuntimeError, match='a hook is running'):
            with unit.hook('start'):
                pass


def test_flags_and_endpoints_raise_error_outside_a_hook(unit, zookeeper):
    with unit.hook('update-status'):
        endpoint = endpoint_from_name('zookeeper')
    for ask in (endpoint.zookeepers, endpoint.credentials, endpoint.dismiss_joining,
                lambda: is_flag_set('zookeeper.available'), lambda: set_flag('x'),
                lambda: endpoint_from_name('zookeeper')):
        with pytest.raises(RuntimeError) as error:
            ask()
        assert str(error.value) == NO_HOOK


def test_unit_that_leaves_is_announced(unit, zookeeper):
    zookeeper.set_unit_data('zk/1', {'port': 2181})
    with unit.hook('update-status'):
        assert servers() == '10.0.1.1:2181,10.0.1.2:2181'
    with unit.hook('zookeeper-relation-departed', unit='zk/0'):
        assert is_flag_set('zookeeper.departing')
        assert servers() == '10.0.1.2:2181'
    with unit.hook('zookeeper-relation-departed', unit='zk/1'):
        assert not is_flag_set('zookeeper.available')
    with unit.hook('zookeeper-relation-broken'):
        assert not is_flag_set('zookeeper.connected')


def test_request_is_granted_with_secret_and_credentials_change(unit):
    zookeeper = unit.relate('zookeeper', 'zk')
    zookeeper.set_unit_data('zk/0', {})
    with unit.hook('zookeeper-relation-changed', unit='zk/0'):
        endpoint_from_name('zookeeper').request('/kafka')
    assert zookeeper.received_app_data['database'] == '/kafka'
    secret = zookeeper.add_secret({'username': 'relation-0', 'password': 'first'})
    zookeeper.set_app_data({'endpoints': '10.0.0.9:2181', 'database': '/kafka',
                            'secret-user': secret.uri})
    with unit.hook('zookeeper-relation-changed'):
        endpoint = endpoint_from_name('zookeeper')
        assert endpoint.connection_string() == '10.0.0.9:2181/kafka'
        assert endpoint.credentials().password == 'first'
    zookeeper.revise_secret(secret, {'username': 'relation-0', 'password': 'second'})
    with unit.hook('secret-changed', secret=secret):
        assert endpoint_from_name('zookeeper').credentials().password == 'second'
    zookeeper.revoke_secret(secret)
    with unit.hook('update-status'):
        with pytest.raises(ValueError):
            endpoint_from_name('zookeeper').credentials()


def test_only_the_leader_sends_a_request(unit):
    zookeeper = unit.relate('zookeeper', 'zk')
    zookeeper.set_unit_data('zk/0', {})
    unit.set_leader(False)
    with unit.hook('update-status'):
        assert not hookenv.is_leader()
        endpoint_from_name('zookeeper').request('/kafka')
    assert zookeeper.received_app_data == {}
    unit.set_leader(True)
    with unit.hook('leader-elected'):
        pass
    assert zookeeper.received_app_data['database'] == '/kafka'


def test_provider_publishes_unit_data(unit):
    client = unit.relate('zkclient', 'hbase')
    client.set_unit_data('hbase/0', {})
    with unit.hook('zkclient-relation-joined', unit='hbase/0'):
        endpoint_from_name('zkclient').send_port(2181)
    assert client.received_data == {'port': '2181'}
    assert dict(unit.runs[-1].calls).keys() >= {'relation-set'}


def test_hook_that_raises_changes_nothing(unit, zookeeper):
    with pytest.raises(ZeroDivisionError):
        with unit.hook('update-status'):
            set_flag('mine')
            hookenv.relation_set('zookeeper:1', key='value')
            1 / 0
    assert unit.runs == []
    with unit.hook('update-status'):
        assert not is_flag_set('mine')
    assert zookeeper.received_data == {}


def test_hook_that_is_refused_or_raises_can_run_later(unit, zookeeper):
    def raises(error, name, **options):
        with pytest.raises(error):
            with unit.hook(name, **options):
                1 / 0

    departed = {'name': 'zookeeper-relation-departed', 'unit': 'zk/0'}
    with unit.hook('update-status'):
        pass
    zookeeper.set_unit_data('zk/1', {'port': 2182, 'host': None})
    raises(ValueError, **departed)      # no hook has reported the data of zk/1
    raises(ZeroDivisionError, 'update-status')
    raises(ValueError, **departed)
    with unit.hook('update-status'):
        assert servers() == '10.0.1.1:2181,10.0.1.2:2182'
    raises(ZeroDivisionError, **departed)
    with unit.hook(**departed):
        assert servers() == '10.0.1.2:2182'
    raises(ValueError, **departed)      # zk/0 has left
    with unit.hook('zookeeper-relation-departed', unit='zk/1'):
        pass
    raises(ZeroDivisionError, 'zookeeper-relation-broken')
    assert not zookeeper.relation.dying
    with unit.hook('zookeeper-relation-broken'):
        assert not is_flag_set('zookeeper.connected')


def test_hooks_and_actions_have_options_parameters_and_goal_state(unit, zookeeper):
    with unit.hook('zookeeper-relation-joined', unit='zk/0'):
        pass
    unit.set_config(port=9093)
    with unit.hook('config-changed'):
        assert hookenv.config('port') == 9093
        assert hookenv.config().changed('port')
        assert list(hookenv.goal_state()['relations']['zookeeper']) == ['zk', 'zk/0']
        hookenv.status_set('active', 'ready')
    assert unit.status == ('active', 'ready')
    with unit.action('dismiss', which='joining'):
        assert hookenv.action_get('which') == 'joining'
        endpoint_from_name('zookeeper').dismiss_joining()
        hookenv.action_set({'done': 'yes'})
    assert unit.runs[-1].results == {'done': 'yes'}
    with unit.hook('update-status'):
        assert not hookenv.config().changed('port')
        assert not is_flag_set('zookeeper.joining')


def test_hook_makes_the_same_calls_after_an_action(unit, zookeeper):
    for _ in range(2):
        with unit.hook('update-status'):
            pass
    with unit.action('show'):
        pass
    with unit.hook('update-status'):
        pass
    _, before, _, after = unit.runs
    assert after.calls == before.calls != []


@pytest.mark.parametrize('name, options, message', [
    ('update-staus', {}, 'no hook update-staus; hooks: collect-metrics, config-ch'),
    ('zookeeper-relation-joinned', {}, 'hooks: .*, zookeeper-relation-joined'),
    ('update-status', {'unit': 'zk/0'}, 'update-status has no argument `unit`'),
    ('update-status', {'secret': 'x'}, 'update-status has no argument `secret`'),
    ('secret-changed', {}, 'secret-changed needs the argument `secret`'),
    ('zookeeper-relation-joined', {}, 'relation-joined needs the argument `unit`'),
    ('zookeeper-relation-created', {'unit': 'zk/0'}, 'created has no argument `unit`'),
    ('zookeeper-relation-departed', {}, 'departed needs the argument `unit`'),
    ('zookeeper-relation-changed', {'secret': 'x'}, 'changed has no argument `secret`'),
    ('data-storage-attached', {}, 'no hook data-storage-attached'),
    ('zookeeper-relation-changed', {'unit': 'zk/7'}, 'zk/7 is not in the relation'),
    ('zookeeper-relation-changed', {'unit': 'kk/0'}, '0 relations of zookeeper with'),
    ('zookeeper-relation-broken', {}, 'run departed hooks first: zk/0'),
    ('sink-relation-changed', {}, '0 relations of sink')])
def test_impossible_hook_is_refused(unit, zookeeper, name, options, message):
    with pytest.raises(ValueError, match=message):
        with unit.hook(name, **options):
            pass


def test_impossible_data_are_refused(unit, zookeeper):
    for name in 'kk/0', 'zk', 'zk/', 'zk/x':
        with pytest.raises(ValueError, match=name + ' is not a unit of zk; the units '
                                                    'are zk/0, zk/1'):
            zookeeper.set_unit_data(name, {})
    with pytest.raises(ValueError, match='no endpoint zoo; endpoints: other, ring, s'):
        unit.relate('zoo', 'zk')
    for endpoint in 'ring', 'sink':
        with pytest.raises(ValueError, match='use a Model to test peers'):
            unit.relate(endpoint, 'kafka')
    with pytest.raises(ValueError, match='no action dismis; actions: dismiss, show'):
        with unit.action('dismis'):
            pass


def test_endpoint_without_layer_cannot_be_related(unit):
    with pytest.raises(ValueError) as error:
        unit.relate('other', 'x')
    assert str(error.value) == (
        'interface layer unknown not found: no unknown/requires.py in {}'.format(
            INTERFACES))


PLUGIN_TEST = '''\
from charms.reactive import endpoint_from_name
from relations.zookeeper.requires import ZookeeperRequires


def test_plugin(juju_unit):
    juju_unit.relate('zookeeper', 'zk').set_unit_data('zk/0', {'port': '2181'})
    with juju_unit.hook('update-status'):
        endpoint = endpoint_from_name('zookeeper')
        assert type(endpoint) is ZookeeperRequires
        assert endpoint.connection_string() == '10.0.1.1:2181'
'''


@pytest.fixture
def run_plugin(tmp_path, monkeypatch):
    """Runs the test with this line in pytest.ini; returns the output."""
    (tmp_path / 'metadata.yaml').write_text(METADATA)
    monkeypatch.setenv('PYTHONPATH', str(ROOT / 'standin'))

    def run_plugin(ini='', test=PLUGIN_TEST):
        (tmp_path / 'test_it.py').write_text(test)
        (tmp_path / 'pytest.ini').write_text('[pytest]\n' + ini)
        return subprocess.run(
            [sys.executable, '-m', 'pytest', '-q', '-p', 'juju_standin.pytest_plugin'],
            cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False).stdout
    return run_plugin


def test_plugin_uses_interfaces_in_pytest_ini(run_plugin, monkeypatch):
    monkeypatch.delenv('CHARM_INTERFACES_DIR')
    output = run_plugin('interfaces = {}\n'.format(INTERFACES))
    assert '1 passed' in output, output


def test_plugin_uses_interfaces_in_variable(run_plugin):
    output = run_plugin()
    assert '1 passed' in output, output


def test_layer_that_is_not_in_interfaces_is_an_error(run_plugin, tmp_path):
    (tmp_path / 'layer.yaml').write_text('includes: ["interface:zookeeper"]')
    (tmp_path / 'wrong').mkdir()
    output = run_plugin('interfaces = wrong\n', 'def test_it(juju_unit): pass\n')
    assert ('ValueError: interface layer zookeeper not found: no zookeeper/provides.py '
            'in {}/wrong\n'.format(tmp_path)) in output


def test_import_of_layer_that_is_not_in_interfaces_names_the_folder(
        run_plugin, tmp_path):
    (tmp_path / 'wrong').mkdir()
    assert ('ModuleNotFoundError: interface layer zookeeper not found in {}/wrong\n'
            .format(tmp_path)) in run_plugin('interfaces = wrong\n')


def test_layer_in_charm_is_found(run_plugin, tmp_path):
    (tmp_path / 'layer.yaml').write_text('includes: ["interface:unknown"]')
    own = tmp_path / 'hooks/relations/unknown'
    own.mkdir(parents=True)
    (own / 'requires.py').write_text('')
    output = run_plugin()
    assert '1 passed' in output, output


def test_missing_interfaces_are_an_error(run_plugin, monkeypatch):
    monkeypatch.delenv('CHARM_INTERFACES_DIR')
    test = 'def test_it(juju_unit): pass\n'
    assert 'set the option `interfaces` in pytest.ini' in run_plugin(test=test)
    assert 'interfaces: /none is not a directory' in run_plugin('interfaces = /none\n')
