from functional.conftest import (  # noqa: F401
    built, in_process, release, juju)
