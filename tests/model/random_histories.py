"""What the tests with random histories share.

A failure prints the shortest history that hypothesis found. To reproduce it, decorate
`Histories` with the printed `@reproduce_failure(...)`, or paste the printed steps in a
test that sets `Histories.release` and `Histories.charms`.

The environment variable HISTORIES is the number of histories for each release of Juju.
"""
import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (RuleBasedStateMachine, rule,
                                 run_state_machine_as_test)
from juju_standin.local_unit import FULL_READ_HOOKS
from juju_standin.state import natural_order

HISTORIES = int(os.environ.get('HISTORIES', 8))
numbers = st.integers(0, 7)


class RandomHistories(RuleBasedStateMachine):
    """Hooks of a random model, which can fail or be skipped.

    Subclasses create `model`, and have rules that change it.
    """

    release = charms = None     # the test sets them
    tested_apps = ()    # whose hooks are dispatched and fail; by default, those of all
    expects_failure = False     # whether the running hook should fail

    def note_lost_event(self):
        """Called when a unit may have missed an event until its next full read."""

    def unit_name(self, number, *apps):
        """One of the units of these applications, or of all."""
        names = sorted((name for name in self.model.units
                        if not apps or name.split('/')[0] in apps), key=natural_order)
        return names[number % len(names)] if names else None

    @rule(hooks=st.integers(1, 9))
    def run_hooks(self, hooks):
        for _ in range(hooks):
            self.model.step()

    @rule(number=numbers, late=st.booleans(), skip=st.booleans())
    def fail_hook(self, number, late, skip):
        """A unit's next hook fails; the operator retries or skips it."""
        name = self.unit_name(number, *self.tested_apps)
        for hook in self.model.pending(name)[:1] if name else ():
            self.model.fail_next(name, hook.name, late=late)
            self.expects_failure = True
            self.model.run(name, hook)
            self.expects_failure = False
            self.model.resolve(name, retry=not skip)
            if skip:
                self.note_lost_event()

    def run_with_failing_tools(self, name, tools, error='ERROR refused', hook=''):
        """Hook tools fail in a unit's next hook, or in this one; it does not fail."""
        self.model.fail_tools(name, tools, error)
        if hook:
            self.run_unit_hook(name, hook)
        else:
            for due in self.model.pending(name)[:1]:
                self.model.run(name, due)
        if name in self.model.units:
            self.model.restore_tools(name)

    @rule(number=numbers)
    def restart_agent(self, number):
        name = self.unit_name(number)
        if name:
            self.model.restart_agent(name)

    @rule(number=numbers, hook=st.sampled_from([*FULL_READ_HOOKS, 'config-changed']))
    def dispatch(self, number, hook):
        name = self.unit_name(number, *self.tested_apps)
        if name:
            self.run_unit_hook(name, hook)

    def run_unit_hook(self, name, hook):
        unit = self.model.unit(name)
        if not unit.dying and 'start' in unit.committed_hooks:
            self.model.dispatch(name, hook)


def run_histories(histories, release, charms):
    """Run random histories of a class with a release of Juju."""
    machine = type(histories.__name__, (histories,),
                   {'release': release, 'charms': charms})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=HISTORIES, stateful_step_count=30, deadline=None,
        print_blob=True, suppress_health_check=list(HealthCheck)))
