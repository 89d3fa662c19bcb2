"""Builds charms from their layers without wheelhouse packages; reads built charms."""
from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

# Runs `charm build`, which downloads the packages of a wheelhouse, without downloads.
BUILD = '''\
from charmtools.build import builder, tactics
tactics.WheelhouseTactic.__call__ = lambda self: None
builder.main()
'''
# The exit status of `charm build` if `charm proof` only warns.
PROOF_WARNED = 100
LAYERS_VARIABLE, INTERFACES_VARIABLE = 'CHARM_LAYERS_DIR', 'CHARM_INTERFACES_DIR'
LAYERS = Path(__file__).resolve().parent / 'layers'
# These layers always replace the author's, which would install packages. The stand-in's
# other layers are used only if the author has none of that name.
REPLACED_LAYERS = ('apt', 'basic', 'snap')


class CharmDirectory:
    """A charm's directory: its metadata, options, actions and layers."""

    def __init__(self, path: str | Path):
        self.path = Path(path).resolve()
        self.metadata: dict[str, Any] = self._load('metadata.yaml')
        options = self._load('config.yaml').get('options') or {}
        self.config: dict[str, Any] = {
            name: option.get('default') for name, option in options.items()}
        self.option_types: dict[str, str] = {
            name: option['type'] for name, option in options.items()
            if 'type' in option}
        self.actions = set(self._load('actions.yaml'))
        self.includes: list[str] = self._load('layer.yaml').get('includes') or []

    def _load(self, name: str) -> dict[str, Any]:
        file = self.path / name
        return (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}


def build(layer_dir: str | Path, target_dir: str | Path,
          interfaces_dir: str | Path | None = None) -> Path:
    """Build a charm below `target_dir` with `charm build`, and return its directory.

    The charm's layers come from the directory in `CHARM_LAYERS_DIR`, except those that
    would install packages.

    :param interfaces_dir: the directory that contains the interface layers; by default,
        the one in `CHARM_INTERFACES_DIR`
    :raises RuntimeError: the build failed; the message contains its output
    """
    layer_dir, target_dir = Path(layer_dir).resolve(), Path(target_dir).resolve()
    interfaces = _directories(interfaces_dir, INTERFACES_VARIABLE)
    target_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        cache, layers = (stack.enter_context(tempfile.TemporaryDirectory())
                         for _ in range(2))
        _link_layers(Path(layers))
        process = subprocess.run(
            [sys.executable, '-c', BUILD, '--no-report', '--build-dir', target_dir,
             '--cache-dir', cache, layer_dir],
            env=dict(os.environ, CHARM_HIDE_METRICS='1', CHARM_LAYERS_DIR=layers,
                     **{INTERFACES_VARIABLE: str(found) for found in interfaces}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False)
    if process.returncode not in (0, PROOF_WARNED):
        raise RuntimeError('charm build of {} failed:\n{}'.format(layer_dir,
                                                                  process.stdout))
    metadata = yaml.safe_load((layer_dir / 'metadata.yaml').read_text())
    return target_dir / metadata['name']


def _link_layers(directory: Path) -> None:
    """Link the author's and the stand-in's layers in one directory."""
    for layers in _directories(None, LAYERS_VARIABLE):
        for layer in layers.iterdir():
            (directory / layer.name).symlink_to(layer)
    for layer in LAYERS.iterdir():
        links = [directory / name for name in (layer.name, 'layer-' + layer.name)
                 if (directory / name).is_symlink()]
        if links and layer.name not in REPLACED_LAYERS:
            continue
        for link in links:
            link.unlink()
        (directory / layer.name).symlink_to(layer)


def _directories(directory: str | Path | None, variable: str) -> list[Path]:
    """A directory, by default the one in an environment variable, if it is set."""
    value = directory or os.environ.get(variable)
    return [Path(value).resolve()] if value else []


def build_once(layer_dir: str | Path,
               interfaces_dir: str | Path | None = None) -> Path:
    """Return a charm's directory; build the charm unless the same one was built before.

    Charms are the same if all files of their layers are. Do not write to the directory:
    tests share it. Processes with the same `BUILT_CHARMS` environment variable share
    built charms, too. Without that variable they are deleted when this process ends.

    :raises RuntimeError: the build failed; the message contains its output
    """
    digest = hashlib.sha256()
    for directory in [Path(layer_dir), LAYERS,
                      *_directories(interfaces_dir, INTERFACES_VARIABLE),
                      *_directories(None, LAYERS_VARIABLE)]:
        for part in _names_and_contents(directory):
            digest.update(b'%d:%b' % (len(part), part))
    target = _shared_directory() / digest.hexdigest()[:16]
    with open(target.with_suffix('.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=_shared_directory()) as directory:
                build(layer_dir, directory + '/complete', interfaces_dir)
                os.rename(directory + '/complete', target)
    charm, = target.iterdir()
    return charm


def _shared_directory() -> Path:
    directory = Path(os.environ.get('BUILT_CHARMS') or _process_directory()).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@functools.lru_cache(maxsize=None)
def _process_directory() -> str:
    directory = tempfile.mkdtemp(prefix='charms-')
    atexit.register(shutil.rmtree, directory, True)
    return directory


def _names_and_contents(directory: Path) -> Iterator[bytes]:
    # a layer can be a link
    for folder, _, names in sorted(os.walk(directory, followlinks=True)):
        for file in [Path(folder, name) for name in sorted(names)]:
            if file.is_file() and file.parent.name != '__pycache__':
                yield str(file.relative_to(directory)).encode()
                yield file.read_bytes()
