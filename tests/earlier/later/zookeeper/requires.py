from charms.reactive import RelationBase, hook, scopes


class ZookeeperRequires(RelationBase):
    scope = scopes.UNIT

    @hook('{requires:zookeeper}-relation-joined')
    def joined(self):
        self.set_state('{relation_name}.joined')

    @hook('{requires:zookeeper}-relation-changed')
    def changed(self):
        if self.get_remote('port'):
            self.set_state('{relation_name}.ready')

    @hook('{requires:zookeeper}-relation-departed')
    def departed(self):
        self.remove_state('{relation_name}.joined')
        self.remove_state('{relation_name}.ready')

    def zookeepers(self):
        found = []
        for conversation in self.conversations():
            if conversation.get_remote('port'):
                found.append({
                    'host': (conversation.get_remote('host')
                             or conversation.get_remote('private-address')),
                    'port': conversation.get_remote('port'),
                    'rest_port': conversation.get_remote('rest_port')})
        return found
