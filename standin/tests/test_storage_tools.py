"""The hook tools of resources and storage, and those that are not supported."""
import pytest

from two_apps import TwoApps, exit_status, failure, query


def test_resource_get_prints_the_path_of_an_attached_resource(apps):
    apps.model.resources['client', 'tarball'] = '/tmp/kafka.tgz'
    path, other = apps.in_client_hook(
        lambda context: context.call(['resource-get', 'tarball'])[1],
        lambda context: failure(context, 'resource-get', 'jar'))
    assert path == b'/tmp/kafka.tgz\n'
    assert other == (1, 'ERROR could not download resource: no resource "jar" of '
                        'client is attached')


def test_storage_tools_print_the_units_storage(apps):
    apps.model.storage['client/0'] = {'data/0': '/srv/0', 'data/1': '/srv/1',
                                      'logs/2': '/log'}
    names, location, details, missing = apps.in_client_hook(
        lambda context: query(context, 'storage-list', 'data'),
        lambda context: query(context, 'storage-get', '-s', 'data/1', 'location'),
        lambda context: query(context, 'storage-get', '-s', 'logs/2'),
        lambda context: exit_status(context, 'storage-get', '-s', 'data/7'))
    assert names == ['data/0', 'data/1']
    assert (location, missing) == ('/srv/1', 1)
    assert details == {'kind': 'filesystem', 'location': '/log'}


def test_storage_is_attached_before_install_and_detached_before_other_hooks():
    """From Juju's documentation and source."""
    apps = TwoApps(related=False)
    apps.model.storage['client/0'] = {'data/0': '/srv/0'}
    found = []
    apps.client.script = lambda context: context.hook.storage and found.append([
        context.env['JUJU_STORAGE_ID'], context.env['JUJU_STORAGE_LOCATION'],
        query(context, 'storage-get', 'location')]) or 0
    apps.relate()
    apps.model.storage['client/0'] = {'data/0': '/srv/0', 'logs/1': '/log'}
    apps.settle_and_clear()
    apps.model.remove_unit('client/0')
    apps.model.settle()
    assert found == [['data/0', '/srv/0', '/srv/0'], ['logs/1', '/log', '/log']] * 2
    names = [name for name, _ in apps.client.hooks()]
    assert names[:3] == ['data-storage-detaching', 'logs-storage-detaching',
                         'in-departed']


def test_storage_that_is_removed_is_detached(apps):
    apps.model.storage['client/0'] = {'data/0': '/srv/0', 'data/1': '/srv/1'}
    apps.settle_and_clear()
    apps.model.storage['client/0'] = {'data/1': '/srv/1'}
    assert apps.run_due() == [('data-storage-detaching', '')]
    assert apps.client.contexts[0].env['JUJU_STORAGE_LOCATION'] == '/srv/0'
    assert apps.in_client_hook(lambda c: query(c, 'storage-list')) == ['data/1']
    del apps.model.storage['client/0']
    apps.model.remove_unit('client/0')
    apps.model.settle()
    assert [name for name, _ in apps.client.hooks()][-5:] == [
        'data-storage-detaching', 'in-departed', 'in-broken', 'stop', 'remove']


def test_storage_attached_comes_before_install():
    apps = TwoApps(related=False)
    apps.model.storage['client/0'] = {'data/0': '/srv/0'}
    assert apps.run_due()[:2] == [('data-storage-attached', ''), ('install', '')]


@pytest.mark.parametrize('name', ['payload-register', 'state-get', 'pod-spec-set'])
def test_missing_hook_tool_fails_with_its_name(apps, name):
    assert apps.in_client_hook(lambda context: failure(context, name)) == (
        1, 'ERROR the stand-in does not have the hook tool ' + name)
