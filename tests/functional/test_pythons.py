"""tests/pythons.py, which runs the tests on all supported Python versions."""
import ast

import pytest
import pythons

SOURCE = '''\
from __future__ import annotations
class Hook:
    name: str | None = None

    def run(self, unit: dict[str, str], /, *words: str) -> int:
        count: int = 0
        return count
'''
TRANSLATED = '''\
class Hook:
    name: 'str | None' = None

    def run(self, unit: 'dict[str, str]', *words: 'str') -> 'int':
        count: 'int' = 0
        return count'''


def test_annotations_become_text_for_python_3_6():
    assert ast.unparse(pythons.Translator().visit(ast.parse(SOURCE))) == TRANSLATED


def test_main_fails_in_ci_if_a_required_python_is_missing(monkeypatch):
    monkeypatch.setenv('CI', 'true')
    monkeypatch.setattr(pythons, 'find_pythons', lambda: {(3, 8): 'python3.8'})
    assert pythons.main() == (
        'not found: Python 3.6, Python 3.10, Python 3.12, Python 3.13')


@pytest.mark.parametrize('found, only, missing', [
    ({(3, 8): 'python3.8'}, ['3.5', '3.8', '38'], 'Python 3.5, Python 38'),
    ({}, [], 'Python 3.6 or newer')])
def test_main_fails_if_no_python_or_not_each_given_one_is_found(
        monkeypatch, found, only, missing):
    monkeypatch.delenv('CI', raising=False)
    monkeypatch.setattr(pythons, 'find_pythons', lambda: found)
    assert pythons.main(*only) == 'not found: ' + missing
