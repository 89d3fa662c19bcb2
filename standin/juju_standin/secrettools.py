"""The hook tools for secrets.

A hook changes drafts of secrets. If the hook succeeds, they are committed: all its
changes of a secret make one revision. The revision that a unit reads is recorded at
once, even if the hook fails.
"""
from __future__ import annotations

import base64
import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .hooktools import ToolError, parse_pairs, tool
from .relationtools import local_relation
from .secrets import parse_id

if TYPE_CHECKING:
    from .context import Context
    from .hooktools import Options, Words
    from .state import Secret


SECRET_OPTIONS = ('description=', 'expire=', 'file=', 'label=', 'owner=', 'rotate=')


@tool('secret-add', '', *SECRET_OPTIONS)
def secret_add(context: Context, options: Options, words: Words) -> str:
    unit, label = context.unit, options.get('label', '')
    owner = unit.name if options.get('owner') == 'unit' else unit.app.name
    if owner not in _owners(context):
        raise ToolError(1, 'this unit is not the leader')
    if label and any(secret.label == label for secret in _owned(context).values()):
        raise ToolError(1, 'secret with label "{}" already exists'.format(label))
    draft = context.model.draft_secret(owner, _content(words), label)
    draft.rotation = options.get('rotate', draft.rotation)
    context.drafts[draft.id] = draft
    return 'secret:' + draft.id


@tool('secret-set', '', *SECRET_OPTIONS)
def secret_set(context: Context, options: Options, words: Words) -> None:
    draft, content = _draft(context, words), _content(words[1:])
    draft.label = options.get('label', draft.label)
    draft.rotation = options.get('rotate', draft.rotation)
    if content not in ({}, draft.revisions[-1]):
        stored = context.model.secrets.get(draft.id)
        draft.revisions[stored.newest if stored else 0:] = [content]


@tool('secret-remove', '', 'revision=')
def secret_remove(context: Context, options: Options, words: Words) -> None:
    draft, revision = _draft(context, words), int(options.get('revision', 0))
    if revision:
        _content_of(draft, revision)
        draft.revisions[revision - 1] = None
    if not revision or not any(draft.revisions):
        context.drafts[draft.id] = None


@tool('secret-grant', 'r:', 'relation=', 'unit=')
def secret_grant(context: Context, options: Options, words: Words) -> None:
    relation = local_relation(context, options).relation
    grantee = options.get('unit') or relation.remote_app(context.unit.app.name)
    _draft(context, words).grants[grantee] = relation.number


@tool('secret-revoke', 'r:', 'app=', 'relation=', 'unit=')
def secret_revoke(context: Context, options: Options, words: Words) -> None:
    grantee = options.get('unit') or options.get('app')
    if not grantee:
        relation = local_relation(context, options).relation
        grantee = relation.remote_app(context.unit.app.name)
    _draft(context, words).grants.pop(grantee, None)


@tool('secret-ids', '', 'format=')
def secret_ids(context: Context, options: Options, words: Words) -> list[str]:
    return sorted(_owned(context))


@tool('secret-info-get', '', 'format=', 'label=')
def secret_info_get(context: Context, options: Options, words: Words) -> dict[str, Any]:
    """Describe a secret to its owner; the revision ignores this hook's changes."""
    if bool(words) == ('label' in options):
        raise ToolError(2, 'require either a secret URI or label')
    secret = _find_owned(context, options, words)
    stored = context.model.secrets.get(secret.id)
    details = {
        'revision': stored.newest if stored else 1, 'label': secret.label,
        'owner': 'unit' if '/' in secret.owner else 'application',
        'rotation': secret.rotation}
    access = [_access(context, grantee, number)
              for grantee, number in sorted(secret.grants.items())
              if number in context.model.relations]
    return {secret.id: dict(details, access=access) if access else details}


def _access(context: Context, grantee: str, number: int) -> dict[str, str]:
    kind = 'unit' if '/' in grantee else 'application'
    endpoints = context.model.relations[number].endpoints
    return {'target': '{}-{}'.format(kind, grantee.replace('/', '-')),
            'scope': 'relation-' + '#'.join(map('.'.join, endpoints.items())),
            'role': 'view'}


