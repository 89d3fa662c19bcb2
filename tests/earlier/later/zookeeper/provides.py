from charms.reactive import RelationBase, hook, scopes


class ZookeeperProvides(RelationBase):
    scope = scopes.GLOBAL

    @hook('{provides:zookeeper}-relation-joined')
    def joined(self):
        self.set_state('{relation_name}.joined')

    @hook('{provides:zookeeper}-relation-departed')
    def departed(self):
        self.remove_state('{relation_name}.joined')

    def send_connection(self, port, rest_port=None, host=None):
        for conversation in self.conversations():
            conversation.set_remote(data={'port': port, 'rest_port': rest_port,
                                          'host': host or ''})
            conversation.set_state('{relation_name}.ready')
