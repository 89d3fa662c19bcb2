"""The environment of hooks, and the answers of hook tools.

test_recordings.py compares far more answers. A docstring such as "01:24" refers to
the recorded line of an answer: line 24 of the file 01 in recordings/4.0.15-agent.
"""
import pytest

import juju_standin
from two_apps import TwoApps, exit_status, failure, query, relation_set

GET = ('relation-get', '-r', 'in:0')


def get_a(unit):
    """A function that reads the key `a` of a unit's data."""
    return lambda context: query(context, *GET, 'a', unit)


def test_hooks_environment_has_jujus_variables(apps):
    apps.model.remove_relation(apps.relation)
    apps.model.settle()
    departed, broken = (c.env for c in apps.client.contexts)
    assert {key: value for key, value in departed.items()
            if key != 'JUJU_CONTEXT_ID'} == {
        'CHARM_DIR': '/var/lib/juju/agents/unit-client-0/charm',
        'JUJU_CHARM_DIR': '/var/lib/juju/agents/unit-client-0/charm',
        'JUJU_UNIT_NAME': 'client/0', 'JUJU_HOOK_NAME': 'in-relation-departed',
        'JUJU_RELATION': 'in', 'JUJU_RELATION_ID': 'in:0',
        'JUJU_REMOTE_UNIT': 'server/0', 'JUJU_REMOTE_APP': 'server',
        'JUJU_DEPARTING_UNIT': 'server/0', 'JUJU_MODEL_NAME': 'standin',
        'JUJU_MODEL_UUID': '00000000-0000-4000-8000-000000000000',
        'JUJU_VERSION': '3.6.28', 'LANG': 'C.UTF-8',
        'JUJU_DISPATCH_PATH': 'hooks/in-relation-departed',
        'PATH': juju_standin.context.SYSTEM_PATH}
    assert (broken['JUJU_REMOTE_UNIT'], broken['JUJU_REMOTE_APP']) == ('', 'server')
    assert 'JUJU_DEPARTING_UNIT' not in broken
    apps.in_client_hook(lambda c: None)
    assert not [key for key in apps.client.contexts[-1].env
                if key.startswith(('JUJU_RELATION', 'JUJU_REMOTE', 'JUJU_DEP'))]


def test_relation_ids_are_sorted_as_text(apps):
    for number in 9, 10:
        apps.model.add_relation({'client': 'in', str(number): 'out'}, number)
    apps.run_due()
    assert apps.in_client_hook(lambda c: query(c, 'relation-ids', 'in')) == [
        'in:0', 'in:10', 'in:9']


def test_relation_list_leaves_out_units_that_have_not_joined(apps):
    unit = apps.model.add_unit('server').name
    while not apps.model.pending('client/0'):
        apps.run_next(unit)
    assert apps.in_client_hook(
        lambda c: query(c, 'relation-list', '-r', 'in:0')) == ['server/0']
    assert apps.model.members('client/0', apps.relation) == ['server/0']


def test_relation_get_reads_keys_whole_databags_and_own_writes(apps):
    apps.server_writes('a=1')
    apps.model.settle()
    key, missing, missing_text, everything, own = apps.in_client_hook(
        get_a('server/0'),
        lambda c: query(c, *GET, 'b', 'server/0'),
        lambda c: c.call([*GET, 'b', 'server/0']),
        lambda c: query(c, *GET, '-', 'server/0')['a'],
        lambda c: (relation_set(c, '-r', 'in:0', 'x=1'),
                   query(c, *GET, 'x', 'client/0'))[1])
    assert (key, missing, missing_text, everything, own) == (
        '1', None, (0, b'', b''), '1', '1')


def test_unit_data_are_cached_until_the_units_next_hook(apps):
    assert apps.in_client_hook(get_a('server/0')) is None
    apps.server_writes('a=1')
    assert apps.in_client_hook(get_a('server/0')) is None
    apps.model.settle()
    assert apps.in_client_hook(get_a('server/0')) == '1'


def test_repeated_reads_in_one_hook_return_the_same_data(apps):
    """From Juju's source."""
    apps.enter('server/1', a='1')
    owners = [['--app', 'a', 'server'], ['a', 'server/1'], ['a', 'server/0']]

    def read(context):
        return [query(context, *GET, *words) for words in owners]

    def change(context):
        apps.model.set_app_data(apps.relation, 'server', a='2')
        for name in 'server/0', 'server/1':
            apps.model.write(apps.relation.unit_databags[name], {'a': '2'})

    assert apps.in_client_hook(read, change, read)[::2] == [[None, '1', None]] * 2


