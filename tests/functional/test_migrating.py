"""What differs between earlier layers of these names and these: MIGRATING.md.

Each row of its tables names a test here or in a file beside this one. `was` is a world
whose charms were built with the earlier layers, `now` one with these.
"""
import json
import re
from pathlib import Path

import pytest

from juju_standin import InProcessCharm, build

from . import throwaway
from .conftest import EARLIER_LAYERS, INTERFACES, TESTS
from .neighbours import Publisher
from .styles import STYLES, Pair
from .world import AVAILABLE, World

PAGE = (TESTS.parent / 'MIGRATING.md').read_text()
HERE = Path(__file__)


# The page.

def rows():
    """The cells of each row of its tables, without the headings."""
    lines = re.findall(r'^\| (`.*) \|$', PAGE, re.M)
    return [[cell.strip() for cell in line.split(' | ')] for line in lines]


def named(text):
    return re.findall(r'`(test_\w+)`', text)


def test_each_row_names_its_test_and_each_test_has_a_row():
    there = {name for file in HERE.parent.glob('test_*.py')
             for name in re.findall(r'^def (test_\w+)', file.read_text(), re.M)}
    assert rows()
    for row in rows():
        assert len(row) == 5 and named(row[-1]), row
    assert [name for name in named(PAGE) if name not in there] == []
    assert set(re.findall(r'^def (test_\w+)\(was', HERE.read_text(), re.M)) <= set(
        named(PAGE))


def test_what_the_rows_are_about_is_there():
    words = ' '.join(row[0] for row in rows())
    sources = '\n'.join(path.read_text() for path in INTERFACES.glob('*/*.py'))
    flags = re.findall(r'`(\w+)`', words)
    assert flags and [flag for flag in flags if "('{}', ".format(flag)
                      not in (INTERFACES / 'common' / 'flags.py').read_text()] == []
    inherited = {'conversation', 'conversations', 'get_remote', 'set_remote'}
    methods = set(re.findall(r'`(\w+)\(', words)) - inherited
    assert methods and [method for method in methods
                        if 'def {}('.format(method) not in sources] == []


def test_each_claim_of_what_is_kept_names_its_test():
    kept = PAGE.partition('\n## What an upgrade in place keeps\n')[2].partition(
        '\n## ')[0]
    claims = re.split(r'^\* ', kept, flags=re.M)[1:]
    assert claims and [claim for claim in claims if not named(claim)] == []


# Charms of the field, built with either layer.

class Versions:
    """Makes the same with earlier layers and with these."""

    def __init__(self, in_process, tmp_path):
        self.in_process, self.tmp_path = in_process, tmp_path

    def pairs(self, style, profile='3.6'):
        """Two servers and a client, related: with earlier layers, and with these."""
        return [self._pair(style, profile, layers)
                for layers in (EARLIER_LAYERS / style, INTERFACES)]

    def _pair(self, style, profile, layers):
        pair = Pair(World(profile), style, style,
                    self.in_process(style + '-server', layers),
                    self.in_process(style + '-client', layers))
        pair.model.add_unit('far')
        pair.zookeeper, pair.flume = pair.relate_zookeeper(), pair.relate_flume()
        pair.settle()
        return pair

    def charms(self, style, handlers, **ends):
        """A charm with these handlers: with earlier layers, and with these."""
        layer = throwaway.layer(self.tmp_path / 'layer', 'one', handlers,
                                ['zookeeper', 'flume-agent'], **ends)
        return [InProcessCharm(build(layer, self.tmp_path / name, layers))
                for name, layers in [('was', EARLIER_LAYERS / style),
                                     ('now', INTERFACES)]]

    def worlds(self, style, handlers, interface='zookeeper', **settings):
        """Such a charm as a client `one/0` of whoever publishes these settings."""
        worlds = []
        for charm in self.charms(style, handlers, requires={'end': interface}):
            world = World('3.6')
            world.model.deploy('one', charm)
            world.model.deploy('far', Publisher(interface, **settings))
            world.model.relate('one:end', 'far:end')
            worlds.append(world)
        return worlds


@pytest.fixture
def was_and_now(in_process, tmp_path):
    return Versions(in_process, tmp_path)


def known(world):
    return json.loads(world.file('one/0', 'known.json'))


# The requires side.

@pytest.mark.parametrize('style', STYLES)
def test_both_pairs_of_flags_are_set(was_and_now, style):
    was, now = was_and_now.pairs(style)
    assert len(was.world.flags('near/0', 'zookeeper')) == 2
    assert was.world.flags('near/0', 'zookeeper') < now.world.flags(
        'near/0', 'zookeeper')
    assert now.world.flags('near/0', 'zookeeper') >= AVAILABLE


def test_a_unit_that_can_not_be_used_is_not_listed(was_and_now):
    handlers = '''\
import json
from charms.reactive import when


@when('end.connected')
def write(end):
    with open('known.json', 'w') as known:
        json.dump(end.get_zookeeper_units(), known)
'''
    was, now = was_and_now.worlds('early', handlers, port='abc')
    was.settle()
    assert was.flags('one/0', 'end') >= {'available'}
    assert known(was)[-1][1] == 'abc'
    assert [run.status for run in now.model.settle() if run.status] == []
    assert not now.flags('one/0', 'end') & {'available'}
    assert known(now) == []


