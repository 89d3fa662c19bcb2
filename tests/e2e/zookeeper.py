"""A ZooKeeper server and a client that writes one number after another."""
from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kazoo.client import KazooClient

from e2e import writer
from e2e.deployment import ADDRESS, JAVA_OPTIONS, RealDeployment
from e2e.services import Services, wait_for

# Seconds to wait for a server, the ensemble or the client.
LIMIT = 60
# The number of acknowledged writes that shows that the client works.
WRITES = 50


class ZooKeeperDeployment(RealDeployment):
    """ZooKeeper servers as `zk`, and the client as `kafka`.

    :param server_options: Java options of a server
    :param client_options: arguments of the writer
    """

    def __init__(self, services: Services, java: str, jars: Iterable[Path],
                 directory: Path, server_options: Iterable[str] = (),
                 client_options: Iterable[str] = ()):
        super().__init__(services, client='kafka/0')
        self.log = directory / 'numbers'
        services.programs = {
            'zookeeper': lambda unit: [
                java, *JAVA_OPTIONS, '-cp', ':'.join(map(str, jars)), *server_options,
                'org.apache.zookeeper.server.quorum.QuorumPeerMain',
                self.server_config(unit.name)],
            'zookeeper-client': lambda unit: [
                sys.executable, writer.__file__,
                self.conf_file(unit.name, 'client.cfg'), self.log, *client_options]}

    def server_config(self, unit: str) -> Path:
        return self.conf_file(unit, 'zoo.cfg')

    def client_config(self) -> dict[str, str]:
        """The client's configuration. It is empty before it is written."""
        file = self.conf_file(self.client, 'client.cfg')
        return writer.read_config(file) if file.exists() else {}

    def wait_for_writes(self) -> None:
        """Wait until the client has written some more numbers."""
        before = len(writer.acknowledged(self.log))
        wait_for('{} writes'.format(WRITES), lambda: len(
            writer.acknowledged(self.log)) >= before + WRITES, LIMIT)

    @contextlib.contextmanager
    def session(self, port: int, timeout: float = 10, **options: Any
                ) -> Iterator[KazooClient]:
        """A session with the server at a port, which ends with the with block."""
        client = KazooClient('{}:{}'.format(ADDRESS, port), **options)
        try:
            client.start(timeout)
            yield client
        finally:
            client.stop()
            client.close()

    def lost_writes(self, client: KazooClient, parent: str) -> set[int]:
        """The acknowledged numbers that a server does not have."""
        # read the log first: the client goes on writing
        numbers = set(writer.acknowledged(self.log))
        client.sync(parent)
        return numbers - {int(name) for name in client.get_children(parent)}
