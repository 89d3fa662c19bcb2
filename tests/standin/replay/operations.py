"""What operators, and the scripts of recordings, do to a model."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..state import Relation
    from .player import Player

OPERATIONS: dict[str, Callable[[Player, dict[str, Any]], None]] = {}


def operation(*names: str) -> Callable:
    def register(function: Callable) -> Callable:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function
    return register


@operation('note', 'report', 'sleep', 'fail')
def nothing(player: Player, what: dict) -> None:
    """It changes nothing, or shows in what follows."""


@operation('query')
def query(player: Player, what: dict) -> None:
    """What the recorded charm asks; and when it waits, if it is told to."""
    player.hold_first = what['query'].get('hold-first', False)


@operation('hold')
def hold(player: Player, what: dict) -> None:
    player.hold = what['hooks']


@operation('wait-held')
def wait_held(player: Player, what: dict) -> None:
    player.begins = True


@operation('release')
def release(player: Player, what: dict) -> None:
    player.hold = []


@operation('wait-idle')
def wait_idle(player: Player, what: dict) -> None:
    player.idle = True


@operation('update-status')
def update_status(player: Player, what: dict) -> None:
    player.asked.add('update-status')


@operation('start', 'restart-agent', 'crash-agent')
def restart_agent(player: Player, what: dict) -> None:
    """Of one unit, or of all."""
    for name in [what['unit']] if 'unit' in what else player.model.units:
        player.model.restart_agent(name)


@operation('stop-agent')
def stop_agent(player: Player, what: dict) -> None:
    """Nothing runs until it is started, and then it knows what a new one knows."""


@operation('resolved')
def resolved(player: Player, what: dict) -> None:
    name = what.get('unit', 'trace/0')
    unit = player.model.unit(name)
    if unit.failed and what['mode'] == 'no-hooks':
        player.model.resolve(name, retry=False)
    elif unit.failed and unit.failed.relation_id and (
            unit.failed.number not in unit.known):
        player.model.resolve(name)      # there is nothing left to run


@operation('leader')
def leader(player: Player, what: dict) -> None:
    player.model.lead('trace/0' if what['value'] else 'trace/none')


# Applications and units.

@operation('deploy')
def deploy(player: Player, what: dict) -> None:
    ends = {role: what.get(role, []) for role in ('requires', 'provides', 'peers')}
    app = player.model.deploy(what['app'], player.charm(**ends), 0,
                              what.get('config', {}))
    app.next_number = what.get('first', 0)
    add_unit(player, what)
    app.leader = player.recording.elected(app.name)


@operation('add-unit')
def add_unit(player: Player, what: dict) -> None:
    for _ in range(what.get('units', 1)):
        unit = player.model.add_unit(what['app'])
        player.model.set_address(unit.name, what.get('address', unit.address))


@operation('remove-unit')
def remove_unit(player: Player, what: dict) -> None:
    player.model.remove_unit(what.get('unit', 'trace/0'),
                             force=what.get('force', False))


@operation('config')
def config(player: Player, what: dict) -> None:
    app = what.get('app', 'trace')
    player.model.set_config(app, **what['values'])
    for name, unit in player.model.units.items():
        if unit.app.name == app:
            player.configured[name] = 0


@operation('upgrade')
def upgrade(player: Player, what: dict) -> None:
    charm = player.model.apps[what['app']].charm
    player.model.upgrade(what['app'], type(charm)(player, charm.metadata))


@operation('address')
def address(player: Player, what: dict) -> None:
    player.model.set_address('trace/0', what['text'])


# Relations.

def related(player: Player, what: dict) -> Relation:
    return player.relations[what['id'] if 'id' in what else what['rel']]


@operation('add-relation')
def add_relation(player: Player, what: dict) -> None:
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


@operation('relate')
def relate(player: Player, what: dict) -> None:
    player.model.next_relation = what['id']
    player.relations[what['id']] = player.model.relate(*what['ends'])


@operation('remove-relation')
def remove_relation(player: Player, what: dict) -> None:
    player.model.remove_relation(related(player, what))


@operation('force-remove-relation')
def force_remove_relation(player: Player, what: dict) -> None:
    """Scripts have the units depart first, or not; whom a controller lets notice is up
    to chance, and the recording shows it."""
    relation = related(player, what)
    if what.get('depart'):
        player.model.remove_relation(relation)
        player.vanishing = relation
        return
    heard, begun = ((), ()) if player.recording.scripted else (
        player.recording.noticed(relation.number))
    player.model.remove_relation(relation, force=True, heard=heard, begun=begun)


@operation('suspend')
def suspend(player: Player, what: dict) -> None:
    player.model.suspend(related(player, what))


@operation('resume')
def resume(player: Player, what: dict) -> None:
    player.model.resume(related(player, what))


@operation('enter')
def enter(player: Player, what: dict) -> None:
    """Have another unit take part; its address is by its number."""
    player.model.enter(related(player, what), what['unit'], {
        **what['settings'],
        'ingress-address': '10.1.0.' + what['unit'].rpartition('/')[2]})


@operation('change')
def change(player: Player, what: dict) -> None:
    player.model.write(related(player, what).bags[what['unit']], what['settings'])


@operation('leave')
def leave(player: Player, what: dict) -> None:
    player.model.leave(related(player, what), what['unit'])


@operation('app-settings')
def app_settings(player: Player, what: dict) -> None:
    player.model.set_app_data(related(player, what), what['app'], **what['settings'])


# What recordings do not show.

@operation('after')
def after(player: Player, what: dict) -> None:
    """The recording goes on where another ended."""
    player.play_before(what['file'])


@operation('unrecorded')
def unrecorded(player: Player, what: dict) -> None:
    """Hooks that were not recorded; charms publish in them what they are known to."""
    player.published = what.get('published', {})
    player.model.settle()
    player.published = None
