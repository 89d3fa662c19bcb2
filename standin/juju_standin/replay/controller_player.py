"""Replays recordings of a controller, and infers what operators did from the hooks."""
from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from .. import agent, hookrun
from ..context import Context
from ..state import RELATION_HOOKS, STORAGE_HOOKS, UNIT_HOOKS, Hook
from .inference import Causes, ModelAnswers, Removals, RelationAnswers
from .initial_state import REMOTE, InitialState, create_initial_state
from .player import Counts, Player, compare
from .recording import BagKey, Difference, Event, Recording, relation_number

# Juju's hooks, also those that the stand-in does not run. All other names are of
# actions or `juju exec`, which operators can run at any time.
HOOK = re.compile('{}|secret-(expired|remove|rotate)|.+-relation-({})|.+-storage-({})'
                  .format(*map('|'.join, (UNIT_HOOKS, RELATION_HOOKS, STORAGE_HOOKS))))
# the hooks that Juju runs every few minutes
PERIODIC_HOOKS = ('update-status', 'collect-metrics', 'meter-status-changed')
# the maximum number of inferred changes before a hook
MAX_CAUSES = 20


class ControllerPlayer(Player):
    """Replays the hooks of all units, and makes the inferred changes before each."""

    def __init__(self, recording: Recording, counts: Counts):
        super().__init__(recording, counts)
        self.initial = InitialState(recording)
        self.removals = Removals(self)
        self.causes = Causes(self)
        self.model_answers = ModelAnswers(self)
        self.relation_answers = RelationAnswers(self)
        self._event: Event | None = None
        # the changes of each databag: (position of the hook, data and version before)
        self.changes: dict[BagKey, list[tuple[int, dict[str, str], int]]] = {}

    def play(self) -> None:
        create_initial_state(self)
        events = iter(self.recording.events)
        for position, line in enumerate(self.recording.lines):
            self.recording.position = position + 1
            if 'hook' in line:
                self._play(next(events))
            elif 'do' in line:
                self._do(line['do'])
        self.check_idle()

    def _do(self, command: str) -> None:
        """Remove a unit by force: hooks alone do not show when that was."""
        *words, name = command.split(' ')
        if 'remove-unit' in words and '--force' in words and name in self.model.units:
            self.model.remove_unit(name, force=True)

    def may_end_early(self, name: str) -> bool:
        """A removed unit may not run its last hooks."""
        return self.model.unit(name).dying

    def _play(self, event: Event) -> None:
        if event.unit not in self.model.units:
            if event.kind != 'install':
                raise Difference('there is no {}'.format(event.unit))
            self.add_unit(event.unit)
        self.model.unit(event.unit).paused = False      # see postpone_entry
        self.model_answers.apply(event)
        self.relation_answers.apply(event)
        with self._without_later_changes(event):
            hook = self._find_hook(event)
            self.relation_answers.apply_presence(event)
            self.counts.hooks += 1
            self._event = event
            if event.kind == 'config-changed':
                self.config_changed_runs[event.unit] += 1
            before = self._own_databags(event)
            run = hookrun.execute(self.model, self.model.unit(event.unit), hook,
                                  self.model_answers.action_params(event))
        for relation_id, owner in run.written:
            key = relation_number(relation_id), owner
            self.changes.setdefault(key, []).append((event.position, *before[key]))

    def _own_databags(self, event: Event) -> dict[BagKey, tuple[dict[str, str], int]]:
        """The data and versions of a unit's and its application's databags."""
        return {(number, owner): (bag.data, bag.version)
                for number, local in self.model.unit(event.unit).local_relations.items()
                for owner in (event.unit, event.app)
                for bag in [local.relation.databags(owner)[owner]]}

    @contextlib.contextmanager
    def _without_later_changes(self, event: Event) -> Iterator[None]:
        """Hide the changes that were made while the hook ran.

        Lines are in the order in which hooks ended. A hook that reads older data began
        before the change.
        """
        hidden = []
        for number, owner, data, _ in event.reads():
            changes = self.changes.get((number, owner))
            if not changes or owner in (event.unit, event.app):
                continue
            changed, earlier_data, earlier_version = changes[-1]
            bag = self.relations[number].databags(owner)[owner]
            if data == earlier_data != bag.data and (
                    changed > self.recording.previous_position(event)):
                hidden.append((bag, bag.data, bag.version))
                bag.data, bag.version = earlier_data, earlier_version
        yield
        for bag, data, version in hidden:
            bag.data, bag.version = data, version

    def _find_hook(self, event: Event) -> Hook:
        """Make the recorded hook due, if necessary, and return it.

        :raises Difference: no change by operators makes it due
        """
        unit = self.model.unit(event.unit)
        if not HOOK.fullmatch(event.name):
            return Hook(event.name, 'action', event.relation_id or None,
                        event.remote_unit, event.remote_app)
        hook = self.find_due(event)
        if not hook and unit.failed:
            self.model.resolve(unit.name, retry=False)
            hook = self.find_due(event)
        if not hook and self._accept_undue(event):
            return Hook(event.name, event.name)
        for _ in range(MAX_CAUSES):
            if hook or not (self._delay(event) or self.causes.make_due(event)):
                break
            hook = self.find_due(event)
        if not hook:
            raise self.not_due(event)
        return hook

    def _accept_undue(self, event: Event) -> bool:
        """Accept a hook that may run although it is not due; start shows a restart."""
        started = 'start' in self.model.unit(event.unit).committed_hooks
        if started and event.name == 'start':
            # Juju runs start again after the machine and the agent have restarted
            self.restart(event.unit)
        return event.name == 'leader-settings-changed' or started and (
            event.name in ('start', *PERIODIC_HOOKS)
            or self.accept_second_config_changed(event))

    def run_charm(self, context: Context) -> int:
        compare(context, self._event.line, self.counts)
        self._apply_removal_during_hook(self._event)
        return self._event.line['exit']

    def _apply_removal_during_hook(self, event: Event) -> None:
        """Force-remove the hook's relation if the hook is repeated and the repeated
        hook's answers show that it was removed while the hook ran."""
        repeated = next(self.recording.upcoming(event.unit, skip=1), None)
        if repeated and not event.line['exit'] and event.number is not None and (
                repeated.name, repeated.line['env']) == (event.name, event.line['env']):
            self.relation_answers.apply_refusals(repeated)

    def _delay(self, event: Event) -> bool:
        """Delay a due hook that would precede the recorded one in its relation.

        Juju's agents notice changes at random times; here, all notice them at once.
        """
        return any(self._notice_later(event.unit, hook)
                   for hook in self.model.pending(event.unit)
                   if hook.relation_id == event.relation_id)

    def _notice_later(self, unit: str, hook: Hook) -> bool:
        """Let an agent notice a new unit or changed data later, if that is recorded."""
        if hook.kind == 'joined':
            return self.postpone_entry(hook.remote_unit, hook.number)
        owner = hook.remote_unit or hook.remote_app
        if hook.kind != 'changed' or not any(
                later.notified_of == (hook.number, owner)
                for later in self.recording.upcoming(unit, 'changed', skip=1)):
            return False
        self.notify(unit, hook.number, owner, hook.version)
        return True

    # Changes to the model and its agents.

    def add_unit(self, name: str) -> None:
        """Add a unit, and deploy its application if it is new."""
        app, _, number = name.partition('/')
        if app not in self.model.apps:
            self.model.deploy(app, self.charm(), 0)
            self.model.apps[app].leader = app + '/none'
        self.model.apps[app].next_number = int(number)
        self.model.add_unit(app)
        if name in self.initial.addresses:
            self.model.set_address(name, self.initial.addresses[name])

    def relate(self, number: int) -> None:
        """Add a relation; first remove one with the same endpoints."""
        endpoints = self.initial.endpoints[number]
        for other, relation in list(self.model.relations.items()):
            if relation.endpoints == endpoints and not relation.dying and (
                    REMOTE not in endpoints.values()):
                self.removals.remove_relation(other)
        self.relations[number] = self.model.add_relation(endpoints, number)

    def postpone_entry(self, name: str, number: int) -> bool:
        """Remove a unit from a relation again, unless it has run created there.

        Until its next recorded hook, the unit's agent does not check the model.
        """
        unit = self.model.units.get(name)
        if not unit or number in unit.created or number not in unit.local_relations:
            return False
        relation = unit.local_relations[number].relation
        agent.forget(self.model, unit, relation)
        del relation.unit_databags[name]
        unit.paused = True
        return True

    def notify(self, name: str, number: int, owner: str, version: int) -> None:
        """Set the version of a databag that an agent has notified its unit of."""
        local = self.model.unit(name).local_relations[number]
        if '/' in owner:
            local.members[owner] = version
        else:
            local.app_version = version

    def restart(self, name: str) -> None:
        """Restart an agent.

        If the recording contains created of a relation later, the agent only enters it
        after the restart.
        """
        unit = self.model.unit(name)
        for number in list(unit.local_relations):
            if not unit.failed and any(
                    self.recording.upcoming(name, 'created', number=number)):
                self.postpone_entry(name, number)
        self.model.restart_agent(name)
