"""The client's side of the `zookeeper` interface."""
import uuid

from charmhelpers.core import hookenv

from . import app_data, app_reader, app_requests, unit_data
# RelationBase uses the first subclass that it finds in this module: import no classes
from .common import hooktools, requirer, values
from .common.names import application_of
from .common.record import unusable_message


class ZookeeperRequires(requirer.Requirer):
    """Lists the servers of the ZooKeeper ensembles that this unit is related to.

    Flags, prefixed with the endpoint's name:

    * `connected`, `joined`: a server's unit is related
    * `available`, `ready`: at least one server has published usable details
    * `joining`: a server has become usable or changed; cleared by `dismiss_joining` or
      when none of those is usable any longer
    * `departing`: a server's unit has left; cleared by `dismiss_departing`

    Third-generation charms use other names for these flags: see flags.py.
    """

    interface = 'zookeeper'
    keys = unit_data.KEYS
    instead_of_conversations = 'zookeepers()'
    reader_class = app_reader.AppReader

    def zookeepers(self):
        """Return all usable servers, over all relations of the endpoint.

        :return: a dict for each with `host`, `port` and `rest_port` as strings, or None
            for an unknown `rest_port`; also `application`, if there are several. The
            order is the natural one of the units' names, or of the hosts in a grant
        :rtype: list(dict)
        """
        servers = _servers(self._load())
        if len({server['application'] for server in servers}) < 2:
            for server in servers:
                del server['application']
        return servers

    def list_unit_data(self):
        """Return all usable servers, as dicts with `host` and `port`, both strings.

        :rtype: list(dict)
        """
        return [{'host': host, 'port': port}
                for host, port in self.get_zookeeper_units()]

    def get_zookeeper_units(self):
        """Return all usable servers, as tuples (address, port) of strings.

        :rtype: list(tuple)
        """
        return [(server['host'], server['port']) for server in self.zookeepers()]

    def connection_string(self, chroot='', application=None):
        """Return all usable servers, in the form that ZooKeeper clients expect.

        That is `host:port,host:port/chroot` (ZooKeeper Programmer's Guide, "ZooKeeper
        Sessions"), with IPv6 addresses in brackets. A granted path precedes the chroot.

        :param str chroot: the path that the client uses as its root, like `/kafka`;
            None, '' and `/` for no path
        :param str application: only this application's servers
        :return: '' if no server is usable
        :rtype: str
        :raises ValueError: if `chroot` is not a valid path; if `application` is not
            related; or if it is None, and the paths of the usable applications differ.
            An application without a grant counts as `/`
        """
        chroot = '' if chroot in (None, '', '/') else values.validate_argument(
            'chroot', chroot, app_data.path)
        record = self._load()
        relation_ids = _relations_to_use(record, application)
        servers = ','.join(map(_address, _servers(record, relation_ids)))
        return servers and servers + _path(record, relation_ids) + chroot

    def request(self, chroot, acl='cdrwa'):
        """Request access to a path on servers of the application-data protocol.

        Any unit can call this in any hook. The leader sends the request once in each
        relation, including later ones, but not to an application one of whose units has
        published a key of the unit-data protocol. A request that was sent never
        changes; a different one applies only to relations in which none was sent.
        To stop requesting access, call `request(None)` once. No grant is used then.

        :param str chroot: the path, like `/kafka`; None for no request
        :param str acl: the permissions on it, letters of `cdrwa`
        :raises ValueError: for any other value; the previous request stays
        """
        request = {} if chroot is None else app_data.request(chroot, acl)
        previous = self._load()['request']
        if request == previous:
            return
        reads = () if previous and request else ('app_data', 'own_app_data')
        self._apply(lambda record: app_requests.set_request(record, request), reads)

    def credentials(self, application=None):
        """Read from Juju the credentials for a session, and return them.

        :param str application: whose credentials, if several are related
        :return: an object with `username` and `password`, the latter not in its repr();
            None if no server is usable, or if sessions need no authentication
        :raises ValueError: if they cannot be read, if `application` is not related, or
            if it is None although several are usable and one has granted credentials
        """
        grant = _current_grant(self, application)
        return grant and app_data.Credentials(grant['username'], grant['password'])

    def tls(self, application=None):
        """Read the servers' TLS settings from Juju, and return them.

        :param str application: whose settings, if several are related
        :return: an object with `ca`, the CA's certificate in PEM or None if none is
            published; None without TLS
        :raises ValueError: as for :meth:`credentials`
        """
        grant = _current_grant(self, application)
        return app_data.Tls(grant['tls-ca']) if grant and grant['tls'] else None

    def _initial_fields(self, stored):
        return {'request': app_data.parse_stored_request(stored.get('request')),
                'salt': uuid.uuid4().hex}

    def _react(self, reader):
        app_requests.send(reader)
        app_requests.update_warnings(reader)


def _relations_to_use(record, application=None):
    """Return {application: relation ID} of the usable applications, or only of one.

    :raises ValueError: if this one is not related
    """
    related = set(record.relations.applications().values()) - {None}
    if application is not None and application not in related:
        raise ValueError(values.problem_message(
            'application', application, ' or '.join(sorted(related)) or 'related'))
    preferred = record.relations.preferred_relations()
    return {name: preferred[name] for name in preferred if application in (None, name)}


def _servers(record, applications=None):
    """Return the usable servers of all applications, or of these."""
    servers = []
    for source, details in record.relations.usable_sources():
        if applications is None or application_of(source) in applications:
            servers += [{'host': server['host'], 'port': server['port'],
                         'rest_port': server.get('rest_port'),
                         'application': application_of(source)}
                        for server in details.get('endpoints', [details])]
    return servers


def _address(server):
    form = '[{host}]:{port}' if values.is_ip(server['host'], 6) else '{host}:{port}'
    return form.format(**server)


def _path(record, relation_ids):
    """Return the granted path in these relations; '' if none was granted.

    :raises ValueError: if their paths differ
    """
    paths = {}
    for name, relation_id in relation_ids.items():
        details = record.relations[relation_id].usable_details()
        paths[name] = details.get(name, {}).get('path', '')
    if len(set(paths.values())) > 1:
        raise ValueError('the paths of {} differ; the charm must name one '
                         'application'.format(' and '.join(
                             '{} ({})'.format(name, paths[name] or '/')
                             for name in sorted(paths))))
    return ''.join(set(paths.values()))


def _granting_application(record, relation_ids):
    """Return the application that has granted credentials; None if there is none.

    :raises ValueError: if there is one, and several applications are usable
    """
    granting = [name for name, relation_id in relation_ids.items()
                if name in record.relations[relation_id].usable_details()]
    if granting and len(relation_ids) > 1:
        raise ValueError('the charm must name one application of {}'.format(
            ', '.join(sorted(relation_ids))))
    return granting[0] if granting else None


def _current_grant(endpoint, application):
    """Read an application's grant; return None if sessions need no authentication.

    :raises ValueError: as for :meth:`ZookeeperRequires.credentials`
    """
    record = endpoint._load()
    relation_ids = _relations_to_use(record, application)
    server = _granting_application(record, relation_ids)
    if server is None:
        return None
    reader = app_reader.AppReader(endpoint, record, hooktools.NO_RELATION_HOOK)
    try:
        grant, problems = reader.query_grant(relation_ids[server])
    except hooktools.HookToolError as error:
        raise ValueError('the grant of {} cannot be read: {} failed ({})'.format(
            server, error.tool, error))
    if problems or not grant:
        raise ValueError(unusable_message(
            server, problems or ['endpoints is missing']))
    return grant


hookenv.atstart(ZookeeperRequires.update_all)
