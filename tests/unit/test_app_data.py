"""The later protocol, as plain values: what is asked for, and what is granted."""
import json

import pytest

from .harness import layer

granted = layer('zookeeper', 'granted')

PEM = ('-----BEGIN CERTIFICATE-----\nMIIB+w==\nAAAA\n-----END CERTIFICATE-----\n')
GRANT = {'endpoints': '10.0.0.1:2181', 'database': '/kafka',
         'username': 'relation-7', 'password': 's3cret'}
PASSWORDS = ('s3cret', 'an0ther')


def shortly(value):
    return ascii(value)[:20]


def understand(secrets=None, **published):
    """What there is to understand, and no fault in it."""
    found, faults = granted.understand(
        dict(GRANT, **published),
        dict({'secret-user': {}, 'secret-tls': {}}, **(secrets or {})))
    assert faults == []
    return found


def faults(secrets=None, **published):
    """What is wrong, which never shows a password."""
    published = {key: value for key, value in dict(GRANT, **published).items()
                 if value is not None}
    secrets = dict({'secret-user': {}, 'secret-tls': {}}, **(secrets or {}))
    details, found = granted.parse(published, secrets, None, 'salt')
    assert details is None
    assert not any(password in fault for password in PASSWORDS for fault in found)
    return found


# What is asked for.

@pytest.mark.parametrize('acl, letters', [
    ('cdrwa', 'cdrwa'), ('awrdc', 'cdrwa'), ('rr', 'r'), ('wr', 'rw')])
def test_a_request_has_a_path_and_letters(acl, letters):
    assert granted.request('/kafka', acl) == {
        'database': '/kafka', 'extra-user-roles': letters}


@pytest.mark.parametrize('chroot', [
    '', '/', None, 'kafka', '/kafka/', '//', '/a/../b', '/a b', '/a,b', '/a\n', 7, True,
    '/\ud800'])
def test_a_path_that_is_none_is_not_asked_for(chroot):
    with pytest.raises(ValueError, match='chroot is .*, not a path like /kafka'):
        granted.request(chroot, 'cdrwa')


@pytest.mark.parametrize('acl', ['', 'x', 'cdrwax', 'C', None, 7, ['r'], 'r\n', 'r,w'])
def test_letters_that_are_none_are_not_asked_for(acl):
    with pytest.raises(ValueError, match='acl is .*, not letters of cdrwa'):
        granted.request('/kafka', acl)


def test_secrets_are_wanted_where_there_are_any():
    request = granted.request('/kafka', 'r')
    assert granted.wanted(request, False) == request
    assert granted.wanted(request, True) == dict(request, **{
        'requested-secrets': '["username", "password", "tls-ca", "uris"]'})


@pytest.mark.parametrize('settings, asked', [
    ({}, None), ({'database': ''}, None), ({'extra-user-roles': 'r'}, None),
    ({'database': '/a', 'extra-user-roles': 'r', 'data': '{}'}, ('/a', 'r')),
    ({'database': '/a'}, ('/a', 'cdrwa'))])
def test_what_was_asked(settings, asked):
    assert granted.was_asked(settings) == (asked and {
        'database': asked[0], 'extra-user-roles': asked[1]})


# Endpoints and paths.

@pytest.mark.parametrize('text, endpoints', [
    ('10.0.0.1:2181', [['10.0.0.1', '2181']]),
    ('10.0.0.10:2181, 10.0.0.9:2181', [['10.0.0.9', '2181'], ['10.0.0.10', '2181']]),
    ('zk_0.lan:2182,zk_0.lan:2181,zk_0.lan:2182',
     [['zk_0.lan', '2181'], ['zk_0.lan', '2182']]),
    ('[fd00::1]:2181', [['fd00::1', '2181']]),
    ('10.0.0.1:02181', [['10.0.0.1', '2181']])])
def test_endpoints(text, endpoints):
    assert granted.endpoints(text) == endpoints


BAD_ENDPOINTS = [
    '10.0.0.1', '10.0.0.1:', ':2181', '10.0.0.1:0', '10.0.0.1:65536', '10.0.0.1:2181,',
    ',', ' ', '10.0.0.1:2181,10.0.0.2', '10.0.0.1:2181\n', '10.0.0.1:2181\nclean=up',
    'fd00::1:2181', '[10.0.0.1]:2181', '[zk]:2181', '[fd00::1:2181', '[]:2181',
    'me:s3cret@10.0.0.1:2181', '10.0.0.1:2181/kafka', '{"a": 1}', '10.0.0.1:x\x00',
    'a:1,' * 100000, 7, ['10.0.0.1:2181'], {'s3cret': 1}]


