"""Records, relations and hooks as plain values, for tests of the record."""
import copy
import json

from .harness import layer

hooktools = layer('zookeeper', 'common.hooktools')
records = layer('zookeeper', 'common.record')

SERVER = {'host': '10.0.0.1', 'port': '2181'}
OTHER_SERVER = {'host': '10.0.0.2', 'port': '2181'}


def hook(kind, unit=None, relation_id='zk:1', application='remote'):
    """A hook of a relation."""
    return hooktools.Hook('zk-relation-' + kind, kind, relation_id, unit, application)


def relation(sources, application='remote', **fields):
    """A relation with units, given as {unit: details}."""
    units = sorted(source for source in sources if '/' in source)
    return records.Relation(dict(records.Relation.create(), application=application,
                                 units=units, sources=dict(sources), **fields))


def record(relations=None, role='requires', **fields):
    created = records.Record.create(role, 'zookeeper', {})
    return records.Record(copy.deepcopy(
        dict(created, relations=relations or {}, **fields)))


def assert_is_json(value):
    assert json.loads(json.dumps(value)) == value
