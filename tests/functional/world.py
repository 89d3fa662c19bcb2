"""A model of built charms, and what the tests ask of it."""
import re
from pathlib import Path

from juju_standin import Model

NOTHING = frozenset()
CONNECTED = frozenset({'connected', 'joined'})
AVAILABLE = CONNECTED | {'available', 'ready'}
JOINING = frozenset({'joining'})
DEPARTING = frozenset({'departing'})

GHOST = ('{}: {} was removed by force; Juju goes on listing it until the agent of this '
         'unit is restarted')

# What Juju itself writes in a unit's settings.
JUJUS = ('ingress-address', 'egress-subnets', 'private-address')


class World:

    def __init__(self, profile):
        self.model = Model(profile)
        # whether each hook fails once, and how; None is not at all
        self.failing = None

    def settle(self):
        """Run hooks until none is due: those that went well.

        None but those that were made to fail does fail, and nobody warns.
        """
        runs = self.model.settle() if not self.failing else list(self._retried())
        well(*runs)
        return runs

    def _retried(self):
        """Run hooks until none is due, each a second time after it failed."""
        while due := next((name for name in list(self.model.units)
                           if self.model.pending(name)), None):
            hook = self.model.pending(due)[0]
            self.model.fail_next(due, late=self.failing == 'late')
            assert self.model.run(due, hook).status
            run = self.model.run(due, hook)
            well(run)
            yield run

    def skip(self, unit, hook):
        """Have a hook fail that is due, and take it as having run."""
        self.model.fail_next(unit, hook, late=False)
        while not self.model.unit(unit).failed:
            run = self.model.step()
            assert run, '{} of {} is not due'.format(hook, unit)
        self.model.resolve(unit, retry=False)

    def dispatch(self, hook):
        """Run a unit hook in every unit."""
        runs = [self.model.dispatch(name, hook) for name in list(self.model.units)]
        well(*runs)
        return runs

    def update_status(self):
        """Run update-status in every unit: what each of them warns of."""
        runs = [self.model.dispatch(name, 'update-status')
                for name in list(self.model.units)]
        assert [run.log for run in runs if run.status] == []
        return {run.unit: warnings(run) for run in runs if warnings(run)}

    def finds_ghost(self, relation):
        """Assert that in update-status each unit of a relation that was removed by
        force warns of it, once."""
        units = self.model.units.keys() & relation.bags.keys()
        ids = {name: relation.id(name.split('/')[0]) for name in units}
        assert self.update_status() == {
            name: [GHOST.format(rid.split(':')[0], rid)] for name, rid in ids.items()}
        assert self.update_status() == {}

    def restart_agents(self):
        for name in self.model.units:
            self.model.restart_agent(name)

    def flags(self, unit, endpoint):
        """The flags of a unit's endpoint, without its name."""
        prefix = 'reactive.states.{}.'.format(endpoint)
        charm = self.model.unit(unit).charm
        return {key[len(prefix):] for key in charm.kv(unit) if key.startswith(prefix)}

    def address(self, unit):
        return self.model.unit(unit).address

    def told(self, relation, unit):
        """What a unit has published in a relation, without Juju's part."""
        return {key: value for key, value
                in self.model.settings(relation, unit).items() if key not in JUJUS}

    def file(self, unit, name):
        """A file that a unit wrote."""
        return (Path(self.model.unit(unit).charm_dir) / name).read_text()

    def servers(self, *units, port=2181):
        """The connection string for these units."""
        return ','.join('{}:{}'.format(self.address(unit), port) for unit in units)


def well(*runs):
    """Assert that no hook failed, and that there was nothing to warn of."""
    for run in runs:
        assert not run.status, '\n'.join(map(str, run.log))
        assert warnings(run) == []


def warnings(*runs):
    return [message for run in runs for level, message in run.log
            if level in ('WARNING', 'ERROR')]


def services(runs):
    """What was done to services: (unit, action, service)."""
    return [(run.unit, *done) for run in runs for done in run.services]


def sinks(flume_conf):
    """{name: (host, port, type)} of the sinks in a Flume configuration."""
    found = {}
    for name, key, value in re.findall(
            r'^a1\.sinks\.([^.]+)\.(hostname|port|type) = (.*)$', flume_conf, re.M):
        found.setdefault(name, {})[key] = value
    return {name: (sink['hostname'], sink['port'], sink['type'])
            for name, sink in found.items()}