@pytest.mark.parametrize('value', BAD_ENDPOINTS, ids=shortly)
def test_endpoints_of_which_one_is_bad_are_none(value):
    assert faults(endpoints=value) == [
        'endpoints is not a list like 10.0.0.1:2181,10.0.0.2:2181']


@pytest.mark.parametrize('settings, path', [
    ({'database': '/kafka'}, '/kafka'), ({'database': 'kafka'}, '/kafka'),
    ({'database': '/a/b'}, '/a/b'), ({'database': '/'}, ''),
    ({'database': '/a', 'resource': 'b'}, '/b'),
    ({'database': '/a', 'chroot': '/b'}, '/a'),
    ({'database': '', 'chroot': '/b'}, '/b')])
def test_the_granted_path(settings, path):
    assert understand(**settings)['path'] == path


@pytest.mark.parametrize('key', ['database', 'resource', 'chroot'])
@pytest.mark.parametrize('value', [
    '//', '/a/', '/a//b', '../etc', '/a b', '/a\n', '/a,b', 'a\nclean=up', '/' * 200000,
    {'a': 1}], ids=shortly)
def test_a_path_that_is_none_is_not_used(key, value):
    published = {'database': None, key: value}
    assert faults(**published) == [key + ' is not a path like /kafka or /a/b']


# Credentials.

SECRET = {'username': 'relation-9', 'password': 'an0ther', 'uris': 'x'}


def test_credentials_are_plain_or_in_a_secret():
    found = understand()
    assert (found['username'], found['password']) == ('relation-7', 's3cret')
    found = understand({'secret-user': SECRET}, **{'secret-user': 'secret:abc'})
    assert (found['username'], found['password']) == ('relation-9', 'an0ther')


@pytest.mark.parametrize('key', ['username', 'password', 'endpoints', 'database'])
@pytest.mark.parametrize('value', [None, ''])
def test_what_is_missing_is_named(key, value):
    assert faults(**{key: value}) == (
        [] if key == 'endpoints' else [key + ' is missing'])


@pytest.mark.parametrize('key', ['username', 'password'])
def test_what_is_missing_in_a_secret_is_named(key):
    published = {'username': None, 'password': None, 'secret-user': 'secret:abc'}
    assert faults({'secret-user': dict(SECRET, **{key: ''})}, **published) == [
        key + ' is missing']


BAD_TEXTS = ['s3cret s3cret', 's3cret\n', '"s3cret', "s3cret'", 's3cret\\',
             's3cret\x00', '\u00fc', '\ud800', 'A' * 1000000, 7, ['s3cret'],
             {'s3cret': 's3cret'}]


@pytest.mark.parametrize('value', BAD_TEXTS, ids=shortly)
def test_credentials_that_would_end_a_word_or_a_text_are_not_used(value):
    assert faults(password=value) == [
        'password is not ASCII without spaces, quotes and backslashes']
    assert faults(username=value) == [
        'username is not ASCII without spaces, quotes, backslashes and colons']


def test_a_user_with_a_colon_is_none_and_a_password_may_have_one():
    assert faults(username='me:s3cret')
    assert understand(password='a:b!#&([]~')['password'] == 'a:b!#&([]~'


@pytest.mark.parametrize('uri, good', [
    ('secret:d0e0f0', True), ('secret://3f3e-4a/d0e0f0', True),
    ('', None), ('--help', False), ('-x', False), ('d0e0f0', False), ('secret:', False),
    ('secret:a\n', False), ('secret:a b', False), ('secret:' + 'a' * 200, False),
    ('secret:a?s3cret', False), (7, False)])
def test_a_secret_is_named_by_its_uri(uri, good):
    uris = granted.secret_uris({'secret-user': uri})
    assert uris == {'secret-tls': None, **(
        {} if good is False else {'secret-user': uri or None})}
    if good is False:
        assert granted.understand(dict(GRANT, **{'secret-user': uri}),
                                  {'secret-tls': {}})[1] == [
            'secret-user is not the URI of a secret']


