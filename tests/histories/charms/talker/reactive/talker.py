from subprocess import CalledProcessError

from charmhelpers.core import hookenv
from charms.reactive import endpoint_from_name, when_not

ENDPOINTS = ('zkclient', 'zk_2-b', 'source')


@when_not('never')
def talk():
    config = hookenv.config()
    for name in ENDPOINTS:
        endpoint = endpoint_from_name(name)
        if name == 'source':
            endpoint.send_configuration(config['port'], 'thrift')
        else:
            endpoint.send_port(config['port'], rest_port=9998)
        if config['raw']:
            raw = '' if config['raw'] == 'none' else config['raw']
            for rid in hookenv.relation_ids(name):
                try:
                    hookenv.relation_set(rid, {'port': raw})
                except CalledProcessError:
                    pass    # a ghost, which refuses a charm as it refuses a layer
        if config['dismiss']:
            endpoint.dismiss_joining()
            endpoint.dismiss_departing()
