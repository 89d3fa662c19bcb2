"""What hooks and actions use of layer:basic, without the installation of packages."""
import os


def bootstrap_charm_deps():
    """Prepare a hook. The hook's Python already has all packages."""
    os.environ['PATH'] += ':{}/bin'.format(os.environ['CHARM_DIR'])


def activate_venv():
    bootstrap_charm_deps()


def init_config_states():
    """Set the flags of options at the start of a hook."""
    from charmhelpers.core import hookenv
    from charms.reactive import set_flag, toggle_flag
    config, defaults = hookenv.config(), _defaults()
    is_first = config._prev_dict is None
    for option in defaults:
        if config.changed(option):
            for kind in ['changed'] + ['new'] * is_first:
                set_flag('config.' + kind)
                set_flag('config.{}.{}'.format(kind, option))
        toggle_flag('config.set.' + option, config.get(option))
        toggle_flag('config.default.' + option,
                    config.get(option) == defaults[option])


def clear_config_states():
    """Clear the flags of options at the end of a hook."""
    from charmhelpers.core import unitdata
    from charms.reactive import clear_flag, get_flags
    kinds = ('changed', 'default', 'new', 'set')
    for flag in get_flags():
        if flag.split('.')[0] == 'config' and flag.split('.')[1:2] and (
                flag.split('.')[1] in kinds):
            clear_flag(flag)
    unitdata.kv().flush()


def _defaults():
    import yaml
    path = os.path.join(os.environ['CHARM_DIR'], 'config.yaml')
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        options = (yaml.safe_load(file) or {}).get('options') or {}
    return {name: option.get('default') for name, option in options.items()}
