"""Requests and grants of the application-data protocol, as plain values."""
import json

import pytest

from .harness import layer
from .value_helpers import short_id

app_data = layer('zookeeper', 'app_data')

PEM = '-----BEGIN CERTIFICATE-----\nMIIB+w==\nAAAA\n-----END CERTIFICATE-----\n'
GRANT = {'endpoints': '10.0.0.1:2181', 'database': '/kafka',
         'username': 'relation-7', 'password': 's3cret'}
USER_SECRET = {'username': 'relation-9', 'password': 'an0ther', 'uris': 'x'}
PASSWORDS = ('s3cret', 'an0ther')


def grant(changes):
    """The application data of a grant; keys whose new value is None are missing."""
    return {key: value for key, value in dict(GRANT, **changes).items()
            if value is not None}


def contents(secrets=None):
    """The contents of the secrets; empty for those that the grant does not name."""
    return dict({'secret-user': {}, 'secret-tls': {}}, **(secrets or {}))


def parse_grant(secrets=None, **changes):
    """The parsed grant of valid data."""
    parsed, found = app_data.parse_grant(dict(GRANT, **changes), contents(secrets))
    assert found == []
    return parsed


def problems(secrets=None, **changes):
    """The problems of a grant; none contains a password."""
    _, found = app_data.parse_grant(grant(changes), contents(secrets))
    assert not any(password in problem for password in PASSWORDS for problem in found)
    return found


def details(salt='salt', **changes):
    """The stored details of a grant."""
    found = app_data.details(parse_grant(**changes), None, salt)
    assert json.loads(json.dumps(found)) == found
    return found


@pytest.mark.parametrize('acl, ordered_acl', [
    ('cdrwa', 'cdrwa'), ('awrdc', 'cdrwa'), ('rr', 'r'), ('wr', 'rw')])
def test_request_has_path_and_ordered_acl(acl, ordered_acl):
    assert app_data.request('/kafka', acl) == {
        'database': '/kafka', 'extra-user-roles': ordered_acl}


@pytest.mark.parametrize('acl', ['', 'x', 'cdrwax', 'C', None, 7, ['r'], 'r\n', 'r,w'])
def test_request_with_invalid_acl_raises(acl):
    with pytest.raises(ValueError, match='acl is .*, not one or more of the letters'):
        app_data.request('/kafka', acl)


@pytest.mark.parametrize('data, acl', [
    ({'database': '/a', 'extra-user-roles': 'r', 'data': '{}'}, 'r'),
    ({'database': '/a', 'extra-user-roles': 'awrdc'}, 'cdrwa'),
    ({'database': '/a', 'extra-user-roles': 'admin'}, 'admin'),
    ({'database': '/a'}, 'cdrwa'),
    ({}, None), ({'database': ''}, None), ({'extra-user-roles': 'r'}, None)])
def test_sent_request_has_a_path_and_an_ordered_or_default_acl(data, acl):
    assert app_data.parse_sent_request(data) == (
        acl and {'database': '/a', 'extra-user-roles': acl})


@pytest.mark.parametrize('value', [
    None, 5, 'x', [], {}, {'database': '/kafka'}, {'extra-user-roles': 'r'},
    {'database': 'kafka', 'extra-user-roles': 'r'},
    {'database': '/kafka', 'extra-user-roles': ''},
    {'database': ['/kafka'], 'extra-user-roles': 'r'},
    {'database': '/kafka', 'extra-user-roles': None}], ids=str)
def test_stored_value_that_is_not_a_request_is_none(value):
    assert app_data.parse_stored_request(value) is None


@pytest.mark.parametrize('text, endpoints', [
    ('10.0.0.1:2181', [('10.0.0.1', '2181')]),
    ('10.0.0.10:2181, 10.0.0.9:2181', [('10.0.0.9', '2181'), ('10.0.0.10', '2181')]),
    ('zk_0.lan:2182,zk_0.lan:2181,zk_0.lan:2182',
     [('zk_0.lan', '2181'), ('zk_0.lan', '2182')]),
    ('zk:10000,zk:9999', [('zk', '9999'), ('zk', '10000')]),
    ('[fd00::1]:2181', [('fd00::1', '2181')]),
    ('10.0.0.1:02181', [('10.0.0.1', '2181')])])
