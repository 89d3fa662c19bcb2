"""What is known of one endpoint.

A record is plain JSON, one for each endpoint, in the unit's key/value store under
`interface-layer.` and the endpoint's name:

    version       of this layout
    role          the section of metadata.yaml that the endpoint is in
    interface     its interface
    relations     by relation id:
        application   the remote one; null while it is not known
        units         the names of those in it
        sources       {unit or application: details}: with what it can be used; null, if
                      it can not be; not there, if nothing was heard of it
        ghost         whether this unit is denied its own settings: the relation was
                      removed by force, and Juju lists it until the agent restarts
        logged        {what: sentence}: what is wrong with it, and was logged
    joining       names of the sources whose details are news
    departing     whether it is news that a unit left
    shown         those of these two notices whose flag was set
    logged        what is wrong with the endpoint itself, and was logged
    turns         {application: relation id}: of an application with several relations,
                  the one whose own settings were touched last
    adopted       what was there before the record, see migrate.py; null once a full
                  look has succeeded

What a role adds to it is said where the role is written.
"""
from .names import relation_number
from .names import unit_order

VERSION = 2


class Record(dict):

    @classmethod
    def blank(cls, role, interface, **of_the_role):
        """What is known of an endpoint that nothing is known of."""
        return cls(of_the_role, version=VERSION, role=role, interface=interface,
                   relations={}, joining=[], departing=False, shown=[], logged={},
                   turns={}, adopted=None)

    def ghosts(self):
        return {rid for rid, relation in self['relations'].items() if relation['ghost']}

    def live_relations(self):
        """(id, relation) of all others, the newest first."""
        return [(rid, self['relations'][rid])
                for rid in sorted(self['relations'], key=relation_number, reverse=True)
                if not self['relations'][rid]['ghost']]

    def units(self):
        """The names of all units that are there."""
        return {unit for _, relation in self.live_relations()
                for unit in relation['units']}

    def details(self):
        """{source: details} of all that can be used, each of its newest relation."""
        details = {}
        for _, relation in reversed(self.live_relations()):
            details.update(usable(relation))
        return details

    def serving(self):
        """{application: relation id} of the one by which it is served.

        That is its newest relation with a source that can be used: of two, the older
        one may be a ghost, which lists units that have left.
        """
        serving = {}
        for rid, relation in self.live_relations():
            if usable(relation):
                serving.setdefault(relation['application'], rid)
        return serving

    def served(self):
        """(source, details) of each source to use, in natural order."""
        return sorted(((source, details) for rid in self.serving().values()
                       for source, details in usable(self['relations'][rid]).items()),
                      key=lambda pair: unit_order(pair[0]))

    def applications(self):
        """{relation id: remote application, or None} of all, ghosts too."""
        return {rid: relation['application']
                for rid, relation in self['relations'].items()}

    def relations_to_touch(self, applications, groups, touched):
        """In which relations a hook may read and write this unit's own settings.

        That is one for each application. Of two, one may be a ghost, and Juju can not
        commit a hook that touched the settings of both; which it is, nothing tells.

        :param dict applications: {relation id: remote application} of all relations
        :param groups: sets of relation ids: those of the first one that an application
            is in take turns
        :param dict touched: {application: relation id} of what this hook has touched
        :return: {application: relation id}
        """
        chosen = {}
        for application in set(applications.values()) - {None}:
            rids = {rid for rid, name in applications.items() if name == application}
            if application in touched:
                rids &= {touched[application]}
            group = next((group & rids for group in groups if group & rids), None)
            if group:
                chosen[application] = self._turn(application, group)
        return chosen

    def _turn(self, application, rids):
        """Of relations of one application the one after the last, newer ones first."""
        last = self['turns'].get(application)
        newest_first = sorted(rids, key=relation_number, reverse=True)
        older = [rid for rid in newest_first
                 if last and relation_number(rid) < relation_number(last)]
        return (older or newest_first)[0]

    def remember_turns(self, touched):
        """Keep which relations were touched, of applications that have several."""
        related = list(self.applications().values())
        self['turns'] = {application: rid for application, rid
                         in dict(self['turns'], **touched).items()
                         if related.count(application) > 1}

    def warnings(self):
        """(where, what, sentence) of all that was logged."""
        wheres = dict(self['relations'], **{'': self})
        return {(where, what, sentence) for where, about in wheres.items()
                for what, sentence in about['logged'].items()}

    def dismiss(self, notice):
        """Have `joining` or `departing` be no news any more."""
        self[notice] = [] if notice == 'joining' else False
        self['shown'] = [name for name in self['shown'] if name != notice]
        if self['adopted'] and notice in self['adopted']['flags']:
            self['adopted']['flags'].remove(notice)


def usable(relation):
    """{source: details} of what can be used in a relation, while it has units.

    An application is used by its units, if one of them can be; else by what itself has
    published.
    """
    found = {name: details for name, details in relation['sources'].items()
             if details is not None and relation['units']}
    return {unit: found[unit] for unit in relation['units'] if unit in found} or found


def blank_relation(application=None):
    return {'application': application, 'units': [], 'sources': {}, 'ghost': False,
            'logged': {}}


def unusable(source, faults):
    """What is logged of a source that can not be used."""
    return '{} is not usable: {}'.format(source, '; '.join(faults))
