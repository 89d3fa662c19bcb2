"""The life of Flume sinks and of the agents that send to them, from built charms."""
import pytest

from .world import AVAILABLE, NOTHING, services, sinks

AGENT = {'conf-dir': 'conf'}
SINK = {'conf-dir': 'conf', 'data-dir': 'data'}

WAITING = ('waiting', 'for a sink')
UNRELATED = ('blocked', 'needs a relation to a sink')


class Fleet:
    """Sinks hdfs; agents syslog that know all of them, and audit that know one."""

    def __init__(self, world, sink, agent):
        self.world, self.model = world, world.model
        self.model.deploy('hdfs', sink, config=SINK)
        self.model.deploy('syslog', agent, config=dict(AGENT, failover=True))
        self.sent = {'port': '4141', 'protocol': 'avro'}

    def relate(self, sink='hdfs', agent='syslog'):
        return self.model.relate(sink + ':source', agent + ':sink')

    def configure(self, **sent):
        self.sent.update((key, str(value)) for key, value in sent.items())
        self.model.set_config('hdfs', **sent)

    def sends(self, agent, **names):
        """Assert that an agent's unit sends to these units: name=unit."""
        assert self.world.flags(agent, 'sink') == AVAILABLE
        assert sinks(self.world.file(agent, 'conf/flume.conf')) == {
            name.replace('_', '-'): (self.world.address(unit), self.sent['port'],
                                     self.sent['protocol'])
            for name, unit in names.items()}
        assert self.model.unit(agent).status == ('active', 'sending to ' + ', '.join(
            self.world.address(unit) for unit in names.values()))

    def waits(self, agent, status=WAITING):
        """Assert that an agent's unit knows of no sink."""
        assert self.world.flags(agent, 'sink') == NOTHING
        assert self.model.unit(agent).status == status

    def serve(self, flags, *relations):
        """Assert that all sinks have these flags, and told these relations."""
        for name in [name for name in self.model.units if name.startswith('hdfs/')]:
            assert self.world.flags(name, 'source') == flags
            for relation in relations:
                assert self.world.told(relation, name) == self.sent
        for relation in relations:
            for name in relation.bags:
                if not name.startswith('hdfs/'):
                    assert self.world.told(relation, name) == {}


def live(world, sink, agent, other_agent):
    """From deployment to removal, with all that an operator does in between."""
    model = world.model
    fleet = Fleet(world, sink, agent)
    syslog = fleet.relate()
    world.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0')
    fleet.serve(AVAILABLE, syslog)

    model.add_unit('hdfs')
    model.add_unit('hdfs')
    world.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0', hdfs_1='hdfs/1', hdfs_2='hdfs/2')
    fleet.serve(AVAILABLE, syslog)

    fleet.configure(port=4142)
    model.deploy('audit', other_agent, config=AGENT)
    audit = fleet.relate(agent='audit')
    world.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0', hdfs_1='hdfs/1', hdfs_2='hdfs/2')
    first, = sinks(world.file('audit/0', 'conf/flume.conf')).values()
    chosen = next(name for name in ('hdfs/0', 'hdfs/1', 'hdfs/2')
                  if world.address(name) == first[0])
    fleet.sends('audit/0', sink=chosen)
    fleet.serve(AVAILABLE, syslog, audit)

    fleet.configure(protocol='thrift')
    world.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0', hdfs_1='hdfs/1', hdfs_2='hdfs/2')
    fleet.serve(AVAILABLE, syslog, audit)

    model.remove_unit('hdfs/0')
    model.remove_unit('hdfs/1')
    world.settle()
    fleet.sends('syslog/0', hdfs_2='hdfs/2')
    fleet.sends('audit/0', sink='hdfs/2')
    fleet.serve(AVAILABLE, syslog, audit)

    model.remove_relation(syslog)
    world.settle()
    fleet.waits('syslog/0', UNRELATED)
    fleet.sends('audit/0', sink='hdfs/2')
    fleet.serve(AVAILABLE, audit)

    syslog = fleet.relate()
    world.settle()
    fleet.sends('syslog/0', hdfs_2='hdfs/2')
    fleet.sends('audit/0', sink='hdfs/2')
    fleet.serve(AVAILABLE, syslog, audit)

    model.set_app_data(syslog, 'hdfs', note='of no interest')
    model.set_app_data(syslog, 'syslog', note='of none either')
    told = [run.hook for run in world.settle()]
    assert [(hook.kind, hook.remote_unit) for hook in told] == [('changed', '')] * 2
    fleet.sends('syslog/0', hdfs_2='hdfs/2')
    fleet.serve(AVAILABLE, syslog, audit)

    model.remove_relation(syslog, force=True)
    assert world.settle() == []
    world.finds_ghost(syslog)
    fleet.waits('syslog/0')
    fleet.sends('audit/0', sink='hdfs/2')
    fleet.serve(AVAILABLE, audit)
    world.restart_agents()
    assert services(world.dispatch('update-status')) == []
    fleet.serve(AVAILABLE, audit)

    model.remove_unit('hdfs/2')
    world.settle()
    fleet.waits('audit/0')


def test_their_life(world, in_process):
    live(world, in_process('flume-sink'), in_process('flume-agent'),
         in_process('flume-agent'))


