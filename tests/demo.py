"""Charms that relate, scale and part, told hook by hook.

Builds the four example charms, deploys them in the stand-in for Juju, and checks after
each step that everybody knows what they should.
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

# charms.reactive still imports it
warnings.filterwarnings('ignore', message='pkg_resources')

from juju_standin import BuiltCharm, HookRun, InProcessCharm, Model, build  # noqa: E402

TESTS = Path(__file__).resolve().parent
EXAMPLES = TESTS.parent / 'examples'
NAMES = ('zookeeper-server', 'zookeeper-client', 'flume-sink', 'flume-agent')

LEGEND = '''\
A stand-in for Juju runs the hooks of four charms. Each hook has a line, with its unit
and its name. Below it is what has changed:

  flag      is set (+) or cleared (-); a flag's second name, `joined` or `ready`, is
            left out
  service   what the charm did to its service
  file      a line is new (+) or gone (-) in client.cfg or flume.conf
  databag   what is published in a relation, beside what Juju publishes itself
  status    what the unit tells the operator
  warning   what the unit logs for the operator'''
COLOURS = {'flag': 'green', 'service': 'cyan', 'file': 'magenta', 'databag': 'blue',
           'status': 'yellow', 'warning': 'red'}

FLAG = re.compile(r'tracer: (set|cleared) flag (.*)')
# of the endpoints; layer:basic's are not what this is about
OURS = re.compile(r'(zkclient|zookeeper|source|sink)\.(?!joined$|ready$)')
# what a configuration says of the other side
TOLD = re.compile(r'zookeeper\.connect'
                  r'|a1\.sinks\.(?!roll).*\.(type|hostname|port)|.*\.priority')

# Gives an example, built.
Charms = Callable[[str], InProcessCharm]


class Demo:
    """The model, the steps taken in it, and how they ended."""

    def __init__(self, console: Console, model: Model):
        self.console, self.model = console, model
        self.hooks = self.good = self.bad = 0
        self._before: dict[tuple[str, str], str] = {}
        model.observers.append(self._tell)

    def step(self, title: str) -> None:
        """Say what the operator did, and show what comes of it."""
        self.console.print('\n[bold]{}[/]'.format(title))
        self.model.settle()

    def expect(self, what: str, expected: object, found: object) -> None:
        """Check how a step ended."""
        if found == expected:
            self.good += 1
            self.console.print('  [green]right:[/] {}: {}'.format(what, found))
        else:
            self.bad += 1
            self.console.print('  [red]wrong:[/] {}: {}, not {}'.format(
                what, found, expected))

    def flags(self, *units: str) -> list[str]:
        """The flags of units' endpoints, without their second names."""
        prefix = 'reactive.states.'
        return sorted(key[len(prefix):] for unit in units
                      for key in self.model.unit(unit).charm.kv(unit)
                      if key.startswith(prefix) and OURS.match(key[len(prefix):]))

    def notices(self) -> list[str]:
        """The notices that a unit was given and has not dismissed."""
        return [flag for flag in self.flags(*self.model.units)
                if flag.endswith(('.joining', '.departing'))]

    def configuration(self, unit: str, name: str) -> str:
        """A configuration file of a unit; '' before there is one."""
        file = Path(self.model.unit(unit).charm_dir) / 'conf' / name
        return file.read_text() if file.exists() else ''

    def _tell(self, run: HookRun) -> None:
        self.hooks += 1
        failed = ' [red]failed[/]' if run.status else ''
        self.console.print('  {:<10}{}{}'.format(run.unit, run.hook, failed),
                           highlight=False)
        for kind, text in self._changes(run):
            self.console.print('  {:<10}  [{}]{:<9} {}[/]'.format(
                '', COLOURS[kind], kind, escape(text)), highlight=False)

    def _changes(self, run: HookRun) -> Iterator[tuple[str, str]]:
        """What came of a hook: its kind, and what it is."""
        for level, message in run.log:
            for verb, flag in FLAG.findall(message):
                if OURS.match(flag) and 'starting handler dispatch' not in message:
                    yield 'flag', ('+' if verb == 'set' else '-') + flag
            if level == 'WARNING':
                yield 'warning', message
        for action, service in run.services:
            yield 'service', '{} {}'.format(action, service)
        yield from self._lines(run.unit)
        for (relation, owner), settings in run.written.items():
            yield 'databag', '{} of {}: {}'.format(relation, owner, ', '.join(
                '{}={}'.format(key, value or '') for key, value in settings.items()))
        if run.unit in self.model.units:
            status = ': '.join(self.model.unit(run.unit).status)
            if status not in ('unknown: ', self._replace(run.unit, 'status', status)):
                yield 'status', status

    def _lines(self, unit: str) -> Iterator[tuple[str, str]]:
        """The lines that have changed in a unit's configuration."""
        for name in ('client.cfg', 'flume.conf'):
            if unit in self.model.units:
                now = self.configuration(unit, name)
                before = self._replace(unit, name, now)
                for line in difflib.ndiff(before.splitlines(), now.splitlines()):
                    if line[0] in '+-' and TOLD.match(line[2:]):
                        yield 'file', line

    def _replace(self, unit: str, what: str, now: str) -> str:
        """What was known of a unit so far, which is replaced; '' for nothing."""
        before = self._before.get((unit, what), '')
        self._before[unit, what] = now
        return before


