"""A unit of a small charm in the stand-in, which runs a hook of each kind."""
from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from juju_standin import Context, HookRun, InProcessCharm, Model, Relation
from juju_standin.state import RELATION_HOOKS

HERE = Path(__file__).resolve().parent
LOCAL, ENDPOINT = 'local/0', 'remote'
ADDRESS = {'ingress-address': '10.0.0.1', 'private-address': '10.0.0.1'}

# Calls that charms.reactive or the charm makes, not a layer.
OTHER_CALLS = ('juju-log', 'status-set')

REACTIVE = '''\
from charms.reactive import when


@when('remote.{flag}')
def use(remote):
    remote.{use}


@when('remote.joining')
def dismiss_joining(remote):
    remote.dismiss_joining()


@when('remote.departing')
def dismiss_departing(remote):
    remote.dismiss_departing()
'''
HOOK = '''\
#!/usr/bin/env python3
from charms.reactive import main
main()
'''
HOOKS = ('update-status', 'upgrade-charm', 'secret-changed', 'config-changed', *(
    'remote-relation-' + kind for kind in RELATION_HOOKS))


class Side(NamedTuple):
    """A role of an interface: how a charm uses it, and the data of remote units."""
    interface: str
    role: str
    flag: str
    use: str
    data: dict[str, str]


SIDES = (
    Side('zookeeper', 'requires', 'available', 'zookeepers()', {'port': '2181'}),
    Side('zookeeper', 'provides', 'connected', 'send_port(2181)', {}),
    Side('flume-agent', 'requires', 'available', 'agents()',
         {'port': '4141', 'protocol': 'avro'}),
    Side('flume-agent', 'provides', 'connected', 'send_configuration(4141)', {}),
)
# These layers, the naive layer, and no layer. Without a layer no handler runs.
LAYERS = {'this': HERE.parents[1] / 'interfaces', 'naive': HERE / 'naive', 'none': None}


class Cost(NamedTuple):
    """The cost of a hook: a layer's calls by hook tool, and seconds of CPU time."""
    calls: Counter[str]
    seconds: float


class TimedCharm(InProcessCharm):
    """A charm that uses its only endpoint in every hook."""

    def __init__(self, path: Path, side: Side, layer: str):
        (path / 'reactive').mkdir(parents=True)
        (path / 'hooks').mkdir()
        (path / 'metadata.yaml').write_text(
            '{}: {{remote: {{interface: {}}}}}\n'.format(side.role, side.interface))
        (path / 'reactive/measured.py').write_text(REACTIVE.format(**side._asdict()))
        for hook in HOOKS:
            (path / 'hooks' / hook).write_text(HOOK)
        if LAYERS[layer]:
            source = LAYERS[layer] / ('' if layer == 'naive' else side.interface)
            package = path / 'hooks/relations' / side.interface
            shutil.copytree(source, package)
            (package / '__init__.py').touch()
        super().__init__(path)

    def run(self, context: Context) -> int:
        """Run a hook, and measure its CPU time without its hook tools."""
        call, spent = context.call, []

        def timed(function, *args):
            start = time.process_time()
            try:
                return function(*args)
            finally:
                spent.append(time.process_time() - start)

        context.call = lambda *args: timed(call, *args)
        status = timed(super().run, context)
        self.seconds = spent.pop() - sum(spent)
        return status


class MeasuredUnit:
    """The unit `local/0`, which has run the hooks for all units in its relations.

    :param units: number of remote units, evenly spread over the relations
    """

    def __init__(self, charm: TimedCharm, side: Side, relations: int, units: int):
        self.charm, self.side, self.model = charm, side, Model()
        self.model.deploy('local', charm)
        self.model.settle()
        self.relations = [self.relate('app{}'.format(number))
                          for number in range(relations)]
        for i in range(units):
            unit, number = divmod(i, relations)
            self.join(self.relations[number], 'app{}/{}'.format(number, unit))
        self.costs: dict[str, Cost] = {}
        self.model.observers.append(self._observe)

    def relate(self, application: str) -> Relation:
        ends = {application: 'local', 'local': ENDPOINT}
        if self.side.role == 'requires':
            ends = dict(reversed(ends.items()))
        relation = self.model.add_relation(ends)
        self.model.settle()
        return relation

    def join(self, relation: Relation, unit: str) -> None:
        self.model.enter(relation, unit, dict(ADDRESS, **self.side.data))
        self.model.settle()

    def run_hooks(self) -> dict[str, Cost]:
        """Run a hook of each kind, and restore the relations. Return costs by kind."""
        self.model.dispatch(LOCAL, 'update-status')
        self.model.dispatch(LOCAL, 'upgrade-charm')
        self.model.settle()     # config-changed
        self.model.remove_relation(self.relate('new'))
        self.model.settle()
        self.join(self.relations[0], 'app0/new')
        self.model.leave(self.relations[0], 'app0/new')
        self.model.settle()
        return dict(self.costs)

    def _observe(self, run: HookRun) -> None:
        if run.status:
            raise RuntimeError('{}: {}'.format(run.hook, run.log[-1]))
        self.costs[run.hook.kind] = Cost(
            Counter(tool for tool, _ in run.calls if tool not in OTHER_CALLS),
            self.charm.seconds)
