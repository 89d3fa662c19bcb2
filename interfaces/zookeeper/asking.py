"""Asking servers of the later protocol, and hearing what they grant.

It adds to the record of its endpoint:

    request     what to ask such servers for, as {key: value}; null before the charm has
                called request()
    salt        of the digests of credentials

and to each relation:

    earlier     true, once a unit has published something of the earlier protocol
    asked       what was asked for in it; null, or not there, while this is not known
    confirmed   whether it was there in a later hook: Juju drops what was written by a
                hook that fails
"""
import binascii
import os

from charmhelpers.core import hookenv

from . import granted
from . import juju
from . import requiring

DIFFERS = ('{} was asked for {database} with {extra-user-roles}, and can not be asked '
           'for anything else; what request() says now is for relations made later')
UNASKED = ('{} speaks the later protocol called zookeeper: it has to be asked, by '
           'request(), and gives credentials()')
SILENT = ('no unit of {} has published a port; if it speaks the later protocol called '
          'zookeeper, it has to be asked, by request(), and gives credentials()')
UNWRITTEN = '{} does not take what is asked for: {}'


class Asking(requiring.Requires):
    """A client whose application asks, if its charm says for what."""

    def request(self, chroot, acl='cdrwa'):
        """Ask servers of the later protocol for a path, in each relation once.

        This can be called in any hook, by any unit. The leader writes it, in relations
        that are made later, too. A server whose units publish a port is not asked. What
        was asked once stays: another request is for relations that are made later.

        :param str chroot: the path, like `/kafka`
        :param str acl: what to be allowed to do below it, letters of `cdrwa`
        :raises ValueError: for any other value; the request before stays
        """
        request = granted.request(chroot, acl)
        before = self._load()['request']
        if request != before:
            # in joined a unit has not had the time yet to publish a port
            joined = juju.current_hook(self.relation_name).kind == 'joined'
            looks = ('published',) if joined else ('published', 'asked')
            self._change(lambda record: record.update(request=request),
                         () if before else looks)

    def _role_fields(self):
        salt = binascii.hexlify(os.urandom(16)).decode('ascii')
        return {'request': None, 'salt': salt}

    def _parse_application(self, record, published, secrets, known):
        if record['request']:
            return granted.parse(published, secrets, known, record['salt'])
        return (None, []) if granted.speaks(published) else None

    def _secrets_in(self, record, published):
        return granted.secret_uris(published) if record['request'] else {}

    def _applications_asked(self, record):
        return {rid for rid, relation in record.live_relations()
                if record['request'] and relation['application']
                and (relation['application'] in relation['sources']
                     or not any(map(relation['sources'].get, relation['units'])))}

    def _relations_to_ask(self, record):
        # a ghost is silent maybe, and what is written in it reaches its successor
        earlier = _applications_of_earlier(record)
        return {rid for rid, relation in record.live_relations() if record['request']
                and relation['units'] and _is_silent(relation)
                and relation['application'] not in earlier
                and not relation.get('confirmed')
                and not relation['sources'].get(relation['application'])}

    def _conclude(self, record, seen):
        """Ask where nobody has, and say what the author or the operator is to know."""
        for rid, settings in sorted(seen.asked.items()):
            self._ask(record, rid, record['relations'][rid], settings)
        earlier = _applications_of_earlier(record)
        unasked = not record['request'] and self._stored()
        for _, relation in record.live_relations():
            if _speaks_earlier(relation):
                relation['earlier'] = True
            _log_what_differs(record['request'], relation)
            if record['request']:
                relation['logged'].pop('unasked', None)
            elif unasked and relation['application'] not in earlier:
                _log_what_is_unasked(relation, seen.hook)
        return record

    def _ask(self, record, rid, relation, settings):
        """Ask in a relation, unless the application's settings there say it was."""
        asked = granted.was_asked(settings)
        relation.update(asked=asked or record['request'], confirmed=bool(asked))
        relation['logged'].pop('unwritten', None)
        if asked:
            return
        try:
            juju.set_own_settings(
                self.relation_name, relation['application'], rid,
                granted.wanted(record['request'], juju.has_secrets()), '--app')
        except juju.ToolFailed as error:
            relation['asked'] = None
            relation['logged']['unwritten'] = UNWRITTEN.format(rid, error)


def _applications_of_earlier(record):
    """Those that a relation shows to speak the earlier protocol."""
    return {relation['application'] for _, relation in record.live_relations()
            if _speaks_earlier(relation)}


def _speaks_earlier(relation):
    """Whether a unit has published something of the earlier protocol, good or bad."""
    return relation.get('earlier') or any(
        relation['sources'].get(unit) or unit in relation['logged']
        for unit in relation['units'])


def _is_silent(relation):
    """Whether all units that are there were looked at, and published nothing.

    A server of the later protocol does that; one of the earlier before it is ready.
    """
    return (not _speaks_earlier(relation)
            and set(relation['units']) <= set(relation['sources']))


def _log_what_differs(request, relation):
    asked = relation.get('asked')
    if asked in (None, request):
        relation['logged'].pop('differs', None)
    else:
        relation['logged']['differs'] = DIFFERS.format(relation['application'], **asked)


def _log_what_is_unasked(relation, hook):
    """Once; not before the charm could call request(), in whatever way it does: that
    is in no joined, and not in the hook in which the record is made.
    """
    if relation['units'] and hook.kind != 'joined':
        if relation['application'] in relation['sources']:
            sentence = UNASKED
        elif hookenv.hook_name() == 'update-status' and _is_silent(relation):
            sentence = SILENT
        else:
            return
        relation['logged'].setdefault('unasked',
                                      sentence.format(relation['application']))
