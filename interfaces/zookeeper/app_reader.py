"""Reads application data, in addition to what the shared reader reads."""
from . import app_data, app_hooktools, app_requests, app_secrets
from .common import hooktools, requirer

# What each kind of hook reads after reader.READS. secret-changed does the reads of
# `full`, but does not check confirmed requests.
#   app_data        relation-get of the data of each application that can have a grant,
#                   with secret-get for each secret that it names, and secret-info-get
#                   for each new one
#   own_app_data    is-leader, while it is uncertain whether a request was sent; on the
#                   leader, relation-get of its application's data, for each remote
#                   application in one relation where this is uncertain. A full read
#                   does this until there is a grant
# In a changed hook of the remote application, hook_unit reads the application's data
# and secrets like app_data. Whenever an application names a secret that is new or that
# it does not own, relations and the data of the other applications are read as well,
# see app_secrets.py.
READS = {
    'created': ('own_app_data',),
    'changed': ('own_app_data',),
    'departed': ('own_app_data',),
    'full': ('app_data', 'own_app_data'),
    'other': ('own_app_data',),
}

OWN_APP_DATA = "this application's data"


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

    def read_hook_unit(self):
        if self.hook.unit:
            super().read_hook_unit()
        elif self.hook.relation_id not in self.record.relations.force_removed():
            self._read_applications([self.hook.relation_id])

    def update_unit(self, relation, unit, data):
        super().update_unit(relation, unit, data)
        if self.endpoint._has_published(data):
            relation['uses_unit_data'] = True

    def read_app_data(self):
        relation_ids = (app_requests.relations_that_may_have_grants(self.record)
                        if self.record['request'] else set())
        for relation_id in set(self.record.relations) - relation_ids:
            _forget_failures(self.record.relations[relation_id])
        self._read_applications(relation_ids)

    def _read_applications(self, relation_ids):
        applications = self.record.relations.applications()
        data_read = {}
        for relation_id in sorted(relation_ids):
            application = applications[relation_id]
            data_read[relation_id] = self.try_query(
                relation_id, application, app_hooktools.app_data, relation_id,
                application)
        owners = {}
        if self.record['request']:      # without a request, no secret is used
            owners = app_secrets.find_owners(self, data_read)
        for relation_id, data in sorted(data_read.items()):
            # the relation may have ended: find_owners() reads relations, too
            if data is not None and relation_id in self.record.relations:
                self._update_application(relation_id, data, owners)

    def _update_application(self, relation_id, data, owners):
        relation = self.record.relations[relation_id]
        application, problems = relation['application'], []
        if app_data.uses_protocol(data) and self.record['request']:
            problems = app_secrets.problems(application, data, owners)
            if not problems:
                relation.update_source(application, *app_data.parse(
                    data, self._read_secrets(relation_id, data, owners),
                    relation['sources'].get(application), self.record['salt']))
                return
        _forget_failures(relation)
        if app_data.uses_protocol(data):
            relation.update_source(application, None, problems)
        else:
            relation.remove_source(application)

    def _read_secrets(self, relation_id, data, owners):
        """Return {key: content} of the secrets that could be read."""
        contents = {
            key: self.try_query(relation_id, 'the ' + key, app_secrets.content, uri,
                                owners)
            for key, uri in sorted(app_data.secret_uris(data).items())}
        return {key: content for key, content in contents.items()
                if content is not None}

    def query_grant(self, relation_id):
        """Return a relation's grant and its problems, see app_data.parse_grant().

        :raises HookToolError:
        """
        application = self.record.relations[relation_id]['application']
        data = app_hooktools.app_data(relation_id, application)
        owners = app_secrets.find_owners(self, {relation_id: data})
        problems = app_secrets.problems(application, data, owners)
        if problems:
            return {}, problems
        secrets = {}
        for key, uri in sorted(app_data.secret_uris(data).items()):
            try:
                secrets[key] = app_secrets.content(uri, owners)
            except hooktools.HookToolError:
                if key != 'secret-tls' or app_data.is_on(data.get('tls') or 'true'):
                    raise       # if plain data say that TLS is off, it is not needed
        return app_data.parse_grant(data, secrets)

    def read_own_app_data(self):
        if hooktools.current_hook(self.name).kind == 'joined':
            return      # a unit has had no time to publish a port
        self.record.clear_warning('unreadable', 'leader')
        unsent = self._unsent_relations()
        chosen = self.choose([unsent & {self.hook.relation_id}, unsent])
        if not chosen or not self.try_query(
                '', 'leader', hooktools.query, bool, 'is-leader'):
            return
        for application, relation_id in sorted(chosen.items()):
            data = self.try_query(
                relation_id, OWN_APP_DATA, app_hooktools.own_app_data,
                self.name, application, relation_id)
            if data is not None:
                self.own_app_data_read[relation_id] = data

    def _unsent_relations(self):
        """Return the relations in which it is uncertain whether a request was sent."""
        relations = self.record.relations
        unsent = app_requests.relations_to_request(self.record)
        for relation_id in set(relations) - unsent:
            relations[relation_id].clear_warning('unreadable', OWN_APP_DATA)
        if self.kind == 'full':     # also checks whether a confirmed request was lost
            return unsent
        return {relation_id for relation_id in unsent
                if not relations[relation_id].get('confirmed')}


def _forget_failures(relation):
    """Clear the warnings about reads of a grant that are not repeated."""
    relation.clear_warning('unreadable', relation['application'])
    for key in app_data.SECRETS:
        relation.clear_warning('unreadable', 'the ' + key)
