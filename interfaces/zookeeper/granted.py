"""The later protocol called `zookeeper`: what is asked for, and what is granted.

Both are in the data of applications. The client's asks for a path, once. The server's
publishes where its servers are, the path that it grants, and credentials, plain or as
the URIs of secrets.
"""
import hashlib
import json
import re

from . import values
from .names import natural_order

# What may be in a secret, by the key that names it.
SECRETS = {'secret-user': ('username', 'password'), 'secret-tls': ('tls', 'tls-ca')}
_URI = re.compile(r'secret:[A-Za-z0-9/-]{1,100}\Z')

# Where the granted path is found, best first: where a server publishes `resource`, the
# next only repeats what was asked for.
_PATHS = ('resource', 'database', 'chroot')

# By what an application shows that it speaks this protocol.
_KEYS = {'endpoints', 'username', 'password', 'uris'} | set(_PATHS) | set(SECRETS)

# What ZooKeeper takes for a path (org.apache.zookeeper.common.PathUtils), less
# what would end a line, a word or a connect string in a configuration file.
_PATH = re.compile('(/(?!\\.\\.?(/|\\Z))[^/,\\s\x00-\x1f\x7f-\x9f'
                   '\ud800-\uf8ff\ufff0-\U0010ffff]+)+\\Z')

# ASCII, less what would end a word, or a text in quotes, in a configuration file.
_USERNAME = re.compile(r'[!#-&(-9;-\[\]-~]{1,255}\Z')
_PASSWORD = re.compile(r'[!#-&(-\[\]-~]{1,1024}\Z')

_CERTIFICATE = re.compile('-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]+\n)+'
                          '-----END CERTIFICATE-----')

# Of the digest of credentials: some milliseconds, whenever they are looked at.
_ROUNDS = 10000


class Credentials(object):
    """What a session is authenticated with; the password is not in its text."""

    def __init__(self, username, password):
        self.username = username
        self.password = password

    def __repr__(self):
        return '<credentials of {}>'.format(self.username)


class Tls(object):
    """That a server wants TLS; `ca` is its CA's certificate in PEM, or None."""

    def __init__(self, ca):
        self.ca = ca

    def __repr__(self):
        return '<TLS, {} a CA>'.format('with' if self.ca else 'without')


# What is asked for.

def request(chroot, acl):
    """What an application is asked for, by key.

    :raises ValueError: for what may not be asked for
    """
    return {'database': checked('chroot', chroot, path),
            'extra-user-roles': checked('acl', acl, letters)}


def wanted(request, as_secrets):
    """The settings of a client's application that ask for it.

    :param bool as_secrets: whether credentials are wanted as secrets
    """
    names = ['username', 'password', 'tls-ca', 'uris']
    return dict(request, **(
        {'requested-secrets': json.dumps(names)} if as_secrets else {}))


def was_asked(settings):
    """What settings of a client's application ask for, or None."""
    if settings.get('database'):
        roles = settings.get('extra-user-roles', 'cdrwa')
        return {'database': settings['database'],
                'extra-user-roles': ''.join(sorted(roles, key='cdrwa'.find))}


def checked(name, value, check):
    """The canonical text of an argument.

    :raises ValueError: naming it
    """
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(values.fault(name, value, error))


def path(value):
    """Text of an absolute path in ZooKeeper, below its root.

    :raises ValueError: for anything else
    """
    if isinstance(value, str) and _PATH.match(value):
        return value
    raise ValueError('a path like /kafka or /a/b')


def letters(value):
    """Letters of ZooKeeper's permissions (Programmer's Guide, "ACL Permissions").

    :raises ValueError: for anything else
    """
    if isinstance(value, str) and value and not set(value) - set('cdrwa'):
        return ''.join(letter for letter in 'cdrwa' if letter in value)
    raise ValueError('letters of cdrwa')


# What is granted.

def secret_uris(published):
    """{key: URI} of the secrets that an application names, None where it names none."""
    named = {key: published.get(key) or None for key in SECRETS}
    return {key: uri for key, uri in named.items() if uri is None or _is_uri(uri)}


def parse(published, secrets, known, salt):
    """The details of an application, or None; and what is wrong with it.

    Where a secret can not be read, it is taken to say what it said before.

    :param published, secrets: as for :func:`understand`
    :param known: the details that were known of it, or None
    :param str salt: of the digest of its credentials
    :return: (details, faults); None, where it does not speak this protocol
    """
    if not speaks(published):
        return None
    found, faults = understand(published, secrets)
    digest = _digest(found, salt) or (known or {}).get('digest')
    if faults or not digest or 'endpoints' not in found:
        return None, faults
    return {'endpoints': found['endpoints'], 'path': found['path'],
            'digest': digest}, faults


