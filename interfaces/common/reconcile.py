"""How a record changes with what a hook saw. No Juju, no flags, nothing is stored."""
import copy

from .observation import DENIED
from .record import blank_relation
from .record import unusable

GHOST = ('{} was removed by force; Juju goes on listing it until the agent of this '
         'unit is restarted')
UNREAD = '{} of {} can not be read, what was known stays: {}'


def reconcile(record, seen, parse, parse_application, unread_details):
    """The record, brought up to date with an observation.

    :param Record record: it is left as it is
    :param Observation seen: what a hook saw
    :param parse: makes of a unit's settings (details or None, what is wrong with them)
    :param parse_application: the same of an application's settings, given its secrets
        and the details that were known; None, if it is no source
    :param unread_details: the details of a unit whose settings were never read
    :rtype: Record
    """
    after = copy.deepcopy(record)
    _update_relations(after, seen)
    _update_ghosts(after, seen)
    for rid, relation in after.live_relations():
        _update_units(rid, relation, seen, unread_details)
        present = set(relation['units'])
        for unit, settings in seen.settings.get(rid, {}).items():
            if unit in present:
                _update_source(relation, unit, parse(settings))
        if rid in seen.published and relation['application']:
            _update_source(relation, relation['application'], parse_application(
                seen.published[rid], seen.secrets.get(rid, {}),
                relation['sources'].get(relation['application'])))
        _update_unread(relation['logged'], rid, relation['application'], seen)
        _forget_warnings_of_others(relation['logged'], present)
    _update_unread(after['logged'], '', None, seen)
    _update_departing(record, after, seen.hook)
    _update_joining(record, after, seen.hook, unread_details)
    return after


def _update_relations(record, seen):
    """Which relations there are, and with which applications."""
    relations, hook = record['relations'], seen.hook
    dying = {hook.rid} if hook.kind == 'broken' else set()
    gone = dying if seen.relations is None else set(relations) - seen.relations
    for rid in gone & set(relations):
        del relations[rid]
    for rid in ({hook.rid} | (seen.relations or set())) - dying - {None}:
        relations.setdefault(rid, blank_relation())
    for rid, application in [(hook.rid, hook.application), *seen.applications.items()]:
        if rid in relations and application:
            relations[rid]['application'] = application


def _update_ghosts(record, seen):
    for rid, own in seen.own.items():
        relation = record['relations'][rid]
        if own == DENIED:
            relation.update(ghost=True, units=[], sources={},
                            logged={'ghost': GHOST.format(rid)})
        elif relation['ghost']:
            relation.update(ghost=False, logged={})     # it was refused by mistake


def _update_units(rid, relation, seen, unread_details):
    """Which units a relation has; the hook's own even where they were not listed."""
    units, hook = set(seen.members.get(rid, relation['units'])), seen.hook
    if rid == hook.rid and hook.unit:
        if hook.kind == 'departed':
            units.discard(hook.unit)
        else:
            units.add(hook.unit)
    relation['units'] = sorted(units)
    units.add(relation['application'])
    relation['sources'] = {source: details for source, details
                           in relation['sources'].items() if source in units}
    if unread_details is not None:
        for unit in relation['units']:
            relation['sources'].setdefault(unit, unread_details)


def _update_source(relation, source, parsed):
    relation['logged'].pop(source, None)
    if parsed is None:
        relation['sources'].pop(source, None)
        return
    details, faults = parsed
    relation['sources'][source] = details
    if faults:
        relation['logged'][source] = unusable(source, faults)


def _update_unread(logged, rid, application, seen):
    """What can not be read of a relation, or with '' of the endpoint itself."""
    read = {what for what in ('members', 'published', 'own', 'asked')
            if rid in getattr(seen, what)}
    read.update(seen.settings.get(rid, ()), seen.secrets.get(rid, ()))
    if rid == '':
        read.update(what for what in ('relations', 'leader')
                    if getattr(seen, what) is not None)
    for what in read:
        logged.pop('unread ' + what, None)
    for what, error in seen.errors.get(rid, {}).items():
        # what is neither a field nor a unit is a key that the application published
        relation = '/' in what or what in seen._fields
        whose = (rid or 'this endpoint') if relation else application
        logged.setdefault('unread ' + what, UNREAD.format(what, whose, error))


def _forget_warnings_of_others(logged, units):
    """Keep those of the relation itself and of its units; others have left."""
    for what in list(logged):
        if '/' in what and what.split()[-1] not in units:
            del logged[what]


def _update_departing(before, after, hook):
    """A unit has left if its departed tells so, or if it is in no relation any more.

    Before there is a record, nobody knows whether the charm knew of that unit.
    """
    met = before['relations'].get(hook.rid, blank_relation())['units']
    told = hook.kind == 'departed' and (hook.unit in met or before['adopted'])
    if told or before.units() - after.units():
        after['departing'] = True


def _update_joining(before, after, hook, unread_details):
    """The details of a source are news if they are others than before, in whichever
    relation. Where units have no details, all the news is that one joined.
    """
    known, details = before.details(), after.details()
    news = {source for source in details if details[source] != known.get(source)}
    if hook.kind == 'joined' and unread_details is not None:
        met = before['relations'].get(hook.rid, blank_relation())['units']
        news |= {hook.unit} - set(met)
    if hook.kind == 'joined' and before['adopted']:
        after['adopted']['joined'].append(hook.unit)
    after['joining'] = sorted((set(before['joining']) | news) & set(details))
