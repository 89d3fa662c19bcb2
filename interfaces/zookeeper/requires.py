"""The client's side of the `zookeeper` interface."""
import re

from charmhelpers.core import hookenv

from . import requiring
from . import values
from . import wire

# What ZooKeeper takes for a path (org.apache.zookeeper.common.PathUtils), less
# what would end a line, a word or a connect string in a configuration file.
_CHROOT = re.compile('(/(?!\\.\\.?(/|\\Z))[^/,\\s\x00-\x1f\x7f-\x9f'
                     '\ud800-\uf8ff\ufff0-\U0010ffff]+)*\\Z')

# By what an application shows that it speaks the later protocol of this name.
_LATER = ('database', 'endpoints')
LATER = ('{} publishes {} as an application, which is a later protocol called '
         'zookeeper; this layer reads port, rest_port and host of its units')


class ZookeeperRequires(requiring.Requires):
    """Knows the servers of the ZooKeeper ensembles that this unit is related to.

    Flags, of the endpoint's own name:

    * `connected`, `joined`: a server's unit is related
    * `available`, `ready`: one at least has published usable details
    * `joining`: one became usable or changed; cleared by `dismiss_joining`
    * `departing`: a server's unit left; cleared by `dismiss_departing`
    """

    interface = 'zookeeper'
    keys = wire.KEYS

    def zookeepers(self):
        """All usable servers, over all relations of the endpoint.

        :return: `host`, `port` and `rest_port` of each as text, the last one
            None where there is none; in the natural order of the units' names
        :rtype: list(dict)
        """
        return [{'host': details['host'], 'port': details['port'],
                 'rest_port': details.get('rest_port')}
                for _, details in self._load().served()]

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
            `/kafka`; None, '' and `/` are the same as none
        :return: '' where no server is usable
        :rtype: str
        :raises ValueError: where `chroot` is no path that ZooKeeper takes
        """
        if chroot in (None, '/'):
            chroot = ''
        if not isinstance(chroot, str) or not _CHROOT.match(chroot):
            raise ValueError(values.fault('chroot', chroot,
                                          'a path like /kafka or /a/b'))
        servers = ','.join(
            ('[{}]:{}' if values.is_ip(host, 6) else '{}:{}').format(host, port)
            for host, port in self.get_zookeeper_units())
        return servers and servers + chroot

    def _conclude(self, record, seen):
        for rid, published in seen.published.items():
            if set(_LATER) & set(published):
                record['relations'][rid]['logged']['protocol'] = LATER.format(
                    seen.hook.application, ' and '.join(_LATER))
        return record


hookenv.atstart(ZookeeperRequires.follow)
