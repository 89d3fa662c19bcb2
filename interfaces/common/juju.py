"""What Juju says, and what is said to it: the only place that runs hook tools."""
import json
import os
import subprocess

from charmhelpers.core import hookenv

from .names import application_of
from .observation import DENIED
from .observation import Hook
from .observation import empty_observation

# The price: what a role looks at in each kind of hook. Each word is one call, of the
# hook's relation; in a full look one for each relation, or each unit. A full look is
# taken in FULL_LOOK_HOOKS, and in any hook while there is no record. A call takes 4 to
# 7 ms, measured on Juju 3.6 and 4.0.
#   relations   relation-ids
#   members     relation-list; of a relation without units whose application no hook has
#               named, relation-list --app too
#   unit        relation-get of the hook's unit; of the application, where it is told
#               that this one's own settings changed
#   units       relation-get of each unit
#   own         relation-get of this unit's own settings, in one relation for each
#               remote application; in other hooks only after a publication
LOOKS = {
    'requires': {
        'created': ('members',),
        'joined': ('members', 'unit'),
        'changed': ('members', 'unit'),
        'departed': ('members',),
        'broken': (),
        'full': ('relations', 'members', 'own', 'units'),
        'other': (),
    },
    'provides': {
        'created': ('members', 'own'),
        'joined': ('members', 'own'),
        'changed': ('members', 'own'),
        'departed': ('members', 'own'),
        'broken': (),
        'full': ('relations', 'members', 'own'),
        'other': ('own',),
    },
}

# Hooks in which everything is looked at.
FULL_LOOK_HOOKS = ('update-status', 'upgrade-charm')

# {endpoint: {remote application: relation id}}, where this hook has read or written the
# own settings. A process is one hook.
touched = {}


class ToolFailed(Exception):
    """A hook tool that did not do what it was asked to; says what it said."""

    @property
    def denied(self):
        """Whether it is what Juju says of the own settings where a relation is gone."""
        return 'permission denied' in str(self)


def current_hook(endpoint):
    """The hook that is running, as an endpoint sees it.

    :rtype: Hook
    """
    name = hookenv.hook_name()
    kind = name.rpartition('-')[2]
    if (hookenv.relation_type() == endpoint
            and name == '{}-relation-{}'.format(endpoint, kind)):
        unit = hookenv.remote_unit() or None
        application = (application_of(unit) if unit
                       else os.environ.get('JUJU_REMOTE_APP') or None)
        return Hook(kind, hookenv.relation_id(), unit, application)
    return Hook('full' if name in FULL_LOOK_HOOKS else 'other', None, None, None)


def run(*command):
    """Run a hook tool.

    :return: what it prints
    :rtype: str
    :raises ToolFailed: if it ends with another exit status than 0, or there is none
    """
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = process.communicate()
    except OSError as error:
        raise ToolFailed(str(error))
    if process.returncode:
        raise ToolFailed(errors.decode('utf-8', 'replace').strip())
    return output.decode('utf-8', 'replace')


def ask(kind, tool, *arguments):
    """What a hook tool answers, which has to be of a kind.

    :param type kind: dict, list or str
    :raises ToolFailed:
    """
    output = run(tool, '--format=json', *arguments)
    try:
        answer = json.loads(output)
    except ValueError:
        answer = None
    if not isinstance(answer, kind):
        raise ToolFailed('it answered {:.60}'.format(ascii(output)))
    return answer


def own_settings(endpoint, application, rid):
    """This unit's own settings in a relation, or DENIED.

    :raises ToolFailed:
    """
    touched.setdefault(endpoint, {})[application] = rid
    try:
        return ask(dict, 'relation-get', '-r', rid, '-', hookenv.local_unit())
    except ToolFailed as error:
        if error.denied:
            return DENIED
        raise


def set_own_settings(endpoint, application, rid, settings):
    """Set keys of them; an empty value deletes one.

    :raises ToolFailed:
    """
    touched.setdefault(endpoint, {})[application] = rid
    run('relation-set', '-r', rid,
        *['{}={}'.format(key, settings[key]) for key in sorted(settings)])


