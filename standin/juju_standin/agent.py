"""A unit's agent: decides which hooks are due, and commits the hooks that have run.

Like Juju's agent, it keeps no queue: due hooks are the differences between the model
and what the agent has committed. Changes therefore coalesce, and a unit that joins and
leaves between two hooks goes unnoticed. Units are sorted by their names as text.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .state import Hook, Known, Relation, Unit

if TYPE_CHECKING:
    from .model import Model


def config(unit: Unit) -> tuple:
    """What config-changed reports: the configuration, and the unit's address."""
    return dict(unit.app.config), unit.address


def due(model: Model, unit: Unit) -> list[Hook]:
    """The hooks that may run next. Juju chooses between relations at random."""
    if unit.failed:
        return [unit.failed]
    if 'install' not in unit.done:
        return [Hook('install', 'install')]
    if unit.dying:
        return _due_while_dying(model, unit)
    if unit.charm is not unit.app.charm:
        return [Hook('upgrade-charm', 'upgrade-charm')]
    of_unit = ([Hook(kind, kind) for kind in _unit_hook_kinds(model, unit)]
               + _secret_changed_hooks(model, unit))
    of_relations = _relation_hooks(model, unit, unit.known.values())
    if 'start' in unit.done:
        return of_unit + of_relations
    return [hook for hook in of_relations if hook.kind == 'created'] or of_unit[:1]


def _secret_changed_hooks(model: Model, unit: Unit) -> list[Hook]:
    """Juju notifies a unit of a new revision only if it has read an older one."""
    return [Hook('secret-changed', 'secret-changed', secret=secret.uri,
                 version=secret.newest)
            for secret in model.secrets.values()
            if 0 < secret.tracked.get(unit.name, 0) < secret.newest
            and secret.told.get(unit.name) != secret.newest]


def _unit_hook_kinds(model: Model, unit: Unit) -> list[str]:
    kinds = []
    if 'leader-elected' not in unit.done and (
            model.leader(unit.app.name) == unit.name):
        kinds.append('leader-elected')
    if unit.config_seen != config(unit):
        kinds.append('config-changed')
    if 'start' not in unit.done:
        kinds.append('start')
    return kinds


def _due_while_dying(model: Model, unit: Unit) -> list[Hook]:
    """A dying unit leaves its peers last, unless its agent has restarted."""
    peers = [known for known in unit.known.values() if _known_as_peers(known)]
    others = [known for known in unit.known.values() if not _known_as_peers(known)]
    hooks = _relation_hooks(model, unit, others) or _relation_hooks(model, unit, peers)
    kind = 'remove' if 'stop' in unit.done else 'stop'
    return hooks or [Hook(kind, kind)]


def _known_as_peers(known: Known) -> bool:
    return known.relation.peers and not known.restarted


def _relation_hooks(model: Model, unit: Unit, relations) -> list[Hook]:
    hooks = [_next_hook(model, unit, known) for known in relations]
    return [hook for hook in hooks if hook]


def _next_hook(model: Model, unit: Unit, known: Known) -> Hook | None:
    """The next hook of one relation, if any."""
    relation = known.relation
    if known.ghost:
        return known.begun
    hook = _hook_factory(unit, known)
    leaving = unit.dying or relation.dying or relation.suspended
    if relation.number not in unit.created and not leaving:
        return hook('created')
    present = {} if leaving else _present_units(unit, known)
    if known.changed_pending:
        name = known.changed_pending
        return hook('changed', name, present.get(name, 0))
    for name in sorted(known.members.keys() - present.keys()):
        return hook('departed', name)
    if leaving:
        return None if _known_as_peers(known) else hook('broken')
    app = relation.other(unit.app.name)
    version = relation.app_bags[app].version
    # in a peer relation, the leader gets no hook for data that it wrote itself
    if version != known.app_version and model.leader(app) != unit.name:
        return hook('changed', version=version)
    for name in sorted(present.keys() - known.members.keys()):
        return hook('joined', name, present[name])
    for name in sorted(present):
        if present[name] != known.members[name]:
            return hook('changed', name, present[name])
    return None