def test_departed_unit_is_readable_while_the_relation_exists():
    apps = TwoApps(units=(2, 1))
    apps.server_writes('a=1', unit='server/1')
    apps.model.remove_unit('server/1')
    apps.model.settle()
    assert apps.in_client_hook(get_a('server/1')) == '1'


@pytest.mark.parametrize('release, readable', [
    ('2.9', False), ('3.6', False), ('4.0', True)])
def test_own_application_data_are_readable_for_all_units_in_juju_4(release, readable):
    """03:9"""
    apps, found = TwoApps(release, units=(1, 2)), []
    apps.model.set_app_data(apps.relation, 'client', a='1')
    apps.client.script = lambda c: found.append(c.call([*GET, '--app', 'a', 'client']))
    for unit in 'client/0', 'client/1':
        apps.model.dispatch(unit, 'update-status')
    answer = (0, b'1\n', b'')
    assert found == [answer, answer if readable else (
        1, b'', b'ERROR permission denied\n')]


@pytest.mark.parametrize('release', juju_standin.PROFILES)
def test_failing_relation_tools_print_jujus_errors(release):
    """01:24, 19:9"""
    apps, found = TwoApps(release, units=(1, 2)), []
    messages = ('permission denied', 'permission denied',
                'cannot read settings for unit "server/7" in relation "client:in '
                'server:out": unit "server/7": settings not found')
    endpoint = 'endpoint'
    by_name = 2, 'expected unit name, got application name "other"'
    if release == '2.9':
        by_name, endpoint = (1, 'permission denied'), 'relation'
    if release == '4.0':
        messages = ('application not found in relation', 'relation unit not found',
                    'relation unit not found')
    apps.client.script = lambda c: found.extend([
        failure(c, *GET, '--app', '-', 'other'), failure(c, *GET, '-', 'other/0'),
        failure(c, *GET, '-', 'server/7'), failure(c, *GET, '-', 'other'),
        failure(c, 'relation-get'), failure(c, *GET), failure(c, 'relation-ids'),
        failure(c, 'relation-set', '-r', 'in:9', 'a=1'),
        failure(c, 'relation-get', '-r', 'out:0', '-', 'server/0'),
        failure(c, 'relation-set', '-r', 'in:0', '--app', 'a=1')])
    apps.model.dispatch('client/1', 'update-status')
    assert found == [(status, 'ERROR ' + message) for status, message in [
        *[(1, message) for message in messages],
        by_name,
        (2, 'no relation id specified'), (2, 'no unit or application specified'),
        (2, 'no {} name specified'.format(endpoint)),
        (2, 'invalid value "in:9" for option -r: relation not found'),
        (2, 'invalid value "out:0" for option -r: relation not found'),
        (1, 'cannot write relation settings')]]


def test_relation_get_returns_application_data_without_option_in_juju_2():
    """recordings/2.9.52-agent/19-tools:9"""
    apps = TwoApps('2.9')
    apps.model.set_app_data(apps.relation, 'server', a='1')
    assert apps.in_client_hook(get_a('server')) == '1'


def test_hooks_environment_has_meter_variables_in_juju_2():
    """From Juju's source."""
    apps = TwoApps('2.9')
    apps.in_client_hook(lambda c: None)
    assert apps.client.contexts[-1].env['JUJU_METER_STATUS'] == 'AMBER'


def test_matching_tools_fail_from_fail_tools_until_restore_tools(apps):
    apps.model.fail_tools('client/0', 'relation-get*server/0*', 'ERROR away', 2)
    assert apps.in_client_hook(lambda c: failure(c, *GET, '-', 'server/0'),
                               lambda c: query(c, 'relation-ids', 'in')) == [
        (2, 'ERROR away'), ['in:0']]
    apps.model.restore_tools('client/0')
    assert apps.in_client_hook(lambda c: exit_status(c, *GET, '-', 'server/0')) == 0


def test_relation_set_is_committed_only_if_the_hook_succeeds(apps):
    apps.server.script = lambda c: (relation_set(c, '-r', 'out:0', 'a=1'),
                                    c.call(['status-set', 'active', 'up']), 1)[2]
    run = apps.model.dispatch('server/0', 'update-status')
    assert (run.status, run.written) == (1, {})
    assert 'a' not in apps.server_data()
    assert apps.model.unit('server/0').status == ('active', 'up')
    apps.server.script = lambda c: relation_set(c, '-r', 'out:0', 'a=1')
    run, changed = apps.model.settle()
    assert run.attempt == 2
    assert run.written == {('out:0', 'server/0'): {'a': '1'}}
    assert changed.hook.name == 'in-relation-changed'


