"""Runs Juju's hook tools, except juju-log. No other module starts processes."""
import json
import os
import re
import subprocess
from collections import namedtuple

from charmhelpers.core import hookenv

from . import names

# What own_data() returns if Juju denies access.
DENIED = 'denied'

# The databags of this unit, and of its application, that this hook has read or written:
# {endpoint: {remote application: (relation ID, whether it was written)}}. A process
# runs one hook.
used_databags = {}

# What Juju says about the own data of a force-removed relation (recorded with Juju 2.9,
# 3.6 and 4.0). Other errors, such as those of a socket, contain the same words.
_PERMISSION_DENIED = re.compile(r'ERROR (cannot read relation settings: )?'
                                r'permission denied( \(unauthorized access\))?\Z')

# The maximum length of an error in a message.
_MAX_ERROR = 500


class HookToolError(Exception):
    """A hook tool failed, or returned something unexpected.

    :ivar str tool: the name of the tool
    """

    def __init__(self, tool, message):
        # the argument of juju-log must be short and must not contain NUL
        text = re.sub('[^ -~]+', ' ', message).strip()[:_MAX_ERROR]
        super().__init__(text or 'no error message')
        self.tool = tool

    @property
    def permission_denied(self):
        return bool(_PERMISSION_DENIED.match(str(self)))


# The running hook, from one endpoint's point of view:
#   name            the hook's name, such as `config-changed`
#   kind            `created`, `joined`, `changed`, `departed` or `broken` for a hook of
#                   one of the endpoint's relations, `other` for any other hook
#   relation_id, unit, application
#                   what the hook is about, or None
Hook = namedtuple('Hook', 'name kind relation_id unit application')

# A hook of none of this endpoint's relations, or a call from the charm.
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
    application = (names.application_of(unit) if unit
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
    except (OSError, ValueError) as error:      # ValueError: a NUL or a lone surrogate
        raise HookToolError(command[0], str(error))
    if process.returncode:
        raise HookToolError(command[0], errors.decode('utf-8', 'replace').strip()
                            or 'exit status {}'.format(process.returncode))
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
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, expected_type):
        raise HookToolError(tool, 'expected a JSON {}'.format(expected_type.__name__))
    return value


def query_names(pattern, tool, *arguments):
    """Run a hook tool that prints a list of names that match a pattern.

    :raises HookToolError:
    """
    found = query(list, tool, *arguments)
    if not all(isinstance(name, str) and pattern.match(name) for name in found):
        raise HookToolError(tool, 'expected a list of names')
    return found


def relation_ids(endpoint):
    return query_names(names.RELATION_ID, 'relation-ids', endpoint)


def relation_list(relation_id):
    return query_names(names.UNIT, 'relation-list', '-r', relation_id)


def application(relation_id):
    """Return the name of the remote application in a relation."""
    name = query(str, 'relation-list', '-r', relation_id, '--app')
    if not names.APPLICATION.match(name):
        raise HookToolError('relation-list', 'expected the name of an application')
    return name


def goal_state(endpoint):
    """Return what goal-state says about an endpoint.

    A hook runs it once, for all endpoints of both layers.

    :return: {application or unit: status}; empty if it fails, as it does before Juju
        2.4, or returns something unexpected
    :rtype: dict
    """
    if 'goal-state' not in hookenv.cache:
        try:
            hookenv.cache['goal-state'] = query(dict, 'goal-state')
        except HookToolError:
            hookenv.cache['goal-state'] = {}
    try:
        named = hookenv.cache['goal-state']['relations'][endpoint]
        return {name: named[name]['status'] for name in named
                if names.APPLICATION.match(name) or names.UNIT.match(name)}
    except (LookupError, TypeError):
        return {}


def can_read_unit(relation_id, unit):
    """Return whether a unit's data in a relation can be read."""
    try:
        unit_data(relation_id, unit)
    except HookToolError:
        return False
    return True


def unit_data(relation_id, unit):
    return query(dict, 'relation-get', '-r', relation_id, '-', unit)


def own_data(endpoint, application, relation_id):
    """Return this unit's own data in a relation, or DENIED.

    Juju denies a unit its own data if the relation was removed by force.

    :raises HookToolError:
    """
    note_read(endpoint, application, relation_id)
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
    used_databags.setdefault(endpoint, {})[application] = relation_id, True
    run('relation-set', '-r', relation_id, *(list(options) + [
        '{}={}'.format(key, data[key]) for key in sorted(data)]))


def note_read(endpoint, application, relation_id):
    """Note that this hook has read the databag of this unit or its application."""
    used_databags.setdefault(endpoint, {}).setdefault(application, (relation_id, False))


def has_written(endpoint, application):
    """Return whether this hook has written to the databag it uses for an application.

    relation-get then returns the written data, which Juju discards if the hook fails.
    """
    return used_databags.get(endpoint, {}).get(application, (None, False))[1]


def relations_used(endpoint):
    """Return {remote application: relation ID} of the databags that were used."""
    used = used_databags.get(endpoint, {})
    return {application: used[application][0] for application in used}