def observe(endpoint, hook, looks, known, ghosts, choose):
    """Look at Juju.

    :param Hook hook: in which this is
    :param looks: at what, of LOOKS
    :param dict known: the remote application of each relation that is known, or None,
        by relation id
    :param set ghosts: those in which nothing is to be looked at but, if chosen, the own
        settings
    :param choose: given {relation id: remote application} says where to look at the own
        settings, as {remote application: relation id}
    :rtype: Observation
    """
    look = _Look(endpoint, hook, known)
    if 'relations' in looks:
        look.at_relations()
    if 'members' in looks:
        look.at_members(look.present('relations' in looks) - ghosts)
    if 'own' in looks:
        look.at_own(choose(look.applications()))
    if 'units' in looks:
        look.at_units()
    elif 'unit' in looks and hook.rid not in ghosts:
        look.at_subject()
    return look.seen


class _Look(object):
    """An observation as it is made."""

    def __init__(self, endpoint, hook, known):
        self.endpoint, self.hook, self.known = endpoint, hook, known
        self.seen = empty_observation(hook)

    def ask(self, rid, what, kind, *command):
        """What a hook tool answers; None, and an error noted, where it fails."""
        try:
            return ask(kind, *command)
        except ToolFailed as error:
            self.seen.errors.setdefault(rid, {})[what] = str(error)

    def at_relations(self):
        listed = self.ask('', 'relations', list, 'relation-ids', self.endpoint)
        if listed is not None:
            self.seen = self.seen._replace(relations=self._with_own(listed))

    def _with_own(self, rids):
        """The hook's own relation among others: until broken has run it is listed."""
        own = {self.hook.rid} - {None}
        return set(rids) - own if self.hook.kind == 'broken' else set(rids) | own

    def present(self, everywhere):
        if not everywhere:
            return {self.hook.rid}
        if self.seen.relations is None:
            return self._with_own(self.known)
        return self.seen.relations

    def applications(self):
        """{relation id: remote application, or None} of the relations there are."""
        found = dict(self.known, **self.seen.applications)
        present = found if self.seen.relations is None else self.seen.relations
        return {rid: found.get(rid) for rid in present}

    def at_members(self, rids):
        for rid in sorted(rids):
            members = self.ask(rid, 'members', list, 'relation-list', '-r', rid)
            if members is not None:
                self.seen.members[rid] = set(members)
            application = self._application(rid, members)
            if application:
                self.seen.applications[rid] = application

    def _application(self, rid, members):
        if members:
            return application_of(members[0])
        if rid == self.hook.rid and self.hook.application:
            return self.hook.application
        return self.known.get(rid) or self.ask(
            rid, 'applications', str, 'relation-list', '-r', rid, '--app')

    def at_own(self, chosen):
        for application, rid in sorted(chosen.items()):
            try:
                self.seen.own[rid] = own_settings(self.endpoint, application, rid)
            except ToolFailed as error:
                self.seen.errors.setdefault(rid, {})['own'] = str(error)

    def at_units(self):
        for rid in sorted(self.seen.members):
            if self.seen.own.get(rid) != DENIED:
                for unit in sorted(self.seen.members[rid]):
                    self.at_unit(rid, unit)

    def at_subject(self):
        """Look at the settings that the hook tells of."""
        rid, application = self.hook.rid, self.hook.application
        if self.hook.unit:
            self.at_unit(rid, self.hook.unit)
        elif application:
            published = self.ask(rid, 'published', dict,
                                 'relation-get', '-r', rid, '--app', '-', application)
            if published is not None:
                self.seen.published[rid] = published

    def at_unit(self, rid, unit):
        settings = self.ask(rid, unit, dict, 'relation-get', '-r', rid, '-', unit)
        if settings is not None:
            self.seen.settings.setdefault(rid, {})[unit] = settings
