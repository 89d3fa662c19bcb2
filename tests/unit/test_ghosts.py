"""Relations removed by force, which Juju goes on listing until the agent restarts.

Whether a hook could be committed is asked at the end of each one: Juju.end.
"""
import pytest

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import FLUME_REQUIRES
from .harness import JOINING
from .harness import LOCAL
from .harness import Requires
from .harness import assert_listed
from .harness import settled

ONE = [('zk:1', 'remote/0')]
TWO_UNITS = ONE + [('zk:1', 'remote/1')]
TWO_RELATIONS = ONE + [('zk:2', 'second/0')]
FULL = ['update-status', 'upgrade-charm']
LOGGED = ['zk: zk:1 was removed by force; Juju goes on listing it until the '
          'agent of this unit is restarted']


def touched(juju):
    """The relations whose own settings this hook has read or written."""
    return {word for name, words in juju.context.calls for word in words
            if word.startswith('zk:') and (name == 'relation-set'
                                           or LOCAL in words)}


# Without a successor.

@pytest.mark.parametrize('hook', FULL)
def test_a_ghost_is_treated_as_removed_in_a_look_at_everything(juju, side, hook):
    settled(juju, side, *TWO_RELATIONS)
    juju.force_remove('zk:1')
    juju.hook('config-changed')
    juju.changed('zk:2', 'second/0')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.hook(hook)
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, side, 1)


def test_a_ghost_alone_leaves_nothing(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.force_remove('zk:1')
    juju.update_status()
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


def test_a_ghost_is_logged_and_announced_once(juju, side):
    settled(juju, side, *ONE)
    juju.force_remove('zk:1')
    for _ in range(2):
        juju.update_status()
        juju.endpoint().dismiss_departing()
    juju.hook('config-changed')
    juju.hook('upgrade-charm')
    assert juju.flags() == set()
    assert juju.warnings == LOGGED


def test_a_ghost_takes_the_joining_of_its_units_along(juju, side):
    settled(juju, side, *ONE)
    juju.join('zk:2', 'second/0', side.settings(1))
    juju.force_remove('zk:2')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, side, 0)


def test_a_ghost_is_forgotten_when_the_agent_has_restarted(juju, side):
    settled(juju, side, *TWO_RELATIONS)
    juju.force_remove('zk:1')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.restart_agent()
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.joined('zk:1', 'remote/0', side.settings(0))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert juju.warnings == LOGGED


