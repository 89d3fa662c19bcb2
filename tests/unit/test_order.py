"""One order of names, whatever the order in which they are found."""
import itertools
import os
import subprocess
import sys

import pytest

from .harness import ROOT, ZOOKEEPER_REQUIRES, layer

names = layer('zookeeper', 'common.names')

HOSTS = ['{}{}.dc{}'.format(name, first, second) for name in ('zk', 'zk1-', 'n')
         for first in ('1', '01', '001') for second in ('1', '01', '001')]
PROGRAM = '''
import sys
from charmhelpers import osplatform
osplatform.get_platform = lambda: 'ubuntu'
sys.path.insert(0, {!r})
from zookeeper import app_data
print([server['host'] for server in app_data.endpoints({!r})])
'''.format(str(ROOT / 'interfaces'), ','.join(host + ':2181' for host in HOSTS))


def test_different_names_have_different_keys():
    different = ['zk1', 'zk01', 'zk001', 'zk1.dc1', 'zk1.dc01', 'zk01.dc1']
    for key in names.natural_key, names.unit_key:
        for first, second in itertools.permutations(different, 2):
            assert (key(first) < key(second)) is not (key(second) < key(first))


@pytest.mark.parametrize('first, second', [
    ('zk/2', 'zk/10'), ('zk/9', 'zk/10'), ('zk/0', 'zk/1'), ('a/5', 'b/1'),
    ('zk-2/0', 'zk-10/0'), ('', 'zk/0'), ('zk2a10/0', 'zk10a2/0')])
def test_natural_order_compares_numbers_as_numbers(first, second):
    assert names.natural_key(first) < names.natural_key(second)


def test_leading_zeros_only_break_ties():
    assert sorted(['zk10', 'zk2', 'zk02', 'zk1.dc10', 'zk01.dc2', 'zk1.dc2'],
                  key=names.natural_key) == [
        'zk01.dc2', 'zk1.dc2', 'zk1.dc10', 'zk02', 'zk2', 'zk10']


def test_hosts_that_differ_by_zeros_have_one_order_under_each_hash_seed():
    outputs = {subprocess.run(
        [sys.executable, '-c', PROGRAM], stdout=subprocess.PIPE, check=True,
        env=dict(os.environ, PYTHONHASHSEED=str(seed))).stdout for seed in range(5)}
    assert len(outputs) == 1


@pytest.mark.parametrize('applications', list(
    itertools.permutations(['zk1', 'zk01', 'zk001'])), ids=str)
def test_applications_that_differ_by_zeros_have_one_order(juju, applications):
    juju.deploy(ZOOKEEPER_REQUIRES)
    for number, application in enumerate(applications):
        juju.join('zk:{}'.format(number), application + '/0',
                  {'host': application, 'port': '2181'})
    assert ZOOKEEPER_REQUIRES.hosts(juju.endpoint()) == ['zk001', 'zk01', 'zk1']
    assert juju.endpoint().connection_string() == 'zk001:2181,zk01:2181,zk1:2181'
