"""Random histories of a client whose servers use either protocol.

random_histories.py explains how to reproduce a failure.
"""
import json
import shutil
import sys
from pathlib import Path

import pytest
from charmhelpers.core import unitdata
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from juju_standin import PROFILES, InProcessCharm, Model, build
from juju_standin.local_unit import FULL_READ_HOOKS

from .random_expected import (DetailsChecker, connection_strings, remote_units,
                              server_dicts)
from .random_histories import RandomHistories, numbers, run_histories
from .random_requests import RequestChecker
from .random_servers import (CA, CLIENT, INVALID, PASSWORD, UNUSABLE_DATA, Server,
                             ServerCharm)

CHARM = Path(__file__).parents[1] / 'fixtures' / 'charms' / 'requester'
# applications that grant requests, and applications whose units publish a port; one of
# the latter can also grant requests
SERVERS = ('grants1', 'grants2', 'ports1', 'ports2')
PATHS = ['/kafka', '/hbase', '']
TOOLS = ['relation-ids*', 'relation-list*', 'relation-get*', 'relation-get*--app*',
         'relation-get*/*', 'relation-set*', 'relation-*', 'secret-*', 'is-leader*',
         'goal-state*', '[!cj]*']
ERRORS = ['ERROR refused', 'ERROR permission denied',
          'ERROR connect: permission denied']
CONNECTED_FLAGS = {'zookeeper.connected', 'zookeeper.joined',
                   'endpoint.zookeeper.joined'}
AVAILABLE_FLAGS = {'zookeeper.available', 'zookeeper.ready',
                   'endpoint.zookeeper.available'}
JOINING_FLAGS = {'zookeeper.joining', 'endpoint.zookeeper.changed'}


@pytest.fixture(scope='session')
def charms(tmp_path_factory):
    """The client without and with a secret-changed hook."""
    directory = tmp_path_factory.mktemp('built')
    charm = build(CHARM, directory)
    other = shutil.copytree(charm, directory / 'other')
    shutil.copy(other / 'hooks/update-status', other / 'hooks/secret-changed')
    return [InProcessCharm(charm), InProcessCharm(other)]


