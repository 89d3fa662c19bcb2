"""Replays recordings of one unit's agent, whose model a script changed.

The recorded unit is trace/0. Remote units have no agents; the script acts for them.
"""
from __future__ import annotations

from ..context import Context
from ..state import Hook, Relation
from .player import Counts, Player, compare
from .recording import Difference, Event, Recording


class AgentPlayer(Player):
    """Replays the script's operations, and the hooks of trace/0."""

    def __init__(self, recording: Recording, counts: Counts):
        super().__init__(recording, counts)
        # held hooks: they wait until the script has done more operations
        self.held_hooks: list[str] = []
        # whether held hooks wait before their first call, or after their last one
        self.held_before_calls = False
        # whether the next hook is held: it starts before the script's next operation
        self.start_held_hook = False
        # whether the script waited until no hook was due
        self.expect_idle = False
        # a relation to force-remove at the next line of the script
        self.to_force_remove: Relation | None = None
        # hooks that may run although they are not due
        self.dispatched: set[str] = set()
        # the running hook, and the line where it ends
        self._running: tuple[Event | None, int] = None, 0
        self._context: Context | None = None
        # 'kept' and 'leave-scope' lines, to check at the end of the running hook
        self._results: list[dict] = []
        self._events = {event.position: event for event in recording.events}
        self._deploy_trace()

    def _deploy_trace(self) -> None:
        self.model.deploy('trace', self.charm(
            requires=['zookeeper'], provides=['client'], peers=[]))
        self.model.set_address('trace/0', '10.0.0.5')
        self.model.apps['trace'].config['opt'] = 'a'
        leads = not self.recording.has_operation('leader') and any(
            event.kind == 'leader-elected' for event in self.recording.events)
        self.op_leader({'value': leads})

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
        operation = getattr(self, 'op_' + name.replace('-', '_'), None)
        if not operation:
            raise Difference('unknown operation {}'.format(name))
        try:
            operation(arguments)
        except LookupError as error:
            raise Difference('operation {}: there is no {}'.format(
                name, error)) from error

    def _check_expected_idle(self) -> None:
        expected, self.expect_idle = self.expect_idle, False
        if expected:
            self.check_idle()

    # Hooks.

    def _run_held_hook(self) -> None:
        """Run a held hook, and the operations that the script did meanwhile."""
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
        """Find the held hook that is not recorded because its agent was killed."""
        for hook in self.model.pending('trace/0'):
            if set(self.held_hooks) & {hook.name, '{} {}'.format(
                    hook.name, hook.remote_unit)}:
                return hook
        raise Difference('none of {} is due'.format(', '.join(self.held_hooks)))

    def _find_hook(self, event: Event) -> Hook:
        """Find the recorded hook among those that may run.

        :raises Difference: it is not due
        """
        hook = self.find_due(event)
        if hook:
            return hook
        if not self.model.unit(event.unit).failed and (
                event.name in self.dispatched
                or self.accept_second_config_changed(event)):
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
        if hook.name == 'config-changed' and self.recording.path.parent.name.endswith(
                '-agent'):
            self._restore_read_data()
        next_line = self.recording.lines[max(self.recording.position, end + 1):][:1]
        failed = any('failed' in line for line in next_line)
        if event and failed != bool(run.status):
            raise Difference('{} was {}committed: {}'.format(
                hook, 'not ' * bool(run.status), run.log[-1:]))
        self._check_results()

    def _restore_read_data(self) -> None:
        """Restore addresses that Juju has overwritten in databags that the hook read.

        In these recordings, the script wrote the agent's data after the addresses.
        """
        for (number, owner), data in self._context.own_data.items():
            databag = self.relations[number].databags(owner)[owner]
            self.model.write(databag, {
                key: value for key, value in data.items()
                if key not in self.model.profile.reserved_keys})

    def run_charm(self, context: Context) -> int:
        self._context = context
        event, end = self._running
        if self.held_before_calls:
            self._play_until(end)
        if event:
            compare(context, event.line, self.counts)
        self._play_until(end)
        return event.line['exit'] if event else 1

    # Results of hooks.

    def _check_result(self, line: dict) -> None:
        """Compare the model with a line about the result of a hook."""
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
            elif 'trace/0' in self.relations[value['rel']].units:
                raise Difference('trace/0 has not left the relation')

    def _compare_data(self, number: int, expected: dict) -> None:
        data = self.model.unit_data(self.relations[number], 'trace/0')
        if data != expected:
            raise Difference('data are {}, not {}'.format(data, expected))

    # The script's operations.

    def _relation(self, arguments: dict) -> Relation:
        """Some operations call the relation's number `id`, others `rel`."""
        return self.relations[arguments['id' if 'id' in arguments else 'rel']]

    def op_note(self, arguments: dict) -> None:
        """Do nothing: the following lines show the effect, if there is one.

        stop-agent has no effect of its own: the recording contains no hooks until the
        agent starts, which counts as a restart.
        """

    op_report = op_sleep = op_fail = op_stop_agent = op_note

    def op_query(self, arguments: dict) -> None:
        """Set which hook tools the recorded charm calls, and when a held hook waits."""
        self.held_before_calls = arguments['query'].get('hold-first', False)

    def op_hold(self, arguments: dict) -> None:
        self.held_hooks = arguments['hooks']

    def op_wait_held(self, arguments: dict) -> None:
        self.start_held_hook = True

    def op_release(self, arguments: dict) -> None:
        self.held_hooks = []

    def op_wait_idle(self, arguments: dict) -> None:
        self.expect_idle = True

    def op_update_status(self, arguments: dict) -> None:
        self.dispatched.add('update-status')

    def op_restart_agent(self, arguments: dict) -> None:
        self.model.restart_agent('trace/0')

    op_start = op_crash_agent = op_restart_agent

    def op_resolved(self, arguments: dict) -> None:
        unit = self.model.unit('trace/0')
        if unit.failed and arguments['mode'] == 'no-hooks':
            self.model.resolve(unit.name, retry=False)
        elif unit.failed and unit.failed.relation_id and (
                unit.failed.number not in unit.local_relations):
            self.model.resolve(unit.name)   # the recording has no retry of this hook

    def op_leader(self, arguments: dict) -> None:
        # if this unit does not lead, one without an agent does
        self.model.apps['trace'].leader = (
            'trace/0' if arguments['value'] else 'trace/none')

    def op_remove_unit(self, arguments: dict) -> None:
        self.model.remove_unit('trace/0')

    def op_config(self, arguments: dict) -> None:
        self.model.apps['trace'].config.update(arguments['values'])
        self.config_has_changed('trace')

    def op_address(self, arguments: dict) -> None:
        self.model.set_address('trace/0', arguments['text'])

    def op_add_relation(self, arguments: dict) -> None:
        """Relate trace to another application.

        In the recordings the remote endpoint has a different name in each relation, as
        the error messages show.
        """
        app, own, number = arguments['app'], arguments['endpoint'], arguments['id']
        endpoints = {'trace': own}
        if app != 'trace':
            endpoints[app] = 'remote{}'.format(number)
        if own in self.model.apps['trace'].charm.metadata['provides']:
            endpoints = dict(reversed(endpoints.items()))
        self.relations[number] = self.model.add_relation(endpoints, number)

    def op_remove_relation(self, arguments: dict) -> None:
        self.model.remove_relation(self._relation(arguments))

    def op_force_remove_relation(self, arguments: dict) -> None:
        """Force-remove a relation: at once, or after its units started to depart."""
        relation = self._relation(arguments)
        if arguments.get('depart'):
            self.model.remove_relation(relation)
            self.to_force_remove = relation
        else:
            self.model.remove_relation(relation, force=True)

    def op_suspend(self, arguments: dict) -> None:
        self.model.suspend(self._relation(arguments))

    def op_resume(self, arguments: dict) -> None:
        self.model.resume(self._relation(arguments))

    def op_enter(self, arguments: dict) -> None:
        """Add a remote unit. Its address ends with the unit's number."""
        unit = arguments['unit']
        self.model.enter(self._relation(arguments), unit, {
            **arguments.get('settings', {}),
            'ingress-address': '10.1.0.' + unit.rpartition('/')[2]})

    def op_change(self, arguments: dict) -> None:
        databag = self._relation(arguments).unit_databags[arguments['unit']]
        self.model.write(databag, arguments['settings'])

    def op_leave(self, arguments: dict) -> None:
        self.model.leave(self._relation(arguments), arguments['unit'])

    def op_app_settings(self, arguments: dict) -> None:
        self.model.set_app_data(self._relation(arguments), arguments['app'],
                                **arguments['settings'])
