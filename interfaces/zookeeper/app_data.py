"""The application-data protocol: the data of requests and grants.

The client's application requests a path, once. The server's application publishes its
servers, the path that it grants, and credentials, either plain or as URIs of Juju
secrets. Canonical's ZooKeeper charm uses this protocol (`zookeeper/v0` in the registry
of charm relation interfaces).
"""
import hashlib
import json
import re
from collections import namedtuple

from .common import values
from .common.names import natural_key

# The keys that name a secret, and the fields in it.
SECRETS = {'secret-user': ('username', 'password'), 'secret-tls': ('tls', 'tls-ca')}
# The ID, after the model if there is one, is also an argument of a hook tool.
_URI = re.compile(r'secret:(?=.{1,100}\Z)([A-Za-z0-9/-]*/)?[A-Za-z0-9]+\Z')

# The keys that may contain the granted path, the preferred one first. If a server
# publishes `resource`, its `database` only repeats the request.
_PATHS = ('resource', 'database', 'chroot')

# An application that publishes one of these uses the protocol.
_KEYS = {'endpoints', 'username', 'password', 'uris'} | set(_PATHS) | set(SECRETS)

# Absolute paths of characters that mean nothing in configuration files and shells.
# ZooKeeper accepts more (org.apache.zookeeper.common.PathUtils), but not `.` and `..`.
_PATH = re.compile(r'(?=.{1,255}\Z)(/(?!\.\.?(/|\Z))[A-Za-z0-9._~@:=+-]+)+\Z')

# The maximum length of other published strings. Charms pass them to hook tools, such as
# status-set, whose arguments have limits.
_MAX_ENDPOINTS = 4096
_MAX_TEXT = 16384

# ASCII, without characters that end a word or a quoted text in a configuration file.
_USERNAME = re.compile(r'[!#-&(-9;-\[\]-~]{1,255}\Z')
_PASSWORD = re.compile(r'[!#-&(-\[\]-~]{1,1024}\Z')

_CERTIFICATE = re.compile('-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]+\n)+'
                          '-----END CERTIFICATE-----')

# Rounds of the digest of credentials: it takes some milliseconds per grant.
_ROUNDS = 10000


class Credentials:
    """What a session authenticates with. repr() does not contain the password."""

    def __init__(self, username, password):
        self.username = username
        self.password = password

    def __repr__(self):
        return '<Credentials of {}>'.format(self.username)


# The settings of a server that requires TLS: its CA's certificate in PEM, or None.
Tls = namedtuple('Tls', 'ca')


# Requests.

def request(chroot, acl):
    """Return a request, as {key: value}.

    :raises ValueError: for a value that is not allowed
    """
    return {'database': values.validate_argument('chroot', chroot, path),
            'extra-user-roles': values.validate_argument('acl', acl, permissions)}


def parse_stored_request(value):
    """Return a stored request, or None if it is invalid."""
    try:
        return request(value['database'], value['extra-user-roles'])
    except (LookupError, TypeError, ValueError):
        return None


def request_data(request, as_secrets):
    """Return the data of a client's application that sends a request.

    :param bool as_secrets: whether to request the credentials as secrets
    """
    data = dict(request)
    if as_secrets:
        data['requested-secrets'] = json.dumps(
            ['username', 'password', 'tls-ca', 'uris'])
    return data


def parse_sent_request(data):
    """Return the request in the data of a client's application, or None.

    Another revision of the charm may have sent anything. The values appear in the log,
    so they are made short and printable.
    """
    if not data.get('database'):
        return None
    chroot, letters = (
        re.sub('[^ -~]', '?', str(value))[:300]
        for value in (data['database'], data.get('extra-user-roles', 'cdrwa')))
    if not set(letters) - set('cdrwa'):
        letters = ''.join(sorted(letters, key='cdrwa'.find))
    return {'database': chroot, 'extra-user-roles': letters}


def path(value):
    """Return an absolute path in ZooKeeper, below its root.

    :raises ValueError: for anything else
    """
    return _matched(_PATH, value, 'a path like /kafka or /a/b')


def permissions(value):
    """Return letters of permissions, in the order `cdrwa`.

    See "ACL Permissions" in the ZooKeeper Programmer's Guide.

    :raises ValueError: for anything else
    """
    if isinstance(value, str) and value and not set(value) - set('cdrwa'):
        return ''.join(letter for letter in 'cdrwa' if letter in value)
    raise ValueError('one or more of the letters c, d, r, w, a')


# Grants.

def uses_protocol(data):
    """Return whether an application's data shows that it uses this protocol."""
    return bool(_KEYS & set(data))


def secret_uris(data):
    """Return {key: URI} of the secrets, with None for those that it does not name.

    An invalid URI is left out.
    """
    uris = {key: data.get(key) or None for key in SECRETS}
    return {key: uri for key, uri in uris.items() if uri is None or _is_uri(uri)}


def secret_id(uri):
    """Return the ID in the URI of a secret, which some URIs prefix with its model."""
    return re.split('[:/]', uri)[-1]


def secret_ids(data):
    """Return {key: secret ID} of the secrets that the data names."""
    return {key: secret_id(uri) for key, uri in secret_uris(data).items() if uri}


