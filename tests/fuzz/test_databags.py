"""Fuzzing: no remote data makes a hook fail, and the layers return only valid values.

This covers unit data of both interfaces, and the grants and secrets of the
application-data protocol. The log and the key/value store must not contain passwords.

The environment variable DATABAGS is the number of databags for each interface. In each
example, a new client reads some hundred databags in turn. To reproduce a failure, put
the printed `@reproduce_failure(...)` above `@fuzz_settings` in the test.
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
# the number of databags that are built from one set of generated values
BATCH = 500
ROOT = Path(__file__).resolve().parents[2]
KEYS = {'zookeeper': ['port', 'rest_port', 'host'],
        'flume-agent': ['port', 'protocol', 'host']}
ADDRESSES = ['ingress-address', 'private-address']
SECOND_LINE = '\nport=1\n'

texts = st.one_of(
    # control characters, other scripts' digits, lone surrogates
    st.text(st.characters(), max_size=20),
    st.text('0123456789.:-[]% \n\r\t\x00\x1b\u0661\uff11\u2028', max_size=8),
    st.sampled_from([
        '', ' ', '0', '1', '65535', '65536', '02181', '2181.0', '-1', '+1', '1e3',
        '0x10', '2181\n', '\n2181', '2181 ', '２１８１', '٢١٨١', 'avro', 'Avro',
        'thrift\n', 'avro ', '10.0.0.1', '10.0.0.1\n', '10.0.0', '256.1.1.1',
        'fd00::1', '[fd00::1]', 'fe80::1%eth0', 'fe80::1%\n', 'host', 'host.example',
        'host..example', '-host', 'host_0', 'host.', 'host..', '10.0.0.1.', 'a' * 64,
        'a.' * 127, 'host' + SECOND_LINE, '{port}', '${HOME}', 'A' * 1000000]),
    st.integers(1, 65535).map(str))
values_without_text = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=2),
                            st.dictionaries(st.text(max_size=2), inner, max_size=2)),
    max_leaves=3)

# The values of one batch, and the seed that chooses from them.
batches = st.tuples(st.lists(texts | values_without_text, min_size=20, max_size=40),
                    st.integers(0, 2 ** 32 - 1))
fuzz_settings = settings(
    max_examples=-(-DATABAGS // BATCH), deadline=None, print_blob=True,
    phases=(Phase.generate,), suppress_health_check=list(HealthCheck))


# Unit data.

def unit_data(interface, values, rng):
    """Possible answers of relation-get: databags or other values; None if it fails."""
    keys = KEYS[interface] + ADDRESSES
    for _ in range(BATCH):
        data = {'port': str(rng.randint(1, 65535)), 'protocol': 'avro',
                'ingress-address': '10.0.0.{}'.format(rng.randint(0, 255))}
        chance = rng.random()
        if chance < 0.2:
            data = {}
        elif chance < 0.25:
            data = rng.choice(values + [None])
        if isinstance(data, dict):
            data = dict(data, **{rng.choice(keys): rng.choice(values)
                                 for _ in range(rng.choice((0, 1, 1, 1, 2, 4)))})
        yield data


class UnitDataClient:
    """A client whose server's unit changes its data again and again."""

    def __init__(self, interface, monkeypatch):
        self.side = {'zookeeper': ZOOKEEPER_REQUIRES,
                     'flume-agent': FLUME_REQUIRES}[interface]
        self.juju = Juju(monkeypatch, '3.6')
        self.juju.deploy(self.side)
        self.juju.join('zk:1', 'remote/0')
        # the last answer that was a dict: the layer ignores all other answers
        self.last_data = {}

    def read(self, data):
        """Run the changed hook, and return the list of usable units."""
        self.juju.end()
        self.juju.model.restore_tools(LOCAL)
        if data is None:
            self.juju.model.fail_tools(LOCAL, 'relation-get*remote/0')
        # Juju only stores text; the layer must survive other values, too
        self.juju.relation('zk:1').unit_databags['remote/0'].data = data
        self.juju.changed('zk:1', 'remote/0')
        if isinstance(data, dict):
            self.last_data = data
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


def plain(value):
    """A value without the quotes of JSON; None if it is the text of an unset value."""
    try:
        value = json.loads(value) if value.startswith('"') else value
    except (AttributeError, ValueError):
        pass
    return None if value in ('', 'None', 'null') else value


def check_unit(interface, unit, data):
    """The values of a unit are valid, and come from its databag."""
    data = {key: plain(data[key]) for key in data}
    address = next(data[key] for key in ['host'] + ADDRESSES if data.get(key))
    assert unit['host'] == address
    assert is_host(unit['host'], (4, 6) if interface == 'zookeeper' else (4,))
    assert is_port(unit['port'])
    assert float(data['port']) == int(unit['port'])
    if interface == 'zookeeper':
        port = unit['rest_port']
        assert port is None if data.get('rest_port') is None else is_port(port)
    else:
        assert unit['protocol'] == data['protocol']
        assert unit['protocol'] in ('avro', 'thrift')


def is_certainly_usable(data):
    """Whether a databag has all required keys, with usual values, and no others."""
    return (isinstance(data, dict)
            and set(data) == {'port', 'protocol', 'ingress-address'}
            and all(isinstance(value, str) for value in data.values())
            and is_port(data['port']) and data['protocol'] == 'avro'
            and is_host(data['ingress-address'], (4,)))


