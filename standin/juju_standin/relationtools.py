"""The hook tools of relations: relation-ids, relation-list, -get and -set."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import yaml

from .secrets import MODEL_UUID
from .tool import ToolError, pairs, tool

if TYPE_CHECKING:
    from .context import Context
    from .state import Known, Relation

    Options = dict[str, str]
    Settings = dict[str, str]


@tool('relation-ids', '', 'format=')
def relation_ids(context: Context, options: Options, words: list[str]) -> list[str]:
    name = words[0] if words else (context.hook.relation_id or '').split(':')[0]
    if not name:
        raise ToolError(2, 'no endpoint name specified')
    app = context.unit.app.name
    return sorted(known.relation.id(app) for number, known
                  in context.unit.known.items()
                  if known.relation.ends[app] == name and number not in context.broken)


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
    settings = _settings(context, known, _whose(context, options, name))
    return settings if key == '-' else settings.get(key)


@tool('relation-set', 'r:', 'app', 'file=', 'relation=')
def relation_set(context: Context, options: Options, words: list[str]) -> None:
    known = known_relation(context, options)
    settings = pairs(words)
    owner = context.unit.name
    if 'app' in options:
        owner = context.unit.app.name
        if context.model.leader(owner) != context.unit.name:
            raise ToolError(1, 'cannot write relation settings')
    try:
        own = _own(context, known, owner)
    except ToolError as error:
        raise ToolError(1, 'cannot read relation settings: ' + error.args[1])
    for key, value in settings.items():
        own.pop(key, None)
        if value:
            own[key] = value
    context.buffered.setdefault((known.relation.number, owner), {}).update(settings)


def known_relation(context: Context, options: Options) -> Known:
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


def _whose(context: Context, options: Options, name: str) -> str:
    """Whose settings are meant: a unit's, or with --app an application's."""
    if name and 'app' not in options and '/' not in name:
        raise ToolError(2, 'expected unit name, got application name "{}"'.format(name))
    if not name and 'app' not in options:
        name = context.hook.remote_unit
    name = name or context.hook.remote_app
    if not name:
        raise ToolError(2, 'no unit or application specified')
    return name.split('/')[0] if 'app' in options else name


def _settings(context: Context, known: Known, name: str) -> Settings:
    """Someone's settings, as this hook sees them."""
    app = context.unit.app.name
    if name == context.unit.name or (
            name == app and context.model.leader(app) == context.unit.name):
        return _own(context, known, name)
    if name in context.members(known):
        cache: dict[Any, Settings] = known.cache
        key: Any = name
    else:
        cache, key = context.others, (known.relation.number, name)
    if key not in cache:
        cache[key] = _read(context, known, name)
    return cache[key]


def _own(context: Context, known: Known, owner: str) -> Settings:
    """The unit's own settings, or its application's, with what the hook has set."""
    key = known.relation.number, owner
    if key not in context.touched:
        relation = answering(context, known)
        unit = owner == context.unit.name
        if relation is None:
            raise ToolError(1, 'permission denied' if unit else
                            context.model.profile.own_application_gone)
        if context.unit.name not in relation.scope:
            raise ToolError(1, _unknown(context, relation, context.unit.name))
        bags = relation.bags if unit else relation.app_bags
        context.touched[key] = dict(bags[owner].data)
    return context.touched[key]


def _read(context: Context, known: Known, name: str) -> Settings:
    """What the controller says that another unit or application has published."""
    profile, relation = context.model.profile, answering(context, known)
    if relation is None:
        raise ToolError(1, profile.relation_gone)
    if '/' in name:
        if name not in relation.bags:
            raise ToolError(1, _unknown(context, relation, name))
        return relation.bags[name].data
    app = context.unit.app.name
    if name not in relation.ends:
        raise ToolError(1, profile.application_unknown)
    if name == app and not relation.peers and not profile.own_application_read:
        raise ToolError(1, 'permission denied')
    return relation.app_bags[name].data


def _unknown(context: Context, relation: Relation, name: str) -> str:
    profile = context.model.profile
    if name.split('/')[0] in relation.ends:
        return profile.unit_unknown.format(unit=name, relation=' '.join(
            map(':'.join, relation.ends.items())))
    return profile.foreign_unit


def answering(context: Context, known: Known) -> Relation | None:
    """The relation that the controller answers for.

    It goes by the endpoints: for one that is gone it takes the one that was made in
    its place, if there is one.
    """
    relation = known.relation
    if not known.ghost:
        return relation
    return next((other for other in context.model.relations.values()
                 if other.ends == relation.ends and other is not relation), None)


def settings_file(name: str, stdin: bytes, cwd: str) -> list[str]:
    """The settings in a YAML file, as `key=value`; text stays as written."""
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
