"""Built charms, shared by all that need them."""
from __future__ import annotations

import atexit
import fcntl
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .build import INTERFACES, LAYERS, build


def built(layer_dir: str | Path, interfaces_dir: str | Path = INTERFACES) -> Path:
    """The directory of a charm that is built once for each content of its layers.

    It is shared, so nobody writes there: by the processes that have one directory as
    `BUILT_CHARMS` in their environment, else in this one, at whose end it is removed.

    :raises RuntimeError: with the output, if it cannot be built
    """
    content = hashlib.sha256()
    for directory in layer_dir, interfaces_dir, LAYERS:
        for part in _content(Path(directory)):
            content.update(b'%d:%b' % (len(part), part))
    place = _directory() / content.hexdigest()[:16]
    with open(place.with_suffix('.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=_directory()) as directory:
                build(layer_dir, directory + '/whole', interfaces_dir)
                os.rename(directory + '/whole', place)
    charm, = place.iterdir()
    return charm


def _directory() -> Path:
    directory = Path(os.environ.get('BUILT_CHARMS') or _own_directory()).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@functools.lru_cache(maxsize=None)
def _own_directory() -> str:
    directory = tempfile.mkdtemp(prefix='charms-')
    atexit.register(shutil.rmtree, directory, True)
    return directory


def _content(directory: Path) -> Iterator[bytes]:
    """The names of the files below a directory, and what they say."""
    for file in sorted(directory.rglob('*')):
        if file.is_file() and file.parent.name != '__pycache__':
            yield str(file.relative_to(directory)).encode()
            yield file.read_bytes()