def example_handlers(name):
    """The module of handlers of an example charm."""
    path = ROOT / 'examples' / name / 'reactive' / (name.replace('-', '_') + '.py')
    spec = util.spec_from_file_location(path.stem, path)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FLUME_AGENT = example_handlers('flume-agent')


def configuration(interface, endpoint, units):
    """A part of the configuration file that an example charm writes."""
    if interface == 'zookeeper':
        return 'zookeeper.connect=' + endpoint.connection_string('/kafka')
    return FLUME_AGENT.SINK.format(**units[0]).rstrip('\n')


@pytest.mark.parametrize('interface', KEYS)
def test_client_returns_only_valid_units(interface):
    counts = {'read': 0, 'usable': 0}

    @fuzz_settings
    @given(batches)
    def read(batch):
        with pytest.MonkeyPatch.context() as patch:
            read_all(UnitDataClient(interface, patch), *batch)

    def read_all(client, values, seed):
        for data in unit_data(interface, values, random.Random(seed)):
            units = client.read(data)
            counts['read'] += 1
            if is_certainly_usable(data):
                assert units
            for unit in units:
                counts['usable'] += 1
                check_unit(interface, unit, client.last_data)
                text = configuration(interface, client.endpoint, units)
                assert text.count('\n') == (0 if interface == 'zookeeper' else 3)
                assert all(line.isprintable() for line in text.split('\n'))

    read()
    assert counts['read'] >= DATABAGS
    assert counts['read'] / 20 < counts['usable'] < counts['read']
    print(counts)


# Application data.

GRANT_KEYS = ['endpoints', 'database', 'resource', 'chroot', 'username', 'password',
              'tls', 'tls-ca', 'secret-user', 'secret-tls']
PASSWORD = 's3cret'


def grants(values, rng):
    """Possible answers of relation-get for an application, and of secret-get."""
    values = values + [PASSWORD, 'a:1,' + PASSWORD, 'me:{}@a:1'.format(PASSWORD),
                       '//' + PASSWORD, PASSWORD + '\n', 'enabled', 'a:1',
                       '[fd00::1]:1', 'secret:abc', 'secret:-x', '--refresh']
    for _ in range(BATCH):
        grant = {'endpoints': '10.0.0.1:{}'.format(rng.randint(1, 65535)),
                 'database': '/kafka', 'tls': 'disabled'}
        secret = {'username': 'relation-1', 'password': PASSWORD}
        if rng.random() < 0.5:
            grant['secret-user'] = 'secret:user'
        else:
            grant.update(secret)
        for data in grant, secret:
            data.update({rng.choice(GRANT_KEYS): rng.choice(values)
                         for _ in range(rng.choice((0, 0, 1, 1, 2, 4)))})
        if rng.random() < 0.05:
            secret = rng.choice(values)
        yield (rng.choice(values) if rng.random() < 0.03 else grant), secret


class AppDataClient:
    """A client whose server's application changes its grant again and again."""

    def __init__(self, monkeypatch):
        self.juju = Juju(monkeypatch, '3.6')
        self.log = []
        self.juju.model.observers.append(lambda run: self.log.extend(run.log))
        self.juju.deploy(ZOOKEEPER_REQUIRES)
        self.endpoint = self.juju.endpoint()
        self.endpoint.request('/kafka')
        self.juju.join('zk:1', 'remote/0')
        self.secret = self.juju.model.add_secret('remote')
        self.juju.model.secrets['user'] = self.juju.model.secrets['abc'] = self.secret
        self.juju.model.grant_secret(self.secret, 'local', self.juju.relation('zk:1'))

    def read(self, grant, secret):
        """Run the application's changed hook, and return the flags."""
        self.juju.end()
        self.secret.revisions[-1] = secret
        self.juju.relation('zk:1').app_databags['remote'].data = grant
        self.juju.application_changed('zk:1')
        return self.juju.flags()


def check_grant(endpoint):
    """Each value that a charm writes to a configuration file is valid and one word."""
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


def test_client_returns_only_valid_grants_and_leaks_no_password():
    counts = {'read': 0, 'usable': 0, 'logged': 0}

    @fuzz_settings
    @given(batches)
    def read(batch):
        with pytest.MonkeyPatch.context() as patch:
            client = AppDataClient(patch)
            read_all(client, *batch)
            client.juju.end()
            counts['logged'] += len(client.log)
            # the same text can also be the path, which is no secret
            assert PASSWORD not in json.dumps(
                [unitdata.kv().getrange(''), client.log]).replace(
                    '"path": "/{}"'.format(PASSWORD), '')

    def read_all(client, values, seed):
        for grant, secret in grants(values, random.Random(seed)):
            counts['read'] += 1
            if 'available' in client.read(grant, secret):
                try:
                    check_grant(client.endpoint)
                    counts['usable'] += 1
                except ValueError as error:     # the grant is no longer readable
                    assert ' failed' in str(error)
                    assert PASSWORD not in str(error)

    read()
    assert counts['read'] / 20 < counts['usable'] < counts['read']
    assert counts['logged']
    print(counts)