def test_writing_equal_values_runs_no_hook_and_empty_values_delete_keys(apps):
    apps.server_writes('a=1', 'b=1')
    apps.settle_and_clear()
    apps.server_writes('a=1', 'c=')
    apps.model.settle()
    assert apps.client.hooks() == []
    apps.server_writes('a=')
    apps.model.settle()
    assert apps.client.hooks() == [('in-changed', 'server/0')]
    assert 'a' not in apps.server_data()


def test_relation_set_reads_all_yaml_values_as_text(apps):
    yaml = b'a: 123\nb: yes\nc: null\nd: "null"\ne: ""\nf: 1.10\n'
    apps.server.script = lambda c: relation_set(c, '-r', 'out:0', '--file', '-',
                                                stdin=yaml)
    run = apps.model.dispatch('server/0', 'update-status')
    assert run.written['out:0', 'server/0'] == {
        'a': '123', 'b': 'yes', 'd': 'null', 'f': '1.10'}
    assert apps.in_client_hook(
        lambda c: exit_status(c, 'relation-set', '-r', 'in:0', 'nonsense'),
        lambda c: exit_status(c, 'relation-set', 'a=1'),
        lambda c: c.call(['relation-set', '--file', '-', '-r', 'in:0'], b'- 1')[0],
        lambda c: b'--file' in c.call(['relation-set', '--help'])[1],
    ) == [2, 2, 1, True]


@pytest.mark.parametrize('release', juju_standin.PROFILES)
def test_unit_data_contain_the_address_and_follow_its_changes(release):
    apps = TwoApps(release)
    keys = ['ingress-address'] + ['private-address'] * (release != '4.0')

    def addresses():
        data = apps.server_data()
        return data.pop('egress-subnets'), data

    assert addresses() == ('10.0.0.1/32', dict.fromkeys(keys, '10.0.0.1'))
    apps.model.set_address('server/0', '2001:db8::1')
    assert addresses()[0] == '10.0.0.1/32'
    runs = apps.model.settle()
    assert [run.hook.kind for run in runs] == ['config-changed', 'changed']
    assert addresses() == ('2001:db8::1/128', dict.fromkeys(keys, '2001:db8::1'))


@pytest.mark.parametrize('release', ['2.9', '3.6'])
def test_config_changed_restores_addresses_that_the_charm_changed(release):
    """recordings/2.9.52-network/22-own-address:18-24"""
    apps = TwoApps(release)
    apps.server_writes('ingress-address=1.2.3.4', 'private-address=1.2.3.4', 'a=1')
    apps.server.script = lambda c: query(c, 'relation-get', '-r', 'out:0', '-',
                                         'server/0') and None
    apps.model.set_config('server', colour='blue')
    apps.settle_and_clear()
    assert apps.server_data() == {
        'a': '1', 'egress-subnets': '10.0.0.1/32', 'ingress-address': '10.0.0.1',
        'private-address': '10.0.0.1'}


def test_unit_without_address_publishes_it_once_it_has_one():
    apps = TwoApps(related=False)
    apps.model.set_address('server/0', None)
    apps.relate()
    assert apps.server_data() == {}
    apps.model.set_address('server/0', '10.1.1.1')
    apps.model.settle()
    assert apps.client.hooks() == [('in-changed', 'server/0')]


@pytest.mark.parametrize('release, written', [('3.6', True), ('4.0', False)])
def test_charms_cannot_write_addresses_in_juju_4(release, written):
    apps = TwoApps(release)
    apps.server_writes('ingress-address=1.2.3.4', 'a=1')
    data = apps.server_data()
    assert data['a'] == '1'
    assert (data['ingress-address'] == '1.2.3.4') == written
    assert apps.in_client_hook(
        lambda c: exit_status(c, 'leader-get')) == (0 if written else 127)


