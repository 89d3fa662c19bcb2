"""A stand-in for Juju: it tells charms their story one hook at a time.

`Model` is the model with its units' agents, `Context` one running hook with its
hook tools. A charm is anything with `metadata`, `config` and `run(context)`:
`BuiltCharm` runs a built charm by processes, `InProcessCharm` in this process.
"""
from .build import build
from .context import Context
from .inprocess import InProcessCharm
from .model import HookFailed, Model
from .process import BuiltCharm
from .profile import PROFILES, Profile
from .shared import built
from .state import Hook, HookRun, Relation, Unit

__all__ = ['BuiltCharm', 'Context', 'Hook', 'HookFailed', 'HookRun',
           'InProcessCharm', 'Model', 'PROFILES', 'Profile', 'Relation', 'Unit',
           'build', 'built']
