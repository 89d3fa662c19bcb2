"""The example charms as files that Juju deploys."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES, INTERFACES = ROOT / 'examples', ROOT / 'interfaces'
# rolling-restart is not in the bundle, because it does not run on Juju 4
NAMES = sorted(path.parent.name for path in EXAMPLES.glob('*/layer.yaml')
               if path.parent.name != 'rolling-restart')


def charm_build(*arguments, env, cwd=None):
    """Run `charm-build`, and return its output."""
    return subprocess.run(
        [sys.executable, '-c', 'from charmtools.build.builder import main; main()',
         *arguments], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False).stdout


def build_file(name, target, **environment):
    """Build an example into the file `NAME.charm`, as the examples' README describes.

    :param environment: variables for charm-build besides those of this process. Without
        `CHARM_INTERFACES_DIR`, it uses this repository's interface layers.
    :raises RuntimeError: with the output, if it fails
    """
    file = target / (name + '.charm')
    file.unlink(missing_ok=True)
    output = charm_build(
        '--charm-file', '--build-dir', target, EXAMPLES / name, cwd=target,
        env={'CHARM_INTERFACES_DIR': str(INTERFACES), **os.environ, **environment})
    if not file.exists():
        raise RuntimeError('charm build of {} failed:\n{}'.format(name, output))
