from charms.reactive import RelationBase, hook, scopes


class FlumeProvides(RelationBase):
    scope = scopes.GLOBAL

    @hook('{provides:flume-agent}-relation-joined')
    def joined(self):
        self.set_state('{relation_name}.joined')

    @hook('{provides:flume-agent}-relation-departed')
    def departed(self):
        self.remove_state('{relation_name}.joined')

    def send_configuration(self, port, protocol):
        for conversation in self.conversations():
            conversation.set_remote(data={'port': port, 'protocol': protocol})
            conversation.set_state('{relation_name}.ready')
