from charms.reactive import RelationBase, hook, scopes


class ZookeeperRequires(RelationBase):
    scope = scopes.UNIT

    @hook('{requires:zookeeper}-relation-joined')
    def joined(self):
        self.set_state('{relation_name}.connected')

    @hook('{requires:zookeeper}-relation-changed')
    def changed(self):
        conversation = self.conversation()
        if conversation.get_remote('port') and conversation.get_remote(
                'private-address'):
            if not conversation.is_state('{relation_name}.available'):
                conversation.set_state('{relation_name}.joining')
            conversation.set_state('{relation_name}.available')

    @hook('{requires:zookeeper}-relation-departed')
    def departed(self):
        for state in ('connected', 'available', 'joining'):
            self.remove_state('{relation_name}.' + state)
        self.set_state('{relation_name}.departing')

    def dismiss_joining(self):
        for conversation in self.conversations():
            conversation.remove_state('{relation_name}.joining')

    def dismiss_departing(self):
        for conversation in self.conversations():
            conversation.remove_state('{relation_name}.departing')

    def get_zookeeper_units(self):
        return [(conversation.get_remote('private-address'),
                 conversation.get_remote('port'))
                for conversation in self.conversations()]
