"""Random histories of a whole model, and checks of all units when no hook is due.

random_histories.py explains how to reproduce a failure.
"""
import json
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from juju_standin import PROFILES, InProcessCharm, Model, build
from juju_standin.state import natural_order

from .random_histories import RandomHistories, numbers, run_histories

CHARMS = Path(__file__).parents[1] / 'fixtures' / 'charms'
PUBLISHERS, READERS = ('publisher1', 'publisher2'), ('reader1', 'reader2')
# the endpoints that can be related: (publisher's, reader's)
ENDPOINT_PAIRS = [('zkclient', 'zookeeper'), ('zkclient', 'zk_3-c'),
                  ('zk_2-b', 'zookeeper'), ('zk_2-b', 'zk_3-c'), ('source', 'sink')]
# {alias: flag} by role: `ready` is an alias of different flags
ALIASES = {'requires': {'joined': 'connected', 'ready': 'available'},
           'provides': {'joined': 'connected', 'ready': 'connected'}}
# full reads after which even several relations of the same two applications are right
FULL_READ_COUNT = 4
RAW_PORTS = ['none', '0', '65536', 'x', '2181\n', ' 1', '٢١٨١', '-1', '2181.0', '1e3']
TOOLS = ['relation-ids*', 'relation-list*', 'relation-get*', 'relation-set*',
         'relation-*']
ADDRESSES = ['10.9.0.1', '10.9.0.2', 'fd00::9']


@pytest.fixture(scope='session')
def charms(tmp_path_factory):
    directory = tmp_path_factory.mktemp('built')
    return {name: InProcessCharm(build(CHARMS / name, directory))
            for name in ('publisher', 'reader')}


