"""Refuses to be half a layer, and to run on a framework that is too old.

Most files here are links to what the layers share. A copy that does not follow them
lacks those files, and `charm build` takes it without a word.
"""
import os

SHARED = {'flags.py', 'framework.py', 'juju.py', 'migrate.py', 'names.py',
          'observation.py', 'providing.py', 'reconcile.py', 'record.py', 'relation.py',
          'requiring.py', 'values.py'}

missing = SHARED - set(os.listdir(os.path.dirname(__file__)))
if missing:
    raise RuntimeError(
        'the interface layer {} lacks {}: they are links, and were not followed when '
        'it was copied; copy it with `cp -rL`, and build the charm again'.format(
            __name__.rpartition('.')[2], ', '.join(sorted(missing))))

# only now: it is one of them
from . import framework  # noqa: E402,F401
