"""Runs Juju's hook tools. No other module starts a process."""
import json
import os
import subprocess
from collections import namedtuple

from charmhelpers.core import hookenv

from .names import application_of

# What own_data() returns if Juju denies access.
DENIED = 'denied'

# The databags of this unit, and of its application, that this hook has read or written:
# {endpoint: {remote application: relation ID}}. A process runs one hook.
used_databags = {}


class HookToolError(Exception):
    """A hook tool failed, or returned something unexpected.

    :ivar str tool: the name of the tool
    """

    def __init__(self, tool, message):
        super().__init__(message)
        self.tool = tool

    @property
    def permission_denied(self):
        return 'permission denied' in str(self)


# The running hook, from one endpoint's point of view:
#   name            the hook's name, such as `config-changed`
#   kind            `created`, `joined`, `changed`, `departed` or `broken` for a hook of
#                   one of the endpoint's relations, `other` for any other hook
#   relation_id, unit, application
#                   what the hook is about, or None
Hook = namedtuple('Hook', 'name kind relation_id unit application')

# Any hook that is not one of this endpoint's relations, and calls from the charm.
NO_RELATION_HOOK = Hook(None, 'other', None, None, None)


def current_hook(endpoint):
    """Return the hook that is running.

    :rtype: Hook
    """
    name = hookenv.hook_name()
    kind = name.rpartition('-')[2]
    if (hookenv.relation_type() != endpoint
            or name != '{}-relation-{}'.format(endpoint, kind)):
        return NO_RELATION_HOOK._replace(name=name)
    unit = hookenv.remote_unit() or None
    application = (application_of(unit) if unit
                   else os.environ.get('JUJU_REMOTE_APP') or None)
    return Hook(name, kind, hookenv.relation_id(), unit, application)


def run(*command):
    """Run a hook tool, and return its output.

    :rtype: str
    :raises HookToolError: if it cannot be started, or its exit status is not 0
    """
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = process.communicate()
    except OSError as error:
        raise HookToolError(command[0], str(error))
    if process.returncode:
        message = errors.decode('utf-8', 'replace').strip()
        raise HookToolError(
            command[0], message or 'exit status {}'.format(process.returncode))
    return output.decode('utf-8', 'replace')


def query(expected_type, tool, *arguments):
    """Run a hook tool, and return the value that it prints.

    The output is left out of the error, because it could contain part of a secret.

    :param type expected_type: dict, list, str or bool
    :raises HookToolError:
    """
    output = run(tool, '--format=json', *arguments)
    try:
        value = json.loads(output)
    except ValueError:
        value = None
    if not isinstance(value, expected_type):
        raise HookToolError(tool, 'expected a JSON {}'.format(expected_type.__name__))
    return value


def relation_ids(endpoint):
    return query(list, 'relation-ids', endpoint)


def relation_list(relation_id):
    return query(list, 'relation-list', '-r', relation_id)


def unit_data(relation_id, unit):
    return query(dict, 'relation-get', '-r', relation_id, '-', unit)


def own_data(endpoint, application, relation_id):
    """Return this unit's own data in a relation, or DENIED.

    Juju denies a unit its own data if the relation was removed by force.

    :raises HookToolError:
    """
    note_use(endpoint, application, relation_id)
    try:
        return unit_data(relation_id, hookenv.local_unit())
    except HookToolError as error:
        if error.permission_denied:
            return DENIED
        raise


def set_data(endpoint, application, relation_id, data, *options):
    """Set keys of this unit's own data in a relation. An empty value deletes a key.

    :param options: `--app` to set data of this unit's application instead
    :raises HookToolError:
    """
    note_use(endpoint, application, relation_id)
    run('relation-set', '-r', relation_id, *(list(options) + [
        '{}={}'.format(key, data[key]) for key in sorted(data)]))


def note_use(endpoint, application, relation_id):
    """Note that this hook uses its own databag in a relation."""
    used_databags.setdefault(endpoint, {})[application] = relation_id
