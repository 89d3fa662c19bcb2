"""Parses and sorts the names of units and relations."""
import re

# Juju accepts fewer names. These patterns only keep out what is not a name, or is too
# long for an argument of a hook tool.
_NAME = '[A-Za-z0-9._-]{1,255}'
APPLICATION = re.compile(_NAME + r'\Z')
UNIT = re.compile(_NAME + r'/[0-9]{1,10}\Z')
RELATION_ID = re.compile(_NAME + r':[0-9]{1,10}\Z')


def natural_key(name):
    """Return a key that sorts names naturally: `zk2` before `zk10`.

    Different names have different keys, even `zk1` and `zk01`.
    """
    parts = [int(part) if position % 2 else part
             for position, part in enumerate(re.split('([0-9]+)', name))]
    return parts, name


def application_of(source):
    """Return the application in the name of a unit or application: `zk` for `zk/0`."""
    return source.partition('/')[0]


def unit_key(unit):
    """Return a key that sorts units by application, then `zk/2` before `zk/10`."""
    return natural_key(application_of(unit)), natural_key(unit)


def relation_number(relation_id):
    """Return the number in a relation ID: 3 in `zookeeper:3`.

    A newer relation has a higher number.
    """
    return int(relation_id.rpartition(':')[2])
