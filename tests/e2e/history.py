"""What happened when, for the pictures."""
from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class History:
    """Moments of a run, in seconds since its start."""

    def __init__(self) -> None:
        self.start = time.time()
        self.marks: list[tuple[float, str]] = []

    def mark(self, text: str) -> None:
        """Keep that something happened now."""
        self.marks.append((time.time() - self.start, text))

    def service(self, unit: str, action: str, running: bool) -> None:
        """Keep what is done now to the service of a unit."""
        if action == 'restart':
            self.mark('{} {}'.format(unit, 'restarts' if running else 'starts'))
        elif action == 'stop' and running:
            self.mark('{} stops'.format(unit))

    def since(self, times: Iterable[float]) -> list[float]:
        """Such moments of other times of the clock."""
        return [round(when - self.start, 2) for when in sorted(times)]

    def write(self, file: Path, **values: Any) -> None:
        """Write it as JSON, with other values."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({
            'marks': [[round(when, 2), text] for when, text in self.marks],
            **values}) + '\n')
