"""Makes the layers importable as in a built charm, on any system."""
import os
import sys
import types
from pathlib import Path

from juju_standin import accept_any_distribution  # noqa: F401  before the layers

INTERFACES = Path(__file__).resolve().parent.parent / 'interfaces'

# for the charms that tests build
os.environ['CHARM_INTERFACES_DIR'] = str(INTERFACES)

# the directory hooks/relations of a charm
relations = sys.modules.setdefault('relations', types.ModuleType('relations'))
relations.__path__ = [str(INTERFACES)]
