"""Commands that the model refuses."""
import pytest

from juju_standin import Hook, Model


def test_invalid_commands_raise_value_error(apps):
    with pytest.raises(ValueError, match='do not fit'):
        apps.model.relate('client:in', 'client:more')
    with pytest.raises(ValueError, match='still related'):
        apps.model.relate('server:out', 'client:in')
    with pytest.raises(ValueError, match='not due'):
        apps.model.run('client/0', Hook('install', 'install'))
    with pytest.raises(ValueError, match='not in error'):
        apps.model.resolve('client/0')


@pytest.mark.parametrize('command, message', [
    (lambda apps: Model('3.7'), 'no release of Juju 3.7; releases: 2.9, 3.6, 4.0'),
    (lambda apps: apps.model.deploy('client', apps.client),
     'the application client is already deployed'),
    (lambda apps: apps.model.deploy('other', apps.client, config={'color': 'red'}),
     'no option color; options: colour'),
    (lambda apps: apps.model.set_config('client', color='red'),
     'no option color; options: colour'),
    (lambda apps: apps.model.relate('client', 'server:out'),
     'no endpoint client; endpoints: client:in, client:more'),
    (lambda apps: apps.model.set_app_data(apps.relation, 'cleint', a='1'),
     'no application cleint; related: client, server'),
    (lambda apps: apps.model.unit_data(apps.relation, 'cleint/0'),
     'no application cleint; related: client, server'),
    (lambda apps: apps.model.grant_secret(apps.model.add_secret('server', a='1'),
                                          'cleint', apps.relation),
     'no application cleint; related: client, server'),
    (lambda apps: apps.model.dispatch('client/0', 'update-staus'),
     'no unit hook update-staus; unit hooks: collect-metrics, config-changed, install')
])
def test_misspelt_name_raises_value_error_with_valid_names(apps, command, message):
    with pytest.raises(ValueError) as error:
        command(apps)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize('command', [
    lambda model: model.set_config('cleint', colour='red'),
    lambda model: model.add_unit('cleint'),
    lambda model: model.upgrade('cleint', None),
    lambda model: model.leader('cleint'),
    lambda model: model.set_leader('cleint/0'),
    lambda model: model.relate('cleint:in', 'server:out')])
def test_misspelt_application_raises_value_error(apps, command):
    with pytest.raises(ValueError) as error:
        command(apps.model)
    assert str(error.value) == 'no application cleint; deployed: client, server'


@pytest.mark.parametrize('command', [
    lambda model: model.unit('cleint/0'),
    lambda model: model.remove_unit('cleint/0'),
    lambda model: model.set_address('cleint/0', '10.0.0.1'),
    lambda model: model.restart_agent('cleint/0'),
    lambda model: model.fail_next('cleint/0'),
    lambda model: model.fail_tools('cleint/0', '*'),
    lambda model: model.action('cleint/0', 'dump'),
    lambda model: model.dispatch('cleint/0', 'update-status')])
def test_misspelt_unit_raises_value_error(apps, command):
    with pytest.raises(ValueError) as error:
        command(apps.model)
    assert str(error.value) == 'no unit cleint/0; units: client/0, server/0'