class Histories(RandomHistories):
    """Two applications that publish and two that read.

    The second one of each kind never dismisses notices.
    """

    @initialize()
    def deploy(self):
        self.model = Model(self.release, seed=0)
        self.relations = {}
        # (unit, endpoint) pairs that have run departed
        self.departed_from = set()
        # whether an event was lost since the last full read of all units
        self.needs_full_read = False
        self.model.observers.append(self.observe)
        for number in (1, 2):
            for charm in ('publisher', 'reader'):
                self.model.deploy('{}{}'.format(charm, number), self.charms[charm],
                                  config={'dismiss': number == 1})

    def observe(self, run):
        assert run.status == 0 or self.expects_failure, '\n'.join(
            message for _, message in run.log)
        if run.status == 0 and run.hook.kind == 'departed':
            self.departed_from.add((run.unit, run.hook.relation_id.split(':')[0]))

    def note_lost_event(self):
        self.needs_full_read = True

    @rule(app=st.sampled_from(PUBLISHERS + READERS))
    @precondition(lambda self: len(self.model.units) < 8)
    def add_unit(self, app):
        self.model.add_unit(app)

    @rule(number=numbers, force=st.booleans())
    def remove_unit(self, number, force):
        name = self.unit_name(number)
        if name:
            self.model.remove_unit(name, force=force)

    @rule(endpoints=st.sampled_from(ENDPOINT_PAIRS),
          publisher=st.sampled_from(PUBLISHERS), reader=st.sampled_from(READERS))
    def relate(self, endpoints, publisher, reader):
        key = (endpoints, publisher, reader)
        relation = self.relations.get(key)
        if relation is None or relation.number not in self.model.relations:
            self.clear_force_removed(publisher)
            self.relations[key] = self.model.relate(
                '{}:{}'.format(publisher, endpoints[0]),
                '{}:{}'.format(reader, endpoints[1]))

    def clear_force_removed(self, app):
        """Restart the agents of units with a force-removed relation, if their charm
        writes in all relations itself: a hook that also writes in the relation that
        replaced it cannot be committed, whatever the layer does."""
        if self.model.apps[app].config['raw_port']:
            for name, unit in list(self.model.units.items()):
                if unit.app.name == app and any(
                        local.force_removed for local in unit.local_relations.values()):
                    self.model.restart_agent(name)

    @rule(number=numbers, force=st.booleans())
    def remove_relation(self, number, force):
        alive = [relation for _, relation in sorted(self.model.relations.items())
                 if not relation.dying]
        if alive:
            if force:
                self.note_lost_event()
            self.model.remove_relation(alive[number % len(alive)], force=force)

    @rule(app=st.sampled_from(PUBLISHERS), port=st.integers(1, 65535))
    def send_port(self, app, port):
        self.model.set_config(app, port=port)

    @rule(app=st.sampled_from(PUBLISHERS), raw_port=st.sampled_from(RAW_PORTS))
    def write_raw_port(self, app, raw_port):
        self.model.set_config(app, raw_port=raw_port)
        self.clear_force_removed(app)

    @rule(number=numbers, address=st.sampled_from(ADDRESSES))
    def change_address(self, number, address):
        name = self.unit_name(number)
        if name:
            self.model.set_address(name, address)

    @rule(number=numbers)
    def set_application_data(self, number):
        for relation in list(self.model.relations.values())[:1]:
            app = sorted(relation.endpoints)[number % 2]
            self.model.set_app_data(relation, app, number=str(number))

    @rule(number=numbers, tools=st.sampled_from(TOOLS))
    def fail_hook_tools(self, number, tools):
        """Hook tools fail in a unit's next hook; the hook does not fail.

        This leaves out charms that run hook tools themselves.
        """
        name = self.unit_name(number)
        if name and self.model.pending(name) and not (
                self.model.unit(name).app.config.get('raw_port')):
            self.run_with_failing_tools(name, tools)
            self.note_lost_event()

    @rule(number=numbers)
    def lose_store(self, number):
        name = self.unit_name(number)
        if name:
            self.model.unit(name).disk.pop('store', None)
            self.departed_from = {(unit, endpoint) for unit, endpoint
                                  in self.departed_from if unit != name}
            self.note_lost_event()

    @rule(number=numbers, port=st.sampled_from(['', '1']))
    def change_published_port(self, number, port):
        """Juju loses what a publisher wrote, or an operator overwrites it."""
        name = self.unit_name(number, *PUBLISHERS)
        if name:
            for local in self.model.unit(name).local_relations.values():
                self.model.write(local.relation.unit_databags[name], {'port': port})
            self.note_lost_event()

    @rule()
    def settle_and_check(self):
        self.model.settle()
        if self.needs_full_read or any(self.sibling_relations(unit)
                                       for unit in self.model.units.values()):
            self.read_everything()
            self.needs_full_read = False
        for name in self.model.units:
            self.check_unit(name)

    def read_everything(self):
        """Run full reads in all units.

        First restart agents that list both a force-removed relation and its
        replacement: they do not forget the former otherwise.
        """
        for unit in list(self.model.units.values()):
            if any(local.force_removed for local in self.sibling_relations(unit)):
                self.model.restart_agent(unit.name)
        for _ in range(FULL_READ_COUNT):
            for name in sorted(self.model.units):
                self.model.dispatch(name, 'update-status')
            self.model.settle()

    @staticmethod
    def sibling_relations(unit):
        """The relations of endpoints that have several with the same application."""
        relations, app = unit.local_relations.values(), unit.app.name
        ends = [(local.relation.endpoints[app], local.relation.remote_app(app))
                for local in relations]
        return [local for local, end in zip(relations, ends) if ends.count(end) > 1]

    def check_unit(self, name):
        unit = self.model.unit(name)
        role = 'requires' if 'reader' in name else 'provides'
        values = None
        if role == 'requires':
            values = json.loads((Path(unit.charm_dir) / 'values.json').read_text())
            sinks = [[sink['host'], sink['port'], sink['protocol']]
                     for sink in values['sink']]
            assert values['current sink'] in (sinks or [None])
        for endpoint, end in unit.charm.metadata[role].items():
            expected, remote_units = self.expected_values(unit, endpoint,
                                                          end['interface'])
            self.check_flags(unit, endpoint, role, remote_units > 0,
                             role == 'provides' or bool(expected))
            if values:
                assert values[endpoint] == expected
            else:
                self.check_published(unit, endpoint)

    def check_flags(self, unit, endpoint, role, connected, available):
        expected = {'connected'} if connected else set()
        if connected and available:
            expected.add('available')
        expected |= {alias for alias, flag in ALIASES[role].items() if flag in expected}
        prefix = 'reactive.states.{}.'.format(endpoint)
        flags = {key[len(prefix):] for key in unit.charm.kv(unit.name)
                 if key.startswith(prefix)}
        notices = flags & {'joining', 'departing'}
        assert flags - notices == expected
        if unit.app.config['dismiss']:
            assert not notices
        elif (unit.name, endpoint) in self.departed_from:
            assert 'departing' in notices

    def check_published(self, unit, endpoint):
        if unit.app.config['raw_port']:
            return
        for local in unit.local_relations.values():
            relation = local.relation
            if relation.endpoints[unit.app.name] == endpoint and (
                    not local.force_removed):
                assert self.model.unit_data(relation, unit.name)['port'] == str(
                    unit.app.config['port'])

    def expected_values(self, unit, endpoint, interface):
        """The values that a reader should return, and the number of remote units."""
        by_application, count = {}, 0
        for _, local in sorted(unit.local_relations.items()):
            relation = local.relation
            if relation.endpoints[unit.app.name] != endpoint or local.force_removed:
                continue
            count += len(local.members)
            found = {name: value for name in local.members
                     if (value := expected_value(self.model.unit_data(relation, name),
                                                 interface))}
            if found:
                # an application's newest relation comes last
                by_application[relation.remote_app(unit.app.name)] = found
        values = {name: value for found in by_application.values()
                  for name, value in found.items()}
        for name, value in values.items():
            if 'protocol' in value:
                value['name'] = name.replace('/', '-')
            elif len(by_application) > 1:
                value['application'] = name.split('/')[0]
        return [values[name] for name in sorted(values, key=natural_order)], count


def expected_value(data, interface):
    """A unit's details as a reader must return them; None if it is not usable."""
    port = data.get('port', '')
    if port.endswith('.0'):
        port = port[:-2]
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return None
    host = data['ingress-address']
    if interface == 'zookeeper':
        return {'host': host, 'port': port, 'rest_port': data.get('rest_port')}
    if ':' in host:
        return None
    return {'host': host, 'port': port, 'protocol': data['protocol']}


@pytest.mark.parametrize('release', PROFILES)
def test_flags_and_data_are_right_after_random_histories(release, charms):
    run_histories(Histories, release, charms)
