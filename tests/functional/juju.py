"""A model of built charms, with the queries and assertions that tests share."""
import re
from pathlib import Path

from integration.operator import JUJU_KEYS
from juju_standin import Model

NOTHING = frozenset()
CONNECTED = frozenset({'connected', 'joined'})
USABLE = CONNECTED | {'available', 'ready'}
JOINING = frozenset({'joining'})
DEPARTING = frozenset({'departing'})

FORCE_REMOVED = (
    '{}: {} was removed by force and is ignored. No action is needed: Juju stops '
    "listing it when this unit's agent restarts")


class Juju:
    """A model in the stand-in, as operators and tests use it."""

    def __init__(self, release):
        self.model = Model(release)
        # to make each hook fail once: 'early' (before the charm runs) or 'late'
        self.failing = None

    def settle(self):
        """Run hooks until none is due; return the successful runs.

        Fail if a hook logs a warning, or fails although `failing` does not cause that.
        """
        runs = self.model.settle() if not self.failing else list(self._retried())
        assert_succeeded(*runs)
        return runs

    def _retried(self):
        """Run hooks until none is due; each hook fails once and is retried."""
        while unit := next((name for name in list(self.model.units)
                            if self.model.pending(name)), None):
            hook = self.model.pending(unit)[0]
            self.model.fail_next(unit, late=self.failing == 'late')
            assert self.model.run(unit, hook).status
            run = self.model.run(unit, hook)
            assert_succeeded(run)
            yield run

    def skip(self, unit, hook):
        """Make a due hook fail, and skip it as `juju resolve --no-retry` does."""
        self.model.fail_next(unit, hook, late=False)
        while not self.model.unit(unit).failed:
            run = self.model.step()
            assert run, '{} is not due in {}'.format(hook, unit)
        self.model.resolve(unit, retry=False)

    def run_due(self, unit):
        """Run hooks of one unit until none is due."""
        while due := self.model.pending(unit):
            assert not self.model.run(unit, due[0]).status

    def step_until(self, unit, kind):
        """Run hooks until a unit has run a hook of this kind; return that run."""
        run = self.model.step()
        while (run.unit, run.hook.kind) != (unit, kind):
            run = self.model.step()
        return run

    def dispatch(self, hook):
        """Run a unit hook in every unit."""
        runs = [self.model.dispatch(name, hook) for name in list(self.model.units)]
        assert_succeeded(*runs)
        return runs

    def update_status(self):
        """Run update-status in every unit; return the warnings by unit."""
        runs = [self.model.dispatch(name, 'update-status')
                for name in list(self.model.units)]
        assert [run.log for run in runs if run.status] == []
        return {run.unit: warnings(run) for run in runs if warnings(run)}

    def assert_warns_of_force_removed(self, relation):
        """Assert that update-status warns of a force-removed relation once per unit."""
        units = self.model.units.keys() & relation.unit_databags.keys()
        ids = {name: relation.id(name.split('/')[0]) for name in units}
        assert self.update_status() == {
            name: [FORCE_REMOVED.format(relation_id.split(':')[0], relation_id)]
            for name, relation_id in ids.items()}
        assert self.update_status() == {}

    def restart_agents(self):
        for name in self.model.units:
            self.model.restart_agent(name)

    def flags(self, unit, endpoint):
        """The flags of a unit's endpoint, without the endpoint's name."""
        prefix = 'reactive.states.{}.'.format(endpoint)
        charm = self.model.unit(unit).charm
        return {key[len(prefix):] for key in charm.kv(unit) if key.startswith(prefix)}

    def address(self, unit):
        return self.model.unit(unit).address

    def published(self, relation, unit):
        """The unit data that a unit's charm has written, without Juju's keys."""
        return {key: value for key, value
                in self.model.unit_data(relation, unit).items() if key not in JUJU_KEYS}

    def file(self, unit, name):
        """The text of a file in a unit's charm directory."""
        return (Path(self.model.unit(unit).charm_dir) / name).read_text()

    def servers(self, *units, port=2181):
        """The connection string for these units."""
        return ','.join('{}:{}'.format(self.address(unit), port) for unit in units)


class Publisher:
    """A charm without a framework whose units publish fixed data."""

    config = {}

    def __init__(self, interface, role='provides', **data):
        self.metadata = {role: {'end': {'interface': interface}}}
        self.data = data

    def run(self, context):
        status, output, _ = context.call(['relation-ids', 'end'])
        for relation_id in output.decode().split():
            status = status or context.call(
                ['relation-set', '-r', relation_id,
                 *['{}={}'.format(*pair) for pair in self.data.items()]])[0]
        return status


def assert_succeeded(*runs):
    """Assert that no hook failed or logged a warning."""
    for run in runs:
        assert not run.status, '\n'.join(map(str, run.log))
        assert warnings(run) == []


def warnings(*runs):
    return [message for run in runs for level, message in run.log
            if level in ('WARNING', 'ERROR')]


def services(runs):
    """The actions of hooks on services: (unit, action, service)."""
    return [(run.unit, *done) for run in runs for done in run.services]


def units_that_wrote(runs):
    """The units of the hooks that called relation-set."""
    return [run.unit for run in runs if 'relation-set' in dict(run.calls)]


def sinks(flume_conf):
    """{name: (host, port, type)} of the sinks in a Flume configuration."""
    found = {}
    for name, key, value in re.findall(
            r'^a1\.sinks\.([^.]+)\.(hostname|port|type) = (.*)$', flume_conf, re.M):
        found.setdefault(name, {})[key] = value
    return {name: (sink['hostname'], sink['port'], sink['type'])
            for name, sink in found.items()}
