"""Whatever a remote unit publishes, hooks end well and nothing bad is served.

The same of what an application grants by the later protocol called zookeeper, and of
what a secret says; no password gets into the log or the key/value store.

DATABAGS is how many databags are generated per interface.
"""
import ipaddress
import json
import os
import random
import re
from importlib import util
from pathlib import Path

import pytest
from charmhelpers.core import unitdata
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from unit.harness import FLUME_REQUIRES, LOCAL, ZOOKEEPER_REQUIRES, Juju

DATABAGS = int(os.environ.get('DATABAGS', 1000))
# how many databags are put together from one set of generated values
BATCH = 500
ROOT = Path(__file__).resolve().parents[2]
KEYS = {'zookeeper': ['port', 'rest_port', 'host'],
        'flume-agent': ['port', 'protocol', 'host']}
ADDRESSES = ['ingress-address', 'private-address']
LINE = '\nport=1\n'

texts = st.one_of(
    # control characters, other scripts' digits, lone surrogates
    st.text(st.characters(), max_size=20),
    st.text('0123456789.:-[]% \n\r\t\x00\x1b\u0661\uff11\u2028', max_size=8),
    st.sampled_from([
        '', ' ', '0', '1', '65535', '65536', '02181', '2181.0', '-1', '+1', '1e3',
        '0x10', '2181\n', '\n2181', '2181 ',
        '２１８１', '٢١٨١', 'avro', 'Avro', 'thrift\n',
        'avro ', '10.0.0.1', '10.0.0.1\n', '10.0.0', '256.1.1.1', 'fd00::1',
        '[fd00::1]',
        'fe80::1%eth0', 'fe80::1%\n', 'host', 'host.example', 'host..example', '-host',
        'host_0', 'host.', 'host..', '10.0.0.1.',
        'a' * 64, 'a.' * 127, 'host' + LINE, '{port}', '${HOME}', 'A' * 1000000]),
    st.integers(1, 65535).map(str))
others = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=2),
                            st.dictionaries(st.text(max_size=2), inner, max_size=2)),
    max_leaves=3)


# Values of one batch, and the seed of what is put together from them.
batches = st.tuples(st.lists(texts | others, min_size=20, max_size=40),
                    st.integers(0, 2 ** 32 - 1))


def bags(interface, values, chance):
    """What relation-get may say: settings, or something else; None if it fails."""
    keys = KEYS[interface] + ADDRESSES
    for _ in range(BATCH):
        bag = {'port': str(chance.randint(1, 65535)), 'protocol': 'avro',
               'ingress-address': '10.0.0.{}'.format(chance.randint(0, 255))}
        kind = chance.random()
        if kind < 0.2:
            bag = {}
        elif kind < 0.25:
            bag = chance.choice(values + [None])
        if isinstance(bag, dict):
            bag = dict(bag, **{chance.choice(keys): chance.choice(values)
                               for _ in range(chance.choice((0, 1, 1, 1, 2, 4)))})
        yield bag


class Listener:
    """A unit that hears one remote unit say one thing after another."""

    def __init__(self, interface, monkeypatch):
        self.side = {'zookeeper': ZOOKEEPER_REQUIRES,
                     'flume-agent': FLUME_REQUIRES}[interface]
        self.juju = Juju(monkeypatch, '3.6')
        self.juju.deploy(self.side)
        self.juju.join('zk:1', 'remote/0')
        # what it believes: what is no settings tells it nothing
        self.known = {}

    def hear(self, bag):
        """The unit's list, after its changed hook."""
        self.juju.end()
        self.juju.model.mend_tools(LOCAL)
        if bag is None:
            self.juju.model.fail_tools(LOCAL, 'relation-get*remote/0')
        # Juju keeps nothing but text; whatever else comes is to be survived
        self.juju.relation('zk:1').bags['remote/0'].data = bag
        self.juju.changed('zk:1', 'remote/0')
        if isinstance(bag, dict):
            self.known = bag
        self.endpoint = self.juju.endpoint()
        return getattr(self.endpoint, self.side.listing)()


def is_port(text):
    return bool(re.fullmatch('[0-9]{1,5}', text, re.ASCII)) and 0 < int(text) < 65536


def is_host(text, versions):
    try:
        return '%' not in text and ipaddress.ip_address(text).version in versions
    except ValueError:
        label = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?'
        name = text[:-1] if text.endswith('.') else text
        return (bool(re.fullmatch(r'{0}(\.{0})*'.format(label), name, re.ASCII))
                and len(name) < 254 and not name.split('.')[-1].isdigit())


def check(interface, served, bag):
    """Nothing unusable is served, and what is comes from the databag."""
    address = next(bag[key] for key in ['host'] + ADDRESSES if bag.get(key))
    assert served['host'] == address
    assert is_host(served['host'], (4, 6) if interface == 'zookeeper' else (4,))
    assert is_port(served['port'])
    assert float(bag['port']) == int(served['port'])
    if interface == 'zookeeper':
        rest = served['rest_port']
        assert rest is None if bag.get('rest_port') in (None, '') else is_port(rest)
    else:
        assert served['protocol'] == bag['protocol']
        assert served['protocol'] in ('avro', 'thrift')


def is_plain(interface, bag):
    """Whether there is no doubt that a databag is usable."""
    return (isinstance(bag, dict)
            and set(bag) == {'port', 'protocol', 'ingress-address'}
            and all(isinstance(value, str) for value in bag.values())
            and is_port(bag['port']) and bag['protocol'] == 'avro'
            and is_host(bag['ingress-address'], (4,)))


