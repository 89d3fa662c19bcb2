"""TESTING.md: the files on the page are written as shown, and run."""
import dataclasses
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from juju_standin import HookRun, Model, Unit

from .conftest import TESTS
from .layers import write_layer

ROOT = TESTS.parent
PAGE = (ROOT / 'TESTING.md').read_text()
# the text above a block ends with a sentence that names the file
FILES = {re.findall(r'`([\w/]+\.\w+)`', above)[-1]: text for above, text in re.findall(
    r'((?:(?!```).)*?)```(?:python|ini)\n(.*?)```', re.sub(
        r'```console.*?```', '', PAGE, flags=re.DOTALL), re.DOTALL)}
WAYS = sorted(name for name in FILES if '/test_' in name)


@pytest.fixture(scope='module')
def project(tmp_path_factory):
    """A charm's layer with the files on the page."""
    path = tmp_path_factory.mktemp('page') / 'kafka'
    write_layer(path, 'kafka', FILES['reactive/kafka.py'], ['zookeeper'],
                requires={'zookeeper': 'zookeeper'})
    for name, text in FILES.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(text.replace('<clone>', str(ROOT)))
    return path


def run(project):
    """Run the test files; return {file: {outcome}} and the output."""
    report = project.parent / 'report.xml'
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider', '-p', 'no:cov',
         '-p', 'no:xdist', '-o', 'junit_family=xunit1', '--junit-xml', report, *WAYS],
        cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False)
    outcomes = {name: set() for name in WAYS}
    for case in ET.parse(report).iter('testcase'):
        outcomes[case.get('file')].add(case[0].tag if len(case) else 'passed')
    return outcomes, done.stdout


def test_page_has_a_section_for_each_way_to_test():
    assert len(WAYS) == 4
    assert PAGE.count('\n## ') == 4


def test_tests_on_page_pass(project):
    outcomes, output = run(project)
    assert outcomes == dict.fromkeys(WAYS, {'passed'}), output


def test_tests_on_page_fail_if_handler_does_not_restart_service(project):
    handlers = project / 'reactive' / 'kafka.py'
    text = handlers.read_text()
    handlers.write_text(text.replace("host.service_restart('kafka')", 'pass'))
    try:
        outcomes, output = run(project)
    finally:
        handlers.write_text(text)
    assert all('failure' in found for found in outcomes.values()), output


def test_methods_and_attributes_on_page_exist_in_stand_in():
    rows = re.findall(r'^\| (`.*?) \| .* \|$', PAGE, re.M)
    methods = [name for row in rows for name in re.findall(r'`(\w+)\(', row)]
    assert len(methods) > 10
    assert [name for name in methods if not hasattr(Model, name)] == []
    for what, cls in ('A unit', Unit), ('A run', HookRun):
        names, = re.findall(what + r' has (`[^.]*)\.', PAGE)
        fields = {field.name for field in dataclasses.fields(cls)}
        assert set() < set(re.findall(r'`(\w+)`', names)) <= fields


def test_requirements_on_page_are_those_of_tox():
    tools, = re.findall(r"'(charm-tools.*?)'", PAGE)
    assert '    {}\n'.format(tools) in (ROOT / 'tox.ini').read_text()
    assert '<clone>/tests/requirements.txt' in PAGE
    assert (TESTS / 'requirements.txt').exists()
