"""A server of the later protocol, made as the charms are that speak it."""
import warnings

import ops

# of pydantic, of how the library declares its fields
warnings.filterwarnings('ignore', module='pydantic')

from dpcharmlibs.interfaces import (  # noqa: E402
    RequirerCommonModel, ResourceProviderEventHandler, ResourceProviderModel)

CA = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----'


class GrantingServer(ops.CharmBase):

    def __init__(self, framework):
        super().__init__(framework)
        self.clients = ResourceProviderEventHandler(self, 'zookeeper',
                                                    RequirerCommonModel)
        framework.observe(self.clients.on.resource_requested, self._requested)
        framework.observe(self.on.config_changed, self._changed)
        framework.observe(self.on['zookeeper'].relation_broken, self._broken)

    def _requested(self, event):
        self._grant(event.relation, event.request)
        self.unit.status = ops.ActiveStatus('{} asked for {} with {}'.format(
            event.app.name, event.request.resource, event.request.extra_user_roles))

    def _changed(self, event):
        for relation in self.model.relations['zookeeper']:
            for request in self.clients.requests(relation):
                self._grant(relation, request)

    def _grant(self, relation, request):
        path, tls = self.config['below'] + request.resource, self.config['tls']
        server = '{}:{}'.format(
            self.model.get_binding(relation).network.ingress_address,
            self.config['port'])
        # the library drops the URIs of secrets from an answer that is begun anew
        answer, = self.clients.responses(relation, ResourceProviderModel)
        answer.update(ResourceProviderModel(
            resource=path, endpoints=server, uris=server + path,
            username='relation-{}'.format(relation.id),
            password=self.config['password'], tls=tls, tls_ca=CA if tls else None))
        self.clients.set_response(relation.id, answer)

    def _broken(self, event):
        for group in 'user', 'tls':
            label = 'zookeeper.{}.{}.secret'.format(event.relation.id, group)
            try:
                self.model.get_secret(label=label).remove_all_revisions()
            except ops.SecretNotFoundError:
                pass    # nothing was asked for


if __name__ == '__main__':
    ops.main(GrantingServer)
