"""The hook tools relation-ids, relation-list, relation-get, relation-set, and so on."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import yaml

from .hooktools import ToolError, parse_pairs, tool
from .secrets import MODEL_UUID

if TYPE_CHECKING:
    from .context import Context
    from .hooktools import Options, Words
    from .state import LocalRelation, Relation

    Data = dict[str, str]


@tool('relation-ids', '', 'format=')
def relation_ids(context: Context, options: Options, words: Words) -> list[str]:
    name = words[0] if words else (context.hook.relation_id or '').split(':')[0]
    if not name:
        raise ToolError(2, context.model.profile.error_no_endpoint)
    app = context.unit.app.name
    return sorted(local.relation.id(app) for number, local
                  in context.unit.local_relations.items()
                  if local.relation.endpoints[app] == name
                  and number not in context.unlisted)


@tool('relation-list', 'r:', 'app', 'format=', 'relation=')
def relation_list(context: Context, options: Options, words: Words) -> Any:
    local = local_relation(context, options)
    if 'app' in options:
        return local.relation.remote_app(context.unit.app.name)
    return context.members(local)


@tool('relation-model-get', 'r:', 'format=', 'relation=')
def relation_model_get(context: Context, options: Options,
                       words: Words) -> dict[str, str]:
    local_relation(context, options)
    return {'uuid': MODEL_UUID}


# goal-state gives times, but the stand-in has no clock
SINCE = '2026-01-01 00:00:00Z'


@tool('goal-state', '', 'format=')
def goal_state(context: Context, options: Options, words: Words) -> dict[str, Any]:
    """Describe the units of this application and of related ones, as the controller
    knows them: also units that have not entered the relation."""
    app = context.unit.app.name
    endpoints: dict[str, dict[str, dict]] = {}
    for _, relation in sorted(context.model.relations.items()):
        if app not in relation.endpoints or relation.peers or (
                relation.offered_by == app):
            continue
        remote_app = relation.remote_app(app)
        # Juju merges the answers of endpoints that have the same name on both sides
        related = endpoints.get(relation.endpoints[remote_app], {})
        name, units = remote_app, {}
        if relation.offered_by:
            name = context.model.profile.offer_name.format(app=remote_app)
        else:
            units = _unit_states(context, remote_app)
        status = 'suspended' if relation.suspended else 'joined'
        related.update({name: {'status': status, 'since': SINCE}, **units})
        endpoints.setdefault(relation.endpoints[app], {}).update(related)
    return {'units': _unit_states(context, app), 'relations': endpoints}


def _unit_states(context: Context, app: str) -> dict[str, dict[str, str]]:
    """The status of each unit of an application, also of units without agents."""
    model = context.model
    states = {name: 'active' for relation in model.relations.values()
              for name in relation.units if name.split('/')[0] == app}
    states.update((name, 'dying' if unit.dying else unit.status[0])
                  for name, unit in model.units.items() if unit.app.name == app)
    return {name: {'status': status, 'since': SINCE}
            for name, status in sorted(states.items())}


@tool('relation-get', 'r:', 'app', 'format=', 'relation=')
def relation_get(context: Context, options: Options, words: Words) -> Any:
    local = local_relation(context, options)
    key, name = key_and_owner(words)
    data = _data(context, local, _owner(context, options, name))
    return data if key == '-' else data.get(key)


@tool('relation-set', 'r:', 'app', 'file=', 'relation=')
def relation_set(context: Context, options: Options, words: Words) -> None:
    local = local_relation(context, options)
    changes = parse_pairs(words)
    owner = context.unit.name
    if 'app' in options:
        owner = context.unit.app.name
        if not context.leads:
            raise ToolError(1, 'cannot write relation settings')
    try:
        data = _own_data(context, local, owner)
    except ToolError as error:
        raise ToolError(1, 'cannot read relation settings: ' + error.args[1])
    for key, value in changes.items():
        data.pop(key, None)
        if value:
            data[key] = value
    context.pending_writes.setdefault(
        (local.relation.number, owner), {}).update(changes)


def local_relation(context: Context, options: Options) -> LocalRelation:
    """The relation that a call is about, if the agent knows it."""
    relation_id = options.get('relation') or context.hook.relation_id
    if not relation_id:
        raise ToolError(2, 'no relation id specified')
    number = relation_id.rpartition(':')[2]
    local = context.unit.local_relations.get(int(number) if number.isdecimal() else -1)
    if not local or relation_id not in (
            number, local.relation.id(context.unit.app.name)):
        raise ToolError(2, 'invalid value "{}" for option -r: relation not '
                           'found'.format(relation_id))
    return local


def key_and_owner(words: Words) -> tuple[str, str]:
    """The key that relation-get reads, and whose data; '-' if it reads all keys."""
    return tuple((words + ['-', ''][len(words):])[:2])


def _owner(context: Context, options: Options, name: str) -> str:
    """The owner of the data that relation-get reads: a unit, or with --app an
    application."""
    if name and 'app' not in options and '/' not in name:
        if context.model.profile.app_option_optional:
            return name
        raise ToolError(2, 'expected unit name, got application name "{}"'.format(name))
    if not name and 'app' not in options:
        name = context.hook.remote_unit
    name = name or context.hook.remote_app
    if not name:
        raise ToolError(2, 'no unit or application specified')
    return name.split('/')[0] if 'app' in options else name


def _data(context: Context, local: LocalRelation, owner: str) -> Data:
    """The data of a unit or application, as this hook sees them."""
    app = context.unit.app.name
    if owner == context.unit.name or owner == app and context.leads:
        return _own_data(context, local, owner)
    if owner in context.members(local):
        cache: dict[Any, Data] = local.cache
        key: Any = owner
    else:
        cache, key = context.other_data, (local.relation.number, owner)
    if key not in cache:
        cache[key] = _read_from_controller(context, local, owner)
    return cache[key]


def _own_data(context: Context, local: LocalRelation, owner: str) -> Data:
    """This unit's or its application's data, with the hook's own writes."""
    key = local.relation.number, owner
    if key not in context.own_data:
        relation = controller_relation(context, local)
        is_unit_data = owner == context.unit.name
        if relation is None:
            raise ToolError(1, 'permission denied' if is_unit_data else
                            context.model.profile.error_own_app_data_gone)
        if context.unit.name not in relation.units:
            raise ToolError(1, _unknown_unit_error(context, relation,
                                                   context.unit.name))
        context.own_data[key] = dict(relation.databags(owner)[owner].data)
    return context.own_data[key]


