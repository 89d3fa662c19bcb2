"""The one sink that the get_flume methods are about."""
import pytest

from .harness import FLUME_REQUIRES


def sinks(juju, *numbers):
    juju.deploy(FLUME_REQUIRES)
    for number in numbers:
        juju.join('zk:1', 'sink/{}'.format(number), settings(number))


def settings(number, **changed):
    """Settings of which each tells the unit."""
    return dict({'host': 'sink-{}'.format(number), 'port': str(4000 + number),
                 'protocol': 'thrift' if number % 2 else 'avro'}, **changed)


def current(juju):
    endpoint = juju.endpoint()
    return (endpoint.get_flume_ip(), endpoint.get_flume_port(),
            endpoint.get_flume_protocol())


def sink(number):
    return tuple(settings(number)[key] for key in ('host', 'port', 'protocol'))


def test_all_three_are_of_one_sink(juju):
    sinks(juju, 1)
    assert current(juju) == ('sink-1', '4001', 'thrift')


@pytest.mark.parametrize('method', [
    'get_flume_ip', 'get_flume_port', 'get_flume_protocol'])
def test_without_a_usable_sink_they_say_so(juju, method):
    sinks(juju)
    with pytest.raises(LookupError) as error:
        getattr(juju.endpoint(), method)()
    assert str(error.value) == 'no usable sink on zk'
    juju.join('zk:1', 'sink/0', {'host': 'sink-0'})
    with pytest.raises(LookupError) as error:
        getattr(juju.endpoint(), method)()
    assert str(error.value) == 'no usable sink on zk'


def test_the_last_sink_leaving_is_told(juju):
    sinks(juju, 1)
    juju.departed('zk:1', 'sink/1')
    with pytest.raises(LookupError, match='^no usable sink on zk$'):
        juju.endpoint().get_flume_ip()


def test_the_first_in_order_is_taken_of_those_there_at_first(juju):
    juju.declare(FLUME_REQUIRES)
    for number in (10, 9, 2):
        juju.skip_joined('zk:1', 'sink/{}'.format(number), settings(number))
    juju.hook('upgrade-charm')
    assert current(juju) == sink(2)


def test_it_stays_when_others_come_and_go(juju):
    sinks(juju, 5, 1, 9)
    assert current(juju) == sink(5)
    juju.departed('zk:1', 'sink/1')
    assert current(juju) == sink(5)
    juju.changed('zk:1', 'sink/9', settings(9, port='4999'))
    assert current(juju) == sink(5)
    juju.changed('zk:1', 'sink/5')
    assert current(juju) == sink(5)
    juju.update_status()
    assert current(juju) == sink(5)
    juju.hook('config-changed')
    assert current(juju) == sink(5)
    juju.action()
    assert current(juju) == sink(5)


def test_it_stays_in_other_spellings_of_the_same(juju):
    sinks(juju, 5, 9)
    juju.changed('zk:1', 'sink/5', settings(5, port='04005', more='x'))
    assert current(juju) == sink(5)


@pytest.mark.parametrize('event', [
    lambda juju: juju.departed('zk:1', 'sink/9'),
    lambda juju: juju.changed('zk:1', 'sink/9', {}),
    lambda juju: juju.changed('zk:1', 'sink/9', settings(9, port='x')),
    lambda juju: juju.changed('zk:1', 'sink/9', settings(9, port='4999')),
    lambda juju: juju.changed('zk:1', 'sink/9', settings(9, host='moved')),
    lambda juju: juju.changed('zk:1', 'sink/9', settings(9, protocol='avro')),
], ids=['leaves', 'withdraws', 'is spoiled', 'changes its port', 'moves',
        'changes its protocol'])
def test_it_passes_to_the_next_when_it(juju, event):
    sinks(juju, 9, 2, 10, 11)
    assert current(juju) == sink(9)
    event(juju)
    assert current(juju) == sink(10)
    juju.update_status()
    assert current(juju) == sink(10)


def test_after_the_last_comes_the_first(juju):
    sinks(juju, 10, 2, 9)
    juju.departed('zk:1', 'sink/10')
    assert current(juju) == sink(2)


def test_one_that_changes_alone_is_its_own_next(juju):
    sinks(juju, 1)
    juju.changed('zk:1', 'sink/1', settings(1, port='4999'))
    assert current(juju) == ('sink-1', '4999', 'thrift')


def test_one_that_returns_does_not_take_over(juju):
    sinks(juju, 1, 2)
    juju.changed('zk:1', 'sink/1', {})
    assert current(juju) == sink(2)
    juju.changed('zk:1', 'sink/1', settings(1))
    assert current(juju) == sink(2)


def test_next_goes_by_application_before_relation(juju):
    juju.deploy(FLUME_REQUIRES)
    for number, application in (1, 'b'), (2, 'a'), (3, 'c'):
        juju.join('zk:{}'.format(number), application + '/0', settings(number))
    assert current(juju) == sink(1)
    juju.departed('zk:1', 'b/0')
    assert current(juju) == sink(3)
    juju.departed('zk:3', 'c/0')
    assert current(juju) == sink(2)


def test_it_stays_when_a_new_relation_serves_it_with_the_same(juju):
    sinks(juju, 1, 2)
    for number in (1, 2):
        juju.join('zk:2', 'sink/{}'.format(number), settings(number))
        assert current(juju) == sink(1)


def test_it_is_passed_on_when_a_new_relation_serves_others(juju):
    sinks(juju, 1, 2)
    juju.join('zk:2', 'sink/2', settings(2))
    assert current(juju) == sink(2)


def test_it_is_of_the_newest_relation_that_serves(juju):
    juju.deploy(FLUME_REQUIRES)
    juju.join('zk:1', 'sink/0', settings(1))
    juju.join('zk:2', 'sink/0', settings(2))
    assert current(juju) == sink(2)
    juju.changed('zk:2', 'sink/0', {})
    assert current(juju) == sink(1)
    juju.changed('zk:1', 'sink/0', {})
    with pytest.raises(LookupError):
        current(juju)


def test_each_endpoint_has_its_own_sink(juju):
    juju.deploy(FLUME_REQUIRES, 'one', 'two')
    juju.join('one:1', 'sink/1', settings(1))
    juju.join('two:2', 'sink/2', settings(2))
    assert juju.endpoint('one').get_flume_ip() == 'sink-1'
    assert juju.endpoint('two').get_flume_ip() == 'sink-2'


def test_a_sink_lost_by_force_is_passed_on_when_it_is_noticed(juju):
    sinks(juju, 1)
    juju.join('zk:2', 'sink/2', settings(2))
    juju.end()
    juju.remove_without_hook('zk:1')
    juju.update_status()
    assert current(juju) == sink(2)
