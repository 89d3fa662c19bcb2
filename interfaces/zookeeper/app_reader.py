"""Reads application data, in addition to what the shared reader reads."""
from . import app_data, app_hooktools, app_requests
from .common import hooktools, requirer

# What each kind of hook reads after reader.READS; secret-changed is like a full read.
#   app_data        relation-get of the data of each application that can have a grant,
#                   with secret-get for each secret that it names
#   own_app_data    is-leader, while a request may not have been sent everywhere; on the
#                   leader, relation-get of its application's data in one such relation
#                   for each remote application. A full read does this until there is a
#                   grant
# In a changed hook of the remote application, hook_unit reads its data like app_data.
READS = {
    'created': ('own_app_data',),
    'changed': ('own_app_data',),
    'departed': ('own_app_data',),
    'full': ('app_data', 'own_app_data'),
    'other': ('own_app_data',),
}


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
        self.run(READS.get(kind, ()))

    def read_hook_unit(self):
        if self.hook.unit:
            super().read_hook_unit()
        elif self.hook.relation_id not in self.record.relations.force_removed():
            self._read_app_data(self.hook.relation_id)

    def update_unit(self, relation, unit, data):
        super().update_unit(relation, unit, data)
        if self.endpoint._has_published(data):
            relation['uses_unit_data'] = True

    def read_app_data(self):
        relation_ids = app_requests.relations_that_may_have_grants(self.record)
        for relation_id in sorted(relation_ids):
            self._read_app_data(relation_id)

    def _read_app_data(self, relation_id):
        relation = self.record.relations[relation_id]
        application = relation['application']
        data = self.query(relation_id, application, app_hooktools.app_data, relation_id,
                          application)
        if data is None:
            return
        if not app_data.uses_protocol(data):
            relation.remove_source(application)
        elif not self.record['request']:
            relation.update_source(application, None, [])
        else:
            self._note_secret_owners(relation, data)
            problems = app_data.foreign_secrets(data, application,
                                                self.record['secret_owners'])
            if problems:
                relation.update_source(application, None, problems)
                return
            relation.update_source(application, *app_data.parse(
                data, self._read_secrets(relation_id, data),
                relation['sources'].get(application), self.record['salt']))

    def _note_secret_owners(self, relation, data):
        """Note who owns the secrets that an application names in a relation.

        A secret belongs to the application that named it first, as long as it does, or
        to the local application: another server could get its credentials otherwise.
        """
        relation['secrets'] = sorted(
            app_data.secret_id(uri)
            for uri in app_data.secret_uris(data).values() if uri)
        owners = app_requests.secret_owners(self.record)
        for secret_id in relation['secrets']:
            if secret_id not in owners:
                is_own = app_hooktools.owns_secret(secret_id)
                owners[secret_id] = (
                    app_requests.LOCAL if is_own else relation['application'])
        self.record['secret_owners'] = owners

    def _read_secrets(self, relation_id, data):
        """Return {key: content} of the secrets that could be read."""
        contents = {
            key: self.query(relation_id, 'the ' + key, app_hooktools.secret, uri)
            for key, uri in sorted(app_data.secret_uris(data).items())}
        return {key: content for key, content in contents.items()
                if content is not None}

    def read_own_app_data(self):
        if hooktools.current_hook(self.name).kind == 'joined':
            return      # a unit has had no time to publish a port
        unsent = app_requests.relations_to_request(self.record, self.kind == 'full')
        chosen = self.choose([unsent & {self.hook.relation_id}, unsent])
        if not chosen or not self.query(
                '', 'leader', hooktools.query, bool, 'is-leader'):
            return
        for application, relation_id in sorted(chosen.items()):
            data = self.query(
                relation_id, "this application's data", app_hooktools.own_app_data,
                self.name, application, relation_id)
            if data is not None:
                self.own_app_data_read[relation_id] = data
