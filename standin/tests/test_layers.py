"""Charms with modules of their own, and with layers that the stand-in provides."""
import pytest

from charm_layers import write, write_action, write_layer
from juju_standin import BuiltCharm, InProcessCharm, Model, build_once

OWN_MODULES = '''\
from charmhelpers.core import hookenv
from charms import coordinator, layer
from charms.layer.shop import GOODS
from charms.reactive import hook
import top


@hook('start')
def start():
    layer.status.maintenance('starting')
    layer.status.active('late')
    layer.status.blocked('{} {} {} {}'.format(
        GOODS, coordinator.NAME, layer.shop.GOODS, top.NAME))
'''
CONFIG_FLAGS = '''\
from charmhelpers.core import unitdata
from charms.reactive import get_flags, when, when_not


@when_not('never')
def record():
    unitdata.kv().set('flags', [flag for flag in get_flags()
                                if flag.startswith('config.')])
'''
OPTIONS = '''\
from charmhelpers.core import hookenv
from charms import layer

hookenv.status_set('active', layer.options.get())
'''
SINGLETON = '''\
from charmhelpers.coordinator import Serial
from charmhelpers.core import hookenv
from charms.reactive import hook


@hook('start')
def start():
    hookenv.status_set('active', str(hasattr(Serial(), 'used')))
    Serial().used = True
'''
PACKAGES = '''\
from charmhelpers.core import hookenv
from charms import apt, layer
from charms.reactive import when


@when('config.set.port')
def install():
    apt.queue_install(['jq'])


@when('apt.installed.jq', 'apt.installed.curl', 'snap.installed.lxd')
def use():
    options = layer.options.get('basic', 'use_venv'), layer.options('apt')['packages']
    hookenv.status_set('active', str(options))
'''
ACTION = '''\
#!/usr/local/sbin/charm-env python3
import subprocess

import beside
from charmhelpers.core import hookenv, host
from charms.layer import options

subprocess.check_call(['systemctl', 'daemon-reload'])
host.service_restart('kafka')
hookenv.action_set({'name': beside.NAME, 'running': host.service_running('kafka'),
                    'codename': host.lsb_release()['DISTRIB_CODENAME']})
'''


@pytest.fixture(params=['processes', 'in process'])
def charm(request, tmp_path):
    """Builds a layer into a charm."""
    def charm(layer):
        built = build_once(layer)
        if request.param == 'processes':
            return BuiltCharm(built, tmp_path / 'units')
        return InProcessCharm(built)
    return charm


def shop(path, name, goods):
    return write_layer(
        path / name, name, OWN_MODULES, ['layer:basic', 'layer:status'], **{
            'charms.layer.shop': 'GOODS = {!r}'.format(goods),
            'charms.coordinator': 'NAME = {!r}'.format(name),
            'top': 'NAME = {!r}'.format(name.upper())})


def test_two_charms_import_their_own_modules_of_the_same_name(charm, tmp_path):
    model = Model()
    for name, goods in ('north', 'apples'), ('south', 'oranges'):
        model.deploy(name, charm(shop(tmp_path, name, goods)))
    model.settle()
    assert model.unit('north/0').status == ('blocked', 'apples north apples NORTH')
    assert model.unit('south/0').status == ('blocked', 'oranges south oranges SOUTH')


def test_each_hook_has_its_own_coordinator(charm, tmp_path):
    """layer:coordinator uses the singletons of charmhelpers."""
    model = Model()
    model.deploy('one', charm(write_layer(tmp_path / 'one', 'one', SINGLETON)), units=2)
    model.settle()
    for unit in 'one/0', 'one/1':
        assert model.unit(unit).status == ('active', 'False')


def test_options_set_the_flags_of_layer_basic(charm, tmp_path):
    deployed = charm(write_layer(tmp_path / 'one', 'one', CONFIG_FLAGS))
    model = Model()
    model.deploy('one', deployed)

    def flags(kind):
        prefix = 'config.{}.'.format(kind)
        return {flag[len(prefix):] for flag in deployed.kv('one/0')['flags']
                if flag.startswith(prefix)}

    model.step()
    options = {'port', 'name', 'ratio', 'debug'}
    assert flags('new') == flags('changed') == flags('default') == options
    assert flags('set') == {'port', 'ratio'}
    model.settle()
    assert flags('new') == flags('changed') == set()
    model.set_config('one', name='x', ratio=2, debug=True)
    model.step()
    assert flags('changed') == {'name', 'debug'}
    assert flags('default') == {'port', 'ratio'}
    assert flags('set') == options
    assert not {flag for flag in deployed.kv('one/0')
                if flag.startswith('reactive.states.config.')}


def test_layers_of_packages_install_nothing_and_set_flags(charm, tmp_path):
    layer = write_layer(
        tmp_path / 'one', 'one', PACKAGES, ['layer:apt', 'layer:snap'],
        {'basic': {'use_venv': False}, 'apt': {'packages': ['curl']},
         'snap': {'lxd': {'channel': 'stable'}}})
    model = Model()
    model.deploy('one', charm(layer))
    model.settle()
    assert model.unit('one/0').status == ('active', "(False, ['curl'])")


def test_layers_of_the_author_are_used_except_those_that_install_packages(
        charm, tmp_path, monkeypatch):
    layers = tmp_path / 'layers'
    for name in 'layer-basic', 'layer-options', 'own':
        write(layers / name / 'layer.yaml', {})
    write(layers / 'own/reactive/own.py', '')
    write(layers / 'layer-options/lib/charms/layer/options.py',
          'def get(*_):\n    return "of the author"\n')
    write(layers / 'layer-basic/lib/charms/layer/basic.py', 'raise SystemExit(1)\n')
    monkeypatch.setenv('CHARM_LAYERS_DIR', str(layers))
    model = Model()
    model.deploy('one', charm(write_layer(
        tmp_path / 'one', 'one', OPTIONS, ['layer:basic', 'layer:own'])))
    model.settle()
    assert model.unit('one/0').status == ('active', 'of the author')


def test_charm_that_was_built_with_real_layer_basic_installs_no_packages(
        charm, tmp_path):
    layer = write_layer(tmp_path / 'one', 'one', CONFIG_FLAGS, **{
        'charms.layer.basic': 'raise SystemExit("installing packages")\n'})
    model = Model()
    model.deploy('one', charm(layer))
    assert model.step().status == 0


def test_action_imports_modules_beside_it_and_charmhelpers_on_any_distribution(
        charm, tmp_path):
    layer = write_layer(tmp_path / 'one', 'one', '')
    write_action(layer, 'show', ACTION)
    write(layer / 'actions/beside.py', 'NAME = "beside"\n')
    model = Model()
    model.deploy('one', charm(layer))
    model.settle()
    run = model.action('one/0', 'show')
    assert run.results.pop('codename') != ''
    assert run.results == {'name': 'beside', 'running': 'False'}
    assert run.services == [('restart', 'kafka')]


def test_processes_find_the_bash_library_of_charms_reactive(tmp_path):
    layer = write_layer(tmp_path / 'one', 'one', '')
    write_action(layer, 'show', '#!/bin/bash\nsource charms.reactive.sh\n'
                 'action-set main="$(type -t reactive_handler_main)"\n')
    model = Model()
    model.deploy('one', BuiltCharm(build_once(layer), tmp_path / 'units'))
    assert model.action('one/0', 'show').results == {'main': 'function'}
