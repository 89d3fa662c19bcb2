"""A layer is whole, or says that it is not."""
import os
import re
import runpy

import pytest

from .test_readmes import INTERFACES, ROOT


def init(interface):
    return ROOT / 'interfaces' / interface / '__init__.py'


@pytest.mark.parametrize('interface', INTERFACES)
def test_it_knows_which_of_its_files_are_links(interface):
    links = {path.name for path in init(interface).parent.glob('*.py')
             if path.is_symlink()}
    assert runpy.run_path(str(init(interface)))['SHARED'] == links
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
