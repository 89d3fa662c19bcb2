"""A pytest plugin: the fixture `juju_unit`, and the import of interface layers.

The option `interfaces` in pytest.ini, or the variable CHARM_INTERFACES_DIR, names the
directory of the interface layers. Tests can import them as `relations.<interface>`, as
in a built charm.
"""
from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterable
from pathlib import Path

import pytest

from . import accept_any_distribution  # noqa: F401  before hookenv

from charmhelpers.core import unitdata
from charms.reactive.relations import RelationFactory

from .build import INTERFACES_VARIABLE
from .local_unit import LocalUnit, NoHook


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini('interfaces', 'the directory of the interface layers')


def pytest_configure(config: pytest.Config) -> None:
    interfaces = config.getini('interfaces')
    if interfaces:
        # for build(), too
        os.environ[INTERFACES_VARIABLE] = str(config.rootpath / interfaces)
    directory = os.environ.get(INTERFACES_VARIABLE)
    if directory:
        if not os.path.isdir(directory):
            raise pytest.UsageError(
                'interfaces: {} is not a directory'.format(directory))
        module = sys.modules.setdefault('relations', types.ModuleType('relations'))
        # a charm can contain its own interface layers, too
        own = [str(path) for path in [config.rootpath / 'hooks' / 'relations']
               if path.is_dir()]
        module.__path__ = [directory, *own]
        sys.meta_path.append(MissingLayers)


class MissingLayers:
    """The last finder that `import` asks: says where it looked for a layer."""

    @staticmethod
    def find_spec(name: str, path: Iterable[str] | None = None,
                  target: types.ModuleType | None = None) -> None:
        package, _, interface = name.partition('.')
        if package == 'relations' and '.' not in interface and path:
            raise ModuleNotFoundError('interface layer {} not found in {}'.format(
                interface, ' or '.join(path)), name=name)


def refuse_use_between_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make flags and endpoints raise an error while no hook runs."""
    monkeypatch.setattr(unitdata, '_KV', NoHook())
    # endpoint_from_name() first asks these factories
    monkeypatch.setattr(RelationFactory, '_factories', [NoHook()])


@pytest.fixture
def juju_unit(request: pytest.FixtureRequest, tmp_path: Path,
              monkeypatch: pytest.MonkeyPatch) -> LocalUnit:
    """A unit of the charm whose metadata.yaml is beside pytest.ini."""
    if 'relations' not in sys.modules:
        raise pytest.UsageError('set the option `interfaces` in pytest.ini')
    refuse_use_between_hooks(monkeypatch)
    charm_dir = tmp_path / 'charm'
    charm_dir.mkdir()
    return LocalUnit(request.config.rootpath, charm_dir)
