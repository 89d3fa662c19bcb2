"""A unit's agent: decides which hooks are due, and commits the hooks that have run.

Like Juju's agent, it keeps no queue: due hooks are the differences between the model
and what the agent has committed. Changes therefore coalesce, and a unit that joins and
leaves between two hooks goes unnoticed. Units are sorted by their names as text.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .state import Hook, LocalRelation, Relation, Unit

if TYPE_CHECKING:
    from .model import Model


def observed_config(unit: Unit) -> tuple:
    """The values whose changes config-changed reports: configuration and address."""
    return dict(unit.app.config), unit.address


def due(model: Model, unit: Unit) -> list[Hook]:
    """The hooks that may run next. Juju chooses between relations at random."""
    if unit.failed:
        return [unit.failed]
    storage_hooks = _storage_hooks(model, unit)
    if storage_hooks:
        return storage_hooks[:1]
    if 'install' not in unit.committed_hooks:
        return [Hook('install', 'install')]
    if unit.dying:
        return _due_while_dying(model, unit)
    if unit.charm is not unit.app.charm:
        return [Hook('upgrade-charm', 'upgrade-charm')]
    unit_hooks = ([Hook(kind, kind) for kind in _unit_hook_kinds(model, unit)]
                  + _secret_changed_hooks(model, unit))
    relation_hooks = _relation_hooks(unit, unit.local_relations.values())
    if 'start' in unit.committed_hooks:
        return unit_hooks + relation_hooks
    return [hook for hook in relation_hooks if hook.kind == 'created'] or unit_hooks[:1]


def _secret_changed_hooks(model: Model, unit: Unit) -> list[Hook]:
    """Juju notifies a unit of a new revision only if it has read an older one."""
    return [Hook('secret-changed', 'secret-changed', secret=secret.uri,
                 version=secret.newest)
            for secret in model.secrets.values()
            if 0 < secret.tracked.get(unit.name, 0) < secret.newest
            and secret.notified.get(unit.name) != secret.newest]


def _storage_hooks(model: Model, unit: Unit) -> list[Hook]:
    """Juju attaches storage before install, and detaches it before all other hooks of
    a dying unit.
    """
    storage = {} if unit.dying else model.storage.get(unit.name, {})
    kind, ids = 'detaching', unit.attached.keys() - storage.keys()
    if not ids:
        kind, ids = 'attached', storage.keys() - unit.attached.keys()
    kind = 'storage-' + kind
    return [Hook('{}-{}'.format(storage_id.split('/')[0], kind), kind,
                 storage=storage_id) for storage_id in sorted(ids)]


def _unit_hook_kinds(model: Model, unit: Unit) -> list[str]:
    kinds, leads = [], model.leader(unit.app.name) == unit.name
    if leads and 'leader-elected' not in unit.committed_hooks:
        kinds.append('leader-elected')
    if not leads and 'leader-settings-changed' not in unit.committed_hooks and (
            model.profile.leader_settings_changed):
        kinds.append('leader-settings-changed')
    if unit.config_seen != observed_config(unit):
        kinds.append('config-changed')
    if 'start' not in unit.committed_hooks:
        kinds.append('start')
    return kinds


def _due_while_dying(model: Model, unit: Unit) -> list[Hook]:
    """A dying unit leaves peer relations last, unless its agent has restarted."""
    relations = unit.local_relations.values()
    peers = [local for local in relations
             if _is_peer_relation(local) and model.profile.peers_leave_last]
    others = [local for local in relations if local not in peers]
    hooks = _relation_hooks(unit, others) or _relation_hooks(unit, peers)
    kind = 'remove' if 'stop' in unit.committed_hooks else 'stop'
    return hooks or [Hook(kind, kind)]


def _is_peer_relation(local: LocalRelation) -> bool:
    return local.relation.peers and not local.restarted


def _relation_hooks(unit: Unit, relations: Iterable[LocalRelation]) -> list[Hook]:
    hooks = [_next_hook(unit, local) for local in relations]
    return [hook for hook in hooks if hook]


def started_hook(unit: Unit, local: LocalRelation) -> Hook | None:
    """The hook that an agent has started when a relation is being removed: the first
    departed, or, if no remote unit has joined, the one that is due."""
    if local.members:
        return _hook_factory(unit, local)('departed', min(local.members))
    return _next_hook(unit, local)


def _next_hook(unit: Unit, local: LocalRelation) -> Hook | None:
    relation = local.relation
    if local.force_removed:
        return local.started_hook
    hook = _hook_factory(unit, local)
    leaving = unit.dying or relation.dying or relation.suspended
    if relation.number not in unit.created and not leaving:
        return hook('created')
    unwatched = unit.name in relation.unwatched_by
    present = {} if leaving or unwatched else _present_units(unit, local)
    if local.changed_due:
        name = local.changed_due
        return hook('changed', name, present.get(name, 0))
    for name in sorted(local.members.keys() - present.keys()):
        return hook('departed', name)
    if leaving:
        return None if _is_peer_relation(local) else hook('broken')
    if unwatched:
        return None
    app = relation.remote_app(unit.app.name)
    version = relation.app_databags[app].version
    if version != local.app_version:
        return hook('changed', version=version)
    for name in sorted(present.keys() - local.members.keys()):
        return hook('joined', name, present[name])
    for name in sorted(present):
        if present[name] != local.members[name]:
            return hook('changed', name, present[name])
    return None


def _present_units(unit: Unit, local: LocalRelation) -> dict[str, int]:
    """The versions of the remote units that the agent believes are in the relation."""
    relation = local.relation
    prefix = relation.remote_app(unit.app.name) + '/'
    return {name: relation.unit_databags[name].version
            for name in relation.units | local.unnoticed_removals
            if name.startswith(prefix) and name != unit.name}


def _hook_factory(unit: Unit, local: LocalRelation) -> Callable[..., Hook]:
    """Return a function that creates hooks of one relation."""
    relation, app = local.relation, unit.app.name

    def hook(kind: str, remote_unit: str = '', version: int = 0) -> Hook:
        name = '{}-relation-{}'.format(relation.endpoints[app], kind)
        # a restarted agent has forgotten the remote application
        app_forgotten = local.restarted and kind in ('created', 'broken')
        remote_app = '' if app_forgotten else relation.remote_app(app)
        departing_unit = ''
        if kind == 'departed':
            departing_unit = unit.name if unit.dying else remote_unit
        return Hook(name, kind, relation.id(app), remote_unit, remote_app,
                    departing_unit, version)
    return hook


def check_model(model: Model, unit: Unit) -> None:
    """Let an agent check the model: who leads, and which relations are new.

    The unit enters the new relations. An agent does not check before install has run,
    while a hook runs or has failed, while it is paused, or if the unit is dying.
    """
    if unit.running or unit.paused or unit.failed or unit.dying:
        return
    if 'install' not in unit.committed_hooks:
        return
    if model.leader(unit.app.name) != unit.name:
        unit.committed_hooks.discard('leader-elected')
    for number, relation in model.relations.items():
        if unit.app.name in relation.endpoints and not (
                number in unit.local_relations or relation.dying or relation.suspended):
            unit.local_relations[number] = LocalRelation(relation)
            model.enter(relation, unit.name, model.network(unit))


def commit(model: Model, unit: Unit, hook: Hook) -> None:
    """Record that a hook has run or was skipped."""
    unit.failed, unit.attempts = None, 0
    if hook.secret:
        secret = model.find_secret(hook.secret)
        if secret:
            secret.notified[unit.name] = hook.version
    elif hook.kind == 'storage-attached':
        unit.attached[hook.storage] = model.storage[unit.name][hook.storage]
    elif hook.kind == 'storage-detaching':
        del unit.attached[hook.storage]
    elif not hook.relation_id:
        unit.committed_hooks.add(hook.kind)
    elif hook.number in unit.local_relations:
        _commit_relation_hook(model, unit, unit.local_relations[hook.number], hook)
    if hook.kind == 'config-changed':
        unit.config_seen = observed_config(unit)
    elif hook.kind == 'upgrade-charm':
        unit.config_seen = None     # config-changed follows


def _commit_relation_hook(model: Model, unit: Unit, local: LocalRelation,
                          hook: Hook) -> None:
    local.started_hook = None
    if hook.kind == 'created':
        unit.created.add(hook.number)
    elif hook.kind == 'broken':
        if model.profile.created_after_resume:
            unit.created.discard(hook.number)
        forget(model, unit, local.relation)
    elif hook.kind == 'departed':
        local.members.pop(hook.remote_unit, None)
    elif hook.remote_unit:
        local.members[hook.remote_unit] = hook.version
        local.changed_due = hook.remote_unit if hook.kind == 'joined' else ''
    else:
        local.app_version = hook.version


def forget(model: Model, unit: Unit, relation: Relation) -> None:
    """Remove a unit from a relation, and the relation from the agent's state."""
    unit.local_relations.pop(relation.number, None)
    if relation.offered_by:
        hide_removal(model, unit.name, relation)
    model.leave(relation, unit.name)


def hide_removal(model: Model, name: str, relation: Relation,
                 noticed_by: Iterable[str] = ()) -> None:
    """Hide from other agents that a unit leaves a relation."""
    for other in model.units.values():
        local = other.local_relations.get(relation.number)
        if local and other.name not in (name, *noticed_by):
            local.unnoticed_removals.add(name)


def restart(unit: Unit) -> None:
    """Restart an agent: it loses its caches, and notices what it had not."""
    unit.running = unit.paused = False      # a running hook is killed
    unit.committed_hooks.discard('leader-settings-changed')
    unit.local_relations = {
        number: local for number, local in unit.local_relations.items()
        if not local.force_removed}
    for local in unit.local_relations.values():
        local.cache, local.unnoticed_removals, local.restarted = {}, set(), True
        local.dying_at_restart = local.relation.dying
        local.relation.unwatched_by.discard(unit.name)
    # a restarted agent runs no created hook in relations that it has entered
    unit.created = set(unit.local_relations)
