"""Import this before charmhelpers.core.host, to run tests on any Linux distribution.

charmhelpers refuses to be imported on distributions other than Ubuntu and CentOS, and
reads files that only Ubuntu and Juju's machines have.
"""
import os
import sys

import charmhelpers.osplatform

charmhelpers.osplatform.get_platform = lambda: 'ubuntu'

from charmhelpers.core import hookenv, host  # noqa: E402

# charmhelpers runs jujud
hookenv.juju_version = lambda: os.environ['JUJU_VERSION']
host.init_is_systemd = lambda service_name=None: True
if not os.path.exists('/etc/lsb-release'):
    sys.modules[host.lsb_release.__module__].lsb_release = host.lsb_release = lambda: {
        'DISTRIB_ID': 'Ubuntu', 'DISTRIB_RELEASE': '22.04', 'DISTRIB_CODENAME': 'jammy'}
