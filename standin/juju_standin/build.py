"""Building a charm from its layers, with nothing fetched."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

# What the command ends with when charm proof only warns.
WARNED = 100
PACKAGE = Path(__file__).resolve().parent
LAYERS = PACKAGE / 'layers'
INTERFACES = PACKAGE.parents[1] / 'interfaces'


def build(layer_dir: str | Path, target_dir: str | Path,
          interfaces_dir: str | Path = INTERFACES) -> Path:
    """Build a charm under `target_dir` with `charm build`; its directory.

    :param interfaces_dir: where its interface layers are
    :raises RuntimeError: with the output, if it fails
    """
    layer_dir, target_dir = Path(layer_dir).resolve(), Path(target_dir).resolve()
    target_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, '-c',
             'from charmtools.build.builder import main; main()', '--no-report',
             '--build-dir', target_dir, '--cache-dir', cache, layer_dir],
            env=dict(os.environ, CHARM_HIDE_METRICS='1',
                     CHARM_LAYERS_DIR=str(LAYERS),
                     CHARM_INTERFACES_DIR=str(interfaces_dir)),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode not in (0, WARNED):
        raise RuntimeError('charm build of {} failed:\n{}'.format(layer_dir,
                                                                  done.stdout))
    metadata = yaml.safe_load((layer_dir / 'metadata.yaml').read_text())
    return target_dir / metadata['name']
