"""The example charms as files that Juju deploys."""
import os
import subprocess
import sys
from pathlib import Path

from juju_standin.build import INTERFACES

EXAMPLES = Path(__file__).parents[2] / 'examples'
NAMES = sorted(path.parent.name for path in EXAMPLES.glob('*/layer.yaml'))


def build_file(name, target, **environment):
    """Build an example into the file `NAME.charm`, as the examples' README describes.

    :param environment: variables for charm-build, such as `CHARM_LAYERS_DIR`
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
