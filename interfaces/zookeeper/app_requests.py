"""Sends requests to servers of the application-data protocol.

Fields of the record:

    request         what to request from such servers, as {key: value}; {} after
                    request(None); null before the first call
    salt            for the digests of credentials

and of a relation:

    uses_unit_data  true once a unit has published something of the unit-data protocol
    request         the request that was sent there; null or absent while unknown
    confirmed       whether a later hook has read it there; Juju discards the data of
                    a hook that fails
"""
from . import app_data, app_hooktools
from .common import hooktools

DIFFERENT = ('{} already has a request for {database} ({extra-user-roles}). Remove the '
             'relation and add it again to send a different request')
MISSING = ('{0} only accepts clients that request access. Upgrade this charm to a '
           'revision that does so (for its author: see request() and credentials())')
MAYBE_MISSING = ('no unit of {0} has published a port yet. If {0} only accepts clients '
                 'that request access, upgrade this charm to a revision that does so '
                 '(for its author: see request() and credentials())')
NOT_SENT = 'relation-set of the request in {} failed ({}); a later hook tries again'


def relations_that_may_have_grants(record):
    """Return the IDs of the relations whose application can have a grant.

    An application with a usable unit is left out, unless it has used the
    application-data protocol.
    """
    return {relation_id for relation_id, relation in record.relations.existing()
            if relation['application']
            and (relation['application'] in relation['sources']
                 or not any(map(relation['sources'].get, relation['units'])))}


def relations_that_may_need_request(record):
    """Return the IDs of the relations without a grant, if the charm requests access.

    An application is left out if any of its relations shows that it uses the unit-data
    protocol. An undetected force-removed relation may show no unit data, and Juju would
    write its request into the replacement, whose units may use that protocol.
    """
    if not record['request']:
        return set()
    unit_data_applications = _unit_data_applications(record)
    return {relation_id for relation_id, relation in record.relations.existing()
            if relation['units'] and _has_no_unit_data(relation)
            and relation['application'] not in unit_data_applications
            and not relation['sources'].get(relation['application'])}


def set_request(record, request):
    """Set what to request from servers, or nothing with {}."""
    record['request'] = request
    if not request:
        for relation in record.relations.values():
            if relation['application'] in relation['sources']:
                relation.update_source(relation['application'], None, [])


def send(reader):
    """Send the request where this application's data does not contain one."""
    request = reader.record['request']
    for relation_id, data in sorted(reader.own_app_data_read.items()):
        relation = reader.record.relations[relation_id]
        sent = app_data.parse_sent_request(data)
        try:
            if not sent:
                to_set = app_data.request_data(request, app_hooktools.has_secrets())
                hooktools.set_data(reader.name, relation['application'], relation_id,
                                   to_set, '--app')
        except hooktools.HookToolError as error:
            relation.update(request=None, confirmed=False)
            relation.warn('not-sent', relation_id, NOT_SENT.format(relation_id, error))
            continue
        relation.clear_warning('not-sent', relation_id)
        written_now = hooktools.has_written(reader.name, relation['application'])
        relation.update(request=sent or request, confirmed=not written_now)


def update_warnings(reader):
    """Warn about requests that are missing, or different from the one that was sent."""
    record = reader.record
    unit_data_applications = _unit_data_applications(record)
    may_need_request = relations_that_may_need_request(record)
    for relation_id, relation in record.relations.existing():
        application, sent = relation['application'], relation.get('request')
        if sent or relation_id not in may_need_request:
            relation.clear_warning('not-sent', relation_id)
        if sent:
            _warn_different_request(relation, record['request'])
        if (record['request'] is not None or sent
                or application in unit_data_applications):
            relation.clear_warning('missing-request', application)
        elif not reader.before.migration:
            # reader.hook does not name the hook if the charm has called a method
            _update_missing_request(relation, hooktools.current_hook(reader.name))


def _warn_different_request(relation, request):
    if request and request != relation['request']:
        # never cleared: two handlers that request different paths would otherwise log
        # it in every hook
        relation.warn('different-request', relation['application'],
                      DIFFERENT.format(relation['application'], **relation['request']))


def _update_missing_request(relation, hook):
    """Warn, but not before the charm has had a hook in which to call request()."""
    application = relation['application']
    if not relation['units']:
        relation.clear_warning('missing-request', application)
    elif application in relation['sources'] and hook.kind != 'joined':
        relation.warn('missing-request', application, MISSING.format(application))
    elif hook.name == 'update-status' and _has_no_unit_data(relation):
        relation.warn('missing-request', application, MAYBE_MISSING.format(application))


def _unit_data_applications(record):
    """Return the applications that use the unit-data protocol in any relation."""
    return {relation['application'] for _, relation in record.relations.existing()
            if relation.get('uses_unit_data')}


def _has_no_unit_data(relation):
    """Return whether all units were read, and none has published unit data.

    That is so for servers of the application-data protocol, and for other servers
    before they are ready.
    """
    return (not relation.get('uses_unit_data')
            and set(relation['units']) <= set(relation['sources']))