def test_endpoints_are_parsed_in_natural_order_without_duplicates(text, endpoints):
    assert app_data.endpoints(text) == [
        {'host': host, 'port': port} for host, port in endpoints]


@pytest.mark.parametrize('value', [
    '10.0.0.1', '10.0.0.1:', ':2181', '10.0.0.1:0', '10.0.0.1:65536', '10.0.0.1:2181,',
    ',', ' ', '10.0.0.1:2181,10.0.0.2', '10.0.0.1:2181\n', '10.0.0.1:2181\nclean=up',
    'fd00::1:2181', '[10.0.0.1]:2181', '[zk]:2181', '[fd00::1:2181', '[]:2181',
    'me:s3cret@10.0.0.1:2181', '10.0.0.1:2181/kafka', '{"a": 1}', '10.0.0.1:x\x00',
    'a:1,' * 100000, 7, ['10.0.0.1:2181'], {'s3cret': 1}], ids=short_id)
def test_invalid_endpoints_are_a_problem(value):
    assert problems(endpoints=value) == [
        'endpoints is not a list like 10.0.0.1:2181,10.0.0.2:2181']


@pytest.mark.parametrize('data, path', [
    ({'database': '/kafka'}, '/kafka'), ({'database': 'kafka'}, '/kafka'),
    ({'database': '/a/b'}, '/a/b'), ({'database': '/'}, ''),
    ({'database': '/a', 'resource': 'b'}, '/b'),
    ({'database': '/a', 'chroot': '/b'}, '/a'),
    ({'database': '', 'chroot': '/b'}, '/b')])
def test_path_comes_from_the_preferred_key(data, path):
    assert parse_grant(**data)['path'] == path


@pytest.mark.parametrize('key', ['database', 'resource', 'chroot'])
@pytest.mark.parametrize('value', [
    '//', '/a/', '/a//b', '../etc', '/a b', '/a\n', '/a,b', 'a\nclean=up', '/' * 200000,
    {'a': 1}], ids=short_id)
def test_invalid_path_is_a_problem(key, value):
    assert problems(**{'database': None, key: value}) == [
        key + ' is not a path like /kafka or /a/b']


@pytest.mark.parametrize('key', ['username', 'password', 'database'])
@pytest.mark.parametrize('value', [None, ''])
def test_missing_key_is_a_problem(key, value):
    assert problems(**{key: value}) == [key + ' is missing']


@pytest.mark.parametrize('key', ['username', 'password'])
def test_missing_key_in_a_secret_is_a_problem(key):
    data = {'username': None, 'password': None, 'secret-user': 'secret:abc'}
    secret = dict(USER_SECRET, **{key: ''})
    assert problems({'secret-user': secret}, **data) == [key + ' is missing']


@pytest.mark.parametrize('value', [
    's3cret s3cret', 's3cret\n', '"s3cret', "s3cret'", 's3cret\\', 's3cret\x00',
    '\u00fc', '\ud800', 'A' * 1000000, 7, ['s3cret'], {'s3cret': 's3cret'}],
    ids=short_id)
def test_credentials_that_need_quotes_in_a_file_are_a_problem(value):
    assert problems(password=value) == [
        'password is not ASCII without spaces, quotes or backslashes']
    assert problems(username=value) == [
        'username is not ASCII without spaces, quotes, backslashes or colons']


def test_password_may_contain_a_colon_and_other_characters():
    assert parse_grant(password='a:b!#&([]~')['password'] == 'a:b!#&([]~'


@pytest.mark.parametrize('uri', ['secret:d0e0f0', 'secret://3f3e-4a/d0e0f0',
                                 'secret:' + 'a' * 100, ''], ids=short_id)
def test_secret_uris_returns_valid_uris(uri):
    assert app_data.secret_uris({'secret-user': uri}) == {
        'secret-user': uri or None, 'secret-tls': None}