class Histories(RandomHistories):

    tested_apps = (CLIENT,)
    all_servers, granting = st.sampled_from(SERVERS), st.sampled_from(SERVERS[:3])

    @initialize(seed=st.integers(0, 99), secret_changed=st.booleans(),
                path=st.sampled_from(PATHS), related=st.sets(all_servers),
                as_secrets=st.booleans())
    def deploy(self, seed, secret_changed, path, related, as_secrets):
        self.model = Model(self.release, seed)
        self.servers = {name: Server(self.model, name, number)
                        for number, name in enumerate(SERVERS)}
        self.details = DetailsChecker(self.model, self.servers)
        self.requests = RequestChecker(self.model)
        self.relations = {}
        self.stores = {}        # stores to roll back to
        self.passwords = 0
        # {client's unit: the units that its last full read has found}
        self.named = {}
        # clients whose agents must restart, because relation-list still names removed
        # units
        self.to_restart = set()
        self.full_reads = 1
        self.model.observers.append(self.observe)
        self.model.deploy(CLIENT, self.charms[secret_changed], config={'path': path})
        self.requests.paths.add(path)
        for name in SERVERS:
            self.model.deploy(name, ServerCharm(), config={
                'port': '2181' if 'ports' in name else ''})
        for name in sorted(related):
            self.relate(name, 0)
            self.servers[name].grants = 'grants' in name
            self.servers[name].as_secrets = as_secrets
        self.settle_and_serve()

    def observe(self, run):
        if not run.unit.startswith(CLIENT):
            return
        text = '\n'.join(message for _, message in run.log)
        assert run.status == 0 or self.expects_failure, text
        assert PASSWORD not in text
        assert PASSWORD not in str(self.charms[0].kv(run.unit))
        assert PASSWORD not in str(self.charms[1].kv(run.unit))
        if run.hook.kind in FULL_READ_HOOKS and not (
                self.model.unit(run.unit).failing_tools):
            self.named[run.unit] = {name for relation in self.model.relations.values()
                                    for name in relation.units}
        self.details.forget_unnamed()
        self.requests.check(run)

    def clients(self):
        return [unit for unit in self.model.units.values() if unit.app.name == CLIENT]

    def alive(self):
        return [relation for _, relation in sorted(self.model.relations.items())
                if not relation.dying]

    # Units and relations.

    @rule(app=st.sampled_from((CLIENT,) + SERVERS))
    @precondition(lambda self: len(self.model.units) < 10)
    def add_unit(self, app):
        self.model.add_unit(app)

    @rule(number=numbers, force=st.booleans(), noticed=st.booleans())
    def remove_unit(self, number, force, noticed):
        name = self.unit_name(number)
        if not name:
            return
        clients = [unit.name for unit in self.clients() if unit.name != name]
        if force and not noticed:
            self.to_restart |= {client for client in clients
                                if name not in self.named.get(client, ())}
        self.model.remove_unit(name, force, noticed_by=clients if noticed else ())

    @rule(server=all_servers, unwatched=st.integers(0, 3))
    def relate(self, server, unwatched):
        relation = self.relations.get(server)
        if relation is None or relation.number not in self.model.relations:
            clients = {unit.name for unit in self.clients()} if unwatched == 3 else ()
            self.relations[server] = self.model.relate(
                server + ':clients', CLIENT + ':zookeeper', unwatched_by=clients)
            if clients:
                self.full_reads = 2

    @rule(number=numbers, force=st.booleans(), noticed=st.booleans(),
          started=st.booleans())
    def remove_relation(self, number, force, noticed, started):
        alive = self.alive()
        if alive:
            clients = [unit.name for unit in self.clients()]
            self.model.remove_relation(
                alive[number % len(alive)], force, clients if noticed else (),
                clients if started else ())

    # Servers.

    @rule(number=numbers, data=st.sampled_from(
        UNUSABLE_DATA + [{'port': '2181'}, {'port': '2182', 'host': 'zk.example'}]))
    def publish_unit_data(self, number, data):
        name = self.unit_name(number, *SERVERS)
        for relation in self.alive() if name else ():
            if name in relation.units:
                self.model.write(relation.unit_databags[name], {
                    'port': '', 'rest_port': '', 'host': '', **data})

    @rule(app=granting, grants=st.sampled_from([True, True, False]),
          as_secrets=st.booleans(), invalid=st.sampled_from([{}] * 7 + INVALID))
    def grant(self, app, grants, as_secrets, invalid):
        server = self.servers[app]
        server.grants, server.as_secrets, server.invalid = grants, as_secrets, invalid
        server.foreign_uri = ''
        server.serve()

    @rule(app=granting, revoked=st.booleans())
    def revoke_or_grant_secrets(self, app, revoked):
        self.servers[app].revoked = revoked
        self.servers[app].serve()

    @rule(app=granting)
    def change_password(self, app):
        self.passwords += 1
        self.servers[app].password = '{}{}'.format(PASSWORD, self.passwords)
        self.servers[app].serve()

    @rule(app=granting, ca=st.sampled_from(['', CA.format(1), CA.format(2)]))
    def change_tls(self, app, ca):
        self.servers[app].ca, self.servers[app].port = ca, 2182 if ca else 2181
        self.servers[app].serve()

    @rule(app=granting, other=st.sampled_from((CLIENT,) + SERVERS))
    def name_foreign_secret(self, app, other):
        """A server names a secret of another server, or of the client."""
        uris = [secret.uri for secret in self.model.secrets.values()
                if secret.owner == other and 'username' in secret.revisions[-1]]
        server = self.servers[app]
        if other == CLIENT and not uris and self.model.profile.name != '2.9':
            uris = [self.model.add_secret(CLIENT, username='own',
                                          password=PASSWORD + 'own').uri]
        if uris and other != app:
            server.foreign_uri = uris[-1]
            server.grants, server.as_secrets, server.invalid = True, True, {}
            server.serve()

    @rule(app=granting)
    def serve(self, app):
        self.servers[app].serve()

    # The client's units.

    @rule(path=st.sampled_from(PATHS), early=st.booleans())
    def configure(self, path, early):
        self.requests.paths.add(path)
        self.model.set_config(CLIENT, path=path, early=early)

    @rule(number=numbers)
    def change_leader(self, number):
        name = self.unit_name(number, CLIENT)
        if name and not self.model.unit(name).dying:
            self.model.set_leader(name)

    @rule(number=numbers, tools=st.sampled_from(TOOLS), error=st.sampled_from(ERRORS),
          full=st.booleans())
    def fail_hook_tools(self, number, tools, error, full):
        """Hook tools fail in a unit's next hook; the hook does not fail."""
        name = self.unit_name(number, CLIENT)
        if name:
            self.run_with_failing_tools(name, tools, error,
                                        'update-status' if full else '')

    @rule(number=numbers)
    def save_store(self, number):
        name = self.unit_name(number, CLIENT)
        if name and self.model.unit(name).charm_dir:
            unit = self.model.unit(name)
            file = Path(unit.charm_dir) / 'configured.json'
            self.stores[name] = (unit.disk['store'].getrange(''),
                                 file.read_text() if file.exists() else '{}')

    @rule(number=numbers, roll_back=st.booleans())
    def lose_store(self, number, roll_back):
        """A unit loses its store, or gets an earlier one back."""
        name = self.unit_name(number, CLIENT)
        if not name or not self.model.unit(name).charm_dir:
            return
        unit = self.model.unit(name)
        values, text = {}, '{}'
        if roll_back:
            values, text = self.stores.get(name, (values, text))
        store = unit.disk['store'] = unitdata.Storage(':memory:')
        store.update(values)
        store.flush()
        (Path(unit.charm_dir) / 'configured.json').write_text(text)
        self.details.forget(name)
        self.requests.forget(name)
        self.named.pop(name, None)
        if any(local.unnoticed_removals for local in unit.local_relations.values()):
            self.to_restart.add(name)

    # Checks.

    def teardown(self):
        if sys.exc_info()[0] is None:
            self.settle_and_check()

    @rule()
    def settle_and_check(self):
        self.settle_and_serve()
        self.model.settle()
        self.read_everything()
        for unit in self.clients():
            self.check_unit(unit)
        if self.clients():
            self.check_requests(self.model.unit(self.model.leader(CLIENT)))

    def settle_and_serve(self):
        self.model.settle()
        for server in self.servers.values():
            server.serve()

    def read_everything(self):
        """Run full reads in all units; first, restart agents where this is needed.

        These list a force-removed relation and its replacement, or a unit that was
        removed before goal-state named it.
        """
        for unit in self.clients():
            apps = [local.relation.remote_app(CLIENT)
                    for local in unit.local_relations.values()]
            if len(set(apps)) < len(apps) or unit.name in self.to_restart:
                self.model.restart_agent(unit.name)
        self.to_restart = set()
        for _ in range(self.full_reads):
            # requests are sent, and granted
            for hook in 'update-status', 'update-status':
                for unit in self.clients():
                    self.model.dispatch(unit.name, hook)
                self.settle_and_serve()
        self.full_reads = 1

    def check_unit(self, unit):
        directory = Path(unit.charm_dir)
        current, configured = (json.loads((directory / name).read_text())
                               for name in ('current.json', 'configured.json'))
        relations, found = self.details.relations(unit), current['applications']
        assert set(found) == set(relations)
        texts = {app: found[app]['text'] for app in sorted(found)
                 if self.details.check_application(unit, app, found[app])}
        assert current['servers'] == server_dicts(texts)
        assert current['text'] == connection_strings(list(texts.values()))
        connected = any(map(remote_units, relations.values()))
        flags = set(CONNECTED_FLAGS) if connected else set()
        flags |= AVAILABLE_FLAGS if texts else set()
        prefix = 'reactive.states.'
        actual = {key[len(prefix):] for key in unit.charm.kv(unit.name)
                  if key.startswith(prefix) and 'zookeeper' in key}
        if 'ValueError' in str(found):
            # the charm has not dismissed the notice
            assert actual - JOINING_FLAGS == flags
        else:
            assert actual == flags
            assert configured == (found if texts else {})

    def check_requests(self, leader):
        for relation in self.details.relations(leader).values():
            if leader.app.config['path'] and remote_units(relation) and (
                    self.requests.is_due(relation)):
                assert relation.app_databags[CLIENT].data, relation


@pytest.mark.parametrize('release', PROFILES)
def test_flags_and_requests_are_right_after_random_histories(release, charms):
    run_histories(Histories, release, charms)