def zookeeper(demo: Demo, charms: Charms, granting: BuiltCharm) -> None:
    """A ZooKeeper ensemble and its clients, and a server that has to be asked."""
    model = demo.model
    here = {'conf-dir': 'conf'}

    def servers(*units: str, port: int = 2181) -> str:
        return ','.join('{}:{}'.format(model.unit(unit).address, port)
                        for unit in units)

    def client(app: str = 'kafka', key: str = 'connect') -> str | None:
        lines = demo.configuration(app + '/0', 'client.cfg').splitlines()
        return dict(line.split('=', 1) for line in lines).get('zookeeper.' + key)

    model.deploy('zk', charms('zookeeper-server'),
                 config={'data-dir': 'data', **here})
    model.deploy('kafka', charms('zookeeper-client'), config=here)
    demo.step('deploy zk and kafka')
    relation = model.relate('zk:zkclient', 'kafka:zookeeper')
    demo.step('relate them')
    demo.expect('kafka knows', servers('zk/0'), client())
    demo.expect('its flags', ['zookeeper.available', 'zookeeper.connected'],
                demo.flags('kafka/0'))

    model.add_unit('zk')
    model.add_unit('zk')
    demo.step('add two units of zk')
    demo.expect('kafka knows', servers('zk/0', 'zk/1', 'zk/2'), client())

    model.deploy('hbase', charms('zookeeper-client'), config=here)
    model.relate('zk:zkclient', 'hbase:zookeeper')
    demo.step('deploy hbase, and relate it to the same servers')
    demo.expect('hbase knows', servers('zk/0', 'zk/1', 'zk/2'), client('hbase'))

    model.set_config('zk', port=0)
    demo.step('change the port of zk to 0, by mistake')
    demo.expect('zk tells', ('blocked', 'port is 0, not an integer from 1 to 65535'),
                model.unit('zk/0').status)
    demo.expect('kafka knows', servers('zk/0', 'zk/1', 'zk/2'), client())

    model.set_config('zk', port=2182)
    demo.step('change it to 2182')
    demo.expect('kafka knows', servers('zk/0', 'zk/1', 'zk/2', port=2182), client())

    model.remove_unit('zk/0')
    model.remove_unit('zk/1')
    demo.step('remove two units of zk')
    demo.expect('kafka knows', servers('zk/2', port=2182), client())
    demo.expect('hbase knows', servers('zk/2', port=2182), client('hbase'))

    model.remove_relation(relation)
    demo.step('remove the relation of zk and kafka')
    demo.expect('flags of kafka', [], demo.flags('kafka/0'))
    demo.expect('its status', ('blocked', 'needs a relation to ZooKeeper'),
                model.unit('kafka/0').status)
    demo.expect('hbase knows', servers('zk/2', port=2182), client('hbase'))

    model.deploy('later', granting)
    relation = model.relate('later:zookeeper', 'kafka:zookeeper')
    demo.step('deploy later, a server that has to be asked, and relate kafka to it')
    user = 'relation-{}'.format(relation.number)
    demo.expect('kafka knows', servers('later/0') + '/kafka', client())
    demo.expect('it logs in with', user + ':first', client(key='login'))

    model.set_config('later', password='second')
    demo.step('change the password of later')
    model.dispatch('kafka/0', 'update-status')
    demo.expect('kafka logs in with', user + ':second', client(key='login'))
    demo.expect('notices that nobody has dismissed', [], demo.notices())


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
    demo.step('deploy hdfs and syslog, and relate them')
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
    demo.step('remove the relation by force, so that no hook tells of it')
    for unit in 'hdfs/1', 'syslog/0':
        model.dispatch(unit, 'update-status')
    demo.expect('flags after update-status', [], demo.flags('hdfs/1', 'syslog/0'))


def main() -> int:
    console = Console(soft_wrap=True)
    with (tempfile.TemporaryDirectory() as directory,
          ThreadPoolExecutor(max_workers=2) as pool):
        console.print(LEGEND, highlight=False)
        console.print('\nbuilding the examples with charm build')
        built = {name: pool.submit(build, EXAMPLES / name, Path(directory) / 'charms')
                 for name in NAMES}

        @functools.cache
        def charms(name: str) -> InProcessCharm:
            charm = InProcessCharm(built[name].result())
            console.print('built {}'.format(name))
            return charm

        demo = Demo(console, Model())
        zookeeper(demo, charms, BuiltCharm(TESTS / 'charms/plain-server', directory))
        flume(demo, charms)
    console.print('\n[bold]{} hooks; {} expectations met, {} not[/]'.format(
        demo.hooks, demo.good, demo.bad))
    return 1 if demo.bad else 0


if __name__ == '__main__':
    sys.exit(main())
