"""Requests and grants of the application-data protocol, as plain values."""
import json

import pytest

from .harness import layer

app_data = layer('zookeeper', 'granted')

PEM = '-----BEGIN CERTIFICATE-----\nMIIB+w==\nAAAA\n-----END CERTIFICATE-----\n'
GRANT = {'endpoints': '10.0.0.1:2181', 'database': '/kafka',
         'username': 'relation-7', 'password': 's3cret'}
USER_SECRET = {'username': 'relation-9', 'password': 'an0ther', 'uris': 'x'}
PASSWORDS = ('s3cret', 'an0ther')


def short_id(value):
    return ascii(value)[:20]


def grant(changes):
    """The application data of a grant; keys whose new value is None are missing."""
    return {key: value for key, value in dict(GRANT, **changes).items()
            if value is not None}


def contents(secrets=None):
    """The contents of the secrets; empty for those that the grant does not name."""
    return dict({'secret-user': {}, 'secret-tls': {}}, **(secrets or {}))


def understand(secrets=None, **changes):
    """What a valid grant says."""
    found, problems = app_data.understand(dict(GRANT, **changes), contents(secrets))
    assert problems == []
    return found


def problems(secrets=None, **changes):
    """What is wrong with a grant that is not usable; no password is shown."""
    details, found = app_data.parse(grant(changes), contents(secrets), None, 'salt')
    assert details is None
    assert not any(password in problem for password in PASSWORDS for problem in found)
    return found


def details(salt='salt', **changes):
    """The stored details of a grant."""
    found, _ = app_data.parse(grant(changes), contents(), None, salt)
    assert json.loads(json.dumps(found)) == found
    return found


# Requests.

@pytest.mark.parametrize('acl, ordered_acl', [
    ('cdrwa', 'cdrwa'), ('awrdc', 'cdrwa'), ('rr', 'r'), ('wr', 'rw')])
def test_request_has_path_and_ordered_acl(acl, ordered_acl):
    assert app_data.request('/kafka', acl) == {
        'database': '/kafka', 'extra-user-roles': ordered_acl}


@pytest.mark.parametrize('chroot', [
    '', '/', None, 'kafka', '/kafka/', '//', '/a/../b', '/a b', '/a,b', '/a\n', 7, True,
    '/\ud800'])
def test_request_with_invalid_chroot_raises(chroot):
    with pytest.raises(ValueError, match='chroot is .*, not a path like /kafka'):
        app_data.request(chroot, 'cdrwa')


@pytest.mark.parametrize('acl', ['', 'x', 'cdrwax', 'C', None, 7, ['r'], 'r\n', 'r,w'])
def test_request_with_invalid_acl_raises(acl):
    with pytest.raises(ValueError, match='acl is .*, not letters of cdrwa'):
        app_data.request('/kafka', acl)


def test_written_request_names_the_secrets_if_juju_has_secrets():
    request = app_data.request('/kafka', 'r')
    assert app_data.wanted(request, False) == request
    assert app_data.wanted(request, True) == dict(request, **{
        'requested-secrets': '["username", "password", "tls-ca", "uris"]'})


@pytest.mark.parametrize('settings, path, acl', [
    ({'database': '/a', 'extra-user-roles': 'r', 'data': '{}'}, '/a', 'r'),
    ({'database': '/a'}, '/a', 'cdrwa')])
def test_written_request_is_read_with_a_default_acl(settings, path, acl):
    assert app_data.was_asked(settings) == {'database': path, 'extra-user-roles': acl}


@pytest.mark.parametrize('settings', [{}, {'database': ''}, {'extra-user-roles': 'r'}])
def test_application_data_without_a_path_are_no_request(settings):
    assert app_data.was_asked(settings) is None


# Endpoints and paths.

@pytest.mark.parametrize('text, endpoints', [
    ('10.0.0.1:2181', [['10.0.0.1', '2181']]),
    ('10.0.0.10:2181, 10.0.0.9:2181', [['10.0.0.9', '2181'], ['10.0.0.10', '2181']]),
    ('zk_0.lan:2182,zk_0.lan:2181,zk_0.lan:2182',
     [['zk_0.lan', '2181'], ['zk_0.lan', '2182']]),
    ('[fd00::1]:2181', [['fd00::1', '2181']]),
    ('10.0.0.1:02181', [['10.0.0.1', '2181']])])
def test_endpoints_are_parsed_in_natural_order_without_duplicates(text, endpoints):
    assert app_data.endpoints(text) == endpoints


