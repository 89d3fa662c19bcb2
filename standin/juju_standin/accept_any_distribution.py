"""Import this before charmhelpers.core.host, to run tests on any Linux distribution.

charmhelpers refuses to be imported on distributions other than Ubuntu and CentOS.
"""
import charmhelpers.osplatform

charmhelpers.osplatform.get_platform = lambda: 'ubuntu'
