"""What Juju says, and what is said to it: the only place that runs hook tools."""
import json
import os
import subprocess

from charmhelpers.core import hookenv

from .names import application_of
from .observation import DENIED
from .observation import Hook
from .observation import OTHER
from .observation import empty_observation

# The price: what a role looks at in each kind of hook. Each word is one call, of the
# hook's relation; in a full look one for each relation, or each unit. A full look is
# taken in FULL_LOOK_HOOKS, and in any hook while there is no record. A call takes 4 to
# 7 ms, measured on Juju 3.6 and 4.0.
#   relations   relation-ids
#   members     relation-list; of a relation without units whose application no hook has
#               named, relation-list --app too
#   unit        relation-get of the hook's unit; of the application, where it is told
#               that this one's own settings changed, with secret-get of each secret
#               that they name, if the role asks for something
#   units       relation-get of each unit
#   published   the same of each application that the role asks for something
#   own         relation-get of this unit's own settings, in one relation for each
#               remote application; in other hooks only after a publication
#   asked       is-leader, while it is not known of a relation that it was asked in it
#               for what the role asks; the leader's relation-get of its own
#               application's settings, in one such relation for each remote application
LOOKS = {
    'requires': {
        'created': ('members', 'asked'),
        'joined': ('members', 'unit'),
        'changed': ('members', 'unit', 'asked'),
        'departed': ('members', 'asked'),
        'broken': (),
        'full': ('relations', 'members', 'own', 'units', 'published', 'asked'),
        'secret': ('published', 'asked'),
        'other': ('asked',),
    },
    'provides': {
        'created': ('members', 'own'),
        'joined': ('members', 'own'),
        'changed': ('members', 'own'),
        'departed': ('members', 'own'),
        'broken': (),
        'full': ('relations', 'members', 'own'),
        'secret': ('own',),
        'other': ('own',),
    },
}

# Hooks in which everything is looked at.
FULL_LOOK_HOOKS = ('update-status', 'upgrade-charm')

# What each other hook of no relation tells, if it tells anything.
TELLING_HOOKS = {'secret-changed': 'secret'}

