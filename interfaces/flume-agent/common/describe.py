"""Describes the records of endpoints, for charms and for operators.

As a script, it prints a table for each endpoint of a unit. It needs only Python, and
the unit's key/value store in the working directory.
"""
import json
import os
import sqlite3


def describe(record):
    """Return what a record contains, as plain data without secrets."""
    description = {name: record[name] for name in (
        'joining', 'departing', 'request', 'details', 'sink') if name in record}
    description['problems'] = _problems(record)
    description['relations'] = {
        relation_id: {
            'application': relation['application'],
            'force_removed': relation['force_removed'],
            'request': relation.get('request'),
            'write_state': relation.get('write_state'),
            'problems': _problems(relation),
            'sources': {name: _describe_source(relation, name)
                        for name in set(relation['units']).union(relation['sources'])},
        } for relation_id, relation in record['relations'].items()}
    return description


def _describe_source(relation, name):
    """Return a source's details, or why it is not usable."""
    details = relation['sources'].get(name)
    if details is not None:
        return {key: details[key] for key in details if key != 'digest'}
    reason = ('has published nothing' if name in relation['sources']
              else 'has not been read')
    return relation['warnings'].get('unusable', {}).get(name, reason)


def _problems(owner):
    """Return the warnings that the other fields do not contain."""
    return sorted(text for kind, texts in owner['warnings'].items()
                  if kind not in ('unusable', 'force-removed')
                  for text in texts.values())


def _rows(relations):
    """Return (relation ID, source, its details or a reason) for a table."""
    for relation_id in sorted(relations):
        relation = relations[relation_id]
        for name in sorted(relation['sources']):
            yield relation_id, name, relation['sources'][name]
        if not relation['sources']:
            reason = 'was removed by force' if relation['force_removed'] else 'no units'
            yield relation_id, relation['application'] or '?', reason


def main():
    path = os.environ.get('UNIT_STATE_DB', '.unit-state.db')
    for key, data in sqlite3.connect(path).execute(
            "select key, data from kv where key like 'interface-layer.%' order by key"):
        description = describe(json.loads(data))
        relations = description.pop('relations')
        print('{}: {}'.format(key.partition('.')[2],
                              json.dumps(description, sort_keys=True)))
        for relation_id, source, state in _rows(relations):
            print('    {:20} {:20} {}'.format(
                relation_id, source, state if isinstance(state, str)
                else ' '.join('{}={}'.format(*item) for item in sorted(state.items()))))
        for relation_id in sorted(relations):
            for problem in relations[relation_id]['problems']:
                print('    {}: {}'.format(relation_id, problem))


if __name__ == '__main__':
    main()