def speaks(published):
    """Whether an application speaks this protocol."""
    return bool(_KEYS & set(published))


def understand(published, secrets):
    """What an application grants, and what is wrong with it.

    A fault shows no value: a password may be where it does not belong.

    :param dict published: its settings, as `relation-get` gives them
    :param dict secrets: {key: what the secret says}, of those that could be read, and
        {} of those that it does not name
    :return: (found, faults): `endpoints`, `path`, `username`, `password`, `tls` and
        `tls-ca`, without what is in a secret that could not be read; nothing before it
        publishes endpoints. And a list of sentences
    """
    if not published.get('endpoints'):
        return {}, []
    faults = ['{} is not the URI of a secret'.format(key) for key in sorted(SECRETS)
              if published.get(key) and not _is_uri(published[key])]
    found, texts = {}, _texts(published, secrets)
    for name in sorted(texts):
        try:
            found['path' if name in _PATHS else name] = _CHECKS[name](texts[name])
        except ValueError as error:
            missing = texts[name] in (None, '')
            faults.append('{} is {}'.format(name, 'missing' if missing
                                            else 'not {}'.format(error)))
    return found, faults


def _texts(published, secrets):
    """What is to be understood, by name."""
    path_key = next((key for key in _PATHS if published.get(key)), 'database')
    texts = {name: published.get(name) for name in ('endpoints', path_key)}
    for key, names in SECRETS.items():
        if key in secrets:
            texts.update((name, secrets[key].get(name) or published.get(name))
                         for name in names)
    if 'tls' in texts and is_on(published.get('tls')):
        texts['tls'] = published['tls']     # whatever a secret says
    if not is_on(texts.get('tls')):
        texts.pop('tls-ca', None)
    return texts


def _digest(found, salt):
    """A text that is another one when the credentials are; None if they are unknown."""
    names = ('username', 'password', 'tls')
    if set(names) - set(found):
        return None
    text = json.dumps([found[name] for name in names] + [found.get('tls-ca')])
    return hashlib.pbkdf2_hmac('sha256', text.encode('ascii'), salt.encode('ascii'),
                               _ROUNDS).hex()


def endpoints(value):
    """Hosts and ports of a list of them.

    :param str value: `host:port,host:port`, with IPv6 addresses in brackets
    :return: a list of [host, port], in an order that does not depend on the text's
    :raises ValueError: for anything else
    """
    try:
        found = {_endpoint(text.strip(' ')) for text in _text(value).split(',')}
    except ValueError:
        raise ValueError('a list like 10.0.0.1:2181,10.0.0.2:2181')
    return [list(endpoint) for endpoint in sorted(found, key=lambda endpoint: (
        natural_order(endpoint[0]), int(endpoint[1])))]


def _endpoint(text):
    host, _, port = text.rpartition(':')
    bracketed = host[:1] + host[-1:] == '[]'
    host = host[1:-1] if bracketed else host
    if values.is_ip(host, 6) != bracketed:
        raise ValueError
    return values.host(host), values.port(port)


def root(value):
    """Text of a granted path, which may lack its slash; '' for ZooKeeper's own root.

    :raises ValueError: for anything else
    """
    return '' if value == '/' else path('/' + re.sub('^/', '', _text(value)))


def certificates(value):
    """The certificates in a text, in PEM, without what else is in it; or None.

    :raises ValueError: for a text with none
    """
    found = _CERTIFICATE.findall(_text(value).replace('\r', ''))
    if value not in (None, '') and not found:
        raise ValueError('a certificate in PEM')
    return ''.join(text + '\n' for text in found) or None


def username(value):
    """A user's name, as it fits into `user:password`.

    :raises ValueError: for anything else
    """
    if _USERNAME.match(_text(value)):
        return value
    raise ValueError('ASCII without spaces, quotes, backslashes and colons')


def password(value):
    """A password.

    :raises ValueError: for anything else
    """
    if _PASSWORD.match(_text(value)):
        return value
    raise ValueError('ASCII without spaces, quotes and backslashes')


def is_on(value):
    """Whether TLS is said to be on."""
    return _text(value).lower() in ('enabled', 'true')


def _text(value):
    """A value, or '' for what is no text, or a huge one."""
    return value if isinstance(value, str) and len(value) <= 100000 else ''


def _is_uri(value):
    return bool(_URI.match(_text(value)))


_CHECKS = dict(dict.fromkeys(_PATHS, root), **{
    'endpoints': endpoints, 'username': username, 'password': password, 'tls': is_on,
    'tls-ca': certificates})
