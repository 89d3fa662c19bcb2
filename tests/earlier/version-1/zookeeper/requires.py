"""The client's side of the `zookeeper` interface."""
import os
import re

from charmhelpers.core import hookenv

from . import receiving
from . import values
from . import wire

# What ZooKeeper takes for a path (org.apache.zookeeper.common.PathUtils), less
# what would end a line, a word or a connect string in a configuration file.
_CHROOT = re.compile('(/(?!\\.\\.?(/|\\Z))[^/,\\s\x00-\x1f\x7f-\x9f'
                     '\ud800-\uf8ff\ufff0-\U0010ffff]+)*\\Z')


# By what an application shows that it speaks the later protocol of this name.
_LATER = ('database', 'endpoints')


class ZookeeperRequires(receiving.Requires):
    """Knows the servers of the ZooKeeper ensembles that this unit is related to.

    Flags, of the endpoint's own name:

    * `connected`, `joined`: a server's unit is related
    * `available`, `ready`: one at least has published usable details
    * `joining`: one became usable or changed; cleared by `dismiss_joining`
    * `departing`: a server's unit left; cleared by `dismiss_departing`

    It adds to the record of its endpoint:

        foreign     ids of the relations whose application speaks another
                    protocol, which was logged
    """

    interface = 'zookeeper'
    keys = wire.KEYS

    def zookeepers(self):
        """All usable servers, over all relations of the endpoint.

        :return: `host`, `port` and `rest_port` of each as text, the last one
            None where there is none; in the natural order of the units' names
        :rtype: list(dict)
        """
        return [{'host': host, 'port': port, 'rest_port': rest_port or None}
                for _, _, entry in self._usable(self._load())
                for port, rest_port, host in [entry.split(' ')]]

    def get_zookeeper_units(self):
        """All usable servers, as in :meth:`zookeepers`.

        :return: (address, port) of each, both as text
        :rtype: list(tuple)
        """
        return [(server['host'], server['port'])
                for server in self.zookeepers()]

    def connection_string(self, chroot=''):
        """All usable servers, as a ZooKeeper client takes them.

        That is `host:port,host:port/chroot` (ZooKeeper Programmer's Guide,
        "ZooKeeper Sessions"), with IPv6 addresses in brackets.

        :param str chroot: the path that the client takes for its root, like
            `/kafka`; `/` is the same as none
        :return: '' where no server is usable
        :rtype: str
        :raises ValueError: where `chroot` is no path that ZooKeeper takes
        """
        if chroot == '/':
            chroot = ''
        if not isinstance(chroot, str) or not _CHROOT.match(chroot):
            raise ValueError(values.fault('chroot', chroot,
                                          'a path like /kafka or /a/b'))
        servers = ','.join(
            ('[{}]:{}' if values.is_ip(host, 6) else '{}:{}').format(host, port)
            for host, port in self.get_zookeeper_units())
        return servers and servers + chroot

    def _blank(self):
        return dict(super()._blank(), foreign=[])

    def _settle(self, record, relations):
        if relations is None:
            return
        own, event, unit = self._event()
        if event not in ('joined', 'changed'):
            # in these two, Juju may not have been asked for all relations
            record['foreign'] = [rid for rid in record['foreign']
                                 if rid in relations]
        application = os.environ.get('JUJU_REMOTE_APP')
        if (event != 'changed' or unit or not application
                or own in record['foreign']):
            return
        if set(_LATER) & set(self._settings(own, app=application)):
            record['foreign'].append(own)
            hookenv.log(
                '{}: {} publishes {} as an application, which is a later protocol '
                'called zookeeper; this layer reads port, rest_port and host of '
                'its units'.format(self.relation_name, application,
                                   ' and '.join(_LATER)), hookenv.WARNING)


hookenv.atstart(ZookeeperRequires.follow)
