"""Charms that keep what their hooks saw, and a model of two of them."""
import json

from juju_standin import Model


class Recorder:
    """A charm that keeps what each of its hooks saw, and runs a script."""

    def __init__(self, script=None, **ends):
        self.metadata = {role: {name: {'interface': 'x'} for name in names}
                         for role, names in ends.items()}
        self.config = {'colour': 'red'}
        self.script = script or (lambda context: None)
        self.contexts = []

    def run(self, context):
        self.contexts.append(context)
        return self.script(context) or 0

    def hooks(self, unit=None):
        return [(c.hook.name.replace('-relation', ''), c.hook.remote_unit)
                for c in self.contexts if unit in (None, c.unit.name)]


def ask(context, *argv):
    """What a hook tool prints as JSON."""
    status, output, errors = context.call([argv[0], '--format=json', *argv[1:]])
    assert status == 0, errors
    return json.loads(output)


def status_of(context, *argv):
    return context.call(list(argv))[0]


def refusal(context, *argv):
    """The exit status and error output of a hook tool that fails."""
    status, _, errors = context.call(list(argv))
    assert status, argv
    return status, errors.decode().strip()


def put(context, *argv, **options):
    status, _, errors = context.call(['relation-set', *argv], **options)
    assert status == 0, errors


class World:
    """Two applications: `server` provides `out`, `client` requires `in` and
    `more`."""

    def __init__(self, profile='3.6', seed=None, units=(1, 1), related=True):
        self.server = Recorder(provides=['out'])
        self.client = Recorder(requires=['in', 'more'])
        self.model = Model(profile, seed)
        self.model.deploy('server', self.server, units[0])
        self.model.deploy('client', self.client, units[1])
        self.relation = None
        if related:
            self.relate()

    def relate(self):
        self.model.settle()
        self.relation = self.model.relate('server:out', 'client:in')
        self.model.settle()
        self.forget()

    def forget(self):
        self.server.contexts.clear()
        self.client.contexts.clear()

    def server_sets(self, *argv, unit='server/0'):
        self.server.script = lambda c: c.unit.name == unit and put(
            c, '-r', 'out:0', *argv) or 0
        self.model.dispatch(unit, 'update-status')
        self.server.script = lambda c: None

    def runs(self, unit='client/0'):
        """Run all that a unit is due: the hooks, as `Recorder.hooks` gives them."""
        found = []
        while due := self.model.pending(unit):
            run = self.model.run(unit, due[0])
            assert not run.status, run.log
            found.append((run.hook.name.replace('-relation', ''),
                          run.hook.remote_unit))
        return found

    def client_does(self, *functions):
        """What functions of a context return in the client's next hook."""
        found = []

        def script(context):
            if not found:
                found.extend(function(context) for function in functions)

        self.client.script = script
        self.model.dispatch('client/0', 'update-status')
        return found if len(found) > 1 else found[0]
