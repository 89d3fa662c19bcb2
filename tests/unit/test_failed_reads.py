"""A hook tool that fails tells nothing: what was known stays, and is read again."""
import pytest
from charmhelpers.core import unitdata

from .harness import AVAILABLE
from .harness import CONNECTED
from .harness import DEPARTING
from .harness import JOINING
from .harness import LOCAL
from .harness import NOTHING
from .harness import assert_listed
from .harness import settled
from .test_adopting import deployed

ONE = [('zk:1', 'remote/0')]
TWO_UNITS = ONE + [('zk:1', 'remote/1')]
ERROR = 'ERROR connection is shut down'


def failing(juju, pattern, status=1):
    """Hook tools fail in the hooks to come."""
    juju.end()
    juju.model.fail_tools(LOCAL, pattern, ERROR, status)


def mended(juju):
    juju.end()
    juju.model.mend_tools(LOCAL)


def unread(what, where='zk:1'):
    return 'zk: {} of {} can not be read, what was known stays: {}'.format(
        what, where, ERROR)


@pytest.mark.parametrize('status', [1, 2])
def test_what_a_unit_published_stays_known(juju, requires, status):
    settled(juju, requires, *ONE)
    failing(juju, 'relation-get*remote/0', status)
    juju.changed('zk:1', 'remote/0', dict(requires.settings(7)))
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, requires, 0)
    assert juju.warnings == [unread('remote/0')]


@pytest.mark.parametrize('hook', [
    lambda juju: juju.changed('zk:1', 'remote/0'),
    lambda juju: juju.update_status()], ids=['changed', 'update-status'])
def test_what_a_unit_published_is_read_again(juju, requires, hook):
    settled(juju, requires, *ONE)
    failing(juju, 'relation-get*remote/0')
    juju.changed('zk:1', 'remote/0', requires.settings(7))
    mended(juju)
    hook(juju)
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, requires, 7)
    failing(juju, 'relation-get*remote/0')
    juju.changed('zk:1', 'remote/0')
    assert juju.warnings == [unread('remote/0')] * 2, 'once each time'


def test_a_unit_that_was_never_read_is_connected(juju, requires):
    juju.deploy(requires)
    failing(juju, 'relation-get*')
    juju.join('zk:1', 'remote/0', requires.settings(0))
    assert juju.flags() == CONNECTED
    assert juju.warnings == [unread('remote/0')]
    mended(juju)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING


def test_of_a_unit_that_leaves_nothing_is_said_any_more(juju, requires):
    settled(juju, requires, *TWO_UNITS)
    failing(juju, 'relation-get*remote/0')
    juju.changed('zk:1', 'remote/0')
    mended(juju)
    juju.departed('zk:1', 'remote/0')
    juju.join('zk:1', 'remote/0', requires.settings(0))
    failing(juju, 'relation-get*remote/0')
    juju.changed('zk:1', 'remote/0')
    assert juju.warnings == [unread('remote/0')] * 2


@pytest.mark.parametrize('status', [1, 2])
def test_a_list_that_fails_has_nobody_leave(juju, side, status):
    settled(juju, side, *TWO_UNITS)
    failing(juju, 'relation-list*', status)
    juju.changed('zk:1', 'remote/0')
    juju.relation_hook('created', 'zk:1')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings == [unread('members')]


def test_the_unit_of_a_departed_leaves_though_the_list_fails(juju, side):
    settled(juju, side, *TWO_UNITS)
    failing(juju, 'relation-list*')
    juju.departed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, side, 1)
    juju.departed('zk:1', 'remote/1')
    assert juju.flags() == DEPARTING
    assert_listed(juju, side)


def test_the_unit_of_a_joined_is_there_though_the_list_fails(juju, side):
    settled(juju, side, *ONE)
    failing(juju, 'relation-list*')
    juju.joined('zk:1', 'remote/1', side.settings(1))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 0, 1)
    juju.joined('zk:2', 'second/0', side.settings(2))
    assert_listed(juju, side, 0, 1, 2)


def test_who_left_is_found_when_the_list_can_be_read_again(juju, side):
    settled(juju, side, *TWO_UNITS)
    juju.skip_departed('zk:1', 'remote/0')
    failing(juju, 'relation-list*')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE
    mended(juju)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING
    assert_listed(juju, side, 1)


@pytest.mark.parametrize('status', [1, 2])
def test_relations_that_can_not_be_listed_have_nobody_leave(juju, side, status):
    settled(juju, side, *ONE, ('zk:2', 'second/0'))
    failing(juju, 'relation-ids*', status)
    juju.update_status()
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 0, 1)
    assert juju.warnings == [unread('relations', 'this endpoint')]
    juju.end()
    juju.skip_departed('zk:1', 'remote/0')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING, 'those known are asked'
    mended(juju)
    juju.update_status()
    failing(juju, 'relation-ids*')
    juju.update_status()
    assert juju.warnings == [unread('relations', 'this endpoint')] * 2


def test_own_settings_that_fail_are_believed(juju, provides):
    settled(juju, provides, *ONE)
    juju.write_own_data('zk:1', {'port': '1'})
    failing(juju, 'relation-get*' + LOCAL)
    juju.update_status()
    juju.changed('zk:1', 'remote/0')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert juju.writes == []
    assert juju.warnings == [unread('own')]
    mended(juju)
    juju.update_status()
    assert juju.own_data('zk:1') == provides.wire()


