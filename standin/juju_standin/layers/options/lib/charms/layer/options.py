"""The options in the charm's layer.yaml: `layer.options.get('basic', 'use_venv')`.

The older form `layer.options('basic')` works, too.
"""
import os
import sys
import types

import yaml


def get(section=None, option=None, layer_file='layer.yaml'):
    """Return all options, a layer's options, or one of them; None if it is unset."""
    if option and not section:
        raise ValueError('Cannot specify option without section')
    with open(os.path.join(os.environ['CHARM_DIR'], str(layer_file))) as file:
        options = yaml.safe_load(file).get('options') or {}
    if section:
        options = options.get(section) or {}
    return options.get(option) if option else options


class _Callable(types.ModuleType):

    def __call__(self, section=None, layer_file='layer.yaml'):
        return get(section, layer_file=layer_file)


sys.modules[__name__].__class__ = _Callable
