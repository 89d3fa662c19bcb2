"""The only module of the exploration that uses the layers' internals.

After a module or an attribute in `interfaces` is renamed, change the name here.
"""
from __future__ import annotations

import functools
import json
import re
import sys
from types import ModuleType
from typing import Any

# The module that runs hook tools through `subprocess`, and its cache, which a new
# process does not have.
HOOK_TOOLS, USED_DATABAGS = 'common.hooktools', 'used_databags'
# The modules of a client of `zookeeper` that use `os.environ`, `hashlib` and `uuid`.
APP_HOOK_TOOLS, APP_DATA, APP_CLIENT = 'app_hooktools', 'app_data', 'requires'
# The class that keeps an endpoint's record.
ENDPOINT_MODULE, ENDPOINT_CLASS = 'common.endpoint', 'RecordedEndpoint'
# The record's key in the key/value store, and the version of its layout.
RECORD_KEY, RECORD_VERSION = 'interface-layer.ep', 5
# The key of the owners of secrets, which a client of `zookeeper` stores after its
# request.
SECRET_OWNERS_KEY = 'interface-layer-zookeeper.secret-owners'
# The text in a record of a charm that has made no request, and the fields that then
# affect only the log.
NO_REQUEST = '"request": null'
REQUEST_FIELDS = re.compile(
    r', "uses_unit_data": true|"missing-request": {[^}]*}(, )?')
# The record's checksum, which follows from its other fields.
CHECKSUM = re.compile(r'"checksum": \d+, ')

RELATION_ID = re.compile(r'\bep:\d+')


def _module(package: str, name: str) -> ModuleType:
    return sys.modules['{}.{}'.format(package, name)]


def replace_standard_modules(package: str, replacement: Any) -> None:
    """Give the modules of a layer an object in place of standard modules.

    :param package: such as `relations.zookeeper`
    """
    hook_tools = _module(package, HOOK_TOOLS)
    hook_tools.subprocess = hook_tools.os = replacement
    if '{}.{}'.format(package, APP_DATA) in sys.modules:
        _module(package, APP_HOOK_TOOLS).os = replacement
        _module(package, APP_DATA).hashlib = replacement
        _module(package, APP_CLIENT).uuid = replacement


def forget_used_databags(package: str) -> None:
    """Clear the cache, as a new process would."""
    getattr(_module(package, HOOK_TOOLS), USED_DATABAGS).clear()


def endpoint_class(package: str) -> type:
    return getattr(_module(package, ENDPOINT_MODULE), ENDPOINT_CLASS)


@functools.cache
def parse_record(text: str) -> tuple[int, frozenset[str]]:
    """A record's version, and all relation IDs in it."""
    return json.loads(text)['version'], frozenset(RELATION_ID.findall(text))


def without_irrelevant_fields(store: str) -> str:
    """The text of a key/value store without fields that do not affect later hooks."""
    store = CHECKSUM.sub('', store)
    return REQUEST_FIELDS.sub('', store) if NO_REQUEST in store else store
