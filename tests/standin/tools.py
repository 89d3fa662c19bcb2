"""One running hook, and its hook tools."""
from __future__ import annotations

import getopt
import json
import os
import uuid
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from .model import Hook, Known, Model, Unit

# The options of each hook tool, short and long, as getopt takes them. systemctl is
# no hook tool, but charms call it just so.
OPTIONS = {
    'action-fail': ('', []),
    'action-get': ('', ['format=']),
    'action-log': ('', []),
    'action-set': ('', []),
    'application-version-set': ('', []),
    'close-port': ('', []),
    'config-get': ('a', ['all', 'format=']),
    'is-leader': ('', ['format=']),
    'juju-log': ('l:', []),
    'leader-get': ('', ['format=']),
    'leader-set': ('', ['file=']),
    'network-get': ('r:', ['format=', 'primary-address', 'relation=']),
    'open-port': ('', []),
    'opened-ports': ('', ['format=']),
    'relation-get': ('r:', ['app', 'format=', 'relation=']),
    'relation-ids': ('', ['format=']),
    'relation-list': ('r:', ['app', 'format=', 'relation=']),
    'relation-set': ('r:', ['app', 'file=', 'relation=']),
    'status-get': ('', ['format=', 'include-data']),
    'status-set': ('', []),
    'systemctl': ('', []),
    'unit-get': ('', ['format=']),
}
SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


class ToolError(Exception):
    """What a hook tool fails with: exit status and message."""


