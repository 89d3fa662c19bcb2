"""Installs the snaps that layer.yaml names, before other handlers run."""
from charmhelpers.core import hookenv
from charms import layer


def install_snaps():
    for name in layer.options.get('snap'):
        layer.snap.install(name)


hookenv.atstart(install_snaps)
