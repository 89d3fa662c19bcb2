"""Upgrades from first- and second-generation layers, which keep conversations."""
import itertools

import pytest
from charms.reactive.relations import scopes

from .harness import Provides, conversation

# The flags of first-generation layers, and of second-generation layers.
CONNECTED_AVAILABLE = ('connected', 'available')
JOINED_READY = ('joined', 'ready')

each_generation = pytest.mark.parametrize(
    'flags', [CONNECTED_AVAILABLE, JOINED_READY], ids='-'.join)


def _hook_of_another_endpoint(juju):
    juju.metadata['requires']['web'] = {'interface': 'http'}
    juju.created('web:4')


# The hook that runs first after an upgrade.
FIRST_HOOKS = {
    'upgrade-charm': lambda juju: juju.hook('upgrade-charm'),
    'update-status': lambda juju: juju.update_status(),
    'config-changed': lambda juju: juju.hook('config-changed'),
    'changed': lambda juju: juju.changed('zk:1', 'remote/0'),
    'application changed': lambda juju: juju.relation_hook('changed', 'zk:1'),
    'created': lambda juju: juju.relation_hook('created', 'zk:1'),
    'another endpoint': _hook_of_another_endpoint,
}
each_first_hook = pytest.mark.parametrize('hook', FIRST_HOOKS.values(),
                                          ids=list(FIRST_HOOKS))
# the generations take turns
each_first_hook_with_flags = pytest.mark.parametrize(
    'hook, flags', list(zip(FIRST_HOOKS.values(), itertools.cycle(
        [CONNECTED_AVAILABLE, JOINED_READY]))), ids=list(FIRST_HOOKS))


def scope_of(side):
    return scopes.GLOBAL if isinstance(side, Provides) else scopes.UNIT


def run_earlier_layer(juju, side, flags, units=(0, 1), relation_id='zk:1',
                      application='remote', variant=0):
    """Have an earlier layer handle units that joined, and set its flags for them.

    :param units: numbers of the units
    :param variant: of the details that a provider sends
    """
    juju.declare(side, relation_id.split(':')[0])
    for number in units:
        unit = '{}/{}'.format(application, number)
        juju.skip_joined(relation_id, unit, side.remote_data(number))
        conversation(juju, relation_id, unit, *flags, scope=scope_of(side))
    if isinstance(side, Provides):
        juju.update_own_data(relation_id, side.details(variant))