@pytest.mark.parametrize('value', [
    '10.0.0.1', '10.0.0.1:', ':2181', '10.0.0.1:0', '10.0.0.1:65536', '10.0.0.1:2181,',
    ',', ' ', '10.0.0.1:2181,10.0.0.2', '10.0.0.1:2181\n', '10.0.0.1:2181\nclean=up',
    'fd00::1:2181', '[10.0.0.1]:2181', '[zk]:2181', '[fd00::1:2181', '[]:2181',
    'me:s3cret@10.0.0.1:2181', '10.0.0.1:2181/kafka', '{"a": 1}', '10.0.0.1:x\x00',
    'a:1,' * 100000, 7, ['10.0.0.1:2181'], {'s3cret': 1}], ids=short_id)
def test_invalid_endpoints_are_a_problem(value):
    assert problems(endpoints=value) == [
        'endpoints is not a list like 10.0.0.1:2181,10.0.0.2:2181']


@pytest.mark.parametrize('settings, path', [
    ({'database': '/kafka'}, '/kafka'), ({'database': 'kafka'}, '/kafka'),
    ({'database': '/a/b'}, '/a/b'), ({'database': '/'}, ''),
    ({'database': '/a', 'resource': 'b'}, '/b'),
    ({'database': '/a', 'chroot': '/b'}, '/a'),
    ({'database': '', 'chroot': '/b'}, '/b')])
def test_path_comes_from_the_best_key(settings, path):
    assert understand(**settings)['path'] == path


@pytest.mark.parametrize('key', ['database', 'resource', 'chroot'])
@pytest.mark.parametrize('value', [
    '//', '/a/', '/a//b', '../etc', '/a b', '/a\n', '/a,b', 'a\nclean=up', '/' * 200000,
    {'a': 1}], ids=short_id)
def test_invalid_path_is_a_problem(key, value):
    assert problems(**{'database': None, key: value}) == [
        key + ' is not a path like /kafka or /a/b']


# Credentials.

def test_credentials_are_plain_or_in_a_secret():
    found = understand()
    assert (found['username'], found['password']) == ('relation-7', 's3cret')
    found = understand({'secret-user': USER_SECRET}, **{'secret-user': 'secret:abc'})
    assert (found['username'], found['password']) == ('relation-9', 'an0ther')


@pytest.mark.parametrize('key', ['username', 'password', 'database'])
@pytest.mark.parametrize('value', [None, ''])
def test_missing_key_is_a_problem(key, value):
    assert problems(**{key: value}) == [key + ' is missing']


@pytest.mark.parametrize('value', [None, ''])
def test_missing_endpoints_are_no_problem(value):
    assert problems(endpoints=value) == []


@pytest.mark.parametrize('key', ['username', 'password'])
def test_missing_key_in_a_secret_is_a_problem(key):
    settings = {'username': None, 'password': None, 'secret-user': 'secret:abc'}
    secret = dict(USER_SECRET, **{key: ''})
    assert problems({'secret-user': secret}, **settings) == [key + ' is missing']


@pytest.mark.parametrize('value', [
    's3cret s3cret', 's3cret\n', '"s3cret', "s3cret'", 's3cret\\', 's3cret\x00',
    '\u00fc', '\ud800', 'A' * 1000000, 7, ['s3cret'], {'s3cret': 's3cret'}],
    ids=short_id)
def test_credentials_that_need_quotes_in_a_file_are_a_problem(value):
    assert problems(password=value) == [
        'password is not ASCII without spaces, quotes and backslashes']
    assert problems(username=value) == [
        'username is not ASCII without spaces, quotes, backslashes and colons']


def test_colon_is_a_problem_in_a_username_but_not_in_a_password():
    assert problems(username='me:s3cret')
    assert understand(password='a:b!#&([]~')['password'] == 'a:b!#&([]~'


@pytest.mark.parametrize('uri', ['secret:d0e0f0', 'secret://3f3e-4a/d0e0f0', ''])
def test_secret_is_named_by_its_uri(uri):
    assert app_data.secret_uris({'secret-user': uri}) == {
        'secret-user': uri or None, 'secret-tls': None}


@pytest.mark.parametrize('uri', [
    '--help', '-x', 'd0e0f0', 'secret:', 'secret:a\n', 'secret:a b',
    'secret:' + 'a' * 200, 'secret:a?s3cret', 7], ids=short_id)
