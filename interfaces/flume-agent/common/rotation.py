"""Chooses the relation in which a hook uses a databag of this unit or its application.

Juju 4 fails to commit a hook that used the databags of both a force-removed relation
and its replacement ("cannot apply changes: relations: expected 4 relations but found
3", Juju 4.0.15), in every retry, and there is no way to tell the two apart. Each hook
therefore uses the databags of only one relation per application. The relations take
turns.
"""
from .names import relation_number


def choose(record, groups, used):
    """Choose one relation for each application that has one in the groups.

    :param groups: sets of relation IDs; earlier sets are preferred
    :param dict used: {application: relation ID} of the databags this hook has used
    :return: {application: relation ID}
    """
    applications, chosen = record.relations.applications(), {}
    for application in set(applications.values()) - {None}:
        candidates = {relation_id for relation_id in applications
                      if applications[relation_id] == application}
        if application in used:
            candidates &= {used[application]}
        preferred = next(filter(None, (group & candidates for group in groups)), None)
        if preferred:
            chosen[application] = _next(record['last_used'].get(application), preferred)
    return chosen


def remember_used(record, used):
    """Store which relations were used, for applications with several relations."""
    related = list(record.relations.applications().values())
    last_used = dict(record['last_used'], **used)
    record['last_used'] = {application: last_used[application]
                           for application in last_used
                           if related.count(application) > 1}


def _next(last, relation_ids):
    """Return the next older relation; after the oldest, the newest."""
    newest_first = sorted(relation_ids, key=relation_number, reverse=True)
    older = [relation_id for relation_id in newest_first
             if last and relation_number(relation_id) < relation_number(last)]
    return (older or newest_first)[0]
