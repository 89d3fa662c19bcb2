"""A model on the `juju` command's controller, and the same model in the stand-in."""
import subprocess

import pytest

try:
    import jubilant
except ImportError:     # with Juju 2.9
    import jubilant_backports as jubilant

import juju_standin

from .charms import EXAMPLES, NAMES, build_file
from .operator import Operator
from .stand_in import Juju

# Seconds to wait for units. Machines have to start and to install packages.
TIMEOUT = 3600


def pytest_addoption(parser):
    parser.addoption('--keep-models', action='store_true',
                     help='keep the model after the tests, to inspect it')


@pytest.fixture(scope='session')
def controller():
    """Skips the tests if no controller answers."""
    try:
        subprocess.run(['juju', 'models'], check=True, timeout=60, text=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except FileNotFoundError:
        pytest.skip('no juju command')
    except subprocess.CalledProcessError as error:
        pytest.skip('juju cannot reach a controller: {}'.format(error.stderr.strip()))
    except subprocess.TimeoutExpired:
        pytest.skip('the controller of juju does not answer')


@pytest.fixture(scope='session')
def real(controller, request):
    """The operator of a new model on the controller."""
    target = EXAMPLES / 'build'
    target.mkdir(exist_ok=True)
    for name in NAMES:
        build_file(name, target)
    keep = request.config.getoption('--keep-models')
    with jubilant.temp_model(keep=keep) as juju:
        juju.wait_timeout = TIMEOUT
        yield Operator(juju)


@pytest.fixture(scope='session')
def stand_in(real):
    """The operator of a model in the stand-in, with the controller's major version."""
    major = real.juju.status().model.version.split('.')[0]
    release, = [name for name in juju_standin.PROFILES if name.split('.')[0] == major]
    return Operator(Juju(release, lambda name: juju_standin.InProcessCharm(
        juju_standin.build_once(EXAMPLES / name))))
