"""The client's side of the `zookeeper` interface."""
from charmhelpers.core import hookenv

from . import asking
from . import granted
from . import juju
from . import values
from . import wire
from .names import application_of
from .record import unusable
from .record import usable

UNREADABLE = 'what {} grants can not be read: {}'


class ZookeeperRequires(asking.Asking):
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
            None where there is none; in the natural order of the units' names.
            Where there are servers of several applications, `application` too
        :rtype: list(dict)
        """
        servers = _servers(self._load())
        if len({server['application'] for server in servers}) < 2:
            for server in servers:
                del server['application']
        return servers

    def get_zookeeper_units(self):
        """All usable servers, as in :meth:`zookeepers`.

        :return: (address, port) of each, both as text
        :rtype: list(tuple)
        """
        return [(server['host'], server['port'])
                for server in self.zookeepers()]

    def connection_string(self, chroot='', application=None):
        """All usable servers, as a ZooKeeper client takes them.

        That is `host:port,host:port/chroot` (ZooKeeper Programmer's Guide,
        "ZooKeeper Sessions"), with IPv6 addresses in brackets. A path that was
        granted comes before the chroot.

        :param str chroot: the path that the client takes for its root, like
            `/kafka`; None, '' and `/` are the same as none
        :param str application: whose servers, if not all
        :return: '' where no server is usable
        :rtype: str
        :raises ValueError: where `chroot` is no path that ZooKeeper takes, and where
            several applications have granted different paths
        """
        if chroot in (None, '', '/'):
            chroot = ''
        else:
            chroot = granted.checked('chroot', chroot, granted.path)
        record = self._load()
        servers = ','.join(
            ('[{}]:{}' if values.is_ip(server['host'], 6) else '{}:{}').format(
                server['host'], server['port'])
            for server in _servers(record)
            if application in (None, server['application']))
        return servers and servers + _path(record, application) + chroot

    def credentials(self, application=None):
        """What to authenticate a session with, read from Juju now.

        :param str application: whose, if there is more than one
        :return: an object with `username` and `password`, whose own text shows no
            password; None where sessions need not be authenticated
        :raises ValueError: where they can not be read, and where several applications
            are served and none is named
        """
        found = self._grant(application)
        return found and granted.Credentials(found['username'], found['password'])

    def tls(self, application=None):
        """Whether servers want TLS, read from Juju now.

        :param str application: whose, if there is more than one
        :return: an object with `ca`, its certificate in PEM, or None where none is
            published; None without TLS
        :raises ValueError: as :meth:`credentials`
        """
        found = self._grant(application)
        return granted.Tls(found['tls-ca']) if found and found['tls'] else None

    def _grant(self, application):
        """What an application grants; None where it asks nobody to authenticate."""
        record = self._load()
        serving = {name: rid for name, rid in record.serving().items()
                   if application in (None, name)}
        granting = [name for name, rid in serving.items()
                    if name in usable(record['relations'][rid])]
        if not granting:
            return None
        if len(serving) > 1:
            raise ValueError('application is {}, not one of {}'.format(
                application, ', '.join(sorted(serving))))
        return _read_grant(serving[granting[0]], granting[0])


def _servers(record):
    servers = []
    for source, details in record.served():
        endpoints = details.get('endpoints') or [[details['host'], details['port']]]
        servers += [{'host': host, 'port': port, 'rest_port': details.get('rest_port'),
                     'application': application_of(source)} for host, port in endpoints]
    return servers


def _path(record, application):
    """The path under which servers are used; '' where none was granted.

    :raises ValueError: where there are several
    """
    paths = {application_of(source): details.get('path', '')
             for source, details in record.served()
             if application in (None, application_of(source))}
    if len(set(paths.values())) > 1:
        raise ValueError('application is None, and the paths of {} differ'.format(
            ', '.join('{} ({})'.format(name, paths[name] or '/')
                      for name in sorted(paths))))
    return ''.join(set(paths.values()))


def _read_grant(rid, application):
    """What an application grants in a relation, read now.

    :raises ValueError: where that can not be read, or used
    """
    try:
        published = juju.settings_of_application(rid, application)
        secrets = {key: juju.secret(uri) if uri else {}
                   for key, uri in granted.secret_uris(published).items()}
    except juju.ToolFailed as error:
        raise ValueError(UNREADABLE.format(application, error))
    found, faults = granted.understand(published, secrets)
    if faults or not found:
        raise ValueError(unusable(application, faults or ['endpoints is missing']))
    return found


hookenv.atstart(ZookeeperRequires.follow)
