"""Replays recordings, and prints the first difference of each."""
import sys
from pathlib import Path

from . import Counts, Difference, play


def main(paths: list[str]) -> int:
    """Replay files; return 1 if one of them differs."""
    counts, differing = Counts(), 0
    for path in paths:
        try:
            play(Path(path), counts)
        except Difference as error:
            differing += 1
            print(error)
    print(counts)
    print('{} of {} files are as recorded'.format(len(paths) - differing, len(paths)))
    return int(differing > 0)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
