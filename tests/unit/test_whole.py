"""A layer is whole, and so is the framework, or it says what is missing."""
import importlib
import os
import re
import runpy
import sys

import pytest

from .test_readmes import INTERFACES, ROOT


def init(interface):
    return ROOT / 'interfaces' / interface / '__init__.py'


@pytest.mark.parametrize('interface', INTERFACES)
def test_it_knows_which_of_its_files_are_links(interface):
    links = {path.name for path in init(interface).parent.glob('*.py')
             if path.is_symlink()}
    assert importlib.import_module('relations.' + interface).SHARED == links
    assert not init(interface).is_symlink()


def test_both_say_the_same():
    assert len({init(interface).read_text() for interface in INTERFACES}) == 1


@pytest.mark.parametrize('interface', INTERFACES)
def test_what_is_missing_is_named(interface, monkeypatch):
    there = [name for name in os.listdir(init(interface).parent)
             if name not in ('flags.py', 'values.py')]
    monkeypatch.setattr(os, 'listdir', lambda path: there)
    with pytest.raises(RuntimeError, match=re.escape(
            'the interface layer {} lacks flags.py, values.py: they are links'.format(
                interface))):
        runpy.run_path(str(init(interface)), run_name='relations.' + interface)


@pytest.mark.parametrize('interface', INTERFACES)
@pytest.mark.parametrize('beside, found', [
    ('charms.reactive-1.1.1-py3.6.egg-info', '1.1.1'),
    ('charms_reactive-0.4.7.dist-info', '0.4.7'), ('other-1.0', 'an older one')])
def test_a_framework_that_is_too_old_is_named(interface, beside, found, tmp_path,
                                              monkeypatch):
    (tmp_path / 'charms' / 'reactive').mkdir(parents=True)
    (tmp_path / beside).mkdir()
    monkeypatch.setattr('charms.reactive.__file__',
                        str(tmp_path / 'charms' / 'reactive' / '__init__.py'))
    monkeypatch.delattr('charms.reactive.get_flags')
    package = 'relations.' + interface
    for name in package, package + '.framework':
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(RuntimeError, match=re.escape(
            'the interface layer {} needs charms.reactive 1.1.2 or newer, and found '
            '{}: '.format(interface, found))):
        importlib.import_module(package)
