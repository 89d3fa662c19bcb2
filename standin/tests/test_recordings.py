"""Replays all recordings of Juju, and altered ones, in the stand-in."""
import json
from pathlib import Path

import pytest

from juju_standin.replay import Counts, Difference, play
from juju_standin.replay.__main__ import main

RECORDINGS = Path(__file__).resolve().parent / 'recordings'
FILES = sorted(RECORDINGS.glob('*/*.jsonl'))


@pytest.mark.parametrize('path', FILES, ids=lambda path: '{}/{}'.format(
    path.parent.name, path.stem))
def test_standin_behaves_as_recorded(path):
    counts = Counts()
    play(path, counts)
    # each hook ran, and each call was compared or counted as not compared
    hooks = [line for line in map(json.loads, path.read_text().splitlines())
             if 'hook' in line]
    assert counts.hooks == len(hooks)
    assert counts.calls + counts.not_compared.total() == sum(
        len(hook['tools']) for hook in hooks)


def altered_copy(path, tmp_path, alter):
    """Copy a recording; the function `alter` changes the lines."""
    copy = tmp_path / path.parent.name / path.name
    copy.parent.mkdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    alter(lines)
    copy.write_text('\n'.join(map(json.dumps, lines)))
    return copy


def set_answer(lines, number, command, *answer):
    for call in lines[number - 1]['tools']:
        if call[0] == command:
            call[1:] = answer


def set_env(lines, number, **variables):
    lines[number - 1]['env'].update(variables)


# {altered part: (recording of 4.0.15, function that alters its lines, message)}
ALTERATIONS = {
    'an answer': ('agent/19-tools', lambda lines: set_answer(
        lines, 9, 'relation-list -r zookeeper:1 --format=json', 0, '["zk/0"]', ''),
        r":9: relation-list .*: \(0, \[\]\), not \(0, \['zk/0'\]\)"),
    'an exit status': ('agent/19-tools', lambda lines: set_answer(
        lines, 9, 'is-leader --format=json', 1, '', 'ERROR x'), ':9: is-leader'),
    'an error': ('agent/19-tools', lambda lines: set_answer(
        lines, 9, 'relation-get -r zookeeper:9 --format=json -', 2, '', 'ERROR x: y'),
        ":9: .*not found'\\), not \\(2, 'y'"),
    'the environment': ('agent/05-remove', lambda lines: set_env(
        lines, 39, JUJU_REMOTE_APP=''), ':39: environment'),
    'the unit of departed': ('agent/05-remove', lambda lines: set_env(
        lines, 36, JUJU_REMOTE_UNIT='zk/0'), ':36: .* is not due in .*; due: '),
    'no broken': ('agent/05-remove', lambda lines: lines.pop(38), 'still due .*broken'),
    'committed data': ('agent/05-remove', lambda lines: lines[36]['kept']['now'].pop(
        'n'), 'data are'),
    'no units that leave': ('agent/05-remove', lambda lines: [
        lines.pop(43) for _ in range(2)], 'still there'),
    'no failed line': ('agent/06b-force-dying-first', lambda lines: lines.pop(28),
                       'was not committed'),
    'an unknown operation': ('agent/06b-force-dying-first', lambda lines: lines[23][
        'do'].update(op='magic'), 'unknown operation magic'),
    'a failed hook': ('agent/19-tools', lambda lines: lines[8].update(exit=1),
                      'was not committed'),
    'no environment': ('agent/19-tools', lambda lines: lines[8].pop('env'),
                       ':9: .* the format'),
    'no operation': ('agent/19-tools', lambda lines: lines[0]['do'].pop('op'),
                     ':1: .* format'),
    'no argument': ('agent/19-tools', lambda lines: lines[3]['do'].pop('unit'),
                    ':4: operation enter: there is no .unit'),
    'no lines': ('controller/s1-deploy', lambda lines: lines.clear(), 'no hook was'),
    'no leader-elected': ('controller/s1-deploy', lambda lines: lines.pop(1),
                          'not due in .*; due: leader-elected'),
    'no last changed': ('controller/s3-config', lambda lines: lines.pop(), 'still due'),
    'another config-changed': ('controller/s3-config',
                               lambda lines: lines.append(lines[3]), 'not due'),
    'another install': ('controller/s5-addunit', lambda lines: lines.insert(
        10, lines[0]), ':11: install is not due in c/1'),
    'no broken of a unit': ('controller/s6-scaledown', lambda lines: lines.pop(2),
                            'not due'),
    'no relation': ('controller/s12-reintegrate', lambda lines: set_answer(
        lines, 24, 'relation-ids cli --format=json', 0, '[]', ''),
        ':24: relation-list'),
    'data from before the previous hook': (
        'controller-2/six-clients-one-server', lambda lines: set_answer(
            lines, 124, 'relation-get --format=json -r zookeeper:7 - zk/0', 0,
            '{"egress-subnets": "10.77.0.28/32", "ingress-address": "10.77.0.28"}', ''),
        ':124: relation-get'),
    'goal-state': ('controller-2/remove-unit-force-3', lambda lines: set_answer(
        lines, 77, 'goal-state --format json', 0, json.dumps(
            {'relations': {'zookeeper': {'zk': {}, 'zk/0': {}, 'zk/1': {}}}}), ''),
        ':77: goal-state'),
    'read data': ('controller/s13-force-hung', lambda lines: set_answer(
        lines, 11, 'relation-get -r cli:2 --format=json - c/1', 0, '{}', ''),
        ':11: relation-get'),
}


@pytest.mark.parametrize('alteration', ALTERATIONS)
def test_altered_recording_raises_difference(alteration, tmp_path):
    file, alter, message = ALTERATIONS[alteration]
    copy = altered_copy(RECORDINGS / '4.0.15-{}.jsonl'.format(file), tmp_path, alter)
    with pytest.raises(Difference, match=message):
        play(copy, Counts())


def test_main_reports_invalid_files(tmp_path, capsys):
    (tmp_path / '5.0.1-agent').mkdir()
    (tmp_path / '2.9.51-agent').mkdir()
    paths = [tmp_path / name for name in (
        '5.0.1-agent/a.jsonl', '2.9.51-agent/a.jsonl', '2.9.51-agent/b.jsonl')]
    paths[1].write_text('{"do": {"op": "start"}}\n{')
    assert main(list(map(str, paths))) == 1
    first, second, third, _, last = capsys.readouterr().out.splitlines()
    assert '5.0.1-agent, begins with none of 2.9, 3.6, 4.0' in first
    assert second.startswith('{}:2: '.format(paths[1]))
    assert 'No such file' in third
    assert last == '0 of 3 files are as recorded'


def test_main_prints_differences_and_counts(tmp_path, capsys):
    path = RECORDINGS / '4.0.15-agent' / '19-tools.jsonl'
    copy = altered_copy(path, tmp_path, lambda lines: set_answer(
        lines, 6, 'is-leader --format=json', 0, 'true', ''))
    assert main([str(path)]) == 0
    assert main([str(copy), str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        '8 hooks, 195 calls; answers not compared: network-get 8; '
        'second config-changed: 0', '1 of 1 files are as recorded',
        '{}:6: is-leader --format=json: (0, False), not (0, True)'.format(copy),
        '9 hooks, 214 calls; answers not compared: network-get 9; '
        'second config-changed: 0', '1 of 2 files are as recorded']
