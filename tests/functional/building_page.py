"""docs/building.md: its commands and files, and how tests run the commands."""
import os
import re
import subprocess
import sys
from pathlib import Path

from juju_standin.build import LAYERS

from .conftest import INTERFACES
from .layers import without_build_variables
from .pages import ROOT, blocks

PAGE = 'docs/building.md'
BUILD, PACK, CHARM_FILE, SHOW_VERSION, OFFLINE = blocks(PAGE, 'console')
EXCLUDE, CHARMCRAFT, MANIFEST = blocks(PAGE, 'yaml')

# what version() returns for a charm with these layers
CURRENT = re.findall('^(?:version|repo):.*$',
                     (INTERFACES / 'zookeeper' / 'interface.yaml').read_text(), re.M)

UNREACHABLE = 'http://127.0.0.1:9'


def shell(block, directory, clone=ROOT, **environment):
    """Run a block's lines that begin with a prompt; return their output.

    They have no network and none of the caller's variables for charm-build.
    """
    script = '\n'.join(re.findall(r'^\$ (.*)$', block, re.MULTILINE))
    for name, path in ('<clone>', clone), ('<layers>', LAYERS):
        script = script.replace(name, str(path))
    kept = without_build_variables()
    path = os.pathsep.join([str(Path(sys.executable).parent), kept['PATH']])
    done = subprocess.run(
        ['bash', '-c', script], cwd=directory, text=True, check=False,
        env=dict(kept, PATH=path, http_proxy=UNREACHABLE, https_proxy=UNREACHABLE,
                 CHARM_BUILD_DIR=str(directory.parent / 'built'),
                 CHARM_CACHE_DIR=str(directory.parent / 'cache'), **environment),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def version(charm):
    """What the page's command prints for a built charm."""
    return shell(SHOW_VERSION.splitlines()[0], charm).splitlines()
