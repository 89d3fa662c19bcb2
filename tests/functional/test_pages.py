"""README.md and docs: the short handlers run unchanged, and all links work."""
import json
import re

import pytest
import yaml

from juju_standin import BuiltCharm, Model
from juju_standin.build import LAYERS

from .building_page import shell
from .conftest import FIXTURE_CHARMS
from .layers import build_in_process, proof, write_layer
from .pages import PAGES, ROOT, blocks


def short_handlers(page):
    """The client's and the server's short handlers: the blocks with imports."""
    return [block for block in blocks(page, 'python') if block.startswith('from ')]


def charm(path, name, interface, role, endpoint, handlers):
    """A built charm with these handlers. They write to `path` instead of `/etc`."""
    layer = write_layer(path / 'layer' / name, name, handlers.replace(
        '/etc/', '{}/'.format(path)), [interface], **{role: {endpoint: interface}})
    return build_in_process(layer, path / 'built')


@pytest.fixture
def related(tmp_path):
    """Relates a client to two server units; returns the model and the service actions.
    """
    def related(interface, client, server):
        model = Model('3.6')
        for units, role, (name, endpoint, handlers) in [
                (1, 'requires', client), (2, 'provides', server)]:
            model.deploy(name, charm(tmp_path, name, interface, role, endpoint,
                                     handlers), units=units)
        model.relate('{}:{}'.format(*client), '{}:{}'.format(*server))
        runs = model.settle()
        assert [run.log for run in runs if run.status] == []
        return model, [action for run in runs for action in run.services]
    return related


def test_handlers_in_readme_return_the_connection_string(related):
    client, server = short_handlers('README.md')
    model, _ = related('zookeeper', ('kafka', 'zookeeper', client),
                       ('zk', 'zkclient', server))
    assert model.unit('kafka/0').status == ('active', '{}:2181,{}:2181/kafka'.format(
        *(model.unit(name).address for name in ('zk/0', 'zk/1'))))


def test_handlers_in_readme_work_with_servers_that_require_a_request(tmp_path):
    client, _ = short_handlers('README.md')
    model = Model('4.0')
    model.deploy('kafka', charm(tmp_path, 'kafka', 'zookeeper', 'requires', 'zookeeper',
                                client))
    model.deploy('zk', BuiltCharm(FIXTURE_CHARMS / 'plain-server', tmp_path))
    model.relate('kafka:zookeeper', 'zk:zookeeper')
    model.settle()
    assert model.unit('kafka/0').status == ('active', '{}:2181/kafka'.format(
        model.unit('zk/0').address))


def test_short_zookeeper_handlers_write_the_servers_and_restart(related, tmp_path):
    client, server = short_handlers('interfaces/zookeeper/README.md')
    (tmp_path / 'kafka').mkdir()
    model, services = related(
        'zookeeper', ('client', 'zookeeper', client), ('zk', 'zkclient', server))
    addresses = [model.unit(name).address for name in ('zk/0', 'zk/1')]
    assert (tmp_path / 'kafka' / 'zookeeper.properties').read_text() == (
        'zookeeper.connect={}:2181,{}:2181/kafka\n'.format(*addresses))
    assert set(services) == {('restart', 'kafka')}


def test_short_flume_handlers_write_one_sink_and_restart(related, tmp_path):
    client, server = short_handlers('interfaces/flume-agent/README.md')
    (tmp_path / 'flume').mkdir()
    model, services = related(
        'flume-agent', ('agent', 'sink', client), ('hdfs', 'source', server))
    assert (tmp_path / 'flume' / 'sink.conf').read_text() in [
        'a1.sinks.sink.type = avro\na1.sinks.sink.hostname = {}\n'
        'a1.sinks.sink.port = 4141\n'.format(model.unit(name).address)
        for name in ('hdfs/0', 'hdfs/1')]
    assert services == [('restart', 'flume')]


def test_handlers_page_quotes_the_example():
    action, handler, _ = blocks('docs/handlers.md', 'python')
    example = ROOT / 'examples' / 'rolling-restart'
    assert blocks('docs/handlers.md', 'yaml') == [
        (example / 'actions.yaml').read_text()]
    assert action == (example / 'actions' / 'servers').read_text()
    assert '\n\n' + handler in (example / 'reactive/rolling_restart.py').read_text()


def test_readme_has_the_first_command_of_the_building_page():
    first, _ = blocks('README.md', 'console')
    assert first == blocks('docs/building.md', 'console')[0]


def test_commands_in_readme_build_its_charm(tmp_path):
    (tmp_path / 'kafka' / 'reactive').mkdir(parents=True)
    for name, text in zip(['metadata.yaml', 'layer.yaml', 'reactive/kafka.py'],
                          blocks('README.md', 'yaml') + blocks('README.md', 'python')):
        (tmp_path / 'kafka' / name).write_text(text)
    shell(blocks('README.md', 'console')[0], tmp_path / 'kafka',
          CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=str(LAYERS))
    built = tmp_path / 'built' / 'kafka'
    assert (built / 'hooks' / 'relations' / 'zookeeper' / 'requires.py').is_file()
    assert [line for line in proof(built) if line.startswith('E')] == []


@pytest.mark.parametrize('interface', ['zookeeper', 'flume-agent'])
def test_layer_index_entry_has_folder_and_address_of_layer(interface):
    entry, = [entry for entry in map(json.loads, blocks('docs/building.md', 'json'))
              if entry['id'] == interface]
    layer = ROOT / entry['subdir']
    assert layer == ROOT / 'interfaces' / interface
    index = yaml.safe_load((layer / 'interface.yaml').read_text())
    assert index['name'] == entry['name'] == interface
    assert index['repo'] == entry['repo']


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    return {re.sub(r'[^\w -]', '', heading.lower()).replace(' ', '-')
            for heading in re.findall(r'^#+ (.*)$', page.read_text(), re.MULTILINE)}


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_to_a_file_or_heading(page):
    for target in re.findall(r'\]\(([^)\s]+)\)', page.read_text()):
        if '://' not in target:
            name, _, anchor = target.partition('#')
            path = (page.parent / name) if name else page
            assert path.exists(), target
            assert not anchor or anchor in anchors(path), target
