"""Layers of charms that are written for one test."""
import yaml

METADATA = {'summary': 'x', 'description': 'x', 'series': ['jammy'],
            'maintainer': 'x <x@example.com>'}


def layer(path, name, handlers, interfaces, **ends):
    """Write a layer of a charm with these interface layers; its directory.

    :param ends: by section of metadata.yaml, {endpoint: interface}
    """
    (path / 'reactive').mkdir(parents=True)
    sections = {section: {end: {'interface': interface}
                          for end, interface in named.items()}
                for section, named in ends.items()}
    for file, text in [
            ('metadata.yaml', yaml.safe_dump(dict(METADATA, name=name, **sections))),
            ('layer.yaml', yaml.safe_dump({'includes': [
                'layer:basic', *['interface:' + one for one in interfaces]]})),
            ('reactive/{}.py'.format(name), handlers)]:
        (path / file).write_text(text)
    return path


def action(layer, name, script):
    """Add an action to a layer."""
    file = layer / 'actions' / name
    file.parent.mkdir()
    file.write_text(script)
    file.chmod(0o755)
    (layer / 'actions.yaml').write_text(yaml.safe_dump({name: {'description': 'x'}}))
