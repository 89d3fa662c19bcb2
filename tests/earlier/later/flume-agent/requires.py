from charms.reactive import RelationBase, hook, scopes


class FlumeRequires(RelationBase):
    scope = scopes.UNIT

    @hook('{requires:flume-agent}-relation-joined')
    def joined(self):
        self.set_state('{relation_name}.joined')

    @hook('{requires:flume-agent}-relation-changed')
    def changed(self):
        if self.get_remote('port'):
            self.set_state('{relation_name}.ready')

    @hook('{requires:flume-agent}-relation-departed')
    def departed(self):
        self.remove_state('{relation_name}.joined')
        self.remove_state('{relation_name}.ready')

    def agents(self):
        return [{'name': conversation.scope.replace('/', '-'),
                 'host': (conversation.get_remote('host')
                          or conversation.get_remote('private-address')),
                 'port': conversation.get_remote('port'),
                 'protocol': conversation.get_remote('protocol')}
                for conversation in self.conversations()
                if conversation.get_remote('port')]
