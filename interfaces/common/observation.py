"""What one hook saw of Juju: a plain value, to be printed, compared, written by hand.

Three things are told apart. What was not asked, and what could not be read, is not
there: it is no evidence, and changes nothing. What is gone is missing from `relations`,
or its own settings are DENIED.
"""
from collections import namedtuple

# Instead of the own settings in a relation that was removed by force.
DENIED = 'denied'

# A hook, as one endpoint sees it.
#   kind          of a hook of one of its relations 'created', 'joined', 'changed',
#                 'departed' or 'broken'; 'full' where all is to be looked at;
#                 'secret' where a secret has changed; else 'other'
#   rid           id of the relation, or None
#   unit          remote unit, or None
#   application   remote application, or None where Juju does not name it
Hook = namedtuple('Hook', 'kind rid unit application')

# A hook that tells nothing of the endpoint.
OTHER = Hook('other', None, None, None)

# What it saw.
#   hook          the Hook
#   relations     ids of all relations of the endpoint, a set; or None
#   applications  {relation id: remote application}
#   members       {relation id: set of remote units}
#   settings      {relation id: {remote unit: its settings}}
#   published     {relation id: the settings of the remote application}
#   secrets       {relation id: {key: what the secret says that is named there}} of
#                 these settings; {} where they name none
#   own           {relation id: this unit's own settings, or DENIED}
#   leader        whether this unit leads its application; or None
#   asked         {relation id: the settings of this unit's application}
#   errors        {relation id: {what could not be read: what the tool said}}; that is
#                 the name of a field above, a unit, or a key of the application. Of
#                 `relations` and `leader`, the id is ''
Observation = namedtuple(
    'Observation', 'hook relations applications members settings published secrets own '
    'leader asked errors')


def empty_observation(hook):
    """An observation before anything was asked."""
    return Observation(hook, None, {}, {}, {}, {}, {}, {}, None, {}, {})


def is_complete(seen):
    """Whether a look at everything saw enough to make a record of.

    A single unit that could not be read is no matter: this unit's own settings in the
    same relation could, so Juju was there to answer.
    """
    return seen.relations is not None and not any(
        {'applications', 'members', 'own'} & set(errors)
        for errors in seen.errors.values())