def test_the_text_of_credentials_shows_no_password():
    credentials = granted.Credentials('me', 's3cret')
    for text in repr(credentials), str(credentials), '{}'.format([credentials]):
        assert 'me' in text and 's3cret' not in text


# TLS.

@pytest.mark.parametrize('value, on', [
    ('enabled', True), ('true', True), ('True', True), ('disabled', False), ('', False),
    ('false', False), (None, False), (7, False)])
def test_tls_is_on_or_off(value, on):
    assert understand(tls=value)['tls'] is on
    assert understand({'secret-tls': {'tls': value}},
                      **{'secret-tls': 'secret:x'})['tls'] is on


@pytest.mark.parametrize('text, ca', [
    (PEM, PEM), ('Certificate:\r\n' + PEM.replace('\n', '\r\n') + 'rest', PEM),
    (PEM + PEM, PEM + PEM), (PEM.rstrip() * 2, PEM + PEM), ('', None), (None, None)])
def test_a_ca(text, ca):
    assert understand(**{'tls': 'enabled', 'tls-ca': text})['tls-ca'] == ca
    assert understand({'secret-tls': {'tls': 'true', 'tls-ca': text}},
                      **{'secret-tls': 'secret:x'})['tls-ca'] == ca


@pytest.mark.parametrize('text', ['x', PEM.replace('END', 'AND'), PEM * 10000, 7,
                                  PEM.replace('MIIB', 'MI"B')], ids=shortly)
def test_a_ca_that_is_none_is_not_used(text):
    assert faults(**{'tls': 'enabled', 'tls-ca': text}) == [
        'tls-ca is not a certificate in PEM']
    assert 'tls-ca' not in understand(**{'tls': 'disabled', 'tls-ca': text})


def test_the_text_of_tls():
    assert repr(granted.Tls(None)) == '<TLS, without a CA>'
    assert repr(granted.Tls(PEM)) == '<TLS, with a CA>'


# Details.

def details(known=None, salt='salt', secrets=None, **published):
    published = {key: value for key, value in dict(GRANT, **published).items()
                 if value is not None}
    found = granted.parse(published, dict({'secret-user': {}, 'secret-tls': {}},
                                          **(secrets or {})), known, salt)
    assert json.loads(json.dumps(found[0])) == found[0]
    return found[0]


def test_details_hold_no_credentials():
    found = details()
    assert found == {'endpoints': [['10.0.0.1', '2181']], 'path': '/kafka',
                     'digest': found['digest']}
    assert 's3cret' not in str(found) and 'relation-7' not in str(found)


@pytest.mark.parametrize('other', [
    {'password': 'an0ther'}, {'username': 'relation-8'}, {'tls': 'enabled'},
    {'tls': 'enabled', 'tls-ca': PEM}, {'salt': 'pepper'}], ids=str)
def test_other_credentials_have_another_digest(other):
    assert details(**other)['digest'] != details()['digest'] == details()['digest']


@pytest.mark.parametrize('same', [
    {'data': '{}'}, {'version': '1'}, {'uris': 'x'}, {'tls': 'disabled'},
    {'tls-ca': PEM}], ids=str)
def test_other_settings_make_no_difference(same):
    assert details(**same) == details()


@pytest.mark.parametrize('published', [{}, {'version': '3'}, {'port': '2181'},
                                       {'data': '{}', 'tls': 'disabled'}], ids=str)
def test_who_says_nothing_of_it_does_not_speak_this_protocol(published):
    assert granted.parse(published, {}, None, 'salt') is None


@pytest.mark.parametrize('published', [
    {'database': '/kafka'}, {'resource': '//'}, {'secret-user': 'x'},
    {'username': 'x', 'password': 's3cret'}], ids=str)
def test_before_it_publishes_endpoints_nothing_is_wrong(published):
    assert granted.parse(published, {}, None, 'salt') == (None, [])


@pytest.mark.parametrize('key', ['secret-user', 'secret-tls'])
def test_what_an_unread_secret_says_is_what_it_said(key):
    published = dict(GRANT, endpoints='10.0.0.2:2181', **{key: 'secret:abc'})
    secrets = {'secret-user': {}, 'secret-tls': {}}
    del secrets[key]
    assert granted.parse(published, secrets, None, 'salt') == (None, [])
    known = details()
    assert granted.parse(published, secrets, known, 'salt') == (
        dict(known, endpoints=[['10.0.0.2', '2181']]), [])
