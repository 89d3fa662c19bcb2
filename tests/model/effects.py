"""The effect of each event on the model: see events.py."""
from __future__ import annotations

from juju_standin import agent, hookrun
from juju_standin.model import Model
from juju_standin.state import Hook, Relation

from . import app_data_servers
from .app_data_servers import EXPLORED
from .events import (AT_START, DEPARTED_BEGUN, OTHER_MODEL, SKIPPED, UNWATCHED, Event,
                     app_data_hooks, current_relation, event_target)
from .model_state import OWN_PORTS, PORTS, REMOTE_UNITS, UNIT, Charm, network_data

# Changes of this unit's own data: Juju loses what the charm wrote, or an operator
# writes other data with `juju exec`.
OWN_DATA_CHANGES = {'lost': {'port': '', 'protocol': ''},
                    'foreign': {'port': OWN_PORTS['foreign'], 'protocol': 'avro'},
                    'host': {'host': '10.9.9.9'}}


def apply_event(model: Model, charm: Charm, event: Event) -> None:
    """Change the model as an event does; run the charm if the event is a hook."""
    relation = current_relation(model, event.target.split('/')[0])
    if event.kind in ('hook', 'action', 'action without flush'):
        _run(model, charm, event)
    elif event.kind == 'skip failed hook':
        model.resolve(UNIT, retry=False)
    elif event.kind == 'restart agent':
        model.restart_agent(UNIT)
        app_data_servers.skip_leadership_hooks(model)
    elif event.kind == 'lose store':
        charm.store = ()
    elif event.kind == 'relate':
        _relate(model, charm, event)
    elif event.kind in ('remove relation', 'force-remove relation'):
        _remove(model, event, relation)
    elif event.kind == 'join':
        model.enter(relation, event.target, network_data(event.target, model.profile))
    elif event.kind == 'leave':
        model.leave(relation, event.target)
    elif event.kind == 'force-remove unit':
        local = model.units[UNIT].local_relations[relation.number]
        local.unnoticed_removals.add(event.target)
        model.leave(relation, event.target)
    elif event.kind == 'publish':
        _publish(model, charm, event, relation)
    elif event.kind == 'change own data':
        model.write(relation.unit_databags[UNIT], OWN_DATA_CHANGES[event.data])
    else:
        app_data_servers.apply_event(model, event, relation)
    agent.check_model(model, model.units[UNIT])


def _remove(model: Model, event: Event, relation: Relation) -> None:
    model.remove_relation(relation, force=event.kind.startswith('force'),
                          started_by=(UNIT,) if event.data == DEPARTED_BEGUN else ())
    for unit in REMOTE_UNITS[event.target]:
        model.leave(relation, unit)
    model.secrets.pop(event.target, None)   # Juju removes it with the relation


def _publish(model: Model, charm: Charm, event: Event, relation: Relation) -> None:
    data = {'port': PORTS[event.target][event.data]}
    if charm.interface == 'flume-agent':
        data['protocol'] = 'avro' if data['port'] else ''
    model.write(relation.unit_databags[event.target], data)


def _relate(model: Model, charm: Charm, event: Event) -> None:
    """Add a relation.

    Its number is the lowest above those in use: this keeps the number of states finite.
    """
    unit = model.units[UNIT]
    used = model.relations.keys() | unit.local_relations.keys() | {
        number for number in range(50) if 'ep:{}"'.format(number) in str(charm.store)}
    unit.created &= used
    model.next_relation = max(used) + 1
    ends = (EXPLORED, event.target) if not charm.provides else (event.target, EXPLORED)
    relation = model.add_relation(
        dict.fromkeys(ends, 'ep'),
        offered_by=event.target if event.data == OTHER_MODEL else '')
    if event.data == UNWATCHED:
        relation.unwatched_by.add(UNIT)


def _run(model: Model, charm: Charm, event: Event) -> None:
    store_before = charm.store
    charm.last_run = None
    charm.handler_calls = tuple(_method_call(charm, *call)
                                for call in event.handler_calls)
    if event.failing_tools:
        model.fail_tools(UNIT, event.failing_tools)
    if event.failure:
        model.fail_next(UNIT, late=event.failure != AT_START)
    if event.kind == 'hook':
        _run_hook(model, event)
        if event.failure == SKIPPED:
            model.resolve(UNIT, retry=False)
    else:
        model.action(UNIT, 'act')
    if event.kind == 'action without flush':
        charm.store = store_before
    model.restore_tools(UNIT)


def _run_hook(model: Model, event: Event) -> None:
    unit = model.units[UNIT]
    due = agent.due(model, unit)
    for hook in due + app_data_hooks(unit, due):
        if hook.name == event.hook and event_target(hook) == event.target:
            hookrun.execute(model, unit, hook)
            return
    if event.hook == 'other-relation-changed':
        # as if the remote unit of the other endpoint had published data
        hookrun.execute(model, unit, Hook(event.hook, 'changed', 'other:0', 'other/0',
                                          'other'))
    else:
        model.dispatch(UNIT, event.hook)
        # here config-changed runs at any time, not only after an upgrade
        unit.config_seen = agent.observed_config(unit)


def _method_call(charm: Charm, name: str, *arguments: str) -> tuple:
    if name != 'send':
        return name, *arguments
    method = 'send_port' if charm.interface == 'zookeeper' else 'send_configuration'
    return method, OWN_PORTS[arguments[0]]
