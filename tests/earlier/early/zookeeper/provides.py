from charms.reactive import RelationBase, hook, scopes


class ZookeeperProvides(RelationBase):
    scope = scopes.GLOBAL

    @hook('{provides:zookeeper}-relation-joined')
    def joined(self):
        self.set_state('{relation_name}.connected')
        self.set_state('{relation_name}.joining')

    @hook('{provides:zookeeper}-relation-changed')
    def changed(self):
        self.set_state('{relation_name}.available')

    @hook('{provides:zookeeper}-relation-departed')
    def departed(self):
        for state in ('connected', 'available', 'joining'):
            self.remove_state('{relation_name}.' + state)
        self.set_state('{relation_name}.departing')

    def dismiss_joining(self):
        self.remove_state('{relation_name}.joining')

    def dismiss_departing(self):
        self.remove_state('{relation_name}.departing')

    def send_port(self, port):
        for conversation in self.conversations():
            conversation.set_remote('port', port)
