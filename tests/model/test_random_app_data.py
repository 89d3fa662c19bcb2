"""Random histories of one client of servers of both protocols, secrets and all.

Servers have no agents here: they are what chance makes of them. HISTORIES is how many
histories there are per release.
"""
import os
import random

import pytest
from unit.harness import ZOOKEEPER_REQUIRES, Juju

HISTORIES = int(os.environ.get('HISTORIES', 8))
STEPS = 40
GOOD = {'endpoints': '10.0.0.1:2181', 'database': '/kafka'}
BAD = ({}, {'endpoints': 'x'}, {'database': '//'}, {'password': 'a b'},
       {'endpoints': ''})


class History:
    """What happens to one unit, and what has to be true whatever happens."""

    def __init__(self, juju, seed):
        self.juju, self.chance = juju, random.Random(seed)
        juju.deploy(ZOOKEEPER_REQUIRES)
        self.secrets = {}       # {relation id: the secret of its server}
        self.earlier = set()    # relations whose unit has published a port
        self.asked = {}         # {relation id: what was asked for}
        self.number = 0
        self.request = None

    @property
    def relations(self):
        """The relations that Juju lists, without ghosts."""
        return {'zk:{}'.format(number): known.relation
                for number, known in self.juju.unit.known.items() if not known.ghost}

    def step(self):
        moves = [self.relate, self.ask, self.lead, self.look, self.look]
        if self.relations:
            moves += [self.grant, self.grant, self.spoil, self.publish, self.revoke,
                      self.rotate, self.depart, self.join, self.force, self.fail]
        self.chance.choice(moves)()
        self.juju.end()
        self.check()

    def pick(self):
        return self.chance.choice(sorted(self.relations))

    # Moves.

    def relate(self):
        """A relation with an application that has none, or has a ghost."""
        application = self.chance.choice('ab')
        if not any(application in found.ends for found in self.relations.values()):
            self.number += 1
            rid = 'zk:{}'.format(self.number)
            self.juju.created(rid, application)
            self.juju.join(rid, application + '/0')

    def ask(self):
        self.juju.hook('config-changed')
        self.request = self.chance.choice(('/kafka', '/hbase'))
        self.juju.endpoint().request(self.request)

    def lead(self):
        self.juju.lead(self.chance.random() < 0.6)
        self.juju.hook('leader-elected')

    def look(self):
        self.juju.hook(self.chance.choice(('config-changed', 'update-status')))

    def write_data(self, rid, settings):
        """The application publishes this, and maybe it is told."""
        self.juju.write_app_data(rid, settings)
        if self.chance.random() < 0.7:
            self.juju.application_changed(rid)

    def grant(self):
        rid = self.pick()
        settings = dict(GOOD, endpoints='10.0.0.{}:2181'.format(self.number))
        if self.juju.model.profile.name == '2.9':
            settings.update(username='me', password='s3cret')
        else:
            secret = self.secrets.setdefault(rid, self.juju.model.add_secret(
                'x', username='me', password='s3cret'))
            self.juju.model.grant_secret(secret, 'local', self.juju.relation(rid))
            settings['secret-user'] = secret.uri
        self.write_data(rid, settings)

    def spoil(self):
        bad = self.chance.choice(BAD)
        self.write_data(self.pick(), bad and {
            **GOOD, 'username': 'me', 'password': 's3cret', **bad})

    def publish(self):
        rid = self.pick()
        units = self.juju.listed_units(rid)
        if units and self.chance.random() < 0.3:
            self.juju.changed(rid, units[0], ZOOKEEPER_REQUIRES.settings(7))
            self.earlier.add(rid)

    def revoke(self):
        secret = self.secrets.get(self.pick())
        if secret:
            self.juju.model.revoke_secret(secret, 'local')

    def rotate(self):
        secret = self.secrets.get(self.pick())
        if secret:
            self.juju.model.revise_secret(
                secret, username='me', password='s3cret{}'.format(self.number))
            self.juju.hook('secret-changed')

    def depart(self):
        rid = self.pick()
        for unit in self.juju.listed_units(rid):
            self.juju.departed(rid, unit)
        if self.chance.random() < 0.5:
            self.juju.broken(rid)

    def join(self):
        rid = self.pick()
        application = self.juju.relation(rid).other('local')
        if not self.juju.listed_units(rid):
            self.juju.join(rid, application + '/1')

    def force(self):
        self.juju.force_remove(self.pick())

    def fail(self):
        self.juju.hook('config-changed')
        self.juju.fail(late=self.chance.random() < 0.5)

    # What has to be true.

    def check(self):
        """Nothing is asked twice, or of a server of the earlier protocol."""
        for rid, relation in self.relations.items():
            before = self.asked.get(rid)
            self.asked[rid] = relation.app_bags['local'].data
            assert self.asked[rid] == before or not before
            assert before or not self.asked[rid] or rid not in self.earlier

    def conclude(self):
        """Without ghosts, and with all granted, all is right after looks at it."""
        self.juju.lead()
        self.juju.restart_agent()
        for rid in self.secrets.keys() & self.relations.keys():
            self.juju.model.grant_secret(self.secrets[rid], 'local',
                                         self.relations[rid])
        for _ in range(2):
            self.juju.update_status()
        served = [rid for rid, relation in self.relations.items()
                  if self.juju.listed_units(rid)
                  and (self.is_published(rid, relation) or self.request and
                       self.is_granted(rid, relation))]
        assert ('available' in self.juju.flags()) is bool(served)
        for rid, relation in self.relations.items():
            if self.request and self.juju.listed_units(rid) and (
                    rid not in self.earlier.union(served)):
                assert relation.app_bags['local'].data

    def is_published(self, rid, relation):
        return any('port' in relation.bags[unit].data
                   for unit in self.juju.listed_units(rid))

    def is_granted(self, rid, relation):
        """Whether what its application publishes can be used."""
        data = relation.app_bags[relation.other('local')].data
        return (data.get('endpoints', 'x') != 'x' and data['database'] == '/kafka'
                and ('secret-user' in data or 'username' in data
                     and ' ' not in data['password']))


@pytest.mark.parametrize('release', ['2.9', '3.6', '4.0'])
def test_a_client_of_both_protocols(release):
    for seed in range(HISTORIES):
        with pytest.MonkeyPatch.context() as monkeypatch:
            history = History(Juju(monkeypatch, release), seed)
            for _ in range(STEPS):
                history.step()
            history.conclude()
