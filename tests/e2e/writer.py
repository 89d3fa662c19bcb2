"""A ZooKeeper client that writes one number after another.

    writer.py CONFIGURATION LOG [SCHEME]

It connects to the servers in the configuration, authenticates with this scheme if the
configuration contains a login, and continues after the last number in the log. Each
line of the log contains a number that the ensemble acknowledged, and the time.
"""
from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.security import CREATOR_ALL_ACL

PARENT = '/numbers'
# Seconds between two writes, to leave the machine time for other processes.
PAUSE = 0.01


def acknowledged(log: Path) -> dict[int, float]:
    """The acknowledged numbers, and the time of each."""
    # the last line may be incomplete
    lines = log.read_text().split('\n')[:-1] if log.exists() else []
    return {int(number): float(when)
            for number, when in (line.split() for line in lines)}


def read_config(file: Path) -> dict[str, str]:
    """The keys and values in the configuration of the example charm."""
    return dict(line.split('=', 1) for line in file.read_text().splitlines())


def znode(number: int) -> str:
    return '{}/{:08}'.format(PARENT, number)


def security(scheme: str, login: str | None, ca: Path | None) -> dict[str, Any]:
    """kazoo's options for authentication and encryption."""
    options: dict[str, Any] = {}
    if login and scheme == 'digest':
        options['auth_data'] = [('digest', login)]
    elif login:
        user, _, password = login.partition(':')
        options['sasl_options'] = {'mechanism': 'DIGEST-MD5', 'username': user,
                                   'password': password}
    if login:
        options['default_acl'] = CREATOR_ALL_ACL
    if ca:
        options.update(use_ssl=True, ca=str(ca))
    return options


def main(configuration: str, log: str, scheme: str = '') -> None:
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s')
    config = read_config(Path(configuration))
    ca = Path(configuration + '.ca') if 'zookeeper.ca' in config else None
    if ca:
        ca.write_text(json.loads(config['zookeeper.ca']))
    number = max(acknowledged(Path(log)), default=-1) + 1
    client = KazooClient(config['zookeeper.connect'], timeout=6,
                         connection_retry={'max_tries': -1, 'max_delay': 0.5},
                         **security(scheme, config.get('zookeeper.login'), ca))
    client.start(timeout=120)
    client.ensure_path(PARENT)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        try:
            client.create(znode(number))
        except NodeExistsError:
            pass            # written before, but the acknowledgement was lost
        except (KazooException, KazooTimeoutError) as error:
            logging.info('%d: %r', number, error)
            time.sleep(PAUSE)
            continue
        os.write(file, '{} {:.3f}\n'.format(number, time.time()).encode())
        number += 1
        time.sleep(PAUSE)


if __name__ == '__main__':
    main(*sys.argv[1:])
