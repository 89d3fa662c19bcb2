"""The hook tools for resources and storage, and those that are not supported."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .hooktools import ToolError, tool

if TYPE_CHECKING:
    from .context import Context
    from .hooktools import Options, Words

UNSUPPORTED = (
    'add-metric', 'credential-get', 'juju-reboot', 'k8s-raw-get', 'k8s-raw-set',
    'k8s-spec-get', 'k8s-spec-set', 'payload-register', 'payload-status-set',
    'payload-unregister', 'pod-spec-get', 'pod-spec-set', 'state-delete', 'state-get',
    'state-set', 'storage-add')


@tool('resource-get')
def resource_get(context: Context, options: Options, words: Words) -> str:
    name = words[0] if words else ''
    path = context.model.resources.get((context.unit.app.name, name))
    if path is None:
        raise ToolError(1, 'could not download resource: no resource "{}" of {} is '
                           'attached'.format(name, context.unit.app.name))
    return path


@tool('storage-list', '', 'format=')
def storage_list(context: Context, options: Options, words: Words) -> list[str]:
    return sorted(storage_id for storage_id in context.storage
                  if not words or storage_id.split('/')[0] == words[0])


@tool('storage-get', 's:', 'format=')
def storage_get(context: Context, options: Options, words: Words) -> Any:
    storage_id = options.get('s', context.hook.storage)
    location = context.storage.get(storage_id)
    if location is None:
        raise ToolError(1, 'invalid value "{}" for option -s: storage not '
                           'found'.format(storage_id))
    details = {'kind': 'filesystem', 'location': location}
    return details.get(words[0]) if words else details


def _refuse(name: str) -> None:
    @tool(name)
    def refuse(context: Context, options: Options, words: Words) -> None:
        raise ToolError(1, 'the stand-in does not have the hook tool ' + name)


for unsupported in UNSUPPORTED:
    _refuse(unsupported)
