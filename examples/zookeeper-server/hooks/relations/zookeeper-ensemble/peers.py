"""The relation of the servers with each other.

charms.reactive looks for a class for each relation, of peers too, and logs an ERROR
in every hook where there is none. This one is for the charm's own use, so it is part
of the charm and no interface layer.
"""
from charms.reactive import Endpoint


class ZookeeperEnsemble(Endpoint):
    """Has nothing to add: the charm's handlers read and write the databags."""
