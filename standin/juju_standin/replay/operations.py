"""What the scripts of recordings do to a model."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..state import Relation
    from .scripted import Scripted

OPERATIONS: dict[str, Callable[[Scripted, dict[str, Any]], None]] = {}


def operation(*names: str) -> Callable:
    def register(function: Callable) -> Callable:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function
    return register


@operation('note', 'report', 'sleep', 'fail')
def nothing(player: Scripted, what: dict) -> None:
    """It changes nothing, or shows in what follows."""


@operation('query')
def query(player: Scripted, what: dict) -> None:
    """What the recorded charm asks; and when it waits, if it is told to."""
    player.hold_first = what['query'].get('hold-first', False)


@operation('hold')
def hold(player: Scripted, what: dict) -> None:
    player.hold = what['hooks']


@operation('wait-held')
def wait_held(player: Scripted, what: dict) -> None:
    player.begins = True


@operation('release')
def release(player: Scripted, what: dict) -> None:
    player.hold = []


@operation('wait-idle')
def wait_idle(player: Scripted, what: dict) -> None:
    player.idle = True


@operation('update-status')
def update_status(player: Scripted, what: dict) -> None:
    player.asked.add('update-status')


@operation('start', 'restart-agent', 'crash-agent')
def restart_agent(player: Scripted, what: dict) -> None:
    player.model.restart_agent('trace/0')


@operation('stop-agent')
def stop_agent(player: Scripted, what: dict) -> None:
    """Nothing runs until it is started, and then it knows what a new one knows."""


@operation('resolved')
def resolved(player: Scripted, what: dict) -> None:
    unit = player.model.unit('trace/0')
    if unit.failed and what['mode'] == 'no-hooks':
        player.model.resolve(unit.name, retry=False)
    elif unit.failed and unit.failed.relation_id and (
            unit.failed.number not in unit.known):
        player.model.resolve(unit.name)     # there is nothing left to run


@operation('leader')
def leader(player: Scripted, what: dict) -> None:
    player.model.lead('trace/0' if what['value'] else 'trace/none')


@operation('remove-unit')
def remove_unit(player: Scripted, what: dict) -> None:
    player.model.remove_unit('trace/0')


@operation('config')
def config(player: Scripted, what: dict) -> None:
    player.model.set_config('trace', **what['values'])
    player.reconfigured('trace')


@operation('address')
def address(player: Scripted, what: dict) -> None:
    player.model.set_address('trace/0', what['text'])


# Relations.

def related(player: Scripted, what: dict) -> Relation:
    """Some operations call its number `id`, others `rel`."""
    return player.relations[what['id'] if 'id' in what else what['rel']]


@operation('add-relation')
def add_relation(player: Scripted, what: dict) -> None:
    """With units that have no agent here, which the script speaks for.

    The remote endpoint is a new one each time, as texts of refusals show.
    """
    app, end = what['app'], what['endpoint']
    ends = {'trace': end}
    if app != 'trace':
        ends[app] = 'remote{}'.format(what['id'])
    if end in player.model.apps['trace'].charm.metadata['provides']:
        ends = dict(reversed(ends.items()))
    player.relations[what['id']] = player.model.add_relation(ends, what['id'])


@operation('remove-relation')
def remove_relation(player: Scripted, what: dict) -> None:
    player.model.remove_relation(related(player, what))


@operation('force-remove-relation')
def force_remove_relation(player: Scripted, what: dict) -> None:
    """The script has the units depart first, or not."""
    relation = related(player, what)
    if what.get('depart'):
        player.model.remove_relation(relation)
        player.vanishing = relation
    else:
        player.model.remove_relation(relation, force=True)


@operation('suspend')
def suspend(player: Scripted, what: dict) -> None:
    player.model.suspend(related(player, what))


@operation('resume')
def resume(player: Scripted, what: dict) -> None:
    player.model.resume(related(player, what))


@operation('enter')
def enter(player: Scripted, what: dict) -> None:
    """Have another unit take part; its address is by its number."""
    player.model.enter(related(player, what), what['unit'], {
        **what.get('settings', {}),
        'ingress-address': '10.1.0.' + what['unit'].rpartition('/')[2]})


@operation('change')
def change(player: Scripted, what: dict) -> None:
    player.model.write(related(player, what).bags[what['unit']], what['settings'])


@operation('leave')
def leave(player: Scripted, what: dict) -> None:
    player.model.leave(related(player, what), what['unit'])


@operation('app-settings')
def app_settings(player: Scripted, what: dict) -> None:
    player.model.set_app_data(related(player, what), what['app'], **what['settings'])
