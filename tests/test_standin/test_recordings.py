"""The stand-in answers as Juju did: each recording is played in it."""
import json
from pathlib import Path

import pytest

from standin.replay import Counts, Player, main

RECORDINGS = Path(__file__).resolve().parents[1] / 'recordings'
FILES = sorted(RECORDINGS.glob('*/*.jsonl'))


@pytest.mark.parametrize('path', FILES, ids=lambda path: '{}/{}'.format(
    path.parent.name, path.stem))
def test_recording(path):
    counts = Counts()
    Player(path, counts).play()
    # each hook was run, and each call of it compared or named
    hooks = [line for line in map(json.loads, path.read_text().splitlines())
             if 'hook' in line]
    assert counts.hooks == len(hooks)
    assert counts.calls + counts.unanswered.total() == sum(
        len(hook['tools']) for hook in hooks)


def changed(path, tmp_path, old, new):
    """A copy of a recording in which something is otherwise."""
    directory = tmp_path / path.parent.name
    directory.mkdir(exist_ok=True)
    text = path.read_text()
    assert old in text
    copy = directory / path.name
    copy.write_text(text.replace(old, new, 1))
    return str(copy)


def test_the_first_difference_of_a_file_is_printed(tmp_path, capsys):
    path = RECORDINGS / '4.0.15-agent' / '19-tools.jsonl'
    paths = [str(path)] + [changed(path, tmp_path / name, old, new)
                           for name, old, new in (
        ('answer', '"\\"zk\\""', '"\\"zz\\""'),
        ('status', '"relation-ids nonsense --format=json", 0',
         '"relation-ids nonsense --format=json", 1'),
    )]
    assert main(paths) == 1
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == '1 of 3 files are as recorded'
