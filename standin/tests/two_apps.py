"""Two applications whose charms record their hooks, for the stand-in's tests."""
import json

from juju_standin import Model


class ScriptedCharm:
    """A charm that records its hooks and runs a script in each.

    The script gets the hook's context. The hook fails if it returns a true value.
    """

    def __init__(self, script=None, **endpoints):
        self.metadata = {role: {name: {'interface': 'x'} for name in names}
                         for role, names in endpoints.items()}
        self.config = {'colour': 'red'}
        self.script = script or (lambda context: None)
        self.contexts = []

    def run(self, context):
        self.contexts.append(context)
        return self.script(context) or 0

    def hooks(self, unit=None):
        """The hooks that have run, in the form of `name_and_unit`."""
        return [name_and_unit(context.hook) for context in self.contexts
                if unit in (None, context.unit.name)]


def name_and_unit(hook):
    """A hook's name, without `-relation`, and its remote unit or ''."""
    return hook.name.replace('-relation', ''), hook.remote_unit


def query(context, *argv):
    """Run a hook tool, and return its parsed JSON output."""
    status, output, errors = context.call([argv[0], '--format=json', *argv[1:]])
    assert status == 0, errors
    return json.loads(output)


def exit_status(context, *argv):
    return context.call(list(argv))[0]


def failure(context, *argv):
    """Run a hook tool that fails, and return its exit status and error output."""
    status, _, errors = context.call(list(argv))
    assert status, argv
    return status, errors.decode().strip()


def relation_set(context, *argv, **options):
    status, _, errors = context.call(['relation-set', *argv], **options)
    assert status == 0, errors


class TwoApps:
    """`server` provides the endpoint `out`; `client` requires `in` and `more`.

    `server:out` and `client:in` are related, unless `related` is false.
    """

    def __init__(self, release='3.6', seed=None, units=(1, 1), related=True):
        self.server = ScriptedCharm(provides=['out'])
        self.client = ScriptedCharm(requires=['in', 'more'])
        self.model = Model(release, seed)
        self.model.deploy('server', self.server, units[0])
        self.model.deploy('client', self.client, units[1])
        self.relation = None
        if related:
            self.relate()

    def relate(self):
        """Relate the applications, run all hooks, and forget them."""
        self.model.settle()
        self.relation = self.model.relate('server:out', 'client:in')
        self.settle_and_clear()

    def settle_and_clear(self):
        self.model.settle()
        self.clear_hooks()

    def clear_hooks(self):
        self.server.contexts.clear()
        self.client.contexts.clear()

    def enter(self, *units, **data):
        """Add units that have no agent to the relation."""
        for unit in units:
            self.model.enter(self.relation, unit, data)

    def server_writes(self, *pairs, unit='server/0'):
        """Write unit data of the server in an update-status hook."""
        self.server.script = lambda context: context.unit.name == unit and relation_set(
            context, '-r', 'out:0', *pairs) or 0
        self.model.dispatch(unit, 'update-status')
        self.server.script = lambda context: None

    def server_data(self):
        return self.model.unit_data(self.relation, 'server/0')

    def client_data(self):
        return self.model.unit_data(self.relation, 'client/0')

    def run_next(self, unit='client/0'):
        """Run the first due hook of a unit."""
        return self.model.run(unit, self.model.pending(unit)[0])

    def run_due(self, unit='client/0'):
        """Run all due hooks of a unit; return them in the form of `name_and_unit`."""
        hooks = []
        while self.model.pending(unit):
            run = self.run_next(unit)
            assert not run.status, run.log
            hooks.append(name_and_unit(run.hook))
        return hooks

    def in_client_hook(self, *functions):
        """Call functions with the context of an update-status hook of client/0.

        Return the function's result, or a list if there are several.
        """
        results = []

        def script(context):
            if not results:
                results.extend(function(context) for function in functions)

        self.client.script = script
        self.model.dispatch('client/0', 'update-status')
        return results if len(results) > 1 else results[0]