def test_changed_details_are_announced(was_and_now):
    for pair, port in zip(was_and_now.pairs('early'), (2181, 3000)):
        pair.model.set_config('far', port=3000)
        pair.settle()
        assert {server[1] for server in pair.known()['servers']} == {str(port)}


def test_an_object_knows_all_units(was_and_now):
    handlers = '''\
import json
from charms.reactive import when


@when('end.joining')
def write(end):
    with open('known.json', 'w') as known:
        json.dump(end.get_zookeeper_units(), known)
    end.dismiss_joining()
'''
    was, now = was_and_now.worlds('early', handlers, port='2181')
    for world, number in (was, 1), (now, 2):
        world.settle()
        world.model.add_unit('far')
        world.settle()
        assert len(known(world)) == number


def test_the_sink_is_asked_for_while_there_is_none(was_and_now):
    handlers = '''\
import json
from charms.reactive import when


@when('end.connected')
def write(end):
    try:
        found = end.get_flume_port()
    except LookupError:
        found = 'LookupError'
    with open('known.json', 'w') as known:
        json.dump(found, known)
'''
    for world, found in zip(was_and_now.worlds('early', handlers, 'flume-agent'),
                            (None, 'LookupError')):
        world.settle()
        assert known(world) == found


def test_juju_4_has_addresses(was_and_now):
    was, now = was_and_now.pairs('later', profile='4.0')
    assert [sink['host'] for sink in was.known()['sinks']] == [None, None]
    now.knows('far/0', 'far/1')
    was, now = was_and_now.pairs('early', profile='4.0')
    assert 'available' not in was.world.flags('near/0', 'zookeeper')
    now.knows('far/0', 'far/1')


CONVERSATIONS = '''\
import json
from charms.reactive import when


def outcome(method, *arguments):
    try:
        return method(*arguments)
    except ValueError:
        return 'ValueError'


@when('end.connected')
def write(end):
    found = [len(end.conversations()), outcome(end.get_remote, 'port')]
    with open('known.json', 'w') as known:
        json.dump(found, known)
'''


def test_there_are_no_conversations(was_and_now):
    for world, found in zip(was_and_now.worlds('early', CONVERSATIONS, port='2181'),
                            ([1, '2181'], [0, 'ValueError'])):
        run = world.model.step()
        while (run.unit, run.hook.kind) != ('one/0', 'changed'):
            run = world.model.step()
        assert run.status == 0
        assert known(world) == found


# The provides side.

def serve(world, charm):
    """Relate a charm's `one/0` to a client of ZooKeeper that does nothing."""
    client = Publisher('zookeeper')
    client.metadata = {'requires': client.metadata['provides']}
    world.model.deploy('one', charm)
    world.model.deploy('client', client)
    relation = world.model.relate('one:end', 'client:end')
    world.settle()
    return relation


@pytest.mark.parametrize('style, flag', [('early', 'connected'), ('later', 'joined')])
def test_one_of_several_clients_leaves(was_and_now, style, flag):
    for pair, there in zip(was_and_now.pairs(style), (False, True)):
        pair.model.add_unit('near')
        pair.settle()
        pair.model.remove_unit('near/1')
        pair.settle()
        assert (flag in pair.world.flags('far/0', 'zkclient')) == there


@pytest.mark.parametrize('style, flag, before', [('early', 'available', True),
                                                 ('later', 'ready', False)])
def test_a_provider_that_has_sent_nothing(was_and_now, style, flag, before):
    for charm, there in zip(was_and_now.charms(style, '', provides={
            'end': 'zookeeper'}), (before, not before)):
        world = World('3.6')
        serve(world, charm)
        assert (flag in world.flags('one/0', 'end')) == there


def test_a_second_application_is_told(was_and_now, in_process):
    for pair, told in zip(was_and_now.pairs('early'), ({}, {'port': '2181'})):
        pair.model.deploy('second', in_process('early-client'))
        relation = pair.model.relate('far:zkclient', 'second:zookeeper')
        pair.settle()
        assert pair.world.told(relation, 'far/0') == told


def test_a_mistake_is_not_published(was_and_now):
    was, now = was_and_now.pairs('early')
    for pair in was, now:
        pair.model.set_config('far', port=70000)
    was.settle()
    assert was.world.told(was.zookeeper, 'far/0') == {'port': '70000'}
    run = now.model.step()
    assert (run.unit, run.hook.kind, run.status) == ('far/0', 'config-changed', 1)
    assert any('ValueError: port is 70000, not an integer from 1 to 65535' in message
               for _, message in run.log)
    assert now.world.told(now.zookeeper, 'far/0') == {'port': '2181'}


def test_nothing_is_written_to_conversations(was_and_now):
    handlers = CONVERSATIONS.replace("end.get_remote, 'port'",
                                     "end.set_remote, 'port', '2181'")
    for charm, outcome in zip(was_and_now.charms('early', handlers, provides={
            'end': 'zookeeper'}), (None, 'ValueError')):
        world = World('3.6')
        relation = serve(world, charm)
        assert known(world)[1] == outcome
        assert world.told(relation, 'one/0') == ({} if outcome else {'port': '2181'})
