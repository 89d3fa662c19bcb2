"""A unit's agent: which hooks are due, and what it takes as having happened.

What is due is found as Juju finds it: the model is compared with what the agent has
committed. Nothing is queued, so changes coalesce, and a unit that came and went unseen
leaves no trace. Units come in the order of their names as text.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .state import Hook, Known, Relation, Unit

if TYPE_CHECKING:
    from .model import Model


def config(unit: Unit) -> tuple:
    """What brings config-changed: a moved address does too."""
    return dict(unit.app.config), unit.address


def due(model: Model, unit: Unit) -> list[Hook]:
    """The hooks that may run next; Juju is in no order between relations."""
    if unit.failed:
        return [unit.failed]
    if 'install' not in unit.done:
        return [Hook('install', 'install')]
    if unit.dying:
        return _last(model, unit)
    if unit.charm is not unit.app.charm:
        return [Hook('upgrade-charm', 'upgrade-charm')]
    own = [Hook(kind, kind) for kind in _own(model, unit)] + _secrets(model, unit)
    related = _related(model, unit, unit.known.values())
    if 'start' in unit.done:
        return own + related
    return [hook for hook in related if hook.kind == 'created'] or own[:1]


def _secrets(model: Model, unit: Unit) -> list[Hook]:
    """A unit is told of a revision if it has read one that is older."""
    return [Hook('secret-changed', 'secret-changed', secret=secret.uri,
                 version=secret.newest)
            for secret in model.secrets.values()
            if 0 < secret.tracked.get(unit.name, 0) < secret.newest
            and secret.told.get(unit.name) != secret.newest]


def _own(model: Model, unit: Unit) -> list[str]:
    kinds = []
    if 'leader-elected' not in unit.done and (
            model.leader(unit.app.name) == unit.name):
        kinds.append('leader-elected')
    if unit.config_seen != config(unit):
        kinds.append('config-changed')
    if 'start' not in unit.done:
        kinds.append('start')
    return kinds


def _last(model: Model, unit: Unit) -> list[Hook]:
    """Of a unit that goes: peers come last, if the agent knows them as such."""
    peers = [known for known in unit.known.values() if _peers(known)]
    others = [known for known in unit.known.values() if not _peers(known)]
    related = _related(model, unit, others) or _related(model, unit, peers)
    kind = 'remove' if 'stop' in unit.done else 'stop'
    return related or [Hook(kind, kind)]


def _peers(known: Known) -> bool:
    return known.relation.peers and not known.restarted


def _related(model: Model, unit: Unit, relations) -> list[Hook]:
    hooks = [_next(model, unit, known) for known in relations]
    return [hook for hook in hooks if hook]


def _next(model: Model, unit: Unit, known: Known) -> Hook | None:
    """The next hook of one relation: there is one at most."""
    relation = known.relation
    if known.ghost:
        return known.begun
    hook = _namer(unit, known)
    going = unit.dying or relation.dying or relation.suspended
    if relation.number not in unit.created and not going:
        return hook('created')
    present = {} if going else _present(unit, known)
    if known.changed_pending:
        name = known.changed_pending
        return hook('changed', name, present.get(name, 0))
    for name in sorted(known.members.keys() - present.keys()):
        return hook('departed', name)
    if going:
        return None if _peers(known) else hook('broken')
    app = relation.other(unit.app.name)
    version = relation.app_bags[app].version
    # a leader is not told what its own application has set
    if version != known.app_version and model.leader(app) != unit.name:
        return hook('changed', version=version)
    for name in sorted(present.keys() - known.members.keys()):
        return hook('joined', name, present[name])
    for name in sorted(present):
        if present[name] != known.members[name]:
            return hook('changed', name, present[name])
    return None


def departed(unit: Unit, known: Known) -> Hook:
    """The first departed of a relation that goes."""
    return _namer(unit, known)('departed', min(known.members))


def _present(unit: Unit, known: Known) -> dict[str, int]:
    """The other units that the agent believes in the relation: their versions."""
    relation = known.relation
    prefix = relation.other(unit.app.name) + '/'
    return {name: relation.bags[name].version
            for name in relation.scope | known.missed
            if name.startswith(prefix) and name != unit.name}


def _namer(unit: Unit, known: Known) -> Callable[..., Hook]:
    relation, app = known.relation, unit.app.name

    def hook(kind: str, remote_unit: str = '', version: int = 0) -> Hook:
        forgotten = known.restarted and kind in ('created', 'broken')
        return Hook(
            '{}-relation-{}'.format(relation.ends[app], kind), kind, relation.id(app),
            remote_unit, '' if forgotten else relation.other(app),
            '' if kind != 'departed' else unit.name if unit.dying else remote_unit,
            version)
    return hook


def look(model: Model, unit: Unit) -> None:
    """Have a unit notice who leads, and take part in relations that are new to it."""
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
    """Take a hook as having run, whether it has or was skipped."""
    unit.failed, unit.attempts = None, 0
    if hook.secret:
        secret = model.find_secret(hook.secret)
        if secret:
            secret.told[unit.name] = hook.version
    elif not hook.relation_id:
        unit.done.add(hook.kind)
    elif hook.number in unit.known:
        _commit_relation(model, unit, unit.known[hook.number], hook)
    if hook.kind == 'config-changed':
        unit.config_seen = config(unit)
    elif hook.kind == 'upgrade-charm':
        unit.config_seen = None     # config-changed follows


def _commit_relation(model: Model, unit: Unit, known: Known, hook: Hook) -> None:
    if hook.kind == 'created':
        unit.created.add(hook.number)
    elif hook.kind == 'broken':
        if model.profile.created_again:
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
    """Have a unit leave a relation."""
    unit.known.pop(relation.number, None)
    model.leave(relation, unit.name)


def restart(unit: Unit) -> None:
    """What a new process of the agent knows: what was committed, and is still there."""
    unit.running = False    # a hook dies with it
    unit.known = {number: known for number, known in unit.known.items()
                  if not known.ghost}
    for known in unit.known.values():
        known.cache, known.missed, known.restarted = {}, set(), True
        known.was_dying = known.relation.dying
    # it takes relations that it has entered for created
    unit.created = set(unit.known)
