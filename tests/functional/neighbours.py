"""Neighbours that know nothing of these layers."""


class Publisher:
    """A provider without a framework: each unit publishes what it is told to."""

    config = {}

    def __init__(self, interface, **settings):
        self.metadata = {'provides': {'end': {'interface': interface}}}
        self.settings = settings
        # {unit: settings} of those that publish others
        self.own = {}

    def run(self, context):
        settings = self.own.get(context.unit.name, self.settings)
        status, output, _ = context.call(['relation-ids', 'end'])
        for rid in output.decode().split():
            status = status or context.call(
                ['relation-set', '-r', rid,
                 *['{}={}'.format(*pair) for pair in settings.items()]])[0]
        return status
