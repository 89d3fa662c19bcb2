import json

from charmhelpers.core import hookenv
from charms.reactive import endpoint_from_name, when_not

ENDPOINTS = ('zookeeper', 'zk_3-c', 'sink')


def sink(endpoint):
    try:
        return [endpoint.get_flume_ip(), endpoint.get_flume_port(),
                endpoint.get_flume_protocol()]
    except LookupError:
        return None


@when_not('never')
def listen():
    seen = {}
    for name in ENDPOINTS:
        endpoint = endpoint_from_name(name)
        if hookenv.config('dismiss'):
            endpoint.dismiss_joining()
            endpoint.dismiss_departing()
        seen[name] = (endpoint.agents() if name == 'sink'
                      else endpoint.zookeepers())
    seen['one sink'] = sink(endpoint_from_name('sink'))
    with open('seen.json', 'w') as file:
        json.dump(seen, file)
