"""Measures the layers' code, the stand-in and the tests; fails if a limit is exceeded.

The layers' counts exclude docstrings, comments and blank lines; the tests' counts
include them.
"""
import ast
import sys
from pathlib import Path

from radon.complexity import cc_visit
from radon.raw import analyze

ROOT = Path(__file__).resolve().parent.parent
SHARED = sorted(ROOT.glob('interfaces/common/*.py'))
LAYERS = SHARED + sorted(
    path for path in ROOT.glob('interfaces/*/*.py') if path not in SHARED)

MAX_LINES = 1675
MAX_SHARED_LINES = 1010
MAX_FUNCTION_LINES = 25    # with the docstring
MAX_CLASS_LINES = 120
MAX_COMPLEXITY = 9
MAX_TEST_LINES = 32250     # all lines in standin and tests


def code_lines(paths):
    return sum(analyze(path.read_text()).sloc for path in paths)


def longest(kind):
    """(lines, name) of the longest function or class of the layers."""
    return max(
        (node.end_lineno - node.lineno + 1, '{}: {}'.format(path.name, node.name))
        for path in LAYERS for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, kind))


def most_complex():
    """(cyclomatic complexity, name) of the most complex function of the layers."""
    return max((block.complexity, '{}: {}'.format(path.name, block.name))
               for path in LAYERS for block in cc_visit(path.read_text())
               if block.letter != 'C')


def lines_of_tests():
    return sum(len(path.read_text().splitlines()) for folder in ('standin', 'tests')
               for path in (ROOT / folder).rglob('*.py'))


def main():
    figures = [
        ('lines of all layers', (code_lines(LAYERS), ''), MAX_LINES),
        ('lines of the shared part', (code_lines(SHARED), ''), MAX_SHARED_LINES),
        ('longest function', longest(ast.FunctionDef), MAX_FUNCTION_LINES),
        ('longest class', longest(ast.ClassDef), MAX_CLASS_LINES),
        ('highest complexity', most_complex(), MAX_COMPLEXITY),
        ('lines of tests and stand-in', (lines_of_tests(), ''), MAX_TEST_LINES)]
    for name, (figure, where), limit in figures:
        print('{:30} {:6} of at most {:6}  {}'.format(name, figure, limit, where))
    return int(any(figure > limit for _, (figure, _), limit in figures))


if __name__ == '__main__':
    sys.exit(main())
