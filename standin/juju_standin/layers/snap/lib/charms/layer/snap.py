"""What charms call of layer:snap."""
from charms.reactive import clear_flag, is_flag_set, set_flag

INSTALLED = 'snap.installed.'


def install(snapname, **options):
    set_flag(INSTALLED + snapname)


def is_installed(snapname):
    return is_flag_set(INSTALLED + snapname)


def refresh(snapname, **options):
    install(snapname)


def remove(snapname):
    clear_flag(INSTALLED + snapname)
