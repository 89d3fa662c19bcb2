"""Charm layers that tests write."""
import yaml

METADATA = {'summary': 'x', 'description': 'x', 'series': ['jammy'],
            'maintainer': 'x <x@example.com>'}
CONFIG = {'options': {
    'port': {'type': 'int', 'default': 80, 'description': 'x'},
    'name': {'type': 'string', 'description': 'x'},
    'ratio': {'type': 'float', 'default': 2.0, 'description': 'x'},
    'debug': {'type': 'boolean', 'default': False, 'description': 'x'}}}


def write(path, text):
    """Write a text, or an object as YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else yaml.safe_dump(text))


def write_action(layer, name, script):
    """Add an action to a layer."""
    write(layer / 'actions.yaml', {name: {'description': 'x'}})
    write(layer / 'actions' / name, script)
    (layer / 'actions' / name).chmod(0o755)


def write_layer(path, name, handlers, includes=('layer:basic',), options=None,
                config=CONFIG, requires=None, **modules):
    """Write a charm's layer, and return its directory.

    :param options: of the included layers
    :param modules: texts of modules in lib/, by name with dots
    """
    write(path / 'metadata.yaml', dict(METADATA, name=name, requires=requires or {}))
    write(path / 'config.yaml', config)
    write(path / 'layer.yaml', {'includes': list(includes), 'options': options or {}})
    write(path / 'reactive' / (name + '.py'), handlers)
    for module, text in modules.items():
        write(path / 'lib' / (module.replace('.', '/') + '.py'), text)
    return path
