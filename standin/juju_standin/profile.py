"""The differences between Juju's releases."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One release of Juju."""
    name: str
    version: str
    # unit data contain private-address besides ingress-address
    private_address: bool = True
    # keys that charms cannot write: Juju drops the values
    reserved_keys: frozenset[str] = frozenset()
    # hook tools that this release does not have
    missing_tools: frozenset[str] = frozenset()
    # agents do not notice data that were changed and then changed back
    version_by_content: bool = False
    # units that do not lead can read their own application's data
    own_app_data_readable: bool = False
    # units run created again in a resumed relation
    created_after_resume: bool = False
    # units that do not lead run leader-settings-changed
    leader_settings_changed: bool = True
    # a dying unit leaves its peers after all other relations
    peers_leave_last: bool = True
    # relation-ids leaves out a relation without joined units if it is suspended, or was
    # dying when the agent restarted
    unlists_ending_relations: bool = True
    # `relation-get - zk` returns the application's data; newer releases require --app
    app_option_optional: bool = False
    # a hook fails if it used own data in a force-removed relation and its replacement
    counts_relations: bool = False
    # environment variables that only this release has
    variables: tuple[tuple[str, str], ...] = ()
    # what goal-state calls an application that another model offers
    offer_name: str = 'admin/other.{app}'
    # the error of relation-ids outside relation hooks
    error_no_endpoint: str = 'no endpoint name specified'
    # Errors of relation-get. In a force-removed relation, for remote data:
    error_relation_gone: str = 'permission denied'
    # in a force-removed relation, for the leader's own application's data:
    error_own_app_data_gone: str = 'permission denied'
    # for an application that is not in the relation:
    error_unknown_app: str = 'permission denied'
    # for an unknown unit of an application that is in the relation:
    error_unknown_unit: str = ('cannot read settings for unit "{unit}" in relation '
                               '"{relation}": unit "{unit}": settings not found')
    # for a unit of an application that is not in the relation:
    error_foreign_unit: str = 'permission denied'


# Juju has secrets since 3.0, and relation-model-get since 3.6.2.
SECRET_TOOLS = frozenset('secret-' + name for name in (
    'add', 'get', 'grant', 'ids', 'info-get', 'remove', 'revoke', 'set'))

PROFILES = {profile.name: profile for profile in (
    Profile('2.9', '2.9.52', missing_tools=SECRET_TOOLS | {'relation-model-get'},
            peers_leave_last=False, unlists_ending_relations=False,
            app_option_optional=True,
            variables=(('JUJU_METER_STATUS', 'AMBER'), ('JUJU_METER_INFO', 'not set')),
            error_no_endpoint='no relation name specified'),
    Profile('3.6', '3.6.28'),
    Profile('4.0', '4.0.15', private_address=False,
            reserved_keys=frozenset({'ingress-address', 'egress-subnets'}),
            missing_tools=frozenset({'leader-get', 'leader-set'}),
            version_by_content=True, own_app_data_readable=True,
            created_after_resume=True, leader_settings_changed=False,
            counts_relations=True, offer_name='{app}',
            error_relation_gone='getting regular relation by key: relation not found',
            error_own_app_data_gone='permission denied (unauthorized access)',
            error_unknown_app='application not found in relation',
            error_unknown_unit='relation unit not found',
            error_foreign_unit='relation unit not found'),
)}
