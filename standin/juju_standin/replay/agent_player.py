"""Replays recordings of one unit's agent: a script changed the model.

The recorded unit is trace/0. Remote units have no agents; the script acts for them.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..context import Context
from ..state import Hook, Relation
from .player import Counts, Player, compare
from .recording import Difference, Event, Recording


class AgentPlayer(Player):
    """Replays the script's operations, and the hooks of trace/0."""

    def __init__(self, recording: Recording, counts: Counts):
        super().__init__(recording, counts)
        # hooks that wait while the script goes on:
        self.held_hooks: list[str] = []
        # before their first call, or after their last one
        self.held_before_calls = False
        # the next hook is held: it starts before the script goes on
        self.start_held_hook = False
        # the script waited until no hook was due
        self.expect_idle = False
        # a relation to force-remove at the next line of the script
        self.to_force_remove: Relation | None = None
        # hooks that may run although they are not due
        self.dispatched: set[str] = set()
        # the running hook, and the line where it ends
        self._running: tuple[Event | None, int] = None, 0
        # 'kept' and 'leave-scope' lines, to check at the end of the running hook
        self._results: list[dict] = []
        self._events = {event.position: event for event in recording.events}
        self._deploy_trace()

    def _deploy_trace(self) -> None:
        self.model.deploy('trace', self.charm(
            requires=['zookeeper'], provides=['client'], peers=[]))
        self.model.set_address('trace/0', '10.0.0.5')
        self.model.set_config('trace', opt='a')
        leads = not self.recording.has_operation('leader') and any(
            event.kind == 'leader-elected' for event in self.recording.events)
        self.model.lead('trace/0' if leads else 'trace/none')

    def play(self) -> None:
        self._play_until(len(self.recording.lines))
        self._check_expected_idle()

    def _play_until(self, end: int) -> None:
        recording = self.recording
        while recording.position < end:
            line = recording.lines[recording.position]
            if self.start_held_hook and 'do' in line:
                self._run_held_hook()
                continue
            recording.position += 1
            if 'do' in line:
                self._check_expected_idle()
                self._force_remove()
                if isinstance(line['do'], dict):
                    self._operate(line['do'])
            elif 'hook' in line:
                event = self._events[recording.position - 1]
                self._run(self._find_hook(event), event)
            else:
                self._check_result(line)

    def _force_remove(self) -> None:
        relation, self.to_force_remove = self.to_force_remove, None
        if relation:
            self.model.remove_relation(relation, force=True)

    def _operate(self, arguments: dict) -> None:
        name = arguments['op']
        if name not in OPERATIONS:
            raise Difference('unknown operation {}'.format(name))
        try:
            OPERATIONS[name](self, arguments)
        except LookupError as error:
            raise Difference('operation {}: there is no {}'.format(
                name, error)) from error

    def _check_expected_idle(self) -> None:
        expected, self.expect_idle = self.expect_idle, False
        if expected:
            self.check_idle()

    # Hooks.

    def _run_held_hook(self) -> None:
        """Start a held hook, and do what the script did meanwhile."""
        self.start_held_hook = False
        recording = self.recording
        end = recording.find_line('hook')
        crash = recording.find_line('do', 'crash-agent')
        if end < crash:
            event = self._events[end]
            self._run(self._find_hook(event), event, end)
            recording.position = end + 1
        else:
            self._run(self._find_killed_hook(), None, crash + 1)

    def _find_killed_hook(self) -> Hook:
        """The held hook that the recording lacks because its agent was killed."""
        for hook in self.model.pending('trace/0'):
            if set(self.held_hooks) & {hook.name, '{} {}'.format(
                    hook.name, hook.remote_unit)}:
                return hook
        raise Difference('none of {} is due'.format(', '.join(self.held_hooks)))

    def _find_hook(self, event: Event) -> Hook:
        """The recorded hook.

        :raises Difference: it is not due
        """
        hook = self.find_due(event)
        if hook:
            return hook
        if not self.model.unit(event.unit).failed and (
                event.name in self.dispatched or self.is_second_config_changed(event)):
            self.dispatched.discard(event.name)
            return Hook(event.name, event.name)
        raise self.not_due(event)

    def _run(self, hook: Hook, event: Event | None, end: int = 0) -> None:
        self.counts.hooks += event is not None
        self._running = event, end
        if hook.name == 'config-changed':
            self.config_changed_runs['trace/0'] += 1
        run = (self.model.run('trace/0', hook)
               if hook in self.model.pending('trace/0')
               else self.model.dispatch('trace/0', hook.name))
        next_line = self.recording.lines[max(self.recording.position, end + 1):][:1]
        failed = any('failed' in line for line in next_line)
        if event and failed != bool(run.status):
            raise Difference('{} is {}kept {}'.format(
                hook, 'not ' * bool(run.status), run.log[-1:]))
        self._check_results()

    def run_charm(self, context: Context) -> int:
        event, end = self._running
        if self.held_before_calls:
            self._play_until(end)
        if event:
            compare(context, event.line, self.counts)
        self._play_until(end)
        return event.line['exit'] if event else 1

    # Results of hooks.

    def _check_result(self, line: dict) -> None:
        """Compare the model with a line that tells what happened after a hook."""
        unit, (kind, value) = self.model.unit('trace/0'), next(iter(line.items()))
        if kind == 'failed' and not unit.failed:
            raise Difference('it has not failed')
        if kind == 'enter-scope':
            self.model.pending(unit.name)
            self._compare_data(value['rel'], value['settings'])
        if kind == 'relation-gone' and value['rel'] in self.model.relations:
            raise Difference('the relation is still there')
        if kind in ('kept', 'leave-scope'):
            self._results.append(value)
        if kind == 'skipped':
            self._check_results()

    def _check_results(self) -> None:
        results, self._results = self._results, []
        for value in results:
            if 'now' in value:
                self._compare_data(value['rel'], value['now'])
            elif 'trace/0' in self.relations[value['rel']].scope:
                raise Difference('trace/0 has not left the relation')

    def _compare_data(self, number: int, expected: dict) -> None:
        data = self.model.settings(self.relations[number], 'trace/0')
        if data != expected:
            raise Difference('settings are {}, not {}'.format(data, expected))