class Context:
    """One running hook or action, as its charm sees it."""

    def __init__(self, model: Model, unit: Unit, hook: Hook, params: dict[str, Any]):
        self.model, self.unit, self.hook, self.params = model, unit, hook, params
        self.tools = frozenset(OPTIONS) - model.profile.missing_tools
        self.calls: list[tuple[str, list[str]]] = []
        self.log: list[tuple[str, str]] = []
        # {(relation's number, unit or application): {key: value}}
        self.buffered: dict[tuple[int, str], dict[str, str]] = {}
        self.ports = set(unit.ports)
        # what the charm did to the machine's services: (action, service)
        self.services: list[tuple[str, str]] = []
        self.results: dict[str, str] = {}
        self.failure: str | None = None
        self._others: dict[int, dict[str, dict[str, str]]] = {}
        self._members = {number: set(known.members)
                         for number, known in unit.known.items()}
        if hook.relation_id:
            self._enter(unit.known[self._number(hook.relation_id)])
        self.env = self._environment()

    def _enter(self, known: Known) -> None:
        members = self._members[known.relation.number]
        if self.hook.kind == 'departed':
            members.discard(self.hook.remote_unit)
            known.cache.pop(self.hook.remote_unit, None)
        elif self.hook.remote_unit:
            members.add(self.hook.remote_unit)
            known.cache.pop(self.hook.remote_unit, None)
        else:
            known.app_cache.clear()

    def _environment(self) -> dict[str, str]:
        hook, name = self.hook, self.unit.name.replace('/', '-')
        charm_dir = '/var/lib/juju/agents/unit-{}/charm'.format(name)
        env = {
            'CHARM_DIR': charm_dir,
            'JUJU_CHARM_DIR': charm_dir,
            'JUJU_CONTEXT_ID': '{}-{}-{}'.format(self.unit.name, hook.name,
                                                 uuid.uuid4().hex[:16]),
            'JUJU_MODEL_NAME': 'standin',
            'JUJU_MODEL_UUID': '00000000-0000-4000-8000-000000000000',
            'JUJU_UNIT_NAME': self.unit.name,
            'JUJU_VERSION': self.model.profile.version,
            'LANG': 'C.UTF-8',
            'PATH': SYSTEM_PATH,
        }
        if hook.kind == 'action':
            env.update(JUJU_ACTION_NAME=hook.name, JUJU_ACTION_UUID='1',
                       JUJU_ACTION_TAG='action-1')
        else:
            env.update(JUJU_HOOK_NAME=hook.name)
        if hook.relation_id:
            env.update(JUJU_RELATION=hook.relation_id.split(':')[0],
                       JUJU_RELATION_ID=hook.relation_id,
                       JUJU_REMOTE_UNIT=hook.remote_unit,
                       JUJU_REMOTE_APP=hook.remote_app)
        if hook.departing_unit:
            env.update(JUJU_DEPARTING_UNIT=hook.departing_unit)
        return env

    def call(self, argv: list[str], stdin: bytes = b'',
             cwd: str = '.') -> tuple[int, bytes, bytes]:
        """Run a hook tool: its exit status, output and error output.

        :param cwd: where a relative `--file` is looked for
        """
        name, args = argv[0], list(argv[1:])
        if name not in self.tools:
            return 127, b'', '{}: command not found\n'.format(name).encode()
        if name != 'systemctl':
            self.calls.append((name, args))
        short, long = OPTIONS[name]
        if '--help' in args:
            return 0, self._help(name).encode(), b''
        try:
            try:
                pairs, words = getopt.gnu_getopt(args, short, long)
            except getopt.GetoptError as error:
                raise ToolError(2, str(error))
            options = {key.lstrip('-'): value for key, value in pairs}
            if 'r' in options:
                options['relation'] = options.pop('r')
            if 'file' in options:
                words = list(words) + self._read(options['file'], stdin, cwd)
            result = getattr(self, '_' + name.replace('-', '_'))(options, words)
        except ToolError as error:
            return error.args[0], b'', 'ERROR {}\n'.format(error.args[1]).encode()
        if 'format=' not in long:
            return 0, b'', b''
        return 0, render(result, options.get('format', 'smart')).encode(), b''

    @staticmethod
    def _help(name: str) -> str:
        short, long = OPTIONS[name]
        lines = ['Usage: {} [options]'.format(name), '', 'Options:']
        lines += ['    --' + option.replace('=', ' (= "")') for option in long]
        return '\n'.join(lines) + '\n'

    @staticmethod
    def _read(name: str, stdin: bytes, cwd: str) -> list[str]:
        """The settings in a YAML file, as `key=value`; text stays as written."""
        if name != '-':
            try:
                with open(os.path.join(cwd, name), 'rb') as file:
                    stdin = file.read()
            except OSError as error:
                raise ToolError(1, str(error))
        try:
            node = yaml.compose(stdin, yaml.SafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ToolError(1, str(error))
        if node is None:
            return []
        if not isinstance(node, yaml.MappingNode) or not all(
                isinstance(part, yaml.ScalarNode)
                for pair in node.value for part in pair):
            raise ToolError(1, 'yaml: cannot unmarshal into map[string]string')
        return ['{}={}'.format(key.value, '' if value.tag.endswith(':null')
                               else value.value) for key, value in node.value]

    @staticmethod
    def _pairs(words: list[str]) -> dict[str, str]:
        for word in words:
            if '=' not in word[1:]:
                raise ToolError(2, 'expected "key=value", got "{}"'.format(word))
        return dict(word.split('=', 1) for word in words)

    # Relations.

    @staticmethod
    def _number(relation_id: str) -> int:
        number = relation_id.rpartition(':')[2]
        return int(number) if number.isdecimal() else -1

    def _known(self, options: dict[str, str]) -> Known:
        relation_id = options.get('relation') or self.hook.relation_id
        if not relation_id:
            raise ToolError(2, 'no relation id specified')
        known = self.unit.known.get(self._number(relation_id))
        if not known or relation_id not in (
                str(known.relation.number), known.relation.id(self.unit.app.name)):
            raise ToolError(2, 'invalid value "{}" for option -r: relation not '
                               'found'.format(relation_id))
        return known

    def _is_leader(self, options: dict, words: list) -> bool:
        return self.model.leader(self.unit.app.name) == self.unit.name

    def _relation_ids(self, options: dict, words: list) -> list[str]:
        name = words[0] if words else self.env.get('JUJU_RELATION')
        if not name:
            raise ToolError(2, 'no endpoint name specified')
        relations = [known.relation for known in self.unit.known.values()]
        ids = [relation.id(self.unit.app.name) for relation in relations
               if relation.ends[self.unit.app.name] == name]
        if self.hook.kind == 'broken' and not self.model.profile.broken_listed:
            ids = [rid for rid in ids if rid != self.hook.relation_id]
        return sorted(ids)

    def _relation_list(self, options: dict, words: list) -> list[str] | str:
        relation = self._known(options).relation
        if 'app' in options:
            return relation.other(self.unit.app.name)
        return sorted(self._members[relation.number])

    def _relation_get(self, options: dict, words: list) -> Any:
        known = self._known(options)
        key, name = (words + ['-', ''][len(words):])[:2]
        if 'app' in options:
            name = (name or self.hook.remote_app).split('/')[0]
        name = name or self.hook.remote_unit
        if not name:
            raise ToolError(2, 'no unit id specified')
        settings = self._settings(known, name)
        return settings if key == '-' else settings.get(key)

    def _settings(self, known: Known, name: str) -> dict[str, str]:
        """A unit's or an application's settings, as this hook sees them."""
        relation, app = known.relation, self.unit.app.name
        if name.split('/')[0] not in relation.ends or (
                name == app != relation.other(app)
                and not self._is_leader({}, [])):
            raise ToolError(1, 'permission denied')
        bags = relation.bags if '/' in name else relation.app_bags
        if name in (app, self.unit.name):
            settings = dict(bags[name].data)
            settings.update(self.buffered.get((relation.number, name), {}))
            return {key: value for key, value in settings.items() if value}
        if '/' not in name:
            cache = known.app_cache
        elif name in self._members[relation.number]:
            cache = known.cache
        else:
            cache = self._others.setdefault(relation.number, {})
        if name not in cache:
            if name not in bags:
                raise ToolError(1, 'cannot read settings for unit "{}" in relation '
                                   '"{}": settings not found'.format(
                                       name, relation.id(app)))
            cache[name] = dict(bags[name].data)
        return cache[name]

    def _relation_set(self, options: dict, words: list) -> None:
        relation = self._known(options).relation
        owner = self.unit.name
        if 'app' in options:
            owner = self.unit.app.name
            if not self._is_leader({}, []):
                raise ToolError(1, 'cannot write relation settings: '
                                   'permission denied')
        self.buffered.setdefault((relation.number, owner), {}).update(
            self._pairs(words))

    # The unit and its application.

    def _juju_log(self, options: dict, words: list) -> None:
        self.log.append((options.get('l', 'INFO'), ' '.join(words)))

    def _status_set(self, options: dict, words: list) -> None:
        if not words or words[0] not in ('maintenance', 'blocked', 'waiting',
                                         'active'):
            raise ToolError(2, 'invalid status {}'.format(words[:1]))
        self.unit.status = (words[0], ' '.join(words[1:]))

    def _status_get(self, options: dict, words: list) -> Any:
        status, message = self.unit.status
        return status if 'include-data' not in options else {
            'status': status, 'message': message, 'status-data': {}}

    def _config_get(self, options: dict, words: list) -> Any:
        config = self.unit.app.config
        if words:
            return config.get(words[0])
        return {key: value for key, value in config.items()
                if value is not None or {'a', 'all'} & set(options)}

    def _address(self) -> str:
        if not self.unit.address:
            raise ToolError(1, 'no private address(es)')
        return self.unit.address

    def _unit_get(self, options: dict, words: list) -> str:
        if words not in (['private-address'], ['public-address']):
            raise ToolError(1, 'unknown setting {}'.format(words))
        return self._address()

    def _network_get(self, options: dict, words: list) -> Any:
        metadata = self.unit.charm.metadata
        bindings = {name for section in ('provides', 'requires', 'peers',
                                         'extra-bindings')
                    for name in metadata.get(section) or {}}
        if not bindings & set(words):
            raise ToolError(1, 'no network config found for binding "{}"'.format(
                ' '.join(words)))
        address = self._address()
        return address if 'primary-address' in options else {
            'bind-addresses': [{'interface-name': 'eth0', 'addresses': [
                {'hostname': '', 'value': address, 'address': address}]}],
            'ingress-addresses': [address]}

    def _leader_get(self, options: dict, words: list) -> Any:
        settings = self.unit.app.leader_settings
        return (settings if words in ([], ['-'])
                else settings.get(words[0]))

    def _leader_set(self, options: dict, words: list) -> None:
        if not self._is_leader({}, []):
            raise ToolError(1, 'cannot write leadership settings: not the leader')
        settings = self.unit.app.leader_settings
        settings.update(self._pairs(words))
        for key in [key for key, value in settings.items() if not value]:
            del settings[key]

    def _open_port(self, options: dict, words: list) -> None:
        self.ports.update(self._ports(words))

    def _close_port(self, options: dict, words: list) -> None:
        self.ports.difference_update(self._ports(words))

    @staticmethod
    def _ports(words: list[str]) -> set[str]:
        return {word if '/' in word or word == 'icmp' else word + '/tcp'
                for word in words}

    def _opened_ports(self, options: dict, words: list) -> list[str]:
        return sorted(self.unit.ports)

    def _application_version_set(self, options: dict, words: list) -> None:
        self.unit.version = words[0]

    def _systemctl(self, options: dict, words: list) -> None:
        action, service = words
        if action != 'is-active':
            self.services.append((action, service))
        tell = self.model.on_service
        answer = tell(self.unit, action, service) if tell else None
        if action == 'is-active' and not answer:
            raise ToolError(3, '{} is not active'.format(service))

    # Actions.

    def _in_action(self) -> None:
        if self.hook.kind != 'action':
            raise ToolError(1, 'not running an action')

    def _action_get(self, options: dict, words: list) -> Any:
        self._in_action()
        value: Any = self.params
        for part in (words[0].split('.') if words else []):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _action_set(self, options: dict, words: list) -> None:
        self._in_action()
        self.results.update(self._pairs(words))

    def _action_fail(self, options: dict, words: list) -> None:
        self._in_action()
        self.failure = ' '.join(words) or 'action failed without reason given'

    def _action_log(self, options: dict, words: list) -> None:
        self._in_action()
        self.log.append(('INFO', ' '.join(words)))


def render(value: Any, style: str) -> str:
    """A hook tool's output; `smart` is for shells."""
    if style == 'json':
        return json.dumps(value) + '\n'
    if style == 'smart':
        if value is None:
            return ''
        if isinstance(value, (str, int, float)):
            return '{}\n'.format(value)
        if isinstance(value, list):
            return ''.join(item + '\n' for item in value)
    return yaml.safe_dump(value, default_flow_style=False)
