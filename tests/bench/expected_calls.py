"""How many hook-tool calls a hook may make, according to the layers' own table."""
from __future__ import annotations

from collections import Counter

import conftest  # noqa: F401  makes the layers importable
from relations.zookeeper.juju import FULL_LOOK_HOOKS as FULL_READ_HOOKS
from relations.zookeeper.juju import LOOKS as READS
from relations.zookeeper.juju import TELLING_HOOKS


def expected_calls(role: str, hook: str, relations: int, units: int,
                   to_write: int = 0, to_confirm: int = 0, granting: int = 0,
                   secrets: int = 0, to_request: int = 0) -> Counter[str]:
    """The calls of one hook, by hook tool.

    :param hook: a kind of hook in `READS`, or the name of a hook without a relation
    :param relations: number of the endpoint's relations
    :param units: number of remote units in all of them
    :param to_write: relations in which this unit's data should change
    :param to_confirm: relations written in an earlier hook and not read since then
    :param granting: relations whose application the role sends a request to
    :param secrets: secrets in the application data that the hook reads
    :param to_request: relations not known to the leader to have its request
    """
    if hook not in READS[role]:
        hook = 'full' if hook in FULL_READ_HOOKS else TELLING_HOOKS.get(hook, 'other')
    here = relations if hook == 'full' else 1
    calls_of_read = {
        'relations': {'relation-ids': 1},
        'members': {'relation-list': here},
        'unit': {'relation-get': 1, 'secret-get': secrets},
        'units': {'relation-get': units},
        'published': {'relation-get': granting, 'secret-get': secrets},
        'asked': {'is-leader': int(to_request > 0), 'relation-get': to_request},
        'own': {'relation-get': to_confirm if hook in ('other', 'secret') else here},
    }
    calls = Counter({'relation-set': to_write})
    for read in READS[role][hook]:
        calls.update(calls_of_read[read])
    return +calls