def departed(unit: Unit, known: Known) -> Hook:
    """The first departed hook of a relation that is being removed."""
    return _hook_factory(unit, known)('departed', min(known.members))


def _present_units(unit: Unit, known: Known) -> dict[str, int]:
    """The versions of the remote units that the agent believes are in the relation."""
    relation = known.relation
    prefix = relation.other(unit.app.name) + '/'
    return {name: relation.bags[name].version
            for name in relation.scope | known.missed
            if name.startswith(prefix) and name != unit.name}


def _hook_factory(unit: Unit, known: Known) -> Callable[..., Hook]:
    """Return a function that creates hooks of one relation."""
    relation, app = known.relation, unit.app.name

    def hook(kind: str, remote_unit: str = '', version: int = 0) -> Hook:
        app_forgotten = known.restarted and kind in ('created', 'broken')
        return Hook(
            '{}-relation-{}'.format(relation.ends[app], kind), kind, relation.id(app),
            remote_unit, '' if app_forgotten else relation.other(app),
            '' if kind != 'departed' else unit.name if unit.dying else remote_unit,
            version)
    return hook


def look(model: Model, unit: Unit) -> None:
    """Let an agent check the model: who leads, and which relations are new.

    The unit enters the new relations. An agent does not check while a hook runs or has
    failed.
    """
    if unit.running or unit.failed or unit.dying or 'install' not in unit.done:
        return
    if model.leader(unit.app.name) != unit.name:
        unit.done.discard('leader-elected')
    for number, relation in model.relations.items():
        if unit.app.name in relation.ends and number not in unit.known and not (
                relation.dying or relation.suspended):
            unit.known[number] = Known(relation)
            model.enter(relation, unit.name, model.network(unit))


def commit(model: Model, unit: Unit, hook: Hook) -> None:
    """Record that a hook has run or was skipped."""
    unit.failed, unit.attempts = None, 0
    if hook.secret:
        secret = model.find_secret(hook.secret)
        if secret:
            secret.told[unit.name] = hook.version
    elif not hook.relation_id:
        unit.done.add(hook.kind)
    elif hook.number in unit.known:
        _commit_relation_hook(model, unit, unit.known[hook.number], hook)
    if hook.kind == 'config-changed':
        unit.config_seen = config(unit)
    elif hook.kind == 'upgrade-charm':
        unit.config_seen = None     # config-changed follows


def _commit_relation_hook(model: Model, unit: Unit, known: Known, hook: Hook) -> None:
    if hook.kind == 'created':
        unit.created.add(hook.number)
    elif hook.kind == 'broken':
        if model.profile.created_after_resume:
            unit.created.discard(hook.number)
        forget(model, unit, known.relation)
    elif hook.kind == 'departed':
        known.members.pop(hook.remote_unit, None)
        known.begun = None
    elif hook.remote_unit:
        known.members[hook.remote_unit] = hook.version
        known.changed_pending = hook.remote_unit if hook.kind == 'joined' else ''
    else:
        known.app_version = hook.version


def forget(model: Model, unit: Unit, relation: Relation) -> None:
    """Make a unit leave a relation, and its agent forget it."""
    unit.known.pop(relation.number, None)
    model.leave(relation, unit.name)


def restart(unit: Unit) -> None:
    """Restart an agent: it forgets its caches and force-removed relations."""
    unit.running = False    # a running hook is killed
    unit.known = {number: known for number, known in unit.known.items()
                  if not known.ghost}
    for known in unit.known.values():
        known.cache, known.missed, known.restarted = {}, set(), True
        known.was_dying = known.relation.dying
    # a restarted agent runs no created hook in relations that it has entered
    unit.created = set(unit.known)
