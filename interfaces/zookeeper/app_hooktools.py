"""Runs the hook tools of the application-data protocol."""
import os

from charmhelpers.core import hookenv

from .common import hooktools
from .common.names import application_of


def app_data(relation_id, application):
    return hooktools.query(dict, 'relation-get', '-r', relation_id, '--app', '-',
                           application)


def own_app_data(endpoint, application, relation_id):
    """Return the data of this unit's application in a relation.

    :raises HookToolError: also if this unit is not the leader
    """
    hooktools.note_read(endpoint, application, relation_id)
    return app_data(relation_id, application_of(hookenv.local_unit()))


def has_secrets():
    """Return whether this is Juju 3 or later, which has secrets."""
    major = os.environ.get('JUJU_VERSION', '').partition('.')[0]
    return major.isdigit() and int(major) >= 3


def owns_secret(secret_id):
    """Return whether this unit or its application owns a secret.

    For any other secret, Juju answers `secret "<ID>" not found` (secret-info-get.go).
    A unit that is not the leader gets this answer for its application's secrets, too.

    :raises HookToolError: for any other error
    """
    try:
        hooktools.query(dict, 'secret-info-get', secret_id)
    except hooktools.HookToolError as error:
        if '"{}" not found'.format(secret_id) in str(error):
            return False
        raise
    return True


def secret(uri):
    """Return the content of a secret's newest revision; {} if the URI is None.

    Without `--refresh`, Juju keeps returning the revision that was read first. With
    `--peek`, Juju does not track this unit as a consumer of the new revision, so it
    neither runs `secret-changed` for the next one nor tells the owner that the old
    one is no longer in use.

    :rtype: dict
    :raises HookToolError: also while its owner has not granted access
    """
    return hooktools.query(dict, 'secret-get', '--refresh', uri) if uri else {}
