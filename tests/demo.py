"""Four charms that relate, scale and part, told hook by hook.

Builds the example charms, deploys them in the stand-in for Juju, and checks after
each step that everybody knows what they should.
"""
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from standin import BuiltCharm, HookRun, Model, build

EXAMPLES = Path(__file__).resolve().parent.parent / 'examples'
NAMES = ('zookeeper-server', 'zookeeper-client', 'flume-sink', 'flume-agent')

FLAG = re.compile(r'tracer: (set|cleared) flag (.*)')
# of the endpoints; layer:basic's are not what this is about
OURS = re.compile(r'(zkclient|zookeeper|source|sink)\.')


class Demo:
    """The model, the steps taken in it, and how they ended."""

    def __init__(self, console: Console, model: Model):
        self.console, self.model = console, model
        self.hooks = self.good = self.bad = 0
        self._configurations: dict[str, str] = {}
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

    def flags(self, unit: str) -> list[str]:
        """The flags of a unit's endpoints, without the aliases."""
        prefix = 'reactive.states.'
        kv = self.model.unit(unit).charm.kv(unit)
        return sorted(key[len(prefix):] for key in kv
                      if key.startswith(prefix) and OURS.match(key[len(prefix):])
                      and not key.endswith(('.joined', '.ready')))

    def configuration(self, unit: str, name: str) -> str:
        """A configuration file of a unit; '' before there is one."""
        file = Path(self.model.unit(unit).charm_dir) / 'conf' / name
        return file.read_text() if file.exists() else ''

    def _tell(self, run: HookRun) -> None:
        self.hooks += 1
        changes = [('+' if verb == 'set' else '-') + flag
                   for _, message in run.log
                   if 'starting handler dispatch' not in message
                   for verb, flag in FLAG.findall(message)
                   if OURS.match(flag) and not flag.endswith(('.joined', '.ready'))]
        status = '' if not run.status else ' [red]failed[/]'
        self.console.print('  {:<20} {}{}'.format(run.unit, run.hook, status),
                           highlight=False)
        for change in changes:
            colour = 'green' if change[0] == '+' else 'yellow'
            self.console.print('  {:<20}   [{}]{}[/]'.format('', colour, change))
        for action, service in run.services:
            self.console.print('  {:<20}   [cyan]{} {}[/]'.format('', action, service))
        if run.services:
            text = ''.join(self.configuration(run.unit, name)
                           for name in ('client.cfg', 'flume.conf'))
            if text != self._configurations.get(run.unit, ''):
                self._configurations[run.unit] = text
                for line in re.findall(r'.*(?:connect|hostname|priority).*', text):
                    self.console.print('  {:<20}   [magenta]{}[/]'.format('', line),
                                       highlight=False)


def zookeeper(demo: Demo, charms: dict[str, BuiltCharm]) -> None:
    """A ZooKeeper ensemble and its clients."""
    model = demo.model
    here = {'conf-dir': 'conf'}

    def servers(*units: str, port: int = 2181) -> str:
        return 'zookeeper.connect={}\n'.format(','.join(
            '{}:{}'.format(model.unit(unit).address, port) for unit in units))

    def client(app: str = 'kafka') -> str:
        return demo.configuration(app + '/0', 'client.cfg')

    model.deploy('zk', charms['zookeeper-server'],
                 config={'data-dir': 'data', **here})
    model.deploy('kafka', charms['zookeeper-client'], config=here)
    relation = model.relate('zk:zkclient', 'kafka:zookeeper')
    demo.step('deploy zk and kafka, and relate them')
    demo.expect('kafka knows', servers('zk/0'), client())
    demo.expect('its flags', ['zookeeper.available', 'zookeeper.connected'],
                demo.flags('kafka/0'))

    model.add_unit('zk')
    model.add_unit('zk')
    demo.step('add two units of zk')
    demo.expect('kafka knows', servers('zk/0', 'zk/1', 'zk/2'), client())

    model.deploy('hbase', charms['zookeeper-client'], config=here)
    model.relate('zk:zkclient', 'hbase:zookeeper')
    demo.step('deploy hbase, and relate it to the same servers')
    demo.expect('hbase knows', servers('zk/0', 'zk/1', 'zk/2'), client('hbase'))

    model.set_config('zk', port=2182)
    demo.step('change the port of zk')
    demo.expect('kafka knows', servers('zk/0', 'zk/1', 'zk/2', port=2182), client())

    model.remove_unit('zk/0')
    model.remove_unit('zk/1')
    demo.step('remove two units of zk')
    demo.expect('kafka knows', servers('zk/2', port=2182), client())
    demo.expect('hbase knows', servers('zk/2', port=2182), client('hbase'))

    model.remove_relation(relation)
    demo.step('remove the relation of zk and kafka')
    demo.expect('flags of kafka', [], demo.flags('kafka/0'))
    demo.expect('its status', ('waiting', 'for ZooKeeper'),
                model.unit('kafka/0').status)
    demo.expect('hbase knows', servers('zk/2', port=2182), client('hbase'))


def flume(demo: Demo, charms: dict[str, BuiltCharm]) -> None:
    """Flume agents and their sinks."""
    model = demo.model

    def hosts() -> list[str]:
        return re.findall(r'hostname = (.*)',
                          demo.configuration('syslog/0', 'flume.conf'))

    model.deploy('hdfs', charms['flume-sink'],
                 config={'conf-dir': 'conf', 'data-dir': 'data'})
    model.deploy('syslog', charms['flume-agent'],
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
    model.dispatch('syslog/0', 'update-status')
    demo.expect('flags of syslog, after update-status', [], demo.flags('syslog/0'))


def main() -> int:
    console = Console(soft_wrap=True)
    with tempfile.TemporaryDirectory() as directory:
        charms = {}
        for number, name in enumerate(NAMES, 1):
            with console.status('building {} ({} of {})'.format(
                    name, number, len(NAMES))):
                charms[name] = BuiltCharm(
                    build(EXAMPLES / name, Path(directory) / 'charms'),
                    Path(directory) / 'units')
            console.print('built {}'.format(name))
        demo = Demo(console, Model())
        zookeeper(demo, charms)
        flume(demo, charms)
    console.print('\n[bold]{} hooks; {} expectations met, {} not[/]'.format(
        demo.hooks, demo.good, demo.bad))
    return 1 if demo.bad else 0


if __name__ == '__main__':
    sys.exit(main())
