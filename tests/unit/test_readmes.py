"""The READMEs describe the flags, methods, keys and handlers of the code."""
import inspect
import json
import re

import pytest
from charms.reactive import RelationBase

from .harness import INTERFACES, ROOT, SIDES, layer


def section(text, heading):
    """The text below a heading, up to the next one of the same or a higher level."""
    level = len(re.match('#+', heading).group())
    _, found, rest = text.partition('\n{}\n'.format(heading))
    assert found, 'no heading {!r}'.format(heading)
    return re.split(r'\n#{{1,{}}} '.format(level), rest)[0]


def rows(text):
    """The cells of each table row in a text, without the heads of the tables."""
    lines = re.findall(r'^\| (.*?) *\|$', text, re.MULTILINE)
    table = [[cell.strip() for cell in line.split('|')] for line in lines]
    return [row for i, row in enumerate(table)
            if not row[0].startswith('---')
            and not (i + 1 < len(table) and table[i + 1][0].startswith('---'))]


def blocks(text, language):
    return re.findall(r'```{}\n(.*?)```'.format(language), text, re.DOTALL)


def readme(interface):
    return (ROOT / 'interfaces' / interface / 'README.md').read_text()


def flag_names(side):
    return [name.format('{endpoint}')
            for _, names in layer(side.interface, 'common.flags').FLAGS[side.role]
            for name in names]


def test_methods_table_lists_each_public_method_with_its_signature(side):
    inherited = set(dir(RelationBase))
    methods = {
        method + re.sub('self(, )?', '', str(inspect.signature(function)))
        for method, function in inspect.getmembers(side.cls, inspect.isfunction)
        if not method.startswith('_') and method not in inherited}
    assert 'dismiss_joining()' in methods
    table = rows(section(readme(side.interface), '### Methods of `{}`'.format(side.id)))
    documented = [row[0].strip('`') for row in table]
    assert sorted(documented) == sorted(methods)
    for method in documented:
        assert getattr(side.cls, method.split('(')[0]).__doc__


def test_flags_table_and_docstring_list_each_flag(side):
    table = rows(section(readme(side.interface),
                         '### Flags on the {} side'.format(side.role)))
    assert [row[0] for row in table] == [
        '`{}`'.format(flag) for flag in flag_names(side)]
    names = re.findall(r'`(\w+)`[,:]', side.cls.__doc__)
    assert ['{endpoint}.' + name for name in names] == [
        flag for flag in flag_names(side) if not flag.startswith('endpoint.')]


def test_unit_data_table_lists_each_key(side):
    table = rows(section(readme(side.interface), '## The unit-data protocol'))
    assert [(row[0], row[2]) for row in table] == [
        ('`{}`'.format(key.name), 'optional' if key.optional else 'required')
        for key in side.cls.keys]


def test_application_data_tables_list_each_key_of_the_schema():
    path = ROOT / 'interfaces' / 'zookeeper' / 'schema-application.json'
    schema = json.loads(path.read_text())['properties']
    keys = [key for side in ('client', 'server') for key in schema[side]['properties']]
    table = rows(section(readme('zookeeper'), '## The application-data protocol'))
    assert [row[0].strip('`') for row in table] == keys


@pytest.mark.parametrize('interface', INTERFACES)
def test_complete_handlers_are_quotes_from_the_examples(interface):
    # tests/functional/test_pages.py runs the others, which import what they use
    quoted = [block for block in blocks(readme(interface), 'python')
              if not block.startswith('from ')]
    handlers = [path.read_text() for path in ROOT.glob('examples/*/reactive/*.py')]
    assert len(quoted) == {'zookeeper': 5, 'flume-agent': 3}[interface]
    for block in quoted:
        assert any('\n\n' + block in text for text in handlers), block


@pytest.mark.parametrize('interface', INTERFACES)
def test_metadata_and_layer_yaml_are_quotes_from_the_examples(interface):
    quoted = blocks(readme(interface), 'yaml')
    files = [path.read_text() for pattern in ('metadata', 'layer')
             for path in ROOT.glob('examples/*/{}.yaml'.format(pattern))]
    assert len(quoted) == 3
    for block in quoted:
        assert any(block in text for text in files), block


@pytest.mark.parametrize('column, role', [(1, 'requires'), (2, 'provides')])
def test_first_flags_table_lists_each_flag_of_both_roles(column, role):
    table = rows(section((ROOT / 'README.md').read_text(), '## Flags'))
    documented = [flag for row in table if row[column] != '-'
                  for flag in row[0].split(', ')]
    for side in SIDES:
        if side.role == role:
            assert sorted(documented) == sorted(
                '`{}`'.format(flag) for flag in flag_names(side))
