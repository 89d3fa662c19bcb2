"""Where Juju's releases differ."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One release of Juju."""
    name: str
    version: str
    # a unit's settings carry its address under the old name too
    private_address: bool = True
    # keys in which whatever a charm writes is dropped
    reserved: frozenset[str] = frozenset()
    # hook tools that are gone
    missing_tools: frozenset[str] = frozenset()
    # settings have changed if they read otherwise, not if they were written
    by_content: bool = False
    # units that do not lead may read what their own application has set
    own_application_read: bool = False
    # a relation that was suspended is created once more
    created_again: bool = False
    # what is said of a relation that is gone, when another's settings are read,
    relation_gone: str = 'permission denied'
    # or when the leader reads what its own application has set
    own_application_gone: str = 'permission denied'
    # of an application that is not in the relation
    application_unknown: str = 'permission denied'
    # of a unit that is not: of an application that is, and of one that is not
    unit_unknown: str = ('cannot read settings for unit "{unit}" in relation '
                         '"{relation}": unit "{unit}": settings not found')
    foreign_unit: str = 'permission denied'


# Juju has secrets since 3.0, and tells of a relation's model since 3.6.2.
SECRET_TOOLS = frozenset('secret-' + name for name in (
    'add', 'get', 'grant', 'ids', 'info-get', 'remove', 'revoke', 'set'))

PROFILES = {profile.name: profile for profile in (
    Profile('2.9', '2.9.51', missing_tools=SECRET_TOOLS | {'relation-model-get'}),
    Profile('3.6', '3.6.28'),
    Profile('4.0', '4.0.15', private_address=False,
            reserved=frozenset({'ingress-address', 'egress-subnets'}),
            missing_tools=frozenset({'leader-get', 'leader-set'}),
            by_content=True, own_application_read=True, created_again=True,
            relation_gone='getting regular relation by key: relation not found',
            own_application_gone='permission denied (unauthorized access)',
            application_unknown='application not found in relation',
            unit_unknown='relation unit not found',
            foreign_unit='relation unit not found'),
)}
