"""What the hooks of all classes cost, at all sizes."""
from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from operator import truediv
from statistics import median
from typing import NamedTuple

from standin import Hook, InProcessCharm

from .charms import OTHER, Side
from .fleet import Fleet

# (relations, remote units); the units are spread evenly over the relations, and
# there is no size with fewer units than relations
SIZES = [(relations, units) for relations in (1, 10, 100)
         for units in (1, 5, 20, 100, 1000) if units >= relations]
HOOKS = ('created', 'joined', 'changed', 'departed', 'broken',
         'update-status', 'upgrade-charm', 'config-changed')
# the calls by which something is published, and found to have been kept
PUBLISHING = ('relation-set', 'relation-set --help', 'relation-get (confirming)')
# at more units the naive layer takes too long to be timed often
OFTEN = 100


class Row(NamedTuple):
    """One hook of a class.

    `units` are there beside the one that the hook tells of, and `relations` beside
    the one that is created or broken.
    """
    cls: str
    layer: str          # 'layer' or 'naive'
    hook: str
    relations: int
    units: int
    calls: dict[str, int]   # of hook tools by the layer
    cpu: float          # milliseconds of the dispatch
    bare: float         # the same hook of a charm without the layer
    unrelated: float    # of a charm with the layer, whose endpoint has no relation
    over_one: float     # times the hook with one unit: the median of rounds
    over_unrelated: float       # times the hook without a relation: the same
    bytes: int          # in the key/value store


def asked(calls: dict[str, int]) -> int:
    """The number of calls beside those for publishing."""
    return sum(count for tool, count in calls.items() if tool not in PUBLISHING)


class ScaleOut(NamedTuple):
    """One relation growing from one remote unit to many."""
    cls: str
    layer: str
    units: int
    events: int
    calls: int          # by the layer
    most: int           # in one hook, beside those for publishing


def story(fleet: Fleet) -> Iterator[tuple[str, Hook]]:
    """The kinds of hooks, one after another, each with the fleet ready for it."""
    for kind in ('update-status', 'upgrade-charm', 'config-changed'):
        yield kind, fleet.hook(kind)
    new = len(fleet.unit.known)
    fleet.relate(new)
    yield 'created', fleet.hook('created', new)
    fleet.run(fleet.hook('created', new))
    fleet.settle()
    yield 'broken', fleet.hook('broken', new)
    fleet.run(fleet.hook('broken', new))
    fleet.part(new)
    unit = 5000
    fleet.publish(0, unit)
    yield 'joined', fleet.hook('joined', 0, unit)
    fleet.run(fleet.hook('joined', 0, unit))
    fleet.join(0, unit)
    fleet.publish(0, unit, 2182)
    yield 'changed', fleet.hook('changed', 0, unit)
    fleet.run(fleet.hook('changed', 0, unit))
    yield 'departed', fleet.hook('departed', 0, unit)


def rows(cls: str, side: Side, charms: dict[str, InProcessCharm],
         sizes: list[tuple[int, int]], rounds: int) -> Iterator[Row]:
    """Each hook of one class at each size.

    CPU times and their ratios are medians of rounds, in each of which all fleets take
    part, so that what disturbs the machine disturbs all of them.
    """
    fleets = {(layer, *size): Fleet(charms[layer], side, *size)
              for layer in ('layer', 'naive') for size in sizes}
    fleets['bare'] = Fleet(charms['bare'], side, 1, 1)
    fleets['unrelated'] = Fleet(charms['layer'], side, 1, 1, OTHER)
    for name, fleet in fleets.items():
        if name[0] == 'naive':
            fleet.converse()
        else:
            fleet.settle()
    bytes_ = {name: fleet.size() for name, fleet in fleets.items()}
    gc.collect()
    gc.freeze()     # a hook's process is not burdened with these fleets
    naive = [name for name in fleets if name[0] == 'naive']
    others = [name for name in fleets if name[0] != 'naive']
    shuffle = random.Random(cls).shuffle
    for steps in zip(*map(story, fleets.values())):
        hooks = dict(zip(fleets, steps))
        seconds = {name: [] for name in fleets}
        calls = {}
        for turn in range(rounds):
            shuffle(naive)
            shuffle(others)
            for name in naive + others:     # what is compared, close together
                if name in naive and name[2] > OFTEN and turn > 0:
                    continue
                gc.collect()
                context = fleets[name].try_(hooks[name][1])
                seconds[name].append(context.cpu)
                calls[name] = dict(sorted(context.own.items()))
        for name in fleets:
            if len(name) == 3:
                layer, relations, units = name
                one, idle = seconds[layer, 1, 1], seconds['unrelated']
                yield Row(cls, layer, steps[0][0], relations, units, calls[name],
                          *(round(1000 * median(found), 3)
                            for found in (seconds[name], seconds['bare'], idle)),
                          *(round(median(map(truediv, seconds[name], than)), 3)
                            for than in (one, idle)),
                          bytes_[name] - bytes_['bare'])
    gc.unfreeze()


def scale_out(cls: str, side: Side, charm: InProcessCharm, layer: str,
              units: int) -> ScaleOut:
    """What one relation costs while it grows."""
    fleet = Fleet(charm, side, 1, 0)
    fleet.settle()
    hooks = []
    for unit in range(units):
        fleet.publish(0, unit)
        for kind in ('joined', 'changed'):
            hooks.append(fleet.run(fleet.hook(kind, 0, unit)).own)
            fleet.join(0, unit)
    return ScaleOut(cls, layer, units, len(hooks),
                    sum(calls.total() for calls in hooks), max(map(asked, hooks)))
