"""How many calls a hook may make: what the layers' own table comes to."""
from __future__ import annotations

from collections import Counter

import conftest  # noqa: F401  makes the layers importable
from relations.zookeeper.juju import FULL_LOOK_HOOKS, LOOKS


def price(role: str, hook: str, relations: int, units: int, to_tell: int = 0,
          to_confirm: int = 0) -> Counter[str]:
    """The calls of one hook, by tool.

    :param hook: one of the kinds in `LOOKS`, or the name of a hook of no relation
    :param relations, units: that the endpoint has
    :param to_tell: relations that do not hold yet what is to be published
    :param to_confirm: relations of which this is not known since it was written
    """
    if hook not in LOOKS[role]:
        hook = 'full' if hook in FULL_LOOK_HOOKS else 'other'
    here = relations if hook == 'full' else 1
    cost = {
        'relations': {'relation-ids': 1},
        'members': {'relation-list': here},
        'unit': {'relation-get': 1},
        'units': {'relation-get': units},
        'own': {'relation-get': to_confirm if hook == 'other' else here},
    }
    calls = Counter({'relation-set': to_tell})
    for look in LOOKS[role][hook]:
        calls.update(cost[look])
    return +calls
