"""A model whose charms run real services, and the history of a run for the plots."""
from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from e2e.services import Services
from juju_standin import HookRun, Model, Unit

# Options for little memory, because many servers run on one machine.
JAVA_OPTIONS = ('-Xmx256m', '-XX:+UseSerialGC')
ADDRESS = '127.0.0.1'


class History:
    """The events of a run, in seconds since its start."""

    def __init__(self) -> None:
        self.start = time.time()
        self.marks: list[tuple[float, str]] = []

    def mark(self, text: str) -> None:
        """Add an event that happens now."""
        self.marks.append((time.time() - self.start, text))

    def since_start(self, times: Iterable[float]) -> list[float]:
        """Convert clock times to seconds since the start, in ascending order."""
        return [round(when - self.start, 2) for when in sorted(times)]

    def write(self, file: Path, **values: Any) -> None:
        """Write the events and the given values as JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({
            'marks': [[round(when, 2), text] for when, text in self.marks],
            **values}) + '\n')


class RealDeployment:
    """A model whose units all have this machine's address, and their services.

    :param client: the unit whose service restarts are counted
    """

    def __init__(self, services: Services, client: str):
        self.services = services
        self.client = client
        self.restarts = 0
        self.history = History()
        self.model = Model()
        self.model.on_service = self.on_service
        self.model.observers.append(self.on_hook)

    def add_unit(self, app: str) -> str:
        unit = self.model.add_unit(app)
        self.model.set_address(unit.name, ADDRESS)
        return unit.name

    def conf_file(self, unit: str, name: str) -> Path:
        """A file in the directory of a unit's option `conf-dir`."""
        unit = self.model.unit(unit)
        return Path(unit.charm_dir) / unit.app.config['conf-dir'] / name

    def on_service(self, unit: Unit, action: str, service: str) -> bool:
        """Called when a charm calls systemctl."""
        running = self.services.active(unit.name, service)
        if action == 'restart':
            self.history.mark('{} {}'.format(
                unit.name, 'restarts' if running else 'starts'))
        elif action == 'stop' and running:
            self.history.mark('{} stops'.format(unit.name))
        return self.services(unit, action, service)

    def on_hook(self, run: HookRun) -> None:
        """Called after each hook."""
        if run.unit == self.client:
            self.restarts += [action for action, _ in run.services].count('restart')
