"""The secrets of a model: who owns them, who may read them, what they say."""
from __future__ import annotations

from .databags import Databags
from .profile import Profile
from .state import Relation, Secret, Unit

MODEL_UUID = '00000000-0000-4000-8000-000000000000'


class Secrets(Databags):
    """The secrets of a model; Juju has them since 3.0.

    A test that has no charm to add a secret does what its owner would:

        secret = model.add_secret('zk', username='relation-7', password='s3cret')
        model.grant_secret(secret, 'kafka', relation)
        model.set_app_data(relation, 'zk', **{'secret-user': secret.uri})
        model.revise_secret(secret, username='relation-7', password='an0ther')
    """

    def __init__(self, profile: Profile):
        super().__init__(profile)
        self.secrets: dict[str, Secret] = {}    # by id
        self._next_secret = 1

    def add_secret(self, owner: str, /, **content: str) -> Secret:
        """Add a secret, of which there is revision 1.

        :param owner: an application, or a unit
        """
        secret = self.draft_secret(owner, content)
        self.secrets[secret.id] = secret
        return secret

    def draft_secret(self, owner: str, content: dict[str, str],
                     label: str = '') -> Secret:
        """A secret that is to be added."""
        secret_id = 'c{:019}'.format(self._next_secret)
        self._next_secret += 1
        return Secret('secret://{}/{}'.format(MODEL_UUID, secret_id), owner, [content],
                      label)

    def keep_secret(self, secret_id: str, draft: Secret | None) -> None:
        """Have a secret be as a hook left it; None where it was removed."""
        kept = self.secrets.get(secret_id)
        if draft is None:
            self.secrets.pop(secret_id, None)
        elif kept is None:
            self.secrets[secret_id] = draft
        else:
            kept.revisions, kept.grants, kept.label = (
                draft.revisions, draft.grants, draft.label)
            kept.tracked.update(draft.tracked)

    def revise_secret(self, secret: Secret, /, **content: str) -> None:
        """Add a revision; who has read the secret is told of it."""
        secret.revisions.append(content)

    def remove_secret(self, secret: Secret) -> None:
        del self.secrets[secret.id]

    def grant_secret(self, secret: Secret, grantee: str, relation: Relation) -> None:
        """Let an application, or a unit, read it while there is this relation."""
        secret.grants[grantee] = relation.number

    def revoke_secret(self, secret: Secret, grantee: str) -> None:
        secret.grants.pop(grantee, None)

    def find_secret(self, uri: str) -> Secret | None:
        """A secret by its URI, of which there are two forms, or its id."""
        return self.secrets.get(uri.rpartition('/')[2].rpartition(':')[2])

    def may_read(self, secret: Secret, unit: Unit) -> bool:
        """Whether it is the unit's, its application's, or granted to one of them."""
        names = {unit.name, unit.app.name}
        return secret.owner in names or any(
            secret.grants.get(name) in self.relations for name in names)
