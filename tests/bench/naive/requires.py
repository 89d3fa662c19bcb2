"""The requires side of the naive layer."""
from charms.reactive import RelationBase, hook, scopes

INTERFACE = __name__.split('.')[-2]
KEYS = {'zookeeper': ('port', 'rest_port'), 'flume-agent': ('port', 'protocol')}


class NaiveRequires(RelationBase):
    scope = scopes.UNIT

    @hook('{requires:%s}-relation-{joined,changed}' % INTERFACE)
    def changed(self):
        conversation = self.conversation()
        conversation.set_state('{relation_name}.connected')
        if conversation.get_remote('port'):
            conversation.set_state('{relation_name}.available')
            conversation.set_state('{relation_name}.joining')

    @hook('{requires:%s}-relation-departed' % INTERFACE)
    def departed(self):
        conversation = self.conversation()
        conversation.remove_state('{relation_name}.connected')
        conversation.remove_state('{relation_name}.available')
        conversation.set_state('{relation_name}.departing')

    def dismiss_joining(self):
        for conversation in self.conversations():
            conversation.remove_state('{relation_name}.joining')

    def dismiss_departing(self):
        for conversation in self.conversations():
            conversation.remove_state('{relation_name}.departing')

    def zookeepers(self):
        return [dict({key: conversation.get_remote(key) for key in KEYS[INTERFACE]},
                     host=conversation.get_remote('host')
                     or conversation.get_remote('private-address'))
                for conversation in self.conversations()]

    agents = zookeepers
