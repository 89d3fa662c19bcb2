"""Random histories of a whole model: what is quiet is right.

A failure is printed as the shortest history that hypothesis found; paste it into a
test, or reproduce it with the blob that is printed below it.
"""
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (RuleBasedStateMachine, initialize,
                                 precondition, rule, run_state_machine_as_test)
from juju_standin import PROFILES, InProcessCharm, Model, build
from juju_standin.state import natural

CHARMS = Path(__file__).parents[1] / 'fixtures' / 'charms'
# endpoints of the talkers and listeners that can be related
PAIRS = [('zkclient', 'zookeeper'), ('zkclient', 'zk_3-c'), ('zk_2-b', 'zookeeper'),
         ('zk_2-b', 'zk_3-c'), ('source', 'sink')]
# what a flag is also called; a provider's `ready` means what `joined` means
ALIASES = {'requires': {'joined': 'connected', 'ready': 'available'},
           'provides': {'joined': 'connected', 'ready': 'connected'}}
# full looks until an application that is related so often is right
LOOKS = 4
RAW = ['none', '0', '65536', 'x', '2181\n', ' 1', '٢١٨١', '-1', '2181.0', '1e3']
TOOLS = ['relation-ids*', 'relation-list*', 'relation-get*', 'relation-set*',
         'relation-*']
ADDRESSES = ['10.9.0.1', '10.9.0.2', 'fd00::9']
HISTORIES = int(os.environ.get('HISTORIES', 4))


@pytest.fixture(scope='session')
def charms(tmp_path_factory):
    directory = tmp_path_factory.mktemp('built')
    return {name: InProcessCharm(build(CHARMS / name, directory))
            for name in ('talker', 'listener')}


