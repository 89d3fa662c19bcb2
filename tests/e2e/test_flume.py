"""Real Flume agents, whose sinks come and go while events are sent."""
import contextlib
import json
import socket
import threading
import time
import urllib.request
from collections import deque
from pathlib import Path

import pytest

from e2e.conftest import RESULTS
from e2e.history import History
from e2e.services import free_ports, listening, wait_for
from juju_standin import Model

EVENTS = 10000
# Lines that wait for their acknowledgement.
WINDOW = 50
# Seconds between acknowledgements: some are to be sent in each step.
PACE = 0.002
# Seconds that an agent has to start, and that events have to arrive.
LIMIT = 90


class Sender(threading.Thread):
    """Sends numbers to a netcat source until each is acknowledged.

    Those that were not when a connection ended are sent again.

    :ivar int limit: of acknowledged numbers, at which it waits
    """

    def __init__(self, port):
        super().__init__(daemon=True)
        self.acknowledged = {}      # when
        self.limit = EVENTS
        self.stopping = threading.Event()
        self._port = port
        self._left = deque(range(EVENTS))

    def run(self):
        while self._left and not self.stopping.is_set():
            sent = deque()
            with contextlib.suppress(OSError), socket.create_connection(
                    ('127.0.0.1', self._port), LIMIT) as peer:
                with peer.makefile('r') as answers:
                    self._send(peer, answers, sent)
            self._left.extendleft(reversed(sent))
            time.sleep(0.1)

    def _send(self, peer, answers, sent):
        """Send numbers; they are in `sent` until they are acknowledged."""
        while (self._left or sent) and not self.stopping.is_set():
            room = self.limit - len(self.acknowledged)
            batch = [self._left.popleft() for _ in range(
                min(WINDOW - len(sent), room - len(sent), len(self._left)))]
            sent.extend(batch)
            peer.sendall(''.join('{}\n'.format(number)
                                 for number in batch).encode())
            time.sleep(PACE)
            if not sent:
                continue
            if answers.readline() != 'OK\n':
                return
            self.acknowledged[sent.popleft()] = time.time()


class World:
    """Flume as `agent` and `sink`."""

    def __init__(self, charms, services, java, jars, directory):
        self.charms, self.services = charms, services
        self.history = History()
        self.arrived = {}           # events at each sink, as last heard
        self.arrivals = []          # (when, how many in all)
        self.restarts = 0           # of the agent
        self.ports = free_ports(30)
        self.model = Model()
        self.model.on_service = self._on_service
        self.model.observers.append(self._observe)
        settings = Path(__file__).with_name('log4j2.xml')
        services.programs = {'flume': lambda unit: [
            java, '-Xmx256m', '-XX:+UseSerialGC',
            '-Dlog4j2.configurationFile={}'.format(settings),
            '-Dflume.monitoring.type=http',
            '-Dflume.monitoring.port={}'.format(self.monitor(unit.name)),
            '-cp', jars, 'org.apache.flume.node.Application', '--name', 'a1',
            '--conf-file', Path(unit.charm_dir) / 'conf' / 'flume.conf',
            '--no-reload-conf']}

    def deploy(self, protocol, failover):
        here = {'conf-dir': 'conf', 'data-dir': 'data'}
        self.model.deploy('agent', self.charms['flume-agent'], 0, {
            'port': self.ports, 'failover': failover, **here})
        self.model.deploy('sink', self.charms['flume-sink'], 0, {
            'port': self.ports + 10, 'spread-ports': True, 'protocol': protocol,
            'roll-interval': 2, **here})
        self.add('agent')
        self.add('sink')
        self.model.relate('sink:source', 'agent:sink')

    def add(self, app):
        unit = self.model.add_unit(app)
        self.model.set_address(unit.name, '127.0.0.1')

    def settle(self, *sinks):
        """Run all hooks; then the agent and these sinks take events."""
        self.model.settle()
        ports = [self.ports] + [self.ports + 10 + int(name.split('/')[1])
                                for name in sinks]
        wait_for('sinks {}'.format(sinks),
                 lambda: all(listening(port) for port in ports), LIMIT)

    def monitor(self, unit):
        """Where a unit's Flume says how it is."""
        app, number = unit.split('/')
        return self.ports + (20 if app == 'agent' else 21) + int(number)

    def metrics(self, unit):
        """What a unit's Flume says; {} while it says nothing."""
        url = 'http://127.0.0.1:{}/metrics'.format(self.monitor(unit))
        with contextlib.suppress(OSError, ValueError):
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        return {}

    def drained(self, unit):
        """Whether all that a unit took since it started has left its channel."""
        channel = self.metrics(unit).get('CHANNEL.files')
        return channel and (int(channel['EventTakeSuccessCount'])
                            >= int(channel['EventPutSuccessCount']))

    def watch(self):
        """Keep how many events each sink has taken."""
        for unit in [name for name in self.model.units if name.startswith('sink/')]:
            source = self.metrics(unit).get('SOURCE.agents', {})
            if 'EventAcceptedCount' in source:
                self.arrived[unit] = int(source['EventAcceptedCount'])
        self.arrivals.append((time.time(), sum(self.arrived.values())))

    def _on_service(self, unit, action, service):
        running = self.services.active(unit.name, service)
        if unit.app.name == 'sink' and action == 'stop' and running:
            # as ExecStop of its unit file would: a machine that is given back
            # takes with it what is still in a channel
            wait_for('{} drained'.format(unit.name),
                     lambda: self.drained(unit.name), LIMIT)
        self.history.service(unit.name, action, running)
        return self.services(unit, action, service)

    def _observe(self, run):
        if run.unit == 'agent/0':
            self.restarts += [action for action, _ in run.services].count('restart')

    def written(self, directory):
        """The numbers in the files of all sinks there have been, each time."""
        return [int(line)
                for file in directory.glob('sink-*-dir/charm/data/events/*')
                for line in file.read_text().splitlines()]


@pytest.fixture
def world(charms, services, java, flume_jars, tmp_path):
    return World(charms, services, java, flume_jars, tmp_path)


@pytest.fixture
def watching(world):
    """Watches the sinks in the background."""
    ended = threading.Event()

    def watch():
        while not ended.wait(0.25):
            world.watch()

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture
def sender(world):
    sender = Sender(world.ports)
    yield sender
    sender.stopping.set()


@pytest.mark.parametrize('protocol, failover, restarts', [
    # the one sink, the next one
    ('avro', False, 2),
    # one, both, the other one
    ('thrift', True, 3),
], ids=['avro-one-sink', 'thrift-failover-group'])
def test_each_event_arrives(world, watching, sender, tmp_path, protocol, failover,
                            restarts):
    world.deploy(protocol, failover)
    world.settle('sink/0')
    sender.start()

    def sent(share):
        wait_for('{:.0%} of the events sent'.format(share),
                 lambda: len(sender.acknowledged) >= share * EVENTS, LIMIT)

    sent(0.2)
    world.add('sink')
    world.settle('sink/0', 'sink/1')
    sent(0.5)
    sender.limit = int(0.9 * EVENTS)
    world.model.remove_unit('sink/0')
    world.settle('sink/1')
    sender.limit = EVENTS
    sent(1)
    wait_for('all events in files', lambda: set(
        world.written(tmp_path / 'units')) == set(range(EVENTS)), LIMIT)
    world.watch()
    assert world.restarts == restarts
    world.history.write(RESULTS / 'flume-{}.json'.format(protocol),
                        sent=world.history.since(sender.acknowledged.values()),
                        arrived=[[*world.history.since([when]), number]
                                 for when, number in world.arrivals])
