"""Shows hook by hook how charms are related, scaled and removed.

Builds the four example charms, deploys them in the stand-in for Juju, and checks the
result of each step.
"""
import difflib
import functools
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.markup import escape

# charms.reactive imports pkg_resources, which warns that it is deprecated
warnings.filterwarnings('ignore', message='pkg_resources')

from juju_standin import BuiltCharm, HookRun, InProcessCharm, Model, build  # noqa: E402

TESTS = Path(__file__).resolve().parent
EXAMPLES = TESTS.parent / 'examples'
NAMES = ('zookeeper-server', 'zookeeper-client', 'flume-sink', 'flume-agent')

LEGEND = '''\
A stand-in for Juju runs the hooks of four charms. Each hook has a line with its unit
and name. The lines below it show its effects:

  flag      a flag that was set (+) or cleared (-), except the aliases `joined` and
            `ready`
  service   an action on the charm's service
  file      a line that was added (+) to client.cfg or flume.conf, or removed (-)
  databag   data that the unit or its application wrote to a relation
  status    the new status of the unit
  warning   a warning in the log of the unit'''
COLOURS = {'flag': 'green', 'service': 'cyan', 'file': 'magenta', 'databag': 'blue',
           'status': 'yellow', 'warning': 'red'}

FLAG = re.compile(r'tracer: (set|cleared) flag (.*)')
# Flags of the interface layers, without aliases.
ENDPOINT_FLAG = re.compile(r'(zkclient|zookeeper|source|sink)\.(?!joined$|ready$)')
# Lines of a configuration that depend on the relation.
RELATION_LINE = re.compile(
    r'zookeeper\.connect|a1\.sinks\.(?!roll).*\.(type|hostname|port)|.*\.priority')

# A function that returns a built example charm.
Charms = Callable[[str], InProcessCharm]


class Demo:
    """A model, and the results of the checks."""

    def __init__(self, console: Console, model: Model):
        self.console, self.model = console, model
        self.hooks = self.passed = self.failed = 0
        self._previous: dict[tuple[str, str], str] = {}
        model.observers.append(self._print_run)

    def step(self, title: str) -> None:
        """Print what the operator did, and run all hooks."""
        self.console.print('\n[bold]{}[/]'.format(title))
        self.model.settle()

    def expect(self, subject: str, expected: object, actual: object) -> None:
        """Check a result of a step."""
        if actual == expected:
            self.passed += 1
            self.console.print('  [green]passed:[/] {}: {}'.format(subject, actual))
        else:
            self.failed += 1
            self.console.print('  [red]failed:[/] {}: {}, expected {}'.format(
                subject, actual, expected))

    def flags(self, *units: str) -> list[str]:
        """The flags of the units' endpoints, without aliases."""
        prefix = 'reactive.states.'
        return sorted(key[len(prefix):] for unit in units
                      for key in self.model.unit(unit).charm.kv(unit)
                      if key.startswith(prefix)
                      and ENDPOINT_FLAG.match(key[len(prefix):]))

    def notices(self) -> list[str]:
        """The notices that the units have not dismissed."""
        return [flag for flag in self.flags(*self.model.units)
                if flag.endswith(('.joining', '.departing'))]

    def configuration(self, unit: str, name: str) -> str:
        """The text of a unit's configuration file, or '' if it does not exist."""
        file = Path(self.model.unit(unit).charm_dir) / 'conf' / name
        return file.read_text() if file.exists() else ''

    def _print_run(self, run: HookRun) -> None:
        self.hooks += 1
        failed = ' [red]failed[/]' if run.status else ''
        self.console.print('  {:<10}{}{}'.format(run.unit, run.hook, failed),
                           highlight=False)
        for kind, text in self._effects(run):
            self.console.print('  {:<10}  [{}]{:<9} {}[/]'.format(
                '', COLOURS[kind], kind, escape(text)), highlight=False)

    def _effects(self, run: HookRun) -> Iterator[tuple[str, str]]:
        """The effects of a hook, each with its kind."""
        for level, message in run.log:
            for verb, flag in FLAG.findall(message):
                if (ENDPOINT_FLAG.match(flag)
                        and 'starting handler dispatch' not in message):
                    yield 'flag', ('+' if verb == 'set' else '-') + flag
            if level == 'WARNING':
                yield 'warning', message
        for action, service in run.services:
            yield 'service', '{} {}'.format(action, service)
        yield from self._changed_lines(run.unit)
        for (relation, owner), data in run.written.items():
            yield 'databag', '{} of {}: {}'.format(relation, owner, ', '.join(
                '{}={}'.format(key, value or '') for key, value in data.items()))
        if run.unit in self.model.units:
            status = ': '.join(self.model.unit(run.unit).status)
            if status not in ('unknown: ', self._update(run.unit, 'status', status)):
                yield 'status', status

    def _changed_lines(self, unit: str) -> Iterator[tuple[str, str]]:
        """The added and removed lines of a unit's configuration."""
        for name in ('client.cfg', 'flume.conf'):
            if unit in self.model.units:
                text = self.configuration(unit, name)
                previous = self._update(unit, name, text)
                for line in difflib.ndiff(previous.splitlines(), text.splitlines()):
                    if line[0] in '+-' and RELATION_LINE.match(line[2:]):
                        yield 'file', line

    def _update(self, unit: str, key: str, value: str) -> str:
        """Replace a stored value of a unit, and return the previous one or ''."""
        previous = self._previous.get((unit, key), '')
        self._previous[unit, key] = value
        return previous


