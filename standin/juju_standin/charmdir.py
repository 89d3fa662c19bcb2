"""A charm in a directory."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class CharmDirectory:
    """What `metadata.yaml` and `config.yaml` in a directory say of a charm."""

    def __init__(self, path: str | Path):
        self.path = Path(path).resolve()
        self.metadata: dict[str, Any] = self._load('metadata.yaml')
        self.config: dict[str, Any] = {
            name: option.get('default') for name, option
            in (self._load('config.yaml').get('options') or {}).items()}

    def _load(self, name: str) -> dict[str, Any]:
        file = self.path / name
        return (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}
