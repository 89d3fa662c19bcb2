"""A stand-in for Juju: runs charms' hooks in a simulated model.

`Model` is a Juju model and its units' agents. `Context` is one running hook and
answers its hook-tool calls. A charm is any object with `metadata`, `config` and
`run(context)`: `BuiltCharm` runs a built charm's hooks as processes,
`InProcessCharm` runs them in this process.
"""
from .build import build, build_once
from .built_charm import BuiltCharm
from .context import Context
from .in_process_charm import InProcessCharm
from .model import HookFailed, Model
from .profile import PROFILES, Profile
from .state import Hook, HookRun, Relation, Unit

__all__ = ['BuiltCharm', 'Context', 'Hook', 'HookFailed', 'HookRun',
           'InProcessCharm', 'Model', 'PROFILES', 'Profile', 'Relation', 'Unit',
           'build', 'build_once']
