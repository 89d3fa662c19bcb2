"""The config.changed flags that layer:basic provides."""
from charmhelpers.core import hookenv
from charms.reactive import clear_flag, get_flags, set_flag


def set_changed():
    config = hookenv.config()
    changed = [option for option in config if config.changed(option)]
    for option in changed:
        set_flag('config.changed.' + option)
    if changed:
        set_flag('config.changed')


def clear_changed():
    for flag in get_flags():
        if flag.split('.')[:2] == ['config', 'changed']:
            clear_flag(flag)


hookenv.atstart(set_changed)
hookenv.atexit(clear_changed)
