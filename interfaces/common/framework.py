"""Refuses a charms.reactive that is too old, before any room imports from it."""
import os
import re

import charms.reactive

if not hasattr(charms.reactive, 'get_flags'):
    place = os.path.join(os.path.dirname(charms.reactive.__file__), '..', '..')
    found = re.findall(r'\bcharms.reactive-([\d.]*\d)', ' '.join(os.listdir(place)))
    raise RuntimeError(
        'the interface layer {} needs charms.reactive 1.1.2 or newer, and found {}: '
        'let wheelhouse.txt ask for a newer one, and build the charm again'.format(
            __name__.split('.')[-2], ', '.join(found) or 'an older one'))