def zookeeper(demo: Demo, charms: Charms, granting: BuiltCharm) -> None:
    """A ZooKeeper ensemble and its clients, and a server that needs a request."""
    model = demo.model
    conf_dir = {'conf-dir': 'conf'}

    def servers(*units: str, port: int = 2181) -> str:
        return ','.join('{}:{}'.format(model.unit(unit).address, port)
                        for unit in units)

    def client(app: str = 'kafka', key: str = 'connect') -> str | None:
        lines = demo.configuration(app + '/0', 'client.cfg').splitlines()
        return dict(line.split('=', 1) for line in lines).get('zookeeper.' + key)

    model.deploy('zk', charms('zookeeper-server'),
                 config={'data-dir': 'data', **conf_dir})
    model.deploy('kafka', charms('zookeeper-client'), config=conf_dir)
    demo.step('deploy zk and kafka')
    relation = model.relate('zk:zkclient', 'kafka:zookeeper')
    demo.step('relate them')
    demo.expect('kafka uses', servers('zk/0'), client())
    demo.expect('flags of kafka', ['zookeeper.available', 'zookeeper.connected'],
                demo.flags('kafka/0'))

    model.add_unit('zk')
    model.add_unit('zk')
    demo.step('add two units of zk')
    demo.expect('kafka uses', servers('zk/0', 'zk/1', 'zk/2'), client())

    model.deploy('hbase', charms('zookeeper-client'), config=conf_dir)
    model.relate('zk:zkclient', 'hbase:zookeeper')
    demo.step('deploy hbase and relate it to the same servers')
    demo.expect('hbase uses', servers('zk/0', 'zk/1', 'zk/2'), client('hbase'))

    model.set_config('zk', port=0)
    demo.step('change the port of zk to 0, which is invalid')
    demo.expect('status of zk',
                ('blocked', 'port is 0, not an integer from 1 to 65535'),
                model.unit('zk/0').status)
    demo.expect('kafka uses', servers('zk/0', 'zk/1', 'zk/2'), client())

    model.set_config('zk', port=2182)
    demo.step('change the port of zk to 2182')
    demo.expect('kafka uses', servers('zk/0', 'zk/1', 'zk/2', port=2182), client())

    model.remove_unit('zk/0')
    model.remove_unit('zk/1')
    demo.step('remove two units of zk')
    demo.expect('kafka uses', servers('zk/2', port=2182), client())
    demo.expect('hbase uses', servers('zk/2', port=2182), client('hbase'))

    model.remove_relation(relation)
    demo.step('remove the relation between zk and kafka')
    demo.expect('flags of kafka', [], demo.flags('kafka/0'))
    demo.expect('status of kafka', ('blocked', 'needs a relation to ZooKeeper'),
                model.unit('kafka/0').status)
    demo.expect('hbase uses', servers('zk/2', port=2182), client('hbase'))

    model.deploy('secure-zk', granting)
    relation = model.relate('secure-zk:zookeeper', 'kafka:zookeeper')
    demo.step('deploy secure-zk, a server that needs a request, and relate it to kafka')
    user = 'relation-{}'.format(relation.number)
    demo.expect('kafka uses', servers('secure-zk/0') + '/kafka', client())
    demo.expect('kafka logs in with', user + ':first', client(key='login'))

    model.set_config('secure-zk', password='second')
    demo.step('change the password of secure-zk')
    model.dispatch('kafka/0', 'update-status')
    demo.expect('kafka logs in with', user + ':second', client(key='login'))
    demo.expect('notices that are not dismissed', [], demo.notices())


