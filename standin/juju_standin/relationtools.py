"""The hook tools relation-ids, relation-list, relation-get, relation-set, and so on."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import yaml

from .hooktools import ToolError, parse_pairs, tool
from .secrets import MODEL_UUID

if TYPE_CHECKING:
    from .context import Context
    from .state import Known, Relation

    Options = dict[str, str]
    Data = dict[str, str]


@tool('relation-ids', '', 'format=')
def relation_ids(context: Context, options: Options, words: list[str]) -> list[str]:
    name = words[0] if words else (context.hook.relation_id or '').split(':')[0]
    if not name:
        raise ToolError(2, 'no endpoint name specified')
    app = context.unit.app.name
    return sorted(known.relation.id(app) for number, known
                  in context.unit.known.items()
                  if known.relation.ends[app] == name
                  and number not in context.unlisted)


@tool('relation-list', 'r:', 'app', 'format=', 'relation=')
def relation_list(context: Context, options: Options, words: list[str]) -> Any:
    known = known_relation(context, options)
    if 'app' in options:
        return known.relation.other(context.unit.app.name)
    return context.members(known)


@tool('relation-model-get', 'r:', 'format=', 'relation=')
def relation_model_get(context: Context, options: Options,
                       words: list[str]) -> dict[str, str]:
    known_relation(context, options)
    return {'uuid': MODEL_UUID}


@tool('relation-get', 'r:', 'app', 'format=', 'relation=')
def relation_get(context: Context, options: Options, words: list[str]) -> Any:
    known = known_relation(context, options)
    key, name = (words + ['-', ''][len(words):])[:2]
    data = _data(context, known, _owner(context, options, name))
    return data if key == '-' else data.get(key)


@tool('relation-set', 'r:', 'app', 'file=', 'relation=')
def relation_set(context: Context, options: Options, words: list[str]) -> None:
    known = known_relation(context, options)
    changes = parse_pairs(words)
    owner = context.unit.name
    if 'app' in options:
        owner = context.unit.app.name
        if context.model.leader(owner) != context.unit.name:
            raise ToolError(1, 'cannot write relation settings')
    try:
        data = _own_data(context, known, owner)
    except ToolError as error:
        raise ToolError(1, 'cannot read relation settings: ' + error.args[1])
    for key, value in changes.items():
        data.pop(key, None)
        if value:
            data[key] = value
    context.pending_writes.setdefault(
        (known.relation.number, owner), {}).update(changes)


def known_relation(context: Context, options: Options) -> Known:
    """The relation that a call is about, if the agent knows it."""
    relation_id = options.get('relation') or context.hook.relation_id
    if not relation_id:
        raise ToolError(2, 'no relation id specified')
    number = relation_id.rpartition(':')[2]
    known = context.unit.known.get(int(number) if number.isdecimal() else -1)
    if not known or relation_id not in (
            number, known.relation.id(context.unit.app.name)):
        raise ToolError(2, 'invalid value "{}" for option -r: relation not '
                           'found'.format(relation_id))
    return known


def _owner(context: Context, options: Options, name: str) -> str:
    """The owner of the data that relation-get reads: a unit, or with --app an
    application."""
    if name and 'app' not in options and '/' not in name:
        raise ToolError(2, 'expected unit name, got application name "{}"'.format(name))
    if not name and 'app' not in options:
        name = context.hook.remote_unit
    name = name or context.hook.remote_app
    if not name:
        raise ToolError(2, 'no unit or application specified')
    return name.split('/')[0] if 'app' in options else name


def _data(context: Context, known: Known, owner: str) -> Data:
    """The data of a unit or application, as this hook sees them."""
    app = context.unit.app.name
    if owner == context.unit.name or (
            owner == app and context.model.leader(app) == context.unit.name):
        return _own_data(context, known, owner)
    if owner in context.members(known):
        cache: dict[Any, Data] = known.cache
        key: Any = owner
    else:
        cache, key = context.other_data, (known.relation.number, owner)
    if key not in cache:
        cache[key] = _read_from_controller(context, known, owner)
    return cache[key]


def _own_data(context: Context, known: Known, owner: str) -> Data:
    """The own unit's or application's data, including what the hook has written."""
    key = known.relation.number, owner
    if key not in context.own_data:
        relation = controller_relation(context, known)
        of_unit = owner == context.unit.name
        if relation is None:
            raise ToolError(1, 'permission denied' if of_unit else
                            context.model.profile.error_own_app_data_gone)
        if context.unit.name not in relation.scope:
            raise ToolError(1, _unknown_unit_error(context, relation,
                                                   context.unit.name))
        bags = relation.bags if of_unit else relation.app_bags
        context.own_data[key] = dict(bags[owner].data)
    return context.own_data[key]


def _read_from_controller(context: Context, known: Known, owner: str) -> Data:
    """Read the data of another unit or application."""
    profile, relation = context.model.profile, controller_relation(context, known)
    if relation is None:
        raise ToolError(1, profile.error_relation_gone)
    if '/' in owner:
        if owner not in relation.bags:
            raise ToolError(1, _unknown_unit_error(context, relation, owner))
        return relation.bags[owner].data
    app = context.unit.app.name
    if owner not in relation.ends:
        raise ToolError(1, profile.error_unknown_app)
    if owner == app and not relation.peers and not profile.own_app_data_readable:
        raise ToolError(1, 'permission denied')
    return relation.app_bags[owner].data


def _unknown_unit_error(context: Context, relation: Relation, name: str) -> str:
    profile = context.model.profile
    if name.split('/')[0] in relation.ends:
        return profile.error_unknown_unit.format(unit=name, relation=' '.join(
            map(':'.join, relation.ends.items())))
    return profile.error_foreign_unit


def controller_relation(context: Context, known: Known) -> Relation | None:
    """The relation whose data the controller returns for one that the agent knows.

    The controller finds relations by their endpoints. For a force-removed relation it
    therefore finds the replacement, if there is one.
    """
    relation = known.relation
    if not known.ghost:
        return relation
    return next((other for other in context.model.relations.values()
                 if other.ends == relation.ends and other is not relation), None)


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
