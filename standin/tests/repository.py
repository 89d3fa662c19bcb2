"""The repository that contains the stand-in, whose layers and examples tests use."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INTERFACES = ROOT / 'interfaces'
EXAMPLES = ROOT / 'examples'
