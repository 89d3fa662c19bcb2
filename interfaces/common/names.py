"""What the names of units and relations say."""
import re


def natural_order(name):
    """A sort key for names: `zk2` before `zk10`."""
    return [int(part) if part.isdigit() else part
            for part in re.split('([0-9]+)', name)]


def application_of(source):
    """`zk` of the unit `zk/0`, and of the application itself."""
    return source.partition('/')[0]


def unit_order(source):
    """A sort key for units: by application, and in it `zk/2` before `zk/10`."""
    return natural_order(application_of(source)), natural_order(source)


def relation_number(rid):
    """3 of `zookeeper:3`; of two relations, the newer one has the higher number."""
    return int(rid.rpartition(':')[2])