def test_what_was_sent_is_confirmed_when_it_can_be_read_again(juju, provides):
    settled(juju, provides, *ONE)
    juju.hook('config-changed')
    provides.send(juju.endpoint(), 1)
    juju.fail(late=True)
    failing(juju, 'relation-get*')
    juju.hook('config-changed')
    assert len(juju.writes) == 1, 'it was not lost yet, as far as is known'
    mended(juju)
    juju.hook('config-changed')
    assert juju.own_data('zk:1') == provides.wire(1)


def test_relations_made_later_are_told_without_being_read(juju, provides):
    settled(juju, provides, *ONE)
    failing(juju, 'relation-get*')
    juju.created('zk:2', 'second')
    assert juju.own_data('zk:2') == provides.wire()


def test_no_tool_at_all_changes_nothing_and_fails_no_hook(juju, side):
    settled(juju, side, *TWO_UNITS)
    failing(juju, 'relation-*')
    for hook in ('update-status', 'upgrade-charm', 'config-changed'):
        juju.hook(hook)
        assert juju.flags() == CONNECTED | AVAILABLE
        assert_listed(juju, side, 0, 1)
    assert len(juju.warnings) == len(set(juju.warnings)), 'each is logged once'
    mended(juju)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


# While there is no record.

def test_flags_of_an_earlier_layer_stay_until_a_look_succeeds(juju, side):
    deployed(juju, side, ('connected', 'available'))
    failing(juju, 'relation-*')
    for hook in ('upgrade-charm', 'config-changed'):
        juju.hook(hook)
        assert juju.flags() == CONNECTED | AVAILABLE
    mended(juju)
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, side, 0, 1)
    assert juju.writes == []
    juju.hook('config-changed')
    assert juju.calls == {}


def test_notices_of_an_earlier_layer_can_be_dismissed_before_that(juju, side):
    deployed(juju, side, ('connected', 'available', 'joining', 'departing'))
    failing(juju, 'relation-*')
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING | DEPARTING
    juju.endpoint().dismiss_joining()
    juju.endpoint().dismiss_departing()
    assert juju.flags() == CONNECTED | AVAILABLE
    mended(juju)
    juju.update_status()
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_unit_that_joins_before_that_is_announced(juju, side):
    deployed(juju, side, ('connected', 'available'))
    failing(juju, 'relation-ids*')
    juju.join('zk:1', 'remote/2', side.settings(2))
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    mended(juju)
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    juju.departed('zk:1', 'remote/2')
    assert juju.flags() == CONNECTED | AVAILABLE | DEPARTING


def test_a_relation_that_ends_before_that_is_not_looked_at(juju, side):
    """Its own settings were read in broken, and that hook failed."""
    deployed(juju, side, ('connected', 'available'), units=[0])
    failing(juju, 'relation-get*' + LOCAL)
    juju.hook('upgrade-charm')
    juju.departed('zk:1', 'remote/0')
    mended(juju)
    failing(juju, 'relation-ids*')
    juju.broken('zk:1')
    assert juju.calls == {'relation-ids': 1}
    mended(juju)
    juju.hook('config-changed')
    assert juju.flags() == DEPARTING


@pytest.mark.parametrize('pattern', [
    'relation-ids*', 'relation-list*', 'relation-get*' + LOCAL])
def test_a_look_succeeds_when_nothing_of_a_relation_is_missing(juju, side, pattern):
    deployed(juju, side, ('connected', 'available'))
    juju.skip_departed('zk:1', 'remote/0')
    juju.skip_departed('zk:1', 'remote/1')
    failing(juju, pattern)
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    mended(juju)
    juju.hook('config-changed')
    assert juju.flags() == NOTHING


def test_a_look_succeeds_without_a_single_server(juju, requires):
    deployed(juju, requires, ('connected', 'available'))
    failing(juju, 'relation-get*remote/0')
    juju.hook('upgrade-charm')
    assert juju.flags() == CONNECTED | AVAILABLE
    assert_listed(juju, requires, 1)
    juju.hook('config-changed')
    assert juju.calls == {}


def test_details_sent_before_a_look_succeeds_are_kept(juju, provides):
    deployed(juju, provides, ('connected', 'available'))
    failing(juju, 'relation-*')
    juju.hook('upgrade-charm')
    provides.send(juju.endpoint(), 1)
    mended(juju)
    juju.hook('config-changed')
    assert juju.own_data('zk:1').items() >= provides.wire(1).items()
    assert juju.flags() == CONNECTED | AVAILABLE


def test_a_store_that_is_lost_is_made_again(juju, side):
    settled(juju, side, *TWO_UNITS)
    unitdata.kv().unsetrange()
    failing(juju, 'relation-*')
    juju.hook('config-changed')
    assert juju.flags() == NOTHING
    mended(juju)
    juju.hook('config-changed')
    assert juju.flags() == CONNECTED | AVAILABLE | JOINING
    assert_listed(juju, side, 0, 1)
    assert juju.writes == []
