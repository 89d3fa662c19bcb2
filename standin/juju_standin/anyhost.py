"""Lets charmhelpers be imported where charms are tested.

It refuses anything that is not Ubuntu or CentOS. Import this before it.
"""
import charmhelpers.osplatform

charmhelpers.osplatform.get_platform = lambda: 'ubuntu'
