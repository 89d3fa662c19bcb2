"""Corrects the units of relations with goal-state.

relation-list continues to list a unit that was removed by force until this unit's agent
restarts (seven of nine times with Juju 4.0.15). It may not list the units of a relation
that was removed and added again at once (Juju 3.6 and 4.0). goal-state shows both. It
names all units of the related applications, except units in other models and
subordinates of other principals. It also names units whose machines are still being
created and, to a subordinate, units of other principals.
"""
from charmhelpers.core import hookenv

from . import hooktools
from .names import application_of


def correct_units(reader):
    """Compare the units that goal-state names with those that are listed.

    Leave an application's units as they are if goal-state does not name it. If it has
    several relations, drop its found units, because nothing would show when they leave.
    """
    if not reader.listed_relations or _is_container_scoped(reader.endpoint):
        return
    statuses = hooktools.goal_state(reader.name)
    applications = list(reader.record.relations.applications().values())
    for relation_id in sorted(reader.listed_relations):
        relation = reader.record.relations[relation_id]
        application = relation['application']
        if applications.count(application) > 1:
            relation.drop_found_units()
        elif application in statuses:
            _correct_relation(relation_id, relation, {
                name: statuses[name] for name in statuses
                if '/' in name and application_of(name) == application})


def _is_container_scoped(endpoint):
    """Return whether its relation contains only the unit on the same machine."""
    declared = hookenv.metadata()[endpoint.role][endpoint.relation_name]
    return declared.get('scope') == 'container'


def _correct_relation(relation_id, relation, statuses):
    """Correct the units of one relation.

    Most units that are not listed are about to join or, if they are dying, have left.
    So a unit is only added if two full reads in a row have found it in goal-state and
    not in relation-list, and its data can be read.
    """
    unlisted = {unit for unit in set(statuses) - relation.listed_units()
                if statuses[unit] != 'dying'}
    unlisted_twice = unlisted.intersection(relation['unlisted_units'])
    new = unlisted_twice.difference(relation['found_units'])
    found = {unit for unit in new if hooktools.can_read_unit(relation_id, unit)}
    relation.apply_goal_state(set(statuses), unlisted, found)
