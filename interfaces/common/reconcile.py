"""How a record changes with what a hook saw. No Juju, no flags, nothing is stored."""
import copy

from .observation import DENIED
from .record import blank_relation
from .record import unusable

GHOST = ('{} was removed by force; Juju goes on listing it until the agent of this '
         'unit is restarted')
UNREAD = '{} of {} can not be read, what was known stays: {}'


def reconcile(record, seen, parse, unread_details):
    """The record, brought up to date with an observation.

    :param Record record: it is left as it is
    :param Observation seen: what a hook saw
    :param parse: makes of a unit's settings its details, or None, and a list of what is
        wrong with them
    :param unread_details: the details of a unit whose settings were never read
    :rtype: Record
    """
    after = copy.deepcopy(record)
    _update_relations(after, seen)
    _update_ghosts(after, seen)
    for rid, relation in after.live_relations():
        _update_units(rid, relation, seen, unread_details)
        for unit, settings in seen.settings.get(rid, {}).items():
            if unit in relation['units']:
                _update_details(relation, unit, *parse(settings))
        _update_unread(relation['logged'], rid, seen)
        _forget_warnings_of_others(relation)
    _update_unread(after['logged'], '', seen)
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
            relation.update(ghost=True, units={}, logged={'ghost': GHOST.format(rid)})
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
    relation['units'] = {unit: relation['units'].get(unit, unread_details)
                         for unit in sorted(units)}


def _update_details(relation, unit, details, faults):
    relation['units'][unit] = details
    if faults:
        relation['logged'][unit] = unusable(unit, faults)
    else:
        relation['logged'].pop(unit, None)


def _update_unread(logged, rid, seen):
    """What can not be read of a relation, or with '' of the endpoint itself."""
    read = {what for what in ('members', 'published', 'own')
            if rid in getattr(seen, what)}
    read.update(seen.settings.get(rid, ()))
    if rid == '' and seen.relations is not None:
        read.add('relations')
    for what in read:
        logged.pop('unread ' + what, None)
    for what, error in seen.errors.get(rid, {}).items():
        logged.setdefault('unread ' + what,
                          UNREAD.format(what, rid or 'this endpoint', error))


def _forget_warnings_of_others(relation):
    """Keep those of the relation itself and of its units; others have left."""
    for what in list(relation['logged']):
        if '/' in what and what.split()[-1] not in relation['units']:
            del relation['logged'][what]


def _update_departing(before, after, hook):
    """A unit has left if its departed tells so, or if it is in no relation any more.

    Before there is a record, nobody knows whether the charm knew of that unit.
    """
    met = before['relations'].get(hook.rid, {'units': {}})['units']
    told = hook.kind == 'departed' and (hook.unit in met or before['adopted'])
    if told or before.units() - after.units():
        after['departing'] = True


def _update_joining(before, after, hook, unread_details):
    """The details of a unit are news if they are others than before, in whichever
    relation. Where units have no details, all the news is that one joined.
    """
    known, details = before.details(), after.details()
    news = {unit for unit in details if details[unit] != known.get(unit)}
    if hook.kind == 'joined' and unread_details is not None:
        met = before['relations'].get(hook.rid, {'units': {}})['units']
        news |= {hook.unit} - set(met)
    if hook.kind == 'joined' and before['adopted']:
        after['adopted']['joined'].append(hook.unit)
    after['joining'] = sorted((set(before['joining']) | news) & set(details))
