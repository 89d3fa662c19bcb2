"""The differences between Juju's releases."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One release of Juju."""
    name: str
    version: str
    # unit data contain private-address besides ingress-address
    private_address: bool = True
    # keys that charms cannot write: Juju drops the values
    reserved: frozenset[str] = frozenset()
    # hook tools that this release does not have
    missing_tools: frozenset[str] = frozenset()
    # data that were changed and then changed back count as unchanged
    by_content: bool = False
    # units that do not lead can read their own application's data
    own_app_data_readable: bool = False
    # a resumed relation runs created again
    created_after_resume: bool = False
    # The error if a hook reads another's data in a force-removed relation,
    error_relation_gone: str = 'permission denied'
    # or if the leader reads its own application's data there.
    error_own_app_data_gone: str = 'permission denied'
    # The error for an application that is not in the relation,
    error_unknown_app: str = 'permission denied'
    # for an unknown unit of an application that is in the relation,
    error_unknown_unit: str = ('cannot read settings for unit "{unit}" in relation '
                               '"{relation}": unit "{unit}": settings not found')
    # and for a unit of an application that is not in the relation.
    error_foreign_unit: str = 'permission denied'


# Juju has secrets since 3.0, and relation-model-get since 3.6.2.
SECRET_TOOLS = frozenset('secret-' + name for name in (
    'add', 'get', 'grant', 'ids', 'info-get', 'remove', 'revoke', 'set'))

PROFILES = {profile.name: profile for profile in (
    Profile('2.9', '2.9.51', missing_tools=SECRET_TOOLS | {'relation-model-get'}),
    Profile('3.6', '3.6.28'),
    Profile('4.0', '4.0.15', private_address=False,
            reserved=frozenset({'ingress-address', 'egress-subnets'}),
            missing_tools=frozenset({'leader-get', 'leader-set'}),
            by_content=True, own_app_data_readable=True,
            created_after_resume=True,
            error_relation_gone='getting regular relation by key: relation not found',
            error_own_app_data_gone='permission denied (unauthorized access)',
            error_unknown_app='application not found in relation',
            error_unknown_unit='relation unit not found',
            error_foreign_unit='relation unit not found'),
)}
