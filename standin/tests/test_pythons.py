"""How the layers are tried on each Python."""
import ast

import pythons

SOURCE = '''\
from __future__ import annotations
class Hook:
    name: str | None = None

    def run(self, unit: dict[str, str], /, *words: str) -> int:
        count: int = 0
        return count
'''
OLDER = '''\
class Hook:
    name: 'str | None' = None

    def run(self, unit: 'dict[str, str]', *words: 'str') -> 'int':
        count: 'int' = 0
        return count'''


def test_what_old_pythons_do_not_know_becomes_text():
    assert ast.unparse(pythons.Older().visit(ast.parse(SOURCE))) == OLDER


def test_ci_needs_its_pythons(monkeypatch):
    monkeypatch.setenv('CI', 'true')
    monkeypatch.setattr(pythons, 'pythons', lambda: {(3, 8): 'python3.8'})
    assert pythons.main() == (
        'not found: Python 3.6, Python 3.10, Python 3.12, Python 3.13')
