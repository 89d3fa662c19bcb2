"""Flags connected, available, joining and departing; it sends once."""
from charmhelpers.core import hookenv
from charms.reactive import when
from charms.reactive import when_not


@when('zkclient.connected')
@when_not('zkclient.available')
def tell_clients(clients):
    clients.send_port(hookenv.config('port'))


@when('source.connected')
@when_not('source.available')
def tell_agents(agents):
    agents.send_configuration(hookenv.config('port') + 1)


@when('zkclient.available', 'source.available', 'config.changed.port')
def tell_both(clients, agents):
    clients.send_port(hookenv.config('port'))
    agents.send_configuration(hookenv.config('port') + 1)


@when('zkclient.joining')
def greet_client(clients):
    clients.dismiss_joining()


@when('source.joining')
def greet_agent(agents):
    agents.dismiss_joining()


@when('zkclient.departing', 'source.departing')
def part_from_both(clients, agents):
    clients.dismiss_departing()
    agents.dismiss_departing()
