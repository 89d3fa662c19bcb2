"""What the layers promise to cost, in hook-tool calls."""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from .measure import PUBLISHING, Row, ScaleOut, asked

HEALING = ('update-status', 'upgrade-charm')
PER_EVENT = 3


def limit(row: Row) -> int:
    """How many calls a hook may make, beside those for publishing."""
    if row.hook in HEALING:
        return 1 + row.relations
    return 0 if row.hook == 'config-changed' else PER_EVENT


def broken(rows: Iterable[Row], growth: Iterable[ScaleOut]) -> Iterator[str]:
    """A sentence about each hook of the layers that costs more than promised."""
    for row in rows:
        if row.layer != 'layer':
            continue
        where = '{} of {} with {} relations and {} units'.format(
            row.hook, row.cls, row.relations, row.units)
        if asked(row.calls) > limit(row):
            yield '{} makes {} calls, not {} at most'.format(where, row.calls,
                                                             limit(row))
        for tool in ('relation-get', *PUBLISHING):
            # only a new relation is news to anyone
            most = int(tool == 'relation-get' or row.hook == 'created')
            if row.calls.get(tool, 0) > most:
                yield '{} makes {} calls of {}'.format(where, row.calls[tool], tool)
    for grown in growth:
        if grown.layer == 'layer' and (grown.most > PER_EVENT
                                       or grown.calls > PER_EVENT * grown.events):
            yield '{} growing to {} units makes {} calls in {} hooks, {} in one'.format(
                grown.cls, grown.units, grown.calls, grown.events, grown.most)
