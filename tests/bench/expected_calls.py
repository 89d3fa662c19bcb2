"""How many calls a hook may make: what the layers' own table comes to."""
from __future__ import annotations

from collections import Counter

import conftest  # noqa: F401  makes the layers importable
from relations.zookeeper.juju import FULL_LOOK_HOOKS, LOOKS, TELLING_HOOKS


def price(role: str, hook: str, relations: int, units: int, to_tell: int = 0,
          to_confirm: int = 0, granting: int = 0, secrets: int = 0,
          to_ask: int = 0) -> Counter[str]:
    """The calls of one hook, by tool.

    :param hook: one of the kinds in `LOOKS`, or the name of a hook of no relation
    :param relations, units: that the endpoint has
    :param to_tell: relations that do not hold yet what is to be published
    :param to_confirm: relations of which this is not known since it was written
    :param granting: relations whose application is asked for something
    :param secrets: that are named by the applications whose settings are read
    :param to_ask: relations of which the leader does not know that it was asked there
    """
    if hook not in LOOKS[role]:
        hook = 'full' if hook in FULL_LOOK_HOOKS else TELLING_HOOKS.get(hook, 'other')
    here = relations if hook == 'full' else 1
    cost = {
        'relations': {'relation-ids': 1},
        'members': {'relation-list': here},
        'unit': {'relation-get': 1, 'secret-get': secrets},
        'units': {'relation-get': units},
        'published': {'relation-get': granting, 'secret-get': secrets},
        'asked': {'is-leader': int(to_ask > 0), 'relation-get': to_ask},
        'own': {'relation-get': to_confirm if hook in ('other', 'secret') else here},
    }
    calls = Counter({'relation-set': to_tell})
    for look in LOOKS[role][hook]:
        calls.update(cost[look])
    return +calls
