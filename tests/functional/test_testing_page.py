"""TESTING.md: the files on the page are written as shown, and run."""
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from .conftest import TESTS
from .pages import ENVIRONMENT, PLUGIN, ROOT, files

PAGE = (ROOT / 'TESTING.md').read_text()
FILES = files(PAGE)
README = files((ROOT / 'README.md').read_text())
WAYS = sorted(name for name in FILES if '/test_' in name)


@pytest.fixture(scope='module')
def project(tmp_path_factory):
    """A charm's layer with the files in README.md and on the page."""
    path = tmp_path_factory.mktemp('page') / 'kafka'
    for name, text in {**README, **FILES}.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text.replace('<clone>', str(ROOT)))
    return path


def run(project, *options):
    """Run the test files; return {file: {outcome}} and the output."""
    report = project.parent / 'report.xml'
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', *PLUGIN, '-p', 'no:cacheprovider',
         '-p', 'no:cov', '-p', 'no:xdist', '-o', 'junit_family=xunit1',
         '--junit-xml', report, *options, *WAYS],
        cwd=project, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)
    outcomes = {name: set() for name in WAYS}
    for case in ET.parse(report).iter('testcase'):
        outcomes[case.get('file')].add(case[0].tag if len(case) else 'passed')
    return outcomes, done.stdout


def test_page_has_a_section_for_each_way_to_test():
    assert len(WAYS) == 3
    assert PAGE.count('\n## ') == 3
    assert PAGE.startswith('# Testing your charm\n\n```console\n$ pip install <clone>')


def test_metadata_and_layer_come_from_readme():
    assert '[README.md](README.md#use-the-layers)' in PAGE
    assert set(README) == {'metadata.yaml', 'layer.yaml', 'reactive/kafka.py'}


def test_tests_on_page_pass(project):
    outcomes, output = run(project)
    assert outcomes == dict.fromkeys(WAYS, {'passed'}), output


@pytest.mark.slow
@pytest.mark.parametrize('statement, ways', [
    ("host.service_restart('kafka')", 3), ("zookeeper.request('/kafka')", 2)])
def test_tests_on_page_fail_if_handlers_lack_a_statement(project, statement, ways):
    handlers = project / 'reactive' / 'kafka.py'
    text = handlers.read_text()
    assert text.count(statement) == 1
    handlers.write_text(text.replace(statement, 'pass'))
    try:
        outcomes, output = run(project)
    finally:
        handlers.write_text(text)
    assert sum('failure' in found for found in outcomes.values()) == ways, output


IMPORTS = '''\
from charms import layer
from charms.coordinator import acquire
from charms.layer import status
from own import NAME
'''


@pytest.mark.slow
def test_handlers_with_modules_of_other_layers_pass_if_conftest_names_them(
        project, monkeypatch):
    monkeypatch.setitem(ENVIRONMENT, 'CHARM_LAYERS_DIR',
                        str(TESTS / 'fixtures' / 'layers'))
    copy = shutil.copytree(project, project.parent / 'importing' / 'kafka')
    (copy / 'lib').mkdir()
    (copy / 'lib' / 'own.py').write_text("NAME = 'kafka'\n")
    includes, handlers = copy / 'layer.yaml', copy / 'reactive' / 'kafka.py'
    includes.write_text(includes.read_text().replace(
        "'layer:basic'", "'layer:basic', 'layer:status', 'layer:coordinator'"))
    handlers.write_text(IMPORTS + handlers.read_text())
    # layer:coordinator does not run in Juju 4
    outcomes, output = run(copy, '-k', 'not 4.0 and not kafka_uses_new_credentials')
    assert outcomes == dict.fromkeys(WAYS, {'passed'}), output


def test_class_with_a_dash_in_its_layer_can_be_imported_as_on_page(project):
    code, = re.findall(r'`(importlib\..*?)`', PAGE)
    (project / 'test_import.py').write_text(
        'import importlib\n\ndef test_it():\n    assert {}.agents\n'.format(code))
    done = subprocess.run([sys.executable, '-m', 'pytest', *PLUGIN, 'test_import.py'],
                          cwd=project, env=ENVIRONMENT, text=True,
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stdout