def _read_from_controller(context: Context, local: LocalRelation, owner: str) -> Data:
    """Read the data of another unit or application."""
    profile, relation = context.model.profile, controller_relation(context, local)
    if relation is None:
        raise ToolError(1, profile.error_relation_gone)
    if '/' in owner:
        if owner not in relation.unit_databags:
            raise ToolError(1, _unknown_unit_error(context, relation, owner))
        return relation.unit_databags[owner].data
    app = context.unit.app.name
    if owner not in relation.endpoints:
        raise ToolError(1, profile.error_unknown_app)
    if owner == app and not relation.peers and not profile.own_app_data_readable:
        raise ToolError(1, 'permission denied')
    return relation.app_databags[owner].data


def _unknown_unit_error(context: Context, relation: Relation, name: str) -> str:
    profile = context.model.profile
    if name.split('/')[0] in relation.endpoints:
        return profile.error_unknown_unit.format(unit=name, relation=' '.join(
            map(':'.join, relation.endpoints.items())))
    return profile.error_foreign_unit


def controller_relation(context: Context, local: LocalRelation) -> Relation | None:
    """The relation whose data the controller returns for an agent's relation.

    The controller finds relations by their endpoints. For a force-removed relation it
    therefore finds the replacement, if there is one.
    """
    relation = local.relation
    if not local.force_removed:
        return relation
    others = [other for other in context.model.relations.values()
              if other.endpoints == relation.endpoints and other is not relation]
    return others[0] if others else None


def read_settings_file(name: str, stdin: bytes, cwd: str) -> list[str]:
    """Read a YAML file for --file as `key=value` words; all values are text."""
    if name != '-':
        try:
            with open(os.path.join(cwd, name), 'rb') as file:
                stdin = file.read()
        except OSError as error:
            raise ToolError(1, str(error))
    try:
        node = yaml.compose(stdin, yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ToolError(1, str(error))
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode) or not all(
            isinstance(part, yaml.ScalarNode)
            for pair in node.value for part in pair):
        raise ToolError(1, 'yaml: cannot unmarshal into map[string]string')
    return ['{}={}'.format(key.value, '' if value.tag.endswith(':null')
                           else value.value) for key, value in node.value]