# The script's operations, by name. Each takes the player and the operation's arguments.

OPERATIONS: dict[str, Callable[[AgentPlayer, dict[str, Any]], None]] = {}


def operation(*names: str) -> Callable:
    def register(function: Callable) -> Callable:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function
    return register


@operation('note', 'report', 'sleep', 'fail', 'stop-agent')
def do_nothing(player: AgentPlayer, arguments: dict) -> None:
    """The following lines show the effect, if there is one.

    A stopped agent runs no hooks until it starts, and then knows what a restarted one
    does.
    """


@operation('query')
def query(player: AgentPlayer, arguments: dict) -> None:
    """Set which hook tools the recorded charm calls, and when a held hook waits."""
    player.held_before_calls = arguments['query'].get('hold-first', False)


@operation('hold')
def hold(player: AgentPlayer, arguments: dict) -> None:
    player.held_hooks = arguments['hooks']


@operation('wait-held')
def wait_held(player: AgentPlayer, arguments: dict) -> None:
    player.start_held_hook = True


@operation('release')
def release(player: AgentPlayer, arguments: dict) -> None:
    player.held_hooks = []


@operation('wait-idle')
def wait_idle(player: AgentPlayer, arguments: dict) -> None:
    player.expect_idle = True


@operation('update-status')
def update_status(player: AgentPlayer, arguments: dict) -> None:
    player.dispatched.add('update-status')


@operation('start', 'restart-agent', 'crash-agent')
def restart_agent(player: AgentPlayer, arguments: dict) -> None:
    player.model.restart_agent('trace/0')


@operation('resolved')
def resolved(player: AgentPlayer, arguments: dict) -> None:
    unit = player.model.unit('trace/0')
    if unit.failed and arguments['mode'] == 'no-hooks':
        player.model.resolve(unit.name, retry=False)
    elif unit.failed and unit.failed.relation_id and (
            unit.failed.number not in unit.known):
        player.model.resolve(unit.name)     # the recording has no retry of this hook


@operation('leader')
def leader(player: AgentPlayer, arguments: dict) -> None:
    player.model.lead('trace/0' if arguments['value'] else 'trace/none')


@operation('remove-unit')
def remove_unit(player: AgentPlayer, arguments: dict) -> None:
    player.model.remove_unit('trace/0')


@operation('config')
def config(player: AgentPlayer, arguments: dict) -> None:
    player.model.set_config('trace', **arguments['values'])
    player.config_has_changed('trace')


@operation('address')
def address(player: AgentPlayer, arguments: dict) -> None:
    player.model.set_address('trace/0', arguments['text'])


def find_relation(player: AgentPlayer, arguments: dict) -> Relation:
    """Some operations call the relation's number `id`, others `rel`."""
    return player.relations[arguments['id' if 'id' in arguments else 'rel']]


@operation('add-relation')
def add_relation(player: AgentPlayer, arguments: dict) -> None:
    """Relate trace to another application.

    The error messages show that the recorded remote endpoint has a new name each time.
    """
    app, end, number = arguments['app'], arguments['endpoint'], arguments['id']
    ends = {'trace': end}
    if app != 'trace':
        ends[app] = 'remote{}'.format(number)
    if end in player.model.apps['trace'].charm.metadata['provides']:
        ends = dict(reversed(ends.items()))
    player.relations[number] = player.model.add_relation(ends, number)


@operation('remove-relation')
def remove_relation(player: AgentPlayer, arguments: dict) -> None:
    player.model.remove_relation(find_relation(player, arguments))


@operation('force-remove-relation')
def force_remove_relation(player: AgentPlayer, arguments: dict) -> None:
    """Force-remove a relation at once, or after its units have started to depart."""
    relation = find_relation(player, arguments)
    if arguments.get('depart'):
        player.model.remove_relation(relation)
        player.to_force_remove = relation
    else:
        player.model.remove_relation(relation, force=True)


@operation('suspend')
def suspend(player: AgentPlayer, arguments: dict) -> None:
    player.model.suspend(find_relation(player, arguments))


@operation('resume')
def resume(player: AgentPlayer, arguments: dict) -> None:
    player.model.resume(find_relation(player, arguments))


@operation('enter')
def enter(player: AgentPlayer, arguments: dict) -> None:
    """Add a remote unit, whose address follows from its number."""
    unit = arguments['unit']
    player.model.enter(find_relation(player, arguments), unit, {
        **arguments.get('settings', {}),
        'ingress-address': '10.1.0.' + unit.rpartition('/')[2]})


@operation('change')
def change(player: AgentPlayer, arguments: dict) -> None:
    player.model.write(find_relation(player, arguments).bags[arguments['unit']],
                       arguments['settings'])


@operation('leave')
def leave(player: AgentPlayer, arguments: dict) -> None:
    player.model.leave(find_relation(player, arguments), arguments['unit'])


@operation('app-settings')
def app_settings(player: AgentPlayer, arguments: dict) -> None:
    player.model.set_app_data(find_relation(player, arguments), arguments['app'],
                              **arguments['settings'])