@pytest.mark.parametrize('uri', [
    '--help', '-x', 'd0e0f0', 'secret:', 'secret:-x', 'secret:a/-x', 'secret:a/',
    'secret:a\n', 'secret:a b', 'secret:' + 'a' * 101, 'secret:a?s3cret', 7],
    ids=short_id)
def test_invalid_secret_uri_is_a_problem(uri):
    data = dict(GRANT, **{'secret-user': uri})
    assert app_data.secret_uris(data) == {'secret-tls': None}
    _, found = app_data.parse_grant(data, {'secret-tls': {}})
    assert found == ['secret-user is not the URI of a secret']


@pytest.mark.parametrize('value, enabled', [
    ('enabled', True), ('true', True), ('True', True), ('disabled', False), ('', False),
    ('false', False), (None, False), (7, False)])
def test_tls_has_the_same_values_in_plain_text_and_in_a_secret(value, enabled):
    assert parse_grant(tls=value)['tls'] is enabled
    assert parse_grant({'secret-tls': {'tls': value}},
                       **{'secret-tls': 'secret:x'})['tls'] is enabled


@pytest.mark.parametrize('plain, secret', [
    ('enabled', 'false'), ('disabled', 'true'), ('true', ''), ('', 'enabled')])
def test_tls_is_enabled_if_plain_text_or_a_secret_says_so(plain, secret):
    assert parse_grant({'secret-tls': {'tls': secret}},
                       **{'secret-tls': 'secret:x', 'tls': plain})['tls'] is True


@pytest.mark.parametrize('text, ca', [
    (PEM, PEM), ('Certificate:\r\n' + PEM.replace('\n', '\r\n') + 'rest', PEM),
    (PEM + PEM, PEM + PEM), (PEM.rstrip() * 2, PEM + PEM), ('', None), (None, None)])
def test_ca_contains_only_the_certificates(text, ca):
    assert parse_grant(**{'tls': 'enabled', 'tls-ca': text})['tls-ca'] == ca
    assert parse_grant({'secret-tls': {'tls': 'true', 'tls-ca': text}},
                       **{'secret-tls': 'secret:x'})['tls-ca'] == ca


@pytest.mark.parametrize('text', ['x', PEM.replace('END', 'AND'), PEM * 10000, 7,
                                  PEM.replace('MIIB', 'MI"B')], ids=short_id)
def test_invalid_ca_is_a_problem_only_if_tls_is_enabled(text):
    assert problems(**{'tls': 'enabled', 'tls-ca': text}) == [
        'tls-ca is not a certificate in PEM']
    assert 'tls-ca' not in parse_grant(**{'tls': 'disabled', 'tls-ca': text})


def test_details_contain_no_credentials():
    found = details()
    assert found == {'endpoints': [{'host': '10.0.0.1', 'port': '2181'}],
                     'path': '/kafka', 'digest': found['digest']}
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


@pytest.mark.parametrize('data', [{}, {'version': '3'}, {'port': '2181'},
                                  {'data': '{}', 'tls': 'disabled'}], ids=str)
def test_application_data_of_other_protocols_does_not_use_this_one(data):
    assert not app_data.uses_protocol(data)


@pytest.mark.parametrize('data', [
    {'database': '/kafka'}, {'resource': '//'}, {'chroot': ''}, {'secret-user': 'x'},
    {'secret-tls': 'x'}, {'uris': 'x'}, {'username': 'x'}, {'password': 's3cret'}],
    ids=str)
def test_grant_without_endpoints_has_neither_details_nor_problems(data):
    assert app_data.uses_protocol(data)
    assert app_data.parse_grant(data, {}) == ({}, [])
    assert app_data.details({}, None, 'salt') is None


@pytest.mark.parametrize('key', ['secret-user', 'secret-tls'])
def test_unread_secret_keeps_the_last_known_digest(key):
    data = dict(GRANT, endpoints='10.0.0.2:2181', **{key: 'secret:abc'})
    secrets = contents()
    del secrets[key]
    parsed, found = app_data.parse_grant(data, secrets)
    assert found == []
    assert app_data.details(parsed, None, 'salt') is None
    known = details()
    assert app_data.details(parsed, known, 'salt') == dict(
        known, endpoints=[{'host': '10.0.0.2', 'port': '2181'}])
