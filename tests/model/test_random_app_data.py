"""Random histories of one client whose servers use either protocol.

The servers have no agents: the test itself writes their data and secrets. The
environment variable HISTORIES is the number of histories for each release of Juju.
"""
import os
import random

import pytest
from unit.harness import ZOOKEEPER_REQUIRES, Juju

HISTORIES = int(os.environ.get('HISTORIES', 8))
EVENTS = 40
VALID_GRANT = {'endpoints': '10.0.0.1:2181', 'database': '/kafka'}
INVALID_GRANTS = ({}, {'endpoints': 'x'}, {'database': '//'}, {'password': 'a b'},
                  {'endpoints': ''})


class History:
    """Random events of one unit, and the invariants after each event."""

    def __init__(self, juju, seed):
        self.juju, self.random = juju, random.Random(seed)
        juju.deploy(ZOOKEEPER_REQUIRES)
        self.secrets = {}               # the server's secret, by relation ID
        self.with_unit_data = set()     # relations whose unit has published a port
        self.requests = {}              # the data in the request, by relation ID
        self.newest = 0                 # number of the newest relation
        self.path = None                # the path that the charm requested last

    @property
    def relations(self):
        """All relations by ID, except force-removed ones."""
        return {'zk:{}'.format(number): local.relation
                for number, local in self.juju.unit.local_relations.items()
                if not local.force_removed}

    def run_event(self):
        events = [self.relate, self.request, self.change_leader, self.run_hook,
                  self.run_hook]
        if self.relations:
            events += [self.grant, self.grant, self.grant_invalid, self.publish_port,
                       self.revoke_secret, self.rotate_password, self.depart, self.join,
                       self.force_remove, self.fail_hook]
        self.random.choice(events)()
        self.juju.end()
        self.check_requests()

    def any_relation(self):
        return self.random.choice(sorted(self.relations))

    # Events.

    def relate(self):
        """Add a relation with an application that has none or a force-removed one."""
        application = self.random.choice('ab')
        if not any(application in found.endpoints for found in self.relations.values()):
            self.newest += 1
            relation_id = 'zk:{}'.format(self.newest)
            self.juju.created(relation_id, application)
            self.juju.join(relation_id, application + '/0')

    def request(self):
        self.juju.hook('config-changed')
        self.path = self.random.choice(('/kafka', '/hbase'))
        self.juju.endpoint().request(self.path)

    def change_leader(self):
        self.juju.lead(self.random.random() < 0.6)
        self.juju.hook('leader-elected')

    def run_hook(self):
        self.juju.hook(self.random.choice(('config-changed', 'update-status')))

    def _write_app_data(self, relation_id, data):
        """Publish application data; in some cases Juju does not notify the unit."""
        self.juju.write_app_data(relation_id, data)
        if self.random.random() < 0.7:
            self.juju.application_changed(relation_id)

    def grant(self):
        relation_id = self.any_relation()
        data = dict(VALID_GRANT, endpoints='10.0.0.{}:2181'.format(self.newest))
        if self.juju.model.profile.name == '2.9':
            data.update(username='me', password='s3cret')
        else:
            secret = self.secrets.setdefault(relation_id, self.juju.model.add_secret(
                'x', username='me', password='s3cret'))
            self.juju.model.grant_secret(secret, 'local',
                                         self.juju.relation(relation_id))
            data['secret-user'] = secret.uri
        self._write_app_data(relation_id, data)

    def grant_invalid(self):
        invalid = self.random.choice(INVALID_GRANTS)
        self._write_app_data(self.any_relation(), invalid and {
            **VALID_GRANT, 'username': 'me', 'password': 's3cret', **invalid})

    def publish_port(self):
        relation_id = self.any_relation()
        units = self.juju.listed_units(relation_id)
        if units and self.random.random() < 0.3:
            self.juju.changed(relation_id, units[0], ZOOKEEPER_REQUIRES.settings(7))
            self.with_unit_data.add(relation_id)

    def revoke_secret(self):
        secret = self.secrets.get(self.any_relation())
        if secret:
            self.juju.model.revoke_secret(secret, 'local')

    def rotate_password(self):
        secret = self.secrets.get(self.any_relation())
        if secret:
            self.juju.model.revise_secret(
                secret, username='me', password='s3cret{}'.format(self.newest))
            self.juju.hook('secret-changed')

    def depart(self):
        relation_id = self.any_relation()
        for unit in self.juju.listed_units(relation_id):
            self.juju.departed(relation_id, unit)
        if self.random.random() < 0.5:
            self.juju.broken(relation_id)

    def join(self):
        relation_id = self.any_relation()
        application = self.juju.relation(relation_id).remote_app('local')
        if not self.juju.listed_units(relation_id):
            self.juju.join(relation_id, application + '/1')

    def force_remove(self):
        self.juju.force_remove(self.any_relation())

    def fail_hook(self):
        self.juju.hook('config-changed')
        self.juju.fail(late=self.random.random() < 0.5)

    # Invariants.

    def check_requests(self):
        """A request never changes, and no server that has published a port gets one."""
        for relation_id, relation in self.relations.items():
            before = self.requests.get(relation_id)
            now = self.requests[relation_id] = relation.app_databags['local'].data
            assert now == before or not before
            assert before or not now or relation_id not in self.with_unit_data

    def check_end(self):
        """After full reads, with access to all secrets and without force-removed
        relations, flags and requests are right."""
        self.juju.lead()
        self.juju.restart_agent()
        for relation_id in self.secrets.keys() & self.relations.keys():
            self.juju.model.grant_secret(self.secrets[relation_id], 'local',
                                         self.relations[relation_id])
        for _ in range(2):
            self.juju.update_status()
        usable = [relation_id for relation_id, relation in self.relations.items()
                  if self.juju.listed_units(relation_id)
                  and (self.has_port(relation_id, relation)
                       or self.path and self.has_valid_grant(relation))]
        assert ('available' in self.juju.flags()) is bool(usable)
        for relation_id, relation in self.relations.items():
            if self.path and self.juju.listed_units(relation_id) and (
                    relation_id not in self.with_unit_data.union(usable)):
                assert relation.app_databags['local'].data

    def has_port(self, relation_id, relation):
        return any('port' in relation.unit_databags[unit].data
                   for unit in self.juju.listed_units(relation_id))

    @staticmethod
    def has_valid_grant(relation):
        data = relation.app_databags[relation.remote_app('local')].data
        return (data.get('endpoints', 'x') != 'x' and data['database'] == '/kafka'
                and ('secret-user' in data or 'username' in data
                     and ' ' not in data['password']))


@pytest.mark.parametrize('release', ['2.9', '3.6', '4.0'])
def test_flags_and_requests_are_right_after_random_histories(release):
    for seed in range(HISTORIES):
        with pytest.MonkeyPatch.context() as monkeypatch:
            history = History(Juju(monkeypatch, release), seed)
            for _ in range(EVENTS):
                history.run_event()
            history.check_end()
