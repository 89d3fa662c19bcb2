"""The scenario: an operator's commands for the example bundle, and expected messages.

A real controller and the stand-in run the same steps.
"""
from typing import NamedTuple


class Step(NamedTuple):
    """Commands, and the messages of some units in `juju status` after them."""
    title: str
    # Arguments of `juju`; or `update-status`, which runs in each unit; or
    # `relate-again`, which removes a relation and makes it again at once.
    commands: list[str]
    # messages by unit; names of units replace their addresses
    messages: dict[str, str]
    # an application to which no client must have sent a request
    without_requests: str = ''


SIX_CLIENTS = ['kafka{}/0'.format(number) for number in range(6)]

SCENARIO = [
    Step('the bundle is deployed',
         ['deploy ./examples/bundle.yaml'],
         {'client/0': 'using zookeeper/0:2181,zookeeper/1:2181,zookeeper/2:2181',
          'agent/0': 'sending to sink/0, sink/1'}),
    Step('a server and a sink are added',
         ['add-unit zookeeper',
          'add-unit sink'],
         {'client/0': 'using zookeeper/0:2181,zookeeper/1:2181,zookeeper/2:2181,'
                      'zookeeper/3:2181',
          'agent/0': 'sending to sink/0, sink/1, sink/2'}),
    Step('a second application is added on each side',
         ['deploy ./examples/build/zookeeper-client.charm other',
          'deploy ./examples/build/flume-sink.charm archive',
          'relate zookeeper:zkclient other:zookeeper',
          'relate archive:source agent:sink'],
         {'other/0': 'using zookeeper/0:2181,zookeeper/1:2181,zookeeper/2:2181,'
                     'zookeeper/3:2181',
          'agent/0': 'sending to archive/0, sink/0, sink/1, sink/2'}),
    Step('ports are changed',
         ['config zookeeper port=2182',
          'config sink port=4142'],
         {'client/0': 'using zookeeper/0:2182,zookeeper/1:2182,zookeeper/2:2182,'
                      'zookeeper/3:2182',
          'other/0': 'using zookeeper/0:2182,zookeeper/1:2182,zookeeper/2:2182,'
                     'zookeeper/3:2182'}),
    Step('a server and a sink are removed',
         ['remove-unit --no-prompt zookeeper/0',
          'remove-unit --no-prompt sink/0'],
         {'client/0': 'using zookeeper/1:2182,zookeeper/2:2182,zookeeper/3:2182',
          'agent/0': 'sending to archive/0, sink/1, sink/2'}),
    Step('relations are removed',
         ['remove-relation zookeeper:zkclient client:zookeeper',
          'remove-relation sink:source agent:sink'],
         {'client/0': 'needs a relation to ZooKeeper',
          'other/0': 'using zookeeper/1:2182,zookeeper/2:2182,zookeeper/3:2182',
          'agent/0': 'sending to archive/0'}),
    Step('relations are made again',
         ['relate zookeeper:zkclient client:zookeeper',
          'relate sink:source agent:sink'],
         {'client/0': 'using zookeeper/1:2182,zookeeper/2:2182,zookeeper/3:2182',
          'agent/0': 'sending to archive/0, sink/1, sink/2'}),
    Step('a departed hook fails and is skipped',
         ['config client conf-dir=conf',
          'exec --unit client/0 rm conf/client.cfg && mkdir conf/client.cfg',
          'remove-unit --no-prompt zookeeper/1',
          'resolved --no-retry client/0',
          'exec --unit client/0 rmdir conf/client.cfg',
          'update-status'],
         {'client/0': 'using zookeeper/2:2182,zookeeper/3:2182',
          'other/0': 'using zookeeper/2:2182,zookeeper/3:2182'}),
    Step('a server and a sink are removed by force',
         ['add-unit zookeeper',
          'update-status',
          'remove-unit --no-prompt --force --no-wait zookeeper/2 sink/1',
          'update-status'],
         {'client/0': 'using zookeeper/3:2182,zookeeper/4:2182',
          'other/0': 'using zookeeper/3:2182,zookeeper/4:2182',
          'agent/0': 'sending to archive/0, sink/2'}),
    Step('relations are removed by force',
         ['remove-relation --force zookeeper:zkclient client:zookeeper',
          'remove-relation --force sink:source agent:sink',
          'update-status'],
         {'other/0': 'using zookeeper/3:2182,zookeeper/4:2182',
          'agent/0': 'sending to archive/0'}),
    Step('relations are made again beside the force-removed ones',
         ['relate zookeeper:zkclient client:zookeeper',
          'relate sink:source agent:sink',
          'update-status'],
         {'client/0': 'using zookeeper/3:2182,zookeeper/4:2182',
          'agent/0': 'sending to archive/0, sink/2'}),
    Step('charms are refreshed',
         ['refresh zookeeper --path ./examples/build/zookeeper-server.charm',
          'refresh client --path ./examples/build/zookeeper-client.charm',
          'refresh sink --path ./examples/build/flume-sink.charm',
          'refresh agent --path ./examples/build/flume-agent.charm'],
         {'client/0': 'using zookeeper/3:2182,zookeeper/4:2182',
          'agent/0': 'sending to archive/0, sink/2'}),
    Step('relations are removed and made again at once',
         ['relate-again zookeeper:zkclient other:zookeeper',
          'relate-again archive:source agent:sink',
          'update-status',
          'update-status'],
         {'other/0': 'using zookeeper/3:2182,zookeeper/4:2182',
          'agent/0': 'sending to archive/0, sink/2'}),
    Step('a server and six clients are deployed at once',
         ['deploy ./tests/integration/six-clients.yaml'],
         {client: 'using zk/0:2181' for client in SIX_CLIENTS},
         without_requests='zk'),
    Step('all units are removed',
         ['remove-unit --no-prompt zookeeper/3 zookeeper/4 sink/2 archive/0 client/0 '
          'other/0 agent/0 zk/0 ' + ' '.join(SIX_CLIENTS)],
         {}),
    Step('units are added again',
         ['add-unit ' + app for app in (
             'client', 'other', 'agent', 'zookeeper', 'sink', 'archive')],
         {'client/1': 'using zookeeper/5:2182',
          'other/1': 'using zookeeper/5:2182',
          'agent/1': 'sending to archive/1, sink/3'}),
]
