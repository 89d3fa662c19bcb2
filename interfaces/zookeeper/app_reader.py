"""Reads application data, in addition to what the shared reader reads."""
from . import app_data, app_hooktools, app_requests, app_secrets
from .common import hooktools, requirer
from .common.record import unusable_message

# What each kind of hook reads after reader.READS. secret-changed does the `full`
# reads of this table, but does not check confirmed requests.
#   app_data        if there is a request, relation-get of the data of each application
#                   that can have a grant; secret-get for each secret that it names, and
#                   secret-info-get for each new one
#   own_app_data    is-leader, if it is uncertain in any relation whether a request was
#                   sent. The leader then reads its application's data with
#                   relation-get, in one such relation of each remote application. A
#                   full read also checks confirmed requests, until there is a grant
# In a changed hook of the remote application, hook_source reads the application's data
# and, if there is a request, its secrets. Whenever an application names a secret that
# is new or that it does not own, relations and the data of the other applications are
# read as well, see app_secrets.py.
READS = {
    'created': ('own_app_data',),
    'changed': ('own_app_data',),
    'departed': ('own_app_data',),
    'full': ('app_data', 'own_app_data'),
    'other': ('own_app_data',),
}

OWN_APP_DATA = "this application's data"

UNKNOWN_OWNER = 'the owner of its {} is unknown: {}'
UNREAD = 'secret-get of its {} failed ({})'
KEPT = 'keeping the last known data of {}: {}'


class AppReader(requirer.UnitReader):
    """A reader of application data.

    :ivar dict own_app_data_read: {relation ID: the data of this unit's application}
    """

    def __init__(self, endpoint, before, hook):
        super().__init__(endpoint, before, hook)
        self.own_app_data_read = {}

    def read(self):
        super().read()
        kind = 'full' if self.hook.name == 'secret-changed' else self.kind
        self.do_reads(READS.get(kind, ()))

    def read_hook_source(self):
        if self.hook.unit:
            super().read_hook_source()
        elif self.hook.relation_id not in self.record.relations.force_removed():
            self._read_applications([self.hook.relation_id])

    def update_unit(self, relation, unit, data):
        super().update_unit(relation, unit, data)
        if self.has_published(data):
            relation['uses_unit_data'] = True

    def read_app_data(self):
        relation_ids = (app_requests.relations_that_may_have_grants(self.record)
                        if self.record['request'] else set())
        for relation_id in set(self.record.relations) - relation_ids:
            relation = self.record.relations[relation_id]
            relation.clear_warning('unreadable', relation['application'])
            _update_secret_warnings(relation, {})
        self._read_applications(relation_ids)

    def _read_applications(self, relation_ids):
        applications = self.record.relations.applications()
        data_read = {}
        for relation_id in sorted(relation_ids):
            application = applications[relation_id]
            data_read[relation_id] = self.try_query(
                relation_id, application, app_hooktools.app_data, relation_id,
                application)
        owners = {}, {}
        if self.record['request']:      # without a request, no secret is used
            owners = app_secrets.update_owners(self, data_read)
        for relation_id, data in sorted(data_read.items()):
            # the relation may have ended: update_owners() reads relations, too
            if data is not None and relation_id in self.record.relations:
                self._update_application(relation_id, data, *owners)

    def _update_application(self, relation_id, data, owners, unknown_owners):
        relation = self.record.relations[relation_id]
        application, unread_secrets = relation['application'], {}
        if not app_data.uses_protocol(data):
            relation.remove_source(application)
        elif not self.record['request']:
            relation.update_source(application, None, [])
        else:
            grant, problems, unread_secrets = _read_secrets_and_parse(
                application, data, owners, unknown_owners)
            details = None if problems else app_data.details(
                grant, relation['sources'].get(application), self.record['salt'])
            relation.update_source(application, details, problems)
        _update_secret_warnings(relation, unread_secrets)

    def query_grant(self, relation_id):
        """Return a relation's grant and its problems, see app_data.parse_grant().

        :raises HookToolError: if the application's data or relations cannot be read
        """
        application = self.record.relations[relation_id]['application']
        data = app_hooktools.app_data(relation_id, application)
        owners = app_secrets.update_owners(self, {relation_id: data})
        if relation_id not in self.record.relations:
            raise hooktools.HookToolError(
                'relation-ids', '{} is not listed'.format(relation_id))
        grant, problems, unread_secrets = _read_secrets_and_parse(
            application, data, *owners)
        if not app_data.is_complete(grant):
            problems = problems + sorted(unread_secrets.values())
        return grant, problems

    def read_own_app_data(self):
        if hooktools.current_hook(self.name).kind == 'joined':
            return      # the joining unit has not run its own hooks yet
        self.record.clear_warning('unreadable', 'leader')
        to_check = self._requests_to_check()
        chosen = self.choose([to_check & {self.hook.relation_id}, to_check])
        if not chosen or not self.try_query(
                '', 'leader', hooktools.query, bool, 'is-leader'):
            return
        for application, relation_id in sorted(chosen.items()):
            data = self.try_query(
                relation_id, OWN_APP_DATA, app_hooktools.own_app_data,
                self.name, application, relation_id)
            if data is not None:
                self.own_app_data_read[relation_id] = data

    def _requests_to_check(self):
        """Return the relations in which to check whether they contain a request."""
        relations = self.record.relations
        candidates = app_requests.relations_that_may_need_request(self.record)
        for relation_id in set(relations) - candidates:
            relations[relation_id].clear_warning('unreadable', OWN_APP_DATA)
        if self.kind == 'full':     # also checks whether a confirmed request was lost
            return candidates
        return {relation_id for relation_id in candidates
                if not relations[relation_id].get('confirmed')}


def _read_secrets_and_parse(application, data, owners, unknown_owners):
    """Read the secrets that an application names, and parse its grant.

    :param owners, unknown_owners: as from app_secrets.update_owners()
    :return: (grant, problems, unread): the first two as from app_data.parse_grant();
        and {(kind of warning, key): the reason} of the secrets that could not be read
    """
    problems = ['{} names a secret of {}'.format(key, owners[secret_id])
                for key, secret_id in sorted(app_data.secret_ids(data).items())
                if owners[secret_id] not in (None, application)]
    if problems or not data.get('endpoints'):
        return {}, problems, {}
    contents, unread = {}, {}
    for key, uri in sorted(app_data.secret_uris(data).items()):
        secret_id = app_data.secret_id(uri or '')
        if secret_id in unknown_owners:
            unread['unknown-owner', key] = UNKNOWN_OWNER.format(
                key, unknown_owners[secret_id])
            continue
        try:
            contents[key] = app_hooktools.secret(uri)
        except hooktools.HookToolError as error:
            unread['unreadable', key] = UNREAD.format(key, error)
    return app_data.parse_grant(data, contents) + (unread,)


def _update_secret_warnings(relation, unread):
    """Store warnings about the secrets that could not be read.

    :param dict unread: {(kind of warning, key): the reason}
    """
    application = relation['application']
    for kind in 'unreadable', 'unknown-owner':
        for key in app_data.SECRETS:
            relation.clear_warning(kind, key)
    for (kind, key), reason in unread.items():
        text = unusable_message(application, [reason])
        if relation['sources'].get(application):
            text = KEPT.format(application, reason)
        relation.warn(kind, key, text)
