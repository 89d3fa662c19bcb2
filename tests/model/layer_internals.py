"""All that the exploration knows about the layers' internals.

Whoever renames a module or an attribute in `interfaces` must change only this module.
"""
from __future__ import annotations

import functools
import json
import re
import sys
from types import ModuleType
from typing import Any

# The module that runs hook tools through `subprocess` and reads Juju's version from
# `os.environ`, and its cache that lasts for one hook.
HOOK_TOOLS, USED_DATABAGS = 'juju', 'touched'
# The modules for requests and grants, which only a client of `zookeeper` imports. They
# use `os.urandom` and `hashlib`.
APP_REQUESTS, APP_DATA = 'asking', 'granted'
# The class that keeps an endpoint's record.
ENDPOINT_MODULE, ENDPOINT_CLASS = 'relation', 'RecordedRelation'
# The record's key in the key/value store, and the version of its layout.
RECORD_KEY, RECORD_VERSION = 'interface-layer.ep', 2
# The fields of a record that only affect the log while the charm has made no request,
# and the text by which such a record is recognised.
NO_REQUEST = '"request": null'
REQUEST_FIELDS = re.compile(r'"earlier": true, |"unasked": "[^"]*"(, )?')

RELATION_ID = re.compile(r'\bep:\d+')


def _module(package: str, name: str) -> ModuleType:
    return sys.modules['{}.{}'.format(package, name)]


def replace_standard_modules(package: str, replacement: Any) -> None:
    """Give the modules of a layer an object in place of `subprocess`, `os`, `hashlib`.

    :param package: such as `relations.zookeeper`
    """
    hook_tools = _module(package, HOOK_TOOLS)
    hook_tools.subprocess = hook_tools.os = replacement
    if '{}.{}'.format(package, APP_REQUESTS) in sys.modules:
        _module(package, APP_REQUESTS).os = replacement
        _module(package, APP_DATA).hashlib = replacement


def forget_used_databags(package: str) -> None:
    """Clear the cache that a new process does not have."""
    getattr(_module(package, HOOK_TOOLS), USED_DATABAGS).clear()


def endpoint_class(package: str) -> type:
    return getattr(_module(package, ENDPOINT_MODULE), ENDPOINT_CLASS)


@functools.cache
def parse_record(text: str) -> tuple[int, frozenset[str]]:
    """A record's version, and all relation IDs in it."""
    return json.loads(text)['version'], frozenset(RELATION_ID.findall(text))


def without_irrelevant_fields(store: str) -> str:
    """The text of a key/value store without fields that do not affect later hooks."""
    return REQUEST_FIELDS.sub('', store) if NO_REQUEST in store else store
