"""The provides side of the naive layer."""
from charms.reactive import RelationBase, hook, scopes

INTERFACE = __name__.split('.')[-2]


class NaiveProvides(RelationBase):
    scope = scopes.UNIT

    @hook('{provides:%s}-relation-{joined,changed}' % INTERFACE)
    def changed(self):
        conversation = self.conversation()
        conversation.set_state('{relation_name}.connected')
        conversation.set_state('{relation_name}.joining')

    @hook('{provides:%s}-relation-departed' % INTERFACE)
    def departed(self):
        conversation = self.conversation()
        conversation.remove_state('{relation_name}.connected')
        conversation.set_state('{relation_name}.departing')

    def dismiss_joining(self):
        for conversation in self.conversations():
            conversation.remove_state('{relation_name}.joining')

    def dismiss_departing(self):
        for conversation in self.conversations():
            conversation.remove_state('{relation_name}.departing')

    def send_port(self, port):
        for conversation in self.conversations():
            conversation.set_remote(port=port)

    def send_configuration(self, port, protocol='avro'):
        for conversation in self.conversations():
            conversation.set_remote(port=port, protocol=protocol)
