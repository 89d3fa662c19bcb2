"""Describes the records of endpoints, for charms and for operators.

As a script, it prints a table for each endpoint of a unit. It needs only Python, and
the unit's key/value store in the working directory.
"""
import json
import os
import sqlite3


def describe_record(record):
    """Return what a record contains, as plain data without secrets."""
    description = {name: record[name] for name in (
        'joining', 'departing', 'request', 'details', 'sink') if name in record}
    description['problems'] = _problems(record)
    description['relations'] = {
        relation_id: _describe_relation(relation, record.get('request'))
        for relation_id, relation in record['relations'].items()}
    return description


def _describe_relation(relation, request):
    """Describe a relation.

    :param request: what the charm requests from applications, if anything
    """
    sources = {unit: _describe_unit(relation, unit)
               for unit in set(relation['units']).union(
                   relation['stale_units'], relation['unlisted_units'])}
    if relation['application'] in relation['sources']:
        sources[relation['application']] = _describe_application(relation, request)
    ignored = set()
    if not request or request == relation.get('request'):
        ignored.add('different-request')
    return dict(
        {name: relation.get(name) for name in (
            'application', 'force_removed', 'request', 'write_state')},
        problems=_problems(relation, ignored), sources=sources)


def _describe_unit(relation, unit):
    """Return a unit's details, or why it is not usable."""
    details, application = relation['sources'].get(unit), relation['application']
    if details is not None:
        return details
    unusable = relation['warnings'].get('unusable', {})
    reasons = (
        (unit in unusable, unusable.get(unit)),
        (unit in relation['stale_units'], 'has left, although relation-list lists it'),
        (unit not in relation['units'], 'is not listed by relation-list'),
        (unit not in relation['sources'], 'has not been read'),
        (application in relation['sources'], 'see {}'.format(application)),
        (True, 'has published nothing'))
    return next(reason for applies, reason in reasons if applies)


def _describe_application(relation, request):
    """Return an application's details, or why it is not usable."""
    application, sources = relation['application'], relation['sources']
    if not relation['units']:
        return 'has no units in the relation'
    if any(map(sources.get, relation['units'])):
        return 'is not used, because its units are usable'
    details = sources[application]
    if details:
        return {key: details[key] for key in details if key != 'digest'}
    warnings = relation['warnings']
    if application in warnings.get('unusable', {}):
        return warnings['unusable'][application]
    if not request:
        return 'is not used, because the charm requests no access'
    unread = set(warnings.get('unreadable', ())).union(
        warnings.get('unknown-owner', ()))
    if unread.intersection([application, 'secret-user', 'secret-tls']):
        return 'is not used, see the problems'
    return 'has not granted access'


def _problems(holder, ignored=()):
    """Return the warnings of other kinds than the ignored ones and `unusable`."""
    kinds = set(holder['warnings']).difference(ignored, {'unusable'})
    return sorted(text for kind in kinds for text in holder['warnings'][kind].values())


def _table(endpoint, record):
    """Return the lines of an endpoint's table."""
    description = describe_record(record)
    relations = description.pop('relations')
    lines = ['{}: {}'.format(endpoint, json.dumps(description, sort_keys=True))]
    for relation_id, relation in sorted(relations.items()):
        sources = relation['sources'] or {str(relation['application']): 'no units'}
        for name, state in sorted(sources.items()):
            if isinstance(state, dict):
                state = ' '.join(map('{0[0]}={0[1]}'.format, sorted(state.items())))
            lines.append('  {:20} {:20} {}'.format(relation_id, name, state))
        lines += ['  ' + text for text in relation['problems']]
    return lines


def main():
    path = os.environ.get('UNIT_STATE_DB', '.unit-state.db')
    if not os.path.exists(path):
        raise SystemExit("No {} here. Run this in the charm's directory".format(path))
    for endpoint, record in sorted(sqlite3.connect(path).execute(
            "select substr(key, 17), data from kv where key like 'interface-layer.%'")):
        try:
            print('\n'.join(_table(endpoint, json.loads(record))))
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            print('{}: damaged or of another version'.format(endpoint))


if __name__ == '__main__':
    main()