def flume(demo: Demo, charms: Charms) -> None:
    """Flume agents and their sinks."""
    model = demo.model

    def hosts() -> list[str]:
        return re.findall(r'hostname = (.*)',
                          demo.configuration('syslog/0', 'flume.conf'))

    model.deploy('hdfs', charms('flume-sink'),
                 config={'conf-dir': 'conf', 'data-dir': 'data'})
    model.deploy('syslog', charms('flume-agent'),
                 config={'conf-dir': 'conf', 'failover': True})
    relation = model.relate('hdfs:source', 'syslog:sink')
    demo.step('deploy hdfs and syslog and relate them')
    first = model.unit('hdfs/0').address
    demo.expect('syslog sends to', [first], hosts())

    second = model.add_unit('hdfs').address
    demo.step('add a unit of hdfs')
    demo.expect('syslog sends to', [first, second], hosts())

    model.set_config('hdfs', protocol='thrift')
    demo.step('change the protocol of hdfs')
    demo.expect('protocols', ['thrift', 'thrift'], re.findall(
        r'sinks\.hdfs-\d\.type = (.*)',
        demo.configuration('syslog/0', 'flume.conf')))

    model.remove_unit('hdfs/0')
    demo.step('remove a unit of hdfs')
    demo.expect('syslog sends to', [second], hosts())

    model.remove_relation(relation, force=True)
    demo.step('force-remove the relation; Juju runs no hooks for it')
    for unit in 'hdfs/1', 'syslog/0':
        model.dispatch(unit, 'update-status')
    demo.expect('flags after update-status', [], demo.flags('hdfs/1', 'syslog/0'))


def main() -> int:
    console = Console(soft_wrap=True)
    with (tempfile.TemporaryDirectory() as directory,
          ThreadPoolExecutor(max_workers=2) as pool):
        console.print(LEGEND, highlight=False)
        console.print('\nbuilding the examples with charm-build')
        built = {name: pool.submit(build, EXAMPLES / name, Path(directory) / 'charms',
                                   TESTS.parent / 'interfaces')
                 for name in NAMES}

        @functools.cache
        def charms(name: str) -> InProcessCharm:
            charm = InProcessCharm(built[name].result())
            console.print('built {}'.format(name))
            return charm

        demo = Demo(console, Model())
        zookeeper(demo, charms, BuiltCharm(
            TESTS / 'fixtures/charms/plain-server', directory))
        flume(demo, charms)
    console.print('\n[bold]{} hooks; {} checks passed, {} failed[/]'.format(
        demo.hooks, demo.passed, demo.failed))
    return 1 if demo.failed else 0


if __name__ == '__main__':
    sys.exit(main())
