"""The hook tools for actions, and for the state of a unit and its application."""
from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from .hooktools import ToolError, parse_pairs, tool
from .relationtools import local_relation

if TYPE_CHECKING:
    from .context import Context
    from .hooktools import Options, Words


@tool('juju-log', 'l:', 'log-level=')
def juju_log(context: Context, options: Options, words: Words) -> None:
    level = options.get('l') or options.get('log-level', 'INFO')
    context.log.append((level, ' '.join(words)))


@tool('status-set', '', 'application')
def status_set(context: Context, options: Options, words: Words) -> None:
    if 'application' in options:
        return      # the application's status is not simulated
    if not words or words[0] not in ('maintenance', 'blocked', 'waiting', 'active'):
        raise ToolError(2, 'invalid status {}'.format(words[:1]))
    context.unit.status = (words[0], ' '.join(words[1:]))


@tool('status-get', '', 'application', 'format=', 'include-data')
def status_get(context: Context, options: Options, words: Words) -> Any:
    if 'application' in options:
        raise ToolError(1, "the stand-in does not simulate the application's status")
    status, message = context.unit.status
    return status if 'include-data' not in options else {
        'status': status, 'message': message, 'status-data': {}}


@tool('config-get', 'a', 'all', 'format=')
def config_get(context: Context, options: Options, words: Words) -> Any:
    config = context.unit.app.config
    if words:
        return config.get(words[0])
    return {key: value for key, value in config.items()
            if value is not None or {'a', 'all'} & set(options)}


def _address(context: Context) -> str:
    if not context.unit.address:
        raise ToolError(1, 'no private address(es)')
    return context.unit.address


@tool('unit-get', '', 'format=')
def unit_get(context: Context, options: Options, words: Words) -> str:
    if words not in (['private-address'], ['public-address']):
        raise ToolError(1, 'unknown setting {}'.format(words))
    return _address(context)


@tool('network-get', 'r:', 'bind-address', 'egress-subnets', 'format=',
      'ingress-address', 'primary-address', 'relation=')
def network_get(context: Context, options: Options, words: Words) -> Any:
    metadata = context.unit.charm.metadata
    bindings = {name for section in ('provides', 'requires', 'peers',
                                     'extra-bindings')
                for name in metadata.get(section) or {}}
    if not bindings & set(words):
        raise ToolError(1, 'no network config found for binding "{}"'.format(
            ' '.join(words)))
    if 'relation' in options:
        local_relation(context, options)
    address = _address(context)
    if 'primary-address' in options:
        return address
    subnets = [context.model.network(context.unit)['egress-subnets']]
    values = {'bind-address': address, 'egress-subnets': subnets,
              'ingress-address': address}
    wanted = {name: value for name, value in values.items() if name in options}
    if wanted:
        return wanted if len(wanted) > 1 else wanted.popitem()[1]
    return {'bind-addresses': [{'mac-address': '', 'interface-name': 'eth0',
                                'addresses': [_interface_address(address)]}],
            'egress-subnets': subnets, 'ingress-addresses': [address]}


def _interface_address(address: str) -> dict[str, str]:
    prefix = 64 if ':' in address else 24
    subnet = ipaddress.ip_network('{}/{}'.format(address, prefix), strict=False)
    # Juju adds `address` to YAML, for older charms
    return {'hostname': '', 'value': address, 'address': address, 'cidr': str(subnet)}


@tool('is-leader', '', 'format=')
def is_leader(context: Context, options: Options, words: Words) -> bool:
    return context.leads


@tool('leader-get', '', 'format=')
def leader_get(context: Context, options: Options, words: Words) -> Any:
    settings = context.unit.app.leader_settings
    return settings if words in ([], ['-']) else settings.get(words[0])


@tool('leader-set', '', 'file=')
def leader_set(context: Context, options: Options, words: Words) -> None:
    if not context.leads:
        raise ToolError(1, 'cannot write leadership settings: not the leader')
    app = context.unit.app
    settings = {key: value for key, value in {
        **app.leader_settings, **parse_pairs(words)}.items() if value}
    if settings != app.leader_settings:
        app.leader_settings = settings
        for unit in context.model.units.values():
            if unit.app is app:
                unit.committed_hooks.discard('leader-settings-changed')


@tool('open-port', '', 'endpoints=')
def open_port(context: Context, options: Options, words: Words) -> None:
    context.ports.update(_ports(words))


@tool('close-port', '', 'endpoints=')
def close_port(context: Context, options: Options, words: Words) -> None:
    context.ports.difference_update(_ports(words))


def _ports(words: Words) -> set[str]:
    return {word if '/' in word or word == 'icmp' else word + '/tcp' for word in words}


@tool('opened-ports', '', 'format=')
def opened_ports(context: Context, options: Options, words: Words) -> list[str]:
    return sorted(context.unit.ports)


@tool('application-version-set')
def application_version_set(context: Context, options: Options, words: Words) -> None:
    if not words:
        raise ToolError(2, 'no version specified')
    context.unit.version = words[0]


# Actions of systemctl that change nothing.
QUERIES = ('is-active', 'is-enabled', 'status')


@tool('systemctl', 'q', 'force', 'no-block', 'no-pager', 'now', 'quiet')
def systemctl(context: Context, options: Options, words: Words) -> None:
    """Not a hook tool, but charms call it in the same way."""
    on_service = context.model.on_service
    action, *services = words or ['list-units']
    for service in services:
        if action not in QUERIES:
            context.services.append((action, service))
        answer = on_service(context.unit, action, service) if on_service else None
        if action in QUERIES and not answer:
            raise ToolError(3, '{} is not active'.format(service))


def _require_action(context: Context) -> None:
    if context.hook.kind != 'action':
        raise ToolError(1, 'not running an action')


@tool('action-get', '', 'format=')
def action_get(context: Context, options: Options, words: Words) -> Any:
    _require_action(context)
    value: Any = context.params
    for part in (words[0].split('.') if words else []):
        value = value.get(part) if isinstance(value, dict) else None
    return value


@tool('action-set')
def action_set(context: Context, options: Options, words: Words) -> None:
    _require_action(context)
    context.results.update(parse_pairs(words))


@tool('action-fail')
def action_fail(context: Context, options: Options, words: Words) -> None:
    _require_action(context)
    context.failure = ' '.join(words) or 'action failed without reason given'


@tool('action-log')
def action_log(context: Context, options: Options, words: Words) -> None:
    _require_action(context)
    context.log.append(('INFO', ' '.join(words)))
