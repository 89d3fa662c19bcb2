"""Real Flume agents, whose sinks are added and removed while events are sent."""
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
from e2e.deployment import ADDRESS, JAVA_OPTIONS, RealDeployment
from e2e.services import free_ports, listening, wait_for

EVENTS = 10000
# The maximum number of lines without acknowledgement.
WINDOW = 50
# Seconds between acknowledgements, so that each step of the test has some events.
PAUSE = 0.002
# Seconds to wait for an agent to start, and for events to arrive.
LIMIT = 90


class Sender(threading.Thread):
    """Sends numbers to a netcat source until all are acknowledged.

    When a connection ends, it sends the numbers without acknowledgement again.

    :ivar limit: the sender pauses at this number of acknowledgements
    """

    def __init__(self, port):
        super().__init__(daemon=True)
        self.acknowledged = {}      # number: time
        self.limit = EVENTS
        self.stopping = threading.Event()
        self._port = port
        self._remaining = deque(range(EVENTS))

    def run(self):
        while self._remaining and not self.stopping.is_set():
            unacknowledged = deque()
            with contextlib.suppress(OSError), socket.create_connection(
                    (ADDRESS, self._port), LIMIT) as peer:
                with peer.makefile('r') as answers:
                    self._send(peer, answers, unacknowledged)
            self._remaining.extendleft(reversed(unacknowledged))
            time.sleep(0.1)

    def _send(self, peer, answers, unacknowledged):
        """Send numbers, which are in `unacknowledged` until they are acknowledged."""
        while (self._remaining or unacknowledged) and not self.stopping.is_set():
            allowed = min(WINDOW, self.limit - len(self.acknowledged))
            batch = [self._remaining.popleft() for _ in range(
                min(allowed - len(unacknowledged), len(self._remaining)))]
            unacknowledged.extend(batch)
            peer.sendall(''.join(map('{}\n'.format, batch)).encode())
            time.sleep(PAUSE)
            if not unacknowledged:
                continue
            if answers.readline() != 'OK\n':
                return
            self.acknowledged[unacknowledged.popleft()] = time.time()


class Flume(RealDeployment):
    """The applications `agent`, which sends events, and `sink`."""

    def __init__(self, charms, services, java, jars):
        super().__init__(services, client='agent/0')
        self.charms = charms
        self.accepted = {}          # events by sink, according to its metrics
        self.totals = []            # (time, events of all sinks)
        self.ports = free_ports(30)
        log_config = Path(__file__).with_name('log4j2.xml')
        services.programs = {'flume': lambda unit: [
            java, *JAVA_OPTIONS,
            '-Dlog4j2.configurationFile={}'.format(log_config),
            '-Dflume.monitoring.type=http',
            '-Dflume.monitoring.port={}'.format(self.monitoring_port(unit.name)),
            '-cp', jars, 'org.apache.flume.node.Application', '--name', 'a1',
            '--conf-file', self.conf_file(unit.name, 'flume.conf'),
            '--no-reload-conf']}

    def deploy(self, protocol, failover):
        directories = {'conf-dir': 'conf', 'data-dir': 'data'}
        self.model.deploy('agent', self.charms['flume-agent'], 0, {
            'port': self.ports, 'failover': failover, **directories})
        self.model.deploy('sink', self.charms['flume-sink'], 0, {
            'port': self.ports + 10, 'spread-ports': True, 'protocol': protocol,
            'roll-interval': 2, **directories})
        self.add_unit('agent')
        self.add_unit('sink')
        self.model.relate('sink:source', 'agent:sink')

    def settle(self, *sinks):
        """Run all hooks, and wait until the agent and these sinks accept events."""
        self.model.settle()
        ports = [self.ports] + [self.ports + 10 + int(name.split('/')[1])
                                for name in sinks]
        wait_for('sinks {}'.format(sinks),
                 lambda: all(listening(port) for port in ports), LIMIT)

    def monitoring_port(self, unit):
        app, number = unit.split('/')
        return self.ports + (20 if app == 'agent' else 21) + int(number)

    def metrics(self, unit):
        """The metrics of a unit's Flume, or {} if it does not answer."""
        url = 'http://{}:{}/metrics'.format(ADDRESS, self.monitoring_port(unit))
        with contextlib.suppress(OSError, ValueError):
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        return {}

    def drained(self, unit):
        """Whether all events that a unit accepted since its start left its channel."""
        channel = self.metrics(unit).get('CHANNEL.files')
        return channel and (int(channel['EventTakeSuccessCount'])
                            >= int(channel['EventPutSuccessCount']))

    def count_events(self):
        """Add the number of events that the sinks accepted to the totals."""
        for unit in [name for name in self.model.units if name.startswith('sink/')]:
            source = self.metrics(unit).get('SOURCE.agents', {})
            if 'EventAcceptedCount' in source:
                self.accepted[unit] = int(source['EventAcceptedCount'])
        self.totals.append((time.time(), sum(self.accepted.values())))

    def on_service(self, unit, action, service):
        if (unit.app.name == 'sink' and action == 'stop'
                and self.services.active(unit.name, service)):
            # ExecStop in a real unit file should do this, because events that are
            # still in the channel are lost with the machine
            wait_for('{} drained'.format(unit.name),
                     lambda: self.drained(unit.name), LIMIT)
        return super().on_service(unit, action, service)


def numbers_in_files(directory):
    """The numbers in the files of all present and former sinks."""
    return {int(line)
            for file in directory.glob('sink-*-dir/charm/data/events/*')
            for line in file.read_text().splitlines()}


@pytest.fixture
def flume(charms, services, java, flume_jars):
    return Flume(charms, services, java, flume_jars)


@pytest.fixture
def event_counter(flume):
    """Counts the events of the sinks in the background."""
    stopping = threading.Event()

    def count():
        while not stopping.wait(0.25):
            flume.count_events()

    thread = threading.Thread(target=count)
    thread.start()
    yield
    stopping.set()
    thread.join()


@pytest.fixture
def sender(flume):
    sender = Sender(flume.ports)
    yield sender
    sender.stopping.set()


@pytest.mark.parametrize('protocol, failover, restarts', [
    # with the first sink, and with the second
    ('avro', False, 2),
    # with the first sink, with both, and with the second
    ('thrift', True, 3),
], ids=['avro-one-sink', 'thrift-failover-group'])
def test_every_event_is_delivered_while_sinks_change(
        flume, event_counter, sender, tmp_path, protocol, failover, restarts):
    flume.deploy(protocol, failover)
    flume.settle('sink/0')
    sender.start()

    def wait_until_sent(share):
        wait_for('{:.0%} of the events sent'.format(share),
                 lambda: len(sender.acknowledged) >= share * EVENTS, LIMIT)

    wait_until_sent(0.2)
    flume.add_unit('sink')
    flume.settle('sink/0', 'sink/1')
    wait_until_sent(0.5)
    sender.limit = int(0.9 * EVENTS)
    flume.model.remove_unit('sink/0')
    flume.settle('sink/1')
    sender.limit = EVENTS
    wait_until_sent(1)
    wait_for('all events in files', lambda: numbers_in_files(
        tmp_path / 'units') == set(range(EVENTS)), LIMIT)
    flume.count_events()
    assert flume.restarts == restarts
    flume.history.write(
        RESULTS / 'flume-{}.json'.format(protocol),
        sent=flume.history.since_start(sender.acknowledged.values()),
        arrived=[[*flume.history.since_start([when]), number]
                 for when, number in flume.totals])