def test_unit_tools_read_and_change_the_state_of_the_unit(apps):
    apps.client.script = lambda c: [
        c.call(command.split()) for command in (
            'open-port 80', 'open-port 90/udp', 'close-port 80/tcp',
            'status-set waiting for it', 'leader-set a=1', 'juju-log -l DEBUG a b',
            'application-version-set 3')] and None
    run = apps.model.dispatch('client/0', 'update-status')
    assert run.log == [('DEBUG', 'a b')]
    assert ('open-port', ['80']) in run.calls
    assert apps.model.unit('client/0').version == '3'
    assert apps.in_client_hook(
        lambda c: query(c, 'opened-ports'),
        lambda c: query(c, 'status-get', '--include-data')['message'],
        lambda c: query(c, 'leader-get', 'a'),
        lambda c: query(c, 'is-leader'),
        lambda c: query(c, 'config-get', '--all'),
        lambda c: query(c, 'unit-get', 'private-address'),
        lambda c: c.call(['network-get', 'in', '--primary-address'])[1],
        lambda c: query(c, 'network-get', 'in')['ingress-addresses'],
        lambda c: exit_status(c, 'network-get', 'nothing'),
        lambda c: exit_status(c, 'action-get'),
    ) == [['90/udp'], 'for it', '1', True, {'colour': 'red'}, '10.0.0.2',
          b'10.0.0.2\n', ['10.0.0.2'], 1, 1]


def test_options_are_read_as_juju_reads_them(apps):
    context = apps.in_client_hook(lambda c: c)
    for options in ['--application'], ['--application=True'], ['--application=False']:
        assert exit_status(context, 'status-set', *options, 'waiting') == 0
    assert query(context, 'status-get', '--application=false') == 'waiting'
    assert failure(context, 'status-get', '--application') == (
        1, "ERROR the stand-in does not simulate the application's status")
    assert exit_status(context, 'open-port', '--endpoints', 'in', '80') == 0
    assert exit_status(context, 'systemctl') == 0
    assert failure(context, 'application-version-set')[0] == 2
    assert context.call(['config-get', '--format=yaml', 'colour'])[1] == b'red\n'
    assert failure(context, 'config-get', '--format=xml') == (
        2, 'ERROR invalid value "xml" for option --format: unknown format "xml"')


def test_network_get_prints_one_value_or_several(apps):
    """All values are those in recordings/4.0.15-controller and `address`."""
    def network(*options):
        return apps.in_client_hook(lambda c: query(c, 'network-get', 'in', *options))

    assert network('-r', 'in:0') == {
        'bind-addresses': [{'mac-address': '', 'interface-name': 'eth0', 'addresses': [
            {'hostname': '', 'value': '10.0.0.2', 'address': '10.0.0.2',
             'cidr': '10.0.0.0/24'}]}],
        'egress-subnets': ['10.0.0.2/32'], 'ingress-addresses': ['10.0.0.2']}
    assert network('--bind-address') == network('--ingress-address') == '10.0.0.2'
    assert network('--egress-subnets') == ['10.0.0.2/32']
    assert network('--bind-address', '--egress-subnets') == {
        'bind-address': '10.0.0.2', 'egress-subnets': ['10.0.0.2/32']}
    assert apps.in_client_hook(
        lambda c: exit_status(c, 'network-get', 'in', '-r', 'in:7')) == 2


def test_actions_return_results_and_write_data_but_are_not_retried(apps):
    def action(context):
        assert context.env['JUJU_ACTION_NAME'] == 'dump'
        # set but empty: see HookVars in Juju's worker/uniter/runner/context
        assert context.env['JUJU_HOOK_NAME'] == ''
        assert query(context, 'action-get', 'deep.er') == 1
        relation_set(context, '-r', 'in:0', 'a=1')
        context.call(['action-set', 'x=y'])
        context.call(['action-fail', 'not today'])

    apps.client.script = action
    run = apps.model.action('client/0', 'dump', deep={'er': 1})
    assert (run.results, run.failure) == ({'x': 'y'}, 'not today')
    assert run.written == {('in:0', 'client/0'): {'a': '1'}}
    apps.client.script = lambda c: relation_set(c, '-r', 'in:0', 'a=2') or 1
    assert apps.model.action('client/0', 'dump').written == {}
    assert apps.model.unit('client/0').failed is None


def test_systemctl_is_active_returns_the_answer_of_on_service(apps):
    calls = []

    def on_service(unit, action, service):
        calls.append((unit.name, action, service))
        return service == 'zookeeper'

    def is_active(service):
        return apps.in_client_hook(
            lambda c: exit_status(c, 'systemctl', 'is-active', service))

    assert is_active('zookeeper') == 3
    apps.model.on_service = on_service
    assert (is_active('zookeeper'), is_active('other')) == (0, 3)
    assert calls == [('client/0', 'is-active', 'zookeeper'),
                     ('client/0', 'is-active', 'other')]


def test_hook_run_lists_service_changes_without_is_active(apps):
    apps.client.script = lambda c: [
        c.call(['systemctl', action, 'zookeeper'])
        for action in ('is-active', 'restart')] and None
    run = apps.model.dispatch('client/0', 'update-status')
    assert run.services == [('restart', 'zookeeper')]
