"""Flags joined and ready; it sends in every hook."""
from charmhelpers.core import hookenv
from charms.reactive import when


@when('zkclient.joined')
def tell_clients(clients):
    host = (hookenv.config('host')
            or hookenv.network_get_primary_address('zkclient'))
    clients.send_connection(hookenv.config('port'), 9998, host)


@when('source.joined')
def tell_agents(agents):
    agents.send_configuration(hookenv.config('port') + 1, 'thrift')
