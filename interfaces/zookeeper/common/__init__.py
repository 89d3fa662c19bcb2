"""What the interface layers share."""
from . import compat  # noqa: F401  before another module imports from charms.reactive