def details(grant, known, salt):
    """Return the details of a grant without problems; None if there are none yet.

    If a secret cannot be read, all credentials count as unchanged.

    :param dict grant: as from :func:`parse_grant`
    :param known: the last known details, or None
    :param str salt: for the digest of the credentials
    """
    digest = _digest(grant, salt) or (known or {}).get('digest')
    if not digest or 'endpoints' not in grant:
        return None
    return {'endpoints': grant['endpoints'], 'path': grant['path'], 'digest': digest}


def is_complete(grant):
    """Return whether all that a session needs was published and could be read."""
    needed = {'endpoints', 'username', 'password', 'tls'}
    if grant.get('tls'):
        needed.add('tls-ca')
    return needed <= set(grant)


def parse_grant(data, secrets):
    """Parse the grant in an application's data.

    Messages contain no values: a password may be in the wrong place.

    :param dict data: as `relation-get` returns it
    :param dict secrets: {key: content} of the secrets that could be read, with {} for
        those that the data does not name
    :return: (grant, problems): a dict with `endpoints`, `path`, `username`, `password`,
        `tls` and `tls-ca`, without the fields of unread secrets, and {} as long as no
        endpoints are published; and a list of messages
    """
    if not data.get('endpoints'):
        return {}, []
    problems = ['{} is not the URI of a secret'.format(key) for key in sorted(SECRETS)
                if data.get(key) and not _is_uri(data[key])]
    grant, texts = {}, _texts(data, secrets)
    for name in sorted(texts):
        try:
            grant['path' if name in _PATHS else name] = _PARSERS[name](texts[name])
        except ValueError as error:
            problems.append('{} is missing'.format(name) if texts[name] in (None, '')
                            else '{} is not {}'.format(name, error))
    return grant, problems


def _texts(data, secrets):
    """Return the texts to parse, by name."""
    path_key = next(filter(data.get, _PATHS), 'database')
    texts = {'endpoints': data.get('endpoints'), path_key: data.get(path_key)}
    for key, names in SECRETS.items():
        if key in secrets:
            for name in names:
                texts[name] = secrets[key].get(name) or data.get(name)
    if data.get('tls') and ('tls' not in texts or is_on(data['tls'])):
        # the secret is unknown, or the plain value says that TLS is on
        texts['tls'] = data['tls']
    if not is_on(texts.get('tls')):
        texts.pop('tls-ca', None)
    return texts


def _digest(grant, salt):
    """Return a text that changes with the credentials; None if they are unknown."""
    if not is_complete(grant):
        return None
    text = json.dumps([grant.get(name) for name in (
        'username', 'password', 'tls', 'tls-ca')])
    return hashlib.pbkdf2_hmac('sha256', text.encode('ascii'), salt.encode('ascii'),
                               _ROUNDS).hex()


def endpoints(value):
    """Return the hosts and ports in a list of servers.

    :param str value: `host:port,host:port`, with IPv6 addresses in brackets
    :return: a list of dicts with `host` and `port`, in natural order
    :raises ValueError: for anything else
    """
    try:
        servers = {_server(text.strip(' '))
                   for text in _text(value, _MAX_ENDPOINTS).split(',')}
    except ValueError:
        raise ValueError('a list like 10.0.0.1:2181,10.0.0.2:2181')
    return [{'host': host, 'port': port} for host, port in sorted(
        servers, key=lambda server: (natural_key(server[0]), int(server[1])))]


def _server(text):
    host, _, port = text.rpartition(':')
    bracketed = host[:1] + host[-1:] == '[]'
    host = host[1:-1] if bracketed else host
    if values.is_ip(host, 6) != bracketed:
        raise ValueError
    return values.host(host), values.port(port)


def granted_path(value):
    """Return a granted path, which may lack its slash; '' for ZooKeeper's root.

    :raises ValueError: for anything else
    """
    return '' if value == '/' else path('/' + re.sub('^/', '', _text(value)))


def certificates(value):
    """Return only the PEM certificates in a text; None for an empty text.

    :raises ValueError: for a text without certificates
    """
    found = _CERTIFICATE.findall(_text(value).replace('\r', ''))
    if value not in (None, '') and not found:
        raise ValueError('a certificate in PEM')
    return ''.join(text + '\n' for text in found) or None


def username(value):
    """Return a user's name that fits into `user:password`.

    :raises ValueError: for anything else
    """
    return _matched(_USERNAME, value,
                    'ASCII without spaces, quotes, backslashes or colons')


def password(value):
    """Return a password.

    :raises ValueError: for anything else
    """
    return _matched(_PASSWORD, value, 'ASCII without spaces, quotes or backslashes')


def is_on(value):
    """Return whether a value says that TLS is on."""
    return _text(value).lower() in ('enabled', 'true')


def _matched(pattern, value, allowed):
    if pattern.match(_text(value)):
        return value
    raise ValueError(allowed)


def _text(value, most=_MAX_TEXT):
    """Return a text; '' instead of another type or a longer text."""
    return value if isinstance(value, str) and len(value) <= most else ''


def _is_uri(value):
    return bool(_URI.match(_text(value)))


_PARSERS = dict(dict.fromkeys(_PATHS, granted_path), **{
    'endpoints': endpoints, 'username': username, 'password': password, 'tls': is_on,
    'tls-ca': certificates})
