"""README.md: the first example runs, and the tables are complete."""
import dataclasses
import re
import sys
import types

import pytest

import juju_standin
from juju_standin import HookRun, LocalUnit, Model, Relation, Unit
from juju_standin.remote_application import RemoteApplication
from repository import INTERFACES, ROOT

PAGE = (ROOT / 'standin/README.md').read_text()


def section(title):
    """The text below a heading."""
    return PAGE.split('\n## {}\n'.format(title))[1].split('\n## ')[0]


def names(text):
    """The names at the start of each code phrase."""
    return set(re.findall(r'`(\w+)', text))


def public(obj):
    return {name for name in dir(obj) if not name.startswith('_')}


def test_first_example_runs(tmp_path):
    run_example('First example', 'test_client_uses_the_server', tmp_path)


def example(title, **folders):
    """The test below a heading, with these folders in place of `<name>`."""
    code, = re.findall('```python\n(.*?)```', section(title), re.DOTALL)
    for name, folder in folders.items():
        code = code.replace('<{}>'.format(name), str(folder))
    return code


def run_example(title, test, tmp_path, **folders):
    namespace = {}
    exec(example(title, clone=ROOT, **folders), namespace)
    namespace[test](tmp_path)


CHARM = {
    'layer.yaml': "includes: ['layer:basic', 'interface:zookeeper']\n",
    'metadata.yaml': '''\
name: kafka
summary: x
description: x
maintainer: x <x@example.com>
series: [jammy]
requires: {zookeeper: {interface: zookeeper}}
''',
    'reactive/kafka.py': '''\
from charmhelpers.core import hookenv, host
from charms.reactive import data_changed, hook, when


@when('zookeeper.ready')
def configure(zookeeper):
    servers = zookeeper.zookeepers()
    if data_changed('servers', servers):
        host.service_restart('kafka')
    hookenv.status_set('active', str(servers))
'''}
RESTART = '''

@hook('upgrade-charm')
def restart():
    host.service_restart('kafka')
'''


@pytest.fixture
def earlier(tmp_path):
    """The folders of a charm's layer and of earlier interface layers."""
    for name, text in CHARM.items():
        file = tmp_path / 'kafka' / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return {'charm': tmp_path / 'kafka', 'earlier interfaces':
            ROOT / 'tests' / 'fixtures' / 'earlier_layers' / 'second-generation'}


def test_upgrade_example_passes_if_upgrade_keeps_the_servers(tmp_path, earlier):
    run_example('An upgrade', 'test_upgrade_keeps_servers_and_does_not_restart',
                tmp_path, **earlier)


@pytest.mark.slow
def test_upgrade_example_fails_if_upgrade_restarts_the_service(tmp_path, earlier):
    with (earlier['charm'] / 'reactive/kafka.py').open('a') as handlers:
        handlers.write(RESTART)
    with pytest.raises(AssertionError):
        run_example('An upgrade', 'test_upgrade_keeps_servers_and_does_not_restart',
                    tmp_path, **earlier)


def test_tables_name_everything_public_of_a_model():
    assert public(Model()) - names(section('The model')) == set()


def test_everything_in_the_tables_exists():
    rows = re.findall(r'^\| (`.*?) \| .* \|$', section('The model'), re.M)
    assert len(rows) > 30
    assert names('\n'.join(rows)) - {'data'} <= public(Model())


def test_attributes_of_units_runs_and_relations_exist():
    for what, cls in ('A unit', Unit), ('A run', HookRun), ('A relation', Relation):
        text, = re.findall(what + r' has (`.*?)\.(?:\s|$)', section('The model'),
                           re.DOTALL)
        assert set() < names(text) <= {field.name for field in dataclasses.fields(cls)}


def test_tables_of_the_fixture_are_complete(tmp_path, monkeypatch):
    unit_table, remote_table = re.findall(r'(?:^\|.*\n)+', section('The fixture'), re.M)
    layer, charm_dir = tmp_path / 'layer', tmp_path / 'unit'
    layer.mkdir()
    charm_dir.mkdir()
    (layer / 'metadata.yaml').write_text(
        'name: kafka\nrequires: {zk: {interface: zookeeper}}\n')
    relations = types.ModuleType('relations')
    relations.__path__ = [str(INTERFACES)]
    monkeypatch.setitem(sys.modules, 'relations', relations)
    unit = LocalUnit(layer, charm_dir)
    assert public(unit) - {'changes', 'require_no_hook'} == first_names(unit_table)
    assert public(unit.relate('zk', 'zk')) == first_names(remote_table)
    assert public(RemoteApplication) <= first_names(remote_table)


def first_names(table):
    """The names in the first column of a table."""
    return {name for row in re.findall(r'^\| (`.*?) \|', table, re.M)
            for name in re.findall(r'`(\w+)', row)}


def test_charms_section_names_all_charms_and_layers():
    text = section('Charms')
    assert {name for name in juju_standin.__all__
            if name.endswith('Charm') or name.startswith('build')} < names(text)
    layers = {path.name for path in (ROOT / 'standin/juju_standin/layers').iterdir()}
    assert layers - names(text) == set()


def test_module_map_names_all_modules():
    modules = {path.stem for path
               in (ROOT / 'standin/juju_standin').glob('[!_]*')} - {'__pycache__'}
    assert names(section('Modules')) & modules == modules