# {endpoint: {remote application: relation id}}, where this hook has read or written the
# own settings, or those of this unit's application. A process is one hook.
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
    return OTHER._replace(kind='full' if name in FULL_LOOK_HOOKS
                          else TELLING_HOOKS.get(name, 'other'))


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

    Another answer is not shown: it may be a part of one with a password.

    :param type kind: dict, list, str or bool
    :raises ToolFailed:
    """
    output = run(tool, '--format=json', *arguments)
    try:
        answer = json.loads(output)
    except ValueError:
        answer = None
    if not isinstance(answer, kind):
        raise ToolFailed('{} answered no {} in JSON'.format(tool, kind.__name__))
    return answer


def has_secrets():
    """Whether this is Juju 3 or later."""
    major = os.environ.get('JUJU_VERSION', '').partition('.')[0]
    return major.isdigit() and int(major) >= 3


def secret(uri):
    """What a secret says in its newest revision.

    Without --refresh, Juju goes on answering with the revision that was read first.
    With --peek it does not count this unit among those who read the secret, and so
    neither runs secret-changed here nor lets the owner know that old ones are in use.

    :rtype: dict
    :raises ToolFailed: until access to it is granted, among others
    """
    return ask(dict, 'secret-get', '--refresh', uri)


def settings_of_application(rid, application):
    """What an application has published in a relation.

    :raises ToolFailed:
    """
    return ask(dict, 'relation-get', '-r', rid, '--app', '-', application)


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


def asked_settings(endpoint, application, rid):
    """What this unit's application has published in a relation, if this unit leads it.

    That it is denied says nothing of the relation: others are denied it, too.

    :raises ToolFailed:
    """
    touched.setdefault(endpoint, {})[application] = rid
    return settings_of_application(rid, application_of(hookenv.local_unit()))


def set_own_settings(endpoint, application, rid, settings, *options):
    """Set keys of them; an empty value deletes one.

    :param options: `--app` for those of this unit's application
    :raises ToolFailed:
    """
    touched.setdefault(endpoint, {})[application] = rid
    run('relation-set', '-r', rid, *(list(options) + [
        '{}={}'.format(key, settings[key]) for key in sorted(settings)]))


def observe(endpoint, hook, looks, interest):
    """Look at Juju.

    :param Hook hook: in which this is
    :param looks: at what, of LOOKS
    :param interest: what there is to look at, see relation.Interest
    :rtype: Observation
    """
    look = _Look(endpoint, hook, interest)
    if 'relations' in looks:
        look.at_relations()
    if 'members' in looks:
        look.at_members(look.present('relations' in looks) - interest.ghosts)
    if 'own' in looks:
        look.at_own(interest.own(look.applications()))
        look.at_members(look.answering() & interest.ghosts)     # they were none
    if 'units' in looks:
        look.at_units()
    elif 'unit' in looks and hook.rid not in interest.ghosts:
        look.at_subject()
    if 'published' in looks:
        look.at_applications(interest.published(look.seen))
    if 'asked' in looks:
        look.at_asked(interest.asked(look.seen))
    return look.seen


class _Look(object):
    """An observation as it is made."""

    def __init__(self, endpoint, hook, interest):
        self.endpoint, self.hook, self.interest = endpoint, hook, interest
        self.known = interest.known
        self.seen = empty_observation(hook)

    def attempt(self, rid, what, read, *arguments):
        """What a function gives; None, and an error noted, where its tool fails."""
        try:
            return read(*arguments)
        except ToolFailed as error:
            self.seen.errors.setdefault(rid, {})[what] = str(error)

    def at_relations(self):
        listed = self.attempt('', 'relations', ask, list, 'relation-ids', self.endpoint)
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
        return {rid: found.get(rid) for rid in self.present(True)}

    def at_members(self, rids):
        for rid in sorted(rids):
            members = self.attempt(rid, 'members', ask, list,
                                   'relation-list', '-r', rid)
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
        return self.known.get(rid) or self.attempt(
            rid, 'applications', ask, str, 'relation-list', '-r', rid, '--app')

    def at_own(self, chosen):
        for application, rid in sorted(chosen.items()):
            own = self.attempt(rid, 'own', own_settings,
                               self.endpoint, application, rid)
            if own is not None:
                self.seen.own[rid] = own

    def answering(self):
        """The relations whose own settings were read, and not denied."""
        return {rid for rid, own in self.seen.own.items() if own != DENIED}

    def at_units(self):
        for rid in sorted(self.seen.members):
            if self.seen.own.get(rid) != DENIED:
                for unit in sorted(self.seen.members[rid]):
                    self.at_unit(rid, unit)

    def at_subject(self):
        """Look at the settings that the hook tells of."""
        if self.hook.unit:
            self.at_unit(self.hook.rid, self.hook.unit)
        elif self.hook.application:
            self.at_applications({self.hook.rid: self.hook.application})

    def at_unit(self, rid, unit):
        settings = self.attempt(rid, unit, ask, dict,
                                'relation-get', '-r', rid, '-', unit)
        if settings is not None:
            self.seen.settings.setdefault(rid, {})[unit] = settings

    def at_applications(self, applications):
        for rid, application in sorted(applications.items()):
            published = self.attempt(rid, 'published', settings_of_application,
                                     rid, application)
            if published is not None:
                self.seen.published[rid] = published
                self.at_secrets(rid, self.interest.secrets(published))

    def at_secrets(self, rid, uris):
        for key, uri in sorted(uris.items()):
            content = self.attempt(rid, key, secret, uri) if uri else {}
            if content is not None:
                self.seen.secrets.setdefault(rid, {})[key] = content

    def at_asked(self, chosen):
        leader = self.attempt('', 'leader', ask, bool, 'is-leader') if chosen else None
        self.seen = self.seen._replace(leader=leader)
        for application, rid in sorted(chosen.items()) if leader else ():
            asked = self.attempt(rid, 'asked', asked_settings,
                                 self.endpoint, application, rid)
            if asked is not None:
                self.seen.asked[rid] = asked
