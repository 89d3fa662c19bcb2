from functional.conftest import (  # noqa: F401
    built, in_process, profile, juju)
