"""Each layer contains a copy of the shared code, and refuses an old charms.reactive."""
import importlib
import os
import re
import sys

import pytest

from .harness import INTERFACES, ROOT


def contents(directory):
    """{path: content} of the files in a directory, without compiled ones."""
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in directory.rglob('*')
            if path.is_file() and path.suffix != '.pyc'}


@pytest.mark.parametrize('interface', INTERFACES)
def test_layer_contains_a_copy_of_the_shared_code_made_by_make_common(interface):
    shared = contents(ROOT / 'interfaces' / 'common')
    assert contents(ROOT / 'interfaces' / interface / 'common') == shared
    assert all(re.fullmatch(r'\w+\.py', name) for name in shared), (
        'make common copies only *.py')


def test_layers_contain_no_symbolic_links():
    links = [path for directory, directories, files in os.walk(str(ROOT / 'interfaces'))
             for path in (os.path.join(directory, name) for name in directories + files)
             if os.path.islink(path)]
    assert links == []


@pytest.mark.parametrize('interface', INTERFACES)
@pytest.mark.parametrize('distribution, found', [
    ('charms.reactive-1.1.1-py3.6.egg-info', '1.1.1'),
    ('charms_reactive-0.4.7.dist-info', '0.4.7'), ('other-1.0', 'an older one')])
def test_layer_refuses_an_old_charms_reactive(interface, distribution, found, tmp_path,
                                              monkeypatch):
    (tmp_path / 'charms' / 'reactive').mkdir(parents=True)
    (tmp_path / distribution).mkdir()
    monkeypatch.setattr('charms.reactive.__file__',
                        str(tmp_path / 'charms' / 'reactive' / '__init__.py'))
    monkeypatch.delattr('charms.reactive.get_flags')
    package = 'relations.{}.'.format(interface)
    for name in list(sys.modules):
        if name.startswith(package):
            monkeypatch.delitem(sys.modules, name)
    for module in ('provides', 'requires'):
        with pytest.raises(RuntimeError) as error:
            importlib.import_module(package + module)
        assert str(error.value) == (
            'the interface layer {} requires charms.reactive 1.1.2 or newer, but found '
            '{}. Add `charms.reactive>=1.1.2` to wheelhouse.txt and rebuild the charm'
        ).format(interface, found)
