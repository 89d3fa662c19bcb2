"""Refuses a charms.reactive that is too old for the layers."""
import os
import re

import charms.reactive

# charms.reactive 1.1.2 was the first version with this function
if not hasattr(charms.reactive, 'get_flags'):
    site_packages = os.path.join(os.path.dirname(charms.reactive.__file__), '..', '..')
    # the name is charms.reactive or charms_reactive
    versions = re.findall(r'\bcharms.reactive-([\d.]*\d)',
                          ' '.join(os.listdir(site_packages)))
    # RelationBase ignores an ImportError
    raise RuntimeError(
        'the interface layer {} requires charms.reactive 1.1.2 or newer, but found {}. '
        'Add `charms.reactive>=1.1.2` to wheelhouse.txt and rebuild the charm'.format(
            __name__.split('.')[-3], ', '.join(versions) or 'an older one'))