def example(name):
    """A module of handlers of an example charm."""
    path = ROOT / 'examples' / name / 'reactive' / (name.replace('-', '_') + '.py')
    spec = util.spec_from_file_location(path.stem, path)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AGENT = example('flume-agent')


def configuration(interface, listener, served):
    """What an example charm writes of what it is told."""
    if interface == 'zookeeper':
        return 'zookeeper.connect=' + listener.endpoint.connection_string('/kafka')
    return AGENT.SINK.format(**served[0]).rstrip('\n')


@pytest.mark.parametrize('interface', KEYS)
def test_nothing_bad_is_served(interface, monkeypatch):
    listener = Listener(interface, monkeypatch)
    counts = {'heard': 0, 'served': 0}

    @settings(max_examples=max(1, DATABAGS // BATCH), deadline=None, print_blob=True,
              phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(batches)
    def hear(batch):
        values, seed = batch
        for bag in bags(interface, values, random.Random(seed)):
            served = listener.hear(bag)
            counts['heard'] += 1
            if is_plain(interface, bag):
                assert served
            for one in served:
                counts['served'] += 1
                check(interface, one, listener.known)
                text = configuration(interface, listener, served)
                assert text.count('\n') == (0 if interface == 'zookeeper' else 3)
                assert all(line.isprintable() for line in text.split('\n'))

    hear()
    assert counts['heard'] >= DATABAGS
    assert counts['heard'] / 20 < counts['served'] < counts['heard']
    print(counts)


GRANTED = ['endpoints', 'database', 'resource', 'chroot', 'username', 'password', 'tls',
           'tls-ca', 'secret-user', 'secret-tls']
PASSWORD = 's3cret'


def grants(values, chance):
    """What relation-get may say of an application, and secret-get of its secret."""
    values = values + [PASSWORD, 'a:1,' + PASSWORD, 'me:{}@a:1'.format(PASSWORD),
                       '//' + PASSWORD, PASSWORD + '\n', 'enabled', 'a:1',
                       '[fd00::1]:1', 'secret:abc', 'secret:-x', '--refresh']
    for _ in range(BATCH):
        grant = {'endpoints': '10.0.0.1:{}'.format(chance.randint(1, 65535)),
                 'database': '/kafka', 'tls': 'disabled'}
        secret = {'username': 'relation-1', 'password': PASSWORD}
        if chance.random() < 0.5:
            grant['secret-user'] = 'secret:user'
        else:
            grant.update(secret)
        for bag in grant, secret:
            bag.update({chance.choice(GRANTED): chance.choice(values)
                        for _ in range(chance.choice((0, 0, 1, 1, 2, 4)))})
        if chance.random() < 0.05:
            secret = chance.choice(values)
        yield (chance.choice(values) if chance.random() < 0.03 else grant), secret


class Client:
    """A unit that hears one application grant one thing after another."""

    def __init__(self, monkeypatch):
        self.juju = Juju(monkeypatch, '3.6')
        self.juju.deploy(ZOOKEEPER_REQUIRES)
        self.endpoint = self.juju.endpoint()
        self.endpoint.request('/kafka')
        self.juju.join('zk:1', 'remote/0')
        self.secret = self.juju.model.add_secret('remote')
        self.juju.model.secrets['user'] = self.juju.model.secrets['abc'] = self.secret
        self.juju.model.grant_secret(self.secret, 'local',
                                     self.juju.relation('zk:1'))

    def hear(self, grant, secret):
        """Its flags, after the changed hook of the application."""
        self.juju.end()
        self.secret.revisions[-1] = secret
        self.juju.relation('zk:1').app_bags['remote'].data = grant
        self.juju.application_changed('zk:1')
        return self.juju.flags()


def check_grant(endpoint):
    """All that is written in configuration files is one word in one line."""
    servers, credentials = endpoint.zookeepers(), endpoint.credentials()
    tls = endpoint.tls()
    assert servers and all(is_host(server['host'], (4, 6)) and is_port(server['port'])
                           for server in servers)
    string = endpoint.connection_string('/a')
    assert string.isprintable() and not set(string) & set(' "\'\\')
    assert string.endswith('/a') and '//' not in string
    for word in credentials.username, credentials.password:
        assert re.fullmatch(r'[!-~]+', word) and not set(word) & set('"\'\\')
    assert tls is None or tls.ca is None or '-----BEGIN' in tls.ca


def test_nothing_bad_is_granted(monkeypatch):
    client = Client(monkeypatch)
    counts = {'heard': 0, 'served': 0}

    @settings(max_examples=max(1, DATABAGS // BATCH), deadline=None, print_blob=True,
              phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(batches)
    def hear(batch):
        values, seed = batch
        for grant, secret in grants(values, random.Random(seed)):
            counts['heard'] += 1
            if 'available' in client.hear(grant, secret):
                try:
                    check_grant(client.endpoint)
                    counts['served'] += 1
                except ValueError as error:     # it is not readable any more
                    assert 'can not be read' in str(error)
                    assert PASSWORD not in str(error)

    hear()
    client.juju.end()
    kept = json.dumps([unitdata.kv().getrange(''), client.juju._log])
    assert PASSWORD not in kept
    assert counts['heard'] / 20 < counts['served'] < counts['heard']
    print(counts)