@tool('secret-get', '', 'format=', 'label=', 'peek', 'refresh')
def secret_get(context: Context, options: Options, words: Words) -> dict[str, str]:
    """Return a secret's content: by default of the revision that this unit read first.

    --refresh returns the newest revision, and later calls return that one too, even if
    the hook fails. --peek returns the newest revision once; a unit that only peeks
    is not notified of new ones. --label with a URI gives the secret a label that only
    this unit uses.
    """
    unit, secret = context.unit, _find_readable(context, options, words)
    stored = context.model.secrets.get(secret.id)
    newest = 'peek' in options or 'refresh' in options
    if not stored or newest and secret.newest > stored.newest:
        if 'refresh' in options:
            secret.tracked[unit.name] = secret.newest
        return _content_of(secret, secret.newest)
    if 'peek' in options:
        return _content_of(stored, stored.newest)
    if 'refresh' in options or unit.name not in stored.tracked:
        stored.tracked[unit.name] = stored.newest
    return _content_of(stored, stored.tracked[unit.name])


def _find_readable(context: Context, options: Options, words: Words) -> Secret:
    """Find a secret that this unit may read by its URI or label, and label it."""
    if words:
        secret = context.drafts.get(parse_id(words[0])) or (
            context.model.find_secret(words[0]))
    elif 'label' in options:
        secret = _find_label(context, options['label'])
    else:
        raise ToolError(2, 'require either a secret URI or label')
    if not secret:
        raise ToolError(1, 'secret "{}" not found'.format(words[0]))
    if not context.model.may_read(secret, context.unit):
        raise ToolError(1, 'permission denied')
    if words and 'label' in options:
        secret.unit_labels[context.unit.name] = options['label']
    return secret


def _content_of(secret: Secret, revision: int) -> dict[str, str]:
    content = dict(enumerate(secret.revisions, 1)).get(revision)
    if content is None:
        raise ToolError(1, 'secret revision "{}/{}" not found'.format(
            secret.id, revision))
    return content


def _find_label(context: Context, label: str) -> Secret:
    """Find a secret by its owner's or this unit's label."""
    owned, unit = _owned(context), context.unit.name
    for secret in {**context.model.secrets, **owned}.values():
        if label == secret.unit_labels.get(unit) or (
                secret.id in owned and label == secret.label):
            return secret
    raise ToolError(1, 'secret URI for consumer label "{}" not found'.format(label))


def _owners(context: Context) -> set[str]:
    """The owners whose secrets this unit may change: itself and, if it leads, its
    application."""
    unit = context.unit
    return {unit.name, unit.app.name} if context.leads else {unit.name}


def _owned(context: Context) -> dict[str, Secret]:
    """The secrets that this unit may change, with this hook's changes, by ID."""
    secrets = {**context.model.secrets, **context.drafts}
    return {secret.id: secret for secret in secrets.values()
            if secret and secret.owner in _owners(context)}


def _find_owned(context: Context, options: Options, words: Words) -> Secret:
    """Find a secret that this unit may change by its ID or label."""
    wanted = parse_id(words[0]) if words else options['label']
    for secret in _owned(context).values():
        if wanted == (secret.id if words else secret.label):
            return secret
    raise ToolError(1, 'secret "{}" not found'.format(wanted))


def _draft(context: Context, words: Words) -> Secret:
    """The draft in which this hook changes a secret."""
    if not words:
        raise ToolError(2, 'missing secret URI')
    secret = _find_owned(context, {}, words[:1])
    if secret.id not in context.drafts:
        draft = context.drafts[secret.id] = copy.deepcopy(secret)
        draft.tracked.clear()
    return context.drafts[secret.id]


def _content(words: Words) -> dict[str, str]:
    """Parse a secret's content; a value can be in a file or encoded."""
    content = {}
    for name, value in parse_pairs(words).items():
        key, _, suffix = name.partition('#')
        content[key] = (Path(value).read_text() if suffix == 'file' else
                        base64.b64decode(value).decode() if suffix == 'base64' else
                        value)
    return content
