"""Commands that the model refuses."""
import pytest

from juju_standin import Hook, InProcessCharm, Model


def test_invalid_commands_raise_value_error(apps):
    with pytest.raises(ValueError, match='cannot be related'):
        apps.model.relate('client:in', 'client:more')
    with pytest.raises(ValueError, match='still related'):
        apps.model.relate('server:out', 'client:in')
    with pytest.raises(ValueError, match=r'install is not due in client/0'):
        apps.model.run('client/0', Hook('install', 'install'))
    with pytest.raises(ValueError, match='not in error'):
        apps.model.resolve('client/0')
    apps.client.metadata['subordinate'] = True
    with pytest.raises(ValueError, match='other is a subordinate charm'):
        apps.model.deploy('other', apps.client)


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
    (lambda apps: apps.model.revoke_secret(apps.model.add_secret('server', a='1'),
                                           'cleint'),
     'no application cleint; applications: client, server'),
    (lambda apps: apps.model.grant_secret(apps.model.add_secret('server', a='1'),
                                          'client/7', apps.relation),
     'no unit client/7; units: client/0, server/0'),
    (lambda apps: apps.model.add_secret('sevrer', a='1'),
     'no application sevrer; applications: client, server'),
    (lambda apps: apps.model.add_secret('client/7', a='1'),
     'no unit client/7; units: client/0, server/0'),
    (lambda apps: apps.model.enter(apps.relation, 'srever/5', {}),
     'no application srever; related: client, server'),
    (lambda apps: apps.model.leave(apps.relation, 'srever/0'),
     'no application srever; related: client, server'),
    (lambda apps: apps.model.relate('client:more', 'server:out', offered_by='sever'),
     'no application sever; related: client, server'),
    (lambda apps: apps.model.dispatch('client/0', 'update-staus'),
     'no unit hook update-staus; unit hooks: collect-metrics, config-changed, leader-'),
    (lambda apps: apps.model.dispatch('client/0', 'remove'),
     'no unit hook remove; unit hooks: collect-metrics, config-changed, leader-'),
    (lambda apps: apps.model.fail_next('client/0', 'inn-relation-joined'),
     'no hook inn-relation-joined; hooks: collect-metrics, config-changed, in-relation-'
     'broken, in-relation-changed, '),
    (lambda apps: apps.model.fail_next('client/0', 'in-*-joinned'),
     'no hook in-*-joinned; hooks: '),
    (lambda apps: apps.model.fail_tools('client/0', 'relaton-get*'),
     'no hook tool relaton-get*; hook tools: action-fail, '),
    (lambda apps: apps.model.fail_tools('client/0', 'relation-gets server/0'),
     'no hook tool relation-gets; hook tools: '),
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
    lambda model: model.relate('cleint:in', 'server:out')])
def test_misspelt_application_raises_value_error(apps, command):
    with pytest.raises(ValueError) as error:
        command(apps.model)
    assert str(error.value) == 'no application cleint; deployed: client, server'


@pytest.mark.parametrize('command', [
    lambda model: model.unit('cleint/0'),
    lambda model: model.set_leader('cleint/0'),
    lambda model: model.remove_unit('cleint/0'),
    lambda model: model.set_address('cleint/0', '10.0.0.1'),
    lambda model: model.restart_agent('cleint/0'),
    lambda model: model.fail_next('cleint/0'),
    lambda model: model.fail_tools('cleint/0', '*'),
    lambda model: model.remove_unit('client/0', force=True, noticed_by=['cleint/0']),
    lambda model: model.remove_relation(model.relations[0], noticed_by=['cleint/0']),
    lambda model: model.remove_relation(model.relations[0], started_by=['cleint/0']),
    lambda model: model.relate('client:in', 'server:out', unwatched_by=['cleint/0']),
    lambda model: model.action('cleint/0', 'dump'),
    lambda model: model.dispatch('cleint/0', 'update-status')])
def test_misspelt_unit_raises_value_error(apps, command):
    with pytest.raises(ValueError) as error:
        command(apps.model)
    assert str(error.value) == 'no unit cleint/0; units: client/0, server/0'
    assert not any(unit.dying for unit in apps.model.units.values())
    assert not apps.relation.dying


def test_string_in_place_of_a_list_of_units_raises_value_error(apps):
    with pytest.raises(ValueError, match=r"is a string; pass a list: \['client/0'\]"):
        apps.model.remove_unit('server/0', force=True, noticed_by='client/0')


@pytest.mark.parametrize('pattern, name, cause', [
    ('*', 'config-changed',
     lambda apps: apps.model.set_config('client', colour='blue')),
    ('*-departed', 'in-relation-departed',
     lambda apps: apps.model.remove_relation(apps.relation)),
    ('in-relation-joined', 'in-relation-joined', lambda apps: apps.enter('server/1')),
    ('data-storage-attached', 'data-storage-attached',
     lambda apps: apps.model.storage.update({'client/0': {'data/0': '/srv'}})),
    ('start', 'start', lambda apps: apps.model.dispatch('client/0', 'start'))])
def test_next_hook_whose_name_matches_the_pattern_fails_once(
        apps, pattern, name, cause):
    apps.client.metadata['storage'] = {'data': {'type': 'filesystem'}}
    apps.model.fail_next('client/0', pattern)
    failed = cause(apps) or apps.run_next()
    assert (failed.hook.name, failed.status) == (name, 1)
    assert failed.log == [('ERROR', 'failure requested by the test')]
    retried = apps.run_next()
    assert (retried.hook.name, retried.status) == (name, 0)


def test_next_action_whose_name_matches_the_pattern_fails_once(apps):
    apps.client.actions = {'act', 'other'}
    apps.model.fail_next('client/0', 'a*')
    assert [apps.model.action('client/0', name).status
            for name in ('other', 'act', 'act')] == [0, 1, 0]


OPTIONS = '''\
options:
  text: {type: string}
  whole: {type: int, default: 1}
  decimal: {type: float, default: 1.5}
  switch: {type: boolean, default: false}
  untyped: {default: x}
'''


@pytest.fixture
def typed(tmp_path):
    """A model with a charm that has options of each type."""
    (tmp_path / 'metadata.yaml').write_text('name: typed')
    (tmp_path / 'config.yaml').write_text(OPTIONS)
    model = Model()
    model.deploy('typed', InProcessCharm(tmp_path))
    return model


@pytest.mark.parametrize('option, value, message', [
    ('text', 1, 'the option text has the type string: 1 is not a valid value'),
    ('whole', 'x', "the option whole has the type int: 'x' is not a valid value"),
    ('whole', True, 'the option whole has the type int: True is not a valid value'),
    ('decimal', 'x', "the option decimal has the type float: 'x' is not a valid value"),
    ('switch', 1, 'the option switch has the type boolean: 1 is not a valid value')])
def test_value_of_another_type_raises_value_error(typed, option, value, message):
    before = dict(typed.apps['typed'].config)
    for command in (lambda: typed.set_config('typed', **{option: value}),
                    lambda: typed.deploy('other', typed.apps['typed'].charm,
                                         config={option: value})):
        with pytest.raises(ValueError) as error:
            command()
        assert str(error.value) == message
    assert typed.apps['typed'].config == before


def test_values_of_the_options_types_are_accepted(typed):
    values = {'text': 'x', 'whole': 2, 'decimal': 2, 'switch': True, 'untyped': [1]}
    typed.set_config('typed', **values)
    assert typed.apps['typed'].config == values
    typed.set_config('typed', text=None)
    assert typed.apps['typed'].config['text'] is None
