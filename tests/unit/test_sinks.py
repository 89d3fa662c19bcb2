"""The selected sink, which the `get_flume` methods describe."""
import pytest

from .harness import FLUME_REQUIRES


def join_sinks(juju, *numbers):
    juju.deploy(FLUME_REQUIRES)
    for number in numbers:
        juju.join('zk:1', 'sink/{}'.format(number), sink_data(number))


def sink_data(number, **changed):
    """A sink's unit data, which are different for each number."""
    return dict({'host': 'sink-{}'.format(number), 'port': str(4000 + number),
                 'protocol': 'thrift' if number % 2 else 'avro'}, **changed)


def sink(number):
    return tuple(sink_data(number)[key] for key in ('host', 'port', 'protocol'))


def selected(juju):
    endpoint = juju.endpoint()
    return (endpoint.get_flume_ip(), endpoint.get_flume_port(),
            endpoint.get_flume_protocol())


def test_all_methods_describe_the_same_sink(juju):
    join_sinks(juju, 1)
    assert selected(juju) == ('sink-1', '4001', 'thrift')


@pytest.mark.parametrize('method', [
    'get_flume_ip', 'get_flume_port', 'get_flume_protocol'])
def test_methods_raise_lookup_error_without_usable_sink(juju, method):
    join_sinks(juju)
    with pytest.raises(LookupError) as error:
        getattr(juju.endpoint(), method)()
    assert str(error.value) == 'no usable sink on zk'
    juju.join('zk:1', 'sink/0')
    juju.changed('zk:1', 'sink/0', sink_data(0, port='4999'))
    assert selected(juju) == ('sink-0', '4999', 'avro')
    juju.departed('zk:1', 'sink/0')
    with pytest.raises(LookupError, match='^no usable sink on zk$'):
        getattr(juju.endpoint(), method)()


def test_first_sink_in_natural_order_is_selected(juju):
    juju.declare(FLUME_REQUIRES)
    for number in (10, 9, 2):
        juju.skip_joined('zk:1', 'sink/{}'.format(number), sink_data(number))
    juju.hook('upgrade-charm')
    assert selected(juju) == sink(2)


def test_selected_sink_stays_while_others_come_and_go(juju):
    join_sinks(juju, 5, 1, 9)
    assert selected(juju) == sink(5)
    juju.departed('zk:1', 'sink/1')
    assert selected(juju) == sink(5)
    juju.changed('zk:1', 'sink/9', sink_data(9, port='4999'))
    assert selected(juju) == sink(5)
    juju.changed('zk:1', 'sink/5', sink_data(5, port='04005', more='x'))
    assert selected(juju) == sink(5), 'only the spelling has changed'
    for run in juju.update_status, juju.action:
        run()
        assert selected(juju) == sink(5)


@pytest.mark.parametrize('event', [
    lambda juju: juju.departed('zk:1', 'sink/9'),
    lambda juju: juju.changed('zk:1', 'sink/9', {}),
    lambda juju: juju.changed('zk:1', 'sink/9', sink_data(9, port='x')),
    lambda juju: juju.changed('zk:1', 'sink/9', sink_data(9, port='4999')),
    lambda juju: juju.changed('zk:1', 'sink/9', sink_data(9, host='moved')),
    lambda juju: juju.changed('zk:1', 'sink/9', sink_data(9, protocol='avro')),
], ids=['leaves', 'withdraws', 'becomes unusable', 'changes port', 'changes host',
        'changes protocol'])
def test_next_sink_is_selected_after_the_selected_one_leaves_or_changes(juju, event):
    join_sinks(juju, 9, 2, 10, 11)
    assert selected(juju) == sink(9)
    event(juju)
    assert selected(juju) == sink(10)
    juju.update_status()
    assert selected(juju) == sink(10)


def test_first_sink_is_selected_after_the_last(juju):
    join_sinks(juju, 10, 2, 9)
    juju.departed('zk:1', 'sink/10')
    assert selected(juju) == sink(2)


def test_sink_that_returns_is_not_selected_again(juju):
    join_sinks(juju, 1, 2)
    juju.changed('zk:1', 'sink/1', {})
    assert selected(juju) == sink(2)
    juju.changed('zk:1', 'sink/1', sink_data(1))
    assert selected(juju) == sink(2)


def test_next_sink_is_found_by_application_before_relation(juju):
    juju.deploy(FLUME_REQUIRES)
    for number, application in (1, 'b'), (2, 'a'), (3, 'c'):
        juju.join('zk:{}'.format(number), application + '/0', sink_data(number))
    assert selected(juju) == sink(1)
    juju.departed('zk:1', 'b/0')
    assert selected(juju) == sink(3)
    juju.departed('zk:3', 'c/0')
    assert selected(juju) == sink(2)


def test_selected_sink_stays_when_a_new_relation_has_the_same_details(juju):
    join_sinks(juju, 1, 2)
    for number in (1, 2):
        juju.join('zk:2', 'sink/{}'.format(number), sink_data(number))
        assert selected(juju) == sink(1)


def test_next_sink_is_selected_when_a_new_relation_lacks_the_selected_one(juju):
    join_sinks(juju, 1, 2)
    juju.join('zk:2', 'sink/2', sink_data(2))
    assert selected(juju) == sink(2)


def test_sink_is_selected_from_the_newest_relation_with_a_usable_one(juju):
    juju.deploy(FLUME_REQUIRES)
    juju.join('zk:1', 'sink/0', sink_data(1))
    juju.join('zk:2', 'sink/0', sink_data(2))
    assert selected(juju) == sink(2)
    juju.changed('zk:2', 'sink/0', {})
    assert selected(juju) == sink(1)
    juju.changed('zk:1', 'sink/0', {})
    with pytest.raises(LookupError):
        selected(juju)


def test_each_endpoint_has_its_own_selected_sink(juju):
    juju.deploy(FLUME_REQUIRES, 'one', 'two')
    juju.join('one:1', 'sink/1', sink_data(1))
    juju.join('two:2', 'sink/2', sink_data(2))
    assert juju.endpoint('one').get_flume_ip() == 'sink-1'
    assert juju.endpoint('two').get_flume_ip() == 'sink-2'
