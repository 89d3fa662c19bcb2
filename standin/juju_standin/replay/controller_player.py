"""Replays recordings of a controller, and infers what operators did from the hooks."""
from __future__ import annotations

import re

from .. import agent, hookrun
from ..context import Context
from ..state import Hook
from .answers import ModelAnswers, RelationAnswers
from .causes import Causes, Removals
from .initial_state import REMOTE, InitialState, create_initial_state
from .player import Counts, Player, compare
from .recording import Difference, Event, Recording

# Juju's hooks. All other names are of actions or `juju exec`, which operators can run
# at any time.
HOOK = re.compile('install|start|stop|remove|leader-elected|config-changed|'
                  'upgrade-charm|update-status|.+-relation-[a-z]+')
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

    def play(self) -> None:
        create_initial_state(self)
        for event in self.recording.events:
            self.recording.position = event.position + 1
            self._play(event)
        self.check_idle()

    def may_end_early(self, name: str) -> bool:
        """A force-removed unit may not run its last hooks."""
        unit = self.model.unit(name)
        return unit.dying and 'stop' not in unit.committed_hooks

    def _play(self, event: Event) -> None:
        if event.unit not in self.model.units:
            if event.kind != 'install':
                raise Difference('there is no {}'.format(event.unit))
            self.add_unit(event.unit)
        self.model.unit(event.unit).running = False     # see leave_until_created
        self.model_answers.apply(event)
        self.relation_answers.apply(event)
        hook = self._find_hook(event)
        self.relation_answers.apply_presence(event)
        self.counts.hooks += 1
        self._event = event
        if event.kind == 'config-changed':
            self.config_changed_runs[event.unit] += 1
        hookrun.execute(self.model, self.model.unit(event.unit), hook,
                        self.model_answers.action_params(event))

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
        # Juju runs update-status every few minutes
        if not hook and 'start' in unit.committed_hooks and (
                event.name == 'update-status' or self.is_second_config_changed(event)):
            return Hook(event.name, event.name)
        for _ in range(MAX_CAUSES):
            if hook or not (self._delay_joined(event) or self.causes.make_due(event)):
                break
            hook = self.find_due(event)
        if not hook:
            raise self.not_due(event)
        return hook

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

    def _delay_joined(self, event: Event) -> bool:
        """If a joined hook of the same relation is due, let that unit enter later.

        Juju's agents check the model at random times; here, all check it together.
        """
        return any(hook.kind == 'joined' and hook.relation_id == event.relation_id
                   and self.leave_until_created(hook.remote_unit, hook.number)
                   for hook in self.model.pending(event.unit))

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

    def leave_until_created(self, name: str, number: int) -> bool:
        """Undo that a unit entered a relation, unless it has run created there.

        Until its next recorded hook, the unit's agent does not check the model.
        """
        unit = self.model.units.get(name)
        if not unit or number in unit.created or number not in unit.local_relations:
            return False
        relation = unit.local_relations[number].relation
        agent.forget(self.model, unit, relation)
        del relation.unit_databags[name]
        unit.running = True     # agents do not check the model while a hook runs
        return True

    def restart(self, name: str) -> None:
        """Restart an agent.

        If the recording contains created of a relation later, the agent only enters it
        after the restart.
        """
        unit = self.model.unit(name)
        for number in list(unit.local_relations):
            if not unit.failed and any(
                    self.recording.upcoming(name, 'created', number=number)):
                self.leave_until_created(name, number)
        self.model.restart_agent(name)