def test_invalid_secret_uri_is_a_problem(uri):
    settings = {'secret-user': uri}
    assert app_data.secret_uris(settings) == {'secret-tls': None}
    _, found = app_data.understand(dict(GRANT, **settings), {'secret-tls': {}})
    assert found == ['secret-user is not the URI of a secret']


def test_text_of_credentials_does_not_show_the_password():
    credentials = app_data.Credentials('me', 's3cret')
    for text in repr(credentials), str(credentials), '{}'.format([credentials]):
        assert 'me' in text and 's3cret' not in text


# TLS.

@pytest.mark.parametrize('value, enabled', [
    ('enabled', True), ('true', True), ('True', True), ('disabled', False), ('', False),
    ('false', False), (None, False), (7, False)])
def test_tls_is_enabled_in_plain_text_or_in_a_secret(value, enabled):
    assert understand(tls=value)['tls'] is enabled
    assert understand({'secret-tls': {'tls': value}},
                      **{'secret-tls': 'secret:x'})['tls'] is enabled


@pytest.mark.parametrize('text, ca', [
    (PEM, PEM), ('Certificate:\r\n' + PEM.replace('\n', '\r\n') + 'rest', PEM),
    (PEM + PEM, PEM + PEM), (PEM.rstrip() * 2, PEM + PEM), ('', None), (None, None)])
def test_ca_contains_only_the_certificates(text, ca):
    assert understand(**{'tls': 'enabled', 'tls-ca': text})['tls-ca'] == ca
    assert understand({'secret-tls': {'tls': 'true', 'tls-ca': text}},
                      **{'secret-tls': 'secret:x'})['tls-ca'] == ca


@pytest.mark.parametrize('text', ['x', PEM.replace('END', 'AND'), PEM * 10000, 7,
                                  PEM.replace('MIIB', 'MI"B')], ids=short_id)
def test_invalid_ca_is_a_problem_only_if_tls_is_enabled(text):
    assert problems(**{'tls': 'enabled', 'tls-ca': text}) == [
        'tls-ca is not a certificate in PEM']
    assert 'tls-ca' not in understand(**{'tls': 'disabled', 'tls-ca': text})


def test_text_of_tls_says_whether_there_is_a_ca():
    assert repr(app_data.Tls(None)) == '<TLS, without a CA>'
    assert repr(app_data.Tls(PEM)) == '<TLS, with a CA>'


# Details.

def test_details_contain_no_credentials():
    found = details()
    assert found == {'endpoints': [['10.0.0.1', '2181']], 'path': '/kafka',
                     'digest': found['digest']}
    assert 's3cret' not in str(found) and 'relation-7' not in str(found)


@pytest.mark.parametrize('change', [
    {'password': 'an0ther'}, {'username': 'relation-8'}, {'tls': 'enabled'},
    {'tls': 'enabled', 'tls-ca': PEM}, {'salt': 'pepper'}], ids=str)
def test_digest_changes_with_credentials_tls_and_salt(change):
    assert details(**change)['digest'] != details()['digest'] == details()['digest']


@pytest.mark.parametrize('change', [
    {'data': '{}'}, {'version': '1'}, {'uris': 'x'}, {'tls': 'disabled'},
    {'tls-ca': PEM}], ids=str)
def test_other_keys_do_not_change_the_details(change):
    assert details(**change) == details()


@pytest.mark.parametrize('settings', [{}, {'version': '3'}, {'port': '2181'},
                                      {'data': '{}', 'tls': 'disabled'}], ids=str)
def test_application_data_of_other_protocols_have_no_details(settings):
    assert app_data.parse(settings, {}, None, 'salt') is None


@pytest.mark.parametrize('settings', [
    {'database': '/kafka'}, {'resource': '//'}, {'secret-user': 'x'},
    {'username': 'x', 'password': 's3cret'}], ids=str)
def test_grant_without_endpoints_has_neither_details_nor_problems(settings):
    assert app_data.parse(settings, {}, None, 'salt') == (None, [])


@pytest.mark.parametrize('key', ['secret-user', 'secret-tls'])
def test_unread_secret_keeps_the_last_known_digest(key):
    settings = dict(GRANT, endpoints='10.0.0.2:2181', **{key: 'secret:abc'})
    secrets = contents()
    del secrets[key]
    assert app_data.parse(settings, secrets, None, 'salt') == (None, [])
    known = details()
    assert app_data.parse(settings, secrets, known, 'salt') == (
        dict(known, endpoints=[['10.0.0.2', '2181']]), [])