def test_what_is_known_of_a_ghost_costs_a_call_in_a_look_at_everything(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.force_remove('zk:1')
    juju.update_status()
    juju.update_status()
    assert juju.calls == {'relation-ids': 1, 'relation-get': 1}
    juju.hook('config-changed')
    assert juju.calls == {}


def test_a_departed_of_a_ghost_that_had_begun_is_told(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.force_remove('zk:1')
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert 'departing' in juju.flags()
    juju.endpoint().dismiss_departing()
    juju.update_status()
    assert_listed(juju, side)


def test_a_departed_of_a_ghost_that_was_found_tells_nothing_new(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.force_remove('zk:1')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert juju.flags() == set()


def test_a_departed_and_a_broken_of_a_ghost_end_it(juju, side):
    settled(juju, side, *TWO_RELATIONS)
    juju.force_remove('zk:1')
    juju.update_status()
    juju.endpoint().dismiss_departing()
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    juju.relation_hook('broken', 'zk:1')
    assert juju.flags() == CONNECTED | AVAILABLE
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.calls['relation-list'] == 1


@pytest.mark.parametrize('status, error', [
    (1, 'ERROR connection is shut down'), (1, 'ERROR settings not found'), (1, ''),
    (2, 'ERROR invalid value "zk:1" for option -r: relation not found')])
def test_no_other_failure_is_evidence_of_a_ghost(juju, side, error, status):
    settled(juju, side, *ONE)
    juju.model.fail_tools(LOCAL, 'relation-*', error, status)
    for hook in FULL + ['config-changed']:
        juju.hook(hook)
        assert juju.flags() == CONNECTED | AVAILABLE
        assert_listed(juju, side, 0)


def test_what_is_said_of_another_units_settings_is_no_evidence(juju, requires):
    settled(juju, requires, *ONE)
    juju.model.fail_tools(LOCAL, 'relation-get * remote/0', 'ERROR permission denied')
    juju.changed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, requires, 0)


def test_a_relation_that_was_denied_by_mistake_is_taken_up_again(juju, side):
    settled(juju, side, *ONE)
    juju.model.fail_tools(LOCAL, '* {}'.format(LOCAL), 'ERROR permission denied')
    juju.update_status()
    assert juju.flags() == DEPARTING
    juju.end()
    juju.model.mend_tools(LOCAL)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    assert_listed(juju, side, 0)


def test_an_agents_sink_does_not_stay_a_ghosts(juju):
    settled(juju, FLUME_REQUIRES, *TWO_RELATIONS)
    assert juju.endpoint().get_flume_ip() == '10.0.0.0'
    juju.force_remove('zk:1')
    juju.update_status()
    assert juju.endpoint().get_flume_ip() == '10.0.0.1'


# Publishing.

def test_clients_of_healthy_relations_are_told_beside_a_ghost(juju, provides):
    """Every hook of a provider failed, for ever, and nobody was told."""
    settled(juju, provides, *TWO_RELATIONS)
    juju.force_remove('zk:1')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert juju.own_data('zk:2') == provides.wire(1)
    juju.created('zk:3', 'new')
    assert juju.own_data('zk:3') == provides.wire(1)
    for variant, hook in enumerate(FULL + ['config-changed']):
        juju.hook(hook)
        provides.send(juju.endpoint(), variant % 2)
        assert juju.own_data('zk:2') == provides.wire(variant % 2)
    assert juju.warnings == LOGGED


def test_a_client_alone_in_a_ghost_is_gone_when_it_can_not_be_told(juju, provides):
    settled(juju, provides, *ONE)
    juju.force_remove('zk:1')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.flags() == DEPARTING
    assert juju.warnings == LOGGED


def test_a_relation_that_goes_while_its_joined_runs_is_gone_in_the_retry(juju,
                                                                         provides):
    """Juju could not commit what had read its settings."""
    settled(juju, provides, *TWO_RELATIONS)
    juju.joined('zk:1', 'remote/1')
    juju.model.remove_relation(juju.relation('zk:1'), force=True)
    juju.fail(late=True)
    juju.relation_hook('joined', 'zk:1', 'remote/1')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert juju.warnings == LOGGED
    juju.end()


# With a successor.

def successor(juju, side):
    """A relation of two units was removed by force, and made again."""
    settled(juju, side, *TWO_UNITS)
    juju.force_remove('zk:1')
    juju.created('zk:2')


def test_a_server_is_not_listed_twice_when_its_relation_is_made_again(juju, requires):
    successor(juju, requires)
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.1']
    for unit in (0, 1):
        juju.join('zk:2', 'remote/{}'.format(unit), requires.settings(unit))
        juju.update_status()
        assert juju.flags() == CONNECTED | AVAILABLE, 'all is as before'
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0', '10.0.0.1']


def test_what_a_ghost_published_is_not_served_when_it_is_made_again(juju, requires):
    successor(juju, requires)
    juju.join('zk:2', 'remote/0', requires.settings(7))
    assert requires.hosts(juju.endpoint()) == ['10.0.0.7']
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.update_status()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.7']


def test_a_server_that_left_is_not_served_when_its_relation_is_made_again(juju,
                                                                          requires):
    successor(juju, requires)
    juju.join('zk:2', 'remote/0', requires.settings(0))
    for _ in range(3):
        juju.update_status()
        assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    juju.restart_agent()
    juju.update_status()
    assert requires.hosts(juju.endpoint()) == ['10.0.0.0']
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING, 'remote/1 has left'


def test_a_ghost_that_was_found_stays_one_when_it_is_made_again(juju, side):
    """Its own settings answer again: with those of its successor."""
    settled(juju, side, *TWO_UNITS)
    juju.force_remove('zk:1')
    juju.update_status()
    juju.created('zk:2')
    juju.join('zk:2', 'remote/0', side.settings(7))
    for _ in range(3):
        juju.update_status()
        assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
        assert_listed(juju, side, 7)
        assert touched(juju) == {'zk:2'}


def test_both_have_gone_when_the_successor_becomes_a_ghost(juju, side):
    successor(juju, side)
    juju.join('zk:2', 'remote/0', side.settings(0))
    juju.force_remove('zk:2')
    juju.update_status()
    juju.update_status()
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


def test_a_provider_touches_one_of_two_relations_in_a_hook(juju, provides):
    """A hook that touched both ended well, and could not be committed, for ever."""
    successor(juju, provides)
    assert juju.own_data('zk:2') == provides.wire()
    juju.join('zk:2', 'remote/0')
    for variant in (1, 0):
        for hook in ('config-changed', 'update-status', 'upgrade-charm', 'start'):
            juju.hook(hook)
            provides.send(juju.endpoint(), variant)
            assert len(touched(juju)) <= 1
        assert juju.own_data('zk:2') == provides.wire(variant)
    juju.joined('zk:2', 'remote/1')
    provides.send(juju.endpoint(), 1)
    assert touched(juju) == {'zk:2'}
    assert juju.own_data('zk:2') == provides.wire(1)
    juju.relation_hook('departed', 'zk:1', 'remote/0')
    assert touched(juju) == {'zk:1'}
    juju.restart_agent()
    juju.update_status()
    assert juju.own_data('zk:2') == provides.wire(1)


def test_a_provider_tells_others_beside_a_ghost_and_its_successor(juju, provides):
    settled(juju, provides, *TWO_RELATIONS)
    juju.force_remove('zk:1')
    juju.created('zk:3')
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.own_data('zk:2') == provides.wire(1)
    juju.hook('config-changed')
    assert juju.own_data('zk:3') == provides.wire(1)


def test_the_relations_of_an_application_related_twice_starve_not(juju, side):
    """Through two endpoints of its own, which is legitimate: none is a ghost."""
    settled(juju, side, ('zk:1', 'remote/0'), ('zk:2', 'remote/0'),
            ('zk:3', 'remote/0'))
    turns = []
    for _ in range(6):
        juju.update_status()
        turns += touched(juju)
    assert set(turns[:3]) == set(turns[3:]) == {'zk:1', 'zk:2', 'zk:3'}
    assert juju.flags() >= CONNECTED | AVAILABLE
    if isinstance(side, Requires):
        assert side.hosts(juju.endpoint()) == ['10.0.0.2']


def test_an_application_related_twice_is_told_in_one_relation_a_hook(juju, provides):
    settled(juju, provides, ('zk:1', 'remote/0'), ('zk:2', 'remote/0'))
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    assert juju.calls['relation-set'] == 1
    juju.hook('config-changed')
    assert juju.calls['relation-set'] == 1
    assert juju.own_data('zk:1') == juju.own_data('zk:2') == provides.wire(1)
