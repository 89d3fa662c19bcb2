"""The hook tools of secrets.

A hook changes drafts, which are kept if it succeeds; so all that it sets of a secret is
one revision. Which revision a unit reads is kept at once, whatever becomes of the hook.
"""
from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .relationtools import known_relation
from .tool import ToolError, pairs, tool

if TYPE_CHECKING:
    from .context import Context
    from .state import Secret

    Options = dict[str, str]
    Words = list[str]


@tool('secret-add', '', 'label=', 'owner=')
def secret_add(context: Context, options: Options, words: Words) -> str:
    unit, label = context.unit, options.get('label', '')
    owner = unit.name if options.get('owner') == 'unit' else unit.app.name
    if owner not in _owners(context):
        raise ToolError(1, 'this unit is not the leader')
    if label and any(secret.label == label for secret in _owned(context).values()):
        raise ToolError(1, 'secret with label "{}" already exists'.format(label))
    draft = context.model.draft_secret(owner, _content(words), label)
    context.drafts[draft.id] = draft
    return 'secret:' + draft.id


@tool('secret-set', '', 'label=', 'owner=')
def secret_set(context: Context, options: Options, words: Words) -> None:
    draft, content = _draft(context, words), _content(words[1:])
    draft.label = options.get('label', draft.label)
    if content not in ({}, draft.revisions[-1]):
        kept = context.model.secrets.get(draft.id)
        draft.revisions[kept.newest if kept else 0:] = [content]


@tool('secret-remove')
def secret_remove(context: Context, options: Options, words: Words) -> None:
    context.drafts[_draft(context, words).id] = None


@tool('secret-grant', 'r:', 'relation=', 'unit=')
def secret_grant(context: Context, options: Options, words: Words) -> None:
    relation = known_relation(context, options).relation
    grantee = options.get('unit') or relation.other(context.unit.app.name)
    _draft(context, words).grants[grantee] = relation.number


@tool('secret-revoke', 'r:', 'app=', 'relation=', 'unit=')
def secret_revoke(context: Context, options: Options, words: Words) -> None:
    grantee = options.get('unit') or options.get('app')
    if not grantee:
        relation = known_relation(context, options).relation
        grantee = relation.other(context.unit.app.name)
    _draft(context, words).grants.pop(grantee, None)


@tool('secret-ids', '', 'format=')
def secret_ids(context: Context, options: Options, words: Words) -> list[str]:
    return sorted(_owned(context))


@tool('secret-info-get', '', 'format=', 'label=')
def secret_info_get(context: Context, options: Options, words: Words) -> dict[str, Any]:
    """What its owner is told of a secret: of its kept revisions."""
    if bool(words) == ('label' in options):
        raise ToolError(2, 'require either a secret URI or label')
    secret = _find_owned(context, options, words)
    kept = context.model.secrets.get(secret.id)
    return {secret.id: {
        'revision': kept.newest if kept else 1, 'label': secret.label,
        'owner': 'unit' if '/' in secret.owner else 'application'}}


@tool('secret-get', '', 'format=', 'label=', 'peek', 'refresh')
def secret_get(context: Context, options: Options, words: Words) -> dict[str, str]:
    """What a secret says: the revision that this unit read first.

    With --refresh it is the newest, from then on, whatever becomes of the hook. With
    --peek it is the newest for once; who has only peeked is not told of others. A label
    is its owner's: others have none.
    """
    if not words and 'label' not in options:
        raise ToolError(2, 'require either a secret URI or label')
    unit, model = context.unit, context.model
    secret = (context.drafts.get(_id(words[0])) or model.find_secret(words[0]) if words
              else _find_owned(context, options, words))
    if not secret:
        raise ToolError(1, 'secret "{}" not found'.format(words[0]))
    if not model.may_read(secret, unit):
        raise ToolError(1, 'permission denied')
    kept = model.secrets.get(secret.id)
    newest = 'peek' in options or 'refresh' in options
    if not kept or newest and secret.newest > kept.newest:
        if 'refresh' in options:
            secret.tracked[unit.name] = secret.newest
        return secret.revisions[-1]
    if 'peek' in options:
        return kept.revisions[-1]
    if 'refresh' in options or unit.name not in kept.tracked:
        kept.tracked[unit.name] = kept.newest
    return kept.revisions[kept.tracked[unit.name] - 1]


def _owners(context: Context) -> set[str]:
    """Whose secrets this unit may change: of its application, if it leads it."""
    unit = context.unit
    leads = context.model.leader(unit.app.name) == unit.name
    return {unit.name, unit.app.name} if leads else {unit.name}


def _owned(context: Context) -> dict[str, Secret]:
    """The secrets that this unit may change, as they are in this hook, by id."""
    secrets = {**context.model.secrets, **context.drafts}
    return {secret.id: secret for secret in secrets.values()
            if secret and secret.owner in _owners(context)}


def _find_owned(context: Context, options: Options, words: Words) -> Secret:
    """The secret of this id or label."""
    wanted = _id(words[0]) if words else options['label']
    for secret in _owned(context).values():
        if wanted == (secret.id if words else secret.label):
            return secret
    raise ToolError(1, 'secret "{}" not found'.format(wanted))


def _draft(context: Context, words: Words) -> Secret:
    """What this hook makes of a secret."""
    if not words:
        raise ToolError(2, 'missing secret URI')
    secret = _find_owned(context, {}, words[:1])
    if secret.id not in context.drafts:
        draft = context.drafts[secret.id] = copy.deepcopy(secret)
        draft.tracked.clear()
    return context.drafts[secret.id]


def _id(uri: str) -> str:
    return uri.rpartition('/')[2].rpartition(':')[2]


def _content(words: Words) -> dict[str, str]:
    """What a secret is to say; a value may be in a file."""
    return {key.partition('#file')[0]: Path(value).read_text()
            if key.endswith('#file') else value for key, value in pairs(words).items()}
