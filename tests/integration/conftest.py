"""A model on the controller that the `juju` command is connected to, and one beside it
in the stand-in."""
import subprocess

import pytest

try:
    import jubilant
except ImportError:     # the one that Juju 2.9 needs
    import jubilant_backports as jubilant

import juju_standin

from .charms import EXAMPLES, NAMES, build_file
from .operator import Operator
from .stand_in import Juju

# For machines to start and install what charms need, in seconds.
PATIENCE = 3600


def pytest_addoption(parser):
    parser.addoption('--keep-models', action='store_true',
                     help='leave the model where it is, to look at it afterwards')


@pytest.fixture(scope='session')
def controller():
    """There is a controller, and it answers."""
    try:
        subprocess.run(['juju', 'models'], check=True, timeout=60, text=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except FileNotFoundError:
        pytest.skip('there is no juju command')
    except subprocess.CalledProcessError as error:
        pytest.skip('juju reaches no controller: {}'.format(error.stderr.strip()))
    except subprocess.TimeoutExpired:
        pytest.skip('juju reaches no controller: it does not answer')


@pytest.fixture(scope='session')
def real(controller, request):
    """The operator of a model there."""
    target = EXAMPLES / 'build'
    target.mkdir(exist_ok=True)
    for name in NAMES:
        build_file(name, target)
    keep = request.config.getoption('--keep-models')
    with jubilant.temp_model(keep=keep) as juju:
        juju.wait_timeout = PATIENCE
        yield Operator(juju)


@pytest.fixture(scope='session')
def stand_in(real):
    """The operator of a model in the stand-in for the controller's release."""
    major = real.juju.status().model.version.split('.')[0]
    profile, = [name for name in juju_standin.PROFILES if name.split('.')[0] == major]
    return Operator(Juju(profile, lambda name: juju_standin.InProcessCharm(
        juju_standin.built(EXAMPLES / name))))
