"""Makes the layers importable as in a built charm, on any system."""
import os
import sys
import types
from pathlib import Path

from charmhelpers import osplatform

INTERFACES = Path(__file__).resolve().parent.parent / 'interfaces'

# for the charms that tests build
os.environ['CHARM_INTERFACES_DIR'] = str(INTERFACES)

# charmhelpers can only be imported on Ubuntu and CentOS
osplatform.get_platform = lambda: 'ubuntu'

# the directory hooks/relations of a charm
relations = sys.modules.setdefault('relations', types.ModuleType('relations'))
relations.__path__ = [str(INTERFACES)]
