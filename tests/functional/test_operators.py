"""What operators do with units, relations and backups."""
import re

from .conftest import TESTS, releases
from .ensemble import UNRELATED, Ensemble
from .juju import NOTHING, Juju, assert_succeeded, warnings


def relation_calls(run):
    """The relation tools that a hook called, with their arguments."""
    return [call for call in run.calls if call[0].startswith('relation-')]


def test_command_of_guarantees_page_makes_full_read(in_process, as_processes):
    (unit, command), = re.findall(r"^\$ juju exec --unit (\S+) '(JUJU_.*)'$",
                                  (TESTS.parent / 'docs' / 'guarantees.md').read_text(),
                                  re.M)
    juju = Juju('3.6')
    model = juju.model
    ensemble = Ensemble(juju, in_process('zookeeper-server'),
                        as_processes('zookeeper-client'))
    relation = ensemble.relate()
    juju.settle()
    model.set_config('zk', port=3000)
    juju.skip(unit, 'zookeeper-relation-changed')
    ensemble.assert_uses(unit, 'zk/0')
    run = model.action(unit, 'juju-exec', command=command)
    assert_succeeded(run)
    ensemble.data['port'] = '3000'
    ensemble.assert_uses(unit, 'zk/0')
    update, = [run for run in juju.dispatch('update-status') if run.unit == unit]
    assert relation_calls(run) == relation_calls(update) != []

    model.remove_relation(relation, force=True)
    run = model.action(unit, 'juju-exec', command=command)
    assert (run.status, len(warnings(run))) == (0, 1)
    ensemble.assert_waits(unit, UNRELATED)


def test_force_removed_units_are_dropped_after_agents_restart(juju, ensemble):
    ensemble.model.remove_unit('zk/1', force=True)
    assert juju.settle() == []
    juju.restart_agents()
    juju.settle()
    ensemble.assert_uses('kafka/0', 'zk/0')
    ensemble.model.remove_unit('kafka/0', force=True)
    assert juju.settle() == []
    juju.restart_agents()
    juju.settle()
    assert juju.flags('zk/0', 'zkclient') == NOTHING


def test_suspended_relation_is_dropped_and_resumed_one_is_used(juju, ensemble):
    ensemble.model.suspend(ensemble.kafka)
    juju.settle()
    ensemble.assert_waits('kafka/0', UNRELATED)
    assert juju.flags('zk/0', 'zkclient') == NOTHING
    ensemble.configure(port=3000)
    ensemble.model.resume(ensemble.kafka)
    juju.settle()
    ensemble.assert_uses('kafka/0', 'zk/0', 'zk/1')
    ensemble.assert_publishes(ensemble.kafka)


def test_changes_are_followed_when_agents_restart_after_each_hook(juju, ensemble):
    """A restarted agent does not know the remote units of a dying relation."""
    model = ensemble.model

    def settle():
        while run := model.step():
            assert_succeeded(run)
            # each restart brings this hook before Juju 4
            if run.hook.kind != 'leader-settings-changed':
                juju.restart_agents()

    model.add_unit('zk')
    model.remove_unit('zk/0')
    ensemble.configure(port=3000)
    settle()
    ensemble.assert_uses('kafka/0', 'zk/1', 'zk/2')
    ensemble.assert_publishes(ensemble.kafka)
    model.remove_relation(ensemble.kafka)
    settle()
    ensemble.assert_waits('kafka/0', UNRELATED)
    for server in 'zk/1', 'zk/2':
        assert juju.flags(server, 'zkclient') == NOTHING


@releases('3.6')
def test_update_status_updates_restored_record_of_client(juju, ensemble):
    store = ensemble.model.unit('kafka/0').disk['store']
    before = store.getrange('interface-layer.')
    ensemble.model.add_unit('zk')
    ensemble.model.remove_unit('zk/0')
    ensemble.configure(port=3000)
    juju.settle()
    store.update(before)
    store.flush()
    juju.dispatch('update-status')
    ensemble.assert_uses('kafka/0', 'zk/1', 'zk/2')


@releases('3.6')
def test_update_status_writes_current_data_to_restored_databag(juju, ensemble):
    model = ensemble.model
    before = dict(model.unit_data(ensemble.kafka, 'zk/0'))
    ensemble.configure(port=3000)
    juju.settle()
    model.write(ensemble.kafka.unit_databags['zk/0'], before)
    juju.settle()
    assert juju.published(ensemble.kafka, 'zk/0') == {'port': '2181'}
    juju.dispatch('update-status')
    juju.settle()
    ensemble.assert_uses('kafka/0', 'zk/0', 'zk/1')
    ensemble.assert_publishes(ensemble.kafka)
