"""One unit in many relations to many units, and what its hooks cost.

Its state is put together instead of played, which for a thousand units would take
too long. What answers the hook tools is the stand-in's own context.
"""
from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from unittest import mock

import charms.reactive
from charmhelpers.core import unitdata
from charms.reactive.relations import Conversation
from standin import Context, Hook, InProcessCharm, Model
from standin.state import Bag, Known, Relation

from .charms import ENDPOINT, Side

LOCAL = 'local/0'
# what Juju writes in a unit's settings
ADDRESS = {'ingress-address': '10.0.0.1', 'egress-subnets': '10.0.0.1/32',
           'private-address': '10.0.0.1'}
TRACE, LAYER = 'trace', 'layer'


@lru_cache(None)
def _whose(file: str) -> str:
    if Path(file).match('charms/reactive/trace.py'):
        return TRACE
    return LAYER if Path(file).match('hooks/relations/*/*.py') else ''


class Measured(Context):
    """A hook that knows which calls are the layer's, and what it cost."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.own: Counter[str] = Counter()      # the layer's calls, by tool
        self.cpu = 0.0      # seconds that the dispatch took, without the hook tools

    def call(self, argv, *args, **kwargs):
        start = time.process_time()
        self._count(argv)
        result = super().call(argv, *args, **kwargs)
        self.cpu -= time.process_time() - start
        return result

    def _count(self, argv: list[str]) -> None:
        """Count a call of the layer: one that its code led to, other than what
        charms.reactive logs of flags."""
        callers = set()
        frame = sys._getframe(2)
        while frame:
            callers.add(_whose(frame.f_code.co_filename))
            frame = frame.f_back
        if LAYER in callers and TRACE not in callers:
            # what was published is asked for to see that Juju kept it
            self.own[argv[0] + (' --help' if '--help' in argv else
                                ' (confirming)' if argv[-1] == LOCAL else '')] += 1

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Time the dispatch, with the import of the charm's modules."""
        main = charms.reactive.main

        def timed():
            start = time.process_time()
            main()
            self.cpu += time.process_time() - start

        with mock.patch.object(charms.reactive, 'main', timed):
            yield


class Fleet:
    """The unit `local/0` of a charm, in relations to remote units.

    :param int units: spread evenly over the relations; Juju knows them, and the
        charm was not told
    """

    def __init__(self, charm: InProcessCharm, side: Side, relations: int,
                 units: int, endpoint: str = ENDPOINT):
        self.charm, self.side, self.endpoint = charm, side, endpoint
        self.model = Model()
        self.model.deploy('local', charm)
        self.unit = self.model.unit(LOCAL)
        self.store = self._after = unitdata.Storage(':memory:')
        for number in range(relations):
            self.relate(number)
        for number in range(units):
            self.publish(number % relations, number // relations)
            self.join(number % relations, number // relations)

    # What Juju knows.

    def relate(self, number: int) -> None:
        relation = Relation(number, {'local': self.endpoint, _app(number): 'near'})
        relation.bags[LOCAL] = Bag(dict(ADDRESS))
        relation.scope.add(LOCAL)
        self.unit.known[number] = Known(relation)
        self.unit.created.add(number)

    def publish(self, number: int, unit: int, port: int = 2181) -> None:
        """Have a remote unit publish its details."""
        bags = self.unit.known[number].relation.bags
        bags[_name(number, unit)] = Bag(dict(ADDRESS, **self.side.settings(port)))

    def join(self, number: int, unit: int) -> None:
        self.unit.known[number].members[_name(number, unit)] = 1

    def leave(self, number: int, unit: int) -> None:
        del self.unit.known[number].members[_name(number, unit)]

    def part(self, number: int) -> None:
        del self.unit.known[number]

    # What the charm is told.

    def hook(self, kind: str, number: int | None = None,
             unit: int | None = None) -> Hook:
        """A hook; of a relation and of a remote unit, if they are given."""
        if number is None:
            return Hook(kind, kind)
        remote = '' if unit is None else _name(number, unit)
        return Hook('{}-relation-{}'.format(self.endpoint, kind), kind,
                    '{}:{}'.format(self.endpoint, number), remote, _app(number),
                    remote if kind == 'departed' else '')

    def try_(self, hook: Hook) -> Measured:
        """Run a hook that leaves nothing behind."""
        self._after = self.unit.disk['store'] = unitdata.Storage(':memory:')
        self.store.conn.backup(self._after.conn)
        context = Measured(self.model, self.unit, hook, {})
        with context.clock():
            if self.charm.run(context):
                raise RuntimeError('{}: {}'.format(hook, context.log[-1]))
        return context

    def run(self, hook: Hook) -> Measured:
        """Run a hook, and keep what it wrote."""
        context = self.try_(hook)
        self.store = self._after
        for (number, _), settings in context.buffered.items():
            data = self.unit.known[number].relation.bags[LOCAL].data
            data.update(settings)
        return context

    def settle(self) -> None:
        """Tell the charm of all there is, in hooks in which a layer looks around;
        afterwards it has nothing left to do."""
        for kind in ('update-status', 'config-changed'):
            self.run(self.hook(kind))

    def converse(self) -> None:
        """Write what RelationBase and the naive layer keep of all units."""
        keys = []
        for number, known in self.unit.known.items():
            rid = '{}:{}'.format(self.endpoint, number)
            for name in known.members:
                conversation = Conversation(rid, {name}, name)
                self.store.set(conversation.key, Conversation.serialize(conversation))
                keys.append(conversation.key)
        for flag in {'connected', self.side.flag}:
            self.store.set('reactive.states.{}.{}'.format(self.endpoint, flag),
                           {'relation': self.endpoint, 'conversations': keys})
        self.store.flush()

    def size(self) -> int:
        """Bytes in the key/value store: of keys and values, without sqlite's."""
        return self.store.conn.execute(
            'select coalesce(sum(length(key) + length(data)), 0) from kv'
        ).fetchone()[0]


def _app(number: int) -> str:
    return 'app{}'.format(number)


def _name(number: int, unit: int) -> str:
    return '{}/{}'.format(_app(number), unit)
