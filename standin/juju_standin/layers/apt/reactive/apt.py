"""Installs the packages that layer.yaml names, before other handlers run."""
from charmhelpers.core import hookenv
from charms import apt, layer

hookenv.atstart(lambda: apt.queue_install(layer.options.get('apt', 'packages')))
