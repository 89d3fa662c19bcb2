"""Explores the states with one remote unit and without faults.

`tox -e exhaustive` runs all explorations.
"""
from pathlib import Path

import pytest
from juju_standin.profile import PROFILES

from .bounds import EXPLORATIONS, Bounds
from .events import Event
from .explore import Explorer
from .invariants import Violation
from .layer_internals import endpoint_class
from .model_state import CLASSES

ONE_UNIT = Bounds(('a/2',), faults=0)
# goal-state names the unit
SAME_MODEL = Bounds(('a/2',), faults=0, same_model=True)
# a client whose server uses the application-data protocol, with fewer events
APP_DATA = Bounds(('a/2',), faults=0, app_data_servers=('a',), reduction=1)


@pytest.mark.parametrize('bounds', [ONE_UNIT, SAME_MODEL],
                         ids=['another model', 'same model'])
@pytest.mark.parametrize('name', CLASSES)
def test_all_states_satisfy_the_invariants(name, bounds):
    explorer = Explorer(name, bounds, list(PROFILES))
    explorer.explore()
    assert len(explorer.states) > 100
    assert explorer.transitions > 5 * len(explorer.states)
    assert explorer.skipped_transitions > 0


def test_all_states_with_an_app_data_server_satisfy_the_invariants():
    explorer = Explorer('ZookeeperRequires', APP_DATA, list(PROFILES))
    explorer.explore()
    assert len(explorer.states) > 100
    assert any(b'secret-user' in state.model for state in explorer.states)


# Clauses of docs/guarantees.md.
EVERY_STATE = 'It explores every state that up to three remote units can cause, '
SAME_MODEL_CLAUSE = ('With one or two units of the same model, it explores what '
                     '`goal-state` corrects, with each single fault.')
ONE_SERVER = ('For servers that require a request, it explores one server with each '
              'single fault.')
# {(same model, units, servers of the application-data protocol, faults): clause}
CLAUSES = {
    (False, 3, 0, 0): EVERY_STATE + 'without faults',
    (False, 3, 0, 1): EVERY_STATE + 'without faults and with each single fault.',
    (False, 1, 0, 1): EVERY_STATE + 'without faults and with each single fault.',
    (False, 2, 0, 2): 'With two remote units, it also explores pairs of faults.',
    (True, 1, 0, 1): SAME_MODEL_CLAUSE, (True, 2, 0, 1): SAME_MODEL_CLAUSE,
    (False, 1, 1, 0): ONE_SERVER, (False, 1, 1, 1): ONE_SERVER,
    (False, 2, 2, 0): 'Without faults, it also explores two such servers, ',
    (False, 2, 1, 0): 'and one such server together with a server of the unit-data '
                      'protocol.'}


def test_guarantees_page_names_the_bounds():
    page = (Path(__file__).parents[2] / 'docs' / 'guarantees.md').read_text()
    text = ' '.join(page.split())
    assert [clause for clause in CLAUSES.values() if clause not in text] == []
    assert CLAUSES.keys() == {
        (bounds.same_model, len(bounds.units), len(bounds.app_data_servers),
         bounds.faults) for bounds, _ in EXPLORATIONS}


def test_violation_shows_the_history_that_leads_to_it(monkeypatch):
    explorer = Explorer('ZookeeperRequires', ONE_UNIT, ['4.0'])
    # the first hook imports the layer
    explorer.replay([Event('hook', hook='config-changed', release='4.0')])
    monkeypatch.setattr(endpoint_class('relations.zookeeper'), 'dismiss_departing',
                        lambda self: None)
    with pytest.raises(Violation) as violation:
        explorer.explore()
    first, second, *events = str(violation.value).splitlines()
    assert first.startswith('ZookeeperRequires under Juju 4.0: flags ')
    assert second.startswith("Explorer('ZookeeperRequires', Bounds(")
    assert "hook='ep-relation-departed'" in events[-3] + events[-2]
    assert events[-1] == '])'