class World(RuleBasedStateMachine):
    """Two applications that talk, two that listen; of each, one never dismisses."""

    profile = charms = None     # set by the test
    units = st.integers(0, 7)

    @initialize()
    def begin(self):
        self.model = Model(self.profile, seed=0)
        self.relations = {}
        self.left = set()       # (unit, endpoint) of which a remote unit left
        self.joined = set()
        # since something was lost, no healing hook has run
        self.lost = False
        self.model.observers.append(self.observe)
        for number in (1, 2):
            for charm in ('talker', 'listener'):
                self.model.deploy('{}{}'.format(charm, number), self.charms[charm],
                                  config={'dismiss': number == 1})

    def observe(self, run):
        assert run.status == 0 or self.failing, '\n'.join(
            message for _, message in run.log)
        if run.status == 0 and run.hook.kind == 'departed':
            self.left.add((run.unit, run.hook.relation_id.split(':')[0]))
        if run.hook.kind == 'departed' and run.status:
            self.left_unseen = True

    failing = False
    left_unseen = False

    def unit(self, number, app=''):
        names = sorted((name for name in self.model.units if app in name), key=natural)
        return names[number % len(names)] if names else None

    @rule(app=st.sampled_from(['talker1', 'talker2', 'listener1', 'listener2']))
    @precondition(lambda self: len(self.model.units) < 8)
    def add_unit(self, app):
        self.model.add_unit(app)

    @rule(number=units, force=st.booleans())
    def remove_unit(self, number, force):
        name = self.unit(number)
        if name:
            self.model.remove_unit(name, force=force)

    @rule(pair=st.sampled_from(PAIRS), talker=st.integers(1, 2),
          listener=st.integers(1, 2))
    def relate(self, pair, talker, listener):
        key = (pair, talker, listener)
        known = self.relations.get(key)
        if known is None or known.number not in self.model.relations:
            self.lay_ghosts('talker{}'.format(talker))
            self.relations[key] = self.model.relate(
                'talker{}:{}'.format(talker, pair[0]),
                'listener{}:{}'.format(listener, pair[1]))

    def lay_ghosts(self, app):
        """A charm that writes to all its relations past the layer fails beside a ghost
        that has a successor, whatever the layer does."""
        if self.model.apps[app].config['raw']:
            for name, unit in list(self.model.units.items()):
                if unit.app.name == app and any(
                        known.ghost for known in unit.known.values()):
                    self.model.restart_agent(name)

    @rule(number=units, force=st.booleans())
    def remove_relation(self, number, force):
        alive = [relation for _, relation in sorted(self.model.relations.items())
                 if not relation.dying]
        if alive:
            self.lost = self.lost or force
            self.model.remove_relation(alive[number % len(alive)], force=force)

    @rule(app=st.sampled_from(['talker1', 'talker2']), port=st.integers(1, 65535))
    def send(self, app, port):
        self.model.set_config(app, port=port)

    @rule(app=st.sampled_from(['talker1', 'talker2']), raw=st.sampled_from(RAW))
    def spoil(self, app, raw):
        self.model.set_config(app, raw=raw)
        self.lay_ghosts(app)

    @rule(number=units, address=st.sampled_from(ADDRESSES))
    def move(self, number, address):
        name = self.unit(number)
        if name:
            self.model.set_address(name, address)

    @rule(number=units)
    def application_data(self, number):
        for relation in list(self.model.relations.values())[:1]:
            app = sorted(relation.ends)[number % 2]
            self.model.set_app_data(relation, app, number=str(number))

    @rule(hooks=st.integers(1, 9))
    def some_hooks(self, hooks):
        for _ in range(hooks):
            self.model.step()

    @rule(number=units, late=st.booleans(), skip=st.booleans())
    def fail(self, number, late, skip):
        """The next hook of a unit fails, and is retried or skipped."""
        name = self.unit(number)
        if not name or not self.model.pending(name):
            return
        hook = self.model.pending(name)[0]
        self.model.fail_next(name, hook.name, late=late)
        self.failing = True
        self.model.run(name, hook)
        self.failing = False
        self.model.resolve(name, retry=not skip)
        self.lost = self.lost or skip

    @rule(number=units, tools=st.sampled_from(TOOLS))
    def fail_tools(self, number, tools):
        """Hook tools fail in a unit's next hook, and it does not; unless its charm
        calls them past the layer."""
        name = self.unit(number)
        if name and self.model.pending(name) and not (
                self.model.unit(name).app.config.get('raw')):
            self.model.fail_tools(name, tools)
            self.model.run(name, self.model.pending(name)[0])
            if name in self.model.units:
                self.model.mend_tools(name)
            self.lost = True

    @rule(number=units)
    def restart_agent(self, number):
        name = self.unit(number)
        if name:
            self.model.restart_agent(name)

    @rule(number=units)
    def lose_store(self, number):
        """What a unit's charms.reactive and layers remember is gone."""
        name = self.unit(number)
        if name:
            self.model.unit(name).disk.pop('store', None)
            self.left = {(unit, end) for unit, end in self.left if unit != name}
            self.lost = True

    @rule(number=units, port=st.sampled_from(['', '1']))
    def drift(self, number, port):
        """Somebody writes in a talker's databags, or Juju has dropped what it wrote."""
        name = self.unit(number, 'talker')
        if name:
            for known in self.model.unit(name).known.values():
                self.model.write(known.relation.bags[name], {'port': port})
            self.lost = True

    @rule(number=units, hook=st.sampled_from(['update-status', 'config-changed']))
    def dispatch(self, number, hook):
        name = self.unit(number)
        if name:
            unit = self.model.unit(name)
            if not unit.dying and 'start' in unit.done:
                self.model.dispatch(name, hook)

    @rule()
    def quiet(self):
        """Once nothing is pending, everybody knows what is so."""
        self.model.settle()
        if self.lost or any(self.related_twice(unit)
                            for unit in self.model.units.values()):
            self.look()
            self.lost = False
        for name in self.model.units:
            self.check(name)

    def look(self):
        """Have every unit look at everything; a ghost beside its successor goes only
        with a restart of the agent."""
        for unit in list(self.model.units.values()):
            if any(known.ghost for known in self.related_twice(unit)):
                self.model.restart_agent(unit.name)
        for _ in range(LOOKS):
            for name in sorted(self.model.units):
                self.model.dispatch(name, 'update-status')
            self.model.settle()

    @staticmethod
    def related_twice(unit):
        """The relations in which an endpoint has the same application as in others."""
        ends = [(known.relation.ends[unit.app.name],
                 known.relation.other(unit.app.name)) for known in unit.known.values()]
        return [known for known, end in zip(unit.known.values(), ends)
                if ends.count(end) > 1]

    def check(self, name):
        unit = self.model.unit(name)
        kv = unit.charm.kv(name)
        seen = None
        if 'listener' in name:
            seen = json.loads((Path(unit.charm_dir) / 'seen.json').read_text())
        role = 'requires' if seen else 'provides'
        for endpoint, end in unit.charm.metadata[role].items():
            usable, members = self.truth(unit, endpoint, end['interface'])
            sent = role == 'provides' or usable
            expected = {'connected'} if members else set()
            if members and sent:
                expected.add('available')
            expected |= {name for name, flag in ALIASES[role].items()
                         if flag in expected}
            prefix = 'reactive.states.{}.'.format(endpoint)
            flags = {key[len(prefix):] for key in kv if key.startswith(prefix)}
            notices = flags & {'joining', 'departing'}
            assert flags - notices == expected
            if unit.app.config['dismiss']:
                assert not notices
            elif (name, endpoint) in self.left:
                assert 'departing' in notices
            if seen:
                assert seen[endpoint] == usable
            else:
                self.check_sent(unit, endpoint)
        if seen:
            sinks = [[sink['host'], sink['port'], sink['protocol']]
                     for sink in seen['sink']]
            assert seen['one sink'] in (sinks or [None])

    def check_sent(self, unit, endpoint):
        if unit.app.config['raw']:
            return
        for known in unit.known.values():
            relation = known.relation
            if relation.ends[unit.app.name] == endpoint and not known.ghost:
                assert self.model.settings(relation, unit.name)['port'] == str(
                    unit.app.config['port'])

    def truth(self, unit, endpoint, interface):
        """What is served, by what is published, and how many units there are."""
        served, members = {}, 0
        for _, known in sorted(unit.known.items()):
            relation = known.relation
            if relation.ends[unit.app.name] != endpoint or known.ghost:
                continue
            members += len(known.members)
            found = {name: entry for name in known.members
                     if (entry := usable(self.model.settings(relation, name),
                                         interface))}
            if found:
                # the newest of an application's relations comes last
                served[relation.other(unit.app.name)] = found
        entries = [(name, entry) for found in served.values()
                   for name, entry in found.items()]
        for name, entry in entries:
            if 'protocol' in entry:
                entry['name'] = name.replace('/', '-')
            elif len(served) > 1:
                entry['application'] = name.split('/')[0]
        return [entry for _, entry in sorted(
            entries, key=lambda pair: natural(pair[0]))], members


def usable(bag, interface):
    """What a listener is to make of a talker's settings."""
    port = bag.get('port', '')
    if port.endswith('.0'):
        port = port[:-2]
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return None
    host = bag['ingress-address']
    if interface == 'zookeeper':
        return {'host': host, 'port': port, 'rest_port': bag.get('rest_port')}
    if ':' in host:
        return None
    return {'host': host, 'port': port, 'protocol': bag['protocol']}


@pytest.mark.parametrize('profile', PROFILES)
def test_any_history_ends_well(profile, charms):
    machine = type('World', (World,), {'profile': profile, 'charms': charms})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=HISTORIES, stateful_step_count=30, deadline=None,
        print_blob=True, suppress_health_check=list(HealthCheck)))
