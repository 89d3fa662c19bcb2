"""What charms call of layer:apt."""
from charms.reactive import clear_flag, get_flags, set_flag

INSTALLED = 'apt.installed.'


def queue_install(packages, options=None):
    for package in [packages] if isinstance(packages, str) else packages:
        set_flag(INSTALLED + package)


def install_queued():
    return True


def installed():
    """The installed packages."""
    return {flag[len(INSTALLED):] for flag in get_flags()
            if flag.startswith(INSTALLED)}


def purge(packages):
    for package in [packages] if isinstance(packages, str) else packages:
        clear_flag(INSTALLED + package)


def add_source(source, key=None):
    pass


def update():
    pass
