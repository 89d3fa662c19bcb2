"""How many hook-tool calls a hook may make according to the layers' own tables."""
from __future__ import annotations

from collections import Counter

import layer_path  # noqa: F401  makes the layers importable
from juju_standin.state import RELATION_HOOKS
from relations.zookeeper.app_reader import READS as APP_READS
from relations.zookeeper.common.reader import FULL_READ_HOOKS, READS

KINDS = (*RELATION_HOOKS, 'full', 'secret-changed', 'other')


def expected_calls(role: str, hook: str, relations: int, units: int,
                   to_write: int = 0, to_confirm: int = 0, granting: int = 0,
                   secrets: int = 0, new_secrets: int = 0,
                   to_request: int = 0) -> Counter[str]:
    """The calls of one hook, by hook tool.

    A relation that is not the unit's first one is assumed, and units that Juju lists.

    :param hook: one of `KINDS`, or the name of a hook without a relation
    :param relations: number of the endpoint's relations
    :param units: number of remote units in all of them
    :param to_write: relations in which this unit's data should change
    :param to_confirm: relations written in an earlier hook and not read since then
    :param granting: relations whose application uses the application-data protocol;
        in a hook of one of these applications, without its own
    :param secrets: secrets in the application data that the hook reads
    :param new_secrets: those of them that no earlier hook has read
    :param to_request: relations in which the leader looks for the request
    """
    if hook not in KINDS:
        hook = 'full' if hook in FULL_READ_HOOKS else 'other'
    relations_read = relations if hook == 'full' else 1
    calls_of_read = {
        'relations': {'relation-ids': 1},
        'first_relations': {},
        'goal_state': {'goal-state': 1},
        'units': {'relation-list': relations_read},
        'hook_source': {'relation-get': 1 + (granting if new_secrets else 0),
                        'relation-ids': int(new_secrets > 0),
                        'secret-get': secrets,
                        'secret-info-get': new_secrets},
        'all_units': {'relation-get': units},
        'own_data': {'relation-get': relations_read if hook in ('full', *RELATION_HOOKS)
                     else to_confirm},
        'app_data': {'relation-get': granting, 'secret-get': secrets},
        'own_app_data': {'is-leader': int(to_request > 0), 'relation-get': to_request},
    }
    reads = [*READS[role].get('other' if hook == 'secret-changed' else hook, ())]
    if role == 'requires':
        reads += APP_READS.get('full' if hook == 'secret-changed' else hook, ())
    calls = Counter({'relation-set': to_write})
    for read in reads:
        calls.update(calls_of_read[read])
    return +calls
