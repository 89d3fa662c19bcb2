"""The example charms, as a controller takes them."""
import os
import subprocess
import sys
from pathlib import Path

from juju_standin.build import INTERFACES

EXAMPLES = Path(__file__).parents[2] / 'examples'
NAMES = sorted(path.parent.name for path in EXAMPLES.glob('*/layer.yaml'))


def build_file(name, target, **environment):
    """Build a charm into one file, `NAME.charm`, as the README of the examples says.

    :param environment: where layers are that need not be fetched
    :raises RuntimeError: with the output, if it fails
    """
    file = target / (name + '.charm')
    file.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, '-c', 'from charmtools.build.builder import main; main()',
         '--charm-file', '--build-dir', target, EXAMPLES / name], cwd=target,
        env=dict(os.environ, CHARM_INTERFACES_DIR=str(INTERFACES), **environment),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False)
    if not file.exists():
        raise RuntimeError('charm build of {} failed:\n{}'.format(name, done.stdout))
