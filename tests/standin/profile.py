"""Where Juju's releases differ."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One release of Juju."""
    name: str
    version: str
    # a unit's settings carry its address under the old name too
    private_address: bool = True
    # relation-ids inside broken still lists the dying relation
    broken_listed: bool = False
    # keys in which whatever a charm writes is dropped
    reserved: frozenset[str] = frozenset()
    # hook tools that are gone
    missing_tools: frozenset[str] = frozenset()


PROFILES = {profile.name: profile for profile in (
    Profile('2.9', '2.9.51', broken_listed=True),
    Profile('3.6', '3.6.1'),
    Profile('4.0', '4.0.0', private_address=False,
            reserved=frozenset({'ingress-address', 'egress-subnets'}),
            missing_tools=frozenset({'leader-get', 'leader-set'})),
)}
