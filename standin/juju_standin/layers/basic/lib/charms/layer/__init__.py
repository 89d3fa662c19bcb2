from importlib import import_module
from pathlib import Path


def import_layer_libs():
    """Import the layers' modules, so that `from charms import layer` is enough."""
    for path in sorted(Path(__file__).parent.glob('*')):
        if path.stem not in ('__init__', '__pycache__'):
            import_module('charms.layer.' + path.stem)