@pytest.mark.parametrize('profile', ['3.6'], indirect=True)
@pytest.mark.parametrize('failing', ['early', 'late'])
def test_their_life_where_each_hook_fails_once(world, in_process, failing):
    world.failing = failing
    live(world, in_process('flume-sink'), in_process('flume-agent'),
         in_process('flume-agent'))


@pytest.mark.parametrize('profile', ['3.6'], indirect=True)
def test_their_life_with_the_hooks_of_an_agent_as_processes(world, in_process,
                                                            by_processes):
    live(world, in_process('flume-sink'), by_processes('flume-agent'),
         in_process('flume-agent'))


@pytest.mark.parametrize('profile', ['4.0'], indirect=True)
def test_the_hooks_of_a_sink_as_processes(world, in_process, by_processes):
    fleet = Fleet(world, by_processes('flume-sink'), in_process('flume-agent'))
    syslog = fleet.relate()
    world.settle()
    fleet.serve(AVAILABLE, syslog)
    fleet.configure(port=4142, protocol='thrift')
    world.model.fail_next('hdfs/0', 'config-changed', late=False)
    world.model.fail_next('hdfs/0', 'config-changed', late=True)
    world.model.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0')
    fleet.serve(AVAILABLE, syslog)
    world.model.remove_relation(syslog)
    world.settle()
    fleet.waits('syslog/0', UNRELATED)
    assert world.flags('hdfs/0', 'source') == NOTHING
    syslog = fleet.relate()
    world.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0')
    fleet.serve(AVAILABLE, syslog)


@pytest.fixture
def fleet(world, in_process):
    """Two sinks and an agent, in a quiet model."""
    fleet = Fleet(world, in_process('flume-sink'), in_process('flume-agent'))
    fleet.model.add_unit('hdfs')
    fleet.syslog = fleet.relate()
    world.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0', hdfs_1='hdfs/1')
    return fleet


def test_a_units_own_hooks_change_nothing_and_publish_nothing(world, fleet):
    hooks = ['update-status', 'upgrade-charm', 'start', 'leader-elected']
    runs = [run for hook in hooks for run in world.dispatch(hook)]
    assert len(runs) == 12
    assert services(runs) == []
    assert [call for run in runs for call in run.calls
            if call[0] == 'relation-set'] == []
    fleet.sends('syslog/0', hdfs_0='hdfs/0', hdfs_1='hdfs/1')
    fleet.serve(AVAILABLE, fleet.syslog)


@pytest.mark.parametrize('update_status', [False, True])
def test_a_departed_that_was_skipped_shows_in_the_next_hook(world, fleet,
                                                            update_status):
    world.model.remove_unit('hdfs/0')
    world.skip('syslog/0', 'sink-relation-departed')
    world.settle()
    if update_status:
        world.dispatch('update-status')
    else:
        world.model.set_app_data(fleet.syslog, 'hdfs', note='new')
        world.settle()
    fleet.sends('syslog/0', hdfs_1='hdfs/1')


def test_the_service_stops_with_the_relation_and_starts_with_the_next(world, fleet):
    world.model.remove_relation(fleet.syslog)
    assert services(world.settle()) == [('syslog/0', 'restart', 'flume'),
                                        ('syslog/0', 'stop', 'flume')]
    fleet.relate()
    assert services(world.settle()) == [('syslog/0', 'restart', 'flume')] * 2


def test_sinks_of_two_applications(world, fleet, in_process):
    world.model.deploy('archive', in_process('flume-sink'), config=SINK)
    archive = fleet.relate('archive')
    world.settle()
    fleet.sends('syslog/0', archive_0='archive/0', hdfs_0='hdfs/0', hdfs_1='hdfs/1')
    world.model.remove_relation(archive)
    world.settle()
    fleet.sends('syslog/0', hdfs_0='hdfs/0', hdfs_1='hdfs/1')


def test_the_one_sink_stays_while_others_come_and_go(world, fleet, in_process):
    model = world.model
    model.deploy('audit', in_process('flume-agent'), config=AGENT)
    fleet.relate(agent='audit')
    world.settle()
    fleet.sends('audit/0', sink='hdfs/0')
    model.add_unit('hdfs')
    model.remove_unit('hdfs/1')
    runs = world.settle()
    assert [done for done in services(runs) if done[0] == 'audit/0'] == []
    fleet.sends('audit/0', sink='hdfs/0')
    model.remove_unit('hdfs/0')
    runs = world.settle()
    assert [done for done in services(runs) if done[0] == 'audit/0'] == [
        ('audit/0', 'restart', 'flume')]
    fleet.sends('audit/0', sink='hdfs/2')


@pytest.mark.parametrize('profile', ['4.0'], indirect=True)
def test_each_sink_is_named_once_after_a_relation_was_made_again(world, fleet):
    world.model.remove_relation(fleet.syslog, force=True)
    world.model.remove_unit('hdfs/0')
    world.settle()
    fleet.relate()
    world.settle()
    fleet.sends('syslog/0', hdfs_1='hdfs/1')
    fleet.configure(port=4142)
    world.settle()
    fleet.sends('syslog/0', hdfs_1='hdfs/1')
