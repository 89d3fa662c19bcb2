"""Makes the layers importable as they are in a built charm, on any host."""
import sys
import types
from pathlib import Path

from charmhelpers import osplatform

INTERFACES = Path(__file__).resolve().parent.parent / 'interfaces'

# charmhelpers refuses to be imported on hosts other than Ubuntu and CentOS
osplatform.get_platform = lambda: 'ubuntu'

# in a charm it is the directory hooks/relations
relations = sys.modules.setdefault('relations', types.ModuleType('relations'))
relations.__path__ = [str(INTERFACES)]


def pytest_addoption(parser):
    parser.addoption('--hooks-python', default=sys.executable,
                     help='the Python of those hooks that are processes')
