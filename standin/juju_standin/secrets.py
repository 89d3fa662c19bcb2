"""The secrets of a model: their owners, grants and revisions."""
from __future__ import annotations

from .commands import Commands
from .databags import check_related
from .state import Relation, Secret, Unit, check_name

MODEL_UUID = '00000000-0000-4000-8000-000000000000'


class Secrets(Commands):
    """The secrets of a model. Tests can act for an owner if no charm does."""

    def add_secret(self, owner: str, /, **content: str) -> Secret:
        """Add a secret with its first revision.

        :param owner: the name of an application or unit
        """
        self._check_app_or_unit(owner)
        secret = self.draft_secret(owner, content)
        self.secrets[secret.id] = secret
        return secret

    def draft_secret(self, owner: str, content: dict[str, str],
                     label: str = '') -> Secret:
        """Create a secret without adding it to the model."""
        secret_id = 'c{:019}'.format(self._next_secret)
        self._next_secret += 1
        return Secret('secret://{}/{}'.format(MODEL_UUID, secret_id), owner, [content],
                      label)

    def commit_secret(self, secret_id: str, draft: Secret | None) -> None:
        """Store a secret as a hook changed it; None removes it."""
        stored = self.secrets.get(secret_id)
        if draft is None:
            self.secrets.pop(secret_id, None)
        elif stored is None:
            self.secrets[secret_id] = draft
        else:
            stored.revisions, stored.grants = draft.revisions, draft.grants
            stored.label, stored.rotation = draft.label, draft.rotation
            stored.tracked.update(draft.tracked)

    def revise_secret(self, secret: Secret, /, **content: str) -> None:
        """Add a revision; units that have read the secret are notified."""
        secret.revisions.append(content)

    def remove_secret(self, secret: Secret) -> None:
        del self.secrets[secret.id]

    def grant_secret(self, secret: Secret, grantee: str, relation: Relation) -> None:
        """Let an application or unit read the secret as long as the relation exists."""
        check_related(relation, grantee)
        self._check_app_or_unit(grantee)
        secret.grants[grantee] = relation.number

    def revoke_secret(self, secret: Secret, grantee: str) -> None:
        self._check_app_or_unit(grantee)
        secret.grants.pop(grantee, None)

    def _check_app_or_unit(self, name: str) -> None:
        """Raise an error unless this application is deployed or related, and this unit
        exists if its application is deployed."""
        app = name.split('/')[0]
        check_name('application', app, {*self.apps, *(
            app for relation in self.relations.values() for app in relation.endpoints)},
            'applications')
        if app in self.apps and '/' in name:
            self.unit(name)

    def find_secret(self, uri: str) -> Secret | None:
        return self.secrets.get(parse_id(uri))

    def may_read(self, secret: Secret, unit: Unit) -> bool:
        """Whether the unit or its application owns the secret or has a grant."""
        names = {unit.name, unit.app.name}
        return secret.owner in names or any(
            secret.grants.get(name) in self.relations for name in names)


def parse_id(uri: str) -> str:
    """The ID in `secret://model/ID`, `secret:ID` or `ID`."""
    return uri.rpartition('/')[2].rpartition(':')[2]
