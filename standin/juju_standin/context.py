"""A running hook or action, as its charm sees it."""
from __future__ import annotations

import json
import uuid
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import yaml

# importing the modules of hook tools registers them
from . import relationtools, secrettools, storagetools, unittools  # noqa: F401
from .hooktools import TOOLS, ToolError, parse_call
from .secrets import MODEL_UUID

if TYPE_CHECKING:
    from .model import Model
    from .state import Hook, LocalRelation, Secret, Unit

SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


class Context:
    """A running hook or action: answers its hook tools, and keeps its changes.

    Answers come from the agent's local state, `unit.local_relations`. Data that the
    agent does not have come from the model's databags, which stand for Juju's
    controller.
    """

    def __init__(self, model: Model, unit: Unit, hook: Hook, params: dict[str, Any]):
        self.model, self.unit, self.hook, self.params = model, unit, hook, params
        self.calls: list[tuple[str, list[str]]] = []
        self.log: list[tuple[str, str]] = []
        # Three sets of databags, by (relation number, unit or application).
        # The keys and values that the hook wrote with relation-set:
        self.pending_writes: dict[tuple[int, str], dict[str, str]] = {}
        # This unit's and its application's data that the hook used, with its writes:
        self.own_data: dict[tuple[int, str], dict[str, str]] = {}
        # Other data that the hook read, except those of joined units, which
        # LocalRelation.cache contains:
        self.other_data: dict[tuple[int, str], dict[str, str]] = {}
        # secrets that the hook changed, by ID; None for a removed secret
        self.drafts: dict[str, Secret | None] = {}
        self.ports = set(unit.ports)
        # systemctl calls: (action, service)
        self.services: list[tuple[str, str]] = []
        # an action's results and failure message
        self.results: dict[str, str] = {}
        self.failure: str | None = None
        self.env = self._environment()
        # relations that relation-ids leaves out: they have no joined units, and are
        # suspended, or were dying when the agent restarted
        self.unlisted = {number for number, local in unit.local_relations.items()
                         if not local.members
                         and (local.dying_at_restart or local.relation.suspended)
                         and model.profile.unlists_ending_relations}
        if hook.remote_unit:
            # a hook reads its remote unit's data again
            unit.local_relations[hook.number].cache.pop(hook.remote_unit, None)

    @property
    def leads(self) -> bool:
        """Whether the unit is its application's leader."""
        return self.model.leader(self.unit.app.name) == self.unit.name

    @property
    def storage(self) -> dict[str, str]:
        """The unit's storage, also what it has to detach: {ID: location}."""
        return {**self.unit.attached, **self.model.storage.get(self.unit.name, {})}

    @property
    def tools(self) -> frozenset[str]:
        """The names of the hook tools that this release has."""
        return frozenset(TOOLS) - self.model.profile.missing_tools

    def members(self, local: LocalRelation) -> list[str]:
        """The remote units that relation-list prints.

        These are the units whose joined hook is committed. A joined or changed hook
        adds its remote unit, and a departed hook leaves it out.
        """
        names = set(local.members)
        if self.hook.remote_unit and self.hook.number == local.relation.number:
            if self.hook.kind == 'departed':
                names.discard(self.hook.remote_unit)
            else:
                names.add(self.hook.remote_unit)
        return sorted(names)

    def _environment(self) -> dict[str, str]:
        hook, name = self.hook, self.unit.name.replace('/', '-')
        charm_dir = '/var/lib/juju/agents/unit-{}/charm'.format(name)
        env = {
            'CHARM_DIR': charm_dir,
            'JUJU_CHARM_DIR': charm_dir,
            'JUJU_CONTEXT_ID': '{}-{}-{}'.format(self.unit.name, hook.name,
                                                 uuid.uuid4().hex[:16]),
            'JUJU_MODEL_NAME': 'standin',
            'JUJU_MODEL_UUID': MODEL_UUID,
            'JUJU_UNIT_NAME': self.unit.name,
            'JUJU_VERSION': self.model.profile.version,
            'LANG': 'C.UTF-8',
            'PATH': SYSTEM_PATH,
            **dict(self.model.profile.variables),
        }
        if hook.kind == 'action':
            env.update(JUJU_HOOK_NAME='', JUJU_ACTION_NAME=hook.name,
                       JUJU_ACTION_UUID='1', JUJU_ACTION_TAG='action-1',
                       JUJU_DISPATCH_PATH='actions/' + hook.name)
        else:
            env.update(JUJU_HOOK_NAME=hook.name,
                       JUJU_DISPATCH_PATH='hooks/' + hook.name)
        if hook.relation_id:
            env.update(JUJU_RELATION=hook.relation_id.split(':')[0],
                       JUJU_RELATION_ID=hook.relation_id,
                       JUJU_REMOTE_UNIT=hook.remote_unit,
                       JUJU_REMOTE_APP=hook.remote_app)
        if hook.secret:
            secret = self.model.find_secret(hook.secret)
            label = secret.unit_labels.get(self.unit.name, '') if secret else ''
            env.update(JUJU_SECRET_ID=hook.secret, JUJU_SECRET_LABEL=label)
        if hook.storage:
            env.update(JUJU_STORAGE_ID=hook.storage, JUJU_STORAGE_KIND='filesystem',
                       JUJU_STORAGE_LOCATION=self.storage[hook.storage])
        if hook.departing_unit:
            env.update(JUJU_DEPARTING_UNIT=hook.departing_unit)
        return env

    def call(self, argv: list[str], stdin: bytes = b'',
             cwd: str = '.') -> tuple[int, bytes, bytes]:
        """Run a hook tool; return its exit status, output and error output.

        :param cwd: the caller's directory, for a relative `--file`
        """
        name, args = argv[0], list(argv[1:])
        if name not in TOOLS or name in self.model.profile.missing_tools:
            return 127, b'', '{}: command not found\n'.format(name).encode()
        tool = TOOLS[name]
        if name != 'systemctl':
            self.calls.append((name, args))
        for pattern, error, status in self.unit.failing_tools:
            if fnmatchcase(' '.join(argv), pattern):
                return status, b'', error.encode() + b'\n'
        if '--help' in args:
            return 0, tool.help().encode(), b''
        try:
            options, words = parse_call(tool, tuple(args))
            if 'file' in options:
                words = words + relationtools.read_settings_file(
                    options['file'], stdin, cwd)
            result = tool.function(self, options, words)
        except ToolError as error:
            return error.args[0], b'', 'ERROR {}\n'.format(error.args[1]).encode()
        if result is None and 'format=' not in tool.long:
            return 0, b'', b''
        return 0, render(result, options.get('format', 'smart')).encode(), b''


def render(value: Any, style: str) -> str:
    """Format a hook tool's output; `smart` is the format for shells."""
    if style == 'json':
        return json.dumps(value) + '\n'
    if style == 'smart':
        if value is None:
            return ''
        if isinstance(value, (str, int, float)):
            return '{}\n'.format(value)
        if isinstance(value, list):
            return ''.join(item + '\n' for item in value)
    text = yaml.safe_dump(value, default_flow_style=False)
    return text[:-len('...\n')] if text.endswith('\n...\n') else text
