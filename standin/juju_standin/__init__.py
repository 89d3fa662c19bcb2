"""A stand-in for Juju: runs charms' hooks in a simulated model.

`Model` is a Juju model and its units' agents. `Context` is one running hook and
answers its hook-tool calls. A charm is any object with `metadata`, `config` and
`run(context)`: `BuiltCharm` runs a built charm's hooks as processes,
`InProcessCharm` runs them in this process.
"""
from .build import build, build_once
from .built_charm import BuiltCharm
from .context import Context
from .granting_server import GrantingServer
from .in_process_charm import InProcessCharm
from .local_unit import LocalUnit
from .model import HookFailed, Model
from .profile import PROFILES, Profile
from .state import Hook, HookRun, Relation, Unit

__all__ = ['BuiltCharm', 'Context', 'GrantingServer', 'Hook', 'HookFailed', 'HookRun',
           'InProcessCharm', 'LocalUnit', 'Model', 'PROFILES', 'Profile', 'Relation',
           'Unit', 'build', 'build_once']
