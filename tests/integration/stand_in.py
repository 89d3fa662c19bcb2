"""The part of jubilant's interface that the scenario uses, for the stand-in."""
from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from juju_standin import InProcessCharm, Model, Relation

from .operator import UPDATE_STATUS

# Options of charms, so that they write only into their own directories.
DIRECTORIES = {'conf-dir': 'conf', 'data-dir': 'data'}


class Juju:
    """A model of the stand-in, with the methods of jubilant's `Juju`.

    :param release: the name of a Juju release
    :param charms: returns a built charm by its name
    :param seed: makes the order of hooks random
    """

    def __init__(self, release: str, charms: Callable[[str], InProcessCharm],
                 seed: int | None = None):
        self.model = Model(release, seed)
        self._charms = charms

    def cli(self, *args: str) -> str:
        """Run a `juju` command, and return its output."""
        command, *words = [arg for arg in args if not arg.startswith('--')]
        method = getattr(self, '_' + command.replace('-', '_'))
        return method(*words, **{'force': True} if '--force' in args else {}) or ''

    def exec(self, command: str, *, unit: str) -> Any:
        """Run update-status, or a command without hook tools, in a unit."""
        if command == UPDATE_STATUS:
            run = self.model.dispatch(unit, 'update-status')
            assert not run.status, run.log
            return None
        disk, charm_dir = self.model.unit(unit).disk, self.model.unit(unit).charm_dir
        store = Path(charm_dir, '.unit-state.db')
        with contextlib.closing(sqlite3.connect(store)) as file:
            disk['store'].conn.backup(file)
        done = subprocess.run(command, shell=True, cwd=charm_dir, check=True,
                              stdout=subprocess.PIPE, text=True)
        return SimpleNamespace(stdout=done.stdout)

    def status(self) -> Any:
        """The model's applications and units."""
        apps = {name: SimpleNamespace(units={}) for name in self.model.apps}
        for unit in self.model.units.values():
            current, message = unit.status
            if unit.failed:
                current, message = 'error', 'hook failed: "{}"'.format(unit.failed.name)
            apps[unit.app.name].units[unit.name] = SimpleNamespace(
                workload_status=SimpleNamespace(current=current, message=message),
                juju_status=SimpleNamespace(current='idle',
                                            life='dying' if unit.dying else ''))
        return SimpleNamespace(apps=apps)

    def wait(self, ready: Callable[[Any], bool], *, delay: float,
             successes: int) -> None:
        """Run hooks until only failed hooks are due."""
        self._run_hooks()
        assert ready(self.status())

    def _run_hooks(self) -> None:
        while units := [name for name in self.model.units if self.model.pending(name)
                        and not self.model.unit(name).failed]:
            unit = self._choose(units)
            self.model.run(unit, self._choose(self.model.pending(unit)))

    def _choose(self, values: list) -> Any:
        return self.model.random.choice(values) if self.model.random else values[0]

    def _some(self, units: Iterable[str]) -> list[str]:
        """Random units; none without a seed."""
        return [unit for unit in sorted(units) if self._choose([False, True])]

    # `juju` commands

    def _deploy(self, path: str, app: str = '', units: int = 1,
                options: dict[str, Any] | None = None) -> None:
        if path.endswith('.yaml'):
            self._deploy_bundle(yaml.safe_load(Path(path).read_text()))
            return
        charm = self._charms(Path(path).stem)
        directories = {key: value for key, value in DIRECTORIES.items()
                       if key in charm.config}
        self.model.deploy(app, charm, units, {**directories, **(options or {})})

    def _deploy_bundle(self, bundle: dict[str, Any]) -> None:
        for name, app in bundle['applications'].items():
            self._deploy(app['charm'], name, app['num_units'], app.get('options'))
        for ends in bundle['relations']:
            self._relate(*ends)

    def _add_unit(self, app: str) -> None:
        self.model.add_unit(app)

    def _remove_unit(self, *units: str, force: bool = False) -> None:
        for unit in units:
            self.model.remove_unit(unit, force=force,
                                   noticed_by=self._some(self.model.units))

    def _config(self, app: str, argument: str) -> str | None:
        config = self.model.apps[app].config
        key, assignment, value = argument.partition('=')
        if not assignment:
            return str(config[key])
        self.model.set_config(app, **{key: type(config[key])(value)})

    def _relate(self, one: str, two: str) -> None:
        """Relate endpoints. Agents may not notice a relation that replaces another."""
        unwatched_by: set[str] = set()
        for previous in self._relations(one, two):
            unwatched_by = previous.units.difference(self._some(previous.units))
            self._run_hooks()
        self.model.relate(one, two, unwatched_by=unwatched_by)

    def _remove_relation(self, one: str, two: str, force: bool = False) -> None:
        for relation in self._relations(one, two):
            self.model.remove_relation(relation, force=force,
                                       noticed_by=self._some(relation.units))

    def _relations(self, one: str, two: str) -> list[Relation]:
        ends = dict(end.split(':') for end in (one, two))
        return [relation for relation in self.model.relations.values()
                if relation.endpoints == ends]

    def _resolved(self, unit: str) -> None:
        self.model.resolve(unit, retry=False)

    def _refresh(self, app: str, path: str) -> None:
        self.model.upgrade(app, self._charms(Path(path).stem))

    def _show_unit(self, unit: str, _format: str) -> str:
        app = self.model.unit(unit).app.name
        return json.dumps({unit: {'relation-info': [
            {'endpoint': relation.endpoints[app],
             'related-endpoint': relation.endpoints[relation.remote_app(app)],
             'application-data': relation.app_databags[relation.remote_app(app)].data,
             'related-units': self._related(unit, relation)}
            for relation in self.model.relations.values()
            if app in relation.endpoints]}})

    def _related(self, unit: str, relation: Relation) -> dict[str, Any]:
        other = relation.remote_app(unit.split('/')[0])
        return {name: {'in-scope': name in relation.units, 'data': bag.data}
                for name, bag in relation.unit_databags.items()
                if name.split('/')[0] == other and name != unit}
