"""A client of ZooKeeper that does nothing but write one number after another.

    writer.py CONFIGURATION LOG

It connects as the configuration says, and goes on where the log ends. A line of
the log is a number that the ensemble has acknowledged, and when.
"""
import logging
import os
import re
import sys
import time
from pathlib import Path

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError
from kazoo.handlers.threading import KazooTimeoutError

PARENT = '/numbers'
# seconds from one write to the next: the machine is also there for others
PACE = 0.01


def acknowledged(log: Path) -> dict[int, float]:
    """When each number was acknowledged."""
    # the last line may be in the writing
    lines = log.read_text().split('\n')[:-1] if log.exists() else []
    return {int(number): float(when)
            for number, when in (line.split() for line in lines)}


def znode(number: int) -> str:
    return '{}/{:08}'.format(PARENT, number)


def main(configuration: str, log: str) -> None:
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s')
    text = Path(configuration).read_text()
    servers = re.search('^zookeeper.connect=(.+)$', text, re.MULTILINE).group(1)
    number = max(acknowledged(Path(log)), default=-1) + 1
    client = KazooClient(servers, timeout=6,
                         connection_retry={'max_tries': -1, 'max_delay': 0.5})
    client.start(timeout=120)
    client.ensure_path(PARENT)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        try:
            client.create(znode(number))
        except NodeExistsError:
            pass            # its acknowledgement was lost
        except (KazooException, KazooTimeoutError) as error:
            logging.info('%d: %r', number, error)
            time.sleep(PACE)
            continue
        os.write(file, '{} {:.3f}\n'.format(number, time.time()).encode())
        number += 1
        time.sleep(PACE)


if __name__ == '__main__':
    main(*sys.argv[1:])
