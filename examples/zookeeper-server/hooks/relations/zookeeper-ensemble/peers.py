"""The relation between the servers.

charms.reactive looks for a class for each endpoint, including peers, and logs an error
in every hook if it finds none. Only this charm uses the relation, so its class is part
of the charm instead of an interface layer.
"""
from charms.reactive import Endpoint


class ZookeeperEnsemble(Endpoint):
    """Has no methods: the charm's handlers use the databags directly."""
